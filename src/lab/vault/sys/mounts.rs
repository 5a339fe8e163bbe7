//! Enabling, tuning and disabling engines and auth methods.

use serde_json::{Map, Value, json};

use crate::lab::vault::aws::AwsMethod;
use crate::lab::vault::call::{Call, Operation};
use crate::lab::vault::fields::{Fields, set};
use crate::lab::vault::kv1::Kv1;
use crate::lab::vault::kv2::Kv2;
use crate::lab::vault::mount::{Engine, Mount};
use crate::lab::vault::reply::{Outcome, Refusal, Reply, with};
use crate::lab::vault::state::{RouteKind, State};

/// Paths that no engine gets, and none leaves.
const PROTECTED: [&str; 5] = ["auth/", "cubbyhole/", "identity/", "sys/", "audit/"];

/// Answers for all mounts, one of them, or its `tune`.
pub(super) fn handle(state: &mut State, kind: RouteKind, name: &str, call: &Call) -> Outcome {
    use Operation::{Delete, Read, Write};
    let name = name.trim_end_matches('/');
    if name.is_empty() {
        return list(state, kind, call.operation);
    }
    if let Some(name) = name.strip_suffix("/tune") {
        return tune(state, kind, &format!("{name}/"), call);
    }
    let path = format!("{name}/");
    match call.operation {
        Read => {
            let found = state.mounts(kind).get(&path);
            let found = found.ok_or_else(|| {
                Refusal::bad(match kind {
                    RouteKind::Auth => format!("No auth engine at {path}"),
                    RouteKind::Secrets => format!("No secret engine mount at {path}"),
                })
            })?;
            Ok(Reply::flat(found.entry()))
        }
        Write => enable(state, kind, &path, wanted(kind, Fields::new(&call.fields))?),
        Delete => disable(state, kind, &path),
        _ => Err(Refusal::unsupported_operation()),
    }
}

fn list(state: &mut State, kind: RouteKind, operation: Operation) -> Outcome {
    if operation != Operation::Read {
        return Err(Refusal::unsupported_operation());
    }
    let mounts = state.mounts(kind).iter();
    let shown = mounts.map(|(path, mount)| (path.clone(), mount.entry()));
    Ok(Reply::flat(Value::Object(shown.collect::<Map<_, _>>())))
}

/// The mount that a request describes.
fn wanted(kind: RouteKind, fields: Fields<'_>) -> Result<Mount, Refusal> {
    let wanted = fields.text("type")?.unwrap_or_default();
    let options = fields.map("options")?.unwrap_or_default();
    let version = Fields::new(&options).text("version")?;
    let version = match wanted.strip_prefix("kv-v") {
        Some(version) => Some(version.to_owned()),
        None => version,
    };
    let (name, engine) = match (kind, wanted.as_str()) {
        (_, "") => {
            let words = "backend type must be specified as a string";
            return Err(Refusal::bad(words));
        }
        (RouteKind::Auth, "aws") => ("aws", Engine::Aws(Box::<AwsMethod>::default())),
        (RouteKind::Auth, "userpass") => ("userpass", Engine::OtherMethod),
        (RouteKind::Secrets, "kv" | "kv-v1" | "kv-v2") => match version.as_deref() {
            None | Some("" | "1") => ("kv", Engine::Kv1(Kv1::default())),
            Some("2") => ("kv", Engine::Kv2(Kv2::default())),
            Some(_) => {
                let words = "nil backend of type \"kv\" returned from factory";
                return Err(Refusal::bad(words));
            }
        },
        (_, unknown) => {
            let words = format!("plugin not found in the catalog: {unknown}");
            return Err(Refusal::bad(words));
        }
    };
    let description = fields.text("description")?.unwrap_or_default();
    let mut mount = Mount::new(name, &description, engine);
    mount.version = version;
    Ok(mount)
}

fn enable(state: &mut State, kind: RouteKind, path: &str, mount: Mount) -> Outcome {
    let is_protected = PROTECTED.iter().any(|taken| path.starts_with(taken));
    if kind == RouteKind::Secrets && is_protected {
        return Err(Refusal::bad(format!("cannot mount {path:?}")));
    }
    let mounts = state.mounts(kind);
    let mut taken = mounts.keys();
    let taken = taken.find(|taken| path.starts_with(taken.as_str()) || taken.starts_with(path));
    if let Some(taken) = taken {
        let words = format!("path is already in use at {taken}");
        return Err(Refusal::bad(words));
    }
    mounts.insert(path.to_owned(), mount);
    Ok(Reply::nothing())
}

/// Removes a mount with all that is in it, and for an auth method the tokens
/// that it gave.
fn disable(state: &mut State, kind: RouteKind, path: &str) -> Outcome {
    match kind {
        RouteKind::Auth if path == "token/" => {
            let words = "token credential backend cannot be disabled";
            return Err(Refusal::bad(words));
        }
        RouteKind::Secrets if PROTECTED.contains(&path) => {
            return Err(Refusal::bad(format!("cannot unmount {path:?}")));
        }
        RouteKind::Auth => state.tokens.revoke_of_path(&format!("auth/{path}")),
        RouteKind::Secrets => {}
    }
    state.mounts(kind).remove(path);
    Ok(Reply::nothing())
}

fn tune(state: &mut State, kind: RouteKind, path: &str, call: &Call) -> Outcome {
    let fields = Fields::new(&call.fields);
    let mount = state.mounts(kind).get_mut(path);
    let mount = mount.ok_or_else(|| Refusal::bad(format!("no mount entry found at {path:?}")))?;
    match call.operation {
        Operation::Read => {
            let config = mount.entry_in_effect()["config"].take();
            let tuning = with(config, "description", json!(mount.description));
            Ok(Reply::flat(match &mount.version {
                Some(version) => with(tuning, "options", json!({ "version": version })),
                None => tuning,
            }))
        }
        Operation::Write => {
            let default_ttl = fields.seconds("default_lease_ttl")?;
            let default_ttl = default_ttl.unwrap_or(mount.default_ttl);
            let max_ttl = fields.seconds("max_lease_ttl")?.unwrap_or(mount.max_ttl);
            if max_ttl > 0 && default_ttl > max_ttl {
                return Err(Refusal::bad(format!(
                    "backend max lease TTL of {max_ttl} would be less than backend default lease TTL of {default_ttl}"
                )));
            }
            (mount.default_ttl, mount.max_ttl) = (default_ttl, max_ttl);
            set(&mut mount.description, fields.text("description")?);
            Ok(Reply::nothing())
        }
        _ => Err(Refusal::unsupported_operation()),
    }
}
