//! The KV engine, version 2: every write makes a version.

mod data;
mod metadata;
mod secret;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::json;

use super::call::{Call, Operation};
use super::fields::{Fields, Validation};
use super::kv1::{Kv1, children};
use super::reply::{Outcome, Refusal, Reply};
use super::tokens::Token;
use secret::{Actor, Secret, Settings, period};

#[derive(Default)]
pub(super) struct Kv2 {
    settings: Settings,
    secrets: BTreeMap<String, Secret>,
}

/// Who asks, and when.
pub(super) struct Asker<'a> {
    pub(super) token: &'a Token,
    pub(super) now: SystemTime,
}

/// What a path below the mount is about.
enum Target<'p> {
    Config,
    Data(&'p str),
    Metadata(&'p str),
    Versions(Change, &'p str),
    Subkeys(&'p str),
    /// `data` or `metadata` without a name.
    Root,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Delete,
    Undelete,
    Destroy,
}

impl Kv2 {
    /// Tells whether what a write is about is there, on paths that ask that
    /// before they ask who may do it.
    pub(super) fn exists(&self, path: &str, call: &Call) -> Result<Option<bool>, Refusal> {
        let fields = Fields::new(&call.fields, Validation::WithExistence);
        match target(path) {
            Target::Data(name) => {
                fields.map("data")?;
                fields.map("options")?;
                Ok(Some(self.secrets.contains_key(name)))
            }
            Target::Metadata(name) if !name.is_empty() => {
                metadata::read(fields)?;
                Ok(Some(self.secrets.contains_key(name)))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn handle(&mut self, path: &str, call: &Call, asker: &Asker<'_>) -> Outcome {
        use Operation::{Delete, List, Patch, Read, Write};
        let fields = Fields::new(&call.fields, Validation::First);
        match (target(path), call.operation) {
            (Target::Metadata(name), List) => Reply::keys(children(self.secrets.keys(), name)),
            (_, List) => Ok(invalid_path("list")),
            (Target::Root, _) => Ok(Reply::remark(
                404,
                "Non-listing operations on the root of a K/V v2 mount are not supported.",
            )),
            (Target::Config, Read) => Ok(Reply::data(json!({
                "cas_required": self.settings.cas_required,
                "delete_version_after": period(self.settings.delete_version_after),
                "max_versions": self.settings.max_versions,
            }))),
            (Target::Config, Write) => {
                let wanted = metadata::read_settings(fields)?;
                self.settings.change(&wanted);
                Ok(Reply::nothing())
            }
            (Target::Data(name), Read) => self.read(name, fields, asker.now),
            (Target::Data(name), Write) => self.write(name, fields, asker),
            (Target::Data(name), Patch) => self.patch(name, fields, asker),
            (Target::Data(name), Delete) => {
                if let Some(secret) = self.secrets.get_mut(name) {
                    let current = secret.current;
                    secret.delete(&[current], &Actor::new(asker, "delete"), asker.now);
                }
                Ok(Reply::nothing())
            }
            (Target::Metadata(name), Read) => self.read_metadata(name),
            (Target::Metadata(name), Write) => self.write_metadata(name, fields, asker.now),
            (Target::Metadata(name), Patch) => self.patch_metadata(name, fields),
            (Target::Metadata(name), Delete) => {
                self.secrets.remove(name);
                Ok(Reply::nothing())
            }
            (Target::Versions(change, name), Write) => self.change(change, name, fields, asker),
            (Target::Subkeys(name), Read) => self.subkeys(name, fields, asker.now),
            (Target::Unknown, operation) => Ok(invalid_path(match operation {
                Write => "put",
                Patch => "patch",
                Delete => "delete",
                _ => "get",
            })),
            _ => Err(Refusal::unsupported_operation()),
        }
    }

    fn change(
        &mut self,
        change: Change,
        name: &str,
        fields: Fields<'_>,
        asker: &Asker<'_>,
    ) -> Outcome {
        let versions = fields.numbers("versions")?.unwrap_or_default();
        let versions = versions.into_iter();
        let versions: Vec<u64> = versions
            .filter_map(|number| u64::try_from(number).ok())
            .collect();
        if versions.is_empty() {
            return Err(Refusal::bad(match change {
                Change::Destroy => "no version number provided",
                Change::Delete | Change::Undelete => "No version number provided",
            }));
        }
        if let Some(secret) = self.secrets.get_mut(name) {
            match change {
                Change::Delete => {
                    secret.delete(&versions, &Actor::new(asker, "update"), asker.now);
                }
                Change::Undelete => secret.undelete(&versions, &Actor::new(asker, "undelete")),
                Change::Destroy => secret.destroy(&versions),
            }
        }
        Ok(Reply::nothing())
    }

    /// The engine that another one of version 1 becomes.
    pub(super) fn upgraded(old: &Kv1, now: SystemTime) -> Self {
        let mut new = Kv2::default();
        for (name, data) in &old.0 {
            let mut secret = Secret::new(now);
            secret.add(data.clone(), &new.settings, Actor::upgrade(), now);
            secret.oldest = 1;
            new.secrets.insert(name.clone(), secret);
        }
        new
    }

    /// Deletes a version, as its deadline does. Tells whether it was there.
    pub(super) fn delete_version(&mut self, name: &str, version: u64, asker: &Asker<'_>) -> bool {
        let Some(secret) = self.secrets.get_mut(name) else {
            return false;
        };
        secret.delete(&[version], &Actor::new(asker, "delete"), asker.now)
    }

    /// Destroys a version. Tells whether it was there.
    pub(super) fn destroy_version(&mut self, name: &str, version: u64) -> bool {
        let Some(secret) = self.secrets.get_mut(name) else {
            return false;
        };
        secret.destroy(&[version]);
        secret.versions.contains_key(&version)
    }
}

fn target(path: &str) -> Target<'_> {
    let (head, name) = path.split_once('/').unwrap_or((path, ""));
    let is_name = !name.is_empty() && !name.ends_with('/');
    match head {
        "data" | "metadata" if !path.contains('/') => Target::Root,
        "config" if path == "config" => Target::Config,
        "metadata" => Target::Metadata(name),
        "data" if is_name => Target::Data(name),
        "delete" if is_name => Target::Versions(Change::Delete, name),
        "undelete" if is_name => Target::Versions(Change::Undelete, name),
        "destroy" if is_name => Target::Versions(Change::Destroy, name),
        "subkeys" if is_name => Target::Subkeys(name),
        _ => Target::Unknown,
    }
}

fn invalid_path(command: &str) -> Reply {
    Reply::remark(
        404,
        format!(
            "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv {command}' for this operation."
        ),
    )
}
