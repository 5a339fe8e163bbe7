//! Enabling, tuning and disabling engines and auth methods.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::lab::vault::aws::AwsMethod;
use crate::lab::vault::call::{Call, Operation};
use crate::lab::vault::fields::{Fields, Validation};
use crate::lab::vault::go;
use crate::lab::vault::kv1::Kv1;
use crate::lab::vault::kv2::Kv2;
use crate::lab::vault::mount::{Engine, Mount, Times};
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::lab::vault::state::{RouteKind, State};

/// Paths that no engine gets, and none leaves.
const PROTECTED: [&str; 5] = ["auth/", "cubbyhole/", "identity/", "sys/", "audit/"];

pub(super) fn list(state: &State, kind: RouteKind) -> Value {
    let mounts = mounts(state, kind).iter();
    let shown = mounts.map(|(path, mount)| (path.clone(), mount.entry(Times::AsSet)));
    Value::Object(shown.collect::<Map<String, Value>>())
}

/// Answers for one mount, or its `tune`.
pub(super) fn handle(
    state: &mut State,
    kind: RouteKind,
    name: &str,
    call: &Call,
    now: SystemTime,
) -> Outcome {
    let name = name.trim_end_matches('/');
    if let Some(name) = name.strip_suffix("/tune") {
        return tune(state, kind, &format!("{name}/"), call, now);
    }
    let path = format!("{name}/");
    match call.operation {
        Operation::Read => {
            let found = mounts(state, kind).get(&path);
            let found = found.ok_or_else(|| {
                Refusal::bad(match kind {
                    RouteKind::Auth => format!("No auth engine at {path}"),
                    RouteKind::Secrets => format!("No secret engine mount at {path}"),
                })
            })?;
            Ok(Reply::flat(found.entry(Times::AsSet)))
        }
        Operation::Write => {
            let mount = wanted(kind, &call.fields)?;
            enable(state, kind, &path, mount)
        }
        Operation::Delete => disable(state, kind, &path),
        _ => Err(Refusal::unsupported_operation()),
    }
}

fn mounts(state: &State, kind: RouteKind) -> &BTreeMap<String, Mount> {
    match kind {
        RouteKind::Auth => &state.auth,
        RouteKind::Secrets => &state.secrets,
    }
}

fn mounts_mut(state: &mut State, kind: RouteKind) -> &mut BTreeMap<String, Mount> {
    match kind {
        RouteKind::Auth => &mut state.auth,
        RouteKind::Secrets => &mut state.secrets,
    }
}

/// The mount that a request describes.
fn wanted(kind: RouteKind, given: &Map<String, Value>) -> Result<Mount, Refusal> {
    let fields = Fields::new(given, Validation::First);
    let wanted = fields.text("type")?.unwrap_or_default();
    let description = fields.text("description")?.unwrap_or_default();
    let config = fields.map("config")?.unwrap_or_default();
    let options = fields.texts("options")?.unwrap_or_default();
    let mut options: BTreeMap<String, String> = options
        .into_iter()
        .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let tuning = tuning(&config)?;
    if wanted.is_empty() {
        let words = "backend type must be specified as a string";
        return Err(Refusal::bad(words));
    }
    if let "kv-v1" | "kv-v2" = wanted.as_str() {
        let version = wanted.trim_start_matches("kv-v").to_owned();
        options.insert("version".to_owned(), version);
    }
    let version = options.get("version").map(String::as_str);
    let (name, engine) = match (kind, wanted.as_str()) {
        (RouteKind::Auth, "aws") => ("aws", Engine::Aws(Box::<AwsMethod>::default())),
        (RouteKind::Auth, "userpass") => ("userpass", Engine::OtherMethod),
        (RouteKind::Auth, "token") => {
            let words = "token credential backend cannot be instantiated";
            return Err(Refusal::bad(words));
        }
        (RouteKind::Secrets, "kv" | "kv-v1" | "kv-v2") => match version {
            None | Some("" | "1") => ("kv", Engine::Kv1(Kv1::default())),
            Some("2") => ("kv", Engine::Kv2(Kv2::default())),
            Some(_) => {
                let words = "nil backend of type \"kv\" returned from factory";
                return Err(Refusal::bad(words));
            }
        },
        (RouteKind::Secrets, "generic") => ("generic", Engine::Kv1(Kv1::default())),
        (_, unknown) => {
            let words = format!("plugin not found in the catalog: {unknown}");
            return Err(Refusal::bad(words));
        }
    };
    let mut mount = Mount::new(name, engine);
    mount.description = description;
    mount.options = options;
    tuning.apply(&mut mount);
    Ok(mount)
}

fn enable(state: &mut State, kind: RouteKind, path: &str, mount: Mount) -> Outcome {
    let is_protected = PROTECTED.iter().any(|taken| path.starts_with(taken));
    if kind == RouteKind::Secrets && is_protected {
        return Err(Refusal::bad(format!("cannot mount {}", go::quote(path))));
    }
    let taken = mounts(state, kind)
        .keys()
        .find(|taken| path.starts_with(taken.as_str()) || taken.starts_with(path));
    if let Some(taken) = taken {
        let words = format!("path is already in use at {taken}");
        return Err(Refusal::bad(words));
    }
    mounts_mut(state, kind).insert(path.to_owned(), mount);
    Ok(Reply::nothing())
}

