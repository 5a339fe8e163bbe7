//! The rights that a plan needs, and which of them are missing. Asked before the
//! first write.

use std::collections::BTreeMap;

use futures_util::future::{try_join, try_join_all};

use super::apply::loses_its_role;
use super::desired::Desired;
use super::observe::Readers;
use super::plan::{Change, Plan, Resource, Verb};
use crate::aws::roles::Simulated;
use crate::fault::Fault;
use crate::vault::admin::VaultReader;
use crate::vault::namespace::below;

/// A right that is needed: an IAM action, or a capability of Vault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    pub action: String,
    /// An ARN, or an API path as `vault:PATH`.
    pub target: String,
}

/// What the look at the rights brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    pub missing: Vec<Right>,
    /// What is refused to whoever sets no permissions boundary on the role.
    pub without_boundary: Vec<Right>,
    /// What could not be asked, and why: a line for the person each.
    pub not_seen: Vec<String>,
}

/// The IAM actions that the plan needs, and those with which it is read back.
/// Sorted, each once.
///
/// Source: "Actions, resources, and condition keys for AWS Identity and Access
/// Management" in the service authorization reference.
pub fn needed_in_aws(plan: &Plan) -> Vec<Right> {
    let is_ours = |resource: &Resource| resource.name().starts_with("arn:");
    let left = plan.unchanged.iter().filter(|resource| is_ours(resource));
    let has_changes = plan.changes.iter().any(|change| is_ours(&change.resource));
    let read_back = left
        .chain(plan.changes.iter().map(|change| &change.resource))
        .flat_map(reads);
    let mut rights: Vec<Right> = plan
        .changes
        .iter()
        .flat_map(actions)
        .chain(read_back)
        .filter(|_| has_changes)
        .map(|(action, target)| Right {
            action: action.to_owned(),
            target,
        })
        .collect();
    rights.sort();
    rights.dedup();
    rights
}

/// What looking at a resource of IAM takes.
fn reads(resource: &Resource) -> Vec<(&'static str, String)> {
    let actions: &[&'static str] = match resource {
        Resource::Role { .. } => &[
            "iam:GetRole",
            "iam:ListRolePolicies",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
        ],
        Resource::InstanceProfile { .. } => &["iam:GetInstanceProfile"],
        _ => &[],
    };
    let target = resource.name();
    actions
        .iter()
        .map(|action| (*action, target.clone()))
        .collect()
}

