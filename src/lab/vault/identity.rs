//! Whom Vault takes several logins for: an entity, known by an alias in a mount.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::fields::{Fields, Validation};
use super::go;
use super::random;
use super::reply::{Outcome, Refusal, Reply};

/// The entities.
#[derive(Debug, Default)]
pub(super) struct Entities(Vec<Entity>);

#[derive(Debug, Clone)]
pub(super) struct Entity {
    pub(super) id: String,
    pub(super) name: String,
    state: EntityState,
    alias: Alias,
    created: SystemTime,
}

/// Whether an entity may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityState {
    Enabled,
    Disabled,
}

/// A name by which a mount knows an entity.
#[derive(Debug, Clone)]
struct Alias {
    id: String,
    name: String,
    accessor: String,
    mount: String,
    kind: &'static str,
    metadata: Option<Map<String, Value>>,
}

/// The mount that knows an alias.
pub(super) struct KnownTo<'m> {
    pub(super) accessor: &'m str,
    pub(super) path: &'m str,
    pub(super) kind: &'static str,
}

impl Entities {
    /// The entity behind an alias, which is made where there is none.
    pub(super) fn of_login(
        &mut self,
        alias: &str,
        mount: &KnownTo<'_>,
        metadata: Option<Map<String, Value>>,
        now: SystemTime,
    ) -> Option<&Entity> {
        let is_known =
            |entity: &Entity| entity.alias.name == alias && entity.alias.accessor == mount.accessor;
        let entity = match self.0.iter().position(is_known) {
            Some(place) => self.0.swap_remove(place),
            None => Entity::new(alias, mount, now),
        };
        self.0.push(entity);
        let entity = self.0.last_mut()?;
        entity.alias.metadata = metadata;
        Some(entity)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Entity> {
        self.0.iter().find(|entity| entity.id == id)
    }

    /// Lets what a mount knows be used, or not.
    pub(super) fn set_state(&mut self, accessor: &str, state: EntityState) {
        let known = self.0.iter_mut();
        for entity in known.filter(|entity| entity.alias.accessor == accessor) {
            entity.state = state;
        }
    }

    /// Forgets the aliases of a mount.
    pub(super) fn forget_mount(&mut self, accessor: &str) {
        self.0.retain(|entity| entity.alias.accessor != accessor);
    }

    /// Answers `identity/lookup/entity`.
    pub(super) fn lookup(&self, given: &Map<String, Value>) -> Outcome {
        let fields = Fields::new(given, Validation::First);
        let text = |name| Ok(fields.text(name)?.filter(|text| !text.is_empty()));
        let (id, name) = (text("id")?, text("name")?);
        let alias = (text("alias_name")?, text("alias_mount_accessor")?);
        let mut all = self.0.iter();
        let found = match (id, name, alias) {
            (Some(id), ..) => all.find(|entity| entity.id == id),
            (_, Some(name), _) => all.find(|entity| entity.name == name),
            (_, _, (Some(name), Some(accessor))) => {
                all.find(|entity| entity.alias.name == name && entity.alias.accessor == accessor)
            }
            (_, _, (None, None)) => return Err(Refusal::bad("query parameter not supplied")),
            _ => {
                let words = "both 'alias_name' and 'alias_mount_accessor' needs to be set";
                return Err(Refusal::bad(words));
            }
        };
        Ok(found.map_or_else(Reply::nothing, |entity| Reply::data(entity.shown())))
    }
}

impl Entity {
    fn new(alias: &str, mount: &KnownTo<'_>, now: SystemTime) -> Self {
        Entity {
            id: random::uuid(),
            name: format!("entity_{}", random::hex(8)),
            state: EntityState::Enabled,
            alias: Alias {
                id: random::uuid(),
                name: alias.to_owned(),
                accessor: mount.accessor.to_owned(),
                mount: mount.path.to_owned(),
                kind: mount.kind,
                metadata: None,
            },
            created: now,
        }
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.state == EntityState::Disabled
    }

    fn shown(&self) -> Value {
        let time = go::rfc3339_nanos(self.created);
        let alias = &self.alias;
        json!({
            "aliases": [{
                "canonical_id": self.id,
                "creation_time": time,
                "custom_metadata": null,
                "id": alias.id,
                "last_update_time": time,
                "local": false,
                "merged_from_canonical_ids": null,
                "metadata": alias.metadata,
                "mount_accessor": alias.accessor,
                "mount_path": format!("auth/{}", alias.mount),
                "mount_type": alias.kind,
                "name": alias.name,
            }],
            "creation_time": time,
            "direct_group_ids": [],
            "disabled": self.is_disabled(),
            "group_ids": [],
            "id": self.id,
            "inherited_group_ids": [],
            "last_update_time": time,
            "merged_entity_ids": null,
            "metadata": null,
            "mfa_secrets": {},
            "name": self.name,
            "namespace_id": "root",
            "policies": [],
        })
    }
}
