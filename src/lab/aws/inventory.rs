//! What an account has, in the words of IAM's own documents: to compare states.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Aws;
use super::state::{Profile, Role, State};
use crate::lab::clock::rfc3339;

impl Aws {
    /// All roles, instance profiles and managed policies, each list by name.
    pub fn inventory(&self) -> Value {
        let state = &*self.state();
        let roles: Vec<Value> = state
            .roles
            .values()
            .map(|role| shown(role, state))
            .collect();
        let profiles: Vec<Value> = state.profiles.values().map(profile).collect();
        let policies = state.policies.iter().map(|(arn, document)| {
            let name = arn.rsplit('/').next();
            json!({ "PolicyName": name, "Arn": arn, "PolicyDocument": document })
        });
        json!({
            "RoleDetailList": roles,
            "InstanceProfiles": profiles,
            "Policies": policies.collect::<Vec<_>>(),
        })
    }
}

fn shown(role: &Role, state: &State) -> Value {
    let policies = role
        .inline
        .iter()
        .map(|(name, document)| json!({ "PolicyName": name, "PolicyDocument": document }));
    let holding = state.profiles.values();
    let holding = holding.filter(|profile| profile.role.as_ref() == Some(&role.name));
    let mut shown = json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.unique_id,
        "Arn": role.arn,
        "CreateDate": rfc3339(role.created),
        "AssumeRolePolicyDocument": role.trust.shown(state),
        "InstanceProfileList": holding.map(profile).collect::<Vec<_>>(),
        "RolePolicyList": policies.collect::<Vec<_>>(),
        "AttachedManagedPolicies": [],
        "Tags": tags(&role.tags),
    });
    if let Some(boundary) = &role.boundary {
        shown["PermissionsBoundary"] = json!({
            "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary,
        });
    }
    shown
}

fn profile(profile: &Profile) -> Value {
    let role = profile.role.iter().map(|role| json!({ "RoleName": role }));
    json!({
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.unique_id,
        "Arn": profile.arn,
        "CreateDate": rfc3339(profile.created),
        "Roles": role.collect::<Vec<_>>(),
        "Tags": tags(&profile.tags),
    })
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Value> {
    let tags = tags.iter();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}
