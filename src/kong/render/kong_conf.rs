//! Lines for `kong.conf`, and what Kong's reader of it can carry.
//!
//! Source: `load_config` in `kong/conf_loader/init.lua`, and the reader that it
//! uses, `pl.config` of Penlight. Kong writes its whole configuration, the
//! environment included, to `.kong_env` and reads that again by the same rules.

use super::refused;
use crate::kong::entity::{Entity, Field, Value};
use crate::settings::SettingsError;

/// The longest number that Lua prints as it was written.
const PRINTED_DIGITS: usize = 14;

pub(super) fn lines(entity: &Entity) -> Result<String, SettingsError> {
    let mut text = String::new();
    for field in &entity.fields {
        let value = carried(field)?;
        // An unescaped '#' begins a comment.
        let value = value.replace('#', "\\#");
        text.push_str(&format!("vault_hcv_{} = {value}\n", field.name));
    }
    Ok(text)
}

/// The value, if Kong reads it as it is.
pub(super) fn carried(field: &Field) -> Result<String, SettingsError> {
    let text = match &field.value {
        Value::Port(port) => return Ok(port.to_string()),
        Value::Text(text) => text,
    };
    let refuse = |why: &str| {
        Err(refused(
            field,
            &format!("{why}; use --format deck, or another name"),
        ))
    };
    if becomes_another_number(text) {
        refuse("Kong reads it as a number, from kong.conf and from its environment")
    } else if text.ends_with('\\') {
        refuse("a line of kong.conf that ends in '\\' goes on in the next one")
    } else if text.trim() != text {
        refuse("Kong takes blanks off both ends of a value in kong.conf")
    } else if text.contains("_blank_") {
        refuse("Kong's reader of kong.conf splits values at '_blank_'")
    } else {
        Ok(text.clone())
    }
}

/// Tells whether Lua reads a number and prints another text than this.
fn becomes_another_number(text: &str) -> bool {
    if !text.starts_with(|first: char| first.is_ascii_digit() || "+-".contains(first)) {
        return false;
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit())
        && text.len() <= PRINTED_DIGITS
        && (text == "0" || !text.starts_with('0'));
    // Penlight takes the unit of /proc off.
    let number = text.strip_suffix(" kB").unwrap_or(text).trim();
    let unsigned = number.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let is_of_another_base = unsigned.starts_with("0x") || unsigned.starts_with("0b");
    !is_plain && (is_of_another_base || number.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_do_not_stay_as_they_are() {
        for text in [
            "0123456",
            "12e3",
            "1E5",
            "1.50",
            "0x1f",
            "-0x1",
            "0b101",
            "+5",
            "+inf",
            "-nan",
            "-Infinity",
            "123456789012345",
            "12 kB",
            "00",
            "1.",
            "-1",
        ] {
            assert!(becomes_another_number(text), "{text}");
        }
        for text in [
            "0",
            "123456",
            "123456789012",
            "kong",
            "12ab",
            "1_000",
            "2026-01-01",
            "10.0.0.1",
            "inf",
            "nan",
            "-",
            "+a",
            "12:34:56",
            "1-2",
            "",
        ] {
            assert!(!becomes_another_number(text), "{text}");
        }
    }
}
