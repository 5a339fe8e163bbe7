//! `sys/internal/ui/mounts`: what `vault kv` asks before it reads. It takes no
//! token, and tells the more the more a token may do.

use serde_json::{Map, Value, json};

use crate::lab::vault::access;
use crate::lab::vault::go;
use crate::lab::vault::mount::{Mount, Times};
use crate::lab::vault::reply::{Outcome, Refusal, Reply, with};
use crate::lab::vault::state::{RouteKind, State};
use crate::lab::vault::tokens::Token;

/// The mount that a path lies in, for those who may do anything in it.
pub(in crate::lab::vault) fn of_path(state: &State, path: &str, caller: &Token) -> Outcome {
    // `auth/aws` is the mount, and so is `auth/aws/login`.
    let path = format!("{}/", path.trim_end_matches('/'));
    let found = state
        .route(path.trim_end_matches('/'))
        .and_then(|route| Some((state.mount(&route)?, route)));
    let held = access::held(state, caller);
    if let Some((mount, route)) = found {
        let below = match route.kind {
            RouteKind::Auth => format!("auth/{}", route.mount),
            RouteKind::Secrets => route.mount.clone(),
        };
        if caller.is_root() || access::reaches(&held, &below) {
            let entry = mount.entry(Times::InEffect);
            return Ok(Reply::data(with(entry, "path", json!(route.mount))));
        }
    }
    let path = go::quote(&path);
    Err(Refusal::new(
        403,
        format!(
            "preflight capability check returned 403, please ensure client's policies grant access to path {path}"
        ),
    ))
}

/// All mounts that show themselves to the caller.
pub(in crate::lab::vault) fn all(state: &State, caller: Option<&Token>) -> Reply {
    let held = caller.map(|caller| (access::held(state, caller), caller.is_root()));
    let shown = |mounts: &std::collections::BTreeMap<String, Mount>, above: &str| {
        let mounts = mounts.iter().filter_map(|(path, mount)| {
            let below = format!("{above}{path}");
            let shown = match &held {
                Some((held, is_root)) => {
                    let may = *is_root || access::reaches(held, &below);
                    may.then(|| mount.entry(Times::InEffect))
                }
                None => (mount.visibility.as_deref() == Some("unauth")).then(|| {
                    json!({
                        "description": mount.description,
                        "options": mount.options,
                        "type": mount.kind,
                    })
                }),
            };
            Some((path.clone(), shown?))
        });
        Value::Object(mounts.collect::<Map<String, Value>>())
    };
    Reply::data(json!({
        "auth": shown(&state.auth, "auth/"),
        "secret": shown(&state.secrets, ""),
    }))
}
