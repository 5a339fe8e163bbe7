//! Actions that change nothing.

use super::{Tags, encoded, listed, role::permitted, role_parts, tags_element};
use crate::lab::aws::call::{Call, Target};
use crate::lab::aws::refusal::Refusal;
use crate::lab::aws::reply::{leaf, node};
use crate::lab::aws::roles;
use crate::lab::aws::state::{PARTITION, Profile};
use crate::lab::clock::rfc3339;

pub(super) fn role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:GetRole")?;
    let role = call.state.role(&call.identity.account, &name)?;
    Ok(node("Role", role_parts(call, role, Tags::Told)))
}

pub(super) fn policies_of_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:ListRolePolicies")?;
    let role = call.state.role(&call.identity.account, &name)?;
    let names = role.inline.keys().map(|name| leaf("member", name));
    Ok(listed("PolicyNames", names))
}

pub(super) fn role_policy(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:GetRolePolicy")?;
    let policy = call.required("PolicyName")?;
    let role = call.state.role(&call.identity.account, &name)?;
    let document = roles::policy(role, policy)?;
    let parts = [
        leaf("RoleName", &name),
        leaf("PolicyName", policy),
        leaf("PolicyDocument", &encoded(document)),
    ];
    Ok(parts.concat())
}

pub(super) fn attached_policies(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:ListAttachedRolePolicies")?;
    let role = call.state.role(&call.identity.account, &name)?;
    let members = role.attached.iter().map(|arn| {
        let name = leaf("PolicyName", name_in(arn));
        node("member", [name, leaf("PolicyArn", arn)])
    });
    Ok(listed("AttachedPolicies", members))
}

pub(super) fn profiles_of_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:ListInstanceProfilesForRole")?;
    call.state.role(&call.identity.account, &name)?;
    let profiles = call
        .state
        .account(&call.identity.account)?
        .profiles
        .values();
    let of_role = profiles.filter(|profile| profile.role.as_deref() == Some(&name));
    let members =
        of_role.map(|profile| node("member", profile_parts(call, profile, Tags::LeftOut)));
    Ok(listed("InstanceProfiles", members))
}

pub(super) fn instance_profile(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = super::profile::permitted(call, "iam:GetInstanceProfile")?;
    let profile = call.state.profile(&call.identity.account, &name)?;
    Ok(profile_element(call, profile, Tags::Told))
}

pub(super) fn profile_element(call: &Call<'_>, profile: &Profile, tags: Tags) -> String {
    node("InstanceProfile", profile_parts(call, profile, tags))
}

fn profile_parts(call: &Call<'_>, profile: &Profile, tags: Tags) -> Vec<String> {
    let roles = profile.role.iter();
    let roles = roles.filter_map(|name| call.state.role(&call.identity.account, name).ok());
    let roles = roles.map(|role| node("member", role_parts(call, role, Tags::LeftOut)));
    let mut parts = vec![
        leaf("Path", &profile.path),
        leaf("InstanceProfileName", &profile.name),
        leaf("InstanceProfileId", &profile.unique_id),
        leaf("Arn", &profile.arn),
        leaf("CreateDate", &rfc3339(profile.created)),
        node("Roles", roles),
    ];
    if tags == Tags::Told {
        parts.extend(tags_element(&profile.tags));
    }
    parts
}

/// A user, or the caller where none is named.
pub(super) fn user(call: &mut Call<'_>) -> Result<String, Refusal> {
    let own = call.identity.arn.rsplit('/').next().unwrap_or_default();
    let name = call.form.get("UserName").unwrap_or(own);
    let account = call.state.account(&call.identity.account)?;
    let user = account.users.get(name);
    let arn = user.map_or_else(
        || format!("arn:{PARTITION}:iam::{}:user/{name}", call.identity.account),
        |user| user.arn.clone(),
    );
    let target = Target {
        arn,
        shown: format!("user {name}"),
    };
    call.may("iam:GetUser", &target, |context| context)?;
    let user = user.ok_or_else(|| {
        let words = format!("The user with name {name} cannot be found.");
        Refusal::no_such_entity(words)
    })?;
    let parts = [
        leaf("Path", "/"),
        leaf("UserName", name),
        leaf("UserId", &user.unique_id),
        leaf("Arn", &user.arn),
        leaf("CreateDate", &rfc3339(user.created)),
    ];
    Ok(node("User", parts))
}

pub(super) fn policy(call: &mut Call<'_>) -> Result<String, Refusal> {
    let (arn, _) = managed(call, "iam:GetPolicy")?;
    let parts = [
        leaf("PolicyName", name_in(&arn)),
        leaf("Arn", &arn),
        leaf("DefaultVersionId", "v1"),
    ];
    Ok(node("Policy", parts))
}

pub(super) fn policy_version(call: &mut Call<'_>) -> Result<String, Refusal> {
    let (arn, document) = managed(call, "iam:GetPolicyVersion")?;
    let version = call.required("VersionId")?;
    if version != "v1" {
        let words = format!("Policy {arn} version {version} does not exist or is not attachable.");
        return Err(Refusal::no_such_entity(words));
    }
    let parts = [
        leaf("Document", &document),
        leaf("VersionId", version),
        leaf("IsDefaultVersion", "true"),
    ];
    Ok(node("PolicyVersion", parts))
}

/// The managed policy that the request names: ARN and document.
fn managed(call: &Call<'_>, action: &str) -> Result<(String, String), Refusal> {
    let arn = call.required("PolicyArn")?.to_owned();
    let target = Target {
        shown: format!("policy {arn}"),
        arn: arn.clone(),
    };
    call.may(action, &target, |context| context)?;
    let policies = &call.state.account(&call.identity.account)?.policies;
    match policies.get(&arn) {
        Some(document) => Ok((arn, encoded(document))),
        None => Err(Refusal::no_such_entity(format!(
            "Policy {arn} was not found."
        ))),
    }
}

/// The last part of an ARN.
fn name_in(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
