//! Writing a secret: first a look at the engine and at what is there, then the
//! write.
//!
//! A write never guesses the engine's version: one in the form of version 2 is
//! taken by version 1 too, which stores the wrapper as the secret.

use serde_json::{Map, Value};

use super::SecretPath;
use super::locate::{Doubled, doubled, full_path, guess, locate};
use crate::fault::{Cause, Fault, KvProblem, MountSeen, Side};
use crate::login::Run;
use crate::secret::Secret;
use crate::settings::{KvSettings, KvVersion};
use crate::shell;
use crate::trace::{OpenStep, StepId};
use crate::vault::client::{Reply, VaultClient};
use crate::vault::kv::write::{Manner, Write, send, written};
use crate::vault::kv::{self, Fields, Location};
use crate::vault::namespace::with_variable;
use crate::vault::sys::{Mount, MountLookup, lookup_mount};
use crate::vault::token::{Denial, denial};

/// What a person wants written.
pub struct Wish {
    pub path: SecretPath,
    pub fields: Fields,
    pub manner: Manner,
    /// The version that is to be replaced; `None` for whichever is there.
    pub cas: Option<u64>,
}

/// Where a secret is to be written, and what is there now.
pub struct Before {
    pub location: Location,
    pub secret: Present,
    mount: MountSeen,
}

/// What is there before a write.
pub enum Present {
    /// A secret, with its fields and, with version 2, its version.
    Secret(kv::SecretData),
    /// No secret, or one whose current version is gone; with version 2 the
    /// number of that version, 0 for none, if it is known.
    Nothing { version: Option<u64> },
    /// The token may not read it.
    Hidden,
}

impl Before {
    /// The fields that a write takes away, in their order. `None`: not seen.
    pub fn removed_by(&self, wish: &Wish) -> Option<Vec<String>> {
        let present = match &self.secret {
            Present::Secret(present) => &present.fields.0,
            Present::Nothing { .. } => return Some(Vec::new()),
            Present::Hidden => return None,
        };
        let is_removed = |name: &String| match wish.manner {
            Manner::Replace => !wish.fields.0.contains_key(name),
            // A merge patch removes what it sets to null.
            Manner::Merge => wish.fields.0.get(name) == Some(&Value::Null),
        };
        Some(
            present
                .keys()
                .filter(|name| is_removed(name))
                .cloned()
                .collect(),
        )
    }

    /// The whole secret, where a merge was refused because the policy grants no
    /// patch, or because this server knows none, and the secret was read: with
    /// check-and-set its replacement comes to the same.
    fn merged_for(&self, wish: &Wish, reply: &Reply) -> Option<Fields> {
        let is_unable = reply.status == 405 || denial(reply) == Some(Denial::Policy);
        match &self.secret {
            Present::Secret(present) if wish.manner == Manner::Merge && is_unable => {
                let mut merged = Fields(present.fields.0.clone());
                merge(&mut merged.0, &wish.fields.0);
                Some(merged)
            }
            _ => None,
        }
    }

    /// The version that is there now, 0 for none, if it was seen: the number that
    /// check-and-set wants.
    pub fn version(&self) -> Option<u64> {
        match &self.secret {
            Present::Secret(present) => present.version,
            Present::Nothing { version } => *version,
            Present::Hidden => None,
        }
    }
}

/// The API path of the write, as far as it is known before: what a token's
/// capabilities are asked for.
pub fn wanted_path(settings: &KvSettings, path: &SecretPath) -> String {
    guess(settings, path).api_path()
}

/// Looks at the mount, and at what is to be replaced: side by side, in the form
/// that is guessed, so that only a wrong guess costs a second read.
///
/// # Errors
///
/// Vault cannot be reached or does not take the token, the path lies in no KV
/// engine, or its version is not known for sure.
pub async fn look(
    run: &Run,
    vault: &VaultClient,
    token: &Secret,
    wish: &Wish,
) -> Result<Before, Box<Fault>> {
    let mut step = run.trace.begin(StepId::Read, Side::Vault);
    step.endpoint(vault.address());
    let before = see(&run.settings.kv, vault, token, wish, &mut step).await;
    match &before {
        Ok(before) => {
            let location = &before.location;
            step.endpoint(format!("{}/v1/{}", vault.address(), location.api_path()));
            step.fact("path", location.display_path());
            step.fact("kv_version", location.kv_version.number());
            let mount = format!("-mount={}", location.mount);
            let words = ["vault", "kv", "get", &mount, &location.path];
            step.command(with_variable(
                run.settings.kv.namespace.as_deref(),
                shell::command(words),
            ));
            match &before.secret {
                Present::Secret(secret) => {
                    step.fact("version", secret.version);
                    step.succeed();
                }
                Present::Nothing { .. } => step.skip("there is no secret at this path yet"),
                Present::Hidden => step.skip("the token may not read what is there now"),
            }
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
        }
    }
    before
}

