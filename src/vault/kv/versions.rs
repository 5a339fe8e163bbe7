//! Which versions of a secret can still be read. The secret itself is not asked for.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::Deserialize;

use super::{Location, fault};
use crate::fault::{Cause, Fault};
use crate::http::date::from_rfc3339;
use crate::secret::Secret;
use crate::trace::StepId;
use crate::vault::client::{Request, VaultClient};

#[derive(Deserialize)]
struct Answer {
    data: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    versions: BTreeMap<String, State>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    deletion_time: String,
    #[serde(default)]
    destroyed: bool,
}

impl State {
    /// A time in the future is no deletion yet.
    fn is_living(&self, now: SystemTime) -> bool {
        let is_deleted = match self.deletion_time.as_str() {
            "" => false,
            time => from_rfc3339(time).is_none_or(|time| time <= now),
        };
        !self.destroyed && !is_deleted
    }
}

/// The numbers of the versions that can be read, the oldest first.
///
/// # Errors
///
/// Nobody answered, or Vault does not show it.
pub async fn living_versions(
    client: &VaultClient,
    location: &Location,
    namespace: Option<&str>,
    token: &Secret,
) -> Result<Vec<u64>, Box<Fault>> {
    let path = format!("{}/metadata/{}", location.mount, location.path);
    let request = Request::get(StepId::Read, &path)
        .token(token)
        .namespace(namespace);
    let reply = client.send(request).await?;
    match reply.json::<Answer>() {
        Some(answer) if reply.is_success() => Ok(living(&answer.data, SystemTime::now())),
        _ => Err(fault(&reply, StepId::Read, location, Cause::Answered)),
    }
}

fn living(metadata: &Metadata, now: SystemTime) -> Vec<u64> {
    let living = metadata.versions.iter();
    let living = living.filter(|(_, state)| state.is_living(now));
    let mut numbers: Vec<u64> = living
        .filter_map(|(number, _)| number.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deleted_or_destroyed_is_no_version_to_read() {
        let text = r#"{ "versions": {
            "1": { "deletion_time": "", "destroyed": true },
            "2": { "deletion_time": "2020-01-01T00:00:00.123456789Z", "destroyed": false },
            "3": { "deletion_time": "", "destroyed": false },
            "9": { "deletion_time": "2100-01-01T00:00:00Z", "destroyed": false },
            "10": { "deletion_time": "", "destroyed": false },
            "11": { "deletion_time": "some day", "destroyed": false }
        } }"#;
        let metadata: Metadata = serde_json::from_str(text).expect("it is metadata");
        let now = from_rfc3339("2026-01-01T00:00:00Z").expect("it is a time");
        assert_eq!(living(&metadata, now), [3, 9, 10]);
    }
}
