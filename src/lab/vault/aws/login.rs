//! The login, check by check, in the order of the real one.

use serde_json::{Map, json};

use super::arn::Entity;
use super::binding;
use super::config::ClientConfig;
use super::inferred;
use super::own::Client;
use super::replay::{self, Caller};
use super::role::{Role, TokenType, holds_loopback};
use super::signed::Signed;
use crate::lab::vault::Vault;
use crate::lab::vault::call::{Call, Operation};
use crate::lab::vault::fields::Fields;
use crate::lab::vault::policies;
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::lab::vault::tokens::{self, Token, lifetime};

/// The help of the login, without Vault's prose.
const HELP: &str = "Request: login\n\n## PARAMETERS\n\n    iam_http_request_method, iam_request_url, iam_request_body, iam_request_headers, role\n";

/// Answers at the login's path; `mount` is the path of the method.
pub(in crate::lab::vault) async fn login(vault: &Vault, mount: &str, call: &Call) -> Outcome {
    match call.operation {
        Operation::Help => Ok(Reply::bare(200, json!({ "help": HELP, "see_also": null }))),
        Operation::Write => log_in(vault, mount, Fields::new(&call.fields)).await,
        _ => Err(Refusal::new(405, "unsupported operation")),
    }
}

async fn log_in(vault: &Vault, mount: &str, fields: Fields<'_>) -> Outcome {
    let role_name = fields.text("role")?.unwrap_or_default();
    let signed = Signed::read(fields)?;
    let config = {
        let state = vault.state();
        let method = state.aws(mount).ok_or_else(Refusal::denied)?;
        method.client.clone()
    };
    // Without a configuration any header may be there.
    if let Some(config) = &config {
        signed.check(config)?;
    }
    let config = config.unwrap_or_else(ClientConfig::initial);
    let endpoint = replay::endpoint(&config, &signed)?;
    let caller = replay::replay(vault, &endpoint, config.retries(), &signed).await?;
    let (role, entity) = judge(vault, mount, role_name, &caller).await?;
    issue(vault, mount, role, &caller, &entity)
}

/// Whom the checks let in, and as what.
async fn judge(
    vault: &Vault,
    mount: &str,
    wanted: String,
    caller: &Caller,
) -> Result<(Role, Entity), Refusal> {
    let arn = &caller.arn;
    let entity = Entity::parse(arn)
        .map_err(|error| Refusal::bad(format!("error parsing arn {arn:?}: {error}")))?;
    let wanted = match wanted.as_str() {
        "" => entity.name.clone(),
        _ => wanted,
    };
    if wanted.contains("..") {
        return Err(Refusal::bad("relative paths not supported"));
    }
    let role_name = wanted.to_lowercase();
    let role = {
        let state = vault.state();
        let method = state.aws(mount);
        method.and_then(|method| method.roles.get(&role_name).cloned())
    };
    let role = role.ok_or_else(|| Refusal::bad(format!("entry for role {wanted} not found")))?;
    if !holds_loopback(&role.token_bound_cidrs) {
        return Err(Refusal::denied());
    }
    if role.auth_type != "iam" {
        let words = format!("auth method iam not allowed for role {role_name}");
        return Err(Refusal::bad(words));
    }
    let client = Client::new(vault, mount);
    let bound = binding::is_bound(&client, &role, &caller.unique_id, &entity);
    let bound = bound.await.map_err(|error| {
        Refusal::bad(format!(
            "error looking up full ARN of entity {entity} when attempting login for role {role_name:?}: {error}"
        ))
    })?;
    if !bound {
        return Err(Refusal::bad(format!(
            "IAM Principal {arn:?} does not belong to the role {role_name:?}"
        )));
    }
    if role.infers() {
        let verified = inferred::verify(&client, &role, &entity).await;
        verified.map_err(Refusal::bad)?;
    }
    Ok((role, entity))
}

/// Makes the token.
fn issue(vault: &Vault, mount: &str, role: Role, caller: &Caller, entity: &Entity) -> Outcome {
    let mut policies = role.token_policies.clone();
    if !role.token_no_default_policy {
        policies.push("default".to_owned());
    }
    let policies = policies::tidied(&policies);
    if policies == ["root"] {
        return Err(Refusal::bad("auth methods cannot create root tokens"));
    }
    policies::check_assignable(&policies)?;
    let now = vault.clock.now();
    let mut state = vault.state();
    let place = state.mounts.get(mount).ok_or_else(Refusal::denied)?;
    let (ttl, capped) = lifetime(role.lifetime(place.leases()), now, now);
    let accessor = place.accessor.clone();
    let mut token = Token::new(&format!("{mount}login"), policies, ttl, now);
    if role.token_type == TokenType::Batch {
        token = token.into_batch();
    }
    token.uses = role.token_num_uses;
    token.period = role.token_period;
    token.explicit_max_ttl = role.token_explicit_max_ttl;
    token.bound_cidrs = role.token_bound_cidrs;
    token.entity = state.entities.of_login(&role.role_id, &accessor);
    let method = mount.trim_start_matches("auth/").trim_end_matches('/');
    token.display_name = match entity.session.as_str() {
        "" => format!("{method}-{}", entity.name),
        session => format!("{method}-{}/{session}", entity.name),
    };
    token.meta = Some(Map::from_iter([
        ("account_id".to_owned(), json!(caller.account)),
        ("auth_type".to_owned(), json!("iam")),
        ("role_id".to_owned(), json!(role.role_id)),
    ]));
    token.caller = Some(tokens::Caller {
        mount: mount.to_owned(),
        role: role.name,
        canonical_arn: entity.canonical_arn(),
        unique_id: caller.unique_id.clone(),
    });
    let reply = Reply::auth(token.auth()).warned(capped.into_iter().collect());
    state.tokens.insert(token);
    Ok(reply)
}
