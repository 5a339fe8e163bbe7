//! What can be done with roles, whoever does it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::Value;

use super::constraints::Broken;
use super::documents;
use super::refusal::Refusal;
use super::state::{PARTITION, Role, State, identifier, no_role};
use super::trust::Trust;
use crate::aws::policy::Kind;
use crate::aws::policy::lint::check_path;

/// What a session of a role may last at most, in seconds, where nothing else was
/// said.
const MAX_SESSION: u32 = 3600;

/// IAM's quota where nothing else was said.
const ROLES: usize = 1000;

/// For all inline policies of a role together, white space left out.
const INLINE: usize = 10_240;

/// A role to be made.
#[derive(Debug, Clone)]
pub struct NewRole {
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// The trust policy, as JSON.
    pub trust: String,
    /// The ARN of a managed policy.
    pub boundary: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub description: Option<String>,
    /// In seconds.
    pub max_session: Option<u32>,
}

impl NewRole {
    /// A role without path, tags and all that.
    pub fn new(name: &str, trust: impl Into<String>) -> Self {
        NewRole {
            name: name.to_owned(),
            path: "/".to_owned(),
            trust: trust.into(),
            boundary: None,
            tags: BTreeMap::new(),
            description: None,
            max_session: None,
        }
    }
}

/// Makes a role; its unique id is a new one.
pub(super) fn create(
    state: &mut State,
    account: &str,
    new: NewRole,
    now: SystemTime,
) -> Result<Role, Refusal> {
    check_name("roleName", &new.name, 64)?;
    check_paths(&new.path)?;
    let max_session = max_session(new.max_session.unwrap_or(MAX_SESSION))?;
    let roles = &state.account(account)?.roles;
    if roles
        .keys()
        .any(|name| name.eq_ignore_ascii_case(&new.name))
    {
        let words = format!("Role with name {} already exists.", new.name);
        return Err(Refusal::conflict("EntityAlreadyExists", words));
    }
    let quota = state.account(account)?.role_quota.unwrap_or(ROLES);
    if roles.len() >= quota {
        let words = format!("Cannot exceed quota for RolesPerAccount: {quota}");
        return Err(Refusal::conflict("LimitExceeded", words));
    }
    check_boundary(state, account, new.boundary.as_deref())?;
    let trust = Trust::take(&new.trust, state, now)?;
    let role = Role {
        arn: format!(
            "arn:{PARTITION}:iam::{account}:role{}{}",
            new.path, new.name
        ),
        name: new.name,
        path: new.path,
        unique_id: identifier("AROA", 17),
        created: now,
        trust,
        inline: BTreeMap::new(),
        attached: Default::default(),
        boundary: new.boundary,
        tags: new.tags,
        max_session,
        description: new.description.filter(|text| !text.is_empty()),
    };
    let roles = &mut state.account_mut(account)?.roles;
    roles.insert(role.name.clone(), role.clone());
    Ok(role)
}

/// Replaces the trust policy.
pub(super) fn set_trust(
    state: &mut State,
    account: &str,
    name: &str,
    text: &str,
    now: SystemTime,
) -> Result<(), Refusal> {
    state.role(account, name)?;
    let trust = Trust::take(text, state, now)?;
    state.role_mut(account, name)?.trust = trust;
    Ok(())
}

/// Creates an inline policy, or replaces it.
pub(super) fn put_policy(
    state: &mut State,
    account: &str,
    name: &str,
    policy: &str,
    text: &str,
) -> Result<(), Refusal> {
    check_name("policyName", policy, 128)?;
    let role = state.role_mut(account, name)?;
    let others = role.inline.iter().filter(|(other, _)| *other != policy);
    let size = others
        .map(|(_, document)| size(&document.to_string()))
        .sum::<usize>()
        + size(text);
    if size > INLINE {
        let words = format!("Maximum policy size of {INLINE} bytes exceeded for role {name}");
        return Err(Refusal::conflict("LimitExceeded", words));
    }
    let document = documents::check(text, Kind::Identity)?;
    role.inline.insert(policy.to_owned(), document);
    Ok(())
}

fn size(text: &str) -> usize {
    text.chars()
        .filter(|letter| !letter.is_whitespace())
        .count()
}

/// Takes an inline policy away.
pub(super) fn delete_policy(
    state: &mut State,
    account: &str,
    name: &str,
    policy: &str,
) -> Result<(), Refusal> {
    let role = state.role_mut(account, name)?;
    match role.inline.remove(policy) {
        Some(_) => Ok(()),
        None => Err(no_policy(policy)),
    }
}

/// An inline policy.
pub(super) fn policy<'a>(role: &'a Role, policy: &str) -> Result<&'a Value, Refusal> {
    role.inline.get(policy).ok_or_else(|| no_policy(policy))
}

fn no_policy(policy: &str) -> Refusal {
    let words = format!("The role policy with name {policy} cannot be found.");
    Refusal::no_such_entity(words)
}

/// Bounds what a role may do by a managed policy.
pub(super) fn set_boundary(
    state: &mut State,
    account: &str,
    name: &str,
    boundary: &str,
) -> Result<(), Refusal> {
    state.role(account, name)?;
    check_boundary(state, account, Some(boundary))?;
    state.role_mut(account, name)?.boundary = Some(boundary.to_owned());
    Ok(())
}

fn check_boundary(state: &State, account: &str, boundary: Option<&str>) -> Result<(), Refusal> {
    match boundary {
        Some(arn) if !state.account(account)?.policies.contains_key(arn) => {
            let words = format!("Scope ARN: {arn} does not exist or is not attachable.");
            Err(Refusal::no_such_entity(words))
        }
        _ => Ok(()),
    }
}

/// The longest session of a role, if it is one that IAM takes.
pub(super) fn max_session(seconds: u32) -> Result<u32, Refusal> {
    let mut broken = Broken::default();
    broken.value("maxSessionDuration", seconds.into(), 3600..=43200);
    broken.finish().map(|()| seconds)
}

/// Deletes a role that holds nothing and that nothing holds.
pub(super) fn delete(state: &mut State, account: &str, name: &str) -> Result<(), Refusal> {
    let role = state.role(account, name)?;
    let mut profiles = state.account(account)?.profiles.values();
    let left = if !role.attached.is_empty() {
        Some("detach all policies")
    } else if !role.inline.is_empty() {
        Some("delete policies")
    } else if profiles.any(|profile| profile.role.as_deref() == Some(name)) {
        Some("remove roles from instance profile")
    } else {
        None
    };
    if let Some(left) = left {
        let words = format!("Cannot delete entity, must {left} first.");
        return Err(Refusal::conflict("DeleteConflict", words));
    }
    let gone = state.account_mut(account)?.roles.remove(name);
    gone.map(drop).ok_or_else(|| no_role(name))
}

/// Checks a name of something in IAM.
pub(super) fn check_name(place: &str, name: &str, limit: usize) -> Result<(), Refusal> {
    let mut broken = Broken::default();
    broken.length(place, name, 1..=limit);
    broken.finish()?;
    let is_right = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if name.chars().all(is_right) {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "The specified value for {place} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
    )))
}

pub(super) fn check_paths(path: &str) -> Result<(), Refusal> {
    match check_path(path) {
        None => Ok(()),
        Some(_) => Err(Refusal::validation(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        )),
    }
}
