//! Trust policies as IAM keeps them: a role or user that one names is kept by its
//! unique id, and shown by its ARN for as long as there is one of that id.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::Value;

use super::documents;
use super::identity::seen;
use super::refusal::Refusal;
use super::state::State;
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::aws::policy::Kind;
use crate::aws::policy::evaluate::{Policy, Sight};
use crate::settings::value::is_account;

#[derive(Clone)]
pub(super) struct Trust {
    document: Value,
    /// The unique ids of the roles and users, by ARN.
    ids: BTreeMap<String, String>,
}

/// Services that may be trusted: those that a workload of Kong runs on.
const SERVICES: [&str; 4] = [
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "lambda.amazonaws.com",
    "pods.eks.amazonaws.com",
];

impl Trust {
    /// Takes a document over, as `CreateRole` and `UpdateAssumeRolePolicy` do.
    pub(super) fn take(text: &str, state: &State, now: SystemTime) -> Result<Self, Refusal> {
        let mut document = serde_json::from_str(text).unwrap_or_default();
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
                let kind = kind.to_ascii_uppercase();
                unknown = Some(format!(
                    "Invalid principal in policy: \"{kind}\":\"{principal}\""
                ));
            }
        });
        match unknown {
            Some(words) => Err(Refusal::malformed_policy(words)),
            None => documents::check(text, Kind::Trust).map(|_| Trust { document, ids }),
        }
    }

    /// The document as it is now: what was deleted stands in it by its id.
    pub(super) fn shown(&self, state: &State) -> Value {
        let mut document = self.document.clone();
        each_principal(&mut document, |_, principal| {
            if let Some(id) = self.ids.get(principal.as_str())
                && state.unique_id_of(principal) != Some(id)
            {
                principal.clone_from(id);
            }
        });
        document
    }

    /// The same, as it is decided by.
    pub(super) fn in_force(&self, state: &State) -> Sight<Policy> {
        seen([("trust", &self.shown(state))])
    }
}

/// Whether IAM finds a principal. What it keeps in another form is changed.
fn know(
    principal: &mut String,
    state: &State,
    now: SystemTime,
    ids: &mut BTreeMap<String, String>,
) -> bool {
    if is_account(principal) {
        *principal = format!("arn:aws:iam::{principal}:root");
    }
    let Some(arn) = PrincipalArn::parse(principal) else {
        return principal == "*";
    };
    if arn.partition != "aws" || arn.account != state.account {
        return false;
    }
    if let PrincipalKind::Role { .. } | PrincipalKind::User { .. } = arn.kind {
        let Some(id) = state.unique_id_of(principal) else {
            return false;
        };
        ids.insert(principal.clone(), id.to_owned());
    }
    state.is_settled(principal, now)
}

/// Hands out each principal of a document with its kind, to be changed.
fn each_principal(document: &mut Value, mut change: impl FnMut(&str, &mut String)) {
    for statement in one_or_more(document.get_mut("Statement")) {
        let Some(Value::Object(kinds)) = statement.get_mut("Principal") else {
            continue;
        };
        for (kind, principals) in kinds {
            for principal in one_or_more(Some(principals)) {
                if let Value::String(principal) = principal {
                    change(kind, principal);
                }
            }
        }
    }
}

/// What is a list, or one value in its place.
fn one_or_more(value: Option<&mut Value>) -> Vec<&mut Value> {
    match value {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        single => single.into_iter().collect(),
    }
}
