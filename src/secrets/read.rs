//! Reading several secrets at once, without asking first what the engine is:
//! the read in the form of version 2 and the look-up of the mount run side by
//! side, and only a wrong guess costs a second read.

use std::collections::BTreeMap;

use futures_util::future::{FutureExt as _, LocalBoxFuture, Shared};
use futures_util::stream::{self, StreamExt as _};

use super::SecretPath;
use super::locate::{Doubled, doubled, full_path, guess, is_kv, locate};
use crate::fault::{Cause, Fault, KvProblem, MountSeen, Side};
use crate::login::Run;
use crate::secret::Secret;
use crate::settings::{KvSettings, KvVersion};
use crate::trace::StepId;
use crate::vault::client::{Reply, VaultClient};
use crate::vault::kv::{self, Fields, Location, SecretData};
use crate::vault::namespace::with_variable;
use crate::vault::sys::{Mount, MountLookup, lookup_mount};

/// How many reads are under way at once: a hundred secrets in two round trips.
const AT_ONCE: usize = 64;

/// A secret that was read.
#[derive(Debug)]
pub struct ReadSecret {
    pub location: Location,
    pub version: Option<u64>,
    pub created_at: Option<String>,
    /// All fields, or the one that the path named.
    pub fields: Fields,
}

/// A path that was not read.
pub type ReadFault = Box<Fault>;

/// Reads every path; the results are in the order asked.
pub async fn read_all(
    run: &Run,
    vault: &VaultClient,
    token: &Secret,
    paths: &[SecretPath],
) -> Vec<Result<ReadSecret, ReadFault>> {
    let reader = Reader {
        run,
        vault,
        token,
        settings: &run.settings.kv,
    };
    let lookups = reader.lookups(paths);
    let reads = paths.iter().map(|path| reader.read(path, &lookups));
    stream::iter(reads).buffered(AT_ONCE).collect().await
}

/// The API paths of the reads, as far as they are known before: what a token's
/// capabilities are asked for.
pub fn wanted_paths(settings: &KvSettings, paths: &[SecretPath]) -> Vec<String> {
    paths
        .iter()
        .map(|path| guess(settings, path).api_path())
        .collect()
}

/// The look-ups of mounts, by the mount that was guessed: the path that is
/// asked for, and the answer, which all paths of that mount wait for.
type Lookups<'a> = BTreeMap<String, (String, Shared<LocalBoxFuture<'a, Option<MountLookup>>>)>;

struct Reader<'a> {
    run: &'a Run,
    vault: &'a VaultClient,
    token: &'a Secret,
    settings: &'a KvSettings,
}

impl<'a> Reader<'a> {
    /// Mount and version are both set: nothing has to be found out.
    fn is_settled(&self, path: &SecretPath) -> bool {
        let mount = self.settings.mount.is_some()
            || self
                .settings
                .known_mount
                .as_deref()
                .is_some_and(|mount| path.below(mount).is_some());
        mount && self.settings.version.is_some()
    }

