//! The fields of a request, each as the type that its path wants, and what Vault
//! says where one is not of it.

use serde_json::{Map, Value};

use super::go;
use super::reply::Refusal;

/// Who looks at the fields first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validation {
    /// The path itself, before anything else.
    First,
    /// The look whether the thing is there, which a write of some paths begins
    /// with; its words lack the first half.
    WithExistence,
}

/// The fields that were given.
#[derive(Clone, Copy)]
pub(super) struct Fields<'f> {
    pub(super) given: &'f Map<String, Value>,
    validation: Validation,
}

type Read<T> = Result<Option<T>, Refusal>;

impl<'f> Fields<'f> {
    pub(super) fn new(given: &'f Map<String, Value>, validation: Validation) -> Self {
        Fields { given, validation }
    }

    pub(super) fn text(self, name: &str) -> Read<String> {
        self.read(name, weak_text)
    }

    pub(super) fn bool(self, name: &str) -> Read<bool> {
        self.read(name, weak_bool)
    }

    pub(super) fn int(self, name: &str) -> Read<i64> {
        self.read(name, |value| weak_int(value, ""))
    }

    /// A length of time in seconds.
    pub(super) fn seconds(self, name: &str) -> Read<u64> {
        self.read(name, |value| {
            let seconds = duration(value)?;
            u64::try_from(seconds)
                .map_err(|_| format!("cannot provide negative value '{}'", go::plain(value)))
        })
    }

    /// One that may be negative.
    pub(super) fn signed_seconds(self, name: &str) -> Read<i64> {
        self.read(name, duration)
    }

    /// A list, or a text with commas.
    pub(super) fn list(self, name: &str) -> Read<Vec<String>> {
        self.read(name, list)
    }

    /// A list of numbers, or a text with commas.
    pub(super) fn numbers(self, name: &str) -> Read<Vec<i64>> {
        self.read(name, |value| {
            let items = split(value);
            let items = items.iter().enumerate();
            items
                .map(|(place, item)| weak_int(item, &format!("[{place}]")))
                .collect::<Result<_, _>>()
                .map_err(|error| decoding(&error))
        })
    }

    pub(super) fn map(self, name: &str) -> Read<Map<String, Value>> {
        self.read(name, |value| match value {
            Value::Object(entries) => Ok(entries.clone()),
            Value::Null => Ok(Map::new()),
            other => Err(format!(
                "'' expected a map, got '{}'",
                match other {
                    Value::Array(_) => "slice",
                    Value::Bool(_) => "bool",
                    _ => "string",
                }
            )),
        })
    }

    /// A map of texts, or a text with an equals sign; nothing where it is empty.
    pub(super) fn texts(self, name: &str) -> Read<Map<String, Value>> {
        let texts = self.read(name, texts)?;
        Ok(texts.filter(|texts| !texts.is_empty()))
    }

    /// A list, or one text, whatever is in it.
    pub(super) fn strings(self, name: &str) -> Read<Vec<String>> {
        self.read(name, |value| match value {
            Value::String(text) if text.is_empty() => Ok(Vec::new()),
            Value::String(text) => Ok(vec![text.clone()]),
            other => list(other),
        })
    }

    /// What a field says that has a form of its own.
    pub(super) fn read<T>(
        self,
        name: &str,
        convert: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Read<T> {
        let Some(value) = self.given.get(name) else {
            return Ok(None);
        };
        let converted = convert(value);
        converted
            .map(Some)
            .map_err(|error| self.refusal(name, &error))
    }

    fn refusal(self, name: &str, error: &str) -> Refusal {
        let head = match self.validation {
            Validation::First => "Field validation failed: ",
            Validation::WithExistence => "",
        };
        Refusal::bad(format!(
            "{head}error converting input for field {}: {error}",
            go::quote(name)
        ))
    }
}

fn texts(value: &Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let text = weak_text(value).ok()?;
                Some((key.clone(), Value::String(text)))
            });
            // What is no map of texts is taken for a list of pairs.
            entries
                .collect::<Option<_>>()
                .ok_or_else(|| decoding(&unconvertible("[0]", "string", value)))
        }
        other => {
            let mut pairs = Map::new();
            for item in list(other)? {
                let pair = item.split_once('=');
                let (key, value) =
                    pair.ok_or_else(|| format!("invalid key pair {}", go::quote(&item)))?;
                pairs.insert(key.to_owned(), Value::String(value.to_owned()));
            }
            Ok(pairs)
        }
    }
}

fn decoding(error: &str) -> String {
    format!("1 error(s) decoding:\n\n* {error}")
}

fn weak_text(value: &Value) -> Result<String, String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(if *truth { "1" } else { "0" }.to_owned()),
        Value::Array(_) | Value::Object(_) => Err(unconvertible("", "string", value)),
    }
}

fn weak_bool(value: &Value) -> Result<bool, String> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(truth) => Ok(*truth),
        Value::Number(number) => Ok(number.as_f64() != Some(0.0)),
        Value::String(text) => match text.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
            "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
            other => Err(format!(
                "cannot parse '' as bool: strconv.ParseBool: parsing {}: invalid syntax",
                go::quote(other)
            )),
        },
        Value::Array(_) | Value::Object(_) => Err(unconvertible("", "bool", value)),
    }
}

fn weak_int(value: &Value, place: &str) -> Result<i64, String> {
    let parse = |text: &str| {
        text.parse().map_err(|_| {
            format!(
                "cannot parse '{place}' as int: strconv.ParseInt: parsing {}: invalid syntax",
                go::quote(text)
            )
        })
    };
    match value {
        Value::Null => Ok(0),
        Value::Bool(truth) => Ok(i64::from(*truth)),
        Value::Number(number) => parse(&number.to_string()),
        Value::String(text) if text.is_empty() => Ok(0),
        Value::String(text) => parse(text),
        Value::Array(_) | Value::Object(_) => Err(unconvertible(place, "int", value)),
    }
}

/// Reads a length of time: a number, or a text.
pub(super) fn duration(value: &Value) -> Result<i64, String> {
    match value {
        Value::Null => Ok(0),
        Value::String(text) => go::parse_duration(text),
        Value::Number(number) => {
            #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
            let whole = number.as_f64().map(|number| number as i64);
            Ok(number.as_i64().or(whole).unwrap_or_default())
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err("could not parse duration from input".to_owned())
        }
    }
}

fn list(value: &Value) -> Result<Vec<String>, String> {
    let items = split(value);
    let texts = items.iter().enumerate().map(|(place, item)| {
        let text = weak_text(item)
            .map_err(|_| decoding(&unconvertible(&format!("[{place}]"), "string", item)))?;
        Ok(text.trim().to_owned())
    });
    texts.collect()
}

/// The items of a list, or of a text with commas; anything else is the one item.
fn split(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        Value::String(text) => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| Value::String(item.to_owned()))
            .collect(),
        other => vec![other.clone()],
    }
}

/// What is said of a value that is of no use as the type that is wanted.
pub(super) fn unconvertible(place: &str, wanted: &str, value: &Value) -> String {
    format!(
        "'{place}' expected type '{wanted}', got unconvertible type '{}', value: '{}'",
        go::type_name(value),
        go::plain(value)
    )
}
