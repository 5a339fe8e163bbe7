//! Prometheus's text form, for the textfile collector of the node exporter: gauges
//! without timestamps of their own, which it does not take.

use std::fmt::Write as _;
use std::time::UNIX_EPOCH;

use super::Report;
use crate::diagnose::check::Checked;
use crate::output::streams::{Lines, printable};

const OUTCOMES: [&str; 4] = ["passed", "warned", "failed", "skipped"];

/// The report as gauges.
pub fn prometheus(report: &Report) -> String {
    let mut text = String::new();
    family(
        &mut text,
        "vaultiam_check_outcome",
        "How a check ended: 1 for the outcome that it had, 0 for the others.",
    );
    for checked in &report.checks {
        for outcome in OUTCOMES {
            let is_it = u8::from(checked.verdict.outcome.name() == outcome);
            let labels = [of_check(checked), vec![("outcome", outcome.to_owned())]].concat();
            sample(
                &mut text,
                "vaultiam_check_outcome",
                &labels,
                &is_it.to_string(),
            );
        }
    }
    family(
        &mut text,
        "vaultiam_check_duration_seconds",
        "How long a check took.",
    );
    for checked in &report.checks {
        let seconds = format!("{:.4}", checked.took.as_secs_f64());
        sample(
            &mut text,
            "vaultiam_check_duration_seconds",
            &of_check(checked),
            &seconds,
        );
    }
    findings(&mut text, report);
    of_run(&mut text, report);
    text
}

fn of_check(checked: &Checked) -> Vec<(&'static str, String)> {
    vec![
        ("check", checked.check.id().to_owned()),
        ("category", checked.check.category().name().to_owned()),
    ]
}

fn findings(text: &mut String, report: &Report) {
    let name = "vaultiam_check_findings";
    family(text, name, "How many findings of a code a check has.");
    let mut counted: Vec<(Vec<(&'static str, String)>, usize)> = Vec::new();
    for (check, finding) in report.findings() {
        let labels = vec![
            ("check", check.id().to_owned()),
            ("code", finding.code.name().to_owned()),
            ("severity", finding.severity.name().to_owned()),
        ];
        match counted.iter_mut().find(|(known, _)| *known == labels) {
            Some((_, count)) => *count += 1,
            None => counted.push((labels, 1)),
        }
    }
    for (labels, count) in counted {
        sample(text, name, &labels, &count.to_string());
    }
}

fn of_run(text: &mut String, report: &Report) {
    let about = &report.about;
    let name = "vaultiam_check_info";
    family(text, name, "What was checked; always 1.");
    let labels = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("stack", about.stack.clone()),
        ("address", about.address.clone()),
        ("auth_mount", about.auth_mount.clone()),
        ("auth_role", about.auth_role.clone()),
    ];
    sample(text, name, &labels, "1");
    let name = "vaultiam_check_exit_code";
    family(text, name, "The exit code of the run.");
    sample(text, name, &[], &report.exit_code.to_string());
    let name = "vaultiam_check_run_duration_seconds";
    family(text, name, "How long the run took.");
    sample(
        text,
        name,
        &[],
        &format!("{:.4}", report.took.as_secs_f64()),
    );
    let name = "vaultiam_check_last_run_timestamp_seconds";
    family(text, name, "When the run ended, in seconds since 1970.");
    let ended = report.ended.duration_since(UNIX_EPOCH).unwrap_or_default();
    sample(text, name, &[], &ended.as_secs().to_string());
}

fn family(text: &mut String, name: &str, help: &str) {
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
}

fn sample(text: &mut String, name: &str, labels: &[(&str, String)], value: &str) {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    let labels = if labels.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", labels.join(","))
    };
    let _ = writeln!(text, "{name}{labels} {value}");
}

/// Source: "Exposition formats" in Prometheus's documentation.
fn escaped(value: &str) -> String {
    printable(value, Lines::Kept)
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
