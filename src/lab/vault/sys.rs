//! The paths below `sys/` that take a token.

pub(super) mod audit;
mod mounts;
pub(super) mod status;

use std::time::SystemTime;

use serde_json::{Map, json};

use super::access;
use super::call::{Call, Operation};
use super::fields::Fields;
use super::policies;
use super::reply::{Outcome, Refusal, Reply, with};
use super::state::State;
use super::tokens::Token;

pub(super) fn handle(
    state: &mut State,
    rest: &str,
    call: &Call,
    caller: &Token,
    now: SystemTime,
) -> Outcome {
    use Operation::Write;
    let (head, name) = rest.split_once('/').unwrap_or((rest, ""));
    match (head, call.operation) {
        ("mounts", _) => mounts::handle(state, "", name, call),
        ("auth", _) => mounts::handle(state, "auth/", name, call),
        ("policies", _) if name == "acl" || name.starts_with("acl/") => {
            let name = name.trim_start_matches("acl").trim_matches('/');
            policies::handle(&mut state.policies, name, call)
        }
        ("capabilities-self", Write) => capabilities(state, call, caller),
        ("capabilities", Write) => {
            let token = Fields::new(&call.fields).text("token")?.unwrap_or_default();
            let token = state.tokens.get(&token, now).cloned();
            let token = token.ok_or_else(|| Refusal::listed(400, "invalid token"))?;
            capabilities(state, call, &token)
        }
        ("seal", Write) => {
            state.is_sealed = true;
            Ok(Reply::nothing(204))
        }
        ("audit", _) => audit::handle(&mut state.audit, name, call),
        ("namespaces", _) => Err(Refusal::new(404, "enterprise-only feature")),
        ("capabilities-self" | "capabilities", _) => Err(Refusal::unsupported_operation()),
        _ => Err(Refusal::unsupported_path()),
    }
}

/// What a token may do at some paths.
fn capabilities(state: &State, call: &Call, token: &Token) -> Outcome {
    let fields = Fields::new(&call.fields);
    let paths = match fields.list("paths")? {
        Some(paths) if !paths.is_empty() => paths,
        _ => fields.list("path")?.unwrap_or_default(),
    };
    if paths.is_empty() {
        return Err(Refusal::bad("paths must be supplied"));
    }
    let held = access::held(state, token);
    let mut told = Map::new();
    for path in &paths {
        let words = match token.is_root() {
            true => vec!["root".to_owned()],
            false => access::words(&held, path),
        };
        told.insert(path.clone(), json!(words));
    }
    if let [path] = paths.as_slice() {
        let words = told.get(path).cloned().unwrap_or_default();
        told.insert("capabilities".to_owned(), words);
    }
    Ok(Reply::flat(told.into()))
}

/// Answers `sys/internal/ui/mounts`: the mount that a path lies in, for those who may
/// do anything in it. `vault kv` asks that before it reads.
pub(super) fn mount_of(state: &State, path: &str, caller: &Token) -> Outcome {
    let path = path.trim_end_matches('/');
    if let Some(route) = state.route(path)
        && (caller.is_root() || access::reaches(&access::held(state, caller), route.path))
    {
        let path = route.path.trim_start_matches("auth/");
        let entry = route.mount.entry_in_effect();
        return Ok(Reply::data(with(entry, "path", json!(path))));
    }
    Err(Refusal::new(
        403,
        format!(
            "preflight capability check returned 403, please ensure client's policies grant access to path \"{path}/\""
        ),
    ))
}
