//! What people read: the trace line by line, findings, the result of a login.

use std::time::Duration;

use comfy_table::Table;
use serde_json::Value;

use super::json::TokenDocument;
use super::streams::{Lines, Style, printable};
use crate::diagnose::{Code, Confidence, Finding, Severity};
use crate::trace::{Outcome, Step, StepId};

/// How wide the middle of a trace line is before what stands right of it.
const SUMMARY_WIDTH: usize = 66;

/// How much of a request id is shown.
const REQUEST_ID_SHOWN: usize = 8;

/// One line of the trace; with [`Detail::Commands`] the command that does the
/// same by hand in a second one.
pub fn step_line(step: &Step, detail: Detail, style: Style) -> String {
    let (mark, summary) = match &step.outcome {
        Outcome::Succeeded => (style.good("ok  "), summary(step)),
        Outcome::Failed { because } => (style.bad("FAIL"), first_line(because)),
        Outcome::Skipped { because } => (style.faint("skip"), because.clone()),
    };
    let summary = printable(&summary, Lines::Escaped);
    let padding = SUMMARY_WIDTH.saturating_sub(summary.chars().count());
    let mut right = format!("{:>7}", duration_text(step.duration));
    if let Some(endpoint) = &step.endpoint {
        right.push_str("  ");
        right.push_str(&host_of(endpoint));
    }
    if let Some(id) = &step.request_id {
        let shown: String = id.chars().take(REQUEST_ID_SHOWN).collect();
        right.push_str(&format!("  req {}…", printable(&shown, Lines::Escaped)));
    }
    let mut line = format!(
        "  {mark}  {:<12} {summary}{:padding$} {}\n",
        step.id.name(),
        "",
        style.faint(&printable(&right, Lines::Escaped))
    );
    for retry in &step.retries {
        let because = printable(&retry.because, Lines::Escaped);
        line.push_str(&format!(
            "        tried again after {}: {because}\n",
            duration_text(retry.waited)
        ));
    }
    if detail == Detail::Commands
        && let Some(command) = &step.command
    {
        line.push_str(&style.faint(&format!(
            "        $ {}\n",
            printable(command, Lines::Escaped)
        )));
    }
    line
}

/// Whether the trace also shows how to do each step by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    Steps,
    Commands,
}

