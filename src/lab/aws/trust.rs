//! Trust policies as IAM keeps them: a role or user that one names is kept by its
//! unique id, and shown by its ARN for as long as there is one of that id.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::Value;

use super::documents;
use super::refusal::Refusal;
use super::state::{PARTITION, State};
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::aws::policy::{Document, Kind};
use crate::settings::value::is_account;

#[derive(Debug, Clone)]
pub(super) struct Trust {
    document: Value,
    /// The unique ids of the roles and users, by ARN.
    ids: BTreeMap<String, String>,
}

/// Services that may be trusted: those that a workload of Kong or Vault runs on.
///
/// Source: the trust policies in each service's own user guide.
const SERVICES: [&str; 8] = [
    "codebuild.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "ecs.amazonaws.com",
    "eks.amazonaws.com",
    "lambda.amazonaws.com",
    "pods.eks.amazonaws.com",
    "ssm.amazonaws.com",
];

impl Trust {
    /// Takes a document over, as `CreateRole` and `UpdateAssumeRolePolicy` do.
    pub(super) fn take(text: &str, state: &State, now: SystemTime) -> Result<Self, Refusal> {
        let mut document = documents::check(text, Kind::Trust)?;
        let mut ids = BTreeMap::new();
        let mut unknown = None;
        each_principal(&mut document, |kind, principal| {
            let is_known = match kind {
                "AWS" => know(principal, state, now, &mut ids),
                "Service" => SERVICES.contains(&principal.as_str()),
                // Identity providers are not played.
                _ => true,
            };
            if !is_known {
                let kind = if kind == "AWS" { "AWS" } else { "SERVICE" };
                unknown.get_or_insert_with(|| documents::invalid_principal(kind, principal));
            }
        });
        match unknown {
            Some(refusal) => Err(refusal),
            None => Ok(Trust { document, ids }),
        }
    }

    /// The document as it is now: what was deleted stands in it by its id.
    pub(super) fn shown(&self, state: &State) -> Value {
        let mut document = self.document.clone();
        each_principal(&mut document, |_, principal| {
            if let Some(id) = self.ids.get(principal.as_str())
                && state.unique_id_of(principal).map(|(id, _)| id) != Some(id)
            {
                principal.clone_from(id);
            }
        });
        document
    }

    /// The same, as it is decided by.
    pub(super) fn in_force(&self, state: &State) -> Option<Document> {
        Document::from_value(&self.shown(state)).ok()
    }
}

/// Whether IAM finds a principal. What it keeps in another form is changed.
fn know(
    principal: &mut String,
    state: &State,
    now: SystemTime,
    ids: &mut BTreeMap<String, String>,
) -> bool {
    if principal == "*" {
        return true;
    }
    if is_account(principal) {
        *principal = format!("arn:{PARTITION}:iam::{principal}:root");
    }
    let Some(arn) = PrincipalArn::parse(principal) else {
        return false;
    };
    if arn.partition != PARTITION || !state.accounts.contains_key(&arn.account) {
        return false;
    }
    match arn.kind {
        PrincipalKind::Role { .. } | PrincipalKind::User { .. } => {
            let Some((id, created)) = state.unique_id_of(principal) else {
                return false;
            };
            ids.insert(principal.clone(), id.to_owned());
            state.is_settled(created, now)
        }
        PrincipalKind::AssumedRole { .. } | PrincipalKind::Root | PrincipalKind::Other(_) => true,
    }
}

/// Hands out each principal of a document with its kind, to be changed.
fn each_principal(document: &mut Value, mut change: impl FnMut(&str, &mut String)) {
    let Some(statements) = document.get_mut("Statement") else {
        return;
    };
    let statements = match statements {
        Value::Array(list) => list.iter_mut().collect(),
        single => vec![single],
    };
    for statement in statements {
        let Some(Value::Object(kinds)) = statement.get_mut("Principal") else {
            continue;
        };
        for (kind, named) in kinds {
            let named = match named {
                Value::Array(list) => list.iter_mut().collect(),
                single => vec![single],
            };
            for principal in named {
                if let Value::String(principal) = principal {
                    change(kind, principal);
                }
            }
        }
    }
}
