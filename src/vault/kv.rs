//! The KV engine, version 1 and 2: where a secret lies, and reading it.

pub mod versions;
pub mod write;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroize as _;

use super::client::{Reply, Request, VaultClient};
use super::token::{Denial, denial, sentinel};
use crate::fault::{Cause, Fault, KvProblem, MountSeen, Side, Transport};
use crate::secret::Secret;
use crate::settings::KvVersion;
use crate::trace::StepId;

/// Where a secret lies: the mount and the path below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    pub mount: String,
    /// Below the mount, without `data/`.
    pub path: String,
    pub kv_version: KvVersion,
}

impl Location {
    /// The API path of a read.
    pub fn api_path(&self) -> String {
        match self.kv_version {
            KvVersion::One => format!("{}/{}", self.mount, self.path),
            KvVersion::Two => format!("{}/data/{}", self.mount, self.path),
        }
    }

    /// Where a secret of version 2 lies, from the API path of its read and the path
    /// as a person writes it.
    pub fn of_version_two(api: &str, shown: &str) -> Option<Self> {
        const MARK: &str = "/data/";
        let mut cuts = api.match_indices(MARK).map(|(at, _)| api.split_at(at));
        cuts.find_map(|(mount, rest)| {
            let path = rest.strip_prefix(MARK)?;
            (shown.strip_prefix(mount)?.strip_prefix('/') == Some(path)).then(|| Location {
                mount: mount.to_owned(),
                path: path.to_owned(),
                kv_version: KvVersion::Two,
            })
        })
    }

    /// The path as `vault kv get` takes it.
    pub fn display_path(&self) -> String {
        format!("{}/{}", self.mount, self.path)
    }
}

/// A secret as it was read.
pub struct SecretData {
    pub fields: Fields,
    /// KV version 2 only.
    pub version: Option<u64>,
    pub created_at: Option<String>,
}

/// The fields of a secret: shown only where they were asked for.
pub struct Fields(pub Map<String, Value>);

impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        for (_, value) in self.0.iter_mut() {
            wipe(value);
        }
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(entries) => entries.iter_mut().for_each(|(_, value)| wipe(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[derive(Deserialize)]
struct WrappedAnswer {
    #[serde(rename = "wrap_info")]
    _wrap_info: WrapInfo,
}

#[derive(Deserialize)]
struct WrapInfo {
    #[serde(rename = "token")]
    _token: Secret,
}

#[derive(Deserialize)]
struct V1Answer {
    data: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct V2Answer {
    data: Option<V2Data>,
}

#[derive(Deserialize)]
struct V2Data {
    data: Option<Map<String, Value>>,
    metadata: Option<V2Metadata>,
}

#[derive(Deserialize)]
struct V2Metadata {
    #[serde(default)]
    version: u64,
    #[serde(default)]
    created_time: String,
    #[serde(default)]
    deletion_time: String,
    #[serde(default)]
    destroyed: bool,
}

/// Sends the read of a secret. Its answer is judged by [`interpret`], once it
/// is known which engine gave it.
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault.
pub async fn read(
    client: &VaultClient,
    location: &Location,
    version: Option<u64>,
    namespace: Option<&str>,
    token: &Secret,
) -> Result<Reply, Box<Fault>> {
    let path = location.api_path();
    let number = version.map(|number| number.to_string());
    let query: Vec<(&str, &str)> = number
        .iter()
        .map(|number| ("version", number.as_str()))
        .collect();
    let request = Request {
        query: &query,
        ..Request::get(StepId::Read, &path)
    };
    client.send(request.token(token).namespace(namespace)).await
}

/// Judges the answer to a read of `location`.
///
/// # Errors
///
/// The secret, its version or its engine is not there, or may not be read.
pub fn interpret(
    reply: &Reply,
    location: &Location,
    asked: Option<u64>,
    mount: MountSeen,
) -> Result<SecretData, Box<Fault>> {
    if reply.is_success() {
        let read = match location.kv_version {
            KvVersion::One => v1(reply),
            KvVersion::Two => v2(reply),
        };
        if let Some(data) = read {
            return Ok(data);
        }
    }
    let problem = match reply.status {
        404 => not_found(reply, location, asked, mount),
        200 if is_wrapped(reply) => Some(KvProblem::Wrapped),
        400 if is_upgrading(reply) => Some(KvProblem::Upgrading),
        _ => refused(reply, location, mount),
    };
    // A success that holds no secret is no answer of a KV engine.
    let otherwise = if reply.is_success() {
        Cause::Transport(Transport::NotVault)
    } else {
        Cause::Answered
    };
    let cause = problem.map_or(otherwise, Cause::Kv);
    Err(fault(reply, StepId::Read, location, cause))
}

/// The fault of an answer about `location`.
fn fault(reply: &Reply, step: StepId, location: &Location, cause: Cause) -> Box<Fault> {
    let is_wrapped = cause == Cause::Kv(KvProblem::Wrapped);
    let (api, shown) = (location.api_path(), location.display_path());
    let mut fault = reply.fault(step, Side::Vault, &api, &shown, cause);
    if is_wrapped {
        fault.message = "a wrapping token, in place of an answer".to_owned();
    }
    fault
}

/// What the refusal of a token, or of what it asked for, means.
fn refused(reply: &Reply, location: &Location, mount: MountSeen) -> Option<KvProblem> {
    if let Some(policy) = sentinel(reply) {
        return Some(KvProblem::SentinelDenied(policy));
    }
    Some(match denial(reply)? {
        Denial::Token => KvProblem::TokenInvalid,
        Denial::Unplaced => KvProblem::TokenUnplaced,
        Denial::Bare => KvProblem::TokenRefused,
        Denial::Policy if mount == MountSeen::Found => KvProblem::Denied {
            mount: location.mount.clone(),
        },
        Denial::Policy => KvProblem::DeniedOrNoMount,
    })
}

/// Nobody asked for a wrapped answer: Vault gives one where others must approve the
/// request first.
fn is_wrapped(reply: &Reply) -> bool {
    reply.json::<WrappedAnswer>().is_some()
}

/// An engine that is being upgraded says so on the primary, and on those that
/// wait for it.
pub(super) fn is_upgrading(reply: &Reply) -> bool {
    let marks = ["Upgrading from non-versioned", "primary to upgrade"];
    let errors = reply.errors();
    errors
        .iter()
        .any(|error| marks.iter().any(|mark| error.contains(mark)))
}

fn v1(reply: &Reply) -> Option<SecretData> {
    let fields = reply.json::<V1Answer>()?.data?;
    Some(SecretData {
        fields: Fields(fields),
        version: None,
        created_at: None,
    })
}

fn v2(reply: &Reply) -> Option<SecretData> {
    let data = reply.json::<V2Answer>()?.data?;
    let metadata = data.metadata?;
    Some(SecretData {
        fields: Fields(data.data?),
        version: Some(metadata.version),
        created_at: Some(metadata.created_time).filter(|time| !time.is_empty()),
    })
}

/// Tells whether an engine of version 2 says that it was asked in the form of
/// version 1: that is the one thing that it warns of there.
fn is_of_version_two(reply: &Reply, location: &Location) -> bool {
    location.kv_version == KvVersion::One && !reply.warnings().is_empty()
}

/// Tells the kinds of 404 apart. A live version may have a deletion time, in
/// the future: only the status says that it is gone.
fn not_found(
    reply: &Reply,
    location: &Location,
    asked: Option<u64>,
    mount: MountSeen,
) -> Option<KvProblem> {
    let metadata = reply
        .json::<V2Answer>()
        .and_then(|answer| answer.data)
        .and_then(|data| data.metadata);
    if let Some(metadata) = metadata {
        return Some(if metadata.destroyed {
            KvProblem::Destroyed
        } else {
            KvProblem::Deleted {
                time: metadata.deletion_time,
                version: metadata.version,
            }
        });
    }
    let errors = reply.errors();
    if errors
        .iter()
        .any(|error| error.contains("no handler for route"))
    {
        return Some(KvProblem::NoEngine);
    }
    if is_of_version_two(reply, location) {
        return Some(KvProblem::V1PathOnV2);
    }
    errors
        .is_empty()
        .then_some(KvProblem::NoSecret { asked, mount })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_secret_lies_is_told_by_both_its_paths() {
        let mount = |api, shown| Location::of_version_two(api, shown).map(|found| found.mount);
        let cases = [
            ("kv/data/kong/db", "kv/kong/db", Some("kv")),
            ("a/data/b/data/c", "a/b/data/c", Some("a")),
            ("a/data/b/data/c", "a/data/b/c", Some("a/data/b")),
            ("kv/kong/db", "kv/kong/db", None),
        ];
        for (api, shown, expected) in cases {
            assert_eq!(mount(api, shown).as_deref(), expected, "{api} {shown}");
        }
    }
}