/// What a step that went well has to tell, from its facts.
fn summary(step: &Step) -> String {
    let text = |key: &str| {
        step.facts
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let number = |key: &str| step.facts.get(key).and_then(Value::as_i64);
    let list = |key: &str| {
        let items = step.facts.get(key).and_then(Value::as_array);
        items.map(|items| {
            items
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        })
    };
    let mut parts: Vec<String> = Vec::new();
    match step.id {
        StepId::Settings => {
            parts.extend(text("file"));
            let origins = step.facts.get("origins").and_then(Value::as_object);
            for (key, origin) in origins.into_iter().flatten() {
                let from = origin
                    .get("origin")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let value = origin
                    .get("value")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                if from != "default" && from != "file" {
                    parts.push(format!("{from}={value}"));
                } else if key == "aws.region" {
                    parts.push(format!("region {value}"));
                }
            }
            if parts.is_empty() {
                parts.push("defaults".to_owned());
            }
        }
        StepId::Credentials => {
            let role = text("instance_role")
                .map(|role| format!(" {role}"))
                .unwrap_or_default();
            parts.extend(text("provider").map(|provider| {
                format!(
                    "{provider}:{role} key {}",
                    text("key_id").unwrap_or_default()
                )
            }));
            parts.extend(text("expires_at").map(|time| format!("expires {time}")));
        }
        StepId::Caller => {
            parts.extend(text("arn"));
            parts.extend(skew_text(number("clock_skew_ms")));
        }
        StepId::Vault => {
            parts.push(text("version").unwrap_or_else(|| "version unknown".to_owned()));
            let standby = step.facts.get("standby").and_then(Value::as_bool) == Some(true);
            parts.push(if standby { "standby" } else { "active" }.to_owned());
            parts.extend(skew_text(number("clock_skew_ms")));
        }
        StepId::Assume => {
            let session = text("session_name").unwrap_or_default();
            parts.extend(text("role_arn").map(|arn| format!("{arn} as \"{session}\"")));
            parts.extend(text("session_policy").map(|policy| match policy.as_str() {
                "deny-all" => "no rights".to_owned(),
                "none" => "the role's rights".to_owned(),
                file => format!("rights of {file}"),
            }));
        }
        StepId::Sign => {
            parts.push(format!(
                "GetCallerIdentity for {} in {}",
                text("host").unwrap_or_default(),
                text("region").unwrap_or_default()
            ));
            parts.extend(text("valid_until").map(|time| format!("valid until {time}")));
        }
        StepId::Login => {
            parts.push(format!(
                "{} at auth/{}",
                text("auth_role").unwrap_or_default(),
                text("auth_mount").unwrap_or_default()
            ));
            parts.extend(list("token_policies").map(|policies| format!("policies {policies}")));
            parts.extend(number("ttl_seconds").map(lifetime_text));
        }
        StepId::Token => {
            let capabilities = step.facts.get("capabilities").and_then(Value::as_object);
            for (path, rights) in capabilities.into_iter().flatten() {
                let rights = rights.as_array().map(|rights| {
                    rights
                        .iter()
                        .filter_map(Value::as_str)
                        .collect::<Vec<_>>()
                        .join(" ")
                });
                parts.push(format!("{path}: {}", rights.unwrap_or_default()));
            }
        }
        StepId::Read | StepId::Write => {
            parts.extend(text("path"));
            parts.extend(number("kv_version").map(|version| format!("KV v{version}")));
            parts.extend(number("version").map(|version| format!("version {version}")));
        }
        StepId::Revoke => parts.extend(text("ending")),
    }
    parts.join(", ")
}

fn skew_text(skew: Option<i64>) -> Option<String> {
    let seconds = skew? as f64 / 1000.0;
    Some(format!("clock {seconds:+.1} s"))
}

/// `3600` is `1 h`, `5400` is `1 h 30 min`.
pub fn lifetime_text(seconds: i64) -> String {
    match (seconds / 3600, seconds % 3600 / 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn duration_text(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds >= 10_000 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{milliseconds} ms")
    }
}

fn host_of(endpoint: &str) -> String {
    let rest = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// A finding: what happened, the evidence, the cause, what to do.
pub fn finding_block(finding: &Finding, style: Style) -> String {
    let word = finding.severity.name();
    let head = format!("{word}[{}]", finding.code);
    let head = match finding.severity {
        Severity::Error => style.bad(&head),
        Severity::Warning => style.notable(&head),
        Severity::Note => style.strong(&head),
    };
    let confidence = match finding.confidence {
        Confidence::Certain => String::new(),
        Confidence::Likely => format!("  ({})", finding.confidence.name()),
    };
    let mut text = format!(
        "{head}: {}{confidence}\n",
        style.strong(finding.code.title())
    );
    for line in wrapped(&printable(&finding.cause, Lines::Escaped), 98) {
        text.push_str(&format!("  {line}\n"));
    }
    let label_width = finding
        .evidence
        .iter()
        .map(|fact| fact.source.chars().count() + fact.fact.chars().count() + 1)
        .max()
        .unwrap_or_default();
    for fact in &finding.evidence {
        let label = format!("{} {}", fact.source, fact.fact);
        let value = printable(&fact.value, Lines::Escaped);
        text.push_str(&format!("  {label:<label_width$}  {value}\n"));
    }
    if !finding.alternatives.is_empty() {
        let others: Vec<String> = finding
            .alternatives
            .iter()
            .map(|code| format!("{code} {}", code.title()))
            .collect();
        text.push_str("it could also be:\n");
        for other in others {
            text.push_str(&format!("  {other}\n"));
        }
    }
    for look in &finding.not_seen {
        text.push_str(&format!(
            "  {} on {} would decide\n",
            look.action,
            printable(&look.target, Lines::Escaped)
        ));
    }
    for remedy in &finding.remedies {
        let needs = remedy
            .needs
            .as_ref()
            .map(|needs| format!(" (needs {needs})"))
            .unwrap_or_default();
        let place = match remedy.place.name() {
            "here" => String::new(),
            place => format!(" [{place}]"),
        };
        text.push_str(&format!(
            "{}{place}: {}{needs}\n",
            style.strong("fix"),
            printable(&remedy.text, Lines::Escaped)
        ));
        if let Some(command) = &remedy.command {
            text.push_str(&format!("  {}\n", printable(command, Lines::Escaped)));
        }
    }
    text.push_str(&style.faint(&format!("more: vaultiam explain {}\n", finding.code)));
    text
}

/// The finding in one line, for `-q` and for CI.
pub fn finding_line(finding: &Finding) -> String {
    format!(
        "{}[{}]: {}; {}\n",
        finding.severity.name(),
        finding.code,
        finding.code.title(),
        printable(&finding.cause, Lines::Escaped)
    )
}

/// Breaks a text into lines of at most `width` characters, at blanks.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The result of a login as a table.
pub fn token_table(token: &TokenDocument) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let mut row = |name: &str, value: String| {
        table.add_row([name.to_owned(), printable(&value, Lines::Escaped)]);
    };
    if let Some(text) = &token.client_token {
        row("token", text.clone());
    }
    if let Some(accessor) = &token.accessor {
        row("accessor", accessor.clone());
    }
    row("policies", token.token_policies.join(" "));
    if !token.identity_policies.is_empty() {
        row("identity policies", token.identity_policies.join(" "));
    }
    let renewable = if token.renewable { ", renewable" } else { "" };
    let lifetime = i64::try_from(token.ttl_seconds).unwrap_or(i64::MAX);
    row("lives", format!("{}{renewable}", lifetime_text(lifetime)));
    row("type", token.kind.clone());
    row(
        "stored in",
        token
            .stored_in
            .clone()
            .unwrap_or_else(|| "nowhere".to_owned()),
    );
    if token.revoked == "yes" {
        row("revoked", "yes".to_owned());
    }
    trimmed(&table)
}

/// A table without the blanks at the ends of its lines and in front of them.
pub fn trimmed(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        let line = line.strip_prefix(' ').unwrap_or(&line);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The page of a code for a terminal: Markdown is readable as it is; only the
/// headings stand out.
pub fn page(code: Code, style: Style) -> String {
    let mut text = String::new();
    for line in code.page().lines() {
        let heading = line.trim_start_matches('#');
        if heading.len() < line.len() && line.starts_with('#') && heading.starts_with(' ') {
            text.push_str(&style.strong(line));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_read_as_people_say_them() {
        let cases = [
            (45, "45 s"),
            (900, "15 min"),
            (3600, "1 h"),
            (5400, "1 h 30 min"),
            (61, "1 min 1 s"),
        ];
        for (seconds, words) in cases {
            assert_eq!(lifetime_text(seconds), words);
        }
    }

    #[test]
    fn long_causes_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), Vec::<String>::new());
    }
}
