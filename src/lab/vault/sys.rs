//! The paths below `sys/` that take a token.

mod capabilities;
pub(super) mod mounts;
pub(super) mod preflight;
pub(super) mod status;

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::call::{Call, Operation};
use super::policies;
use super::reply::{Outcome, Refusal, Reply};
use super::state::{RouteKind, Seal, State};
use super::tokens::Token;

pub(super) fn handle(
    state: &mut State,
    rest: &str,
    call: &Call,
    caller: &Token,
    now: SystemTime,
) -> Outcome {
    use Operation::{List, Read, Write};
    let bare = rest.trim_end_matches('/');
    let (head, name) = rest.split_once('/').unwrap_or((rest, ""));
    match (head, bare, call.operation) {
        (_, "mounts", Read) => Ok(Reply::flat(mounts::list(state, RouteKind::Secrets))),
        (_, "auth", Read) => Ok(Reply::flat(mounts::list(state, RouteKind::Auth))),
        (_, "mounts" | "auth", List) => Err(Refusal::unsupported_path()),
        ("mounts", _, _) if !name.is_empty() => match name.strip_prefix("auth/") {
            // The same as below `sys/auth/`, where one is there or tuned.
            Some(auth)
                if bare.ends_with("/tune")
                    || state
                        .auth
                        .contains_key(&format!("{}/", auth.trim_end_matches('/'))) =>
            {
                mounts::handle(state, RouteKind::Auth, auth, call, now)
            }
            Some(_) => mounts::handle(state, RouteKind::Secrets, name, call, now),
            None => mounts::handle(state, RouteKind::Secrets, name, call, now),
        },
        ("auth", _, _) if !name.is_empty() => {
            mounts::handle(state, RouteKind::Auth, name, call, now)
        }
        ("policy", _, operation) => {
            policies::handle_old(state, operation, name.trim_end_matches('/'))
        }
        ("policies", _, operation) if name == "acl" || name.starts_with("acl/") => {
            let name = name.trim_start_matches("acl").trim_start_matches('/');
            policies::handle(state, operation, name, &call.fields)
        }
        ("capabilities-self" | "capabilities" | "capabilities-accessor", _, Write) => {
            capabilities::handle(state, head, &call.fields, caller, now)
        }
        (_, "seal", Write) => {
            state.seal = Seal::Sealed;
            Ok(Reply::nothing())
        }
        (_, "audit", Read) => Ok(Reply::flat(audit(state))),
        (_, "namespaces", _) => Err(Refusal::new(404, "enterprise-only feature")),
        (_, "mounts" | "auth" | "audit" | "policies/password", _)
        | ("capabilities-self" | "capabilities" | "capabilities-accessor", _, _) => {
            Err(Refusal::unsupported_operation())
        }
        _ => Err(Refusal::unsupported_path()),
    }
}

fn audit(state: &State) -> Value {
    let devices = state.audit.iter().map(|(path, kind)| {
        let shown = json!({
            "description": "",
            "local": false,
            "options": {},
            "path": path,
            "type": kind,
        });
        (path.clone(), shown)
    });
    Value::Object(devices.collect::<Map<String, Value>>())
}
