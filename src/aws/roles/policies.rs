//! Reading managed policies. Changes nothing.

use super::read::{document, not_iam, present};
use super::{IamReader, READ_STEP};
use crate::aws::classify::answer;
use crate::fault::Fault;
use serde_json::Value;

impl IamReader {
    /// Reads the document of a managed policy in its version in force; `None`
    /// when there is no such policy.
    ///
    /// # Errors
    ///
    /// IAM's refusal, or that it could not be reached.
    pub async fn get_managed_policy(&self, arn: &str) -> Result<Option<Value>, Box<Fault>> {
        let call = self.iam.call(READ_STEP, "iam:GetPolicy", arn);
        let request = self.iam.client.get_policy().policy_arn(arn);
        let Some(output) = present(answer(&call, request.send()).await)? else {
            return Ok(None);
        };
        let version = output
            .policy()
            .and_then(|policy| policy.default_version_id());
        let Some(version) = version else {
            return Err(not_iam(&call, "the answer holds no policy"));
        };
        let call = self.iam.call(READ_STEP, "iam:GetPolicyVersion", arn);
        let request = self.iam.client.get_policy_version();
        let request = request.policy_arn(arn).version_id(version);
        let Some(output) = present(answer(&call, request.send()).await)? else {
            return Ok(None);
        };
        let text = output.policy_version().and_then(|policy| policy.document());
        match text.and_then(document) {
            Some(document) => Ok(Some(document)),
            None => Err(not_iam(&call, "the managed policy cannot be read")),
        }
    }
}
