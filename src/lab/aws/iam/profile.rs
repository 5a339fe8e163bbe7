//! Actions that change instance profiles.

use super::read::profile_element;
use super::{Tags, tag_context};
use crate::lab::aws::call::{Call, Target};
use crate::lab::aws::profiles;
use crate::lab::aws::refusal::Refusal;
use crate::lab::aws::state::PARTITION;

pub(super) fn create(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = call.required("InstanceProfileName")?.to_owned();
    let path = call.form.get("Path").unwrap_or("/").to_owned();
    let tags = call.form.tags();
    let account = &call.identity.account;
    let arn = format!("arn:{PARTITION}:iam::{account}:instance-profile{path}{name}");
    let target = Target {
        shown: arn.clone(),
        arn,
    };
    let mut actions = vec!["iam:CreateInstanceProfile"];
    if !tags.is_empty() {
        actions.push("iam:TagInstanceProfile");
    }
    for action in actions {
        call.may(action, &target, |context| tag_context(&tags, context))?;
    }
    let profile = profiles::create(call.state, account, &name, &path, tags, call.now)?;
    Ok(profile_element(call, &profile, Tags::Told))
}

pub(super) fn add_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:AddRoleToInstanceProfile")?;
    let role = call.required("RoleName")?.to_owned();
    let target = call.role_target(&role);
    // A role is handed to a service.
    let target = Target {
        shown: target.arn.clone(),
        ..target
    };
    call.may("iam:PassRole", &target, |context| {
        call.role_context(&role, context)
            .with("iam:PassedToService", "ec2.amazonaws.com")
    })?;
    profiles::add_role(call.state, &call.identity.account, &name, &role)?;
    Ok(String::new())
}

pub(super) fn remove_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:RemoveRoleFromInstanceProfile")?;
    let role = call.required("RoleName")?.to_owned();
    profiles::remove_role(call.state, &call.identity.account, &name, &role)?;
    Ok(String::new())
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:DeleteInstanceProfile")?;
    profiles::delete(call.state, &call.identity.account, &name)?;
    Ok(String::new())
}

/// The instance profile that the request names, when the caller may do `action`
/// with it.
pub(super) fn permitted(call: &Call<'_>, action: &str) -> Result<String, Refusal> {
    let name = call.required("InstanceProfileName")?.to_owned();
    call.may(action, &call.profile_target(&name), |context| context)?;
    Ok(name)
}
