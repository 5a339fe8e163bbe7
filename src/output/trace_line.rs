//! The trace, a line a step, as it is shown while the steps happen.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::streams::{Lines, Style, printable};
use super::wrap::hanging;
use crate::fault::Side;
use crate::http::date::{lifetime_text, seconds_until};
use crate::trace::{Outcome, Step, StepId};

/// How wide the middle of a trace line is before what stands right of it.
const SUMMARY_WIDTH: usize = 66;

/// How wide the front of a line is: the mark and the step.
const HEAD: usize = 21;

/// How wide a duration is.
const DURATION_WIDTH: usize = 7;

/// How far what belongs to a step is set in below it.
const INDENT: usize = 8;

/// How much of a request id is shown.
const REQUEST_ID_SHOWN: usize = 8;

/// One line of the trace, as it is shown at a time; with [`Detail::Commands`] the
/// command that does the same by hand in a second one.
pub fn step_line(step: &Step, at: SystemTime, detail: Detail, style: Style) -> String {
    let (mark, summary) = match &step.outcome {
        Outcome::Succeeded => (style.good("ok  "), summary(step, at)),
        Outcome::Failed { .. } => {
            let resource = step.resource.iter();
            let parts = resource.map(String::as_str).chain([who_refused(step.side)]);
            (style.bad("FAIL"), parts.collect::<Vec<_>>().join(", "))
        }
        Outcome::Skipped { because } => (style.faint("skip"), because.clone()),
    };
    let summary = printable(&summary, Lines::Escaped);
    let head = format!("  {mark}  {:<12} ", step.id.name());
    let mut line = format!("{head}{}\n", beside(&summary, &right(step), HEAD, style));
    if let Outcome::Failed { because } = &step.outcome {
        for words in because.lines().filter(|words| !words.trim().is_empty()) {
            let words = printable(words.trim(), Lines::Escaped);
            let words = match style.columns {
                Some(columns) => hanging(&words, INDENT, columns),
                None => words,
            };
            line.push_str(&format!("{:INDENT$}{words}\n", ""));
        }
    }
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

/// What stands at the right of a step, the most needed first: how long it took,
/// who was asked, the request's id.
fn right(step: &Step) -> Vec<String> {
    let mut right = vec![format!("{:>DURATION_WIDTH$}", duration_text(step.duration))];
    right.extend(step.endpoint.as_deref().map(host_of));
    right.extend(step.request_id.as_ref().map(|id| {
        let shown: String = id.chars().take(REQUEST_ID_SHOWN).collect();
        format!("req {shown}…")
    }));
    right
        .iter()
        .map(|part| printable(part, Lines::Escaped))
        .collect()
}

/// The summary with what stands at its right, as much of that as the terminal has
/// room for behind the `head` of the line. A summary that is longer by itself goes on
/// below.
pub(super) fn beside(summary: &str, right: &[String], head: usize, style: Style) -> String {
    let length = summary.chars().count();
    let Some(room) = style.columns.map(|columns| columns.saturating_sub(head)) else {
        let padding = SUMMARY_WIDTH.saturating_sub(length);
        return format!(
            "{summary}{:padding$} {}",
            "",
            style.faint(&right.join("  "))
        );
    };
    let width = SUMMARY_WIDTH.min(room.saturating_sub(DURATION_WIDTH + 1));
    for count in (1..=right.len()).rev() {
        let right = right.iter().take(count).cloned().collect::<Vec<_>>();
        let right = right.join("  ");
        if length <= width && width + 1 + right.chars().count() <= room {
            return format!("{summary:<width$} {}", style.faint(&right));
        }
    }
    let took = right.first().map(|took| took.trim()).unwrap_or_default();
    hanging(&format!("{summary}  {took}"), head, head + room)
}

/// Whether the trace also shows how to do each step by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    Steps,
    Commands,
}

