//! The difference on AWS's side.

use serde_json::{Value, json};

use super::{Ownership, Planner};
use crate::aws::identity::PrincipalArn;
use crate::aws::policy::compare::same_meaning;
use crate::aws::policy::document::Document;
use crate::aws::roles::{ProfileSeen, RoleSeen};
use crate::setup::desired::{DesiredProfile, DesiredRole, OWN_POLICY, Part};
use crate::setup::plan::{ConflictKind, FieldChange, Resource, Verb};

pub(super) fn role(planner: &mut Planner<'_>, wanted: &DesiredRole, found: Option<&RoleSeen>) {
    let resource = Resource::Role {
        arn: wanted.arn.clone(),
    };
    let Some(found) = found else {
        let mut fields = vec![
            FieldChange::new("trust_policy", wanted.trust.clone()),
            FieldChange::new("tags", json!(wanted.tags)),
        ];
        if let Some(boundary) = &wanted.permissions_boundary {
            fields.push(FieldChange::new("permissions_boundary", boundary.clone()));
        }
        planner.create(resource, fields);
        policy(planner, wanted, None, &Ownership::Ours);
        return;
    };
    if found.arn != wanted.arn {
        planner.conflict(
            resource,
            ConflictKind::CannotChange,
            format!("the role is there as {}", found.arn),
            format!("the path {}", wanted.path),
            "name the role with its path in the settings: a path cannot be changed".to_owned(),
        );
        return;
    }
    let ownership = ownership(wanted, found);
    // The role that Vault's servers already have keeps everything it has: it
    // only gets our inline policy.
    if wanted.part == Part::Server && matches!(ownership, Ownership::Others { .. }) {
        planner.plan.unchanged.push(resource);
        policy(planner, wanted, Some(found), &Ownership::Ours);
        return;
    }
    if let Some(dead) = dead_principal(&found.trust) {
        let fields = vec![FieldChange {
            name: "trust_policy".to_owned(),
            before: Some(found.trust.clone()),
            after: Some(wanted.trust.clone()),
        }];
        let why = format!(
            "its trust policy names {dead}, a principal that was deleted; the one of that name now is another"
        );
        planner.change(Verb::Replace, resource, &why, fields);
    } else {
        let fields = role_fields(wanted, found);
        planner.settle(resource, copy(&ownership), fields);
    }
    policy(planner, wanted, Some(found), &ownership);
}

fn copy(ownership: &Ownership) -> Ownership {
    match ownership {
        Ownership::Ours => Ownership::Ours,
        Ownership::Others { found } => Ownership::Others {
            found: found.clone(),
        },
    }
}

fn ownership(wanted: &DesiredRole, found: &RoleSeen) -> Ownership {
    let is_ours = ["managed-by", "vaultiam:stack"]
        .iter()
        .all(|tag| found.tags.get(*tag) == wanted.tags.get(*tag));
    if is_ours {
        Ownership::Ours
    } else {
        let mark = found.tags.get("vaultiam:stack");
        Ownership::Others {
            found: match mark {
                Some(stack) => format!("a role of the stack {stack}"),
                None => "a role without vaultiam's tags".to_owned(),
            },
        }
    }
}

fn role_fields(wanted: &DesiredRole, found: &RoleSeen) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    if !is_same_policy(&wanted.trust, &found.trust) {
        fields.push(FieldChange {
            name: "trust_policy".to_owned(),
            before: Some(found.trust.clone()),
            after: Some(wanted.trust.clone()),
        });
    }
    // Tags of others stay.
    let missing: Vec<_> = wanted
        .tags
        .iter()
        .filter(|(name, value)| found.tags.get(*name) != Some(value))
        .collect();
    if !missing.is_empty() {
        let mut after = found.tags.clone();
        after.extend(
            missing
                .into_iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        fields.push(FieldChange {
            name: "tags".to_owned(),
            before: Some(json!(found.tags)),
            after: Some(json!(after)),
        });
    }
    if wanted.permissions_boundary != found.permissions_boundary {
        fields.push(FieldChange {
            name: "permissions_boundary".to_owned(),
            before: found.permissions_boundary.clone().map(Value::from),
            after: wanted.permissions_boundary.clone().map(Value::from),
        });
    }
    fields
}

/// Our inline policy: set where the role needs one, taken away where it does not.
fn policy(
    planner: &mut Planner<'_>,
    wanted: &DesiredRole,
    found: Option<&RoleSeen>,
    ownership: &Ownership,
) {
    let resource = Resource::InlinePolicy {
        role_arn: wanted.arn.clone(),
        name: OWN_POLICY.to_owned(),
    };
    let before = found.and_then(|found| found.inline.get(OWN_POLICY));
    let field = FieldChange {
        name: "policy".to_owned(),
        before: before.cloned(),
        after: wanted.policy.clone(),
    };
    match (before, &wanted.policy) {
        (None, None) => {}
        (Some(before), Some(after)) if is_same_policy(before, after) => {
            planner.plan.unchanged.push(resource)
        }
        (None, Some(_)) if matches!(ownership, Ownership::Ours) => {
            planner.create(resource, vec![field])
        }
        (Some(_), None) if matches!(ownership, Ownership::Ours) => {
            planner.change(
                Verb::Delete,
                resource,
                "the role needs no permission",
                vec![field],
            );
        }
        _ => planner.settle(resource, copy(ownership), vec![field]),
    }
}

/// Policies are compared by meaning; what cannot be read is another.
fn is_same_policy(left: &Value, right: &Value) -> bool {
    match (Document::from_value(left), Document::from_value(right)) {
        (Ok(left), Ok(right)) => same_meaning(&left, &right),
        _ => false,
    }
}

/// The unique id that AWS leaves in a trust policy when the principal is gone.
fn dead_principal(trust: &Value) -> Option<String> {
    match trust {
        Value::String(text) => {
            let is_id = (text.starts_with("AROA") || text.starts_with("AIDA"))
                && PrincipalArn::parse(text).is_none()
                && text.len() >= 16;
            is_id.then(|| text.clone())
        }
        Value::Array(items) => items.iter().find_map(dead_principal),
        Value::Object(entries) => entries.values().find_map(dead_principal),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

pub(super) fn profile(
    planner: &mut Planner<'_>,
    wanted: &DesiredProfile,
    found: Option<&ProfileSeen>,
) {
    let resource = Resource::InstanceProfile {
        arn: wanted.arn.clone(),
    };
    let roles = FieldChange::new("roles", json!([wanted.name]));
    match found {
        None => planner.create(
            resource,
            vec![roles, FieldChange::new("tags", json!(wanted.tags))],
        ),
        Some(found) if found.roles == [wanted.name.clone()] => {
            planner.plan.unchanged.push(resource)
        }
        Some(found) if found.roles.is_empty() => {
            planner.change(Verb::Update, resource, "it holds no role", vec![roles]);
        }
        Some(found) => planner.conflict(
            resource,
            ConflictKind::ProfileHoldsAnother,
            format!("it holds {}", found.roles.join(", ")),
            format!("the role {}", wanted.name),
            "an instance profile holds one role: free it, or name another role in the settings"
                .to_owned(),
        ),
    }
}
