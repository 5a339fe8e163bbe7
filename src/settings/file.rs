//! Reading the settings file: YAML in, checked values out.
//!
//! Every key is looked up in the table and every value is checked while it is
//! read, so an error always knows its line and column.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::table::{Id, Kind, TABLE};
use super::{SettingsError, SettingsProblem, value};

/// A value as the file gives it, already of the right form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileValue {
    Text(String),
    List(Vec<String>),
    Map(BTreeMap<String, String>),
}

/// What a file sets.
pub type FileValues = BTreeMap<Id, FileValue>;

/// Reads the settings in `text`, which came from `path`.
///
/// # Errors
///
/// CFG901 when it is not YAML, CFG902 for an unknown key, CFG903 for a value
/// of the wrong form; each with line and column.
pub fn parse(text: &str, path: &Path) -> Result<FileValues, SettingsError> {
    let mut problem = SettingsProblem::UnreadableFile;
    let mut values = FileValues::new();
    // An empty file, or one of comments alone, is a null document.
    if text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        return Ok(values);
    }
    let section = Section {
        prefix: "",
        values: &mut values,
        problem: &mut problem,
    };
    let result = section.deserialize(serde_yaml::Deserializer::from_str(text));
    match result {
        Ok(()) => Ok(values),
        Err(error) => Err(at_place(problem, &error, path)),
    }
}

/// Turns the reader's error into ours, with the place in front.
fn at_place(problem: SettingsProblem, error: &serde_yaml::Error, path: &Path) -> SettingsError {
    let place = error.location().map_or_else(
        || path.display().to_string(),
        |location| {
            format!(
                "{}:{}:{}",
                path.display(),
                location.line(),
                location.column()
            )
        },
    );
    let words = error.to_string();
    // The reader appends its own place, and puts the key path in front.
    let words = words
        .rsplit_once(" at line ")
        .map_or(words.as_str(), |(message, _)| message);
    let words = words
        .rsplit_once(MARK)
        .map_or(words, |(_, message)| message);
    SettingsError::new(problem, place, words.to_owned())
}

/// Divides our own words from what the reader puts before them.
const MARK: char = '\u{1f}';

struct Section<'a> {
    prefix: &'static str,
    values: &'a mut FileValues,
    problem: &'a mut SettingsProblem,
}

impl<'de> DeserializeSeed<'de> for Section<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Section<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefix.is_empty() {
            formatter.write_str("a mapping of settings")
        } else {
            write!(formatter, "a mapping under '{}'", self.prefix)
        }
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Vec::new();
        while let Some(key) = map.next_key_seed(KeySeed {
            prefix: self.prefix,
            seen: &seen,
            problem: self.problem,
        })? {
            match key {
                Key::Section(prefix) => {
                    seen.push(prefix.to_owned());
                    map.next_value_seed(Section {
                        prefix,
                        values: self.values,
                        problem: self.problem,
                    })?;
                }
                Key::Setting(id, kind, name) => {
                    seen.push(name.to_owned());
                    let value = map.next_value_seed(ValueSeed {
                        name,
                        kind,
                        problem: self.problem,
                    })?;
                    if let Some(value) = value {
                        self.values.insert(id, value);
                    }
                }
            }
        }
        Ok(())
    }
}

enum Key {
    Section(&'static str),
    Setting(Id, Kind, &'static str),
}

struct KeySeed<'a> {
    prefix: &'static str,
    seen: &'a [String],
    problem: &'a mut SettingsProblem,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a setting")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Key, E> {
        let found = lookup(self.prefix, name);
        let twice = found.is_some()
            && self
                .seen
                .iter()
                .any(|seen| seen == name || self.full(name) == *seen);
        match found {
            Some(key) if !twice => Ok(key),
            Some(_) => {
                *self.problem = SettingsProblem::WrongValue;
                Err(E::custom(format!(
                    "{MARK}'{}' is set twice",
                    self.full(name)
                )))
            }
            None => {
                *self.problem = SettingsProblem::UnknownKey;
                let known = names_in(self.prefix);
                if matches!(self.full(name).as_str(), "vault.token" | "token") {
                    return Err(E::custom(format!(
                        "{MARK}a token is never a setting; set VAULT_TOKEN, or log in"
                    )));
                }
                let hint = closest(name, &known).map_or_else(
                    || format!("known here: {}", known.join(", ")),
                    |near| format!("did you mean '{}'?", self.full(near)),
                );
                Err(E::custom(format!(
                    "{MARK}unknown setting '{}'; {hint}",
                    self.full(name)
                )))
            }
        }
    }
}

impl KeySeed<'_> {
    fn full(&self, name: &str) -> String {
        if self.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.prefix)
        }
    }
}

fn lookup(prefix: &str, name: &str) -> Option<Key> {
    let full = if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    };
    for row in TABLE {
        if row.key == full && !full.is_empty() {
            return Some(Key::Setting(row.id, row.kind, row.key));
        }
        if let Some((section, _)) = row.key.split_once('.')
            && prefix.is_empty()
            && section == name
        {
            return Some(Key::Section(section));
        }
    }
    None
}

