//! `vaultiam explain FILE`: a recorded run, judged again.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use crate::diagnose::check::answer as answer_of;
use crate::diagnose::record::{self, NotATrace, Recheck, RecordedTrace, Told};
use crate::http::date::from_rfc3339;
use crate::output::Streams;
use crate::output::check::{Detail, Report, human, json_again};
use crate::output::human::{Reasoning, finding_block, finding_line};
use crate::output::json::{self, ExplainedDocument, RecordedRunDocument, mirror};
use crate::output::streams::{Style, one_line};
use crate::output::trace_line::{Detail as StepDetail, step_line};
use crate::output::wrap::hanging;
use crate::settings::SettingsError;

use super::super::Verbosity;
use super::super::check::about;
use super::{DONE, Format, Global, answer, wrong};

/// No trace is larger, whatever was looked at.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// Reads a trace from a file, or from stdin, and says what it means.
pub(super) fn run(word: &str, global: &Global, streams: &Streams) -> Result<u8, SettingsError> {
    let name = if word == "-" { "stdin" } else { word };
    let text = text(word, streams).map_err(|words| wrong(name, words))?;
    let trace = record::read(&text).map_err(|error| refusal(name, error))?;
    let run = RecordedRunDocument {
        command: trace.command.clone(),
        outcome: trace.outcome.clone(),
        exit_code: trace.exit_code,
        explained: trace.explained == Some(true),
        program_version: trace.program_version.clone(),
        recorded_at: trace.recorded_at.clone(),
    };
    let at = at(&trace);
    let told = trace
        .tell()
        .map_err(|error| wrong(name, format!("its settings cannot have been: {error}")))?;
    let report = match &told.check {
        Some(recheck) => Some(report(recheck, &run, at).map_err(|words| wrong(name, words))?),
        None => None,
    };
    let style = streams.stdout_style;
    let shown = match (global.format, global.verbosity()) {
        (Format::Json, _) => document(run, &told, report.as_ref(), streams),
        (_, Verbosity::Quiet) => match &report {
            Some(report) => human(report, Detail::Findings, style),
            None => lines(&told),
        },
        (_, verbosity) => {
            let mut text = heading(&run, style);
            if verbosity == Verbosity::Verbose {
                for step in &told.steps {
                    text.push_str(&step_line(step, at, StepDetail::Commands, style));
                }
                text.push('\n');
            }
            match &report {
                Some(report) if verbosity == Verbosity::Verbose => {
                    text.push_str(&human(report, Detail::Titles, style));
                }
                Some(report) => text.push_str(&human(report, Detail::Checks, style)),
                None => text.push_str(&blocks(&told, style)),
            }
            text.push_str(&lacks(&told, style));
            text
        }
    };
    Ok(answer(streams, &shown, DONE))
}

/// The text of a trace, which is not taken to be harmless.
fn text(word: &str, streams: &Streams) -> Result<String, String> {
    let bytes = if word == "-" {
        let bytes = streams.read_to_end(SIZE_LIMIT + 1);
        bytes.map(|bytes| bytes.to_vec())
    } else {
        read(Path::new(word))
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!(
            "'{word}' is no finding code and no file; vaultiam explain --list shows the codes"
        ),
        _ => format!("cannot be read: {error}"),
    })?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(format!(
            "is larger than {} MiB: no trace is",
            SIZE_LIMIT / 1024 / 1024
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        format!("is not JSON: what stands at byte {place} is no text")
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(SIZE_LIMIT + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn refusal(name: &str, error: NotATrace) -> SettingsError {
    let place = match error.place {
        Some((line, column)) => format!("{name}:{line}:{column}"),
        None => name.to_owned(),
    };
    wrong(&place, error.words)
}

/// The time of the run: what was left of a lifetime is told as it was then.
fn at(trace: &RecordedTrace) -> SystemTime {
    let recorded = trace.recorded_at.as_deref().and_then(from_rfc3339);
    recorded.unwrap_or_else(SystemTime::now)
}

fn heading(run: &RecordedRunDocument, style: Style) -> String {
    let command = one_line(run.command.as_deref().unwrap_or("(unknown command)"));
    let name = format!("vaultiam {command}");
    let mut words = vec![name.clone()];
    let at = run.recorded_at.as_deref();
    words.extend(at.map(|at| format!("at {}", one_line(at))));
    words.extend(run.exit_code.map(|code| format!("exit code {code}")));
    let version = run.program_version.as_deref();
    words.extend(version.map(|version| format!("recorded by version {}", one_line(version))));
    let line = words.join(", ");
    let line = match style.terminal {
        true => hanging(&line, 2, style.prose_width()),
        false => line,
    };
    let rest = line.strip_prefix(&name).unwrap_or_default();
    format!("{}{rest}\n\n", style.strong(&name))
}

/// What failed, and what else was found.
fn blocks(told: &Told, style: Style) -> String {
    let mut blocks = Vec::new();
    for verdict in &told.verdicts {
        for finding in &verdict.findings {
            let fault = Some(&verdict.fault);
            blocks.push(finding_block(finding, fault, Reasoning::Whole, style));
        }
    }
    for finding in &told.others {
        blocks.push(finding_block(finding, None, Reasoning::Whole, style));
    }
    if told.verdicts.is_empty() {
        blocks.insert(0, "nothing failed in this run\n".to_owned());
    }
    blocks.join("\n")
}

/// What the trace has not got, if anything.
fn lacks(told: &Told, style: Style) -> String {
    if told.lacks.is_empty() {
        return String::new();
    }
    let mut text = "\nthe trace has not got:\n".to_owned();
    for lack in &told.lacks {
        let words = hanging(&one_line(lack), 2, style.prose_width());
        text.push_str(&format!("  {words}\n"));
    }
    text
}

/// The checks of the run, judged again. Nothing is asked of anybody: the runtime has
/// no network.
fn report(
    recheck: &Recheck,
    run: &RecordedRunDocument,
    ended: SystemTime,
) -> Result<Report, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| format!("cannot be judged here: {error}"))?;
    let checks = runtime.block_on(recheck.run());
    Ok(Report {
        answer: recheck.is_all().then(|| answer_of(&checks)),
        exit_code: run.exit_code.unwrap_or_default(),
        about: about(&recheck.settings, &recheck.paths),
        took: checks.iter().map(|checked| checked.took).sum(),
        ended,
        checks,
    })
}

fn lines(told: &Told) -> String {
    let mut text = String::new();
    for verdict in &told.verdicts {
        for finding in &verdict.findings {
            text.push_str(&finding_line(finding, Some(&verdict.fault)));
        }
    }
    for finding in &told.others {
        text.push_str(&finding_line(finding, None));
    }
    text
}

fn document(
    recorded: RecordedRunDocument,
    told: &Told,
    report: Option<&Report>,
    streams: &Streams,
) -> String {
    let document = ExplainedDocument {
        schema: "vaultiam/v1/explained",
        exit_code: DONE,
        recorded,
        steps: mirror(&told.steps),
        failures: mirror(&told.verdicts),
        findings: mirror(&told.others),
        lacks: told.lacks.clone(),
        check: report.map(json_again),
    };
    json::render(&document, &streams.redactor(), &[])
}
