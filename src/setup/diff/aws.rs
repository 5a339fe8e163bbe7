//! The difference on AWS's side.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::statements::{dead_principal, has_own, is_same_policy, merged, only_own};
use super::{Ownership, Planner};
use crate::aws::policy::lint::{Kind, check_size};
use crate::aws::roles::{ProfileSeen, RoleSeen};
use crate::http::date::rfc3339;
use crate::setup::desired::{Desired, DesiredProfile, DesiredRole, MANAGED_BY, Part, STACK_TAG};
use crate::setup::observed::AwsObserved;
use crate::setup::plan::{ConflictKind, FieldChange, Resource, Verb};

pub(super) fn aws(planner: &mut Planner<'_>, desired: &Desired, observed: &AwsObserved) {
    for wanted in &desired.roles {
        role(planner, wanted, observed);
    }
    for wanted in &desired.profiles {
        let found = observed.profiles.get(&wanted.name);
        // Vault's servers that have a role already have a profile too.
        let is_servers_own = desired
            .roles
            .iter()
            .find(|role| role.name == wanted.name && role.part == Part::Server)
            .and_then(|role| Some((role, observed.roles.get(&role.name)?)))
            .is_some_and(|(role, found)| !matches!(hold(role, found), Hold::Ours));
        if !is_servers_own {
            profile(planner, wanted, found);
        }
    }
}

/// Whose a role is, by its tags and its statements.
pub(crate) enum Hold {
    Ours,
    /// Somebody else's, in which some statements are ours.
    Statements,
    OtherStack {
        stack: String,
    },
    Others,
}

impl Hold {
    fn ownership(self) -> Ownership {
        match self {
            Hold::Ours | Hold::Statements => Ownership::Ours,
            Hold::OtherStack { stack } => Ownership::OtherStack {
                found: format!("a role of the stack {stack}"),
            },
            Hold::Others => Ownership::Others {
                found: "a role without vaultiam's tags".to_owned(),
            },
        }
    }
}

