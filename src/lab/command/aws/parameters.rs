//! Flags as parameters of the Query API: `--role-name X` is `RoleName=X`.

use std::collections::BTreeMap;

use crate::lab::command::Refused;

pub(super) type Parameters = BTreeMap<String, String>;

/// Reads the flags behind service and command.
pub(super) fn read(typed: &[String]) -> Result<Parameters, Refused> {
    let mut parameters = Parameters::new();
    let mut words = typed.iter().peekable();
    while let Some(word) = words.next() {
        let flag = word.strip_prefix("--").filter(|flag| !flag.is_empty());
        let flag = flag.ok_or_else(|| unknown(word))?;
        let mut values = Vec::new();
        while let Some(value) = words.next_if(|word| !word.starts_with("--")) {
            values.push(loaded(value)?);
        }
        match (flag, values.as_slice()) {
            ("region" | "profile", _) => return Err(unknown(word)),
            (_, []) => {
                let words = format!("argument --{flag}: expected one argument");
                return Err(Refused::new(252, words));
            }
            ("tags" | "action-names" | "resource-arns", values) => {
                for (value, number) in values.iter().zip(1..) {
                    let name = format!("{}.member.{number}", camel(flag));
                    parameters.extend(member(&name, value));
                }
            }
            (flag, [value]) => drop(parameters.insert(camel(flag), value.clone())),
            (_, [_, second, ..]) => return Err(unknown(second)),
        }
    }
    Ok(parameters)
}

fn unknown(word: &str) -> Refused {
    Refused::new(252, format!("Unknown options: {word}"))
}

/// A value, or the text of the file that it names.
fn loaded(value: &str) -> Result<String, Refused> {
    match value.strip_prefix("file://") {
        None => Ok(value.to_owned()),
        Some(name) => std::fs::read_to_string(name).map_err(|error| {
            Refused::new(252, format!("Unable to load paramfile {value}: {error}"))
        }),
    }
}

/// A member of a list: a text, or a mapping as it is typed, `Key=a,Value=b`.
fn member(name: &str, text: &str) -> Vec<(String, String)> {
    let pairs = text.split(',').map(|pair| pair.split_once('='));
    let pairs: Option<Vec<_>> = pairs.collect();
    let Some(pairs) = pairs else {
        return vec![(name.to_owned(), text.to_owned())];
    };
    let pairs = pairs.into_iter();
    pairs
        .map(|(part, value)| (format!("{name}.{part}"), value.to_owned()))
        .collect()
}

/// `role-name` is `RoleName`.
pub(super) fn camel(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let (first, rest) = part.split_at_checked(1).unwrap_or((part, ""));
        first.to_ascii_uppercase() + rest
    });
    parts.collect()
}
