//! The documents of `setup` and `teardown`.

use serde::Serialize;
use serde_json::Value;

use super::{FaultDocument, FindingDocument, StepDocument};
use crate::output::plan::WaitingFor;
use crate::setup::plan::{Change, Conflict, FieldChange};
use crate::setup::rights::Right;

/// `vaultiam/v1/plan`.
#[derive(Serialize)]
pub struct PlanDocument {
    pub schema: &'static str,
    pub stack: String,
    pub topology: &'static str,
    pub exit_code: u8,
    pub steps: Vec<StepDocument>,
    pub changes: Vec<ChangeDocument>,
    pub conflicts: Vec<ConflictDocument>,
    pub unchanged: Vec<String>,
    pub missing_rights: Vec<RightDocument>,
    pub fault: Option<FaultDocument>,
    pub findings: Vec<FindingDocument>,
}

/// `vaultiam/v1/applied`.
#[derive(Serialize)]
pub struct AppliedDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    pub steps: Vec<StepDocument>,
    pub done: Vec<String>,
    pub not_done: Vec<String>,
    pub unknown: Vec<String>,
    pub waiting_for: Option<WaitingForDocument>,
    pub fault: Option<FaultDocument>,
    pub findings: Vec<FindingDocument>,
}

#[derive(Serialize)]
pub struct WaitingForDocument {
    what: String,
    command: String,
    #[serde(rename = "where")]
    place: &'static str,
}

#[derive(Serialize)]
pub struct ChangeDocument {
    action: &'static str,
    resource: String,
    why: String,
    fields: Vec<FieldDocument>,
}

#[derive(Serialize)]
struct FieldDocument {
    name: String,
    before: Option<Value>,
    after: Option<Value>,
}

#[derive(Serialize)]
pub struct ConflictDocument {
    resource: String,
    found: String,
    wanted: String,
    remedy: String,
    fields: Vec<FieldDocument>,
}

#[derive(Serialize)]
pub struct RightDocument {
    action: String,
    target: String,
}

impl From<&Change> for ChangeDocument {
    fn from(change: &Change) -> Self {
        ChangeDocument {
            action: change.verb.name(),
            resource: change.resource.name(),
            why: change.why.clone(),
            fields: super::mirror(&change.fields),
        }
    }
}

impl From<&FieldChange> for FieldDocument {
    fn from(field: &FieldChange) -> Self {
        FieldDocument {
            name: field.name.clone(),
            before: field.before.clone(),
            after: field.after.clone(),
        }
    }
}

impl From<&Conflict> for ConflictDocument {
    fn from(conflict: &Conflict) -> Self {
        ConflictDocument {
            resource: conflict.resource.name(),
            found: conflict.found.clone(),
            wanted: conflict.wanted.clone(),
            remedy: conflict.remedy.clone(),
            fields: super::mirror(&conflict.fields),
        }
    }
}

impl From<&Right> for RightDocument {
    fn from(right: &Right) -> Self {
        RightDocument {
            action: right.action.clone(),
            target: right.target.clone(),
        }
    }
}

impl From<&WaitingFor> for WaitingForDocument {
    fn from(waiting: &WaitingFor) -> Self {
        WaitingForDocument {
            what: waiting.what.clone(),
            command: waiting.command.clone(),
            place: waiting.place,
        }
    }
}
