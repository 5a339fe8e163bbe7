//! Writing a role: what Vault refuses, and in which order.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::own;
use super::role::{BOUND, Role, TokenKind, TokenSettings};
use crate::lab::vault::Vault;
use crate::lab::vault::fields::{Fields, Validation};
use crate::lab::vault::go;
use crate::lab::vault::mount::{Mount, SYSTEM_TTL};
use crate::lab::vault::reply::{Outcome, Refusal, Reply};

const OTHER_FIELDS: [&str; 23] = [
    "role",
    "auth_type",
    "resolve_aws_unique_ids",
    "inferred_entity_type",
    "inferred_aws_region",
    "role_tag",
    "disallow_reauthentication",
    "allow_instance_migration",
    "policies",
    "ttl",
    "max_ttl",
    "period",
    "token_bound_cidrs",
    "token_explicit_max_ttl",
    "token_max_ttl",
    "token_no_default_policy",
    "token_num_uses",
    "token_period",
    "token_policies",
    "token_ttl",
    "token_type",
    "alias_metadata",
    "token_auth_metadata",
];

/// What a write says; what it does not say stays as it is.
pub(super) struct Wanted {
    bound: BTreeMap<&'static str, Vec<String>>,
    auth_type: Option<String>,
    resolves_ids: Option<bool>,
    inferred_entity_type: Option<String>,
    inferred_aws_region: Option<String>,
    role_tag: Option<String>,
    disallow_reauthentication: Option<bool>,
    allow_instance_migration: Option<bool>,
    token: TokenWanted,
    old: OldNames,
}

struct TokenWanted {
    bound_cidrs: Option<Vec<String>>,
    explicit_max_ttl: Option<u64>,
    max_ttl: Option<u64>,
    no_default_policy: Option<bool>,
    num_uses: Option<i64>,
    period: Option<u64>,
    policies: Option<Vec<String>>,
    ttl: Option<u64>,
    kind: Option<String>,
}

/// Names from before the fields of all methods were named alike.
struct OldNames {
    policies: Option<Vec<String>>,
    ttl: Option<u64>,
    max_ttl: Option<u64>,
    period: Option<u64>,
}

pub(super) fn read(given: &Map<String, Value>) -> Result<Wanted, Refusal> {
    let fields = Fields::new(given, Validation::WithExistence);
    let mut bound = BTreeMap::new();
    for list in BOUND {
        if let Some(items) = fields.list(list)? {
            bound.insert(list, items);
        }
    }
    Ok(Wanted {
        bound,
        auth_type: fields.text("auth_type")?,
        resolves_ids: fields.bool("resolve_aws_unique_ids")?,
        inferred_entity_type: fields.text("inferred_entity_type")?,
        inferred_aws_region: fields.text("inferred_aws_region")?,
        role_tag: fields.text("role_tag")?,
        disallow_reauthentication: fields.bool("disallow_reauthentication")?,
        allow_instance_migration: fields.bool("allow_instance_migration")?,
        token: TokenWanted {
            bound_cidrs: fields.list("token_bound_cidrs")?,
            explicit_max_ttl: fields.seconds("token_explicit_max_ttl")?,
            max_ttl: fields.seconds("token_max_ttl")?,
            no_default_policy: fields.bool("token_no_default_policy")?,
            num_uses: fields.int("token_num_uses")?,
            period: fields.seconds("token_period")?,
            policies: fields.list("token_policies")?,
            ttl: fields.seconds("token_ttl")?,
            kind: fields.text("token_type")?,
        },
        old: OldNames {
            policies: fields.list("policies")?,
            ttl: fields.seconds("ttl")?,
            max_ttl: fields.seconds("max_ttl")?,
            period: fields.seconds("period")?,
        },
    })
}

/// Writes a role; `name` is in small letters.
pub(super) async fn write(
    vault: &Vault,
    mount: &str,
    name: &str,
    given: &Map<String, Value>,
) -> Outcome {
    let wanted = read(given)?;
    let known = {
        let state = vault.state();
        let method = state.aws(mount).ok_or_else(Refusal::unsupported_path)?;
        method.roles.get(name).cloned()
    };
    let is_new = known.is_none();
    let mut role = known.unwrap_or_else(Role::new);
    if let Some(resolves) = wanted.resolves_ids {
        if !is_new && role.resolves_ids && !resolves {
            let words = "changing resolve_aws_unique_ids from true to false is not allowed";
            return Err(Refusal::bad(words));
        }
        role.resolves_ids = resolves;
    }
    let rebinds = wanted.bound.contains_key("bound_iam_principal_arn");
    role.bound.extend(wanted.bound.clone());
    let lacks_ids = role.resolves_ids && role.principal_ids.is_empty();
    if rebinds || lacks_ids {
        role.principal_ids = resolve(vault, mount, &role).await?;
    }
    set_type(&mut role, &wanted)?;
    let count = check_bound(&role)?;
    if count == 0 {
        let words = "at least one bound parameter should be specified on the role";
        return Err(Refusal::bad(words));
    }
    role.token.change(&wanted.token)?;
    set_ec2_options(&mut role, &wanted)?;
    take_old_names(&mut role, wanted.old)?;
    let mut state = vault.state();
    let max_lease = state.auth.get(mount).map_or(SYSTEM_TTL, Mount::max_lease);
    let warning = check_times(&role, max_lease)?;
    let method = state.aws_mut(mount).ok_or_else(Refusal::unsupported_path)?;
    method.roles.insert(name.to_owned(), role);
    let Some(warning) = warning else {
        return Ok(Reply::nothing());
    };
    let known: Vec<&str> = BOUND.into_iter().chain(OTHER_FIELDS).collect();
    Ok(Reply::remark(200, warning).note_unknown(given, &known))
}