    /// Prepares to look up the mounts, once for each that is guessed.
    fn lookups(&'a self, paths: &[SecretPath]) -> Lookups<'a> {
        let mut lookups = Lookups::new();
        for path in paths.iter().filter(|path| !self.is_settled(path)) {
            lookups
                .entry(guess(self.settings, path).mount)
                .or_insert_with(|| {
                    let full = full_path(self.settings, path);
                    let asked = full.clone();
                    let answer = async move { self.lookup(&asked).await }.boxed_local();
                    (full, answer.shared())
                });
        }
        lookups
    }

    async fn lookup(&self, path: &str) -> Option<MountLookup> {
        // A look-up that fails is no failure: the read has an answer of its own.
        lookup_mount(
            self.vault,
            path,
            self.settings.namespace.as_deref(),
            self.token,
        )
        .await
        .ok()
    }

    /// Reads one path: the read in the form that is guessed and the look-up of
    /// the mount run side by side.
    async fn read(
        &self,
        path: &SecretPath,
        lookups: &Lookups<'_>,
    ) -> Result<ReadSecret, ReadFault> {
        let mut step = self.run.trace.begin(StepId::Read, Side::Vault);
        let mut location = guess(self.settings, path);
        let (mut reply, found) = tokio::join!(
            self.ask(&location, path),
            self.found_mount(path, &location, lookups)
        );
        let seen = match &found {
            Some(_) => MountSeen::Found,
            None => MountSeen::Unproved,
        };
        if let Some(mount) = found.as_ref().filter(|mount| is_kv(mount)) {
            let right = locate(
                mount,
                &full_path(self.settings, path),
                self.settings.version,
            );
            if right.api_path() != location.api_path() && has_versions_asked(&right, path) {
                reply = self.ask(&right, path).await;
            }
            location = right;
        }
        if !has_versions_asked(&location, path) {
            reply = Err(no_versions(&location));
        }
        step.endpoint(format!(
            "{}/v1/{}",
            self.vault.address(),
            location.api_path()
        ));
        step.fact("path", location.display_path());
        step.fact("kv_version", location.kv_version.number());
        step.command(with_variable(
            self.settings.namespace.as_deref(),
            get_command(&location, path),
        ));
        let result = reply.and_then(|reply| {
            step.request_id(reply.request_id.clone());
            step.retries(reply.retries.clone());
            let data = kv::interpret(&reply, &location, path.version, seen)
                .map_err(|fault| sharpened(fault, found.as_ref(), &location, path))?;
            picked(data, location.clone(), path)
        });
        match &result {
            Ok(secret) => {
                step.fact("version", secret.version);
                step.succeed();
            }
            Err(fault) => {
                step.side(fault.side);
                step.fail(&fault.message);
            }
        }
        result
    }

    async fn ask(&self, location: &Location, path: &SecretPath) -> Result<Reply, ReadFault> {
        let namespace = self.settings.namespace.as_deref();
        kv::read(self.vault, location, path.version, namespace, self.token).await
    }

    /// The mount that the path lies in, if a look-up showed it. Mounts can be
    /// nested, so what was found for one path need not hold for its neighbour.
    async fn found_mount(
        &self,
        path: &SecretPath,
        guess: &Location,
        lookups: &Lookups<'_>,
    ) -> Option<Mount> {
        let full = full_path(self.settings, path);
        let covering = |lookup: &Option<MountLookup>| match lookup {
            Some(MountLookup::Found(mount)) if full.starts_with(&format!("{}/", mount.path)) => {
                Some(mount.clone())
            }
            _ => None,
        };
        let (asked, lookup) = lookups.get(&guess.mount)?;
        match covering(&lookup.clone().await) {
            Some(mount) => Some(mount),
            None if *asked == full => None,
            None => covering(&self.lookup(&full).await),
        }
    }
}

/// Tells whether an engine can have the version that the path names, if it names one.
fn has_versions_asked(location: &Location, path: &SecretPath) -> bool {
    path.version.is_none() || location.kv_version == KvVersion::Two
}

/// Version 1 keeps one state of a secret, which must not pass for another.
fn no_versions(location: &Location) -> ReadFault {
    Box::new(Fault::new(
        StepId::Read,
        Side::Local,
        location.api_path(),
        location.display_path(),
        Cause::Kv(KvProblem::NeedsVersionTwo),
        "the engine is of version 1, which keeps no versions; none was read",
    ))
}

/// Adds to a fault what the look-up of the mount and the form of the path tell.
fn sharpened(
    mut fault: ReadFault,
    mount: Option<&Mount>,
    location: &Location,
    path: &SecretPath,
) -> ReadFault {
    let is_absent = matches!(fault.cause, Cause::Kv(KvProblem::NoSecret { .. }));
    let is_denied = matches!(
        fault.cause,
        Cause::Kv(KvProblem::Denied { .. } | KvProblem::DeniedOrNoMount)
    );
    fault.target = location.display_path();
    if let Some(mount) = mount
        && !is_kv(mount)
    {
        fault.cause = Cause::Kv(KvProblem::NotKv {
            kind: mount.kind.clone(),
        });
    } else if !is_absent && !is_denied {
        return fault;
    } else if let Some(Doubled { part, meant }) = doubled(location) {
        let meant = path.with_path(&meant);
        fault.cause = Cause::Kv(KvProblem::DoubledPrefix { part, meant });
        fault.target = path.to_string();
    } else if let Some(mount) = mount
        && mount.version != location.kv_version
    {
        // The settings name another version than the engine has.
        fault.cause = Cause::Kv(match mount.version {
            KvVersion::One => KvProblem::V2PathOnV1 {
                meant: location.display_path(),
            },
            KvVersion::Two => KvProblem::V1PathOnV2,
        });
    } else if location.kv_version == KvVersion::One
        && let Some(below) = location.path.strip_prefix("data/")
    {
        let meant = path.with_path(&format!("{}/{below}", location.mount));
        fault.cause = Cause::Kv(KvProblem::V2PathOnV1 { meant });
    }
    fault
}

/// The field that the path names, or all of them.
fn picked(
    mut data: SecretData,
    location: Location,
    path: &SecretPath,
) -> Result<ReadSecret, ReadFault> {
    if let Some(field) = &path.field {
        let Some(value) = data.fields.0.get(field).cloned() else {
            let present: Vec<String> = data.fields.0.keys().cloned().collect();
            let message = format!("the secret has no field '{field}'");
            let asked = field.clone();
            let cause = Cause::Kv(KvProblem::NoField { asked, present });
            return Err(Box::new(Fault::new(
                StepId::Read,
                Side::Vault,
                location.api_path(),
                location.display_path(),
                cause,
                message,
            )));
        };
        let mut one = serde_json::Map::new();
        one.insert(field.clone(), value);
        data.fields = Fields(one);
    }
    Ok(ReadSecret {
        location,
        version: data.version,
        created_at: data.created_at,
        fields: data.fields,
    })
}

/// What a person would type for the same read.
fn get_command(location: &Location, path: &SecretPath) -> String {
    let mount = format!("-mount={}", location.mount);
    let version = path.version.map(|version| format!("-version={version}"));
    let field = path.field.as_ref().map(|field| format!("-field={field}"));
    let mut words = vec!["vault", "kv", "get", &mount];
    words.extend(version.as_deref());
    words.extend(field.as_deref());
    words.push(&location.path);
    crate::shell::command(words)
}
