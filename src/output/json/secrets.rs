//! The documents of `get` and `put`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{FaultDocument, FindingDocument, StepDocument};

/// `vaultiam/v1/secrets`.
#[derive(Serialize)]
pub struct SecretsDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    pub token_source: Option<&'static str>,
    pub steps: Vec<StepDocument>,
    pub fault: Option<FaultDocument>,
    pub findings: Vec<FindingDocument>,
    pub secrets: Vec<SecretDocument>,
    pub failed: Vec<FailedDocument>,
}

#[derive(Serialize)]
pub struct SecretDocument {
    pub path: String,
    pub mount: String,
    pub kv_version: u8,
    pub version: Option<u64>,
    pub created_at: Option<String>,
    pub fields: Map<String, Value>,
}

#[derive(Serialize)]
pub struct FailedDocument {
    pub path: String,
    pub exit_code: u8,
    pub fault: FaultDocument,
    pub findings: Vec<FindingDocument>,
}

/// `vaultiam/v1/written`.
#[derive(Serialize)]
pub struct WrittenDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    /// `written`, `not_written` or `unknown`.
    pub outcome: &'static str,
    pub token_source: Option<&'static str>,
    pub path: String,
    pub mount: Option<String>,
    pub kv_version: Option<u8>,
    pub version: Option<u64>,
    pub fields_removed: Option<Vec<String>>,
    pub steps: Vec<StepDocument>,
    pub fault: Option<FaultDocument>,
    pub findings: Vec<FindingDocument>,
}
