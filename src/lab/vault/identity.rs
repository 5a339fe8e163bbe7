//! Whom Vault takes several logins for: an entity, known by an alias in a mount.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::random;
use super::reply::{Outcome, Refusal, Reply};

/// The entities; none is ever disabled.
#[derive(Default)]
pub(super) struct Entities(Vec<Entity>);

struct Entity {
    id: String,
    alias: String,
    /// Of the mount that knows the alias.
    accessor: String,
}

impl Entities {
    /// The id of the entity behind an alias, which is made where there is none.
    pub(super) fn of_login(&mut self, alias: &str, accessor: &str) -> String {
        if let Some(known) = self.find(alias, accessor) {
            return known.id.clone();
        }
        let id = random::uuid();
        self.0.push(Entity {
            id: id.clone(),
            alias: alias.to_owned(),
            accessor: accessor.to_owned(),
        });
        id
    }

    fn find(&self, alias: &str, accessor: &str) -> Option<&Entity> {
        let mut all = self.0.iter();
        all.find(|entity| entity.alias == alias && entity.accessor == accessor)
    }

    /// Answers `identity/lookup/entity`, asked for an alias.
    pub(super) fn lookup(&self, given: &Map<String, Value>) -> Outcome {
        let fields = Fields::new(given);
        let alias = fields.text("alias_name")?;
        let accessor = fields.text("alias_mount_accessor")?;
        let (Some(alias), Some(accessor)) = (alias, accessor) else {
            let words = "both 'alias_name' and 'alias_mount_accessor' needs to be set";
            return Err(Refusal::bad(words));
        };
        Ok(match self.find(&alias, &accessor) {
            Some(entity) => Reply::data(json!({ "id": entity.id, "disabled": false })),
            None => Reply::nothing(),
        })
    }
}
