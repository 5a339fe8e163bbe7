//! What `docs/json.md` promised once it promises for good: `json_v1.txt` holds
//! every field that a document of version 1 ever had, and only grows.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::generated::{assert_current, of_project};
use crate::reference::{page, rows};

/// The type of each field, by its path; `?` where the sample has `null`.
type Fields = BTreeMap<String, String>;

const LIST: &str = "tests/integration/json_v1.txt";

const HEAD: &str = "\
# Every field that a document of version 1 ever had, and its type. No line is
# ever taken out or changed, but `?` when the type becomes known: programs that
# others wrote rely on it. UPDATE=1 adds what is new.
";

#[test]
fn no_field_of_version_1_is_gone_or_of_another_type() {
    let text = std::fs::read_to_string(of_project(LIST)).unwrap_or_default();
    let promised: Fields = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(path, _)| *path != "#")
        .map(|(path, kind)| (path.to_owned(), kind.to_owned()))
        .collect();
    let documented = documented();
    assert_eq!(broken(&promised, &documented), Vec::<String>::new());
    let mut wanted = promised;
    for (path, kind) in documented {
        let known = wanted.entry(path).or_insert_with(|| kind.clone());
        if known == "?" {
            *known = kind;
        }
    }
    let lines: String = wanted
        .iter()
        .map(|(path, kind)| format!("{path} {kind}\n"))
        .collect();
    assert_current(&of_project(LIST), &format!("{HEAD}{lines}"));
}

#[test]
fn a_field_that_goes_or_changes_is_seen() {
    let fields = |pairs: &[(&str, &str)]| -> Fields {
        let pairs = pairs.iter();
        pairs
            .map(|(path, kind)| ((*path).to_owned(), (*kind).to_owned()))
            .collect()
    };
    let promised = fields(&[("login.token", "object"), ("login.fault", "?")]);
    let grown = [
        ("login.token", "object"),
        ("login.fault", "object"),
        ("login.new", "string"),
    ];
    assert_eq!(broken(&promised, &fields(&grown)), Vec::<String>::new());
    let null = [("login.token", "?"), ("login.fault", "?")];
    assert_eq!(broken(&promised, &fields(&null)), Vec::<String>::new());
    let gone = fields(&[("login.token", "object")]);
    assert_eq!(broken(&promised, &gone), ["login.fault is gone"]);
    let other = fields(&[("login.token", "string"), ("login.fault", "?")]);
    assert_eq!(
        broken(&promised, &other),
        ["login.token was object and is string"]
    );
}

/// What a page with `documented` fields breaks of what was promised.
fn broken(promised: &Fields, documented: &Fields) -> Vec<String> {
    let check = |(path, was): (&String, &String)| match documented.get(path) {
        None => Some(format!("{path} is gone")),
        Some(is) if is == was || is == "?" || was == "?" => None,
        Some(is) => Some(format!("{path} was {was} and is {is}")),
    };
    promised.iter().filter_map(check).collect()
}

/// The fields of the page: those of its samples, each named by the heading
/// above it, and the facts of the steps.
fn documented() -> Fields {
    let page = page("json.md");
    let mut fields = Fields::new();
    for section in page.split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap_or_default().trim_matches('`');
        let name = heading
            .strip_prefix("vaultiam/v1/")
            .or(heading.strip_prefix("A "));
        let Some((_, rest)) = section.split_once("```json\n") else {
            continue;
        };
        let name = name.unwrap_or_else(|| panic!("a sample below '{heading}'"));
        let sample = rest.split("```").next().unwrap();
        add(&mut fields, name, &serde_json::from_str(sample).unwrap());
    }
    for row in rows(&page, "| step | facts |") {
        let step = row[0].trim_matches('`').replace(' ', "-");
        for fact in row[1].split('`').skip(1).step_by(2) {
            fields.insert(format!("step.facts.{step}.{fact}"), "?".to_owned());
        }
    }
    fields
}

fn add(fields: &mut Fields, path: &str, value: &Value) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let path = format!("{path}.{key}");
                fields.insert(path.clone(), kind(value).to_owned());
                match (key.as_str(), value) {
                    // The keys of these are no promise: settings have names of
                    // their own, facts have the page's table, fields the user's, and
                    // what a verdict rests on is for this program to read.
                    ("settings", Value::Object(settings)) => {
                        let first = settings.values().next();
                        add(fields, &format!("{path}.*"), first.unwrap_or(&Value::Null));
                    }
                    ("facts" | "fields" | "evidence", Value::Object(_)) => {}
                    _ => add(fields, &path, value),
                }
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                add(fields, &format!("{path}[]"), first);
            }
        }
        _ => {}
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "?",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
