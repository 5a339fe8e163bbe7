//! A secret and its versions.

use std::collections::BTreeMap;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Asker;
use crate::lab::clock::rfc3339;
use crate::lab::vault::reply::with;

/// How many versions are kept where nothing is said.
const DEFAULT_MAX_VERSIONS: u64 = 10;

pub(super) struct Secret {
    /// Zero for the default.
    pub(super) max_versions: u64,
    pub(super) cas_required: bool,
    created: SystemTime,
    updated: SystemTime,
    pub(super) current: u64,
    oldest: u64,
    pub(super) versions: BTreeMap<u64, Version>,
    /// As [`actor`] shows one.
    last_updated_by: Value,
}

pub(super) struct Version {
    /// Gone once it is destroyed.
    pub(super) data: Value,
    created: SystemTime,
    deletion: Option<SystemTime>,
    is_destroyed: bool,
    created_by: Value,
    deleted_by: Value,
}

impl Secret {
    pub(super) fn new(now: SystemTime) -> Self {
        Secret {
            max_versions: 0,
            cas_required: false,
            created: now,
            updated: now,
            current: 0,
            oldest: 0,
            versions: BTreeMap::new(),
            last_updated_by: Value::Null,
        }
    }

    /// Adds a version and drops those that are too many.
    pub(super) fn add(&mut self, data: Value, by: Value, now: SystemTime) {
        self.current += 1;
        self.updated = now;
        self.last_updated_by = by.clone();
        let version = Version {
            data,
            created: now,
            deletion: None,
            is_destroyed: false,
            created_by: by,
            deleted_by: Value::Null,
        };
        self.versions.insert(self.current, version);
        let kept = match self.max_versions {
            0 => DEFAULT_MAX_VERSIONS,
            count => count,
        };
        if self.current > kept {
            self.oldest = self.current - kept + 1;
            self.versions = self.versions.split_off(&self.oldest);
        }
    }

    pub(super) fn delete(&mut self, versions: &[u64], by: &Value, now: SystemTime) {
        for number in versions {
            if let Some(version) = self.versions.get_mut(number)
                && !version.is_gone()
            {
                version.deletion = Some(now);
                version.deleted_by = by.clone();
            }
        }
        self.last_updated_by = by.clone();
    }

    pub(super) fn undelete(&mut self, versions: &[u64], by: Value) {
        for number in versions {
            if let Some(version) = self.versions.get_mut(number)
                && !version.is_destroyed
            {
                version.deletion = None;
                version.deleted_by = Value::Null;
            }
        }
        self.last_updated_by = by;
    }

    pub(super) fn destroy(&mut self, versions: &[u64]) {
        for number in versions {
            if let Some(version) = self.versions.get_mut(number) {
                version.is_destroyed = true;
                version.data = Value::Null;
            }
        }
    }

    /// What a write of a version, or a read of it, says about it.
    pub(super) fn about(&self, number: u64) -> Value {
        let version = self.versions.get(&number);
        json!({
            "created_time": version.map(|version| rfc3339(version.created)),
            "custom_metadata": null,
            "deletion_time": version.map(Version::deletion_time),
            "destroyed": version.is_some_and(|version| version.is_destroyed),
            "version": number,
        })
    }

    /// What the secret's metadata say.
    pub(super) fn metadata(&self) -> Value {
        let versions = self.versions.iter().map(|(number, version)| {
            let shown = json!({
                "created_by": version.created_by,
                "created_time": rfc3339(version.created),
                "deleted_by": version.deleted_by,
                "deletion_time": version.deletion_time(),
                "destroyed": version.is_destroyed,
            });
            (number.to_string(), shown)
        });
        json!({
            "cas_required": self.cas_required,
            "created_time": rfc3339(self.created),
            "current_version": self.current,
            "custom_metadata": null,
            "delete_version_after": "0s",
            "last_updated_by": self.last_updated_by,
            "max_versions": self.max_versions,
            "oldest_version": self.oldest,
            "updated_time": rfc3339(self.updated),
            "versions": versions.collect::<Map<String, Value>>(),
        })
    }
}

impl Version {
    pub(super) fn is_gone(&self) -> bool {
        self.is_destroyed || self.deletion.is_some()
    }

    fn deletion_time(&self) -> String {
        self.deletion.map(rfc3339).unwrap_or_default()
    }
}

/// Who changed something, and how.
pub(super) fn actor(asker: &Asker<'_>, operation: &str) -> Value {
    let token = asker.token;
    let client = match token.entity.as_str() {
        "" => STANDARD.encode(&token.accessor),
        entity => entity.to_owned(),
    };
    let shown = json!({
        "actor": token.display_name,
        "client_id": client,
        "operation": operation,
    });
    if token.entity.is_empty() {
        return shown;
    }
    with(shown, "entity_id", json!(token.entity))
}