fn actions(change: &Change) -> Vec<(&'static str, String)> {
    let has = |name: &str| change.fields.iter().any(|field| field.name == name);
    match &change.resource {
        Resource::Role { arn } => {
            let wanted: &[(&'static str, bool)] = match change.verb {
                Verb::Create => &[("iam:CreateRole", true), ("iam:TagRole", true)],
                Verb::Delete => &[("iam:DeleteRole", true)],
                Verb::Update | Verb::Replace | Verb::Adopt => &[
                    ("iam:UpdateAssumeRolePolicy", has("trust_policy")),
                    ("iam:TagRole", has("tags")),
                    (
                        "iam:PutRolePermissionsBoundary",
                        has("permissions_boundary"),
                    ),
                ],
            };
            let wanted = wanted.iter().filter(|(_, is_needed)| *is_needed);
            wanted.map(|(action, _)| (*action, arn.clone())).collect()
        }
        Resource::InlinePolicy { role_arn, .. } if change.verb == Verb::Delete => {
            vec![("iam:DeleteRolePolicy", role_arn.clone())]
        }
        Resource::InlinePolicy { role_arn, .. } => vec![("iam:PutRolePolicy", role_arn.clone())],
        Resource::InstanceProfile { arn } => {
            let role = arn.replacen(":instance-profile/", ":role/", 1);
            match change.verb {
                Verb::Create => vec![
                    ("iam:CreateInstanceProfile", arn.clone()),
                    ("iam:TagInstanceProfile", arn.clone()),
                    ("iam:AddRoleToInstanceProfile", arn.clone()),
                    ("iam:PassRole", role),
                ],
                Verb::Delete => vec![
                    ("iam:RemoveRoleFromInstanceProfile", arn.clone()),
                    ("iam:DeleteInstanceProfile", arn.clone()),
                ],
                Verb::Update if loses_its_role(change) => {
                    vec![("iam:RemoveRoleFromInstanceProfile", arn.clone())]
                }
                Verb::Update | Verb::Replace | Verb::Adopt => vec![
                    ("iam:AddRoleToInstanceProfile", arn.clone()),
                    ("iam:PassRole", role),
                ],
            }
        }
        _ => Vec::new(),
    }
}

/// The capabilities that the plan needs, by API path, and those with which it is
/// read back. The mounts were listed already.
pub fn needed_in_vault(plan: &Plan) -> BTreeMap<String, Vec<&'static str>> {
    let mut needed: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for change in &plan.changes {
        let Some(path) = change.resource.api_path() else {
            continue;
        };
        let capabilities: Vec<&'static str> = match (&change.resource, change.verb) {
            // Enabling and disabling an auth method is guarded by sudo.
            (Resource::AuthMount { .. }, Verb::Delete) => vec!["delete", "sudo"],
            (Resource::AuthMount { .. }, _) => vec!["update", "sudo"],
            (_, Verb::Delete) => vec!["delete"],
            // A role and a config know whether they are there; a policy and a
            // mount are always an update.
            (Resource::AuthRole { .. }, Verb::Create) => vec!["create"],
            (Resource::ClientConfig { .. }, Verb::Create) => vec!["create"],
            (Resource::AuthRole { .. }, _) if is_made_anew(change) => {
                vec!["create", "delete"]
            }
            _ => vec!["update"],
        };
        let has_reading = matches!(
            change.resource,
            Resource::AuthRole { .. } | Resource::ClientConfig { .. } | Resource::Policy { .. }
        );
        let all = needed.entry(path).or_default();
        all.extend(capabilities);
        if has_reading {
            all.push("read");
        }
        if let Resource::AuthRole { mount, .. } = &change.resource {
            needed.insert(format!("auth/{mount}/roles"), vec!["list"]);
        }
    }
    needed
}

fn is_made_anew(change: &Change) -> bool {
    change.fields.iter().any(super::diff::vault::is_fixed)
}

/// Asks both sides which of the needed rights are missing. `principal` is the
/// ARN of the user or role behind the credentials.
///
/// # Errors
///
/// A side that could not be reached.
pub async fn missing(
    plan: &Plan,
    desired: &Desired,
    readers: &Readers,
    principal: Option<&str>,
) -> Result<Rights, Box<Fault>> {
    let of_aws = aws(plan, desired, readers, principal);
    let (aws, vault) = try_join(of_aws, vault(plan, desired, readers)).await?;
    let mut rights = aws;
    rights.missing.extend(vault.missing);
    rights.not_seen.extend(vault.not_seen);
    Ok(rights)
}

async fn aws(
    plan: &Plan,
    desired: &Desired,
    readers: &Readers,
    principal: Option<&str>,
) -> Result<Rights, Box<Fault>> {
    let needed = needed_in_aws(plan);
    let (Some(iam), false) = (&readers.iam, needed.is_empty()) else {
        return Ok(Rights::default());
    };
    let Some(principal) = principal else {
        return Ok(Rights::unseen(
            "the IAM rights were not checked beforehand: that needs iam:GetRole on your own role; the root user is never checked",
        ));
    };
    let mut by_target: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Right { action, target } in needed {
        by_target.entry(target).or_default().push(action);
    }
    let asked = by_target
        .iter()
        .map(|(target, actions)| iam.simulate(principal, actions, target));
    let answers = try_join_all(asked).await?;
    let mut rights = Rights::default();
    for (target, answer) in by_target.keys().zip(answers) {
        match answer {
            Simulated::Told { denied, dependent } => {
                let right = |action| Right {
                    action,
                    target: target.clone(),
                };
                rights.missing.extend(denied.into_iter().map(right));
                let is_unbounded = |keys: &[String]| {
                    is_boundary_alone(keys) && has_no_boundary(desired, target)
                };
                rights.without_boundary.extend(
                    dependent
                        .into_iter()
                        .filter(|(_, keys)| is_unbounded(keys))
                        .map(|(action, _)| right(action)),
                );
            }
            Simulated::Silent if rights.not_seen.is_empty() => rights.not_seen.push(
                "the IAM rights could not be checked beforehand: AWS's simulator did not answer, or you lack iam:SimulatePrincipalPolicy on yourself"
                    .to_owned(),
            ),
            Simulated::Silent => {}
        }
    }
    Ok(rights)
}

