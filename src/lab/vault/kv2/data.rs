//! Reading and writing versions.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::secret::{Actor, Secret};
use super::{Asker, Kv2};
use crate::lab::vault::fields::Fields;
use crate::lab::vault::reply::{Outcome, Refusal, Reply, with};

const FIELDS: [&str; 4] = ["data", "options", "path", "version"];

impl Kv2 {
    pub(super) fn read(&self, name: &str, fields: Fields<'_>, now: SystemTime) -> Outcome {
        self.version(name, fields, now, |data| json!({ "data": data }))
    }

    /// The names of a secret's fields, without their values.
    pub(super) fn subkeys(&self, name: &str, fields: Fields<'_>, now: SystemTime) -> Outcome {
        let depth = fields.int("depth")?.unwrap_or_default();
        self.version(
            name,
            fields,
            now,
            |data| json!({ "subkeys": data.map(|data| names(data, depth)) }),
        )
    }

    fn version(
        &self,
        name: &str,
        fields: Fields<'_>,
        now: SystemTime,
        show: impl Fn(Option<&Map<String, Value>>) -> Value,
    ) -> Outcome {
        let asked = fields.int("version")?.unwrap_or_default();
        let secret = self.secrets.get(name).ok_or_else(Refusal::absent)?;
        let asked = u64::try_from(asked).ok().filter(|number| *number > 0);
        let number = asked.unwrap_or(secret.current);
        let version = secret.versions.get(&number).ok_or_else(Refusal::absent)?;
        let is_gone = version.is_gone(now);
        let shown = show(Some(&version.data).filter(|_| !is_gone));
        let shown = with(shown, "metadata", secret.about(number));
        Ok(if is_gone {
            Reply::gone(shown)
        } else {
            Reply::data(shown)
        })
    }

    pub(super) fn write(&mut self, name: &str, fields: Fields<'_>, asker: &Asker<'_>) -> Outcome {
        let data = fields.map("data")?;
        let data = data.ok_or_else(|| Refusal::bad("no data provided"))?;
        self.check_cas(name, fields)?;
        let operation = if self.secrets.contains_key(name) {
            "update"
        } else {
            "create"
        };
        self.add(name, data, Actor::new(asker, operation), asker.now, fields)
    }

    /// Merges into what is there: RFC 7396.
    pub(super) fn patch(&mut self, name: &str, fields: Fields<'_>, asker: &Asker<'_>) -> Outcome {
        let patch = fields.map("data")?;
        let patch = patch.ok_or_else(|| Refusal::bad("no data provided"))?;
        let Some(secret) = self.secrets.get(name) else {
            return Ok(Reply::gone_silently());
        };
        let Some(version) = secret.versions.get(&secret.current) else {
            return Ok(Reply::gone_silently());
        };
        if version.is_gone(asker.now) {
            return Ok(Reply::gone(secret.about(secret.current)));
        }
        let mut data = version.data.clone();
        merge(&mut data, patch);
        self.check_cas(name, fields)?;
        self.add(name, data, Actor::new(asker, "patch"), asker.now, fields)
    }

    fn add(
        &mut self,
        name: &str,
        data: Map<String, Value>,
        actor: Actor,
        now: SystemTime,
        fields: Fields<'_>,
    ) -> Outcome {
        let secret = self
            .secrets
            .entry(name.to_owned())
            .or_insert_with(|| Secret::new(now));
        secret.add(data, &self.settings, actor, now);
        let about = secret.about(secret.current);
        Ok(Reply::data(about).note_unknown(fields.given, &FIELDS))
    }

    /// Compares the version that the writer wants to replace.
    fn check_cas(&self, name: &str, fields: Fields<'_>) -> Result<(), Refusal> {
        let options = fields.map("options")?.unwrap_or_default();
        let secret = self.secrets.get(name);
        let is_required =
            self.settings.cas_required || secret.is_some_and(|secret| secret.settings.cas_required);
        let Some(cas) = options.get("cas") else {
            return if is_required {
                let words = "check-and-set parameter required for this call";
                Err(Refusal::bad(words))
            } else {
                Ok(())
            };
        };
        let wanted = match cas {
            Value::Null => Some(0),
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        let wanted = wanted.ok_or_else(|| Refusal::bad("error parsing check-and-set parameter"))?;
        if wanted == secret.map_or(0, |secret| secret.current) {
            Ok(())
        } else {
            let words = "check-and-set parameter did not match the current version";
            Err(Refusal::bad(words))
        }
    }
}

pub(super) fn merge(into: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match (into.get_mut(&name), value) {
            (_, Value::Null) => {
                into.remove(&name);
            }
            (Some(Value::Object(into)), Value::Object(patch)) => merge(into, patch),
            (_, Value::Object(patch)) => {
                let mut entries = Map::new();
                merge(&mut entries, patch);
                into.insert(name, Value::Object(entries));
            }
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}

/// What has names of its own shows them, down to the depth; zero for all.
fn names(data: &Map<String, Value>, depth: i64) -> Value {
    let shown = data.iter().map(|(name, value)| {
        let below = match value {
            Value::Object(entries) if depth != 1 && !entries.is_empty() => {
                names(entries, depth.saturating_sub(1))
            }
            _ => Value::Null,
        };
        (name.clone(), below)
    });
    Value::Object(shown.collect())
}
