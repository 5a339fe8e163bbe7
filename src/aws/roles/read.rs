//! Reading roles and instance profiles. Changes nothing.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_iam::types::{EvaluationResult, InstanceProfile, PolicyEvaluationDecisionType, Tag};
use futures_util::future::try_join_all;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Iam, ProfileSeen, READ_STEP, RoleIdentity, RoleSeen, Simulated};
use crate::aws::classify::{Call, answer, is_absent};
use crate::fault::{Cause, Fault, Side};

/// What a role has when IAM names no other limit.
const DEFAULT_MAX_SESSION: Duration = Duration::from_secs(3600);

/// Asks IAM.
#[derive(Debug, Clone)]
pub struct IamReader {
    pub(super) iam: Iam,
}

impl IamReader {
    pub fn new(iam: &Iam) -> Self {
        IamReader { iam: iam.clone() }
    }

    /// Reads a role with all its policies; `None` when there is no such role.
    ///
    /// # Errors
    ///
    /// IAM's refusal, or that it could not be reached.
    pub async fn get_role(&self, name: &str) -> Result<Option<RoleSeen>, Box<Fault>> {
        let (role, inline, attached) = tokio::join!(
            self.role(name),
            self.inline_policies(name),
            self.attached_policies(name),
        );
        // The role's own answer comes first: who may not list the policies of a
        // role that is not there is told that it is not there.
        let Some(role) = present(role)? else {
            return Ok(None);
        };
        let (Some(inline), Some(attached)) = (present(inline)?, present(attached)?) else {
            return Ok(None);
        };
        Ok(Some(RoleSeen {
            inline,
            attached,
            ..role
        }))
    }

    /// Reads a role without its policies, which takes `iam:GetRole` alone; `None`
    /// when there is no such role.
    ///
    /// # Errors
    ///
    /// IAM's refusal, or that it could not be reached.
    pub async fn get_bare_role(&self, name: &str) -> Result<Option<RoleSeen>, Box<Fault>> {
        present(self.role(name).await)
    }

    /// Reads the policies of a role: the inline ones, and the ARNs of the managed
    /// ones.
    ///
    /// # Errors
    ///
    /// IAM's refusal, or that it could not be reached.
    pub async fn get_role_policies(
        &self,
        name: &str,
    ) -> Result<(BTreeMap<String, Value>, Vec<String>), Box<Fault>> {
        tokio::try_join!(self.inline_policies(name), self.attached_policies(name))
    }

    /// What IAM calls a role, which takes `iam:GetRole` alone.
    ///
    /// # Errors
    ///
    /// IAM's refusal, or that it could not be reached.
    pub async fn get_role_identity(&self, name: &str) -> Result<Option<RoleIdentity>, Box<Fault>> {
        let role = present(self.role(name).await)?;
        Ok(role.map(|role| RoleIdentity {
            arn: role.arn,
            unique_id: role.unique_id,
        }))
    }

    /// Reads an instance profile; `None` when there is no such profile.
    ///
    /// # Errors
    ///
    /// IAM's refusal, or that it could not be reached.
    pub async fn get_instance_profile(
        &self,
        name: &str,
    ) -> Result<Option<ProfileSeen>, Box<Fault>> {
        let call = self.call("iam:GetInstanceProfile", name);
        let request = self.iam.client.get_instance_profile();
        let output = answer(&call, request.instance_profile_name(name).send()).await;
        let Some(output) = present(output)? else {
            return Ok(None);
        };
        match output.instance_profile() {
            Some(profile) => Ok(Some(profile_seen(profile))),
            None => Err(not_iam(&call, "the answer holds no instance profile")),
        }
    }

    /// The instance profiles that hold a role: none when there is no such role.
    /// AWS leaves their tags out of this answer: [`Self::get_instance_profile`].
    ///
    /// # Errors
    ///
    /// IAM's refusal, or that it could not be reached.
    pub async fn list_instance_profiles_for_role(
        &self,
        role: &str,
    ) -> Result<Vec<ProfileSeen>, Box<Fault>> {
        let pages = self
            .iam
            .client
            .list_instance_profiles_for_role()
            .role_name(role)
            .into_paginator()
            .items()
            .send();
        let call = self.call("iam:ListInstanceProfilesForRole", role);
        let profiles = present(answer(&call, pages.try_collect()).await)?;
        Ok(profiles
            .unwrap_or_default()
            .iter()
            .map(profile_seen)
            .collect())
    }

    /// Asks IAM's policy simulator what a user or role may do with a resource. It
    /// does not see service control policies.
    ///
    /// # Errors
    ///
    /// IAM could not be reached, or failed inside.
    pub async fn simulate(
        &self,
        principal: &str,
        actions: &[String],
        resource: &str,
    ) -> Result<Simulated, Box<Fault>> {
        let request = self
            .iam
            .client
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .set_action_names(Some(actions.to_vec()))
            .resource_arns(resource);
        let call = self.call("iam:SimulatePrincipalPolicy", principal);
        match answer(&call, request.send()).await {
            Ok(output) if output.evaluation_results().is_empty() => Ok(Simulated::Silent),
            Ok(output) => {
                let results = output.evaluation_results().iter();
                let is_refused = |result: &&EvaluationResult| {
                    *result.eval_decision() != PolicyEvaluationDecisionType::Allowed
                };
                let (denied, dependent): (Vec<_>, Vec<_>) = results
                    .filter(is_refused)
                    .partition(|result| result.missing_context_values().is_empty());
                let name = |result: &EvaluationResult| result.eval_action_name().to_owned();
                let with_keys = |result: &EvaluationResult| {
                    (name(result), result.missing_context_values().to_vec())
                };
                Ok(Simulated::Told {
                    denied: denied.into_iter().map(name).collect(),
                    dependent: dependent.into_iter().map(with_keys).collect(),
                })
            }
            Err(fault) if fault.status.is_some_and(|status| status < 500) => Ok(Simulated::Silent),
            Err(fault) => Err(fault),
        }
    }

