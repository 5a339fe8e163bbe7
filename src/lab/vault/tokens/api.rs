//! The paths below `auth/token/`.

use serde_json::json;

use super::{Asked, Kind, Token, lifetime};
use crate::lab::vault::Vault;
use crate::lab::vault::aws;
use crate::lab::vault::call::{Call, Operation};
use crate::lab::vault::fields::Fields;
use crate::lab::vault::mount::Mount;
use crate::lab::vault::policies;
use crate::lab::vault::reply::{Outcome, Refusal, Reply, with};
use crate::lab::vault::state::State;

/// Answers a request of a token's owner.
pub(in crate::lab::vault) async fn handle(
    vault: &Vault,
    rest: &str,
    call: &Call,
    caller: &Token,
) -> Outcome {
    use Operation::{List, Read, Write};
    let fields = Fields::new(&call.fields);
    let text = |name| Ok(fields.text(name)?.unwrap_or_default());
    let now = vault.clock.now();
    match (rest, call.operation) {
        ("create", Write) => create(vault, fields, caller),
        ("renew-self", Write) => renew(vault, fields, caller).await,
        ("lookup-self", Read) => Ok(Reply::data(caller.shown(now))),
        ("lookup", Write) => {
            let mut state = vault.state();
            let token = state.tokens.get(&text("token")?, now);
            let token = token.ok_or_else(|| Refusal::new(403, "bad token"))?;
            Ok(Reply::data(token.shown(now)))
        }
        ("lookup-accessor", Write) => {
            let mut state = vault.state();
            let token = state.tokens.by_accessor(&text("accessor")?, now);
            let token = token.ok_or_else(|| Refusal::listed(400, "invalid accessor"))?;
            Ok(Reply::data(with(token.shown(now), "id", json!(""))))
        }
        ("revoke-self", Write) if caller.kind == Kind::Batch => {
            Err(Refusal::bad("batch tokens cannot be revoked"))
        }
        ("revoke-self", Write) => {
            vault.state().tokens.revoke(&caller.id);
            Ok(Reply::nothing(204))
        }
        ("revoke", Write) => {
            vault.state().tokens.revoke(&text("token")?);
            Ok(Reply::nothing(204))
        }
        ("revoke-accessor", Write) => {
            let mut state = vault.state();
            let token = state.tokens.by_accessor(&text("accessor")?, now);
            let Some(id) = token.map(|token| token.id.clone()) else {
                return Ok(Reply::remark(200, "No token found with this accessor"));
            };
            state.tokens.revoke(&id);
            Ok(Reply::nothing(204))
        }
        ("accessors/", List) => Reply::keys(vault.state().tokens.accessors(now)),
        _ => Err(Refusal::unsupported_path()),
    }
}

/// How long tokens live that are made here.
fn leases(state: &State) -> Asked {
    let mount = state.mounts.get("auth/token/");
    mount.map(Mount::leases).unwrap_or_default()
}

/// Makes a child of the caller's token.
fn create(vault: &Vault, fields: Fields<'_>, parent: &Token) -> Outcome {
    let wanted = fields.list("policies")?;
    let asked = fields.seconds("ttl")?.unwrap_or_default();
    let uses = fields.int("num_uses")?.unwrap_or_default();
    if uses < 0 {
        return Err(Refusal::bad("number of uses cannot be negative"));
    }
    let policies = match wanted {
        Some(mut wanted) if !wanted.is_empty() => {
            wanted.push("default".to_owned());
            policies::tidied(&wanted)
        }
        _ => parent.policies.clone(),
    };
    policies::check_assignable(&policies)?;
    let is_root = policies.iter().any(|policy| policy == "root");
    if is_root && !parent.is_root() {
        let words = "root tokens may not be created without parent token being root";
        return Err(Refusal::bad(words));
    }
    let now = vault.clock.now();
    let mut state = vault.state();
    let (ttl, capped) = match asked {
        0 if is_root => (0, None),
        ttl => lifetime(
            Asked {
                ttl,
                ..leases(&state)
            },
            now,
            now,
        ),
    };
    let missing = policies
        .iter()
        .filter(|name| !state.policies.contains_key(*name));
    let missing = missing.map(|name| format!("Policy {name:?} does not exist"));
    let warnings: Vec<String> = capped.into_iter().chain(missing).collect();
    let mut token = Token::new("auth/token/create", policies, ttl, now);
    token.uses = uses;
    token.parent = Some(parent.id.clone());
    let reply = Reply::auth(token.auth()).warned(warnings);
    state.tokens.insert(token);
    Ok(reply)
}

/// Prolongs the caller's token. The method that gave it may refuse.
async fn renew(vault: &Vault, fields: Fields<'_>, token: &Token) -> Outcome {
    let increment = fields.seconds("increment")?.unwrap_or_default();
    if token.kind == Kind::Batch {
        return Err(Refusal::bad("batch tokens cannot be renewed"));
    }
    if !token.is_renewable() {
        return Err(Refusal::bad("lease is not renewable"));
    }
    let mut asked = match &token.caller {
        Some(caller) => aws::renew(vault, caller)
            .await
            .map_err(|error| Refusal::listed(500, &format!("failed to renew entry: {error}")))?,
        None => Asked {
            ttl: token.ttl,
            ..leases(&vault.state())
        },
    };
    asked.explicit_max_ttl = token.explicit_max_ttl;
    if increment > 0 {
        asked.ttl = increment;
    }
    let now = vault.clock.now();
    let (ttl, capped) = lifetime(asked, token.created, now);
    let mut state = vault.state();
    let token = state.tokens.get(&token.id, now);
    let token = token.ok_or_else(Refusal::denied_to_token)?;
    token.period = asked.period;
    token.set_ttl(ttl, now);
    // Here a login is nobody's child, and no orphan either.
    let is_orphan = token.caller.is_none() && token.parent.is_none();
    let auth = with(token.auth(), "orphan", json!(is_orphan));
    Ok(Reply::auth(auth).warned(capped.into_iter().collect()))
}
