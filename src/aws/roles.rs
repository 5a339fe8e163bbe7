//! IAM roles and instance profiles, as `setup` reads and writes them.
//!
//! Reading and writing are different types: who holds an [`IamReader`] cannot
//! change anything.

mod policies;
mod read;
mod write;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use serde_json::Value;

pub use read::IamReader;
pub use write::IamWriter;

use super::classify::Call;
use super::iam_client;
use crate::http::sdk::SdkHttp;
use crate::trace::StepId;

/// The steps that reads and writes of IAM belong to.
const READ_STEP: StepId = StepId::Observe;
const WRITE_STEP: StepId = StepId::Change;

/// The credentials and client with which IAM is asked.
pub struct Access<'a> {
    pub http: &'a SdkHttp,
    /// Whose settings of endpoints and retries apply.
    pub profile: Option<&'a str>,
    /// Any region of the partition: each has one IAM.
    pub region: &'a str,
    pub credentials: &'a Credentials,
}

/// IAM as one command talks to it.
#[derive(Debug, Clone)]
pub struct Iam {
    http: SdkHttp,
    client: aws_sdk_iam::Client,
}

/// A role as IAM has it.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleSeen {
    pub arn: String,
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `AROA…`: another one when a role is created anew under its old name.
    pub unique_id: String,
    pub created: SystemTime,
    /// The trust policy.
    pub trust: Value,
    /// The inline policies by name.
    pub inline: BTreeMap<String, Value>,
    /// The ARNs of the managed policies.
    pub attached: Vec<String>,
    pub tags: BTreeMap<String, String>,
    /// The ARN of the policy that bounds the role's permissions.
    pub permissions_boundary: Option<String>,
    pub max_session: Duration,
    pub description: Option<String>,
}

/// An instance profile as IAM has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileSeen {
    pub arn: String,
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// The names of its roles; IAM allows one.
    pub roles: Vec<String>,
    pub tags: BTreeMap<String, String>,
}

/// What IAM's policy simulator says of several actions on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Simulated {
    /// The actions that are neither denied nor depend on something are allowed.
    Told {
        denied: Vec<String>,
        /// Refused as long as the simulator is told nothing of these keys of a
        /// condition.
        dependent: BTreeMap<String, Vec<String>>,
    },
    /// The simulator may not be asked, or does not know the principal.
    Silent,
}

/// A role to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRole {
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// The trust policy.
    pub trust: Value,
    pub tags: BTreeMap<String, String>,
    /// The ARN of the policy that bounds the role's permissions.
    pub permissions_boundary: Option<String>,
    pub description: Option<String>,
}

/// What IAM calls a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleIdentity {
    pub arn: String,
    /// `AROA…`.
    pub unique_id: String,
}

impl Iam {
    /// Prepares to talk to IAM; nothing is sent yet.
    pub async fn new(access: &Access<'_>) -> Self {
        Iam {
            http: access.http.clone(),
            client: iam_client(access).await,
        }
    }

    fn call<'a>(&'a self, step: StepId, operation: &'static str, target: &'a str) -> Call<'a> {
        Call {
            http: &self.http,
            step,
            operation,
            target,
        }
    }
}
