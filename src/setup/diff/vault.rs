//! The difference on Vault's side.

use serde_json::{Map, Value, json};

use super::{Ownership, Planner, differing};
use crate::setup::desired::{Desired, DesiredVault, Part};
use crate::setup::observed::Observed;
use crate::setup::plan::{ConflictKind, FieldChange, Resource, Verb};

/// The field with the unique ids that Vault bound.
const BOUND_IDS: &str = "bound_iam_principal_id";
const BOUND_ARNS: &str = "bound_iam_principal_arn";

pub(super) fn vault(planner: &mut Planner<'_>, desired: &Desired, observed: &Observed) {
    let wanted = &desired.vault;
    if auth_mount(planner, wanted, observed) {
        client_config(planner, wanted, observed);
        auth_role(planner, desired, observed);
    }
    policy(planner, wanted, observed);
    kv_mount(planner, wanted, observed);
}

fn is_our_mount(wanted: &DesiredVault, observed: &Observed) -> bool {
    observed
        .auth_mount
        .as_ref()
        .is_none_or(|mount| mount.description == wanted.description)
}

/// Plans the mount; tells whether what lies behind it can be planned.
fn auth_mount(planner: &mut Planner<'_>, wanted: &DesiredVault, observed: &Observed) -> bool {
    let resource = Resource::AuthMount {
        path: wanted.auth_mount.clone(),
    };
    match &observed.auth_mount {
        None => {
            let fields = vec![
                FieldChange::new("type", wanted.auth_type.clone()),
                FieldChange::new("description", wanted.description.clone()),
            ];
            planner.create(resource, fields);
            true
        }
        Some(found) if found.kind != wanted.auth_type => {
            planner.conflict(
                resource,
                ConflictKind::OtherKindOfMount,
                format!("an auth method of type {}", found.kind),
                format!("one of type {}", wanted.auth_type),
                "choose another path: --auth-mount".to_owned(),
            );
            false
        }
        Some(_) => {
            planner.plan.unchanged.push(resource);
            true
        }
    }
}

/// There is one `config/client` a mount: changing a shared one would touch the
/// logins of its other roles.
fn client_config(planner: &mut Planner<'_>, wanted: &DesiredVault, observed: &Observed) {
    let resource = Resource::ClientConfig {
        mount: wanted.auth_mount.clone(),
    };
    let Some(found) = &observed.client_config else {
        let fields = differing(&wanted.client_config, &Map::new());
        if is_our_mount(wanted, observed) {
            planner.create(resource, all_fields(&wanted.client_config));
        } else {
            planner.settle(resource, shared(wanted, observed), fields);
        }
        return;
    };
    let ownership = if is_our_mount(wanted, observed) {
        Ownership::Ours
    } else {
        shared(wanted, observed)
    };
    planner.settle(resource, ownership, differing(&wanted.client_config, found));
}

fn shared(wanted: &DesiredVault, observed: &Observed) -> Ownership {
    let others: Vec<&str> = observed
        .auth_roles
        .iter()
        .map(String::as_str)
        .filter(|name| *name != wanted.role_name)
        .collect();
    Ownership::Others {
        found: if others.is_empty() {
            "a mount that vaultiam did not make".to_owned()
        } else {
            format!(
                "a mount that is not ours, whose roles {} log in through it",
                others.join(", ")
            )
        },
    }
}

fn all_fields(fields: &Map<String, Value>) -> Vec<FieldChange> {
    fields
        .iter()
        .map(|(name, value)| FieldChange::new(name, value.clone()))
        .collect()
}

