//! What a person reads: a line a check, by categories, and below them what was found.

use super::Report;
use crate::diagnose::Severity;
use crate::diagnose::check::{Answer, Category, Check, Checked, Outcome};
use crate::output::human::{Reasoning, finding_block, finding_line};
use crate::output::streams::{Style, one_line};
use crate::output::trace_line::duration_text;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What was found, in a line each, and the answer.
    Findings,
    Checks,
    /// Also what each check asks.
    Titles,
}

/// How wide the middle of a line is before what stands right of it.
const SAID_WIDTH: usize = 62;

/// The report for a terminal or a log.
pub fn human(report: &Report, detail: Detail, style: Style) -> String {
    let mut text = String::new();
    if detail == Detail::Findings {
        for (_, finding) in report.findings() {
            if finding.severity != Severity::Note {
                text.push_str(&finding_line(finding, None));
            }
        }
    } else {
        text.push_str(&head(report, style));
        for category in Category::ALL {
            text.push_str(&group(report, category, detail, style));
        }
        text.push_str(&findings(report, detail, style));
    }
    text.push_str(&end(report, style));
    text
}

fn head(report: &Report, style: Style) -> String {
    let about = &report.about;
    let words = format!(
        "{} at {} (auth/{}, {})",
        about.kong_role, about.address, about.auth_mount, about.auth_role
    );
    format!("{}  {}\n", style.strong("vaultiam check"), one_line(&words))
}

fn group(report: &Report, category: Category, detail: Detail, style: Style) -> String {
    let all = report.checks.iter();
    let checks: Vec<&Checked> = all
        .filter(|checked| checked.check.category() == category)
        .collect();
    if checks.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", style.strong(category.title()));
    for checked in checks {
        text.push_str(&line(checked, detail, style));
    }
    text
}

fn line(checked: &Checked, detail: Detail, style: Style) -> String {
    let Checked {
        check,
        verdict,
        took,
    } = checked;
    let title = check.title();
    let said = one_line(&verdict.said);
    let (mark, words, below) = match &verdict.outcome {
        Outcome::Passed if said.is_empty() => (style.good("ok  "), title.to_owned(), None),
        Outcome::Passed => (style.good("ok  "), said, None),
        Outcome::Warned => (style.notable("warn"), title.to_owned(), Some(said)),
        Outcome::Failed => (style.bad("FAIL"), title.to_owned(), Some(said)),
        Outcome::Skipped { because } => (style.faint("skip"), one_line(because), None),
    };
    let width = id_width();
    let padding = SAID_WIDTH.saturating_sub(words.chars().count());
    let codes: Vec<&str> = verdict
        .findings
        .iter()
        .map(|finding| finding.code.name())
        .collect();
    let codes = if codes.is_empty() {
        String::new()
    } else {
        format!("  {}", codes.join(" "))
    };
    let right = style.faint(&format!("{:>7}{codes}", duration_text(*took)));
    let mut text = format!(
        "  {mark}  {:<width$}  {words}{:padding$} {right}\n",
        check.id(),
        ""
    );
    if let Some(below) = below.filter(|below| !below.is_empty()) {
        text.push_str(&format!("        {:<width$}  {below}\n", ""));
    }
    if detail == Detail::Titles
        && matches!(verdict.outcome, Outcome::Passed | Outcome::Skipped { .. })
    {
        let asked = style.faint(&format!("checks that {title}"));
        text.push_str(&format!("        {:<width$}  {asked}\n", ""));
    }
    text
}

fn id_width() -> usize {
    let widths = Check::ALL.into_iter().map(|check| check.id().len());
    widths.max().unwrap_or_default()
}

fn findings(report: &Report, detail: Detail, style: Style) -> String {
    let reasoning = match detail {
        Detail::Titles => Reasoning::Whole,
        Detail::Findings | Detail::Checks => Reasoning::Short,
    };
    let mut text = String::new();
    let of = |severity| {
        report
            .findings()
            .filter(move |(_, one)| one.severity == severity)
    };
    let mut notes = of(Severity::Note).peekable();
    if notes.peek().is_some() {
        text.push('\n');
    }
    for (check, finding) in notes {
        let head = style.strong(&format!("note[{}]", finding.code));
        text.push_str(&format!(
            "{head}: {} ({})\n",
            finding.code.title(),
            check.id()
        ));
    }
    for severity in [Severity::Warning, Severity::Error] {
        for (check, finding) in of(severity) {
            text.push_str(&format!("\n{}\n", style.faint(check.id())));
            text.push_str(&finding_block(finding, None, reasoning, style));
        }
    }
    text
}

fn end(report: &Report, style: Style) -> String {
    let mut text = String::from("\n");
    if let Some(answer) = &report.answer {
        text.push_str(&format!(
            "{}\n",
            style.strong(&answer_words(report, answer))
        ));
    }
    let counts = ["passed", "warned", "failed", "skipped"]
        .map(|name| format!("{} {name}", report.count(name)));
    text.push_str(&format!("{}\n", counts.join(", ")));
    text
}

fn answer_words(report: &Report, answer: &Answer) -> String {
    let what = format!(
        "log in and read {}",
        one_line(&report.about.paths.join(", "))
    );
    let kong = one_line(&report.about.kong_role);
    let ids = |checks: &[Check]| {
        let ids: Vec<&str> = checks.iter().map(|check| check.id()).collect();
        ids.join(", ")
    };
    match answer {
        Answer::Yes => format!("As far as can be seen, {kong} can {what}."),
        Answer::No(failed) => format!("{kong} cannot {what}: {} failed.", ids(failed)),
        Answer::Unknown(unseen) => format!(
            "Whether {kong} can {what} is not known: {} could not be looked at.",
            ids(unseen)
        ),
    }
}
