//! What was seen in AWS.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Look;

/// Looks at STS and IAM.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AwsLooks {
    /// Whose credentials signed the request for Vault, as STS says when it is
    /// asked without Vault in between.
    pub signer: Look<Who>,
    /// Whether the STS of another region takes the keys that were refused.
    pub keys_elsewhere: Look<KeysElsewhere>,
    /// The account that IAM was asked in.
    pub account: Look<String>,
    /// The role that is to be assumed, looked up by its bare name.
    pub login_role: Look<Option<IamRole>>,
    /// The role behind the base credentials.
    pub caller_role: Look<Option<IamRole>>,
    /// Whether IAM's simulator lets the caller assume the role; it does not see
    /// service control policies, and trust policies neither.
    pub may_assume: Look<bool>,
}

/// A caller, as STS names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    pub arn: String,
    pub account: String,
    /// `AROA…` or `AIDA…`, without the session's name.
    pub unique_id: String,
}

/// The same keys, tried in another region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysElsewhere {
    pub region: String,
    pub accepted: bool,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IamRole {
    pub arn: String,
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    pub unique_id: String,
    /// How old the role was when it was looked at, by this machine's clock.
    pub age_seconds: Option<u64>,
    pub trust: Value,
    pub max_session_seconds: u64,
    /// The ARN of the permissions boundary.
    pub boundary: Option<String>,
    pub policies: Look<RolePolicies>,
}

/// What a role may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RolePolicies {
    /// By name.
    pub inline: BTreeMap<String, Value>,
    /// By ARN.
    pub managed: BTreeMap<String, Value>,
    /// Attached policies that could not be read, by ARN.
    pub unread: Vec<String>,
    /// The document of the permissions boundary, if there is one that could be read.
    pub boundary: Option<Value>,
}
