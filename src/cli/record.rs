//! `--record FILE`: what a run did, and everything that its verdict rests on, as
//! a file that can go into a ticket.

use std::io;
use std::path::Path;

use crate::diagnose::record::{RecordedCheck, RecordedEvidence, RecordedFailure, SCHEMA};
use crate::diagnose::{Code, Finding};
use crate::login::{Depth, Observations};
use crate::output::json::{self, FindingDocument, TokenDocument, TraceDocument, mirror};
use crate::private_file;

use super::report::Judged;
use super::{Context, DONE};

/// What there is to record of a run.
pub(super) struct Recording<'a> {
    pub(super) command: &'static str,
    pub(super) exit_code: u8,
    pub(super) seen: &'a Observations,
    pub(super) token: Option<TokenDocument>,
    /// What failed, the first thing first.
    pub(super) failures: Vec<RecordedFailure>,
    /// What the failures mean.
    pub(super) explained: Vec<Finding>,
    /// What was found out without a failure.
    pub(super) findings: Vec<Finding>,
    /// What the checks rest on, of `check`.
    pub(super) check: Option<RecordedCheck>,
}

impl<'a> Recording<'a> {
    /// A run with what failed in it.
    pub(super) fn of(
        command: &'static str,
        exit_code: u8,
        seen: &'a Observations,
        judged: &[&Judged],
    ) -> Self {
        Recording {
            command,
            exit_code,
            seen,
            token: None,
            failures: judged
                .iter()
                .map(|judged| RecordedFailure {
                    fault: (*judged.fault).clone(),
                    looks: (*judged.looks).clone(),
                    foreign_token: judged.foreign_token,
                    exit_code: judged.exit_code,
                })
                .collect(),
            explained: judged
                .iter()
                .flat_map(|judged| judged.findings.clone())
                .collect(),
            findings: Vec::new(),
            check: None,
        }
    }
}

/// Writes the trace to the file that was named, if one was.
///
/// # Errors
///
/// CFG909: the file cannot be written.
pub(super) fn record(
    context: &Context,
    path: Option<&Path>,
    recording: Recording<'_>,
) -> Result<(), Box<Finding>> {
    let Some(path) = path else {
        return Ok(());
    };
    let settings = &context.run.settings;
    let first = recording.failures.first();
    let others: Vec<FindingDocument> = mirror(&recording.findings);
    let all = recording.explained.iter().chain(&recording.findings);
    // The failures of a check are findings.
    let has_failed = first.is_some() || (recording.check.is_some() && recording.exit_code != DONE);
    let document = TraceDocument {
        schema: SCHEMA,
        command: recording.command,
        outcome: if has_failed { "failed" } else { "succeeded" },
        exit_code: recording.exit_code,
        explained: context.run.depth == Depth::Explained || recording.check.is_some(),
        steps: mirror(&context.run.trace.steps()),
        token: recording.token,
        fault: first.map(|failure| (&failure.fault).into()),
        findings: all.map(FindingDocument::from).collect(),
        program_version: env!("CARGO_PKG_VERSION"),
        recorded_at: json::now(),
        settings: settings.recorded(),
        evidence: RecordedEvidence {
            observations: recording.seen.clone(),
            surroundings: settings.surroundings(),
            failures: recording.failures,
            findings: others
                .iter()
                .filter_map(|finding| serde_json::to_value(finding).ok())
                .collect(),
            check: recording.check,
        },
    };
    let text = json::render(&document, &context.run.redactor, &[]);
    private_file::write(path, &text).map_err(|error| cannot_be_written(path, &error))
}

/// Looks whether the trace will find its place, before anything is done.
///
/// # Errors
///
/// CFG909: the file cannot be written.
pub(super) fn prepare(path: Option<&Path>) -> Result<(), Box<Finding>> {
    let Some(path) = path else {
        return Ok(());
    };
    private_file::can_be_written(path).map_err(|error| cannot_be_written(path, &error))
}

fn cannot_be_written(path: &Path, error: &io::Error) -> Box<Finding> {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "its directory is not there".to_owned(),
        kind => kind.to_string(),
    };
    let words = format!("{} cannot be written: {reason}", path.display());
    Box::new(Finding::certain(Code::CFG909).because(words))
}
