//! The plan in reverse: what goes, of what is there. Pure.
//!
//! Only what is marked as ours goes. What others hung on it, or share with it,
//! is a conflict or stays, and the plan says which.

use serde_json::{Value, json};

use super::desired::{Desired, DesiredProfile, DesiredRole, DesiredVault, Part};
use super::diff::aws::{Hold, has_marks, hold};
use super::diff::statements::without_own;
use super::diff::vault::{
    BOUND_ARNS, is_mount_of_another_stack, is_our_mount, is_our_policy, is_our_role, other_roles,
    texts, unsure_of,
};
use super::observed::{AwsObserved, Observed, VaultObserved};
use super::plan::{Change, Conflict, ConflictKind, FieldChange, Plan, Resource, Verb};
use crate::aws::identity::bare_name;
use crate::aws::roles::RoleSeen;

/// The KV mount whose secrets are to be deleted too, as it was named.
#[derive(Debug, Clone, Default)]
pub struct DeleteSecrets(pub Option<String>);

/// Works out what is to go: Vault's side first, so that nobody can log in while
/// the rest goes.
pub fn teardown(desired: &Desired, observed: &Observed, secrets: &DeleteSecrets) -> Plan {
    let mut plan = Plan::default();
    if let Some(seen) = &observed.vault {
        let aws = observed.aws.as_ref().map(|aws| (desired, aws));
        vault(&mut plan, &desired.vault, seen, aws, secrets);
    }
    if let Some(seen) = &observed.aws {
        aws(&mut plan, desired, seen);
    }
    plan
}

fn vault(
    plan: &mut Plan,
    wanted: &DesiredVault,
    observed: &VaultObserved,
    aws: Option<(&Desired, &AwsObserved)>,
    secrets: &DeleteSecrets,
) {
    let stays = auth_role(plan, wanted, observed, aws);
    let goes_whole = !stays
        && observed
            .auth_mount
            .as_ref()
            .is_some_and(|mount| mount.kind == wanted.auth_type)
        && is_our_mount(wanted, observed)
        && other_roles(wanted, observed).is_empty();
    if let Some(found) = &observed.auth_mount {
        let resource = wanted.auth_mount_resource();
        if goes_whole {
            let before = [
                ("type", json!(found.kind)),
                ("description", json!(found.description)),
            ];
            plan.changes.push(delete(resource, before));
        } else {
            plan.unchanged.push(resource);
        }
    }
    policy(plan, wanted, observed, stays);
    kv_mount(plan, wanted, observed, secrets);
}

/// Plans the role; tells whether one stays, for others who log in with it.
fn auth_role(
    plan: &mut Plan,
    wanted: &DesiredVault,
    observed: &VaultObserved,
    aws: Option<(&Desired, &AwsObserved)>,
) -> bool {
    let Some(found) = &observed.auth_role else {
        return false;
    };
    let resource = wanted.auth_role_resource();
    let bound = texts(found.get(BOUND_ARNS));
    let others: Vec<&String> = bound
        .iter()
        .filter(|arn| **arn != wanted.bound_arn)
        .collect();
    let is_ours = is_our_role(wanted, observed, found) && !is_bound_role_of_others(aws, wanted);
    if is_ours && others.is_empty() {
        plan.changes
            .push(delete(resource, [(BOUND_ARNS, json!(bound))]));
        return false;
    }
    let binds_ours = others.len() < bound.len();
    let is_of_another_stack = is_mount_of_another_stack(wanted, observed);
    let unsure = unsure_of(wanted, found, aws.map(|(_, observed)| observed));
    if others.is_empty() || !binds_ours || is_of_another_stack {
        plan.unchanged.push(resource);
    } else if !unsure.is_empty() {
        plan.conflicts.push(Conflict {
            resource,
            kind: ConflictKind::CannotChange,
            found: format!("it also binds {}", unsure.join(", ")),
            wanted: "to take our principal out of its list".to_owned(),
            remedy: "Vault would look the others up again and trust whoever has their names now: look at them, then write the list by hand"
                .to_owned(),
            fields: Vec::new(),
        });
    } else {
        // The logins of the others stay as they are.
        plan.changes.push(Change {
            verb: Verb::Update,
            resource,
            why: "it binds others too".to_owned(),
            fields: vec![FieldChange {
                name: BOUND_ARNS.to_owned(),
                before: Some(json!(bound)),
                after: Some(json!(others)),
            }],
        });
    }
    true
}

