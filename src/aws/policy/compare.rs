//! Whether two documents say the same.
//!
//! In doubt they do not: two documents that differ in meaning must never pass as
//! one, while a change of form that is planned without need is only a nuisance.

use std::collections::BTreeMap;

use super::document::{Conditions, Document, PrincipalLists, Principals, Statement};
use crate::aws::identity::{PrincipalArn, PrincipalKind};

/// Tells whether AWS decides alike by both documents, whatever the request.
pub fn same_meaning(left: &Document, right: &Document) -> bool {
    normalise(left) == normalise(right)
}

/// The document in the form that all documents of its meaning share, as far as
/// that can be told: for comparing, not for sending.
///
/// Order, repetition, `Sid` and `Id` go; letters become small where AWS ignores
/// case; the two names of an account become one. Statements are not merged, and
/// a wildcard does not swallow what it covers.
pub fn normalise(document: &Document) -> Document {
    let mut statements: Vec<Statement> = document.statements.iter().map(statement).collect();
    // Each statement is matched by itself, and any Deny wins over any Allow.
    statements.sort();
    statements.dedup();
    Document {
        version: Some(document.language()),
        id: None,
        statements,
    }
}

fn statement(statement: &Statement) -> Statement {
    Statement {
        sid: None,
        effect: statement.effect,
        principal: statement
            .principal
            .as_ref()
            .map(|scope| scope.map(principals)),
        // "The prefix and the action name are case insensitive."
        action: statement
            .action
            .map(|actions| set(actions.iter().map(|action| action.to_ascii_lowercase()))),
        resource: statement
            .resource
            .as_ref()
            .map(|scope| scope.map(|resources| set(resources.iter().cloned()))),
        condition: conditions(&statement.condition),
    }
}

fn principals(principals: &Principals) -> Principals {
    match principals {
        // AWS calls "*" and {"AWS": "*"} equivalent, yet IAM refuses the first in
        // a trust policy: they stay apart.
        Principals::Everyone => Principals::Everyone,
        Principals::Listed(lists) => Principals::Listed(PrincipalLists {
            aws: set(lists.aws.iter().map(|principal| account(principal))),
            service: set(lists.service.iter().cloned()),
            federated: set(lists.federated.iter().cloned()),
            canonical_user: set(lists.canonical_user.iter().cloned()),
        }),
    }
}

/// `arn:aws:iam::123456789012:root` as `123456789012`: "The account ARN and the
/// shortened account ID behave the same way." In other partitions the ARN stays,
/// because the short form does not say which partition it is in.
fn account(principal: &str) -> String {
    match PrincipalArn::parse(principal) {
        Some(PrincipalArn {
            partition,
            account,
            kind: PrincipalKind::Root,
        }) if partition == "aws" => account,
        _ => principal.to_owned(),
    }
}

/// Small letters for operators and keys ("Condition key names are not
/// case-sensitive"), except where that would let two of them fall together.
fn conditions(conditions: &Conditions) -> Conditions {
    let mut small = Conditions::new();
    let mut keys_before = 0;
    for (operator, keys) in conditions {
        let target = small.entry(operator.to_ascii_lowercase()).or_default();
        for (key, values) in keys {
            target.insert(key.to_ascii_lowercase(), set(values.iter().cloned()));
        }
        keys_before += keys.len();
    }
    let keys_after = small.values().map(BTreeMap::len).sum::<usize>();
    if small.len() == conditions.len() && keys_after == keys_before {
        return small;
    }
    let sorted = conditions.iter().map(|(operator, keys)| {
        let keys = keys.iter();
        let keys = keys.map(|(key, values)| (key.clone(), set(values.iter().cloned())));
        (operator.clone(), keys.collect())
    });
    sorted.collect()
}

fn set(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut values: Vec<String> = values.collect();
    values.sort();
    values.dedup();
    values
}

#[cfg(test)]
mod tests;