fn auth_role(planner: &mut Planner<'_>, desired: &Desired, observed: &Observed) {
    let wanted = &desired.vault;
    let resource = Resource::AuthRole {
        mount: wanted.auth_mount.clone(),
        name: wanted.role_name.clone(),
    };
    let Some(found) = &observed.auth_role else {
        planner.create(resource, all_fields(&wanted.role));
        return;
    };
    let bound = texts(found.get(BOUND_ARNS));
    let ours = texts(wanted.role.get(BOUND_ARNS));
    let is_ours = is_our_mount(wanted, observed) || bound.iter().all(|arn| ours.contains(arn));
    // A role that binds several principals keeps them all.
    let mut role = wanted.role.clone();
    let mut all = bound.clone();
    all.extend(ours.iter().filter(|arn| !bound.contains(arn)).cloned());
    role.insert(BOUND_ARNS.to_owned(), json!(all));
    let fields = differing(&role, found);
    if let Some(stale) = stale_id(desired, observed, found).filter(|_| is_ours) {
        let why =
            format!("it binds {stale}, the unique id of a role that was deleted and made anew");
        let mut fields = fields;
        fields.insert(
            0,
            FieldChange {
                name: BOUND_IDS.to_owned(),
                before: found.get(BOUND_IDS).cloned(),
                after: None,
            },
        );
        planner.change(Verb::Replace, resource, &why, fields);
        return;
    }
    let ownership = if is_ours {
        Ownership::Ours
    } else {
        Ownership::Others {
            found: format!("a role that binds {}", bound.join(", ")),
        }
    };
    planner.settle(resource, ownership, fields);
}

/// The id that Vault binds for our role, if IAM knows another one by now. Ids
/// stand in the order of the ARNs.
fn stale_id(desired: &Desired, observed: &Observed, found: &Map<String, Value>) -> Option<String> {
    let resolves = found
        .get("resolve_aws_unique_ids")
        .and_then(Value::as_bool)?;
    let bound_part = desired
        .roles
        .iter()
        .find(|role| role.part == Part::Login)
        .or_else(|| desired.roles.first())?;
    let now = observed.roles.get(&bound_part.name)?;
    let position = texts(found.get(BOUND_ARNS))
        .iter()
        .position(|arn| *arn == bound_part.arn)?;
    let id = texts(found.get(BOUND_IDS)).get(position).cloned()?;
    (resolves && id != now.unique_id).then_some(id)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn policy(planner: &mut Planner<'_>, wanted: &DesiredVault, observed: &Observed) {
    let resource = Resource::Policy {
        name: wanted.policy_name.clone(),
    };
    match &observed.policy {
        None => planner.create(
            resource,
            vec![FieldChange::new("policy", wanted.policy.clone())],
        ),
        Some(found) if found.trim() == wanted.policy.trim() => {
            planner.plan.unchanged.push(resource)
        }
        Some(found) => {
            let field = FieldChange {
                name: "policy".to_owned(),
                before: Some(found.clone().into()),
                after: Some(wanted.policy.clone().into()),
            };
            let ownership = if found.lines().next() == wanted.policy.lines().next() {
                Ownership::Ours
            } else {
                Ownership::Others {
                    found: "a policy without vaultiam's comment".to_owned(),
                }
            };
            planner.settle(resource, ownership, vec![field]);
        }
    }
}

fn kv_mount(planner: &mut Planner<'_>, wanted: &DesiredVault, observed: &Observed) {
    let resource = Resource::KvMount {
        path: wanted.kv_mount.clone(),
    };
    let version = wanted.kv_version.number();
    match &observed.kv_mount {
        None => planner.create(
            resource,
            vec![
                FieldChange::new("type", format!("kv-v{version}")),
                FieldChange::new("description", wanted.description.clone()),
            ],
        ),
        Some(found) if found.kind != "kv" => planner.conflict(
            resource,
            ConflictKind::OtherKindOfMount,
            format!("a secrets engine of type {}", found.kind),
            format!("a KV engine of version {version}"),
            "choose another path: --kv-mount".to_owned(),
        ),
        Some(found) if found.version != Some(wanted.kv_version) => planner.conflict(
            resource,
            ConflictKind::CannotChange,
            "a KV engine of another version".to_owned(),
            format!("version {version}"),
            "an engine is never converted: set kv.version to its version, or choose another path"
                .to_owned(),
        ),
        Some(_) => planner.plan.unchanged.push(resource),
    }
}
