//! The KV engine, version 2: every write makes a version.

mod data;
mod secret;

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::call::{Call, Operation};
use super::fields::Fields;
use super::kv1::children;
use super::reply::{Outcome, Refusal, Reply};
use super::tokens::Token;
use secret::{Secret, actor};

/// The secrets by their paths.
#[derive(Default)]
pub(super) struct Kv2(BTreeMap<String, Secret>);

/// Who asks, and when.
pub(super) struct Asker<'a> {
    pub(super) token: &'a Token,
    pub(super) now: SystemTime,
}

/// What a path below the mount is about.
#[derive(Clone, Copy)]
enum Target<'p> {
    Data(&'p str),
    Metadata(&'p str),
    Versions(Change, &'p str),
    /// `data` or `metadata` without a name.
    Root,
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Delete,
    Undelete,
    Destroy,
}

impl Kv2 {
    /// Tells whether what a write is about is there, on paths that ask that.
    pub(super) fn exists(&self, path: &str) -> Option<bool> {
        match target(path) {
            Target::Data(name) | Target::Metadata(name) => Some(self.0.contains_key(name)),
            _ => None,
        }
    }

    pub(super) fn handle(&mut self, path: &str, call: &Call, asker: &Asker<'_>) -> Outcome {
        use Operation::{Delete, List, Patch, Read, Write};
        let fields = Fields::new(&call.fields);
        match (target(path), call.operation) {
            (Target::Metadata(name), List) => Reply::keys(children(self.0.keys(), name)),
            (_, List) => Ok(invalid_path("list")),
            (Target::Root, _) => Ok(Reply::remark(
                404,
                "Non-listing operations on the root of a K/V v2 mount are not supported.",
            )),
            (Target::Data(name), Read) => self.read(name, fields, asker.now),
            (Target::Data(name), Write) => {
                self.write(name, Fields::of_existing(&call.fields), asker)
            }
            (Target::Data(name), Patch) => self.patch(name, fields, asker),
            (Target::Data(name), Delete) => {
                if let Some(secret) = self.0.get_mut(name) {
                    secret.delete(&[secret.current], &actor(asker, "delete"), asker.now);
                }
                Ok(Reply::nothing())
            }
            (Target::Metadata(name), Read) => {
                let secret = self.0.get(name).ok_or_else(Refusal::absent)?;
                Ok(Reply::data(secret.metadata()))
            }
            (Target::Metadata(name), Write) if is_name(name) => {
                self.write_metadata(name, Fields::of_existing(&call.fields), asker.now)
            }
            (Target::Metadata(name), Delete) => {
                self.0.remove(name);
                Ok(Reply::nothing())
            }
            (Target::Versions(change, name), Write) => self.change(change, name, fields, asker),
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
        let versions = fields.list("versions")?.unwrap_or_default();
        let versions = versions.iter().filter_map(|number| number.parse().ok());
        let versions: Vec<u64> = versions.collect();
        if versions.is_empty() {
            return Err(Refusal::bad(match change {
                Change::Destroy => "no version number provided",
                Change::Delete | Change::Undelete => "No version number provided",
            }));
        }
        if let Some(secret) = self.0.get_mut(name) {
            match change {
                Change::Delete => secret.delete(&versions, &actor(asker, "update"), asker.now),
                Change::Undelete => secret.undelete(&versions, actor(asker, "undelete")),
                Change::Destroy => secret.destroy(&versions),
            }
        }
        Ok(Reply::nothing())
    }
}

fn target(path: &str) -> Target<'_> {
    let (head, name) = path.split_once('/').unwrap_or((path, ""));
    match head {
        "data" | "metadata" if !path.contains('/') => Target::Root,
        "metadata" => Target::Metadata(name),
        "data" if is_name(name) => Target::Data(name),
        "delete" if is_name(name) => Target::Versions(Change::Delete, name),
        "undelete" if is_name(name) => Target::Versions(Change::Undelete, name),
        "destroy" if is_name(name) => Target::Versions(Change::Destroy, name),
        _ => Target::Unknown,
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.ends_with('/')
}

fn invalid_path(command: &str) -> Reply {
    Reply::remark(
        404,
        format!(
            "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv {command}' for this operation."
        ),
    )
}
