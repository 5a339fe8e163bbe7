//! The text of the file, in the forms in which Kong takes its configuration.

mod environment;
mod head;
mod kong_conf;

use serde_json::{Map, json};

use super::entity::{Entity, Field, Value};
use super::reference::SecretName;
use crate::settings::{SettingsError, SettingsProblem};

pub use head::test_command;

/// What the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A declarative file: for decK, and for a Gateway without a database.
    Deck,
    KongConf,
    /// `NAME=value` lines.
    Env,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 3] = [Format::Deck, Format::KongConf, Format::Env];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Deck => "deck",
            Format::KongConf => "kong.conf",
            Format::Env => "env",
        }
    }
}

/// A file, and how secrets are named with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub text: String,
    /// In the order of the secrets.
    pub references: Vec<String>,
}

/// Writes the file. The references of `secrets` stand in its comments.
///
/// # Errors
///
/// A value that Kong, or whoever reads the file before it, would take for
/// another one (CFG903).
pub fn render(
    entity: &Entity,
    format: Format,
    secrets: &[SecretName],
) -> Result<Rendered, SettingsError> {
    // What kong.conf and the environment say is Kong's vault `hcv` itself.
    let host = match format {
        Format::Deck => entity.prefix.as_str(),
        Format::KongConf | Format::Env => "hcv",
    };
    let references: Vec<String> = secrets
        .iter()
        .map(|secret| secret.reference(host))
        .collect();
    let body = match format {
        Format::Deck => declarative(entity)?,
        Format::KongConf => kong_conf::lines(entity)?,
        Format::Env => environment::lines(entity)?,
    };
    Ok(Rendered {
        text: format!("{}{body}", head::comments(entity, format, &references)),
        references,
    })
}

/// A declarative file with this one vault.
fn declarative(entity: &Entity) -> Result<String, SettingsError> {
    let mut config = Map::new();
    for field in &entity.fields {
        let value = match &field.value {
            // decK fills in what stands there.
            Value::Text(text) if text.contains("${{") => {
                return Err(refused(field, "decK takes '${{' for a variable of its own"));
            }
            Value::Text(text) => json!(text),
            Value::Port(port) => json!(port),
        };
        config.insert(field.name.to_owned(), value);
    }
    let vault = json!({ "name": "hcv", "prefix": entity.prefix, "config": config });
    let document = json!({ "_format_version": "3.0", "vaults": [vault] });
    serde_saphyr::to_string(&document).map_err(|error| {
        let words = format!("cannot be written as YAML: {error}");
        SettingsError::new(SettingsProblem::WrongValue, "deck", words)
    })
}

/// A value that the format cannot carry.
fn refused(field: &Field, why: &str) -> SettingsError {
    let value = match &field.value {
        Value::Text(text) => text.clone(),
        Value::Port(port) => port.to_string(),
    };
    SettingsError::new(
        SettingsProblem::WrongValue,
        field.place.clone(),
        format!("'{value}' cannot be written: {why}"),
    )
}