/// What a step that went well has to tell, from its facts.
fn summary(step: &Step, at: SystemTime) -> String {
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
                if key == "aws.region" && is_found(from) {
                    parts.push(format!("region {value} ({from})"));
                } else if from != "default" && from != "file" {
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
            parts.push(provider_text(&text, list("assumed_roles")));
            parts.extend(text("key_id").map(|key| format!("key {key}")));
            parts.extend(expiry_text(text("expires_at"), at));
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
            parts.extend(expiry_text(text("expires_at"), at));
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
        StepId::Observe => {
            parts.extend(text("resource"));
            let found = step.facts.get("found").and_then(Value::as_bool);
            parts.extend(found.map(|found| if found { "found" } else { "absent" }.to_owned()));
        }
        StepId::Plan => {
            parts.extend(number("changes").map(|count| counted(count, "change")));
            parts.extend(number("conflicts").map(|count| counted(count, "conflict")));
        }
        StepId::Change => {
            parts.extend(text("action"));
            parts.extend(step.resource.clone());
        }
        StepId::Verify => parts.extend(text("result")),
        StepId::Revoke => parts.extend(text("ending")),
    }
    parts.join(", ")
}

/// Tells whether a value was found out and not set.
fn is_found(origin: &str) -> bool {
    origin == "instance metadata" || origin.starts_with("profile ")
}

/// Who gave the credentials: `instance metadata: KongRole`, `profile kong (SSO,
/// then role/KongRole)`.
fn provider_text(text: &dyn Fn(&str) -> Option<String>, roles: Option<String>) -> String {
    let provider = text("provider").unwrap_or_default();
    if let Some(profile) = text("profile") {
        let program = text("program").map(|program| format!(" {program}"));
        let source = format!(
            "{}{}",
            text("profile_source").unwrap_or_default(),
            program.unwrap_or_default()
        );
        let roles = roles.unwrap_or_default();
        let roles = roles.split_whitespace().map(|arn| {
            let name = arn.split_once(":role/").map_or(arn, |(_, name)| name);
            format!("role {name}")
        });
        let way: Vec<String> = std::iter::once(source).chain(roles).collect();
        return format!("{provider} {profile} ({})", way.join(", then "));
    }
    match text("instance_role") {
        Some(role) => format!("{provider}: {role}"),
        None => provider,
    }
}

fn counted(count: i64, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// How long something still held.
fn expiry_text(expires_at: Option<String>, at: SystemTime) -> Option<String> {
    let left = seconds_until(at, &expires_at?)?;
    Some(format!(
        "expires in {}",
        lifetime_text(left.max(0) / 60 * 60)
    ))
}

fn skew_text(skew: Option<i64>) -> Option<String> {
    let seconds = skew? as f64 / 1000.0;
    Some(format!("clock {seconds:+.1} s"))
}

pub(super) fn duration_text(duration: Duration) -> String {
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

/// Who refused, in a few words.
fn who_refused(side: Side) -> &'static str {
    match side {
        Side::Local => "found here",
        Side::Metadata => "refused by the metadata service",
        Side::Sso => "refused by IAM Identity Center",
        Side::Sts => "refused by STS",
        Side::Iam => "refused by IAM",
        Side::Vault => "refused by Vault",
        Side::StsViaVault => "refused by STS, which Vault had asked",
        Side::IamViaVault => "refused by IAM, which Vault had asked",
        Side::Network => "no usable answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(summary: &str) -> Step {
        Step {
            id: StepId::Revoke,
            resource: None,
            side: Side::Vault,
            outcome: Outcome::Succeeded,
            endpoint: Some("https://vault.internal:8200/v1/x".to_owned()),
            request_id: Some("91ab7d1c-8a0f".to_owned()),
            started: Duration::ZERO,
            duration: Duration::from_millis(52),
            facts: [("ending".to_owned(), Value::from(summary))]
                .into_iter()
                .collect(),
            command: Some("vault token revoke -self".to_owned()),
            retries: Vec::new(),
        }
    }

    #[test]
    fn a_step_fits_the_terminal() {
        let long = "arn:aws:iam::123456789012:role/VaultRole as \"vaultiam\", no rights, and more";
        let shown: String = [140, 80, 64]
            .into_iter()
            .flat_map(|columns| {
                let style = Style {
                    colour: false,
                    terminal: true,
                    columns: Some(columns),
                };
                ["short", long].map(|summary| {
                    let line = step_line(&step(summary), SystemTime::now(), Detail::Steps, style);
                    for line in line.lines() {
                        assert!(line.chars().count() <= columns, "{columns}: {line}");
                    }
                    line
                })
            })
            .collect();
        insta::assert_snapshot!(shown);
    }
}
