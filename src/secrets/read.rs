//! Reading several secrets at once, without asking first what the engine is:
//! the read in the form of version 2 and the look-up of the mount run side by
//! side, and only a wrong guess costs a second read.

use std::collections::BTreeMap;

use futures_util::future::{FutureExt as _, LocalBoxFuture, Shared};
use futures_util::stream::{self, StreamExt as _};

use super::SecretPath;
use crate::fault::{Cause, Fault, KvProblem, MountSeen, Side};
use crate::login::Run;
use crate::secret::Secret;
use crate::settings::{KvSettings, KvVersion};
use crate::trace::StepId;
use crate::vault::client::{Reply, VaultClient};
use crate::vault::kv::{self, Fields, Location, SecretData};
use crate::vault::namespace::with_variable;
use crate::vault::sys::{Mount, MountLookup, lookup_mount};

/// How many reads are under way at once.
const AT_ONCE: usize = 32;

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
            if right.api_path() != location.api_path() {
                reply = self.ask(&right, path).await;
            }
            location = right;
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
                .map_err(|fault| sharpened(fault, found.as_ref(), &location))?;
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

/// Another engine must not be read by guess: a read can create credentials.
fn is_kv(mount: &Mount) -> bool {
    matches!(mount.kind.as_str(), "kv" | "generic" | "cubbyhole")
}

/// Where a path lies as long as Vault was not asked.
fn guess(settings: &KvSettings, path: &SecretPath) -> Location {
    let version = settings.version.unwrap_or(KvVersion::Two);
    let (mount, below) = if let Some(mount) = &settings.mount {
        (mount.as_str(), path.path.as_str())
    } else if let Some((mount, below)) = settings
        .known_mount
        .as_deref()
        .and_then(|mount| Some((mount, path.below(mount)?)))
    {
        (mount, below)
    } else {
        let mount = path.first_part();
        (mount, path.below(mount).unwrap_or_default())
    };
    location(mount, below, version)
}

/// The path with its mount in front.
fn full_path(settings: &KvSettings, path: &SecretPath) -> String {
    match &settings.mount {
        Some(mount) => format!("{mount}/{}", path.path),
        None => path.path.clone(),
    }
}

/// Where a path lies in a mount that was found.
fn locate(mount: &Mount, full: &str, version: Option<KvVersion>) -> Location {
    let below = full.strip_prefix(&mount.path).unwrap_or(full);
    location(
        &mount.path,
        below.trim_start_matches('/'),
        version.unwrap_or(mount.version),
    )
}

/// Both `kv/kong/db` and the API's own `kv/data/kong/db` are understood.
fn location(mount: &str, below: &str, kv_version: KvVersion) -> Location {
    let path = match kv_version {
        KvVersion::Two => below.strip_prefix("data/").unwrap_or(below),
        KvVersion::One => below,
    };
    Location {
        mount: mount.to_owned(),
        path: path.to_owned(),
        kv_version,
    }
}

/// Adds to a fault what the look-up of the mount and the form of the path tell.
fn sharpened(mut fault: ReadFault, mount: Option<&Mount>, location: &Location) -> ReadFault {
    let is_absent = matches!(fault.cause, Cause::Kv(KvProblem::NoSecret { .. }));
    let says_data = |text: &str| text.starts_with("data/");
    if let Some(mount) = mount
        && !is_kv(mount)
    {
        fault.cause = Cause::Kv(KvProblem::NotKv {
            kind: mount.kind.clone(),
        });
    } else if is_absent && location.kv_version == KvVersion::One && says_data(&location.path) {
        fault.cause = Cause::Kv(KvProblem::V2PathOnV1);
    } else if is_absent
        && (says_data(&location.path) || location.path.starts_with(&format!("{}/", location.mount)))
    {
        fault.cause = Cause::Kv(KvProblem::DoubledPrefix);
    }
    fault.target = location.display_path();
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
            let cause = Cause::Kv(KvProblem::NoField { present });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(
        mount: Option<&str>,
        known: Option<&str>,
        version: Option<KvVersion>,
    ) -> KvSettings {
        KvSettings {
            mount: mount.map(str::to_owned),
            known_mount: known.map(str::to_owned),
            version,
            namespace: None,
            prefix: "kong/".to_owned(),
        }
    }

    #[test]
    fn a_path_is_guessed_to_lie_in_its_first_part() {
        let cases = [
            (settings(None, None, None), "kv/kong/db", "kv/data/kong/db"),
            (
                settings(None, None, None),
                "kv/data/kong/db",
                "kv/data/kong/db",
            ),
            (
                settings(None, None, Some(KvVersion::One)),
                "kv/kong/db",
                "kv/kong/db",
            ),
            (
                settings(Some("team/kv"), None, None),
                "kong/db",
                "team/kv/data/kong/db",
            ),
            (
                settings(None, Some("team/kv"), None),
                "team/kv/kong/db",
                "team/kv/data/kong/db",
            ),
            (
                settings(None, Some("team/kv"), None),
                "other/db",
                "other/data/db",
            ),
        ];
        for (settings, text, expected) in cases {
            let path = SecretPath::parse(text).map(|path| guess(&settings, &path).api_path());
            assert_eq!(path.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_mount_that_was_found_decides() {
        let mount = |path: &str, version| Mount {
            path: path.into(),
            kind: "kv".into(),
            version,
        };
        let cases = [
            (mount("kv", KvVersion::One), "kv/kong/db", "kv/kong/db"),
            (
                mount("kv", KvVersion::One),
                "kv/data/kong/db",
                "kv/data/kong/db",
            ),
            (
                mount("team/kv", KvVersion::Two),
                "team/kv/kong/db",
                "team/kv/data/kong/db",
            ),
        ];
        for (mount, text, expected) in cases {
            assert_eq!(locate(&mount, text, None).api_path(), expected, "{text}");
        }
    }
}
