//! What people read: findings, the result of a login, the page of a code.

use super::json::{TokenDocument, WrittenDocument};
use super::streams::{Lines, Style, one_line, printable};
use super::trace_line::lifetime_text;
use crate::diagnose::finding::{Fact, Remedy};
use crate::diagnose::{Code, Confidence, Finding, Severity, Where};
use crate::fault::Fault;
use crate::trace::StepId;
use comfy_table::Table;

/// A finding: what happened, the cause, the evidence, what to do.
pub fn finding_block(finding: &Finding, fault: Option<&Fault>, style: Style) -> String {
    let head = format!("{}[{}]", finding.severity.name(), finding.code);
    let head = match finding.severity {
        Severity::Error => style.bad(&head),
        Severity::Warning => style.notable(&head),
        Severity::Note => style.strong(&head),
    };
    let title = style.strong(finding.code.title());
    let mut text = format!("{head}: {title}{}\n", doubt(finding));
    if let Some(fault) = fault {
        text.push_str(&format!("  {}\n", what_happened(fault)));
    }
    for line in wrapped(&printable(&finding.cause, Lines::Escaped), TEXT_WIDTH) {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str(&evidence(finding));
    if !finding.alternatives.is_empty() {
        text.push_str("it could also be:\n");
        for code in &finding.alternatives {
            text.push_str(&format!("  {code} {}\n", code.title()));
        }
    }
    for look in &finding.not_seen {
        let target = one_line(&look.target);
        text.push_str(&format!("  {} on {target} would decide\n", look.action));
    }
    for remedy in &finding.remedies {
        text.push_str(&remedy_lines(finding.confidence, remedy, style));
    }
    // A slip of the fingers needs no page.
    if finding.code != Code::CFG906 {
        text.push_str(&style.faint(&format!("more: vaultiam explain {}", finding.code)));
        text.push('\n');
    }
    text
}

/// How wide a text is set.
const TEXT_WIDTH: usize = 98;

/// `(likely)`, except where the finding itself says that the cause is not seen.
fn doubt(finding: &Finding) -> &'static str {
    let says_so = matches!(finding.code, Code::AWS219 | Code::VLT631 | Code::VLT722);
    if finding.confidence == Confidence::Likely && !says_so {
        "  (likely)"
    } else {
        ""
    }
}

/// The call and what it was about: `sts:AssumeRole arn:…`.
fn what_happened(fault: &Fault) -> String {
    match fault.step {
        // The API's path and the person's path would stand side by side.
        StepId::Read | StepId::Write => {
            one_line(&format!("{} {}", fault.step.name(), fault.target))
        }
        step if step.name() == fault.operation => one_line(&fault.target),
        _ => one_line(&format!("{} {}", fault.operation, fault.target)),
    }
}

fn evidence(finding: &Finding) -> String {
    let label = |fact: &Fact| format!("{} {}", fact.source, fact.fact);
    let width = finding
        .evidence
        .iter()
        .map(|fact| label(fact).chars().count())
        .max()
        .unwrap_or_default();
    finding
        .evidence
        .iter()
        .map(|fact| format!("  {:<width$}  {}\n", label(fact), one_line(&fact.value)))
        .collect()
}

/// What to do: a fix where the cause is certain, else the next step.
fn remedy_lines(confidence: Confidence, remedy: &Remedy, style: Style) -> String {
    let word = match confidence {
        Confidence::Certain => "fix",
        Confidence::Likely => "next",
    };
    let place = match remedy.place {
        Where::Here => None,
        Where::Kong => Some("on Kong's host"),
        Where::Vault => Some("on Vault"),
        Where::Aws => Some("in AWS"),
    };
    let needs = remedy.needs.as_ref().map(|needs| format!("needs {needs}"));
    let conditions: Vec<String> = place.map(str::to_owned).into_iter().chain(needs).collect();
    let conditions = if conditions.is_empty() {
        String::new()
    } else {
        format!(" ({})", conditions.join(", "))
    };
    let mut text = format!(
        "{}{conditions}: {}\n",
        style.strong(word),
        one_line(&remedy.text)
    );
    if let Some(command) = &remedy.command {
        text.push_str(&format!("  {}\n", printable(command, Lines::Escaped)));
    }
    text
}

/// The finding in one line, for `-q` and for CI: what was asked of whom, and
/// what came back.
pub fn finding_line(finding: &Finding, fault: Option<&Fault>) -> String {
    let head = format!(
        "{}[{}]: {}",
        finding.severity.name(),
        finding.code,
        finding.code.title()
    );
    let rest = match fault {
        Some(fault) => format!("{}: {}", what_happened(fault), one_line(&fault.message)),
        None => one_line(&finding.cause),
    };
    format!("{head}{}; {rest}\n", doubt(finding))
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
pub fn token_table(token: &TokenDocument, role: &str, vault: &str) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let mut row = |name: &str, value: String| {
        table.add_row([name.to_owned(), printable(&value, Lines::Escaped)]);
    };
    row("logged in", format!("as {role} to {vault}"));
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

/// The result of a write as a table; `fields` are the names that were given.
pub fn written_table(written: &WrittenDocument, fields: &[String]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let mut row = |name: &str, value: &str| {
        table.add_row([name.to_owned(), printable(value, Lines::Escaped)]);
    };
    row("written", &written.path);
    if let Some(version) = written.version {
        row("version", &version.to_string());
    }
    row("fields", &fields.join(" "));
    if let Some(removed) = written
        .fields_removed
        .as_ref()
        .filter(|names| !names.is_empty())
    {
        row("removed", &removed.join(" "));
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
    fn long_causes_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), Vec::<String>::new());
    }
}
