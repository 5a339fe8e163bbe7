//! Actions that change instance profiles.

use super::read::profile_parts;
use super::{permitted_profile, tags_element};
use crate::lab::aws::call::Call;
use crate::lab::aws::refusal::Refusal;
use crate::lab::aws::reply::node;
use crate::lab::aws::state::{Profile, identifier, no_role};

pub(super) fn create(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = call.required("InstanceProfileName")?.to_owned();
    let path = call.form.get("Path").unwrap_or("/").to_owned();
    let arn = call.state.arn(&format!("instance-profile{path}"), &name);
    call.may("iam:CreateInstanceProfile", &arn, &arn)?;
    let mut names = call.state.profiles.keys();
    if names.any(|other| other.eq_ignore_ascii_case(&name)) {
        let words = format!("Instance Profile {name} already exists.");
        return Err(Refusal::conflict("EntityAlreadyExists", words));
    }
    let profile = Profile {
        name: name.clone(),
        path,
        arn,
        unique_id: identifier("AIPA", 17),
        created: call.now,
        role: None,
        tags: call.form.tags(),
    };
    let element = profile_parts(call.state, &profile) + &tags_element(&profile.tags);
    call.state.profiles.insert(name, profile);
    Ok(node("InstanceProfile", [element]))
}

/// Puts a role into an instance profile, which holds one at most.
pub(super) fn add_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_profile(call, "iam:AddRoleToInstanceProfile")?;
    let role = call.required("RoleName")?.to_owned();
    call.state.role(&role)?;
    let profile = call.state.profile_mut(&name)?;
    if profile.role.is_some() {
        let words = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
        return Err(Refusal::conflict("LimitExceeded", words));
    }
    profile.role = Some(role);
    Ok(String::new())
}

pub(super) fn remove_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_profile(call, "iam:RemoveRoleFromInstanceProfile")?;
    let role = call.required("RoleName")?.to_owned();
    let profile = call.state.profile_mut(&name)?;
    match profile.role.take_if(|held| *held == role) {
        Some(_) => Ok(String::new()),
        None => Err(no_role(&role)),
    }
}

/// Deletes an instance profile that holds no role.
pub(super) fn delete(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_profile(call, "iam:DeleteInstanceProfile")?;
    if call.state.profile(&name)?.role.is_some() {
        let words = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(Refusal::conflict("DeleteConflict", words));
    }
    call.state.profiles.remove(&name);
    Ok(String::new())
}
