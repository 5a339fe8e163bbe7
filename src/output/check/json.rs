//! `vaultiam/v1/check`.

use serde::Serialize;

use super::Report;
use crate::diagnose::check::{Answer, Checked};
use crate::output::json::{CheckAgainDocument, FindingDocument, milliseconds, mirror, render};
use crate::secret::Redactor;

/// `vaultiam/v1/check`.
#[derive(Serialize)]
pub struct CheckDocument {
    schema: &'static str,
    exit_code: u8,
    /// Would KongRole be able to log in and read the paths: `yes`, `no`, `unknown`;
    /// null where only some checks were selected.
    kong_can_read: Option<&'static str>,
    paths: Vec<String>,
    checks: Vec<CheckedDocument>,
}

/// A check and how it ended.
#[derive(Serialize)]
pub struct CheckedDocument {
    id: &'static str,
    category: &'static str,
    title: &'static str,
    outcome: &'static str,
    because: Option<String>,
    /// What was seen, for a person.
    said: Option<String>,
    duration_ms: f64,
    findings: Vec<FindingDocument>,
}

impl From<&Checked> for CheckedDocument {
    fn from(checked: &Checked) -> Self {
        let verdict = &checked.verdict;
        CheckedDocument {
            id: checked.check.id(),
            category: checked.check.category().name(),
            title: checked.check.title(),
            outcome: verdict.outcome.name(),
            because: verdict.outcome.because().map(str::to_owned),
            said: Some(verdict.said.clone()).filter(|said| !said.is_empty()),
            duration_ms: milliseconds(checked.took),
            findings: mirror(&verdict.findings),
        }
    }
}

/// The report as a document.
pub fn json(report: &Report, redactor: &Redactor) -> String {
    let document = CheckDocument {
        schema: SCHEMA,
        exit_code: report.exit_code,
        kong_can_read: kong_can_read(report),
        paths: report.about.paths.clone(),
        checks: mirror(&report.checks),
    };
    render(&document, redactor, &[])
}

/// The same within the document of a recorded run.
pub fn json_again(report: &Report) -> CheckAgainDocument {
    CheckAgainDocument {
        kong_can_read: kong_can_read(report),
        paths: report.about.paths.clone(),
        checks: mirror(&report.checks),
    }
}

fn kong_can_read(report: &Report) -> Option<&'static str> {
    report.answer.as_ref().map(|answer| match answer {
        Answer::Yes => "yes",
        Answer::No(_) => "no",
        Answer::Unknown(_) => "unknown",
    })
}

const SCHEMA: &str = "vaultiam/v1/check";

/// The document of a run that a signal ended: no check has its outcome.
pub fn interrupted(exit_code: u8, paths: Vec<String>, redactor: &Redactor) -> String {
    let document = CheckDocument {
        schema: SCHEMA,
        exit_code,
        kong_can_read: None,
        paths,
        checks: Vec::new(),
    };
    render(&document, redactor, &[])
}
