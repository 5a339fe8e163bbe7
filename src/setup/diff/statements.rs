//! Our statements within a trust policy that also holds others'.

use serde_json::{Value, json};

use crate::aws::identity::PrincipalArn;
use crate::aws::policy::compare::same_meaning;
use crate::aws::policy::document::Document;
use crate::setup::desired::OwnNames;

/// Policies are compared by meaning; what cannot be read is another.
pub(crate) fn is_same_policy(left: &Value, right: &Value) -> bool {
    match (Document::from_value(left), Document::from_value(right)) {
        (Ok(left), Ok(right)) => same_meaning(&left, &right),
        _ => false,
    }
}

/// Tells whether a trust policy holds a statement of ours.
pub(crate) fn has_own(trust: &Value, own: &OwnNames) -> bool {
    statements(trust)
        .iter()
        .any(|statement| is_own(statement, own))
}

/// The trust policy with our statements alone.
pub(crate) fn only_own(trust: &Value, own: &OwnNames) -> Value {
    with_statements(
        trust,
        statements(trust)
            .into_iter()
            .filter(|statement| is_own(statement, own))
            .collect(),
    )
}

/// The trust policy without our statements; `None` where nothing would be left,
/// for a role must trust somebody.
pub(crate) fn without_own(trust: &Value, own: &OwnNames) -> Option<Value> {
    let others: Vec<Value> = statements(trust)
        .into_iter()
        .filter(|statement| !is_own(statement, own))
        .collect();
    (!others.is_empty()).then(|| with_statements(trust, others))
}

/// The trust policy with others' statements as they are, and the wanted ones in
/// place of ours.
pub(crate) fn merged(found: &Value, wanted: &Value, own: &OwnNames) -> Value {
    let mut all: Vec<Value> = statements(found)
        .into_iter()
        .filter(|statement| !is_own(statement, own))
        .collect();
    all.extend(statements(wanted));
    with_statements(found, all)
}

/// The unique id that AWS leaves in a trust policy when the principal is gone.
pub(crate) fn dead_principal(trust: &Value) -> Option<String> {
    statements(trust)
        .iter()
        .filter_map(|statement| statement.get("Principal"))
        .find_map(dead_id)
}

fn dead_id(principal: &Value) -> Option<String> {
    match principal {
        Value::String(text) => {
            let is_id = (text.starts_with("AROA") || text.starts_with("AIDA"))
                && PrincipalArn::parse(text).is_none()
                && text.len() >= 16;
            is_id.then(|| text.clone())
        }
        Value::Array(items) => items.iter().find_map(dead_id),
        Value::Object(entries) => entries.values().find_map(dead_id),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn is_own(statement: &Value, own: &OwnNames) -> bool {
    let sid = statement.get("Sid").and_then(Value::as_str);
    sid.is_some_and(|sid| own.has_sid(sid))
}

/// A single statement may stand without a list.
fn statements(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement @ Value::Object(_)) => vec![statement.clone()],
        _ => Vec::new(),
    }
}

fn with_statements(document: &Value, statements: Vec<Value>) -> Value {
    let mut document = document.clone();
    match &mut document {
        Value::Object(fields) => {
            fields.insert("Statement".to_owned(), json!(statements));
            document
        }
        _ => json!({ "Version": "2012-10-17", "Statement": statements }),
    }
}
