//! A document written in another way, and a document with another meaning.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value};

use crate::aws::policy::document::{
    Document, Effect, PrincipalLists, Principals, Scope, Statement, Version,
};

/// The document in another form: order, repetition, case, lists, Sids and the
/// names of accounts are drawn anew.
pub(in crate::aws::policy) fn rewrite(document: &Document, rng: &mut Rng) -> String {
    let mut statements: Vec<Value> = Vec::new();
    for statement in &document.statements {
        for _ in 0..=usize::from(rng.u8(..) < 50) {
            statements.push(rewrite_statement(statement, rng));
        }
    }
    rng.shuffle(&mut statements);
    let mut fields = vec![("Statement", single_or_list(statements, rng))];
    match document.language() {
        Version::Old if rng.bool() => {}
        version => fields.push(("Version", version.as_str().into())),
    }
    if rng.bool() {
        fields.push(("Id", "other".into()));
    }
    shuffled(fields, rng).to_string()
}

fn rewrite_statement(statement: &Statement, rng: &mut Rng) -> Value {
    let mut fields = vec![("Effect", statement.effect.as_str().into())];
    if rng.bool() {
        fields.push(("Sid", format!("S{}", rng.u8(..)).into()));
    }
    let (name, actions) = statement.action.element("Action", "NotAction");
    fields.push((name, rewrite_list(actions, rng, any_case)));
    if let Some(resource) = &statement.resource {
        let (name, resources) = resource.element("Resource", "NotResource");
        fields.push((name, rewrite_list(resources, rng, as_it_is)));
    }
    if let Some(principal) = &statement.principal {
        let (name, principals) = principal.element("Principal", "NotPrincipal");
        let value = match principals {
            Principals::Everyone => "*".into(),
            Principals::Listed(lists) => {
                let lists = lists.by_kind().into_iter();
                let lists: Vec<(&str, Value)> = lists
                    .filter(|(_, values)| !values.is_empty())
                    .map(|(kind, values)| match kind {
                        "AWS" => (kind, rewrite_list(values, rng, any_account)),
                        kind => (kind, rewrite_list(values, rng, as_it_is)),
                    })
                    .collect();
                shuffled(lists, rng)
            }
        };
        fields.push((name, value));
    }
    if !statement.condition.is_empty() || rng.bool() {
        // Where names may fall together but for case, their case is left alone.
        let is_single = statement.condition.len() < 2
            && statement.condition.values().all(|keys| keys.len() < 2);
        let recase = if is_single { any_case } else { as_it_is };
        let operators = statement.condition.iter().map(|(operator, keys)| {
            let keys = keys.iter().map(|(key, values)| {
                let key = recase(key, rng).as_str().unwrap_or_default().to_owned();
                (key, rewrite_list(values, rng, any_type))
            });
            let keys: Vec<(String, Value)> = keys.collect();
            let operator = recase(operator, rng)
                .as_str()
                .unwrap_or_default()
                .to_owned();
            (operator, shuffled(keys, rng))
        });
        let operators: Vec<(String, Value)> = operators.collect();
        fields.push(("Condition", shuffled(operators, rng)));
    }
    shuffled(fields, rng)
}

fn rewrite_list(values: &[String], rng: &mut Rng, form: fn(&str, &mut Rng) -> Value) -> Value {
    let mut list = Vec::new();
    for value in values {
        for _ in 0..=usize::from(rng.u8(..) < 50) {
            list.push(form(value, rng));
        }
    }
    rng.shuffle(&mut list);
    single_or_list(list, rng)
}

fn single_or_list(mut list: Vec<Value>, rng: &mut Rng) -> Value {
    if list.len() == 1 && rng.bool() {
        list.remove(0)
    } else {
        Value::Array(list)
    }
}

fn shuffled<K: Into<String>>(mut fields: Vec<(K, Value)>, rng: &mut Rng) -> Value {
    rng.shuffle(&mut fields);
    let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
    Value::Object(fields.collect::<Map<String, Value>>())
}

