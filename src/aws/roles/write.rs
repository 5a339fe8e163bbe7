//! Changing roles and instance profiles. Deleting what is gone is no failure.

use std::collections::BTreeMap;

use aws_sdk_iam::types::Tag;
use serde_json::Value;

use super::{Iam, NewRole, RoleIdentity, WRITE_STEP};
use crate::aws::classify::{Call, answer, is_absent};
use crate::fault::{Cause, Fault, Side};

/// Changes what IAM has.
#[derive(Debug)]
pub struct IamWriter {
    iam: Iam,
}

/// Every method fails with IAM's refusal, or with that it could not be reached;
/// in the second case it is not known whether the change was made.
impl IamWriter {
    pub fn new(iam: &Iam) -> Self {
        IamWriter { iam: iam.clone() }
    }

    pub async fn create_role(&self, role: &NewRole) -> Result<RoleIdentity, Box<Fault>> {
        let request = self
            .iam
            .client
            .create_role()
            .role_name(&role.name)
            .path(&role.path)
            .assume_role_policy_document(role.trust.to_string())
            .set_tags(tags(&role.tags))
            .set_permissions_boundary(role.permissions_boundary.clone())
            .set_description(role.description.clone());
        let call = self.call("iam:CreateRole", &role.name);
        let output = answer(&call, request.send()).await?;
        match output.role() {
            Some(role) => Ok(RoleIdentity {
                arn: role.arn().to_owned(),
                unique_id: role.role_id().to_owned(),
            }),
            None => Err(Box::new(Fault::new(
                call.step,
                Side::Iam,
                call.operation,
                call.target,
                Cause::Answered,
                "the answer holds no role",
            ))),
        }
    }

    /// Replaces the whole trust policy.
    pub async fn update_trust(&self, role: &str, trust: &Value) -> Result<(), Box<Fault>> {
        let request = self
            .iam
            .client
            .update_assume_role_policy()
            .role_name(role)
            .policy_document(trust.to_string());
        let call = self.call("iam:UpdateAssumeRolePolicy", role);
        answer(&call, request.send()).await.map(drop)
    }

    /// Creates the inline policy, or replaces it.
    pub async fn put_inline_policy(
        &self,
        role: &str,
        policy: &str,
        document: &Value,
    ) -> Result<(), Box<Fault>> {
        let request = self
            .iam
            .client
            .put_role_policy()
            .role_name(role)
            .policy_name(policy)
            .policy_document(document.to_string());
        let call = self.call("iam:PutRolePolicy", role);
        answer(&call, request.send()).await.map(drop)
    }

    pub async fn delete_inline_policy(&self, role: &str, policy: &str) -> Result<(), Box<Fault>> {
        let request = self.iam.client.delete_role_policy();
        let request = request.role_name(role).policy_name(policy);
        let call = self.call("iam:DeleteRolePolicy", role);
        gone(answer(&call, request.send()).await)
    }

    /// Adds tags; those of the same keys are replaced.
    pub async fn tag_role(
        &self,
        role: &str,
        new: &BTreeMap<String, String>,
    ) -> Result<(), Box<Fault>> {
        let request = self.iam.client.tag_role().role_name(role);
        let call = self.call("iam:TagRole", role);
        answer(&call, request.set_tags(tags(new)).send())
            .await
            .map(drop)
    }

    pub async fn put_permissions_boundary(
        &self,
        role: &str,
        policy_arn: &str,
    ) -> Result<(), Box<Fault>> {
        let request = self
            .iam
            .client
            .put_role_permissions_boundary()
            .role_name(role)
            .permissions_boundary(policy_arn);
        let call = self.call("iam:PutRolePermissionsBoundary", role);
        answer(&call, request.send()).await.map(drop)
    }

    /// Deletes a role, which must hold no policy and be in no instance profile.
    pub async fn delete_role(&self, role: &str) -> Result<(), Box<Fault>> {
        let request = self.iam.client.delete_role().role_name(role);
        let call = self.call("iam:DeleteRole", role);
        gone(answer(&call, request.send()).await)
    }

    pub async fn create_instance_profile(
        &self,
        profile: &str,
        path: &str,
        new: &BTreeMap<String, String>,
    ) -> Result<(), Box<Fault>> {
        let request = self
            .iam
            .client
            .create_instance_profile()
            .instance_profile_name(profile)
            .path(path)
            .set_tags(tags(new));
        let call = self.call("iam:CreateInstanceProfile", profile);
        answer(&call, request.send()).await.map(drop)
    }

    pub async fn add_role_to_instance_profile(
        &self,
        profile: &str,
        role: &str,
    ) -> Result<(), Box<Fault>> {
        let request = self
            .iam
            .client
            .add_role_to_instance_profile()
            .instance_profile_name(profile)
            .role_name(role);
        let call = self.call("iam:AddRoleToInstanceProfile", profile);
        answer(&call, request.send()).await.map(drop)
    }

    pub async fn remove_role_from_instance_profile(
        &self,
        profile: &str,
        role: &str,
    ) -> Result<(), Box<Fault>> {
        let request = self
            .iam
            .client
            .remove_role_from_instance_profile()
            .instance_profile_name(profile)
            .role_name(role);
        let call = self.call("iam:RemoveRoleFromInstanceProfile", profile);
        gone(answer(&call, request.send()).await)
    }

    /// Deletes an instance profile, which must hold no role.
    pub async fn delete_instance_profile(&self, profile: &str) -> Result<(), Box<Fault>> {
        let request = self.iam.client.delete_instance_profile();
        let request = request.instance_profile_name(profile);
        let call = self.call("iam:DeleteInstanceProfile", profile);
        gone(answer(&call, request.send()).await)
    }

    fn call<'a>(&'a self, operation: &'static str, target: &'a str) -> Call<'a> {
        self.iam.call(WRITE_STEP, operation, target)
    }
}

/// What is not there needs no deleting.
fn gone<T>(answer: Result<T, Box<Fault>>) -> Result<(), Box<Fault>> {
    match answer {
        Err(fault) if !is_absent(&fault) => Err(fault),
        _ => Ok(()),
    }
}

fn tags(tags: &BTreeMap<String, String>) -> Option<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| {
        let tag = Tag::builder().key(key).value(value).build();
        tag.expect("a tag has no more than key and value")
    });
    Some(tags.collect())
}
