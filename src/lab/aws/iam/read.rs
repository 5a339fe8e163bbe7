//! Actions that change nothing.

use super::role::no_policy;
use super::{encoded, permitted_profile, permitted_role, tags_element};
use crate::lab::aws::call::Call;
use crate::lab::aws::refusal::Refusal;
use crate::lab::aws::reply::{leaf, node};
use crate::lab::aws::state::{Profile, Role, State};
use crate::lab::clock::rfc3339;

pub(super) fn role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:GetRole")?;
    let role = call.state.role(&name)?;
    let parts = role_parts(call.state, role);
    Ok(node("Role", [parts, tags_element(&role.tags)]))
}

/// What is within the element of a role, but its tags: lists leave them out.
pub(super) fn role_parts(state: &State, role: &Role) -> String {
    let trust = encoded(&role.trust.shown(state));
    let mut parts = vec![
        leaf("Path", &role.path),
        leaf("RoleName", &role.name),
        leaf("RoleId", &role.unique_id),
        leaf("Arn", &role.arn),
        leaf("CreateDate", &rfc3339(role.created)),
        leaf("AssumeRolePolicyDocument", &trust),
    ];
    if let Some(description) = &role.description {
        parts.push(leaf("Description", description));
    }
    parts.push(leaf("MaxSessionDuration", &role.max_session.to_string()));
    if let Some(boundary) = &role.boundary {
        let boundary = [
            leaf("PermissionsBoundaryType", "Policy"),
            leaf("PermissionsBoundaryArn", boundary),
        ];
        parts.push(node("PermissionsBoundary", boundary));
    }
    parts.concat()
}

pub(super) fn policies_of_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:ListRolePolicies")?;
    let inline = call.state.role(&name)?.inline.keys();
    Ok(listed(
        "PolicyNames",
        inline.map(|name| leaf("member", name)),
    ))
}

/// There are no managed policies that could be attached.
pub(super) fn attached_policies(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:ListAttachedRolePolicies")?;
    call.state.role(&name)?;
    Ok(listed("AttachedPolicies", []))
}

pub(super) fn profiles_of_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:ListInstanceProfilesForRole")?;
    call.state.role(&name)?;
    let profiles = call.state.profiles.values();
    let of_role = profiles.filter(|profile| profile.role.as_ref() == Some(&name));
    let member = |profile| node("member", [profile_parts(call.state, profile)]);
    Ok(listed("InstanceProfiles", of_role.map(member)))
}

/// A list, and that it is whole.
fn listed(name: &str, members: impl IntoIterator<Item = String>) -> String {
    node(name, members) + &leaf("IsTruncated", "false")
}

pub(super) fn role_policy(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:GetRolePolicy")?;
    let policy = call.required("PolicyName")?;
    let document = call.state.role(&name)?.inline.get(policy);
    let document = document.ok_or_else(|| no_policy(policy))?;
    let parts = [
        leaf("RoleName", &name),
        leaf("PolicyName", policy),
        leaf("PolicyDocument", &encoded(document)),
    ];
    Ok(parts.concat())
}

pub(super) fn instance_profile(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_profile(call, "iam:GetInstanceProfile")?;
    let profile = call.state.profile(&name)?;
    let parts = profile_parts(call.state, profile);
    Ok(node(
        "InstanceProfile",
        [parts, tags_element(&profile.tags)],
    ))
}

/// What is within the element of an instance profile, but its tags.
pub(super) fn profile_parts(state: &State, profile: &Profile) -> String {
    let roles = profile.role.iter().filter_map(|name| state.roles.get(name));
    let roles = roles.map(|role| node("member", [role_parts(state, role)]));
    let parts = [
        leaf("Path", &profile.path),
        leaf("InstanceProfileName", &profile.name),
        leaf("InstanceProfileId", &profile.unique_id),
        leaf("Arn", &profile.arn),
        leaf("CreateDate", &rfc3339(profile.created)),
        node("Roles", roles),
    ];
    parts.concat()
}

pub(super) fn policy(call: &mut Call<'_>) -> Result<String, Refusal> {
    let (arn, _) = managed(call, "iam:GetPolicy")?;
    let name = arn.rsplit('/').next().unwrap_or_default();
    let parts = [
        leaf("PolicyName", name),
        leaf("Arn", &arn),
        leaf("DefaultVersionId", "v1"),
    ];
    Ok(node("Policy", parts))
}

/// Each managed policy has one version.
pub(super) fn policy_version(call: &mut Call<'_>) -> Result<String, Refusal> {
    let (_, document) = managed(call, "iam:GetPolicyVersion")?;
    let parts = [
        leaf("Document", &document),
        leaf("VersionId", "v1"),
        leaf("IsDefaultVersion", "true"),
    ];
    Ok(node("PolicyVersion", parts))
}

/// The managed policy that the request names: ARN and document.
fn managed(call: &Call<'_>, action: &str) -> Result<(String, String), Refusal> {
    let arn = call.required("PolicyArn")?;
    call.may(action, arn, &format!("policy {arn}"))?;
    match call.state.policies.get(arn) {
        Some(document) => Ok((arn.to_owned(), encoded(document))),
        None => Err(Refusal::no_such_entity(format!(
            "Policy {arn} was not found."
        ))),
    }
}
