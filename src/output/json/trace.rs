//! The document of a recorded trace, and that of its explanation.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::output::check::CheckedDocument;

use super::{FaultDocument, FindingDocument, StepDocument, TokenDocument, mirror};
use crate::diagnose::record::{RecordedEvidence, Verdict};

/// `vaultiam/v1/trace`: what a run did and what its verdict rests on.
#[derive(Serialize)]
pub struct TraceDocument {
    pub schema: &'static str,
    pub command: &'static str,
    /// `succeeded` or `failed`.
    pub outcome: &'static str,
    pub exit_code: u8,
    /// Whether somebody looked for the cause of a failure.
    pub explained: bool,
    pub steps: Vec<StepDocument>,
    pub token: Option<TokenDocument>,
    pub fault: Option<FaultDocument>,
    pub findings: Vec<FindingDocument>,
    pub program_version: &'static str,
    pub recorded_at: String,
    pub settings: Map<String, Value>,
    pub evidence: RecordedEvidence,
}

/// `vaultiam/v1/explained`: a recorded trace, judged again.
#[derive(Serialize)]
pub struct ExplainedDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    /// The run that was recorded.
    pub recorded: RecordedRunDocument,
    pub steps: Vec<StepDocument>,
    pub failures: Vec<FailureDocument>,
    pub findings: Vec<FindingDocument>,
    /// What the trace has not got.
    pub lacks: Vec<String>,
    /// Of `check` alone.
    pub check: Option<CheckAgainDocument>,
}

/// The checks of a recorded run, judged again.
#[derive(Serialize)]
pub struct CheckAgainDocument {
    pub kong_can_read: Option<&'static str>,
    pub paths: Vec<String>,
    pub checks: Vec<CheckedDocument>,
}

#[derive(Serialize)]
pub struct RecordedRunDocument {
    pub command: Option<String>,
    pub outcome: Option<String>,
    pub exit_code: Option<u8>,
    pub explained: bool,
    pub program_version: Option<String>,
    pub recorded_at: Option<String>,
}

#[derive(Serialize)]
pub struct FailureDocument {
    exit_code: u8,
    fault: FaultDocument,
    findings: Vec<FindingDocument>,
}

impl From<&Verdict> for FailureDocument {
    fn from(verdict: &Verdict) -> Self {
        FailureDocument {
            exit_code: verdict.exit_code,
            fault: (&verdict.fault).into(),
            findings: mirror(&verdict.findings),
        }
    }
}
