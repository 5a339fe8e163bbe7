//! Answers as `vault` prints them: tables, JSON, one field.

use serde_json::{Value, json};

use crate::lab::command::Refused;
use crate::lab::command::words::Words;

/// An answer with data, as it was asked for.
pub(super) fn answer(words: &Words<'_>, reply: &Value) -> Result<String, Refused> {
    let data = data(reply);
    if let Some(name) = words.flag("field") {
        return field(&data, name);
    }
    match words.flag("format") {
        None => Ok(pairs(&data)),
        Some("json") => Ok(format!("{reply:#}\n")),
        Some(other) => Err(Refused::new(
            1,
            format!("the lab's small client has a table and json, not {other:?}"),
        )),
    }
}

/// What an answer tells: its data, the token that it gives, or all of it.
fn data(reply: &Value) -> Value {
    let auth = &reply["auth"];
    if !auth.is_object() {
        let data = &reply["data"];
        return if data.is_null() { reply } else { data }.clone();
    }
    json!({
        "token": auth["client_token"],
        "token_accessor": auth["accessor"],
        "token_duration": auth["lease_duration"].as_u64().map(human),
        "token_renewable": auth["renewable"],
        "token_policies": auth["token_policies"],
        "identity_policies": auth["identity_policies"].as_array().cloned().unwrap_or_default(),
        "policies": auth["policies"],
    })
}

/// One field: as it is, without a line break.
pub(super) fn field(data: &Value, name: &str) -> Result<String, Refused> {
    match &data[name] {
        Value::Null => {
            let words = format!("Field {name:?} not present in secret");
            Err(Refused::new(1, words))
        }
        Value::String(text) => Ok(text.clone()),
        value => Ok(shown(value)),
    }
}

/// Keys and values of an object, sorted by key.
pub(super) fn pairs(data: &Value) -> String {
    let fields = data.as_object().into_iter().flatten();
    let rows = fields.map(|(key, value)| {
        let is_duration = key.ends_with("ttl") || key.ends_with("period");
        let duration = value.as_u64().filter(|_| is_duration);
        [key.clone(), duration.map_or_else(|| shown(value), human)]
    });
    columns(["Key", "Value"], rows.collect())
}

/// What is mounted where.
pub(super) fn mounts(mounts: &Value) -> String {
    let mounts = mounts.as_object().into_iter().flatten();
    let rows = mounts.map(|(path, mount)| {
        let [kind, accessor, description] =
            ["type", "accessor", "description"].map(|name| shown(&mount[name]));
        [path.clone(), kind, accessor, description]
    });
    let head = ["Path", "Type", "Accessor", "Description"];
    columns(head, rows.collect())
}

/// Seconds as `24h` or `1h30m`.
fn human(seconds: u64) -> String {
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let shown: String = parts
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if shown.is_empty() {
        "0s".to_owned()
    } else {
        shown
    }
}

/// A sorted table with a line under its head, four blanks between columns.
fn columns<const N: usize>(head: [&str; N], mut rows: Vec<[String; N]>) -> String {
    rows.sort();
    rows.insert(0, head.map(|name| "-".repeat(name.len())));
    rows.insert(0, head.map(str::to_owned));
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths);
        let line: String = cells
            .map(|(cell, width)| format!("{cell:width$}    "))
            .collect();
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A table below its title, which is as wide as the first line of the table.
pub(super) fn titled(title: &str, table: &str) -> String {
    let width = table.lines().next().unwrap_or_default().chars().count();
    let signs = width.saturating_sub(title.len() + 2).div_ceil(2);
    let signs = "=".repeat(signs.max(2));
    format!("{signs} {title} {signs}\n{table}")
}

/// A value as it stands in a table.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) if text.is_empty() => "n/a".to_owned(),
        value => inner(value),
    }
}

/// A value within a list or a mapping, where an empty text stays so.
fn inner(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inner).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(entries) => {
            let entries = entries.iter();
            let mut entries: Vec<String> = entries
                .map(|(key, value)| format!("{key}:{}", inner(value)))
                .collect();
            entries.sort();
            format!("map[{}]", entries.join(" "))
        }
        other => other.to_string(),
    }
}
