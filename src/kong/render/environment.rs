//! `NAME=value` lines that every reader of such files takes alike: Docker takes
//! a value as it stands, quotes and all, systemd and a shell take quotes off.
//! So no value is quoted, and one that would have to be is refused.

use super::kong_conf::carried;
use super::refused;
use crate::kong::entity::Entity;
use crate::settings::SettingsError;

pub(super) fn lines(entity: &Entity) -> Result<String, SettingsError> {
    let mut text = String::new();
    for field in &entity.fields {
        let value = carried(field)?;
        if !value.chars().all(is_plain) {
            let why = "Docker, systemd and a shell would not read it alike; use --format deck or kong.conf";
            return Err(refused(field, why));
        }
        let name = field.name.to_ascii_uppercase();
        text.push_str(&format!("KONG_VAULT_HCV_{name}={value}\n"));
    }
    Ok(text)
}

/// What a shell takes literally on the right of an assignment.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_@%+=:,./-[]".contains(character)
}