/// The unique ids of the principals that are no wildcards.
async fn resolve(vault: &Vault, mount: &str, role: &Role) -> Result<Vec<String>, Refusal> {
    let mut ids = Vec::new();
    if !role.resolves_ids {
        return Ok(ids);
    }
    for arn in role.principals() {
        if arn.ends_with('*') {
            continue;
        }
        let id = own::resolve_id(vault, mount, arn).await.map_err(|error| {
            let arn = go::quote(arn);
            Refusal::bad(format!(
                "unable to resolve ARN {arn} to internal ID: {error}"
            ))
        })?;
        ids.push(id);
    }
    Ok(ids)
}

fn set_type(role: &mut Role, wanted: &Wanted) -> Result<(), Refusal> {
    // Only a new role has none.
    let is_new = role.auth_type.is_empty();
    if let Some(kind) = &wanted.inferred_entity_type {
        role.inferred_entity_type.clone_from(kind);
    }
    if let Some(region) = &wanted.inferred_aws_region {
        role.inferred_aws_region.clone_from(region);
    }
    match &wanted.auth_type {
        Some(kind) if !is_new && *kind != role.auth_type => {
            return Err(Refusal::bad("changing auth_type on a role is not allowed"));
        }
        Some(kind) if matches!(kind.as_str(), "iam" | "ec2") => role.auth_type.clone_from(kind),
        Some(kind) => return Err(Refusal::bad(format!("unrecognized auth_type: {kind}"))),
        None if is_new => "iam".clone_into(&mut role.auth_type),
        None => {}
    }
    let infers = !role.inferred_entity_type.is_empty();
    let words = if infers && role.auth_type != "iam" {
        "specified inferred_entity_type but didn't allow iam auth_type".to_owned()
    } else if infers && role.inferred_entity_type != "ec2_instance" {
        format!(
            "specified invalid inferred_entity_type: {}",
            role.inferred_entity_type
        )
    } else if infers && role.inferred_aws_region.is_empty() {
        "specified inferred_entity_type but not inferred_aws_region".to_owned()
    } else if !infers && !role.inferred_aws_region.is_empty() {
        "specified inferred_aws_region but not inferred_entity_type".to_owned()
    } else {
        return Ok(());
    };
    Err(Refusal::bad(words))
}

/// Counts the lists that bind, and refuses those that cannot.
fn check_bound(role: &Role) -> Result<usize, Refusal> {
    let is_ec2 = role.auth_type == "ec2";
    let infers = !role.inferred_entity_type.is_empty();
    let mut count = 0;
    for list in BOUND {
        if role.bound_to(list).is_empty() {
            continue;
        }
        count += 1;
        let what = match list {
            "bound_region" if !is_ec2 => "ec2 auth_type",
            "bound_iam_principal_arn" if role.auth_type != "iam" => "iam auth_type",
            "bound_region" | "bound_iam_principal_arn" => continue,
            _ if !is_ec2 && !infers => "ec2 auth_type or inferring ec2_instance",
            _ => continue,
        };
        let words = format!("specified {list} but not specifying {what}");
        return Err(Refusal::bad(words));
    }
    Ok(count)
}

fn set_ec2_options(role: &mut Role, wanted: &Wanted) -> Result<(), Refusal> {
    let is_ec2 = role.auth_type == "ec2";
    if let Some(tag) = &wanted.role_tag {
        if !is_ec2 && !tag.is_empty() {
            let words = "tried to enable role_tag when not using ec2 auth method";
            return Err(Refusal::bad(words));
        }
        role.role_tag.clone_from(tag);
    }
    if let Some(disallow) = wanted.disallow_reauthentication {
        if !is_ec2 && disallow {
            let words = "specified disallow_reauthentication when not using ec2 auth type";
            return Err(Refusal::bad(words));
        }
        role.disallow_reauthentication = disallow;
    }
    if let Some(allow) = wanted.allow_instance_migration {
        if !is_ec2 && allow {
            let words = "specified allow_instance_migration when not using ec2 auth type";
            return Err(Refusal::bad(words));
        }
        role.allow_instance_migration = allow;
    }
    if role.disallow_reauthentication && role.allow_instance_migration {
        let words =
            "cannot specify both disallow_reauthentication=true and allow_instance_migration=true";
        return Err(Refusal::bad(words));
    }
    Ok(())
}