/// Tells whether IAM shows the bound role as another stack's.
fn is_bound_role_of_others(aws: Option<(&Desired, &AwsObserved)>, wanted: &DesiredVault) -> bool {
    aws.is_some_and(|(desired, observed)| {
        let bound = desired
            .roles
            .iter()
            .find(|role| role.arn == wanted.bound_arn);
        let found = bound.and_then(|role| Some((role, observed.roles.get(&role.name)?)));
        found.is_some_and(|(role, found)| matches!(hold(role, found), Hold::OtherStack { .. }))
    })
}

/// A role that stays still names the policy.
fn policy(plan: &mut Plan, wanted: &DesiredVault, observed: &VaultObserved, is_needed: bool) {
    let Some(found) = &observed.policy else {
        return;
    };
    let resource = wanted.policy_resource();
    if is_our_policy(wanted, found) && !is_needed {
        plan.changes
            .push(delete(resource, [("policy", json!(found))]));
    } else {
        plan.unchanged.push(resource);
    }
}

fn kv_mount(
    plan: &mut Plan,
    wanted: &DesiredVault,
    observed: &VaultObserved,
    secrets: &DeleteSecrets,
) {
    let Some(found) = &observed.kv_mount else {
        return;
    };
    let resource = wanted.kv_mount_resource();
    let named = secrets.0.as_deref().map(|named| named.trim_matches('/'));
    if named != Some(wanted.kv_mount.as_str()) {
        plan.unchanged.push(resource);
    } else if found.description == wanted.description {
        let before = [
            ("type", json!(found.kind)),
            ("secrets", json!("everything in it")),
        ];
        plan.changes.push(delete(resource, before));
    } else {
        plan.conflicts.push(Conflict {
            resource,
            kind: ConflictKind::NotOurs,
            found: "a KV engine that vaultiam did not make".to_owned(),
            wanted: "its deletion, with every secret in it".to_owned(),
            remedy: "if it is to go all the same: vault secrets disable".to_owned(),
            fields: Vec::new(),
        });
    }
}

/// IAM deletes a role only when no policy and no instance profile hangs on it.
fn aws(plan: &mut Plan, desired: &Desired, observed: &AwsObserved) {
    // In reverse: who trusts before who is trusted.
    for role in desired.roles.iter().rev() {
        let profile = desired
            .profiles
            .iter()
            .find(|profile| profile.name == role.name);
        let Some(found) = observed.roles.get(&role.name) else {
            if let Some(profile) = profile {
                instance_profile(plan, profile, observed, RoleOf::Staying);
            }
            continue;
        };
        if found.arn != role.arn {
            continue;
        }
        match hold(role, found) {
            Hold::Ours => {
                if let Some(profile) = profile {
                    instance_profile(plan, profile, observed, RoleOf::Going);
                }
                inline_policy(plan, role, found);
                whole_role(plan, role, found, observed);
            }
            Hold::Statements if role.part != Part::Server => {
                if let Some(profile) = profile {
                    instance_profile(plan, profile, observed, RoleOf::Staying);
                }
                inline_policy(plan, role, found);
                our_statements(plan, role, found);
            }
            _ => {
                if role.part == Part::Server {
                    inline_policy(plan, role, found);
                }
                plan.unchanged.push(role.resource());
            }
        }
    }
}

fn inline_policy(plan: &mut Plan, wanted: &DesiredRole, found: &RoleSeen) {
    if let Some(document) = found.inline.get(&wanted.own.policy) {
        let resource = wanted.policy_resource();
        plan.changes.push(Change {
            verb: Verb::Delete,
            resource,
            why: OURS.to_owned(),
            fields: vec![FieldChange {
                name: "policy".to_owned(),
                before: Some(document.clone()),
                after: None,
            }],
        });
    }
}

