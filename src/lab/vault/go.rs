//! How programs in Go write things: what Vault's texts are made of.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::http::date;

/// A text in double quotes, as `%q` writes it.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            _ => quoted.push_str(&escape(character)),
        }
    }
    quoted + "\""
}

/// A character of an unreadable JSON text, as its reader names it.
pub(super) fn quote_byte(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        _ => format!("'{}'", escape(char::from(byte))),
    }
}

fn escape(character: char) -> String {
    match character {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        '\u{7}' => "\\a".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\u{b}' => "\\v".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        _ if (character as u32) < 0x20 || character as u32 == 0x7f => {
            format!("\\x{:02x}", character as u32)
        }
        _ if character.is_control() => format!("\\u{:04x}", character as u32),
        _ => character.to_string(),
    }
}

/// A value as `%v` writes it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(entries) => {
            let mut entries: Vec<(&String, &Value)> = entries.iter().collect();
            entries.sort_by_key(|(name, _)| name.as_str());
            let entries = entries.iter();
            let entries: Vec<String> = entries
                .map(|(name, value)| format!("{name}:{}", plain(value)))
                .collect();
            format!("map[{}]", entries.join(" "))
        }
    }
}

/// The type of a value that came from JSON.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) => "json.Number",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// Reads a duration as Vault does: seconds, days (`2d`), or Go's own form.
/// May be negative.
///
/// # Errors
///
/// Go's words for what it is not.
pub(super) fn parse_duration(text: &str) -> Result<i64, String> {
    if text.is_empty() {
        return Ok(0);
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return Ok(seconds);
    }
    if let Some(days) = text.strip_suffix('d')
        && let Ok(days) = days.parse::<i64>()
    {
        return Ok(days.saturating_mul(86400));
    }
    parse_units(text).map(|nanos| nanos / 1_000_000_000)
}

fn parse_units(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let end = behind
            .find(|character: char| character.is_ascii_digit() || character == '.')
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let nanos = match unit {
            "" => return Err(format!("time: missing unit in duration {}", quote(text))),
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => {
                let unit = quote(unit);
                let text = quote(text);
                return Err(format!("time: unknown unit {unit} in duration {text}"));
            }
        };
        total += number * nanos;
        rest = behind;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
    Ok((sign * total) as i64)
}

/// A duration as Go writes it: `1h0m0s`.
pub(super) fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// The same without what is zero at its end: `1h`.
pub(super) fn short_duration(seconds: u64) -> String {
    let mut text = duration(seconds);
    for (end, keeps) in [("m0s", "m"), ("h0m", "h")] {
        if let Some(start) = text.strip_suffix(end) {
            text = format!("{start}{keeps}");
        }
    }
    text
}

/// Seconds since 1970.
pub(super) fn unix(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// A time with its nanoseconds, as Go writes it.
pub(super) fn rfc3339_nanos(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let nanos = since.map_or(0, |since| since.subsec_nanos());
    let whole = date::rfc3339(time);
    if nanos == 0 {
        return whole;
    }
    let digits = format!("{nanos:09}");
    let digits = digits.trim_end_matches('0');
    format!("{}.{digits}Z", whole.trim_end_matches('Z'))
}

/// The same time without its fraction.
pub(super) fn whole_seconds(time: SystemTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(unix(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn durations_are_read_and_written_as_go_does() {
        let read = [
            ("", Ok(0)),
            ("90", Ok(90)),
            ("-5", Ok(-5)),
            ("1h", Ok(3600)),
            ("1h30m", Ok(5400)),
            ("1.5h", Ok(5400)),
            ("2d", Ok(172_800)),
            ("abc", Err("time: invalid duration \"abc\"")),
            ("5.5", Err("time: missing unit in duration \"5.5\"")),
            ("5x", Err("time: unknown unit \"x\" in duration \"5x\"")),
        ];
        for (text, expected) in read {
            assert_eq!(parse_duration(text), expected.map_err(str::to_owned));
        }
        let written = [
            (0, "0s", "0s"),
            (3, "3s", "3s"),
            (3600, "1h0m0s", "1h"),
            (5400, "1h30m0s", "1h30m"),
            (3610, "1h0m10s", "1h0m10s"),
            (60, "1m0s", "1m"),
        ];
        for (seconds, whole, short) in written {
            assert_eq!(duration(seconds), whole);
            assert_eq!(short_duration(seconds), short);
        }
    }

    #[test]
    fn texts_and_values_are_written_as_go_does() {
        assert_eq!(quote("a\"b\\c\n\u{1}ü"), r#""a\"b\\c\n\x01ü""#);
        assert_eq!(quote_byte(0xef), "'ï'");
        let value = json!({"b": [1, "x", null], "a": true});
        assert_eq!(plain(&value), "map[a:true b:[1 x <nil>]]");
    }
}