/// The names that may stand directly below `prefix`.
fn names_in(prefix: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for row in TABLE.iter().filter(|row| !row.key.is_empty()) {
        let name = match (prefix.is_empty(), row.key.split_once('.')) {
            (true, Some((section, _))) => section,
            (true, None) => row.key,
            (false, Some((section, key))) if section == prefix => key,
            (false, _) => continue,
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The known name that a mistyped one was probably meant to be.
pub fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), *candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

struct ValueSeed<'a> {
    name: &'static str,
    kind: Kind,
    problem: &'a mut SettingsProblem,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Option<FileValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl ValueSeed<'_> {
    fn refuse<T, E: serde::de::Error>(self, words: &str) -> Result<T, E> {
        *self.problem = SettingsProblem::WrongValue;
        Err(E::custom(format!("{MARK}'{}' {words}", self.name)))
    }

    fn scalar<E: serde::de::Error>(self, text: &str) -> Result<Option<FileValue>, E> {
        match value::check(self.kind, text) {
            Ok(()) => Ok(Some(FileValue::Text(text.to_owned()))),
            Err(words) => self.refuse(&words),
        }
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Option<FileValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a value for '{}'", self.name)
    }

    // `key:` with nothing behind it leaves the default in force.
    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        if self.kind == Kind::Flag {
            Ok(Some(FileValue::Text(value.to_string())))
        } else {
            self.refuse("must be a text, not true or false; put it in quotes")
        }
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        if self.kind == Kind::Account {
            // YAML would read 012345678901 as a number and lose its zero.
            return self.refuse("must be 12 digits in quotes: \"123456789012\"");
        }
        self.scalar(&number.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        self.scalar(&number.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
        self.scalar(&number.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match self.kind {
            Kind::List | Kind::Map => self.refuse("must be a list or a mapping, not a text"),
            _ => self.scalar(text),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        if self.kind != Kind::List {
            return self.refuse("must be one value, not a list");
        }
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element::<String>()? {
            items.push(item);
        }
        Ok(Some(FileValue::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        if self.kind != Kind::Map {
            return self.refuse("must be one value, not a mapping");
        }
        let mut entries = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, String>()? {
            entries.insert(key, value);
        }
        Ok(Some(FileValue::Map(entries)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match parse(text, Path::new("f.yaml")) {
            Ok(values) => format!("accepted: {values:?}"),
            Err(error) => format!("{:?} {error}", error.problem),
        }
    }

    #[test]
    fn the_documented_file_is_read() {
        let text = r#"
stack: kong-prod
topology: article
aws:   { region: us-east-1, account_id: "123456789012", kong_role: KongRole, login_role: VaultRole, workload: ec2, tags: { team: edge } }
vault: { address: https://vault.internal:8200, auth_mount: aws, auth_role: kong-role, policy: kong-policy, ttl: 1h, max_ttl: 24h, sts: client, bound_cidrs: [10.0.0.0/8] }
kv:    { mount: kv, version: 2, prefix: kong/ }
kong:  { prefix: my-vault, enabled: true }
"#;
        let values = parse(text, Path::new("f.yaml"));
        assert!(values.is_ok(), "{values:?}");
        let values = values.unwrap_or_default();
        assert_eq!(
            values.get(&Id::Stack),
            Some(&FileValue::Text("kong-prod".into()))
        );
        assert_eq!(
            values.get(&Id::KvVersion),
            Some(&FileValue::Text("2".into()))
        );
        assert_eq!(
            values.get(&Id::BoundCidrs),
            Some(&FileValue::List(vec!["10.0.0.0/8".into()]))
        );
        assert_eq!(values.len(), 21);
    }

    #[test]
    fn nothing_is_a_valid_file() {
        for text in ["", "# only a comment\n", "aws:\n", "aws:\n  region:\n"] {
            assert_eq!(
                parse(text, Path::new("f.yaml")).map_err(|error| error.to_string()),
                Ok(FileValues::new()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn refusals_name_place_and_remedy() {
        insta::assert_snapshot!(
            [
                "aws:\n  regoin: us-east-1\n",
                "vualt:\n  address: x\n",
                "aws:\n  region: [a]\n",
                "aws:\n  account_id: 123456789012\n",
                "aws:\n  account_id: \"12\"\n",
                "topology: both\n",
                "vault:\n  ttl: soon\n",
                "vault:\n  allow_http: perhaps\n",
                "stack: a\nstack: b\n",
                "aws: 3\n",
                "aws:\n  region: yes\n    x: 1\n",
                "aws:\n  region: true\n",
                "aws:\n  zzz: 1\n",
                "vault:\n  token: hvs.x\n",
            ]
            .map(refusal)
            .join("\n")
        );
    }
}