/// Tells whether both marks of ours are there.
pub(crate) fn has_marks(
    found: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> bool {
    [MANAGED_BY.0, STACK_TAG]
        .iter()
        .all(|tag| found.get(*tag) == wanted.get(*tag))
}

/// Tells whose the role is that stands where one is wanted.
pub(crate) fn hold(wanted: &DesiredRole, found: &RoleSeen) -> Hold {
    let tag = |name: &str| found.tags.get(name).map(String::as_str);
    let stack = wanted.tags.get(STACK_TAG).map(String::as_str);
    let is_made_by_us = tag(MANAGED_BY.0) == Some(MANAGED_BY.1);
    match (tag(MANAGED_BY.0), tag(STACK_TAG)) {
        // One of two tags may be lost; the statement is a mark too.
        (_, ours) if ours == stack && (is_made_by_us || has_own(&found.trust, &wanted.own)) => {
            Hold::Ours
        }
        (Some(by), Some(other)) if by == MANAGED_BY.1 => Hold::OtherStack {
            stack: other.to_owned(),
        },
        _ if has_own(&found.trust, &wanted.own) => Hold::Statements,
        _ => Hold::Others,
    }
}

fn role(planner: &mut Planner<'_>, wanted: &DesiredRole, observed: &AwsObserved) {
    let resource = wanted.resource();
    let Some(found) = observed.roles.get(&wanted.name) else {
        create(planner, wanted, resource);
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
    match hold(wanted, found) {
        Hold::Ours => {
            let fields = fields_of_ours(wanted, found);
            note_lost_servers(planner, wanted, found);
            settle_ours(planner, resource, fields, &found.trust, observed);
            policy(planner, wanted, found);
        }
        // The role that Vault's servers already have keeps everything it has: it
        // only gets our inline policy.
        _ if wanted.part == Part::Server => {
            planner.plan.unchanged.push(resource);
            policy(planner, wanted, found);
        }
        Hold::Statements => {
            let fields = fields_of_statements(wanted, found);
            if refuse_too_large(planner, &resource, &fields) {
                return;
            }
            settle_ours(
                planner,
                resource,
                fields,
                &only_own(&found.trust, &wanted.own),
                observed,
            );
            policy(planner, wanted, found);
        }
        hold => others(planner, wanted, found, resource, hold.ownership()),
    }
}

fn create(planner: &mut Planner<'_>, wanted: &DesiredRole, resource: Resource) {
    let mut fields = vec![
        FieldChange::new("trust_policy", wanted.trust.clone()),
        FieldChange::new("tags", json!(wanted.tags)),
    ];
    if let Some(boundary) = &wanted.permissions_boundary {
        fields.push(FieldChange::new("permissions_boundary", boundary.clone()));
    }
    planner.create(resource, fields);
    if let Some(policy) = &wanted.policy {
        let fields = vec![FieldChange::new("policy", policy.clone())];
        planner.create(wanted.policy_resource(), fields);
    }
}

/// Vault's servers may run with the login role still when the topology takes
/// that from it.
fn note_lost_servers(planner: &mut Planner<'_>, wanted: &DesiredRole, found: &RoleSeen) {
    let trusts_ec2 = |trust: &Value| trust.to_string().contains("\"ec2.");
    if wanted.part == Part::Login && trusts_ec2(&found.trust) && !trusts_ec2(&wanted.trust) {
        planner.plan.notes.push(format!(
            "{} will no longer serve as the role of Vault's servers: if they run with its instance profile, give them another one first",
            wanted.arn
        ));
    }
}

/// Somebody else's role: as wanted already, adopted, or a conflict. An adopted
/// role is managed by statement and gets no tags, so that it stays theirs.
fn others(
    planner: &mut Planner<'_>,
    wanted: &DesiredRole,
    found: &RoleSeen,
    resource: Resource,
    whose: Ownership,
) {
    let differs_in_policy = match (&wanted.policy, found.inline.get(&wanted.own.policy)) {
        (None, None) => false,
        (Some(wanted), Some(found)) => !is_same_policy(wanted, found),
        _ => true,
    };
    let is_adopted = matches!(whose, Ownership::Others { .. })
        && planner.decisions.adopt.contains(&resource.name());
    // A role that is taken over gets our statement, even where another says the
    // same: it is the mark by which it is known again.
    let trust = (is_adopted || !is_same_policy(&wanted.trust, &found.trust)).then(|| FieldChange {
        name: "trust_policy".to_owned(),
        before: Some(found.trust.clone()),
        after: Some(merged(&found.trust, &wanted.trust, &wanted.own)),
    });
    let merged_fields: Vec<FieldChange> = trust.iter().cloned().collect();
    if is_adopted && refuse_too_large(planner, &resource, &merged_fields) {
        return;
    }
    if is_adopted {
        planner.settle(resource, whose, trust.into_iter().collect());
        policy(planner, wanted, found);
    } else if trust.is_some() || differs_in_policy {
        let mut differing: Vec<FieldChange> = trust.into_iter().collect();
        if differs_in_policy {
            differing.push(FieldChange {
                name: "policy".to_owned(),
                before: None,
                after: wanted.policy.clone(),
            });
        }
        planner.settle(resource, whose, differing);
    } else {
        planner.plan.unchanged.push(resource);
    }
}

/// A trust policy that would be longer than IAM takes is found before anything
/// is sent.
fn refuse_too_large(
    planner: &mut Planner<'_>,
    resource: &Resource,
    fields: &[FieldChange],
) -> bool {
    let trust = fields.iter().find(|field| field.name == "trust_policy");
    let after = trust.and_then(|field| field.after.as_ref());
    let problem = after.and_then(|after| check_size(&after.to_string(), Kind::Trust));
    let Some(problem) = problem else { return false };
    planner.conflict(
        resource.clone(),
        ConflictKind::CannotChange,
        format!("with our statement its trust policy {}", problem.what),
        "a trust policy that IAM takes".to_owned(),
        problem.remedy,
    );
    true
}

/// An update of what is ours; a dead principal makes it a replacement.
fn settle_ours(
    planner: &mut Planner<'_>,
    resource: Resource,
    fields: Vec<FieldChange>,
    our_trust: &Value,
    observed: &AwsObserved,
) {
    match dead_principal(our_trust) {
        Some(dead) => {
            let why = format!(
                "its trust policy names {dead}, a principal that was deleted; {}",
                who_has_the_name_now(&fields, observed)
            );
            planner.change(Verb::Replace, resource, &why, fields);
        }
        None => planner.settle(resource, Ownership::Ours, fields),
    }
}

/// Of the wanted principals that IAM shows: id and date, for the decision.
fn who_has_the_name_now(fields: &[FieldChange], observed: &AwsObserved) -> String {
    let text = fields
        .iter()
        .filter_map(|field| field.after.as_ref())
        .map(Value::to_string)
        .collect::<String>();
    let named = observed
        .roles
        .values()
        .find(|role| text.contains(&format!("\"{}\"", role.arn)));
    match named {
        Some(role) => format!(
            "{} now is {}, created {}",
            role.arn,
            role.unique_id,
            rfc3339(role.created)
        ),
        None => "the one that gets the name is made anew".to_owned(),
    }
}

fn fields_of_statements(wanted: &DesiredRole, found: &RoleSeen) -> Vec<FieldChange> {
    let is_same = is_same_policy(&wanted.trust, &only_own(&found.trust, &wanted.own));
    let change = (!is_same).then(|| FieldChange {
        name: "trust_policy".to_owned(),
        before: Some(found.trust.clone()),
        after: Some(merged(&found.trust, &wanted.trust, &wanted.own)),
    });
    change.into_iter().collect()
}

fn fields_of_ours(wanted: &DesiredRole, found: &RoleSeen) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    if !is_same_policy(&wanted.trust, &found.trust) {
        fields.push(FieldChange {
            name: "trust_policy".to_owned(),
            before: Some(found.trust.clone()),
            after: Some(wanted.trust.clone()),
        });
    }
    fields.extend(tags(&wanted.tags, &found.tags));
    // A boundary that the settings do not name is somebody else's guard.
    if let Some(boundary) = &wanted.permissions_boundary
        && found.permissions_boundary.as_ref() != Some(boundary)
    {
        fields.push(FieldChange {
            name: "permissions_boundary".to_owned(),
            before: found.permissions_boundary.clone().map(Value::from),
            after: Some(boundary.clone().into()),
        });
    }
    fields
}

/// The tags that are missing or have another value. Tags of others stay.
fn tags(
    wanted: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
) -> Option<FieldChange> {
    let is_missing = |(name, value): &(&String, &String)| found.get(*name) != Some(*value);
    wanted.iter().any(|tag| is_missing(&tag)).then(|| {
        let mut after = found.clone();
        after.extend(wanted.clone());
        FieldChange {
            name: "tags".to_owned(),
            before: Some(json!(found)),
            after: Some(json!(after)),
        }
    })
}

/// Our inline policy: set where the role needs one, taken away where it does not.
fn policy(planner: &mut Planner<'_>, wanted: &DesiredRole, found: &RoleSeen) {
    let resource = wanted.policy_resource();
    let before = found.inline.get(&wanted.own.policy);
    let field = FieldChange {
        name: "policy".to_owned(),
        before: before.cloned(),
        after: wanted.policy.clone(),
    };
    match (before, &wanted.policy) {
        (None, None) => {}
        (None, Some(_)) => planner.create(resource, vec![field]),
        (Some(_), None) => planner.change(
            Verb::Delete,
            resource,
            "the role needs no permission",
            vec![field],
        ),
        (Some(before), Some(after)) if is_same_policy(before, after) => {
            planner.plan.unchanged.push(resource)
        }
        (Some(_), Some(_)) => planner.settle(resource, Ownership::Ours, vec![field]),
    }
}

fn profile(planner: &mut Planner<'_>, wanted: &DesiredProfile, found: Option<&ProfileSeen>) {
    let resource = wanted.resource();
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
            let roles = FieldChange {
                before: Some(json!([])),
                ..roles
            };
            let ownership = if has_marks(&found.tags, &wanted.tags) {
                Ownership::Ours
            } else {
                Ownership::Others {
                    found: "an instance profile without vaultiam's tags".to_owned(),
                }
            };
            planner.settle(resource, ownership, vec![roles]);
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
