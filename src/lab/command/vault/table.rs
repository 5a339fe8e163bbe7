//! Answers as `vault` prints them: tables of keys and values, JSON, one field.

use serde_json::Value;

use crate::lab::command::words::Words;
use crate::lab::command::{Printed, Refused};

/// The blanks between two columns.
const GAP: usize = 4;

/// An answer with data, as it was asked for.
pub(super) fn answer(words: &Words, reply: &Value) -> Result<Printed, Refused> {
    let data = &reply["data"];
    if let Some(name) = words.flag("field") {
        return field(words, data, name);
    }
    if is_json(words)? {
        return json(reply);
    }
    Ok(Printed::done(pairs(data)))
}

/// One field: as it is, without a line break.
pub(super) fn field(words: &Words, data: &Value, name: &str) -> Result<Printed, Refused> {
    let value = &data[name];
    if value.is_null() {
        return Err(Refused::new(
            1,
            format!("Field {name:?} not present in secret"),
        ));
    }
    if is_json(words)? {
        let mut printed = json(value)?;
        printed.text.truncate(printed.text.trim_end().len());
        return Ok(printed);
    }
    Ok(Printed::done(match value {
        Value::String(text) => text.clone(),
        other => shown(other),
    }))
}

/// A list of keys.
pub(super) fn keys(words: &Words, path: &str, reply: Option<Value>) -> Result<Printed, Refused> {
    let Some(reply) = reply else {
        return Err(Refused::new(2, format!("No value found at {path}")));
    };
    let keys = &reply["data"]["keys"];
    if is_json(words)? {
        return json(keys);
    }
    let keys = keys.as_array().into_iter().flatten();
    let lines: String = keys
        .filter_map(Value::as_str)
        .map(|key| format!("{key}\n"))
        .collect();
    Ok(Printed::done(format!("Keys\n----\n{lines}")))
}

pub(super) fn is_json(words: &Words) -> Result<bool, Refused> {
    match words.flag("format") {
        None | Some("table") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => Err(Refused::new(
            1,
            format!("the lab's small client has the formats table and json, not {other:?}"),
        )),
    }
}

pub(super) fn json(value: &Value) -> Result<Printed, Refused> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| Refused::new(1, error.to_string()))?;
    Ok(Printed::line(&text))
}

/// Keys and values of an object, sorted by key.
pub(super) fn pairs(data: &Value) -> String {
    let mut rows: Vec<Vec<String>> = data
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| {
            let duration = value.as_u64().filter(|_| is_duration(key));
            vec![key.clone(), duration.map_or_else(|| shown(value), human)]
        })
        .collect();
    rows.sort();
    columns(&["Key", "Value"], &rows)
}

fn is_duration(key: &str) -> bool {
    key.ends_with("ttl") || key.ends_with("period") || key == "lease_duration"
}

/// Seconds as `24h` or `1h30m`.
fn human(seconds: u64) -> String {
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let shown: String = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if shown.is_empty() {
        "0s".to_owned()
    } else {
        shown
    }
}

/// A table with a line under its head.
pub(super) fn columns(head: &[&str], rows: &[Vec<String>]) -> String {
    let rule: Vec<String> = head.iter().map(|name| "-".repeat(name.len())).collect();
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    let all: Vec<&Vec<String>> = [&head, &rule].into_iter().chain(rows).collect();
    let width = |column: usize| {
        let cells = all.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    for row in all {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!("{cell:width$}{}", " ".repeat(GAP)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A table below its title.
pub(super) fn titled(title: &str, table: &str) -> String {
    let width = table.lines().next().unwrap_or_default().chars().count();
    let signs = width.saturating_sub(title.len() + 2).div_ceil(2);
    let signs = "=".repeat(signs.max(2));
    format!("{signs} {title} {signs}\n{table}")
}

/// A value as it stands in a table.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) if text.is_empty() => "n/a".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inner).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(entries) => {
            let mut entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{key}:{}", inner(value)))
                .collect();
            entries.sort();
            format!("map[{}]", entries.join(" "))
        }
        other => other.to_string(),
    }
}

/// Within a list or a mapping a text that is empty stays so.
fn inner(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => shown(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_stand_in_a_table_as_vault_shows_them() {
        let data = json!({
            "token_policies": ["a", "b"], "bound": [], "nothing": null, "empty": "",
            "count": 3600, "token_ttl": 5400, "period": 0, "meta": { "b": 1, "a": "" },
        });
        let expected = "\
Key               Value
---               -----
bound             []
count             3600
empty             n/a
meta              map[a: b:1]
nothing           <nil>
period            0s
token_policies    [a b]
token_ttl         1h30m
";
        assert_eq!(pairs(&data), expected);
    }

    #[test]
    fn a_title_is_as_wide_as_the_head_below_it() {
        assert_eq!(
            titled("Data", "Key      Value\n"),
            "==== Data ====\nKey      Value\n"
        );
        assert_eq!(
            titled("Secret Path", "kvx/data/kong/db\n"),
            "== Secret Path ==\nkvx/data/kong/db\n"
        );
    }
}