async fn see(
    settings: &KvSettings,
    vault: &VaultClient,
    token: &Secret,
    wish: &Wish,
    step: &mut OpenStep,
) -> Result<Before, Box<Fault>> {
    let guessed = guess(settings, &wish.path);
    let namespace = settings.namespace.as_deref();
    let full = full_path(settings, &wish.path);
    let (read, found) = tokio::join!(
        kv::read(vault, &guessed, None, namespace, token),
        lookup_mount(vault, &full, namespace, token),
    );
    let read = read?;
    let found = match found {
        Ok(MountLookup::Found(mount)) => Some(mount),
        // A look-up that fails is no failure where the settings say enough.
        Ok(MountLookup::Hidden) | Err(_) => None,
    };
    if found.is_none()
        && let Err(fault) = kv::interpret(&read, &guessed, None, MountSeen::Unproved)
    {
        // What says more than that the mount was not seen goes before it.
        absent(fault, guessed.kv_version)?;
    }
    let location = settle(settings, &wish.path, found.as_ref())?;
    let mount = match found {
        Some(_) => MountSeen::Found,
        None => MountSeen::Unproved,
    };
    let reply = if location.api_path() == guessed.api_path() {
        read
    } else {
        kv::read(vault, &location, None, namespace, token).await?
    };
    step.request_id(reply.request_id.clone());
    step.retries(reply.retries.clone());
    let secret = match kv::interpret(&reply, &location, None, mount) {
        Ok(secret) => Present::Secret(secret),
        Err(fault) => absent(fault, location.kv_version)?,
    };
    // Who names the version that is there has looked.
    if wish.cas.is_none() && !was_ever_there(&secret, location.kv_version) {
        refuse_doubled(&location, &wish.path)?;
    }
    Ok(Before {
        location,
        secret,
        mount,
    })
}

/// Tells whether a secret is, or was, at the path, as far as it was seen.
fn was_ever_there(secret: &Present, kv_version: KvVersion) -> bool {
    match secret {
        Present::Secret(_) => true,
        // Without a number: the version that is there is destroyed.
        Present::Nothing { version } => kv_version == KvVersion::Two && *version != Some(0),
        Present::Hidden => false,
    }
}

/// Refuses to make a secret in a place that hardly anybody means.
fn refuse_doubled(location: &Location, path: &SecretPath) -> Result<(), Box<Fault>> {
    let Some(Doubled { part, meant }) = doubled(location) else {
        return Ok(());
    };
    Err(Box::new(Fault::new(
        StepId::Read,
        Side::Local,
        location.api_path(),
        path.to_string(),
        Cause::Kv(KvProblem::DoubledPrefix { part, meant }),
        "the path has a part twice, and no secret is known to lie there; nothing was written",
    )))
}

/// Where the write goes, which must be known for sure.
fn settle(
    settings: &KvSettings,
    path: &SecretPath,
    found: Option<&Mount>,
) -> Result<Location, Box<Fault>> {
    let guessed = guess(settings, path);
    let refuse = |location: &Location, problem: KvProblem, words: &str| {
        Err(Box::new(Fault::new(
            StepId::Read,
            Side::Local,
            location.api_path(),
            location.display_path(),
            Cause::Kv(problem),
            words,
        )))
    };
    let Some(mount) = found else {
        return match settings.version {
            Some(_) => Ok(guessed),
            None => refuse(
                &guessed,
                KvProblem::VersionUnseen,
                "Vault does not show the engine of this path, and nothing was written",
            ),
        };
    };
    let location = locate(mount, &full_path(settings, path), None);
    if !matches!(mount.kind.as_str(), "kv" | "generic") {
        let kind = mount.kind.clone();
        return refuse(
            &location,
            KvProblem::NotKv { kind },
            "the engine of this path is no KV engine, and nothing was written",
        );
    }
    if location.path.is_empty() {
        let words = "the path names no secret in the engine; nothing was written";
        return refuse(&location, KvProblem::NoName, words);
    }
    match settings.version {
        Some(set) if set != mount.version => {
            let set = set.number();
            let words = format!(
                "the settings say KV version {set}, the engine is of version {}; nothing was written",
                mount.version.number()
            );
            refuse(&location, KvProblem::OtherVersion { set }, &words)
        }
        // Whoever writes data/ thinks of version 2; to version 1 it would be a
        // part of the name. Who has set the version knows it.
        None if mount.version == KvVersion::One && location.path.starts_with("data/") => refuse(
            &location,
            KvProblem::V2PathOnV1 {
                meant: format!("{}/{}", location.mount, without_data(&location)),
            },
            "the engine is of version 1, which has no data/; nothing was written",
        ),
        _ => Ok(location),
    }
}

/// The name of a secret without the `data/` in front of it.
fn without_data(location: &Location) -> &str {
    location.path.trim_start_matches("data/")
}