impl TokenSettings {
    fn change(&mut self, wanted: &TokenWanted) -> Result<(), Refusal> {
        if let Some(cidrs) = &wanted.bound_cidrs {
            let wrong = cidrs.iter().find(|cidr| !may_be_address(cidr));
            if let Some(cidr) = wrong {
                let cidr = go::quote(cidr);
                return Err(Refusal::bad(format!(
                    "error parsing address {cidr}: Unable to convert {cidr} to an IPv4 or IPv6 address, or a UNIX Socket"
                )));
            }
            self.bound_cidrs.clone_from(cidrs);
        }
        let unless_said = |wanted: Option<u64>, known| wanted.unwrap_or(known);
        self.explicit_max_ttl = unless_said(wanted.explicit_max_ttl, self.explicit_max_ttl);
        self.max_ttl = unless_said(wanted.max_ttl, self.max_ttl);
        self.period = unless_said(wanted.period, self.period);
        self.ttl = unless_said(wanted.ttl, self.ttl);
        self.num_uses = wanted.num_uses.unwrap_or(self.num_uses);
        self.no_default_policy = wanted.no_default_policy.unwrap_or(self.no_default_policy);
        if let Some(policies) = &wanted.policies {
            self.policies.clone_from(policies);
        }
        if let Some(kind) = &wanted.kind {
            self.kind = match kind.as_str() {
                "" | "default" => TokenKind::Default,
                "service" => TokenKind::Service,
                "batch" => TokenKind::Batch,
                other => {
                    let other = go::quote(other);
                    let words = format!("invalid 'token_type' value {other}");
                    return Err(Refusal::bad(words));
                }
            };
        }
        self.check()
    }

    fn check(&self) -> Result<(), Refusal> {
        let is_batch = self.kind == TokenKind::Batch;
        Err(Refusal::bad(if is_batch && self.period > 0 {
            "'token_type' cannot be 'batch' or 'default_batch' when set to generate periodic tokens"
        } else if is_batch && self.num_uses != 0 {
            "'token_type' cannot be 'batch' or 'default_batch' when set to generate tokens with limited use count"
        } else if self.num_uses < 0 {
            "'token_num_uses' cannot be negative"
        } else if self.ttl > 0 && self.max_ttl > 0 && self.ttl > self.max_ttl {
            "'token_ttl' cannot be greater than 'token_max_ttl'"
        } else {
            return Ok(());
        }))
    }
}

/// Vault takes a mask that no address has.
fn may_be_address(cidr: &str) -> bool {
    let (address, mask) = cidr.split_once('/').unwrap_or((cidr, "0"));
    address.parse::<std::net::IpAddr>().is_ok() && mask.parse::<u8>().is_ok()
        || cidr.starts_with('/')
}

fn take_old_names(role: &mut Role, old: OldNames) -> Result<(), Refusal> {
    let mut note = |name: &str, value: Value| {
        role.old_names.insert(name.to_owned(), value);
    };
    if let Some(policies) = old.policies {
        note("policies", json!(policies));
        role.token.policies = policies;
    }
    for (name, value, field) in [
        ("ttl", old.ttl, &mut role.token.ttl),
        ("max_ttl", old.max_ttl, &mut role.token.max_ttl),
        ("period", old.period, &mut role.token.period),
    ] {
        if let Some(value) = value {
            note(name, json!(value));
            *field = value;
        }
    }
    let token = &role.token;
    if token.max_ttl > 0 && token.ttl > token.max_ttl {
        return Err(Refusal::bad("ttl should be shorter than max ttl"));
    }
    Ok(())
}

/// What is remarked of times that the mount does not allow.
fn check_times(role: &Role, max_lease: u64) -> Result<Option<String>, Refusal> {
    let token = &role.token;
    if token.period > max_lease {
        return Err(Refusal::bad(format!(
            "period of {} is greater than the backend's maximum lease TTL of {}",
            go::quote(&go::duration(token.period)),
            go::quote(&go::duration(max_lease))
        )));
    }
    Ok((token.max_ttl > max_lease).then(|| {
        format!(
            "Given max ttl of {} seconds greater than current mount/system default of {max_lease} seconds; max ttl will be capped at login time",
            token.max_ttl
        )
    }))
}
