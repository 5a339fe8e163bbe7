//! From JSON to the model, with every problem on the way.

use std::collections::BTreeMap;

use super::json::Json;
use super::{
    Conditions, Document, Effect, PrincipalLists, Principals, Problem, Scope, Statement, Version,
};
use crate::settings::file::closest;

/// What could be read. Where there are problems the document is incomplete:
/// good for looking for further problems, and for nothing else.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) document: Document,
    /// How each statement is called: `Statement[1]`, or `Statement` for the only
    /// one that needs no list.
    pub(crate) places: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

const DOCUMENT_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

const PRINCIPAL_KINDS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

pub(crate) fn read(json: &Json) -> Draft {
    let mut problems = Vec::new();
    let fields = known_fields(&mut problems, "document", json, &DOCUMENT_ELEMENTS);
    let version = fields
        .get("Version")
        .and_then(|json| version(&mut problems, json));
    let id = fields
        .get("Id")
        .and_then(|json| text(&mut problems, "Id", json));
    let mut places = Vec::new();
    let mut statements = Vec::new();
    match fields.get("Statement") {
        // IAM allows the brackets to be left out around a single element.
        Some(json @ Json::Object(_)) => {
            statements.push(statement(&mut problems, "Statement", json));
            places.push("Statement".to_owned());
        }
        Some(Json::List(items)) => {
            for (index, json) in items.iter().enumerate() {
                let place = format!("Statement[{index}]");
                statements.push(statement(&mut problems, &place, json));
                places.push(place);
            }
            if items.is_empty() {
                problems.push(empty("Statement"));
            }
        }
        Some(other) => problems.push(wrong_kind("Statement", other, "a list of objects")),
        // What is no object at all has had its complaint.
        None if matches!(json, Json::Object(_)) => problems.push(Problem::new(
            "Statement",
            "is missing",
            "add it with at least one statement",
        )),
        None => {}
    }
    Draft {
        document: Document {
            version,
            id,
            statements,
        },
        places,
        problems,
    }
}

fn version(problems: &mut Vec<Problem>, json: &Json) -> Option<Version> {
    let text = text(problems, "Version", json)?;
    let known = [Version::Old, Version::Current];
    let version = known.into_iter().find(|version| version.as_str() == text);
    if version.is_none() {
        // The date is the name of the language, not the day of writing.
        problems.push(Problem::new(
            "Version",
            format!("is {text:?}, and no version of the policy language"),
            "write \"2012-10-17\"",
        ));
    }
    version
}

fn statement(problems: &mut Vec<Problem>, place: &str, json: &Json) -> Statement {
    let fields = known_fields(problems, place, json, &STATEMENT_ELEMENTS);
    let is_object = matches!(json, Json::Object(_));
    let at = |name: &str| format!("{place}.{name}");
    let sid = fields
        .get("Sid")
        .and_then(|json| text(problems, &at("Sid"), json));
    let effect = match fields.get("Effect") {
        Some(json) => effect(problems, &at("Effect"), json),
        None => {
            if is_object {
                problems.push(Problem::new(
                    at("Effect"),
                    "is missing",
                    "add \"Allow\" or \"Deny\"",
                ));
            }
            Effect::Deny
        }
    };
    let principal = one_of(problems, place, &fields, ["Principal", "NotPrincipal"]);
    let principal =
        principal.map(|element| element.map(|(place, json)| principals(problems, place, json)));
    let action = one_of(problems, place, &fields, ["Action", "NotAction"]);
    if action.is_none() && is_object {
        problems.push(Problem::new(
            at("Action"),
            "is missing",
            "add the actions that the statement is about",
        ));
    }
    let action = action.map_or(Scope::Only(Vec::new()), |element| {
        element.map(|(place, json)| texts(problems, place, json))
    });
    let resource = one_of(problems, place, &fields, ["Resource", "NotResource"]);
    let resource =
        resource.map(|element| element.map(|(place, json)| texts(problems, place, json)));
    let condition = fields
        .get("Condition")
        .map_or_else(Conditions::new, |json| {
            conditions(problems, &at("Condition"), json)
        });
    Statement {
        sid,
        effect,
        principal,
        action,
        resource,
        condition,
    }
}

fn effect(problems: &mut Vec<Problem>, place: &str, json: &Json) -> Effect {
    match text(problems, place, json).as_deref() {
        Some("Allow") => Effect::Allow,
        Some("Deny") | None => Effect::Deny,
        Some(other) => {
            problems.push(Problem::new(
                place,
                format!("is {other:?}"),
                "write \"Allow\" or \"Deny\", with the capital",
            ));
            Effect::Deny
        }
    }
}

/// The positive or the negative element of a pair, with its place.
fn one_of<'a>(
    problems: &mut Vec<Problem>,
    place: &str,
    fields: &BTreeMap<&str, &'a Json>,
    [only, all_but]: [&str; 2],
) -> Option<Scope<(String, &'a Json)>> {
    match (fields.get(only), fields.get(all_but)) {
        (Some(json), None) => Some(Scope::Only((format!("{place}.{only}"), json))),
        (None, Some(json)) => Some(Scope::AllBut((format!("{place}.{all_but}"), json))),
        (Some(json), Some(_)) => {
            problems.push(Problem::new(
                place,
                format!("has both {only} and {all_but}"),
                "keep one of them; two statements can say both",
            ));
            Some(Scope::Only((format!("{place}.{only}"), json)))
        }
        (None, None) => None,
    }
}

