//! Reading and writing versions.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::secret::{Secret, actor};
use super::{Asker, Kv2};
use crate::lab::vault::fields::{Fields, set};
use crate::lab::vault::reply::{Outcome, Refusal, Reply};

impl Kv2 {
    pub(super) fn read(&self, name: &str, fields: Fields<'_>) -> Outcome {
        let asked = fields.int("version")?.unwrap_or_default();
        let secret = self.0.get(name).ok_or_else(Refusal::absent)?;
        let asked = u64::try_from(asked).ok().filter(|number| *number > 0);
        let number = asked.unwrap_or(secret.current);
        let version = secret.versions.get(&number).ok_or_else(Refusal::absent)?;
        let is_gone = version.is_gone();
        let data = Some(&version.data).filter(|_| !is_gone);
        let shown = json!({ "data": data, "metadata": secret.about(number) });
        let reply = if is_gone { Reply::gone } else { Reply::data };
        Ok(reply(shown))
    }

    pub(super) fn write(&mut self, name: &str, fields: Fields<'_>, asker: &Asker<'_>) -> Outcome {
        let data = data(fields)?;
        self.check_cas(name, fields)?;
        let is_new = !self.0.contains_key(name);
        let operation = if is_new { "create" } else { "update" };
        Ok(self.add(name, data, operation, asker))
    }

    /// Merges into what is there: RFC 7396.
    pub(super) fn patch(&mut self, name: &str, fields: Fields<'_>, asker: &Asker<'_>) -> Outcome {
        let patch = data(fields)?;
        let Some(secret) = self.0.get(name) else {
            return Ok(Reply::nothing(404));
        };
        let Some(version) = secret.versions.get(&secret.current) else {
            return Ok(Reply::nothing(404));
        };
        if version.is_gone() {
            return Ok(Reply::gone(secret.about(secret.current)));
        }
        let mut data = version.data.clone();
        merge(&mut data, patch);
        self.check_cas(name, fields)?;
        Ok(self.add(name, data, "patch", asker))
    }

    fn add(&mut self, name: &str, data: Value, operation: &str, asker: &Asker<'_>) -> Reply {
        let secret = self.secret(name, asker.now);
        secret.add(data, actor(asker, operation), asker.now);
        Reply::data(secret.about(secret.current))
    }

    pub(super) fn write_metadata(
        &mut self,
        name: &str,
        fields: Fields<'_>,
        now: SystemTime,
    ) -> Outcome {
        let max_versions = fields.int("max_versions")?;
        let cas_required = fields.truth("cas_required")?;
        let secret = self.secret(name, now);
        let max_versions = max_versions.map(|count| u64::try_from(count).unwrap_or_default());
        set(&mut secret.max_versions, max_versions);
        set(&mut secret.cas_required, cas_required);
        Ok(Reply::nothing(204))
    }

    fn secret(&mut self, name: &str, now: SystemTime) -> &mut Secret {
        let entry = self.0.entry(name.to_owned());
        entry.or_insert_with(|| Secret::new(now))
    }

    /// Compares the version that the writer wants to replace.
    fn check_cas(&self, name: &str, fields: Fields<'_>) -> Result<(), Refusal> {
        let secret = self.0.get(name);
        let options = fields.map("options")?.unwrap_or_default();
        let words = match Fields::new(&options).int("cas")? {
            Some(cas) if u64::try_from(cas) == Ok(secret.map_or(0, |secret| secret.current)) => {
                return Ok(());
            }
            Some(_) => "check-and-set parameter did not match the current version",
            None if secret.is_some_and(|secret| secret.cas_required) => {
                "check-and-set parameter required for this call"
            }
            None => return Ok(()),
        };
        Err(Refusal::bad(words))
    }
}

fn data(fields: Fields<'_>) -> Result<Value, Refusal> {
    let data = fields.map("data")?.map(Value::Object);
    data.ok_or_else(|| Refusal::bad("no data provided"))
}

fn merge(into: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *into = patch;
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (name, value) in patch {
        match into.as_object_mut() {
            Some(into) if value.is_null() => drop(into.remove(&name)),
            Some(into) => merge(into.entry(name).or_insert(Value::Null), value),
            None => {}
        }
    }
}