/// Tells whether nothing but the permissions boundary was missing for an answer.
fn is_boundary_alone(keys: &[String]) -> bool {
    let is_boundary = |key: &String| key.eq_ignore_ascii_case("iam:PermissionsBoundary");
    !keys.is_empty() && keys.iter().all(is_boundary)
}

/// Tells whether a role is to be made without a permissions boundary: then what the
/// simulator says without one holds for it.
fn has_no_boundary(desired: &Desired, arn: &str) -> bool {
    let mut roles = desired.roles.iter().filter(|role| role.arn == arn);
    roles.any(|role| role.permissions_boundary.is_none())
}

impl Rights {
    fn unseen(words: &str) -> Self {
        Rights {
            not_seen: vec![words.to_owned()],
            ..Rights::default()
        }
    }
}

async fn vault(plan: &Plan, desired: &Desired, readers: &Readers) -> Result<Rights, Box<Fault>> {
    let needed = needed_in_vault(plan);
    let (Some(readers), false) = (&readers.vault, needed.is_empty()) else {
        return Ok(Rights::default());
    };
    // The KV mount may lie in another namespace: it is asked there.
    let kv_path = format!("sys/mounts/{}", desired.vault.kv_mount);
    let (kv, auth): (Vec<String>, Vec<String>) =
        needed.keys().cloned().partition(|path| *path == kv_path);
    let (of_auth, of_kv) =
        try_join(granted(&readers.auth, &auth), granted(&readers.kv, &kv)).await?;
    let mut rights = Rights::default();
    for (namespace, paths, granted) in [
        (&desired.vault.namespace, auth, of_auth),
        (&desired.vault.kv_namespace, kv, of_kv),
    ] {
        if granted.is_empty() && !paths.is_empty() {
            let place = namespace
                .as_ref()
                .map(|name| format!(" in the namespace {name}"));
            let words = format!(
                "Vault's rights{} could not be checked beforehand: the token may not ask sys/capabilities-self",
                place.unwrap_or_default()
            );
            if !rights.not_seen.contains(&words) {
                rights.not_seen.push(words);
            }
            continue;
        }
        let within = below(None, namespace.as_deref()).unwrap_or_default();
        for path in &paths {
            let missing = lacking(&needed[path], granted.get(path));
            rights.missing.extend(missing.map(|action| Right {
                action: action.to_owned(),
                target: format!("vault:{within}{path}"),
            }));
        }
    }
    rights
        .missing
        .sort_by(|one, other| one.target.cmp(&other.target));
    Ok(rights)
}

async fn granted(
    reader: &VaultReader,
    paths: &[String],
) -> Result<BTreeMap<String, Vec<String>>, Box<Fault>> {
    if paths.is_empty() {
        return Ok(BTreeMap::new());
    }
    reader.get_capabilities(paths).await
}

/// The capabilities that are needed and not held.
fn lacking<'a>(
    needed: &'a [&'static str],
    held: Option<&'a Vec<String>>,
) -> impl Iterator<Item = &'static str> + 'a {
    let holds = move |wanted: &str| {
        held.is_some_and(|held| held.iter().any(|held| held == wanted || held == "root"))
    };
    needed.iter().copied().filter(move |wanted| !holds(wanted))
}

#[cfg(test)]
mod tests;
