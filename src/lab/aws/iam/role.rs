//! Actions that change roles.

use std::collections::BTreeMap;

use super::read::role_parts;
use super::{permitted_role, tags_element};
use crate::aws::policy::Kind;
use crate::lab::aws::call::Call;
use crate::lab::aws::documents;
use crate::lab::aws::refusal::Refusal;
use crate::lab::aws::reply::node;
use crate::lab::aws::state::{Role, identifier};
use crate::lab::aws::trust::Trust;

/// What a session of a role may last at most, in seconds, where nothing else was
/// said.
const MAX_SESSION: i64 = 3600;

/// Source: the parameters of CreateRole in the IAM API reference.
fn max_session(text: &str) -> Result<i64, Refusal> {
    let limit = match text.parse() {
        Ok(seconds @ 3600..=43_200) => return Ok(seconds),
        Ok(43_201..) => "less than or equal to 43200",
        _ => "greater than or equal to 3600",
    };
    let (value, broken) = (
        format!("'{text}'"),
        format!("Member must have value {limit}"),
    );
    Err(Refusal::constraint(&value, "maxSessionDuration", &broken))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = call.required("RoleName")?.to_owned();
    let trust = call.required("AssumeRolePolicyDocument")?;
    let path = call.form.get("Path").unwrap_or("/").to_owned();
    let arn = call.state.arn(&format!("role{path}"), &name);
    call.may("iam:CreateRole", &arn, &arn)?;
    let max_session = call.form.get("MaxSessionDuration").map(max_session);
    let max_session = max_session.transpose()?;
    let mut names = call.state.roles.keys();
    if names.any(|other| other.eq_ignore_ascii_case(&name)) {
        let words = format!("Role with name {name} already exists.");
        return Err(Refusal::conflict("EntityAlreadyExists", words));
    }
    let boundary = call.form.get("PermissionsBoundary");
    if let Some(boundary) = boundary {
        call.state.check_managed(boundary)?;
    }
    let role = Role {
        trust: Trust::take(trust, call.state, call.now)?,
        name: name.clone(),
        path,
        arn,
        unique_id: identifier("AROA", 17),
        created: call.now,
        inline: BTreeMap::new(),
        boundary: boundary.map(str::to_owned),
        tags: call.form.tags(),
        max_session: max_session.unwrap_or(MAX_SESSION),
        description: call.form.get("Description").map(str::to_owned),
    };
    let element = role_parts(call.state, &role) + &tags_element(&role.tags);
    call.state.roles.insert(name, role);
    Ok(node("Role", [element]))
}

pub(super) fn update_trust(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:UpdateAssumeRolePolicy")?;
    let text = call.required("PolicyDocument")?;
    call.state.role(&name)?;
    let trust = Trust::take(text, call.state, call.now)?;
    call.state.role_mut(&name)?.trust = trust;
    Ok(String::new())
}

pub(super) fn put_policy(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:PutRolePolicy")?;
    let policy = call.required("PolicyName")?.to_owned();
    let text = call.required("PolicyDocument")?.to_owned();
    let role = call.state.role_mut(&name)?;
    let document = documents::check(&text, Kind::Identity)?;
    role.inline.insert(policy, document);
    Ok(String::new())
}

pub(super) fn delete_policy(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:DeleteRolePolicy")?;
    let policy = call.required("PolicyName")?.to_owned();
    let gone = call.state.role_mut(&name)?.inline.remove(&policy);
    gone.map(|_| String::new())
        .ok_or_else(|| no_policy(&policy))
}

pub(super) fn no_policy(policy: &str) -> Refusal {
    let words = format!("The role policy with name {policy} cannot be found.");
    Refusal::no_such_entity(words)
}

pub(super) fn put_boundary(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:PutRolePermissionsBoundary")?;
    let boundary = call.required("PermissionsBoundary")?.to_owned();
    call.state.set_boundary(&name, &boundary)?;
    Ok(String::new())
}

pub(super) fn tag(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:TagRole")?;
    let tags = call.form.tags();
    call.state.role_mut(&name)?.tags.extend(tags);
    Ok(String::new())
}

/// Deletes a role that holds nothing and that nothing holds.
pub(super) fn delete(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted_role(call, "iam:DeleteRole")?;
    let role = call.state.role(&name)?;
    let mut profiles = call.state.profiles.values();
    let left = if !role.inline.is_empty() {
        Some("delete policies")
    } else if profiles.any(|profile| profile.role.as_ref() == Some(&name)) {
        Some("remove roles from instance profile")
    } else {
        None
    };
    if let Some(left) = left {
        let words = format!("Cannot delete entity, must {left} first.");
        return Err(Refusal::conflict("DeleteConflict", words));
    }
    call.state.roles.remove(&name);
    Ok(String::new())
}
