//! Enabling, tuning and disabling engines and auth methods.

use serde_json::Value;

use crate::lab::vault::aws::AwsMethod;
use crate::lab::vault::call::{Call, Operation};
use crate::lab::vault::fields::{Fields, set};
use crate::lab::vault::kv1::Kv1;
use crate::lab::vault::kv2::Kv2;
use crate::lab::vault::mount::{Engine, Mount};
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::lab::vault::state::State;

/// Paths that no engine gets, and none leaves.
const PROTECTED: [&str; 5] = ["auth/", "cubbyhole/", "identity/", "sys/", "audit/"];

/// Answers for all mounts, one of them, or its `tune`. `above` is `auth/` for auth
/// methods, and nothing for secrets engines.
pub(super) fn handle(state: &mut State, above: &str, name: &str, call: &Call) -> Outcome {
    use Operation::{Delete, Read, Write};
    let name = name.trim_end_matches('/');
    let path = format!("{name}/");
    let whole = format!("{above}{}/", name.trim_end_matches("/tune"));
    match call.operation {
        Read if name.is_empty() => Ok(Reply::flat(all(state, above))),
        Read if name.ends_with("/tune") => {
            let found = state.mounts.get(&whole);
            let found = found.ok_or_else(Refusal::unsupported_path)?;
            Ok(Reply::flat(found.tuning()))
        }
        Write if name.ends_with("/tune") => tune(state, &whole, Fields::new(&call.fields)),
        Read => {
            let found = state.mounts.get(&whole);
            let found = found.ok_or_else(|| match above {
                "" => Refusal::bad(format!("No secret engine mount at {path}")),
                _ => Refusal::bad(format!("No auth engine at {path}")),
            })?;
            Ok(Reply::flat(found.entry()))
        }
        Write if !name.is_empty() => {
            let mount = wanted(above, Fields::new(&call.fields))?;
            enable(state, above, &path, mount)
        }
        Delete if !name.is_empty() => disable(state, above, &path),
        _ => Err(Refusal::unsupported_operation()),
    }
}

fn all(state: &State, above: &str) -> Value {
    let mounts = state.mounts.iter();
    let shown = mounts.filter_map(|(path, mount)| {
        let name = match above {
            "" if mount.is_auth() => None,
            above => path.strip_prefix(above),
        };
        Some((name?.to_owned(), mount.entry()))
    });
    Value::Object(shown.collect())
}

/// The mount that a request describes.
fn wanted(above: &str, fields: Fields<'_>) -> Result<Mount, Refusal> {
    let wanted = fields.text("type")?.unwrap_or_default();
    let options = fields.map("options")?.unwrap_or_default();
    let version = Fields::new(&options).text("version")?;
    let version = match wanted.strip_prefix("kv-v") {
        Some(version) => Some(version.to_owned()),
        None => version,
    };
    let (name, engine) = match (above, wanted.as_str()) {
        (_, "") => {
            let words = "backend type must be specified as a string";
            return Err(Refusal::bad(words));
        }
        ("auth/", "aws") => ("aws", Engine::Aws(Box::<AwsMethod>::default())),
        ("auth/", "userpass") => ("userpass", Engine::OtherMethod),
        ("", "kv" | "kv-v1" | "kv-v2") => match version.as_deref() {
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
    let mut mount = Mount::new(name, engine);
    set(&mut mount.description, fields.text("description")?);
    mount.version = version;
    Ok(mount)
}

fn enable(state: &mut State, above: &str, path: &str, mount: Mount) -> Outcome {
    if above.is_empty() && is_protected(path) {
        return Err(Refusal::bad(format!("cannot mount {path:?}")));
    }
    let whole = format!("{above}{path}");
    let mut taken = state.mounts.keys();
    let taken = taken.find(|taken| whole.starts_with(*taken) || taken.starts_with(&whole));
    if let Some(taken) = taken {
        let taken = taken.trim_start_matches(above);
        return Err(Refusal::bad(format!("path is already in use at {taken}")));
    }
    state.mounts.insert(whole, mount);
    Ok(Reply::nothing(204))
}

fn is_protected(path: &str) -> bool {
    PROTECTED.iter().any(|taken| path.starts_with(taken))
}

/// Removes a mount with all that is in it, and for an auth method the tokens
/// that it gave.
fn disable(state: &mut State, above: &str, path: &str) -> Outcome {
    let whole = format!("{above}{path}");
    if whole == "auth/token/" {
        let words = "token credential backend cannot be disabled";
        return Err(Refusal::bad(words));
    }
    if above.is_empty() && is_protected(path) {
        return Err(Refusal::bad(format!("cannot unmount {path:?}")));
    }
    state.tokens.revoke_of_path(&whole);
    state.mounts.remove(&whole);
    Ok(Reply::nothing(204))
}

fn tune(state: &mut State, path: &str, fields: Fields<'_>) -> Outcome {
    let mount = state.mounts.get_mut(path);
    let mount = mount.ok_or_else(|| {
        Refusal::bad(format!(
            "tune of path {path:?} failed: no mount entry found"
        ))
    })?;
    // The `vault` command sends an empty text for what was not typed.
    let length = |name| Ok(fields.seconds(name)?.filter(|seconds| *seconds > 0));
    let default_ttl = length("default_lease_ttl")?.or(mount.default_ttl);
    let max_ttl = length("max_lease_ttl")?.or(mount.max_ttl);
    if let (Some(default_ttl), Some(max_ttl)) = (default_ttl, max_ttl)
        && default_ttl > max_ttl
    {
        return Err(Refusal::bad(format!(
            "backend max lease TTL of {max_ttl} would be less than backend default lease TTL of {default_ttl}"
        )));
    }
    (mount.default_ttl, mount.max_ttl) = (default_ttl, max_ttl);
    set(&mut mount.description, fields.text("description")?);
    Ok(Reply::nothing(204))
}