    /// The role by itself. `GetRole` tells all its tags: fifty is IAM's limit.
    async fn role(&self, name: &str) -> Result<RoleSeen, Box<Fault>> {
        let call = self.call("iam:GetRole", name);
        let request = self.iam.client.get_role();
        let output = answer(&call, request.role_name(name).send()).await?;
        let Some(role) = output.role() else {
            return Err(not_iam(&call, "the answer holds no role"));
        };
        let trust = role.assume_role_policy_document().unwrap_or_default();
        Ok(RoleSeen {
            arn: role.arn().to_owned(),
            name: role.role_name().to_owned(),
            path: role.path().to_owned(),
            unique_id: role.role_id().to_owned(),
            created: SystemTime::try_from(*role.create_date())
                .map_err(|_| not_iam(&call, "the role's date of creation cannot be read"))?,
            trust: document(trust)
                .ok_or_else(|| not_iam(&call, "the role's trust policy cannot be read"))?,
            inline: BTreeMap::new(),
            attached: Vec::new(),
            tags: tag_map(role.tags()),
            permissions_boundary: role
                .permissions_boundary()
                .and_then(|boundary| boundary.permissions_boundary_arn())
                .map(str::to_owned),
            max_session: role
                .max_session_duration()
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map_or(DEFAULT_MAX_SESSION, Duration::from_secs),
            description: role
                .description()
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
        })
    }

    async fn inline_policies(&self, role: &str) -> Result<BTreeMap<String, Value>, Box<Fault>> {
        let pages = self
            .iam
            .client
            .list_role_policies()
            .role_name(role)
            .into_paginator()
            .items()
            .send();
        let call = self.call("iam:ListRolePolicies", role);
        let names: Vec<String> = answer(&call, pages.try_collect()).await?;
        let policies = names.iter().map(|name| self.inline_policy(role, name));
        let policies = try_join_all(policies).await?;
        Ok(names
            .into_iter()
            .zip(policies)
            .filter_map(|(name, policy)| Some((name, policy?)))
            .collect())
    }

    /// One inline policy; `None` when it went since it was listed.
    async fn inline_policy(&self, role: &str, policy: &str) -> Result<Option<Value>, Box<Fault>> {
        let call = self.call("iam:GetRolePolicy", role);
        let request = self.iam.client.get_role_policy();
        let request = request.role_name(role).policy_name(policy);
        let Some(output) = present(answer(&call, request.send()).await)? else {
            return Ok(None);
        };
        match document(output.policy_document()) {
            Some(document) => Ok(Some(document)),
            None => {
                let words = format!("the inline policy '{policy}' cannot be read");
                Err(not_iam(&call, &words))
            }
        }
    }

    async fn attached_policies(&self, role: &str) -> Result<Vec<String>, Box<Fault>> {
        let pages = self
            .iam
            .client
            .list_attached_role_policies()
            .role_name(role)
            .into_paginator()
            .items()
            .send();
        let call = self.call("iam:ListAttachedRolePolicies", role);
        let policies = answer(&call, pages.try_collect()).await?;
        Ok(policies
            .into_iter()
            .filter_map(|policy| policy.policy_arn)
            .collect())
    }

    fn call<'a>(&'a self, operation: &'static str, target: &'a str) -> Call<'a> {
        self.iam.call(READ_STEP, operation, target)
    }
}

/// Turns IAM's "no such thing" into `None`.
pub(super) fn present<T>(answer: Result<T, Box<Fault>>) -> Result<Option<T>, Box<Fault>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(fault) if is_absent(&fault) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A policy document as IAM sends it: URL-encoded JSON (RFC 3986).
pub(super) fn document(text: &str) -> Option<Value> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    serde_json::from_str(&text).ok()
}

fn profile_seen(profile: &InstanceProfile) -> ProfileSeen {
    ProfileSeen {
        arn: profile.arn().to_owned(),
        name: profile.instance_profile_name().to_owned(),
        path: profile.path().to_owned(),
        roles: profile
            .roles()
            .iter()
            .map(|role| role.role_name().to_owned())
            .collect(),
        tags: tag_map(profile.tags()),
    }
}

fn tag_map(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect()
}

/// A success that lacks what IAM always sends.
pub(super) fn not_iam(call: &Call<'_>, words: &str) -> Box<Fault> {
    Box::new(Fault::new(
        call.step,
        Side::Iam,
        call.operation,
        call.target,
        Cause::Answered,
        words,
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_decoded_as_iam_encodes_it() {
        let encoded = "%7B%22a%22%3A%20%22x+y%2Bz%20%C3%A9%22%7D";
        assert_eq!(document(encoded), Some(json!({ "a": "x+y+z é" })));
        assert_eq!(document(r#"{"a": "b"}"#), Some(json!({ "a": "b" })));
        for wrong in ["", "%7B", "%FF"] {
            assert_eq!(document(wrong), None, "{wrong}");
        }
    }
}
