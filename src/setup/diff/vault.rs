//! The difference on Vault's side.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Ownership, Planner, differing};
use crate::http::date::rfc3339;
use crate::setup::desired::{Desired, DesiredVault};
use crate::setup::observed::{AwsObserved, VaultObserved};
use crate::setup::plan::{ConflictKind, FieldChange, Verb};

/// The field with the unique ids that Vault bound.
pub(crate) const BOUND_IDS: &str = "bound_iam_principal_id";
pub(crate) const BOUND_ARNS: &str = "bound_iam_principal_arn";
/// Fields that Vault does not let change: for them the role is made anew.
const FIXED: [&str; 2] = ["auth_type", "resolve_aws_unique_ids"];

/// Plans Vault's side, the role last: it is what lets anybody in, so all that
/// bounds it stands before it.
pub(super) fn vault(
    planner: &mut Planner<'_>,
    desired: &Desired,
    observed: &VaultObserved,
    aws: Option<&AwsObserved>,
) {
    let wanted = &desired.vault;
    let is_mount_usable = auth_mount(planner, wanted, observed);
    if is_mount_usable {
        client_config(planner, wanted, observed);
    }
    policy(planner, wanted, observed);
    kv_mount(planner, wanted, observed);
    if is_mount_usable {
        auth_role(planner, desired, observed, aws);
    }
}

/// Tells whether the auth mount is ours, or still to be made by us.
pub(crate) fn is_our_mount(wanted: &DesiredVault, observed: &VaultObserved) -> bool {
    observed
        .auth_mount
        .as_ref()
        .is_none_or(|mount| mount.description == wanted.description)
}

/// The roles of the mount that are not the wanted one.
pub(crate) fn other_roles<'a>(wanted: &DesiredVault, observed: &'a VaultObserved) -> Vec<&'a str> {
    let names = observed.auth_roles.iter().map(String::as_str);
    names.filter(|name| *name != wanted.role_name).collect()
}