/// Removes a mount with all that is in it, and for an auth method the tokens
/// that it gave.
pub(in crate::lab::vault) fn disable(state: &mut State, kind: RouteKind, path: &str) -> Outcome {
    match kind {
        RouteKind::Auth if path == "token/" => {
            let words = "token credential backend cannot be disabled";
            return Err(Refusal::bad(words));
        }
        RouteKind::Secrets if PROTECTED.contains(&path) => {
            let words = format!("cannot unmount {}", go::quote(path));
            return Err(Refusal::bad(words));
        }
        _ => {}
    }
    if let Some(mount) = mounts_mut(state, kind).remove(path)
        && kind == RouteKind::Auth
    {
        state.tokens.revoke_of_path(&format!("auth/{path}"));
        state.entities.forget_mount(&mount.accessor);
    }
    Ok(Reply::nothing())
}

/// What is set on a mount; `None` leaves it.
#[derive(Default)]
struct Tuning {
    default_ttl: Option<u64>,
    max_ttl: Option<u64>,
    visibility: Option<String>,
}

impl Tuning {
    fn apply(self, mount: &mut Mount) {
        mount.default_ttl = self.default_ttl.unwrap_or(mount.default_ttl);
        mount.max_ttl = self.max_ttl.unwrap_or(mount.max_ttl);
        if self.visibility.is_some() {
            mount.visibility = self.visibility;
        }
    }
}

fn tuning(config: &Map<String, Value>) -> Result<Tuning, Refusal> {
    let default_ttl = length(config, "default_lease_ttl", "default")?;
    let max_ttl = length(config, "max_lease_ttl", "max")?;
    if let (Some(default_ttl), Some(max_ttl)) = (default_ttl, max_ttl)
        && max_ttl > 0
        && default_ttl > max_ttl
    {
        let words = "given default lease TTL greater than given max lease TTL";
        return Err(Refusal::bad(words));
    }
    if let Some(kind) = config.get("token_type").and_then(Value::as_str)
        && !matches!(
            kind,
            "default-service" | "default-batch" | "service" | "batch" | ""
        )
    {
        return Err(Refusal::bad("invalid value for 'token_type'"));
    }
    let visibility = config.get("listing_visibility").and_then(Value::as_str);
    if let Some(word) = visibility
        && !matches!(word, "unauth" | "hidden" | "")
    {
        let words = format!("invalid listing_visibility {word}");
        return Err(Refusal::bad(words));
    }
    Ok(Tuning {
        default_ttl,
        max_ttl,
        visibility: visibility
            .filter(|word| !word.is_empty())
            .map(str::to_owned),
    })
}

/// `system` stands for what holds where nothing is said.
fn length(config: &Map<String, Value>, name: &str, word: &str) -> Result<Option<u64>, Refusal> {
    let text = match config.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if text.is_empty() {
        return Ok(None);
    }
    if text == "system" {
        return Ok(Some(0));
    }
    let seconds = go::parse_duration(&text)
        .map_err(|error| Refusal::bad(format!("unable to parse {word} TTL of {text}: {error}")))?;
    Ok(Some(u64::try_from(seconds).unwrap_or_default()))
}

fn tune(state: &mut State, kind: RouteKind, path: &str, call: &Call, now: SystemTime) -> Outcome {
    let whole = match kind {
        RouteKind::Auth => format!("auth/{path}"),
        RouteKind::Secrets => path.to_owned(),
    };
    let mount = mounts_mut(state, kind).get_mut(path);
    match call.operation {
        Operation::Read => {
            let words = || format!("cannot fetch sysview for path {}", go::quote(&whole));
            let mount = mount.ok_or_else(|| Refusal::bad(words()))?;
            Ok(Reply::flat(mount.tuning()))
        }
        Operation::Write => {
            let fields = Fields::new(&call.fields, Validation::First);
            let description = fields.text("description")?;
            let options = fields.texts("options")?;
            let words = || {
                let path = go::quote(&whole);
                format!("tune of path {path} failed: no mount entry found")
            };
            let mount = mount.ok_or_else(|| Refusal::bad(words()))?;
            let tuning = tuning(&call.fields)?;
            let default_ttl = tuning.default_ttl.unwrap_or(mount.default_ttl);
            let max_ttl = tuning.max_ttl.unwrap_or(mount.max_ttl);
            if max_ttl > 0 && default_ttl > max_ttl {
                return Err(Refusal::bad(format!(
                    "backend max lease TTL of {max_ttl} would be less than backend default lease TTL of {default_ttl}"
                )));
            }
            let version = options
                .as_ref()
                .and_then(|options| options.get("version")?.as_str());
            let remark = match version {
                Some(version) => set_version(mount, version, now)?,
                None => None,
            };
            tuning.apply(mount);
            if let Some(description) = description {
                mount.description = description;
            }
            Ok(match remark {
                Some(remark) => Reply::remark(200, remark),
                None => Reply::nothing(),
            })
        }
        _ => Err(Refusal::unsupported_operation()),
    }
}

/// An engine of version 1 can become one of version 2, and never the reverse.
fn set_version(
    mount: &mut Mount,
    version: &str,
    now: SystemTime,
) -> Result<Option<String>, Refusal> {
    let before = mount.options.get("version").map_or("0", String::as_str);
    let remark = format!(
        "Upgrading mount from version {before} to version {version}. This mount will be unavailable for a brief period and will resume service shortly."
    );
    match (&mount.engine, version) {
        (Engine::Kv2(_), "2") | (Engine::Kv1(_), "1") => return Ok(None),
        (Engine::Kv1(old), "2") => mount.engine = Engine::Kv2(Kv2::upgraded(old, now)),
        _ => return Err(Refusal::bad("cannot downgrade mount from version 2")),
    }
    mount
        .options
        .insert("version".to_owned(), version.to_owned());
    Ok(Some(remark))
}
