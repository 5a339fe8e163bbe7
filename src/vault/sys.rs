//! `sys/health` and the look-up of mounts.

use serde::Deserialize;

use super::client::{Reply, Request, VaultClient};
use crate::fault::{Cause, Fault, Side, Transport};
use crate::secret::Secret;
use crate::settings::{KvVersion, StsMode};
use crate::trace::StepId;

/// What a Vault says of itself to anybody.
#[derive(Debug, Clone, Deserialize)]
pub struct Health {
    pub initialized: bool,
    pub sealed: bool,
    #[serde(default)]
    pub standby: bool,
    /// Empty where the listener hides it.
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub cluster_name: Option<String>,
}

/// What the question for the health brought.
#[derive(Debug, Clone)]
pub enum HealthAnswer {
    Told(Health),
    /// A gateway in front of Vault does not let the question through.
    Hidden,
}

/// Asks for the health, without token and namespace. A standby is as good as
/// an active node: it forwards.
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault.
pub async fn get_health(client: &VaultClient) -> Result<(HealthAnswer, Reply), Box<Fault>> {
    let request = Request {
        query: &[("standbyok", "true"), ("perfstandbyok", "true")],
        ..Request::get(StepId::Vault, "sys/health")
    };
    let reply = client.send(request).await?;
    if let Some(health) = reply.json::<Health>() {
        return Ok((HealthAnswer::Told(health), reply));
    }
    if matches!(reply.status, 401 | 403 | 404 | 405) {
        return Ok((HealthAnswer::Hidden, reply));
    }
    let fault_of = |cause| {
        let operation = "GET sys/health";
        reply.fault(
            StepId::Vault,
            Side::Vault,
            operation,
            client.address(),
            cause,
        )
    };
    // A Vault that cannot tell its health says so in its own form.
    if !reply.is_success() && !reply.errors().is_empty() {
        return Err(fault_of(Cause::Answered));
    }
    let mut fault = fault_of(Cause::Transport(Transport::NotVault));
    fault.message = format!(
        "status {} without a health report: what answers is not Vault",
        reply.status
    );
    Err(fault)
}

/// Vault can ask the client's region from this version on.
const STS_REGION_FROM_CLIENT: (u32, u32) = (1, 15);

/// Which STS endpoint Vault is to ask: as chosen, else by what its version can.
pub fn sts_mode(chosen: Option<StsMode>, version: Option<&str>) -> StsMode {
    match chosen {
        Some(mode) => mode,
        None if is_too_old(StsMode::Client, version) => StsMode::Regional,
        None => StsMode::Client,
    }
}

/// Tells whether a Vault of this version cannot ask STS in that way.
pub fn is_too_old(mode: StsMode, version: Option<&str>) -> bool {
    mode == StsMode::Client
        && version
            .and_then(minor_version)
            .is_some_and(|version| version < STS_REGION_FROM_CLIENT)
}

/// `1.21.2+ent` is (1, 21).
fn minor_version(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A mounted secrets engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Without a trailing slash.
    pub path: String,
    /// `kv`, `generic`, `database` …
    pub kind: String,
    pub version: KvVersion,
}

/// What the look-up of a mount told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountLookup {
    Found(Mount),
    /// 403: a missing mount and a missing right look the same.
    Hidden,
}

#[derive(Deserialize)]
struct MountAnswer {
    data: MountData,
}

#[derive(Deserialize)]
struct MountData {
    path: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    options: Option<MountOptions>,
}

#[derive(Deserialize)]
struct MountOptions {
    #[serde(default)]
    version: Option<String>,
}

/// Finds the mount that `path` lies in (`sys/internal/ui/mounts`), as the
/// `vault kv` command does.
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault.
pub async fn lookup_mount(
    client: &VaultClient,
    path: &str,
    namespace: Option<&str>,
    token: &Secret,
) -> Result<MountLookup, Box<Fault>> {
    let api_path = format!("sys/internal/ui/mounts/{path}");
    let request = Request::get(StepId::Read, &api_path)
        .token(token)
        .namespace(namespace);
    let reply = client.send(request).await?;
    let found = reply
        .is_success()
        .then(|| reply.json::<MountAnswer>())
        .flatten();
    Ok(found.map_or(MountLookup::Hidden, |answer| {
        let version = answer.data.options.and_then(|options| options.version);
        MountLookup::Found(Mount {
            path: answer.data.path.trim_end_matches('/').to_owned(),
            kind: answer.data.kind,
            version: if version.as_deref() == Some("2") {
                KvVersion::Two
            } else {
                KvVersion::One
            },
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_decides_only_where_nothing_is_chosen() {
        let cases = [
            (None, Some("1.21.2"), StsMode::Client),
            (None, Some("1.9.0+ent"), StsMode::Regional),
            (None, Some("2.7"), StsMode::Client),
            (None, Some("unknown"), StsMode::Client),
            (None, None, StsMode::Client),
            (Some(StsMode::Global), Some("1.9.0"), StsMode::Global),
        ];
        for (chosen, version, expected) in cases {
            assert_eq!(sts_mode(chosen, version), expected, "{version:?}");
        }
    }
}