fn whole_role(plan: &mut Plan, wanted: &DesiredRole, found: &RoleSeen, observed: &AwsObserved) {
    let resource = wanted.resource();
    let goes = |name: &str| {
        plan.changes.iter().any(|change| {
            matches!(&change.resource, Resource::InstanceProfile { arn } if bare_name(arn) == name)
        })
    };
    let holders = observed.holders.get(&wanted.name);
    let other_profiles = holders
        .into_iter()
        .flatten()
        .filter(|name| !goes(name))
        .map(|name| format!("the instance profile {name}"));
    let other_policies = found
        .inline
        .keys()
        .filter(|name| **name != wanted.own.policy)
        .map(|name| format!("the inline policy {name}"));
    let attached = found.attached.iter().map(|arn| format!("the policy {arn}"));
    let hanging: Vec<String> = other_profiles
        .chain(other_policies)
        .chain(attached)
        .collect();
    if hanging.is_empty() {
        plan.changes.push(delete(
            resource,
            [
                ("trust_policy", found.trust.clone()),
                ("tags", json!(found.tags)),
            ],
        ));
    } else {
        plan.conflicts.push(Conflict {
            resource,
            kind: ConflictKind::InUse,
            found: format!("on it hangs {}", hanging.join(", ")),
            wanted: "a role with nothing of others on it".to_owned(),
            remedy: "IAM deletes no such role: take it off first, or keep the role".to_owned(),
            fields: Vec::new(),
        });
    }
}

fn our_statements(plan: &mut Plan, wanted: &DesiredRole, found: &RoleSeen) {
    let resource = wanted.resource();
    match without_own(&found.trust, &wanted.own) {
        Some(rest) => plan.changes.push(Change {
            verb: Verb::Update,
            resource,
            why: "the role is somebody else's; our statement goes".to_owned(),
            fields: vec![FieldChange {
                name: "trust_policy".to_owned(),
                before: Some(found.trust.clone()),
                after: Some(rest),
            }],
        }),
        None => plan.conflicts.push(Conflict {
            resource,
            kind: ConflictKind::InUse,
            found: "its trust policy has no statement but ours".to_owned(),
            wanted: "a role that trusts somebody".to_owned(),
            remedy: "give it another trust policy first, or delete it by hand: it is not ours"
                .to_owned(),
            fields: Vec::new(),
        }),
    }
}

/// Whether the role that a profile holds is deleted too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RoleOf {
    Going,
    Staying,
}

fn instance_profile(
    plan: &mut Plan,
    wanted: &DesiredProfile,
    observed: &AwsObserved,
    role: RoleOf,
) {
    let Some(found) = observed.profiles.get(&wanted.name) else {
        return;
    };
    let resource = wanted.resource();
    let others: Vec<&str> = found
        .roles
        .iter()
        .map(String::as_str)
        .filter(|role| *role != wanted.name)
        .collect();
    if has_marks(&found.tags, &wanted.tags) && !others.is_empty() {
        plan.conflicts.push(Conflict {
            resource,
            kind: ConflictKind::InUse,
            found: format!("it holds {}", others.join(", ")),
            wanted: format!("an instance profile that holds {} or nothing", wanted.name),
            remedy: "take that role out of it first, or keep the profile".to_owned(),
            fields: Vec::new(),
        });
    } else if has_marks(&found.tags, &wanted.tags) {
        let before = [("roles", json!(found.roles)), ("tags", json!(found.tags))];
        plan.changes.push(delete(resource, before));
    } else if found.roles == [wanted.name.clone()] && role == RoleOf::Going {
        // It was there before, and our role hangs on it.
        plan.changes.push(Change {
            verb: Verb::Update,
            resource,
            why: "the profile is not ours; our role goes out of it".to_owned(),
            fields: vec![FieldChange {
                name: "roles".to_owned(),
                before: Some(json!(found.roles)),
                after: Some(json!([])),
            }],
        });
    } else {
        plan.unchanged.push(resource);
    }
}

const OURS: &str = "it is ours";

fn delete<const N: usize>(resource: Resource, before: [(&str, Value); N]) -> Change {
    Change {
        verb: Verb::Delete,
        resource,
        why: OURS.to_owned(),
        fields: before
            .into_iter()
            .map(|(name, before)| FieldChange {
                name: name.to_owned(),
                before: Some(before),
                after: None,
            })
            .collect(),
    }
}
