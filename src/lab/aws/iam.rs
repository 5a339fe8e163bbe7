//! IAM: the actions that vaultiam and Vault ask of it.

mod profile;
mod read;
mod role;
mod simulate;

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::call::{Call, Handler, Target};
use super::reply::{leaf, node};
use super::state::{PARTITION, Role};
use crate::aws::policy::evaluate::Context;
use crate::lab::clock::rfc3339;

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
        "GetUser" => read::user,
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

impl Call<'_> {
    /// A role of the caller's account, be it there or not.
    fn role_target(&self, name: &str) -> Target {
        let account = &self.identity.account;
        let arn = match self.state.role(account, name) {
            Ok(role) => role.arn.clone(),
            Err(_) => format!("arn:{PARTITION}:iam::{account}:role/{name}"),
        };
        Target {
            arn,
            shown: format!("role {name}"),
        }
    }

    /// An instance profile of the caller's account, be it there or not.
    fn profile_target(&self, name: &str) -> Target {
        let account = &self.identity.account;
        let arn = match self.state.profile(account, name) {
            Ok(profile) => profile.arn.clone(),
            Err(_) => format!("arn:{PARTITION}:iam::{account}:instance-profile/{name}"),
        };
        Target {
            arn,
            shown: format!("instance profile {name}"),
        }
    }

    /// What a request about a role has: the role's tags and boundary.
    fn role_context(&self, name: &str, mut context: Context) -> Context {
        let Ok(role) = self.state.role(&self.identity.account, name) else {
            return context;
        };
        for (key, value) in &role.tags {
            context = context
                .with(&format!("aws:ResourceTag/{key}"), value)
                .with(&format!("iam:ResourceTag/{key}"), value);
        }
        match &role.boundary {
            Some(boundary) => context.with("iam:PermissionsBoundary", boundary),
            None => context,
        }
    }
}

/// What a request has that sets tags.
fn tag_context(tags: &BTreeMap<String, String>, context: Context) -> Context {
    let keys = tags.keys().cloned().collect();
    let context = context.with_all("aws:TagKeys", keys);
    tags.iter().fold(context, |context, (key, value)| {
        context.with(&format!("aws:RequestTag/{key}"), value)
    })
}

/// Whether tags are told: lists leave them out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tags {
    Told,
    LeftOut,
}

/// The parts of a role's element.
fn role_parts(call: &Call<'_>, role: &Role, tags: Tags) -> Vec<String> {
    let mut parts = vec![
        leaf("Path", &role.path),
        leaf("RoleName", &role.name),
        leaf("RoleId", &role.unique_id),
        leaf("Arn", &role.arn),
        leaf("CreateDate", &rfc3339(role.created)),
        leaf(
            "AssumeRolePolicyDocument",
            &encoded(&role.trust.shown(call.state)),
        ),
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
    if tags == Tags::Told {
        parts.extend(tags_element(&role.tags));
    }
    parts
}

/// Nothing where there are none.
fn tags_element(tags: &BTreeMap<String, String>) -> Option<String> {
    let member =
        |(key, value): (&String, &String)| node("member", [leaf("Key", key), leaf("Value", value)]);
    (!tags.is_empty()).then(|| node("Tags", tags.iter().map(member)))
}

/// A list of names, and that it is whole.
fn listed(name: &str, members: impl IntoIterator<Item = String>) -> String {
    node(name, members) + &leaf("IsTruncated", "false")
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
