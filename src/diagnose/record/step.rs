//! A step out of a document.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::fault::Side;
use crate::trace::{Outcome, Retry, Step, StepId};

/// The fields of a step that this version knows.
#[derive(Deserialize)]
struct RecordedStep {
    id: String,
    side: Side,
    outcome: String,
    because: Option<String>,
    endpoint: Option<String>,
    request_id: Option<String>,
    #[serde(default)]
    started_ms: f64,
    #[serde(default)]
    duration_ms: f64,
    #[serde(default)]
    facts: Map<String, Value>,
    command: Option<String>,
    #[serde(default)]
    retries: Vec<RecordedRetry>,
}

#[derive(Deserialize)]
struct RecordedRetry {
    because: String,
    waited_ms: f64,
}

/// The step, if this version understands it.
pub(super) fn step(value: Value) -> Option<Step> {
    let step: RecordedStep = serde_json::from_value(value).ok()?;
    let because = step.because.unwrap_or_default();
    let (id, resource) = match serde_json::from_value(Value::from(step.id.as_str())) {
        Ok(id) => (id, None),
        // A change has the name of its resource.
        Err(_) if step.id.contains(':') => (StepId::Change, Some(step.id)),
        Err(_) => return None,
    };
    Some(Step {
        id,
        resource,
        side: step.side,
        outcome: match step.outcome.as_str() {
            "succeeded" => Outcome::Succeeded,
            "failed" => Outcome::Failed { because },
            "skipped" => Outcome::Skipped { because },
            _ => return None,
        },
        endpoint: step.endpoint,
        request_id: step.request_id,
        started: milliseconds(step.started_ms)?,
        duration: milliseconds(step.duration_ms)?,
        facts: step.facts,
        command: step.command,
        retries: step
            .retries
            .into_iter()
            .map(|retry| {
                Some(Retry {
                    because: retry.because,
                    waited: milliseconds(retry.waited_ms)?,
                })
            })
            .collect::<Option<_>>()?,
    })
}

fn milliseconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number / 1000.0).ok()
}
