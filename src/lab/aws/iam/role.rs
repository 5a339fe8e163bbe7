//! Actions that change roles.

use super::{Tags, role_parts, tag_context};
use crate::lab::aws::call::{Call, Target};
use crate::lab::aws::refusal::Refusal;
use crate::lab::aws::reply::node;
use crate::lab::aws::roles::{self, NewRole};
use crate::lab::aws::state::PARTITION;

pub(super) fn create(call: &mut Call<'_>) -> Result<String, Refusal> {
    let optional = |name| call.form.get(name).map(str::to_owned);
    let new = NewRole {
        name: call.required("RoleName")?.to_owned(),
        path: optional("Path").unwrap_or_else(|| "/".to_owned()),
        trust: call.required("AssumeRolePolicyDocument")?.to_owned(),
        boundary: optional("PermissionsBoundary"),
        tags: call.form.tags(),
        description: optional("Description"),
        max_session: call
            .form
            .get("MaxSessionDuration")
            .and_then(|seconds| seconds.parse().ok()),
    };
    let account = &call.identity.account;
    let arn = format!(
        "arn:{PARTITION}:iam::{account}:role{}{}",
        new.path, new.name
    );
    let target = Target {
        shown: arn.clone(),
        arn,
    };
    call.may("iam:CreateRole", &target, |context| {
        let context = tag_context(&new.tags, context);
        match &new.boundary {
            Some(boundary) => context.with("iam:PermissionsBoundary", boundary),
            None => context,
        }
    })?;
    if !new.tags.is_empty() {
        call.may("iam:TagRole", &target, |context| {
            tag_context(&new.tags, context)
        })?;
    }
    let role = roles::create(call.state, account, new, call.now)?;
    Ok(node("Role", role_parts(call, &role, Tags::Told)))
}

pub(super) fn update_trust(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:UpdateAssumeRolePolicy")?;
    let text = call.required("PolicyDocument")?.to_owned();
    roles::set_trust(call.state, &call.identity.account, &name, &text, call.now)?;
    Ok(String::new())
}

pub(super) fn put_policy(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:PutRolePolicy")?;
    let policy = call.required("PolicyName")?.to_owned();
    let text = call.required("PolicyDocument")?.to_owned();
    roles::put_policy(call.state, &call.identity.account, &name, &policy, &text)?;
    Ok(String::new())
}

pub(super) fn delete_policy(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:DeleteRolePolicy")?;
    let policy = call.required("PolicyName")?.to_owned();
    roles::delete_policy(call.state, &call.identity.account, &name, &policy)?;
    Ok(String::new())
}

pub(super) fn put_boundary(call: &mut Call<'_>) -> Result<String, Refusal> {
    let boundary = call.required("PermissionsBoundary")?.to_owned();
    let name = call.required("RoleName")?.to_owned();
    let target = call.role_target(&name);
    call.may("iam:PutRolePermissionsBoundary", &target, |context| {
        call.role_context(&name, context)
            .with("iam:PermissionsBoundary", &boundary)
    })?;
    roles::set_boundary(call.state, &call.identity.account, &name, &boundary)?;
    Ok(String::new())
}

pub(super) fn tag(call: &mut Call<'_>) -> Result<String, Refusal> {
    let tags = call.form.tags();
    let name = call.required("RoleName")?.to_owned();
    let target = call.role_target(&name);
    call.may("iam:TagRole", &target, |context| {
        tag_context(&tags, call.role_context(&name, context))
    })?;
    let role = call.state.role_mut(&call.identity.account, &name)?;
    role.tags.extend(tags);
    Ok(String::new())
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = permitted(call, "iam:DeleteRole")?;
    roles::delete(call.state, &call.identity.account, &name)?;
    Ok(String::new())
}

/// The role that the request names, when the caller may do `action` with it.
pub(super) fn permitted(call: &Call<'_>, action: &str) -> Result<String, Refusal> {
    let name = call.required("RoleName")?.to_owned();
    let target = call.role_target(&name);
    call.may(action, &target, |context| call.role_context(&name, context))?;
    Ok(name)
}
