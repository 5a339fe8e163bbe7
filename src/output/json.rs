//! The documents of `-o json`, version 1: mirrors of the inner types, so that
//! those can change without breaking a script.

mod code;
mod kong;
mod secrets;
mod setup;
mod trace;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::diagnose::Finding;
use crate::fault::Fault;
use crate::http::date::rfc3339;
use crate::secret::Redactor;
use crate::trace::{Outcome, Step, StepId};

pub use code::{CodeDocument, CodesDocument};
pub use kong::{KongDocument, ReferenceDocument};
pub use secrets::{FailedDocument, SecretDocument, SecretsDocument, WrittenDocument};
pub use setup::{AppliedDocument, PlanDocument, WaitingForDocument};
pub use trace::{CheckAgainDocument, ExplainedDocument, RecordedRunDocument, TraceDocument};

/// Turns a document into text. Secrets are removed from every string, except
/// below the keys in `asked_for`.
pub fn render(document: &impl Serialize, redactor: &Redactor, asked_for: &[&str]) -> String {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    clean(&mut value, redactor, asked_for);
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn clean(value: &mut Value, redactor: &Redactor, asked_for: &[&str]) {
    match value {
        Value::String(text) => *text = redactor.clean(text),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| clean(item, redactor, asked_for)),
        Value::Object(entries) => {
            for (key, value) in entries.iter_mut() {
                if !asked_for.contains(&key.as_str()) {
                    clean(value, redactor, asked_for);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `vaultiam/v1/login`.
#[derive(Serialize)]
pub struct LoginDocument {
    pub schema: &'static str,
    pub outcome: &'static str,
    pub exit_code: u8,
    pub steps: Vec<StepDocument>,
    pub token: Option<TokenDocument>,
    pub fault: Option<FaultDocument>,
    pub findings: Vec<FindingDocument>,
}

#[derive(Serialize, Clone)]
pub struct TokenDocument {
    pub accessor: Option<String>,
    pub token_policies: Vec<String>,
    pub identity_policies: Vec<String>,
    pub ttl_seconds: u64,
    pub renewable: bool,
    #[serde(rename = "type")]
    pub kind: String,
    pub stored_in: Option<String>,
    /// `yes`, `no` or `not_needed`.
    pub revoked: &'static str,
    pub client_token: Option<String>,
}

/// `vaultiam/v1/error`: usage and settings.
#[derive(Serialize)]
pub struct ErrorDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    pub fault: Option<FaultDocument>,
    pub findings: Vec<FindingDocument>,
}

/// `vaultiam/v1/initialised`: what was put in force in which file; none was
/// written when `file` is null.
#[derive(Serialize)]
pub struct InitialisedDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    pub file: Option<String>,
    pub settings: Map<String, Value>,
}

#[derive(Serialize)]
pub struct StepDocument {
    id: String,
    side: &'static str,
    outcome: &'static str,
    because: Option<String>,
    endpoint: Option<String>,
    request_id: Option<String>,
    started_ms: f64,
    duration_ms: f64,
    facts: Map<String, Value>,
    command: Option<String>,
    retries: Vec<RetryDocument>,
}

#[derive(Serialize)]
struct RetryDocument {
    because: String,
    waited_ms: f64,
}

impl From<&Step> for StepDocument {
    fn from(step: &Step) -> Self {
        let (outcome, because) = match &step.outcome {
            Outcome::Succeeded => ("succeeded", None),
            Outcome::Failed { because } => ("failed", Some(because.clone())),
            Outcome::Skipped { because } => ("skipped", Some(because.clone())),
        };
        StepDocument {
            id: step.label().to_owned(),
            side: step.side.name(),
            outcome,
            because,
            endpoint: step.endpoint.clone(),
            request_id: step.request_id.clone(),
            started_ms: milliseconds(step.started),
            duration_ms: milliseconds(step.duration),
            facts: with_absent_facts(step),
            command: step.command.clone(),
            retries: step
                .retries
                .iter()
                .map(|retry| RetryDocument {
                    because: retry.because.clone(),
                    waited_ms: milliseconds(retry.waited),
                })
                .collect(),
        }
    }
}

/// The facts of a step, with null for those that it did not come to know.
fn with_absent_facts(step: &Step) -> Map<String, Value> {
    let names: &[&str] = match step.id {
        StepId::Settings => &["origins"],
        StepId::Credentials => &["provider", "tried", "key_id", "expires_at"],
        StepId::Caller => &["arn", "account", "unique_id", "clock_skew_ms"],
        StepId::Vault => &[
            "version",
            "cluster_name",
            "sealed",
            "standby",
            "clock_skew_ms",
        ],
        StepId::Assume => &[
            "role_arn",
            "session_arn",
            "unique_id",
            "expires_at",
            "session_policy",
        ],
        StepId::Sign => &["host", "region", "signed_headers", "valid_until"],
        StepId::Login => &[
            "auth_role",
            "auth_mount",
            "token_policies",
            "identity_policies",
            "ttl_seconds",
            "renewable",
            "type",
        ],
        StepId::Token => &["capabilities"],
        StepId::Read | StepId::Write => &["path", "kv_version", "version"],
        StepId::Observe => &["resource", "found"],
        StepId::Plan => &["changes", "conflicts"],
        StepId::Change => &["action", "written"],
        StepId::Verify | StepId::Revoke => &[],
    };
    let mut facts = step.facts.clone();
    for name in names {
        facts.entry(*name).or_insert(Value::Null);
    }
    facts
}

/// Milliseconds with one place behind the point.
pub(super) fn milliseconds(duration: std::time::Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

#[derive(Serialize)]
pub struct FaultDocument {
    step: String,
    side: &'static str,
    operation: String,
    target: String,
    status: Option<u16>,
    code: Option<String>,
    message: String,
    upstream: Option<String>,
    request_id: Option<String>,
}

impl FaultDocument {
    /// A fault of the step that the document calls `step`.
    pub fn at(step: &str, fault: &Fault) -> Self {
        FaultDocument {
            step: step.to_owned(),
            ..fault.into()
        }
    }
}

impl From<&Fault> for FaultDocument {
    fn from(fault: &Fault) -> Self {
        FaultDocument {
            step: fault.step.name().to_owned(),
            side: fault.side.name(),
            operation: fault.operation.clone(),
            target: fault.target.clone(),
            status: fault.status,
            code: fault.code.clone(),
            message: fault.message.clone(),
            upstream: fault.upstream.clone(),
            request_id: fault.request_id.clone(),
        }
    }
}

#[derive(Serialize)]
pub struct FindingDocument {
    code: &'static str,
    severity: &'static str,
    confidence: &'static str,
    title: &'static str,
    cause: String,
    evidence: Vec<FactDocument>,
    remedies: Vec<RemedyDocument>,
    alternatives: Vec<&'static str>,
    not_seen: Vec<NotSeenDocument>,
    ruled_out: Vec<RuledOutDocument>,
    docs: String,
}

#[derive(Serialize)]
struct FactDocument {
    source: String,
    fact: String,
    value: String,
    seen_with: String,
}

#[derive(Serialize)]
struct RemedyDocument {
    text: String,
    command: Option<String>,
    #[serde(rename = "where")]
    place: &'static str,
    needs: Option<String>,
}

#[derive(Serialize)]
struct NotSeenDocument {
    action: String,
    target: String,
    refused_by: Option<String>,
}

#[derive(Serialize)]
struct RuledOutDocument {
    code: &'static str,
    because: String,
}

impl From<&Finding> for FindingDocument {
    fn from(finding: &Finding) -> Self {
        FindingDocument {
            code: finding.code.name(),
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            title: finding.code.title(),
            cause: finding.cause.clone(),
            evidence: finding
                .evidence
                .iter()
                .map(|fact| FactDocument {
                    source: fact.source.clone(),
                    fact: fact.fact.clone(),
                    value: fact.value.clone(),
                    seen_with: fact.seen_with.clone(),
                })
                .collect(),
            remedies: finding
                .remedies
                .iter()
                .map(|remedy| RemedyDocument {
                    text: remedy.text.clone(),
                    command: remedy.command.clone(),
                    place: remedy.place.name(),
                    needs: remedy.needs.clone(),
                })
                .collect(),
            alternatives: finding
                .alternatives
                .iter()
                .map(|code| code.name())
                .collect(),
            not_seen: finding
                .not_seen
                .iter()
                .map(|look| NotSeenDocument {
                    action: look.action.clone(),
                    target: look.target.clone(),
                    refused_by: look.refused_by.clone(),
                })
                .collect(),
            ruled_out: finding
                .ruled_out
                .iter()
                .map(|cause| RuledOutDocument {
                    code: cause.code.name(),
                    because: cause.because.clone(),
                })
                .collect(),
            docs: finding.code.docs(),
        }
    }
}

/// Mirrors every item of a list.
pub fn mirror<'a, T, M: From<&'a T>>(items: &'a [T]) -> Vec<M> {
    items.iter().map(M::from).collect()
}

/// The present, as documents write it.
pub fn now() -> String {
    rfc3339(std::time::SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_removed_except_where_they_are_the_answer() {
        #[derive(Serialize)]
        struct Document {
            note: &'static str,
            fields: Map<String, Value>,
        }
        let redactor = Redactor::default();
        redactor.learn_text("canary-value");
        let mut fields = Map::new();
        fields.insert("value".to_owned(), Value::from("canary-value"));
        let document = Document {
            note: "saw canary-value",
            fields,
        };
        let text = render(&document, &redactor, &["fields"]);
        assert!(text.contains("saw [redacted]"), "{text}");
        assert!(text.contains("\"value\": \"canary-value\""), "{text}");
        assert!(!render(&document, &redactor, &[]).contains("canary"));
    }
}
