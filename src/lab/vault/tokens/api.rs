//! The paths below `auth/token/`.

use serde_json::json;

use super::create::{Family, create};
use super::{Asked, Kind, Token, lifetime};
use crate::lab::vault::Vault;
use crate::lab::vault::aws;
use crate::lab::vault::call::{Call, Operation};
use crate::lab::vault::fields::{Fields, Validation};
use crate::lab::vault::mount::Mount;
use crate::lab::vault::reply::{Outcome, Refusal, Reply, with};

/// Answers a request of a token's owner.
pub(in crate::lab::vault) async fn handle(
    vault: &Vault,
    rest: &str,
    call: &Call,
    caller: &Token,
) -> Outcome {
    use Operation::{List, Read, Write};
    let fields = Fields::new(&call.fields, Validation::First);
    let now = vault.clock.now();
    match (rest, call.operation) {
        ("renew-self", Write) => renew(vault, call, caller).await,
        ("create", Write) => create(&mut vault.state(), caller, &call.fields, Family::Child, now),
        ("create-orphan", Write) => create(
            &mut vault.state(),
            caller,
            &call.fields,
            Family::Orphan,
            now,
        ),
        ("lookup-self", Read | Write) => Ok(Reply::data(caller.shown(now))),
        ("lookup", Write) => {
            let wanted = fields.text("token")?.filter(|token| !token.is_empty());
            let wanted = wanted.unwrap_or_else(|| caller.id.clone());
            let mut state = vault.state();
            let token = state.tokens.get(&wanted, now);
            let token = token.ok_or_else(|| Refusal::new(403, "bad token"))?;
            Ok(Reply::data(token.shown(now)))
        }
        ("lookup-accessor", Write) => {
            let accessor = accessor(fields)?;
            let mut state = vault.state();
            let token = state.tokens.by_accessor(&accessor, now);
            let token = token.ok_or_else(|| Refusal::listed(400, "invalid accessor"))?;
            Ok(Reply::data(with(token.shown(now), "id", json!(""))))
        }
        ("revoke-self", Write) => {
            if caller.kind == Kind::Batch {
                return Err(Refusal::bad("batch tokens cannot be revoked"));
            }
            vault.state().tokens.revoke(&caller.id);
            Ok(Reply::nothing())
        }
        ("revoke", Write) => {
            let token = fields.text("token")?.filter(|token| !token.is_empty());
            let token = token.ok_or_else(|| Refusal::bad("missing token ID"))?;
            vault.state().tokens.revoke(&token);
            Ok(Reply::nothing())
        }
        ("revoke-accessor", Write) => {
            let accessor = accessor(fields)?;
            let mut state = vault.state();
            let token = state.tokens.by_accessor(&accessor, now);
            let Some(id) = token.map(|token| token.id.clone()) else {
                return Ok(Reply::remark(200, "No token found with this accessor"));
            };
            state.tokens.revoke(&id);
            Ok(Reply::nothing())
        }
        ("accessors/", List) => Reply::keys(vault.state().tokens.accessors(now)),
        ("roles/", List) => Err(Refusal::absent()),
        (role, Write) if role.starts_with("create/") => {
            let role = role.trim_start_matches("create/");
            Err(Refusal::bad(format!("unknown role {role}")))
        }
        (
            "renew-self" | "create" | "create-orphan" | "lookup-self" | "lookup"
            | "lookup-accessor" | "revoke-self" | "revoke" | "revoke-accessor" | "accessors/",
            _,
        ) => Err(Refusal::unsupported_operation()),
        _ => Err(Refusal::unsupported_path()),
    }
}

fn accessor(fields: Fields<'_>) -> Result<String, Refusal> {
    let accessor = fields.text("accessor")?;
    let accessor = accessor.filter(|accessor| !accessor.is_empty());
    accessor.ok_or_else(|| Refusal::listed(400, "missing accessor"))
}

/// Prolongs the caller's token. The method that gave it may refuse.
async fn renew(vault: &Vault, call: &Call, token: &Token) -> Outcome {
    let increment = Fields::new(&call.fields, Validation::First).seconds("increment")?;
    if token.kind == Kind::Batch {
        return Err(Refusal::bad("batch tokens cannot be renewed"));
    }
    if token.expires.is_none() || !token.renewable {
        return Err(Refusal::bad("lease is not renewable"));
    }
    let increment = increment.unwrap_or_default();
    let (asked, period) = match &token.caller {
        Some(caller) => {
            let role = aws::renew(vault, caller).await.map_err(|error| {
                Refusal::listed(500, &format!("failed to renew entry: {error}"))
            })?;
            (
                Asked {
                    ttl: if increment > 0 { increment } else { role.ttl },
                    ..role
                },
                role.period,
            )
        }
        None => {
            let state = vault.state();
            let mount = state.auth.get("token/");
            (
                Asked {
                    ttl: if increment > 0 { increment } else { token.ttl },
                    period: token.period,
                    default_lease: mount.map_or(0, Mount::default_lease),
                    max_lease: mount.map_or(0, Mount::max_lease),
                    ..Asked::default()
                },
                token.period,
            )
        }
    };
    let asked = Asked {
        explicit_max_ttl: token.explicit_max_ttl,
        ..asked
    };
    let now = vault.clock.now();
    let (ttl, capped) = lifetime(asked, token.created, now);
    let mut state = vault.state();
    let token = state
        .tokens
        .get(&token.id, now)
        .ok_or_else(Refusal::denied_to_token)?;
    token.period = period;
    token.set_ttl(ttl, now);
    token.renewed = Some(now);
    // Here a login is nobody's child, and no orphan either.
    let is_orphan = token.caller.is_none() && token.parent.is_none();
    let mut reply = Reply::auth(with(token.auth(), "orphan", json!(is_orphan)));
    reply.warnings.extend(capped);
    Ok(reply)
}
