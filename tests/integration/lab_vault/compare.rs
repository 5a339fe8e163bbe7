//! Comparing two answers, with what no two servers have alike taken out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::sides::Heard;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fields: Vec<Field>,
    replies: Vec<Listed>,
}

/// Fields of a kind of mount that are not compared.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    r#type: String,
    names: Vec<String>,
    because: String,
}

/// Requests whose answers differ.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    /// How their places begin.
    at: Vec<String>,
    because: String,
}

/// The differences that are known, and those that were found.
pub(super) struct Differences {
    file: File,
    seen: BTreeMap<String, u32>,
    found: Vec<String>,
}

impl Differences {
    pub(super) fn read() -> Self {
        let file: File =
            serde_yaml::from_str(include_str!("../../lab/vault/differences.yaml")).unwrap();
        let reasons = file.fields.iter().map(|field| &field.because);
        let reasons = reasons.chain(file.replies.iter().map(|listed| &listed.because));
        assert!(reasons.into_iter().all(|because| because.len() > 20));
        Differences {
            file,
            seen: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    pub(super) fn listed(&self) -> u32 {
        self.seen.values().sum()
    }

    pub(super) fn compare(
        &mut self,
        place: &str,
        real: &Heard,
        lab: &Heard,
        root_tokens: (&str, &str),
    ) {
        let of_real = self.plain(real, root_tokens.0);
        let of_lab = self.plain(lab, root_tokens.1);
        if are_alike(&of_real, &of_lab) {
            return;
        }
        let (of_real, of_lab) = (of_real.to_string(), of_lab.to_string());
        let listed = self
            .file
            .replies
            .iter()
            .flat_map(|listed| &listed.at)
            .find(|at| place.starts_with(at.as_str()));
        match listed {
            Some(at) => *self.seen.entry(at.clone()).or_default() += 1,
            None => self
                .found
                .push(format!("{place}\n  real {of_real}\n  lab  {of_lab}")),
        }
    }

    /// Fails for what is not listed, and for what is listed and does not differ.
    pub(super) fn assert_none_is_left(&self) {
        let listed = self.file.replies.iter().flat_map(|listed| &listed.at);
        let gone: Vec<&String> = listed.filter(|at| !self.seen.contains_key(*at)).collect();
        assert!(
            self.found.is_empty() && gone.is_empty(),
            "{} differ:\n{}\nlisted and equal: {gone:#?}",
            self.found.len(),
            self.found.join("\n")
        );
    }

    fn plain(&self, heard: &Heard, root_token: &str) -> Value {
        let body = match serde_json::from_str::<Value>(&heard.body) {
            Ok(body) => self.masked("", body, root_token),
            Err(_) => Value::String(heard.body.clone()),
        };
        json!([heard.status, heard.kind, body])
    }

    fn masked(&self, name: &str, value: Value, root_token: &str) -> Value {
        match value {
            Value::Object(mut entries) => {
                let kind = entries.get("type").and_then(Value::as_str);
                let fields = self.file.fields.iter();
                let hidden: Vec<&String> = fields
                    .filter(|field| kind == Some(&field.r#type))
                    .flat_map(|field| &field.names)
                    .collect();
                if entries.contains_key("accessor") {
                    entries.retain(|name, _| !hidden.contains(&name));
                }
                let mut sorted: Vec<(String, Value)> = entries.into_iter().collect();
                sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
                let sorted = sorted.into_iter().map(|(name, value)| {
                    let value = self.masked(&name, value, root_token);
                    (name, value)
                });
                Value::Object(sorted.collect::<Map<String, Value>>())
            }
            Value::Array(items) => {
                let items = items.into_iter();
                Value::Array(
                    items
                        .map(|item| self.masked(name, item, root_token))
                        .collect(),
                )
            }
            Value::String(text) => Value::String(masked_text(name, &text, root_token)),
            Value::Number(number) => match name {
                "creation_time" | "last_renewal_time" | "server_time_utc" => "<time>".into(),
                _ => Value::Number(number),
            },
            other => other,
        }
    }
}

/// The same, but for the seconds that lie between two requests.
fn are_alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    other.get(name).is_some_and(|beside| {
                        let is_time_left = matches!(name.as_str(), "ttl" | "lease_duration");
                        match (value.as_u64(), beside.as_u64()) {
                            (Some(one), Some(other)) if is_time_left => one.abs_diff(other) <= 5,
                            _ => are_alike(value, beside),
                        }
                    })
                })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| are_alike(one, other))
        }
        (one, other) => one == other,
    }
}

fn masked_text(name: &str, text: &str, root_token: &str) -> String {
    let all = |text: &str, is: fn(&u8) -> bool| text.bytes().all(|byte| is(&byte));
    let is_word = |text: &str| text.len() == 24 && all(text, u8::is_ascii_alphanumeric);
    if text == root_token {
        return "<root token>".to_owned();
    }
    if ["hvs.", "hvb."].iter().any(|head| text.starts_with(head)) {
        return format!(
            "<token {}>",
            if text.starts_with("hvb") { "b" } else { "s" }
        );
    }
    if is_uuid(text) {
        return "<uuid>".to_owned();
    }
    if is_time(text) {
        return "<time>".to_owned();
    }
    match name {
        "accessor" | "keys" if is_word(text) => "<accessor>".to_owned(),
        "client_id" => "<client>".to_owned(),
        "cluster_name" if text.starts_with("vault-cluster-") => "<cluster>".to_owned(),
        "file_path" => "<file>".to_owned(),
        "accessor" | "mount_accessor" | "name" => match text.rsplit_once('_') {
            Some((kind, id)) if id.len() == 8 && all(id, u8::is_ascii_hexdigit) => {
                format!("{kind}_<id>")
            }
            _ => text.to_owned(),
        },
        "errors" => without_request_ids(text),
        _ => text.to_owned(),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_time(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|character| {
            if character.is_ascii_digit() {
                '0'
            } else {
                character
            }
        })
        .collect();
    let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else {
        return false;
    };
    // The one that stands for none is compared.
    !text.starts_with("0001")
        && rest.ends_with('Z')
        && rest
            .trim_start_matches('.')
            .trim_end_matches('Z')
            .bytes()
            .all(|byte| byte == b'0')
}

/// What AWS says to Vault carries the id of that request.
fn without_request_ids(text: &str) -> String {
    let mut text = text.to_owned();
    for (before, behind) in [("request id: ", "\n"), ("<RequestId>", "</RequestId>")] {
        if let Some((head, rest)) = text.split_once(before) {
            let (_, tail) = rest.split_at(rest.find(behind).unwrap_or(rest.len()));
            text = format!("{head}{before}…{tail}");
        }
    }
    text
}
