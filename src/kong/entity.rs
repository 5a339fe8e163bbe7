//! The vault entity: which field has which value.

use url::Url;

use super::names::check_prefix;
use super::{aws_side, notes, vault_side};
use crate::settings::{Id, Settings, SettingsError, SettingsProblem};

/// Kong's vault of type `hcv` with the login `aws_iam`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    pub prefix: String,
    /// In the order in which they are written.
    pub fields: Vec<Field>,
    /// What a person should know of it, in whole sentences.
    pub notes: Vec<String>,
    /// The authorities that Vault's certificate is checked against, where they
    /// are not the system's.
    pub ca_file: Option<String>,
}

/// A field of the entity's `config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub value: Value,
    /// Where a person changes it.
    pub place: String,
}

/// A value in Kong's own types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Port(u16),
}

impl Field {
    /// A text, changed where the setting `id` is.
    pub(super) fn text(
        settings: &Settings,
        name: &'static str,
        id: Id,
        value: impl Into<String>,
    ) -> Self {
        Field {
            name,
            value: Value::Text(value.into()),
            place: settings.place(id),
        }
    }
}

/// Works out Kong's vault. `address` is the address of the settings, taken
/// apart.
///
/// No field of another kind of login is ever among the fields, and no key: Kong
/// takes its credentials from where it runs.
///
/// # Errors
///
/// What is missing (CFG904), what Kong cannot be told (CFG903), and what
/// contradicts the login that Kong does (CFG905).
pub fn entity(settings: &Settings, address: &Url) -> Result<Entity, SettingsError> {
    refuse_what_kong_cannot_do(settings)?;
    check_prefix(&settings.kong.prefix).map_err(|words| wrong(settings, Id::KongPrefix, words))?;
    let mut fields = vault_side::address(settings, address)?;
    fields.extend(vault_side::engine(settings)?);
    fields.push(Field::text(
        settings,
        "auth_method",
        Id::AuthType,
        "aws_iam",
    ));
    fields.extend(vault_side::login(settings)?);
    fields.extend(aws_side::identity(settings)?);
    Ok(Entity {
        prefix: settings.kong.prefix.clone(),
        fields,
        notes: notes::of(settings, address),
        ca_file: settings
            .vault
            .connection
            .ca_cert
            .as_ref()
            .map(|path| path.display().to_string()),
    })
}

fn refuse_what_kong_cannot_do(settings: &Settings) -> Result<(), SettingsError> {
    if !settings.kong.enabled {
        return Err(contradiction(
            settings,
            Id::KongEnabled,
            "is false: these settings say that Kong does not use this login; take it out to render Kong's configuration",
        ));
    }
    let unsent = [
        (Id::ServerId, &settings.vault.server_id, "a server id"),
        (Id::ExternalId, &settings.aws.external_id, "an external id"),
    ];
    match unsent.iter().find(|(_, value, _)| value.is_some()) {
        None => Ok(()),
        Some((id, _, what)) => Err(contradiction(
            settings,
            *id,
            &format!("Kong cannot send {what}, so its login would be refused; unset it"),
        )),
    }
}

/// A value that Kong cannot be given.
pub(super) fn wrong(settings: &Settings, id: Id, words: impl Into<String>) -> SettingsError {
    SettingsError::new(SettingsProblem::WrongValue, settings.place(id), words)
}

/// A setting that goes against another one.
pub(super) fn contradiction(settings: &Settings, id: Id, words: &str) -> SettingsError {
    SettingsError::new(SettingsProblem::Contradiction, settings.place(id), words)
}

#[cfg(test)]
pub(super) mod tests;