fn principals(problems: &mut Vec<Problem>, place: &str, json: &Json) -> Principals {
    match json {
        Json::Text(text) if text == "*" => return Principals::Everyone,
        Json::Text(text) => problems.push(Problem::new(
            place,
            format!("is {text:?} without a kind"),
            "say what it is: {\"AWS\": …}, {\"Service\": …} or {\"Federated\": …}",
        )),
        Json::Object(entries) if entries.is_empty() => problems.push(empty(place)),
        Json::Object(_) => {}
        other => problems.push(wrong_kind(place, other, "an object")),
    }
    let fields = match json {
        Json::Object(_) => known_fields(problems, place, json, &PRINCIPAL_KINDS),
        _ => BTreeMap::new(),
    };
    let mut list = |kind: &str| {
        fields.get(kind).map_or_else(Vec::new, |json| {
            texts(problems, &format!("{place}.{kind}"), json)
        })
    };
    Principals::Listed(PrincipalLists {
        aws: list("AWS"),
        service: list("Service"),
        federated: list("Federated"),
        canonical_user: list("CanonicalUser"),
    })
}

fn conditions(problems: &mut Vec<Problem>, place: &str, json: &Json) -> Conditions {
    let mut conditions = Conditions::new();
    for (operator, json) in fields(problems, place, json) {
        let place = format!("{place}.{operator}");
        let mut keys = BTreeMap::new();
        for (key, json) in fields(problems, &place, json) {
            let place = format!("{place}.{key}");
            let values = match json {
                // IAM accepts an empty list here: it matches nothing.
                Json::List(items) => items.iter().collect(),
                single => vec![single],
            };
            let values = values
                .into_iter()
                .filter_map(|json| condition_value(problems, &place, json));
            keys.insert(key.to_owned(), values.collect());
        }
        conditions.insert(operator.to_owned(), keys);
    }
    conditions
}

/// Source: "condition_value" of the grammar: string, number or Boolean, and
/// "Quotation marks are optional for numeric and Boolean values".
fn condition_value(problems: &mut Vec<Problem>, place: &str, json: &Json) -> Option<String> {
    match json {
        Json::Text(text) | Json::Integer(text) => Some(text.clone()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Decimal => {
            problems.push(Problem::new(
                place,
                "holds a number whose digits do not survive reading",
                "write it in quotes",
            ));
            None
        }
        other => {
            problems.push(wrong_kind(place, other, "a string, number or Boolean"));
            None
        }
    }
}

/// One string or a list of them; at least one.
fn texts(problems: &mut Vec<Problem>, place: &str, json: &Json) -> Vec<String> {
    match json {
        Json::Text(text) => vec![text.clone()],
        Json::List(items) => {
            if items.is_empty() {
                problems.push(empty(place));
            }
            let items = items.iter().enumerate();
            items
                .filter_map(|(index, item)| text(problems, &format!("{place}[{index}]"), item))
                .collect()
        }
        other => {
            problems.push(wrong_kind(place, other, "a string or a list of strings"));
            Vec::new()
        }
    }
}

fn text(problems: &mut Vec<Problem>, place: &str, json: &Json) -> Option<String> {
    match json {
        Json::Text(text) => Some(text.clone()),
        other => {
            problems.push(wrong_kind(place, other, "a string"));
            None
        }
    }
}

/// The fields of an object whose names are given by the grammar.
fn known_fields<'a>(
    problems: &mut Vec<Problem>,
    place: &str,
    json: &'a Json,
    known: &[&'static str],
) -> BTreeMap<&'a str, &'a Json> {
    let mut found = fields(problems, place, json);
    found.retain(|name, _| {
        let is_known = known.contains(name);
        if !is_known {
            let near = known
                .iter()
                .find(|known| known.eq_ignore_ascii_case(name))
                .copied()
                .or_else(|| closest(name, known));
            problems.push(Problem::new(
                place,
                format!("has an unknown element {name:?}"),
                near.map_or_else(
                    || format!("known here: {}", known.join(", ")),
                    |near| format!("did you mean {near:?}?"),
                ),
            ));
        }
        is_known
    });
    found
}

/// The fields of an object, the first of each name.
fn fields<'a>(
    problems: &mut Vec<Problem>,
    place: &str,
    json: &'a Json,
) -> BTreeMap<&'a str, &'a Json> {
    let Json::Object(entries) = json else {
        problems.push(wrong_kind(place, json, "an object"));
        return BTreeMap::new();
    };
    let mut found = BTreeMap::new();
    for (name, value) in entries {
        if found.contains_key(name.as_str()) {
            problems.push(Problem::new(
                place,
                format!("has {name:?} twice"),
                "keep one of them; a list takes several values",
            ));
        } else {
            found.insert(name.as_str(), value);
        }
    }
    found
}

fn wrong_kind(place: &str, json: &Json, expected: &str) -> Problem {
    Problem::new(
        place,
        format!("is {}", json.kind()),
        format!("write {expected}"),
    )
}

fn empty(place: &str) -> Problem {
    Problem::new(
        place,
        "is empty",
        "name at least one, or drop the statement",
    )
}
