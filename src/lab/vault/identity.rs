//! Whom Vault takes several logins for: an entity, known by an alias in a mount.

use std::collections::BTreeMap;

use serde_json::json;

use super::fields::Fields;
use super::reply::{Outcome, Refusal, Reply};
use crate::lab::random;

/// The ids of the entities, by alias and accessor of the mount that knows it. None is
/// ever disabled.
#[derive(Default)]
pub(super) struct Entities(BTreeMap<(String, String), String>);

impl Entities {
    /// The entity behind an alias, which is made where there is none.
    pub(super) fn of_login(&mut self, alias: &str, accessor: &str) -> String {
        let entry = self.0.entry((alias.to_owned(), accessor.to_owned()));
        entry.or_insert_with(random::uuid).clone()
    }

    /// Answers `identity/lookup/entity`, asked for an alias.
    pub(super) fn lookup(&self, fields: Fields<'_>) -> Outcome {
        let alias = fields.text("alias_name")?;
        let alias = alias.zip(fields.text("alias_mount_accessor")?);
        let alias = alias.ok_or_else(|| {
            Refusal::bad("both 'alias_name' and 'alias_mount_accessor' needs to be set")
        })?;
        Ok(match self.0.get(&alias) {
            Some(id) => Reply::data(json!({ "id": id, "disabled": false })),
            None => Reply::nothing(204),
        })
    }
}
