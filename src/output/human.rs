//! What people read: findings, the result of a login or a write.

use super::json::{TokenDocument, WrittenDocument};
use super::streams::{Lines, Style, one_line, printable};
use super::wrap::hanging;
use crate::diagnose::finding::{Fact, NotSeen, Remedy};
use crate::diagnose::looks::Rights;
use crate::diagnose::{Code, Confidence, Finding, Severity, Where};
use crate::fault::Fault;
use crate::http::date::lifetime_text;
use crate::trace::StepId;
use comfy_table::Table;

/// How much of the reasoning a block shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasoning {
    /// What happened, why, and what to do.
    Short,
    /// Also what was ruled out, and by what.
    Whole,
}

/// A finding: what happened, the cause, the evidence, what to do.
pub fn finding_block(
    finding: &Finding,
    fault: Option<&Fault>,
    reasoning: Reasoning,
    style: Style,
) -> String {
    let head = format!("{}[{}]", finding.severity.name(), finding.code);
    let title = format!("{head}: {}{}", finding.code.title(), doubt(finding));
    let title = fitted(&title, 4, style);
    let title: Vec<String> = title
        .strip_prefix(&head)
        .unwrap_or(&title)
        .lines()
        .map(|line| style.strong(line))
        .collect();
    let head = match finding.severity {
        Severity::Error => style.bad(&head),
        Severity::Warning => style.notable(&head),
        Severity::Note => style.strong(&head),
    };
    let mut text = format!("{head}{}\n", title.join("\n"));
    if let Some(fault) = fault {
        text.push_str(&format!("  {}\n", what_happened(fault)));
    }
    let cause = printable(&finding.cause, Lines::Escaped);
    if !cause.is_empty() {
        let cause = hanging(&cause, 2, style.prose_width());
        text.push_str(&format!("  {cause}\n"));
    }
    text.push_str(&evidence(finding, style));
    if !finding.alternatives.is_empty() {
        text.push_str("it could also be:\n");
        for code in &finding.alternatives {
            text.push_str(&format!("  {code} {}\n", fitted(code.title(), 9, style)));
        }
    }
    if reasoning == Reasoning::Whole && !finding.ruled_out.is_empty() {
        text.push_str("it is not:\n");
        for cause in &finding.ruled_out {
            let words = format!("{}: {}", cause.code.title(), one_line(&cause.because));
            text.push_str(&format!("  {} {}\n", cause.code, fitted(&words, 9, style)));
        }
    }
    for look in &finding.not_seen {
        let line = would_decide(look, finding.confidence);
        text.push_str(&format!("  {}\n", fitted(&line, 2, style)));
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

/// Sets a text to the terminal. A pipe has no width: whoever searches it finds
/// what stands on a line in one piece.
pub(super) fn fitted(text: &str, indent: usize, style: Style) -> String {
    if style.terminal {
        hanging(text, indent, style.prose_width())
    } else {
        text.to_owned()
    }
}

/// The look that would decide, and who did not allow it. What is certain is decided.
fn would_decide(look: &NotSeen, confidence: Confidence) -> String {
    let refused = match look.refused_by.as_deref() {
        Some("network") => "; it was not answered".to_owned(),
        Some(by) => format!("; {} refused it", one_line(by)),
        None => String::new(),
    };
    let (action, target) = (one_line(&look.action), one_line(&look.target));
    let would = match confidence {
        Confidence::Certain => "would tell more",
        Confidence::Likely => "would decide",
    };
    format!("{action} on {target} {would}{refused}")
}

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

/// The facts, in two columns where there is room for them, and with whose right
/// each was seen where it was not the run's own.
fn evidence(finding: &Finding, style: Style) -> String {
    let label = |fact: &Fact| one_line(&format!("{} {}", fact.source, fact.fact));
    let width = finding
        .evidence
        .iter()
        .map(|fact| label(fact).chars().count())
        .max()
        .unwrap_or_default();
    let is_narrow = style.terminal && 2 * (width + 4) > style.prose_width();
    let own = [Rights::Own.words(), Rights::Nobody.words(), String::new()];
    let line = |fact: &Fact| {
        let label = label(fact);
        let mut value = one_line(&fact.value);
        if !own.contains(&fact.seen_with) {
            value.push_str(&format!(" (seen with {})", one_line(&fact.seen_with)));
        }
        if is_narrow {
            format!("  {}\n", fitted(&format!("{label}: {value}"), 4, style))
        } else {
            format!("  {label:<width$}  {}\n", fitted(&value, width + 4, style))
        }
    };
    finding.evidence.iter().map(line).collect()
}

/// What to do: a fix where the cause is certain, else the next step. A command
/// is never broken; one of several lines stands at the margin, where a text that
/// it takes in ends as the shell wants it.
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
    let needs = remedy
        .needs
        .as_ref()
        .map(|needs| format!("needs {}", one_line(needs)));
    let conditions: Vec<String> = place.map(str::to_owned).into_iter().chain(needs).collect();
    let conditions = if conditions.is_empty() {
        String::new()
    } else {
        format!(" ({})", conditions.join(", "))
    };
    let words = format!("{word}{conditions}: {}", one_line(&remedy.text));
    let words = fitted(&words, 4, style);
    let rest = words.strip_prefix(word).unwrap_or(&words);
    let mut text = format!("{}{rest}\n", style.strong(word));
    if let Some(command) = &remedy.command {
        let indent = if command.contains('\n') { "" } else { "  " };
        for line in command.lines() {
            text.push_str(&format!("{indent}{}\n", printable(line, Lines::Escaped)));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Cause, Side};

    const TERMINAL: Style = Style {
        colour: false,
        terminal: true,
        columns: Some(80),
    };

    fn finding() -> Finding {
        let admin = Rights::AdminToken;
        Finding::likely(Code::VLT607, &[Code::VLT605])
            .because("The IAM role was deleted and made again under the same name. Vault still holds the unique id of the old one.")
            .fact("sts", "unique id", "AROANEW")
            .fact_with(&admin, "auth/aws/role/kong-role", "bound_iam_principal_id", "AROAOLD")
            .fact_with(&Rights::Nobody, "vault", "said", "IAM Principal \"arn:aws:sts::123456789012:assumed-role/VaultRole/kong\" does not belong to the role")
            .rules_out(Code::VLT611, "the bound ARN and the caller are both of the account 123456789012")
            .not_seen(Some(NotSeen {
                action: "iam:GetRole".to_owned(),
                target: "arn:aws:iam::123456789012:role/VaultRole".to_owned(),
                refused_by: Some("iam".to_owned()),
            }))
            .would_decide("read", "auth/aws/config/client")
            .remedy(
                Where::Vault,
                "write the bound ARNs again, all of them, so that Vault looks up the new id",
                Some("vault write auth/aws/role/kong-role bound_iam_principal_arn=arn:aws:iam::123456789012:role/VaultRole".to_owned()),
                Some("update on auth/aws/role/kong-role"),
            )
            .remedy(
                Where::Here,
                "or",
                Some("vault policy write kong-policy - <<EOF\npath \"kv/data/kong/*\" {\n}\nEOF".to_owned()),
                None,
            )
    }

    fn fault() -> Fault {
        let step = StepId::Login;
        Fault::new(
            step,
            Side::Vault,
            "auth/aws/login",
            "kong-role",
            Cause::Answered,
            "no",
        )
    }

    #[test]
    fn what_is_certain_has_no_look_left_that_decides() {
        let look = |finding: Finding| {
            let finding = finding.would_decide("list", "auth/aws/roles");
            let text = finding_block(&finding, None, Reasoning::Whole, TERMINAL);
            let mut lines = text.lines().filter(|line| line.contains("auth/aws/roles"));
            lines.next().unwrap_or_default().to_owned()
        };
        assert_eq!(
            look(Finding::certain(Code::VLT603)),
            "  list on auth/aws/roles would tell more"
        );
        assert_eq!(
            look(Finding::likely(Code::VLT605, &[Code::VLT607])),
            "  list on auth/aws/roles would decide"
        );
    }

    #[test]
    fn a_finding_is_told_short_and_whole() {
        let (finding, fault) = (finding(), fault());
        let short = finding_block(&finding, Some(&fault), Reasoning::Short, TERMINAL);
        let whole = finding_block(&finding, Some(&fault), Reasoning::Whole, TERMINAL);
        insta::assert_snapshot!(whole);
        let ruled_out = "it is not:\n  VLT611 ";
        assert!(
            whole.contains(ruled_out) && !short.contains(ruled_out),
            "{short}"
        );
        let line = finding_line(&finding, Some(&fault));
        assert!(
            line.starts_with("error[VLT607]: ") && line.lines().count() == 1,
            "{line}"
        );
    }

    #[test]
    fn in_a_pipe_a_fact_stays_in_one_piece() {
        let pipe = Style {
            terminal: false,
            columns: None,
            ..TERMINAL
        };
        let block = finding_block(&finding(), None, Reasoning::Short, pipe);
        assert!(
            block.contains("VaultRole/kong\" does not belong to the role\n"),
            "{block}"
        );
    }

    #[test]
    fn what_others_wrote_cannot_drive_the_terminal() {
        let evil = "x\u{1b}[31m\u{202e}\nfix: y";
        let finding = Finding::certain(Code::VLT607)
            .because(evil)
            .fact(evil, evil, evil)
            .rules_out(Code::VLT605, evil)
            .would_decide(evil, evil)
            .remedy(Where::Here, evil, None, Some(evil));
        let block = finding_block(&finding, Some(&fault()), Reasoning::Whole, TERMINAL);
        let is_harmless = |character: char| character == '\n' || !character.is_control();
        assert!(block.chars().all(is_harmless), "{block:?}");
        assert!(
            !block.contains('\u{202e}') && !block.contains("\nfix: y"),
            "{block}"
        );
    }
}
