//! What people read: findings, the result of a login, the page of a code.

use super::json::TokenDocument;
use super::streams::{Lines, Style, printable};
use super::trace_line::lifetime_text;
use crate::diagnose::{Code, Confidence, Finding, Severity};
use comfy_table::Table;

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
    fn long_causes_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), Vec::<String>::new());
    }
}
