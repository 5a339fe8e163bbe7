//! What is kept of a secret beside its versions.

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::Kv2;
use super::data::merge;
use super::secret::{Secret, Wanted};
use crate::lab::vault::fields::{Fields, unconvertible};
use crate::lab::vault::reply::{Outcome, Refusal, Reply};

pub(super) fn read_settings(fields: Fields<'_>) -> Result<Wanted, Refusal> {
    let max_versions = fields.int("max_versions")?;
    #[expect(clippy::cast_possible_truncation, reason = "as Vault cuts it")]
    #[expect(clippy::cast_sign_loss, reason = "as Vault reads it")]
    let max_versions = max_versions.map(|count| count as u32);
    Ok(Wanted {
        max_versions,
        cas_required: fields.bool("cas_required")?,
        delete_version_after: fields.signed_seconds("delete_version_after")?,
    })
}

pub(super) fn read(fields: Fields<'_>) -> Result<(Wanted, Option<Map<String, Value>>), Refusal> {
    Ok((read_settings(fields)?, fields.map("custom_metadata")?))
}

impl Kv2 {
    pub(super) fn read_metadata(&self, name: &str) -> Outcome {
        let secret = self.secrets.get(name).ok_or_else(Refusal::absent)?;
        Ok(Reply::data(secret.metadata()))
    }

    pub(super) fn write_metadata(
        &mut self,
        name: &str,
        fields: Fields<'_>,
        now: SystemTime,
    ) -> Outcome {
        let (wanted, custom) = read(fields)?;
        if let Some(custom) = &custom {
            check_custom(custom)?;
        }
        let secret = self
            .secrets
            .entry(name.to_owned())
            .or_insert_with(|| Secret::new(now));
        secret.settings.change(&wanted);
        if custom.is_some() {
            secret.custom_metadata = custom;
        }
        Ok(Reply::nothing())
    }

    pub(super) fn patch_metadata(&mut self, name: &str, fields: Fields<'_>) -> Outcome {
        let (wanted, custom) = read(fields)?;
        let Some(secret) = self.secrets.get_mut(name) else {
            return Ok(Reply::gone_silently());
        };
        if let Some(custom) = custom {
            let mut merged = secret.custom_metadata.clone().unwrap_or_default();
            merge(&mut merged, custom);
            check_custom(&merged)?;
            secret.custom_metadata = Some(merged);
        }
        secret.settings.change(&wanted);
        Ok(Reply::nothing())
    }
}

fn check_custom(custom: &Map<String, Value>) -> Result<(), Refusal> {
    let wrong = custom.values().find(|value| !value.is_string());
    match wrong {
        Some(value) => Err(Refusal::bad(format!(
            "custom_metadata validation failed: {}",
            unconvertible("", "string", value)
        ))),
        None => Ok(()),
    }
}
