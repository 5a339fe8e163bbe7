//! The login, check by check, in the order of the real one.

use serde_json::{Map, Value, json};

use super::arn::Entity;
use super::binding;
use super::config::AliasConfig;
use super::ec2;
use super::own;
use super::replay::{self, Caller};
use super::role::{Role, TokenKind};
use super::signed;
use crate::lab::vault::Vault;
use crate::lab::vault::call::{Call, Operation};
use crate::lab::vault::go;
use crate::lab::vault::identity::KnownTo;
use crate::lab::vault::policies;
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::lab::vault::tokens::{self, Token, lifetime};

/// The fields of the login, with their types as its help names them.
const FIELDS: [(&str, &str); 9] = [
    ("iam_http_request_method", "string"),
    ("iam_request_body", "string"),
    ("iam_request_headers", "header"),
    ("iam_request_url", "string"),
    ("identity", "string"),
    ("nonce", "string"),
    ("pkcs7", "string"),
    ("role", "string"),
    ("signature", "string"),
];

/// Answers at the login's path; `mount` has its slash.
pub(in crate::lab::vault) async fn login(vault: &Vault, mount: &str, call: &Call) -> Outcome {
    match call.operation {
        Operation::Help => Ok(help()),
        Operation::Write => log_in(vault, mount, call).await,
        _ => Err(Refusal::new(405, "unsupported operation")),
    }
}

/// The names of the fields, without Vault's prose.
fn help() -> Reply {
    let mut text = "Request:        login\nMatching Route: ^login$\n\n## PARAMETERS\n".to_owned();
    for (name, kind) in FIELDS {
        text.push_str(&format!("\n    {name} ({kind})\n"));
    }
    Reply::bare(200, json!({ "help": text, "see_also": null }))
}

/// Whom the checks let in, and as what.
struct Admitted {
    role_name: String,
    role: Role,
    caller: Caller,
    entity: Entity,
    alias: String,
    metadata: Map<String, Value>,
}

async fn log_in(vault: &Vault, mount: &str, call: &Call) -> Outcome {
    let given = signed::read(&call.fields)?;
    let wanted_role = given.role.clone();
    let signed = given.assemble()?;
    let (config, alias) = {
        let state = vault.state();
        let method = state.aws(mount).ok_or_else(Refusal::denied)?;
        (method.client.clone(), method.alias.clone())
    };
    signed.check(config.as_ref())?;
    let endpoint = replay::endpoint(config.as_ref(), &signed)?;
    let retries = config.as_ref().map_or(3, super::ClientConfig::retries);
    let caller = replay::replay(vault, &endpoint, retries, &signed).await?;
    let admitted = judge(vault, mount, &wanted_role, caller, &alias).await?;
    if admitted.role.token.kind != TokenKind::Batch {
        // Vault asks once more, to count the leases of a role. It does not
        // matter what is answered.
        let _again = replay::replay(vault, &endpoint, retries, &signed).await;
    }
    let reply = issue(vault, mount, admitted)?;
    Ok(reply.note_unknown(&call.fields, &FIELDS.map(|(name, _)| name)))
}

async fn judge(
    vault: &Vault,
    mount: &str,
    wanted_role: &str,
    caller: Caller,
    alias: &AliasConfig,
) -> Result<Admitted, Refusal> {
    let entity = Entity::parse(&caller.arn).map_err(|error| {
        let arn = go::quote(&caller.arn);
        Refusal::bad(format!("error parsing arn {arn}: {error}"))
    })?;
    let named = if wanted_role.is_empty() {
        entity.name.clone()
    } else {
        wanted_role.to_owned()
    };
    if named.contains("..") {
        return Err(Refusal::bad("relative paths not supported"));
    }
    let role_name = named.to_lowercase();
    let role = {
        let state = vault.state();
        let method = state.aws(mount);
        method.and_then(|method| method.roles.get(&role_name).cloned())
    };
    let role = role.ok_or_else(|| Refusal::bad(format!("entry for role {named} not found")))?;
    if !holds_loopback(&role.token.bound_cidrs) {
        return Err(Refusal::denied());
    }
    if role.auth_type != "iam" {
        let words = format!("auth method iam not allowed for role {role_name}");
        return Err(Refusal::bad(words));
    }
    let unique_id = unique_id(&caller);
    let bound = binding::is_bound(vault, mount, &role, unique_id, &entity);
    let bound = bound.await.map_err(|error| {
        let role = go::quote(&role_name);
        Refusal::bad(format!(
            "error looking up full ARN of entity {entity} when attempting login for role {role}: {error}"
        ))
    })?;
    if !bound {
        return Err(Refusal::bad(format!(
            "IAM Principal {} does not belong to the role {}",
            go::quote(&caller.arn),
            go::quote(&role_name)
        )));
    }
    infer(vault, mount, &role_name, &role, &entity).await?;
    let alias_name = match alias.iam_alias.as_str() {
        "unique_id" => unique_id.to_owned(),
        "canonical_arn" => entity.canonical_arn(),
        "full_arn" => own::full_arn(vault, mount, &entity)
            .await
            .map_err(Refusal::bad)?,
        _ => role.role_id.clone(),
    };
    let metadata = metadata(alias, &role, &caller, &entity);
    Ok(Admitted {
        role_name,
        role,
        caller,
        entity,
        alias: alias_name,
        metadata,
    })
}