/// What a read that brought no secret tells a writer.
fn absent(fault: Box<Fault>, kv_version: KvVersion) -> Result<Present, Box<Fault>> {
    let version = match (&fault.cause, kv_version) {
        (
            Cause::Kv(
                KvProblem::Denied { .. }
                | KvProblem::DeniedOrNoMount
                | KvProblem::SentinelDenied(_)
                | KvProblem::Wrapped,
            ),
            _,
        ) => return Ok(Present::Hidden),
        (Cause::Kv(KvProblem::NoSecret { .. }), KvVersion::Two) => Some(0),
        (Cause::Kv(KvProblem::Deleted { version, .. }), _) => Some(*version),
        (Cause::Kv(KvProblem::NoSecret { .. } | KvProblem::Destroyed), _) => None,
        _ => return Err(fault),
    };
    Ok(Present::Nothing { version })
}

/// Writes the secret where [`look`] found that it belongs. With version 2 the
/// answer is the version that was made.
///
/// # Errors
///
/// Vault refused, or nobody answered: then it is unknown whether it was
/// written, unless the fault came before anything was sent.
pub async fn write(
    run: &Run,
    vault: &VaultClient,
    token: &Secret,
    wish: &Wish,
    before: &Before,
) -> Result<Option<u64>, Box<Fault>> {
    let location = &before.location;
    let mut step = run.trace.begin(StepId::Write, Side::Vault);
    step.endpoint(format!("{}/v1/{}", vault.address(), location.api_path()));
    step.fact("path", location.display_path());
    step.fact("kv_version", location.kv_version.number());
    step.command(with_variable(
        run.settings.kv.namespace.as_deref(),
        command(wish, location),
    ));
    let result = written_by(run, vault, token, wish, before)
        .await
        .map_err(|mut fault| {
            fault.target = location.display_path();
            fault
        });
    match &result {
        Ok((version, request_id)) => {
            step.request_id(request_id.clone());
            step.fact("version", *version);
            step.succeed();
        }
        Err(fault) => {
            step.side(fault.side);
            step.request_id(fault.request_id.clone());
            step.fail(&fault.message);
        }
    }
    result.map(|(version, _)| version)
}

async fn written_by(
    run: &Run,
    vault: &VaultClient,
    token: &Secret,
    wish: &Wish,
    before: &Before,
) -> Result<(Option<u64>, Option<String>), Box<Fault>> {
    let location = &before.location;
    let needs_version_two = wish.cas.is_some() || wish.manner == Manner::Merge;
    if needs_version_two && location.kv_version == KvVersion::One {
        return Err(Box::new(Fault::new(
            StepId::Write,
            Side::Local,
            location.api_path(),
            location.display_path(),
            Cause::Kv(KvProblem::NeedsVersionTwo),
            "the engine is of version 1, which has neither versions nor check-and-set; nothing was written",
        )));
    }
    let request = Write {
        location,
        fields: &wish.fields,
        manner: wish.manner,
        cas: wish.cas,
    };
    let namespace = run.settings.kv.namespace.as_deref();
    let mut reply = send(vault, &request, namespace, token).await?;
    if let Some(merged) = before.merged_for(wish, &reply) {
        let request = Write {
            fields: &merged,
            manner: Manner::Replace,
            cas: wish.cas.or(before.version()),
            ..request
        };
        reply = send(vault, &request, namespace, token).await?;
    }
    let mut written = written(&reply, location, before.mount);
    if let Err(fault) = &mut written
        && let Cause::Kv(KvProblem::CheckAndSet { current, .. }) = &mut fault.cause
    {
        *current = before.version();
    }
    Ok((written?, reply.request_id))
}

/// Merges as Vault's own PATCH does (RFC 7396): null takes a field away.
fn merge(into: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match (value, into.get_mut(name)) {
            (Value::Null, _) => {
                into.remove(name);
            }
            (Value::Object(patch), Some(Value::Object(inner))) => merge(inner, patch),
            (Value::Object(patch), _) => {
                let mut inner = Map::new();
                merge(&mut inner, patch);
                into.insert(name.clone(), Value::Object(inner));
            }
            (value, _) => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

/// What a person would type for the same write; the values stand in files.
fn command(wish: &Wish, location: &Location) -> String {
    let verb = match wish.manner {
        Manner::Replace => "put",
        Manner::Merge => "patch",
    };
    let mount = format!("-mount={}", location.mount);
    let cas = wish.cas.map(|cas| format!("-cas={cas}"));
    let fields: Vec<String> = wish
        .fields
        .0
        .keys()
        .map(|name| format!("{name}=@FILE"))
        .collect();
    let mut words = vec!["vault", "kv", verb, &mount];
    words.extend(cas.as_deref());
    words.push(&location.path);
    words.extend(fields.iter().map(String::as_str));
    shell::command(words)
}