fn as_it_is(text: &str, _: &mut Rng) -> Value {
    text.into()
}

fn any_case(text: &str, rng: &mut Rng) -> Value {
    let recased: String = text
        .chars()
        .map(|character| match rng.bool() {
            true => character.to_ascii_uppercase(),
            false => character.to_ascii_lowercase(),
        })
        .collect();
    recased.into()
}

fn any_account(text: &str, rng: &mut Rng) -> Value {
    match text {
        "123456789012" if rng.bool() => "arn:aws:iam::123456789012:root".into(),
        "arn:aws:iam::111122223333:root" if rng.bool() => "111122223333".into(),
        text => text.into(),
    }
}

fn any_type(text: &str, rng: &mut Rng) -> Value {
    match text {
        "true" if rng.bool() => true.into(),
        "false" if rng.bool() => false.into(),
        "5" if rng.bool() => 5.into(),
        text => text.into(),
    }
}

/// Changes one value of a document in normal form, and says which.
pub(super) fn change(document: &mut Document, rng: &mut Rng) -> &'static str {
    if rng.u8(..) < 20 {
        document.version = Some(match document.language() {
            Version::Old => Version::Current,
            Version::Current => Version::Old,
        });
        return "version";
    }
    let index = rng.usize(..document.statements.len());
    let statement = &mut document.statements[index];
    match rng.u8(..6) {
        0 => {
            statement.effect = match statement.effect {
                Effect::Allow => Effect::Deny,
                Effect::Deny => Effect::Allow,
            };
            "effect"
        }
        1 => {
            statement.action = match statement.action.clone() {
                Scope::Only(listed) => Scope::AllBut(listed),
                Scope::AllBut(listed) => Scope::Only(listed),
            };
            "action or not"
        }
        2 => {
            statement.action = statement.action.map(|actions| one_changed(actions, rng));
            "an action"
        }
        3 => {
            statement.resource = match &statement.resource {
                None => Some(Scope::Only(vec!["*".into()])),
                Some(scope) => Some(scope.map(|resources| one_changed(resources, rng))),
            };
            "a resource"
        }
        4 => {
            let everyone = Scope::Only(Principals::Everyone);
            statement.principal = Some(statement.principal.as_ref().map_or(everyone, |scope| {
                scope.map(|principals| match principals {
                    Principals::Everyone => Principals::Listed(PrincipalLists {
                        aws: vec!["*".into()],
                        ..PrincipalLists::default()
                    }),
                    Principals::Listed(lists) => {
                        let mut lists = lists.clone();
                        let list = match rng.u8(..4) {
                            0 => &mut lists.aws,
                            1 => &mut lists.service,
                            2 => &mut lists.federated,
                            _ => &mut lists.canonical_user,
                        };
                        *list = one_changed(list, rng);
                        Principals::Listed(lists)
                    }
                })
            }));
            "a principal"
        }
        _ => {
            let keys = statement.condition.values_mut();
            let values: Vec<_> = keys.flat_map(BTreeMap::values_mut).collect();
            match rng.choice(values) {
                Some(values) => *values = one_changed(values, rng),
                None => {
                    let keys = BTreeMap::from([("new:Key".to_owned(), vec!["x".to_owned()])]);
                    statement.condition.insert("NumericEquals".into(), keys);
                }
            }
            "a condition"
        }
    }
}

/// One value replaced, dropped or added.
fn one_changed(values: &[String], rng: &mut Rng) -> Vec<String> {
    let mut values = values.to_vec();
    match rng.u8(..3) {
        0 if values.len() > 1 => {
            let index = rng.usize(..values.len());
            values.remove(index);
        }
        1 if !values.is_empty() => {
            let index = rng.usize(..values.len());
            values[index].push_str("-new");
        }
        _ => values.push("new".into()),
    }
    values
}
