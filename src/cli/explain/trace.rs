//! `vaultiam explain FILE`: a recorded run, judged again.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use crate::diagnose::record::{self, NotATrace, RecordedTrace, Told};
use crate::http::date::from_rfc3339;
use crate::output::Streams;
use crate::output::human::{self, Reasoning};
use crate::output::json::{self, ExplainedDocument, RecordedRunDocument, mirror};
use crate::output::streams::{Style, one_line};
use crate::output::trace_line::{Detail, step_line};
use crate::output::wrap::hanging;
use crate::settings::SettingsError;

use super::super::Verbosity;
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
    let shown = match (global.format, global.verbosity()) {
        (Format::Json, _) => document(run, &told, streams),
        (_, Verbosity::Quiet) => lines(&told),
        (_, verbosity) => {
            let mut text = heading(&run, streams.stdout_style);
            if verbosity == Verbosity::Verbose {
                for step in &told.steps {
                    text.push_str(&step_line(step, at, Detail::Commands, streams.stdout_style));
                }
                text.push('\n');
            }
            text.push_str(&blocks(&told, streams.stdout_style));
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
    let command = run.command.as_deref().unwrap_or("a command");
    let mut words = vec![style.strong(&format!("vaultiam {}", one_line(command)))];
    words.extend(
        run.recorded_at
            .as_deref()
            .map(|at| format!("at {}", one_line(at))),
    );
    words.extend(run.exit_code.map(|code| format!("exit code {code}")));
    let version = run.program_version.as_deref();
    words.extend(version.map(|version| format!("recorded by version {}", one_line(version))));
    format!("{}\n\n", words.join(", "))
}

/// What failed, and what else was found.
fn blocks(told: &Told, style: Style) -> String {
    let mut blocks = Vec::new();
    for verdict in &told.verdicts {
        for finding in &verdict.findings {
            let fault = Some(&verdict.fault);
            blocks.push(human::finding_block(
                finding,
                fault,
                Reasoning::Whole,
                style,
            ));
        }
    }
    for finding in &told.others {
        blocks.push(human::finding_block(finding, None, Reasoning::Whole, style));
    }
    if told.verdicts.is_empty() {
        blocks.insert(0, "nothing failed in this run\n".to_owned());
    }
    if !told.lacks.is_empty() {
        let mut text = "the trace has not got:\n".to_owned();
        for lack in &told.lacks {
            let words = hanging(&one_line(lack), 2, style.prose_width());
            text.push_str(&format!("  {words}\n"));
        }
        blocks.push(text);
    }
    blocks.join("\n")
}

fn lines(told: &Told) -> String {
    let mut text = String::new();
    for verdict in &told.verdicts {
        for finding in &verdict.findings {
            text.push_str(&human::finding_line(finding, Some(&verdict.fault)));
        }
    }
    for finding in &told.others {
        text.push_str(&human::finding_line(finding, None));
    }
    text
}

fn document(recorded: RecordedRunDocument, told: &Told, streams: &Streams) -> String {
    let document = ExplainedDocument {
        schema: "vaultiam/v1/explained",
        exit_code: DONE,
        recorded,
        steps: mirror(&told.steps),
        failures: mirror(&told.verdicts),
        findings: mirror(&told.others),
        lacks: told.lacks.clone(),
    };
    json::render(&document, &streams.redactor(), &[])
}
