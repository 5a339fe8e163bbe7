//! What can be done with instance profiles, whoever does it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::refusal::Refusal;
use super::roles::{check_name, check_paths};
use super::state::{PARTITION, Profile, State, identifier, no_profile};

/// Makes an instance profile without a role.
pub(super) fn create(
    state: &mut State,
    account: &str,
    name: &str,
    path: &str,
    tags: BTreeMap<String, String>,
    now: SystemTime,
) -> Result<Profile, Refusal> {
    check_name("instanceProfileName", name, 128)?;
    check_paths(path)?;
    let profiles = &mut state.account_mut(account)?.profiles;
    if profiles
        .keys()
        .any(|other| other.eq_ignore_ascii_case(name))
    {
        let words = format!("Instance Profile {name} already exists.");
        return Err(Refusal::conflict("EntityAlreadyExists", words));
    }
    let profile = Profile {
        name: name.to_owned(),
        path: path.to_owned(),
        arn: format!("arn:{PARTITION}:iam::{account}:instance-profile{path}{name}"),
        unique_id: identifier("AIPA", 17),
        created: now,
        role: None,
        tags,
    };
    profiles.insert(name.to_owned(), profile.clone());
    Ok(profile)
}

/// Puts a role into an instance profile, which holds one at most.
pub(super) fn add_role(
    state: &mut State,
    account: &str,
    name: &str,
    role: &str,
) -> Result<(), Refusal> {
    state.role(account, role)?;
    let profile = state.profile_mut(account, name)?;
    if profile.role.is_some() {
        let words = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
        return Err(Refusal::conflict("LimitExceeded", words));
    }
    profile.role = Some(role.to_owned());
    Ok(())
}

/// Takes a role out of an instance profile.
pub(super) fn remove_role(
    state: &mut State,
    account: &str,
    name: &str,
    role: &str,
) -> Result<(), Refusal> {
    let profile = state.profile_mut(account, name)?;
    if profile.role.as_deref() != Some(role) {
        return Err(super::state::no_role(role));
    }
    profile.role = None;
    Ok(())
}

/// Deletes an instance profile that holds no role.
pub(super) fn delete(state: &mut State, account: &str, name: &str) -> Result<(), Refusal> {
    if state.profile(account, name)?.role.is_some() {
        let words = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(Refusal::conflict("DeleteConflict", words));
    }
    let gone = state.account_mut(account)?.profiles.remove(name);
    gone.map(drop).ok_or_else(|| no_profile(name))
}
