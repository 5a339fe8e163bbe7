//! IAM: the actions that vaultiam and Vault ask of it, and those of the remedies.

mod profile;
mod read;
mod role;
mod simulate;

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::call::{Call, Handler};
use super::refusal::Refusal;
use super::reply::{leaf, node};

/// What answers an action of IAM.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "AddRoleToInstanceProfile" => profile::add_role,
        "CreateInstanceProfile" => profile::create,
        "CreateRole" => role::create,
        "DeleteInstanceProfile" => profile::delete,
        "DeleteRole" => role::delete,
        "DeleteRolePolicy" => role::delete_policy,
        "GetInstanceProfile" => read::instance_profile,
        "GetPolicy" => read::policy,
        "GetPolicyVersion" => read::policy_version,
        "GetRole" => read::role,
        "GetRolePolicy" => read::role_policy,
        "ListAttachedRolePolicies" => read::attached_policies,
        "ListInstanceProfilesForRole" => read::profiles_of_role,
        "ListRolePolicies" => read::policies_of_role,
        "PutRolePermissionsBoundary" => role::put_boundary,
        "PutRolePolicy" => role::put_policy,
        "RemoveRoleFromInstanceProfile" => profile::remove_role,
        "SimulatePrincipalPolicy" => simulate::simulate,
        "TagRole" => role::tag,
        "UpdateAssumeRolePolicy" => role::update_trust,
        _ => return None,
    };
    Some(handler)
}

/// The role that the request names, be it there or not, when the caller may do
/// `action` with it.
fn permitted_role(call: &Call<'_>, action: &str) -> Result<String, Refusal> {
    let name = call.required("RoleName")?;
    let role = call.state.roles.get(name).map(|role| role.arn.clone());
    let arn = role.unwrap_or_else(|| call.state.arn("role/", name));
    call.may(action, &arn, &format!("role {name}"))?;
    Ok(name.to_owned())
}

/// The instance profile that the request names, be it there or not, when the
/// caller may do `action` with it.
fn permitted_profile(call: &Call<'_>, action: &str) -> Result<String, Refusal> {
    let name = call.required("InstanceProfileName")?;
    let profile = call.state.profiles.get(name);
    let arn = profile.map(|profile| profile.arn.clone());
    let arn = arn.unwrap_or_else(|| call.state.arn("instance-profile/", name));
    call.may(action, &arn, &format!("instance profile {name}"))?;
    Ok(name.to_owned())
}

/// Nothing where there are none.
fn tags_element(tags: &BTreeMap<String, String>) -> String {
    let member =
        |(key, value): (&String, &String)| node("member", [leaf("Key", key), leaf("Value", value)]);
    if tags.is_empty() {
        return String::new();
    }
    node("Tags", tags.iter().map(member))
}

/// A document as IAM tells it: URL-encoded as RFC 3986 has it.
fn encoded(document: &Value) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    utf8_percent_encode(&document.to_string(), RESERVED).to_string()
}
