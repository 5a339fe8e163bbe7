//! The fields of a request, each as the type that its path wants.

use serde_json::{Map, Value};

use super::reply::Refusal;
use crate::settings::value::{duration, flag};

/// The fields that were given. One that is null is none.
#[derive(Clone, Copy)]
pub(super) struct Fields<'f> {
    given: &'f Map<String, Value>,
    /// What Vault begins with where one is not of its type.
    head: &'static str,
}

type Read<T> = Result<Option<T>, Refusal>;

impl<'f> Fields<'f> {
    /// The fields of a path that looks at them first.
    pub(super) fn new(given: &'f Map<String, Value>) -> Self {
        let head = "Field validation failed: ";
        Fields { given, head }
    }

    /// The fields of a path whose writes begin with the look whether the thing is
    /// there.
    pub(super) fn of_existing(given: &'f Map<String, Value>) -> Self {
        Fields { given, head: "" }
    }

    pub(super) fn text(self, name: &str) -> Read<String> {
        self.read(name, text)
    }

    pub(super) fn truth(self, name: &str) -> Read<bool> {
        self.read(name, |value| match value {
            Value::Bool(truth) => Ok(*truth),
            other => {
                let text = text(other)?;
                flag(&text).ok_or_else(|| unparsed("bool", "Bool", &text))
            }
        })
    }

    pub(super) fn int(self, name: &str) -> Read<i64> {
        self.read(name, |value| {
            let text = text(value)?;
            text.parse().map_err(|_| unparsed("int", "Int", &text))
        })
    }

    /// A length of time in seconds; an empty one is none.
    pub(super) fn seconds(self, name: &str) -> Read<u64> {
        self.read(name, |value| {
            let text = text(value)?;
            if text.is_empty() {
                return Ok(0);
            }
            let length = duration(&text);
            let length = length.ok_or_else(|| format!("time: invalid duration {text:?}"))?;
            Ok(length.as_secs())
        })
    }

    /// A list, or a text with commas.
    pub(super) fn list(self, name: &str) -> Read<Vec<String>> {
        self.read(name, |value| {
            let items = match value {
                Value::Array(items) => items.iter().map(text).collect::<Result<Vec<_>, _>>()?,
                one => text(one)?.split(',').map(str::to_owned).collect(),
            };
            let items = items.iter().map(|item| item.trim().to_owned());
            Ok(items.filter(|item| !item.is_empty()).collect())
        })
    }

    pub(super) fn map(self, name: &str) -> Read<Map<String, Value>> {
        self.read(name, |value| match value {
            Value::Object(entries) => Ok(entries.clone()),
            _ => Err("'' expected a map, got 'string'".to_owned()),
        })
    }

    /// What a field says that has a form of its own.
    pub(super) fn read<T>(
        self,
        name: &str,
        convert: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Read<T> {
        let value = self.given.get(name).filter(|value| !value.is_null());
        let converted = value.map(convert).transpose();
        converted.map_err(|error| {
            let head = self.head;
            Refusal::bad(format!(
                "{head}error converting input for field {name:?}: {error}"
            ))
        })
    }
}

/// Puts what was said in the place of what was there.
pub(super) fn set<T>(field: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *field = said;
    }
}

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(if *truth { "1" } else { "0" }.to_owned()),
        _ => Err("'' expected type 'string', got another one".to_owned()),
    }
}

fn unparsed(kind: &str, parser: &str, text: &str) -> String {
    format!("cannot parse '' as {kind}: strconv.Parse{parser}: parsing {text:?}: invalid syntax")
}
