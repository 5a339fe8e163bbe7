//! The KV engine, version 1 and 2: where a secret lies, and reading it.

pub mod write;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroize as _;

use super::client::{Reply, Request, VaultClient};
use super::token::{Denial, denial};
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
        403 => match denial(reply) {
            Some(Denial::Token) => Some(KvProblem::TokenInvalid),
            Some(Denial::Bare) => Some(KvProblem::TokenRefused),
            _ if mount == MountSeen::Found => Some(KvProblem::Denied {
                mount: location.mount.clone(),
            }),
            _ => Some(KvProblem::DeniedOrNoMount),
        },
        400 if is_upgrading(reply) => Some(KvProblem::Upgrading),
        _ => None,
    };
    // A success that holds no secret is no answer of a KV engine.
    let otherwise = if reply.is_success() {
        Cause::Transport(Transport::NotVault)
    } else {
        Cause::Answered
    };
    let cause = problem.map_or(otherwise, Cause::Kv);
    Err(reply.fault(
        StepId::Read,
        Side::Vault,
        &location.api_path(),
        &location.display_path(),
        cause,
    ))
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
    if !reply.warnings().is_empty() && location.kv_version == KvVersion::One {
        return Some(KvProblem::V1PathOnV2);
    }
    errors
        .is_empty()
        .then_some(KvProblem::NoSecret { asked, mount })
}
