//! From what is wanted and what is there to a plan. Pure. A side that was not
//! looked at is not planned.
//!
//! What bears no mark of ours and differs is a conflict, never a change, unless
//! it was named to be adopted.

pub(crate) mod aws;
pub(crate) mod statements;
#[cfg(test)]
mod tests;
pub(crate) mod vault;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::desired::Desired;
use super::observed::Observed;
use super::plan::{Change, Conflict, ConflictKind, FieldChange, Plan, Resource, Verb};

/// What the person decided beforehand.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// The resources to be taken over, by name.
    pub adopt: BTreeSet<String>,
}

/// Works out the plan.
pub fn diff(desired: &Desired, observed: &Observed, decisions: &Decisions) -> Plan {
    let mut planner = Planner {
        plan: Plan::default(),
        decisions,
    };
    if let Some(seen) = &observed.aws {
        aws::aws(&mut planner, desired, seen);
    }
    if let Some(seen) = &observed.vault {
        vault::vault(&mut planner, desired, seen, observed.aws.as_ref());
    }
    planner.plan
}

struct Planner<'a> {
    plan: Plan,
    decisions: &'a Decisions,
}

impl Planner<'_> {
    fn create(&mut self, resource: Resource, fields: Vec<FieldChange>) {
        self.change(Verb::Create, resource, "it is not there", fields);
    }

    fn change(&mut self, verb: Verb, resource: Resource, why: &str, fields: Vec<FieldChange>) {
        self.plan.changes.push(Change {
            verb,
            resource,
            why: why.to_owned(),
            fields,
        });
    }

    /// Plans what differs in something that is there: nothing, an update of
    /// ours, an adoption, or a conflict.
    fn settle(&mut self, resource: Resource, ownership: Ownership, fields: Vec<FieldChange>) {
        let is_adopted = self.decisions.adopt.contains(&resource.name());
        match ownership {
            _ if fields.is_empty() => self.plan.unchanged.push(resource),
            Ownership::Ours => self.change(
                Verb::Update,
                resource,
                "it differs from the settings",
                fields,
            ),
            Ownership::Others { .. } if is_adopted => {
                self.change(Verb::Adopt, resource, "--adopt names it", fields);
            }
            Ownership::OtherStack { found } => {
                self.conflict(
                    resource,
                    ConflictKind::NotOurs,
                    found,
                    another(&fields),
                    "what a stack made is its own: choose another name in the settings, or make both agree"
                        .to_owned(),
                );
                self.show_in_conflict(fields);
            }
            Ownership::Others { found } => {
                // The flags behind the command, which only the command line knows.
                let remedy = format!("--plan --adopt {}", crate::shell::quote(&resource.name()));
                self.conflict(
                    resource,
                    ConflictKind::NotOurs,
                    found,
                    another(&fields),
                    remedy,
                );
                self.show_in_conflict(fields);
            }
        }
    }

    /// Shows what would change in the conflict that was just found.
    fn show_in_conflict(&mut self, fields: Vec<FieldChange>) {
        if let Some(conflict) = self.plan.conflicts.last_mut() {
            conflict.fields = fields;
        }
    }

    fn conflict(
        &mut self,
        resource: Resource,
        kind: ConflictKind,
        found: String,
        wanted: String,
        remedy: String,
    ) {
        self.plan.conflicts.push(Conflict {
            resource,
            kind,
            found,
            wanted,
            remedy,
            fields: Vec::new(),
        });
    }
}

/// What is wanted in place of what is there: the names of the fields.
fn another(fields: &[FieldChange]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    format!("another {}", names.join(", "))
}

/// Whether something that is there is ours.
enum Ownership {
    Ours,
    Others {
        found: String,
    },
    /// Another stack's: two that own one thing would undo each other's work.
    OtherStack {
        found: String,
    },
}

/// The wanted fields whose value is another, or none, in what is there.
fn differing(wanted: &Map<String, Value>, found: &Map<String, Value>) -> Vec<FieldChange> {
    wanted
        .iter()
        .filter(|(name, value)| !is_same(value, found.get(*name)))
        .map(|(name, value)| FieldChange {
            name: name.clone(),
            before: found.get(name).cloned(),
            after: Some(value.clone()),
        })
        .collect()
}

/// Vault writes "not set" in several ways: null, an empty text, an empty list.
pub(crate) fn is_same(wanted: &Value, found: Option<&Value>) -> bool {
    let is_unset = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::Object(_) => false,
    };
    match found {
        None => is_unset(wanted),
        Some(found) if is_unset(wanted) && is_unset(found) => true,
        Some(Value::Array(found)) => match wanted {
            // The order of a list of policies or networks has no meaning.
            Value::Array(wanted) => {
                wanted.len() == found.len() && wanted.iter().all(|item| found.contains(item))
            }
            _ => false,
        },
        Some(found) => wanted == found,
    }
}
