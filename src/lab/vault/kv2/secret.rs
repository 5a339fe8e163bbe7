//! A secret and its versions.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Asker;
use crate::lab::vault::go;

/// How many versions are kept where nothing is said.
const DEFAULT_MAX_VERSIONS: u64 = 10;

/// What the engine or a secret says of its versions. Zero and `false` say
/// nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) max_versions: u32,
    pub(super) cas_required: bool,
    /// In seconds; less than zero for never.
    pub(super) delete_version_after: i64,
}

/// What a request says of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) max_versions: Option<u32>,
    pub(super) cas_required: Option<bool>,
    pub(super) delete_version_after: Option<i64>,
}

pub(super) struct Secret {
    pub(super) settings: Settings,
    pub(super) custom_metadata: Option<Map<String, Value>>,
    created: SystemTime,
    updated: SystemTime,
    pub(super) current: u64,
    pub(super) oldest: u64,
    pub(super) versions: BTreeMap<u64, Version>,
    last_updated_by: Option<Actor>,
}

pub(super) struct Version {
    /// Gone once it is destroyed.
    pub(super) data: Map<String, Value>,
    created: SystemTime,
    deletion: Option<SystemTime>,
    is_destroyed: bool,
    created_by: Actor,
    deleted_by: Option<Actor>,
}

/// Who changed something, and how.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    name: String,
    operation: &'static str,
    client_id: Option<String>,
    entity_id: Option<String>,
}

impl Settings {
    pub(super) fn change(&mut self, wanted: &Wanted) {
        if let Some(max_versions) = wanted.max_versions {
            self.max_versions = max_versions;
        }
        if let Some(cas_required) = wanted.cas_required {
            self.cas_required = cas_required;
        }
        if let Some(after) = wanted.delete_version_after {
            self.delete_version_after = after;
        }
    }

    /// How many versions are kept of a secret of this engine.
    fn versions_kept(&self, secret: &Settings) -> u64 {
        let own = [secret.max_versions, self.max_versions];
        let own = own.into_iter().find(|count| *count > 0);
        own.map_or(DEFAULT_MAX_VERSIONS, u64::from)
    }

    /// After how many seconds a version of a secret of this engine is deleted.
    fn deletes_after(&self, secret: &Settings) -> Option<u64> {
        if self.delete_version_after < 0 || secret.delete_version_after < 0 {
            return None;
        }
        let both = [self.delete_version_after, secret.delete_version_after];
        let said = both.into_iter().filter(|seconds| *seconds > 0);
        said.min().and_then(|seconds| u64::try_from(seconds).ok())
    }
}

impl Secret {
    pub(super) fn new(now: SystemTime) -> Self {
        Secret {
            settings: Settings::default(),
            custom_metadata: None,
            created: now,
            updated: now,
            current: 0,
            oldest: 0,
            versions: BTreeMap::new(),
            last_updated_by: None,
        }
    }

    /// Adds a version and drops those that are too many.
    pub(super) fn add(
        &mut self,
        data: Map<String, Value>,
        engine: &Settings,
        actor: Actor,
        now: SystemTime,
    ) {
        self.current += 1;
        self.updated = now;
        self.last_updated_by = Some(actor.clone());
        let after = engine.deletes_after(&self.settings);
        let version = Version {
            data,
            created: now,
            deletion: after.and_then(|seconds| now.checked_add(Duration::from_secs(seconds))),
            is_destroyed: false,
            created_by: actor,
            deleted_by: None,
        };
        self.versions.insert(self.current, version);
        let kept = engine.versions_kept(&self.settings);
        if self.current > kept {
            self.oldest = self.current - kept + 1;
            let oldest = self.oldest;
            self.versions.retain(|number, _| *number >= oldest);
        }
    }

    /// Deletes versions; tells whether one was there to be deleted.
    pub(super) fn delete(&mut self, versions: &[u64], actor: &Actor, now: SystemTime) -> bool {
        let mut found = false;
        for number in versions {
            if let Some(version) = self.versions.get_mut(number)
                && !version.is_gone(now)
            {
                version.deletion = Some(now);
                version.deleted_by = Some(actor.clone());
                found = true;
            }
        }
        self.last_updated_by = Some(actor.clone());
        found
    }