/// A session that a role takes for an EC2 instance must be one.
async fn infer(
    vault: &Vault,
    mount: &str,
    name: &str,
    role: &Role,
    entity: &Entity,
) -> Result<(), Refusal> {
    if role.inferred_entity_type.is_empty() {
        return Ok(());
    }
    let (id, region) = (&entity.session, &role.inferred_aws_region);
    let instance = ec2::describe(vault, mount, id, region, &entity.account);
    let instance = instance.await.map_err(|error| {
        Refusal::bad(format!(
            "failed to verify {id} as a valid EC2 instance in region {region}: {error}"
        ))
    })?;
    let checked = instance.check(role, name, id, &entity.account);
    checked.map_err(|error| Refusal::bad(format!("error validating instance: {error}")))
}

/// `AROA…` of `AROA…:session`.
fn unique_id(caller: &Caller) -> &str {
    let id = caller.user_id.split(':').next();
    id.unwrap_or_default()
}

fn metadata(
    alias: &AliasConfig,
    role: &Role,
    caller: &Caller,
    entity: &Entity,
) -> Map<String, Value> {
    let infers = !role.inferred_entity_type.is_empty();
    let if_inferred = |value: &str| if infers { value } else { "" }.to_owned();
    let mut metadata = Map::from_iter([("role_id".to_owned(), json!(role.role_id))]);
    for name in &alias.iam_metadata {
        let value = match name.as_str() {
            "account_id" => caller.account.clone(),
            "auth_type" => "iam".to_owned(),
            "canonical_arn" => entity.canonical_arn(),
            "client_arn" => caller.arn.clone(),
            "client_user_id" => unique_id(caller).to_owned(),
            "inferred_aws_region" => if_inferred(&role.inferred_aws_region),
            "inferred_entity_id" => if_inferred(&entity.session),
            "inferred_entity_type" => if_inferred(&role.inferred_entity_type),
            _ => String::new(),
        };
        if !value.is_empty() {
            metadata.insert(name.clone(), json!(value));
        }
    }
    metadata
}

/// Makes the token.
fn issue(vault: &Vault, mount: &str, admitted: Admitted) -> Outcome {
    let Admitted {
        role_name,
        role,
        caller,
        entity,
        alias,
        metadata,
    } = admitted;
    let now = vault.clock.now();
    let mut state = vault.state();
    let state = &mut *state;
    let place = state.auth.get(mount).ok_or_else(Refusal::denied)?;
    let asked = role.lifetime(Some(place));
    let known_to = KnownTo {
        accessor: &place.accessor,
        path: mount,
        kind: place.kind,
    };
    let known = state
        .entities
        .of_login(&alias, &known_to, Some(metadata.clone()), now)
        .ok_or_else(Refusal::denied)?;
    if known.is_disabled() {
        return Err(Refusal::denied());
    }
    let settings = &role.token;
    let default = if settings.no_default_policy {
        policies::Default::Left
    } else {
        policies::Default::Added
    };
    let names = policies::tidied(settings.policies.clone(), default);
    if names.iter().any(|name| name == "root") {
        return Err(Refusal::bad("auth methods cannot create root tokens"));
    }
    policies::check_assignable(&names)?;
    let mut token = Token::new(&format!("auth/{mount}login"), names, now);
    if settings.kind == TokenKind::Batch {
        token = token.into_batch();
    }
    let (ttl, capped) = lifetime(asked, token.created, token.created);
    token.set_ttl(ttl, token.created);
    token.first_ttl = ttl;
    token.uses = settings.num_uses;
    token.period = settings.period;
    token.explicit_max_ttl = settings.explicit_max_ttl;
    token.bound_cidrs.clone_from(&settings.bound_cidrs);
    token.entity.clone_from(&known.id);
    let session = &entity.session;
    token.display_name = format!(
        "{}-{}{}{session}",
        mount.trim_end_matches('/').replace('/', "-"),
        entity.name,
        if session.is_empty() { "" } else { "/" }
    );
    token.meta = Some(metadata);
    token.caller = Some(tokens::Caller {
        mount: mount.to_owned(),
        role: role_name,
        canonical_arn: entity.canonical_arn(),
        unique_id: unique_id(&caller).to_owned(),
        session: entity.session.clone(),
    });
    let mut reply = Reply::auth(token.auth());
    reply.warnings.extend(capped);
    state.tokens.insert(token);
    Ok(reply)
}

/// Tells whether addresses, none of which means all, hold the one from which the
/// lab is asked.
pub(in crate::lab::vault) fn holds_loopback(cidrs: &[String]) -> bool {
    let address = std::net::IpAddr::from([127, 0, 0, 1]);
    cidrs.is_empty()
        || cidrs.iter().any(|cidr| {
            let net = cidr.parse::<ipnet::IpNet>();
            net.map_or_else(
                |_| cidr.parse() == Ok(address),
                |net| net.contains(&address),
            )
        })
}
