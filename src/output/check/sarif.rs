//! SARIF 2.1.0: a rule a finding code, a result a finding. A check that was skipped is
//! a notification of the run.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Report, finding_text};
use crate::diagnose::check::{Check, Outcome};
use crate::diagnose::{Code, Finding, Severity};
use crate::http::date::rfc3339;
use crate::output::streams::{Lines, printable};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The report as SARIF.
pub fn sarif(report: &Report) -> String {
    let codes: BTreeSet<Code> = report.findings().map(|(_, finding)| finding.code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let results: Vec<Value> = report
        .findings()
        .map(|(check, finding)| result(report, &codes, check, finding))
        .collect();
    let skipped: Vec<Value> = report
        .checks
        .iter()
        .filter_map(|checked| {
            let Outcome::Skipped { because } = &checked.verdict.outcome else {
                return None;
            };
            Some(json!({
                "level": "note",
                "descriptor": { "id": checked.check.id() },
                "message": { "text": shown(&format!("{} was skipped: {because}", checked.check.id())) },
            }))
        })
        .collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "vaultiam",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": true,
                "exitCode": report.exit_code,
                "endTimeUtc": rfc3339(report.ended),
                "toolExecutionNotifications": skipped,
            }],
            "results": results,
            "columnKind": "unicodeCodePoints",
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.title() },
        "fullDescription": { "text": code.cause() },
        "help": { "text": code.page(), "markdown": code.page() },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

fn result(report: &Report, codes: &[Code], check: Check, finding: &Finding) -> Value {
    let index = codes.iter().position(|code| *code == finding.code);
    let mut location = json!({
        "logicalLocations": [{ "fullyQualifiedName": check.id(), "kind": "resource" }],
    });
    // What shows results beside files wants one: the settings are what describes the
    // set-up.
    if let Some(file) = &report.about.settings_file {
        location["physicalLocation"] = json!({
            "artifactLocation": { "uri": uri_of(file) },
            "region": { "startLine": 1 },
        });
    }
    json!({
        "ruleId": finding.code.name(),
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": shown(&finding_text(finding)) },
        "locations": [location],
        "partialFingerprints": { "vaultiam/v1": format!("{}/{}", check.id(), finding.code) },
        "properties": {
            "check": check.id(),
            "confidence": finding.confidence.name(),
        },
    })
}

fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn shown(text: &str) -> String {
    printable(text, Lines::Kept)
}

/// A path as the reference that SARIF wants; one that begins at the root gets its
/// scheme.
fn uri_of(path: &str) -> String {
    match url::Url::from_file_path(path) {
        Ok(url) => url.to_string(),
        Err(()) => percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
            .replace("%2F", "/")
            .replace("%2E", "."),
    }
}
