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

impl Kv2 {
    /// Tells whether what a write is about is there, on paths that ask that.
    pub(super) fn exists(&self, path: &str) -> Option<bool> {
        match path.split_once('/')? {
            ("data" | "metadata", name) => Some(self.0.contains_key(name)),
            _ => None,
        }
    }

    pub(super) fn handle(&mut self, path: &str, call: &Call, asker: &Asker<'_>) -> Outcome {
        use Operation::{Delete, List, Patch, Read, Write};
        let fields = Fields::new(&call.fields);
        let of_existing = Fields::of_existing(&call.fields);
        let (head, name) = path.split_once('/').unwrap_or((path, ""));
        let is_name = !name.is_empty() && !name.ends_with('/');
        match (head, call.operation) {
            ("metadata", List) => Reply::keys(children(self.0.keys(), name)),
            (_, List) => Ok(invalid_path("list")),
            ("data" | "metadata", _) if path == head => Ok(Reply::remark(
                404,
                "Non-listing operations on the root of a K/V v2 mount are not supported.",
            )),
            ("data", Read) if is_name => self.read(name, fields),
            ("data", Write) if is_name => self.write(name, of_existing, asker),
            ("data", Patch) if is_name => self.patch(name, fields, asker),
            ("data", Delete) if is_name => {
                if let Some(secret) = self.0.get_mut(name) {
                    secret.delete(&[secret.current], &actor(asker, "delete"), asker.now);
                }
                Ok(Reply::nothing(204))
            }
            ("metadata", Read) => {
                let secret = self.0.get(name).ok_or_else(Refusal::absent)?;
                Ok(Reply::data(secret.metadata()))
            }
            ("metadata", Write) if is_name => self.write_metadata(name, of_existing, asker.now),
            ("metadata", Delete) => {
                self.0.remove(name);
                Ok(Reply::nothing(204))
            }
            ("delete" | "undelete" | "destroy", Write) if is_name => {
                self.change(head, name, fields, asker)
            }
            (_, operation) => Ok(invalid_path(match operation {
                Write => "put",
                Patch => "patch",
                Delete => "delete",
                _ => "get",
            })),
        }
    }

    fn change(
        &mut self,
        change: &str,
        name: &str,
        fields: Fields<'_>,
        asker: &Asker<'_>,
    ) -> Outcome {
        let versions = fields.list("versions")?.unwrap_or_default();
        let versions = versions.iter().filter_map(|number| number.parse().ok());
        let versions: Vec<u64> = versions.collect();
        if versions.is_empty() {
            return Err(Refusal::bad(match change {
                "destroy" => "no version number provided",
                _ => "No version number provided",
            }));
        }
        if let Some(secret) = self.0.get_mut(name) {
            match change {
                "delete" => secret.delete(&versions, &actor(asker, "update"), asker.now),
                "undelete" => secret.undelete(&versions, actor(asker, "undelete")),
                _ => secret.destroy(&versions),
            }
        }
        Ok(Reply::nothing(204))
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