    pub(super) fn undelete(&mut self, versions: &[u64], actor: &Actor) {
        for number in versions {
            if let Some(version) = self.versions.get_mut(number)
                && !version.is_destroyed
            {
                version.deletion = None;
                version.deleted_by = None;
            }
        }
        self.last_updated_by = Some(actor.clone());
    }

    pub(super) fn destroy(&mut self, versions: &[u64]) {
        for number in versions {
            if let Some(version) = self.versions.get_mut(number) {
                version.is_destroyed = true;
                version.data.clear();
            }
        }
    }

    /// What a write of a version, or a read of it, says about it.
    pub(super) fn about(&self, number: u64) -> Value {
        let version = self.versions.get(&number);
        json!({
            "created_time": version.map(|version| go::rfc3339_nanos(version.created)),
            "custom_metadata": self.custom_metadata,
            "deletion_time": version.map(Version::deletion_time),
            "destroyed": version.is_some_and(|version| version.is_destroyed),
            "version": number,
        })
    }

    /// What the secret's metadata say.
    pub(super) fn metadata(&self) -> Value {
        let versions = self.versions.iter().map(|(number, version)| {
            let shown = json!({
                "created_by": version.created_by.shown(),
                "created_time": go::rfc3339_nanos(version.created),
                "deleted_by": version.deleted_by.as_ref().map(Actor::shown),
                "deletion_time": version.deletion_time(),
                "destroyed": version.is_destroyed,
            });
            (number.to_string(), shown)
        });
        json!({
            "cas_required": self.settings.cas_required,
            "created_time": go::rfc3339_nanos(self.created),
            "current_version": self.current,
            "custom_metadata": self.custom_metadata,
            "delete_version_after": period(self.settings.delete_version_after),
            "last_updated_by": self.last_updated_by.as_ref().map(Actor::shown),
            "max_versions": self.settings.max_versions,
            "oldest_version": self.oldest,
            "updated_time": go::rfc3339_nanos(self.updated),
            "versions": versions.collect::<Map<String, Value>>(),
        })
    }
}

impl Version {
    pub(super) fn is_gone(&self, now: SystemTime) -> bool {
        self.is_destroyed || self.deletion.is_some_and(|deletion| deletion <= now)
    }

    fn deletion_time(&self) -> String {
        self.deletion.map(go::rfc3339_nanos).unwrap_or_default()
    }
}

impl Actor {
    pub(super) fn new(asker: &Asker<'_>, operation: &'static str) -> Self {
        let token = asker.token;
        let entity_id = Some(token.entity.clone()).filter(|id| !id.is_empty());
        let of_token = || {
            let mut bytes = token.accessor.clone().into_bytes();
            bytes.resize(32, 0);
            STANDARD.encode(bytes)
        };
        Actor {
            name: token.display_name.clone(),
            operation,
            client_id: Some(entity_id.clone().unwrap_or_else(of_token)),
            entity_id,
        }
    }

    /// The engine itself, when it becomes one of this version.
    pub(super) fn upgrade() -> Self {
        Actor {
            name: "kv_upgrade".to_owned(),
            operation: "upgrade",
            client_id: None,
            entity_id: None,
        }
    }

    fn shown(&self) -> Value {
        let mut shown = json!({ "actor": self.name, "operation": self.operation });
        for (name, id) in [
            ("client_id", &self.client_id),
            ("entity_id", &self.entity_id),
        ] {
            if let (Some(id), Some(shown)) = (id, shown.as_object_mut()) {
                shown.insert(name.to_owned(), json!(id));
            }
        }
        shown
    }
}

/// A length of time, as the engine shows it.
pub(super) fn period(seconds: i64) -> String {
    let text = go::duration(seconds.unsigned_abs());
    if seconds < 0 {
        format!("-{text}")
    } else {
        text
    }
}