/// Plans the mount; tells whether what lies behind it can be planned.
fn auth_mount(planner: &mut Planner<'_>, wanted: &DesiredVault, observed: &VaultObserved) -> bool {
    let resource = wanted.auth_mount_resource();
    match &observed.auth_mount {
        None if let Some(blocker) = &observed.auth_blocker => {
            planner.conflict(
                resource,
                ConflictKind::OtherKindOfMount,
                format!("an auth method at {blocker}"),
                "a path with no mount above or below it".to_owned(),
                "choose another path: --auth-mount".to_owned(),
            );
            false
        }
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
fn client_config(planner: &mut Planner<'_>, wanted: &DesiredVault, observed: &VaultObserved) {
    let resource = wanted.client_config_resource();
    let is_ours = is_our_mount(wanted, observed);
    match &observed.client_config {
        // Written even where every field is at its default: some versions fail
        // without it.
        None if is_ours => planner.create(resource, all_fields(&wanted.client_config)),
        found => {
            let ownership = if is_ours {
                Ownership::Ours
            } else {
                shared(wanted, observed)
            };
            let absent = Map::new();
            let found = found.as_ref().unwrap_or(&absent);
            planner.settle(resource, ownership, differing(&wanted.client_config, found));
        }
    }
}

fn shared(wanted: &DesiredVault, observed: &VaultObserved) -> Ownership {
    let others = other_roles(wanted, observed);
    let description = observed.auth_mount.as_ref().map(|mount| &mount.description);
    let stack = description.and_then(|description| stack_in(description));
    let whose = match stack {
        Some(stack) => format!("a mount of the stack {stack}"),
        None => "a mount that vaultiam did not make".to_owned(),
    };
    let found = if others.is_empty() {
        whose
    } else {
        format!(
            "{whose}, whose roles {} log in through it",
            others.join(", ")
        )
    };
    match stack {
        Some(_) => Ownership::OtherStack { found },
        None => Ownership::Others { found },
    }
}

fn all_fields(fields: &Map<String, Value>) -> Vec<FieldChange> {
    fields
        .iter()
        .map(|(name, value)| FieldChange::new(name, value.clone()))
        .collect()
}

/// Tells whether the role is ours: it lies in our mount, or binds nobody else
/// and lies in no other stack's.
pub(crate) fn is_our_role(
    wanted: &DesiredVault,
    observed: &VaultObserved,
    found: &Map<String, Value>,
) -> bool {
    let bound = texts(found.get(BOUND_ARNS));
    is_our_mount(wanted, observed)
        || (!is_mount_of_another_stack(wanted, observed)
            && !bound.is_empty()
            && bound.iter().all(|arn| *arn == wanted.bound_arn))
}

/// Tells whether the mount bears the mark of another stack.
pub(crate) fn is_mount_of_another_stack(wanted: &DesiredVault, observed: &VaultObserved) -> bool {
    let description = observed.auth_mount.as_ref().map(|mount| &mount.description);
    !is_our_mount(wanted, observed) && description.and_then(|text| stack_in(text)).is_some()
}

fn auth_role(
    planner: &mut Planner<'_>,
    desired: &Desired,
    observed: &VaultObserved,
    aws: Option<&AwsObserved>,
) {
    let wanted = &desired.vault;
    let resource = wanted.auth_role_resource();
    let Some(found) = &observed.auth_role else {
        planner.create(resource, all_fields(&wanted.role));
        return;
    };
    let bound = texts(found.get(BOUND_ARNS));
    let is_ours = is_our_role(wanted, observed, found);
    // A role that binds several principals keeps them all.
    let mut role = wanted.role.clone();
    let mut all = bound.clone();
    if !bound.contains(&wanted.bound_arn) {
        all.push(wanted.bound_arn.clone());
    }
    role.insert(BOUND_ARNS.to_owned(), json!(all));
    let mut fields = differing(&role, found);
    if !is_ours && !fields.is_empty() && fields.iter().any(is_fixed) {
        planner.conflict(
            resource,
            ConflictKind::CannotChange,
            format!("a role that binds {}", bound.join(", ")),
            "fields that Vault does not let change".to_owned(),
            "choose another role: --auth-role".to_owned(),
        );
        return;
    }
    if !others_of(&bound, wanted).is_empty() && is_ours {
        planner.plan.notes.push(format!(
            "{} also binds {}; that is kept",
            resource.name(),
            others_of(&bound, wanted).join(", ")
        ));
    }
    let is_rewritten = fields
        .iter()
        .any(|field| field.name == BOUND_ARNS || is_fixed(field));
    let unsure = unsure_of(wanted, found, aws);
    if let Some(stale) = aws.and_then(|aws| stale_id(desired, aws, found))
        && is_ours
    {
        let why = format!(
            "it binds {}, the unique id of a role that was deleted; {}",
            stale.bound, stale.now_words
        );
        fields.insert(
            0,
            FieldChange {
                name: BOUND_IDS.to_owned(),
                before: found.get(BOUND_IDS).cloned(),
                after: stale.now.map(|id| json!([id])),
            },
        );
        // Vault looks the ids up again only where the ARNs are written again.
        if !fields.iter().any(|field| field.name == BOUND_ARNS) {
            fields.push(FieldChange {
                name: BOUND_ARNS.to_owned(),
                before: found.get(BOUND_ARNS).cloned(),
                after: role.get(BOUND_ARNS).cloned(),
            });
        }
        planner.change(Verb::Replace, resource, &why, fields);
        return;
    }
    if is_rewritten && is_ours && !unsure.is_empty() {
        let why = format!(
            "Vault would look up all principals again, and trust whoever has the name of {} now",
            unsure.join(", ")
        );
        planner.change(Verb::Replace, resource, &why, fields);
        return;
    }
    // A role that has to be made anew is named with everybody whom it binds:
    // whoever is cut off in between has them on the screen.
    let is_made_anew = fields.iter().any(is_fixed);
    if is_made_anew && all.len() > 1 && !fields.iter().any(|field| field.name == BOUND_ARNS) {
        fields.push(FieldChange {
            name: BOUND_ARNS.to_owned(),
            before: found.get(BOUND_ARNS).cloned(),
            after: role.get(BOUND_ARNS).cloned(),
        });
    }
    let found = format!("a role that binds {}", bound.join(", "));
    let ownership = if is_ours {
        Ownership::Ours
    } else if is_mount_of_another_stack(wanted, observed) {
        Ownership::OtherStack { found }
    } else {
        Ownership::Others { found }
    };
    planner.settle(resource, ownership, fields);
}

/// Tells whether Vault refuses this change of a role that is there. Ids can be
/// switched on later, not off.
pub(crate) fn is_fixed(field: &FieldChange) -> bool {
    FIXED.contains(&field.name.as_str())
        && field.before.is_some()
        && field.after != Some(Value::Bool(true))
}

fn others_of(bound: &[String], wanted: &DesiredVault) -> Vec<String> {
    let others = bound.iter().filter(|arn| **arn != wanted.bound_arn);
    others.cloned().collect()
}

/// The other principals whose unique id Vault binds and IAM was not seen to have
/// still. Whenever the list is written, Vault looks all of them up again.
pub(crate) fn unsure_of(
    wanted: &DesiredVault,
    found: &Map<String, Value>,
    aws: Option<&AwsObserved>,
) -> Vec<String> {
    let resolves = found.get("resolve_aws_unique_ids").and_then(Value::as_bool);
    if resolves != Some(true) {
        return Vec::new();
    }
    let is_sure =
        |arn: &String, id: &String| aws.is_some_and(|aws| aws.others_bound.get(arn) == Some(id));
    bound_ids(found)
        .iter()
        .filter(|(arn, id)| **arn != wanted.bound_arn && !is_sure(arn, id))
        .map(|(arn, _)| arn.clone())
        .collect()
}

struct StaleId {
    bound: String,
    now: Option<String>,
    now_words: String,
}

/// The id that Vault binds for our role, if IAM knows another one by now, or
/// none: then the one that is made in this run is another.
fn stale_id(desired: &Desired, aws: &AwsObserved, found: &Map<String, Value>) -> Option<StaleId> {
    let resolves = found
        .get("resolve_aws_unique_ids")
        .and_then(Value::as_bool)?;
    let wanted = &desired.vault.bound_arn;
    // A role in another account was not looked at.
    let role = desired.roles.iter().find(|role| role.arn == *wanted)?;
    let now = aws.roles.get(&role.name);
    let bound = bound_ids(found).remove(wanted)?;
    let is_stale = resolves && now.is_none_or(|now| now.unique_id != bound);
    is_stale.then(|| StaleId {
        bound,
        now: now.map(|now| now.unique_id.clone()),
        now_words: match now {
            Some(now) => format!(
                "{} now is {}, created {}",
                now.arn,
                now.unique_id,
                rfc3339(now.created)
            ),
            None => format!("{wanted} is made anew"),
        },
    })
}

/// The unique ids that Vault binds, by ARN. They stand in the order of the ARNs,
/// without those that end with a wildcard: these have none.
pub(crate) fn bound_ids(role: &Map<String, Value>) -> BTreeMap<String, String> {
    let arns = texts(role.get(BOUND_ARNS));
    let plain = arns.into_iter().filter(|arn| !arn.ends_with('*'));
    plain.zip(texts(role.get(BOUND_IDS))).collect()
}

/// The texts of a list.
pub(crate) fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// The stack in a mark of ours, whichever it is.
fn stack_in(mark: &str) -> Option<&str> {
    let (_, stack) = mark.split_once("managed by vaultiam (stack ")?;
    stack.trim_end().strip_suffix(')')
}

/// Tells whether a policy bears our comment.
pub(crate) fn is_our_policy(wanted: &DesiredVault, found: &str) -> bool {
    found.lines().next() == wanted.policy.lines().next()
}

fn policy(planner: &mut Planner<'_>, wanted: &DesiredVault, observed: &VaultObserved) {
    let resource = wanted.policy_resource();
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
            let ownership = match stack_in(found.lines().next().unwrap_or_default()) {
                _ if is_our_policy(wanted, found) => Ownership::Ours,
                Some(stack) => Ownership::OtherStack {
                    found: format!("a policy of the stack {stack}"),
                },
                None => Ownership::Others {
                    found: "a policy without vaultiam's comment".to_owned(),
                },
            };
            planner.settle(resource, ownership, vec![field]);
        }
    }
}

fn kv_mount(planner: &mut Planner<'_>, wanted: &DesiredVault, observed: &VaultObserved) {
    let resource = wanted.kv_mount_resource();
    let version = wanted.kv_version.number();
    match &observed.kv_mount {
        None if let Some(blocker) = &observed.kv_blocker => planner.conflict(
            resource,
            ConflictKind::OtherKindOfMount,
            format!("a secrets engine at {blocker}"),
            "a path with no mount above or below it".to_owned(),
            "choose another path: --kv-mount".to_owned(),
        ),
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
