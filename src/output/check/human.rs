//! What a person reads: a line a check, by categories, and below them what was found.

use super::{About, Report};
use crate::diagnose::Severity;
use crate::diagnose::check::{Answer, Category, Check, Checked, Outcome};
use crate::output::human::{Reasoning, finding_block, finding_line, fitted};
use crate::output::streams::{Style, one_line};
use crate::output::trace_line::{beside, duration_text};

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What was found, in a line each, and the answer.
    Findings,
    Checks,
    /// Also what each check asks.
    Titles,
}

/// The report for a terminal or a log, all at once.
pub fn human(report: &Report, detail: Detail, style: Style) -> String {
    let mut text = String::new();
    if detail != Detail::Findings {
        let mut lines = CheckLines::new(detail, style);
        text.push_str(&head(&report.about, style));
        for checked in &report.checks {
            text.push_str(&lines.next(checked));
        }
    }
    text.push_str(&rest(report, detail, style));
    text
}

/// What stands above the checks.
pub fn head(about: &About, style: Style) -> String {
    let words = format!(
        "{} at {} (auth/{}, {})",
        about.kong_role, about.address, about.auth_mount, about.auth_role
    );
    let name = "vaultiam check";
    let words = fitted(&one_line(&words), name.len() + 2, style);
    format!("{}  {words}\n", style.strong(name))
}

/// The lines of the checks, one after the other as they end.
pub struct CheckLines {
    detail: Detail,
    style: Style,
    /// That of the line before.
    category: Option<Category>,
}

impl CheckLines {
    pub fn new(detail: Detail, style: Style) -> Self {
        CheckLines {
            detail,
            style,
            category: None,
        }
    }

    /// The line of a check, below the heading of its category if that is new.
    pub fn next(&mut self, checked: &Checked) -> String {
        let category = checked.check.category();
        let is_new = self.category.replace(category) != Some(category);
        let mut text = String::new();
        if is_new {
            text.push_str(&format!("\n{}\n", self.style.strong(category.title())));
        }
        text.push_str(&line(checked, self.detail, self.style));
        text
    }
}

/// What stands below the checks: what was found, and the answer.
pub fn rest(report: &Report, detail: Detail, style: Style) -> String {
    let mut text = String::new();
    if detail == Detail::Findings {
        for (_, finding) in report.findings() {
            if finding.severity != Severity::Note {
                text.push_str(&finding_line(finding, None));
            }
        }
    } else {
        text.push_str(&findings(report, detail, style));
    }
    text.push_str(&end(report, style));
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
    let indent = width + BEFORE_ID + 2;
    let mut right = vec![format!("{:>7}", duration_text(*took))];
    let codes = verdict.findings.iter().map(|finding| finding.code.name());
    right.extend(codes.map(str::to_owned));
    let words = beside(&words, &right, indent, style);
    let mut text = format!("  {mark}  {:<width$}  {words}\n", check.id());
    if let Some(below) = below.filter(|below| !below.is_empty()) {
        let below = fitted(&below, indent, style);
        text.push_str(&format!("{:indent$}{below}\n", ""));
    }
    if detail == Detail::Titles
        && matches!(verdict.outcome, Outcome::Passed | Outcome::Skipped { .. })
    {
        let asked = fitted(&format!("checks that {title}"), indent, style);
        text.push_str(&format!("{:indent$}{}\n", "", style.faint(&asked)));
    }
    text
}

/// How wide the mark and the blanks around it are.
const BEFORE_ID: usize = 8;

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
        let answer = fitted(&answer_words(report, answer), 0, style);
        let lines: Vec<String> = answer.lines().map(|line| style.strong(line)).collect();
        text.push_str(&format!("{}\n", lines.join("\n")));
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
        Answer::Unknown(unseen) => {
            let (failed, skipped): (Vec<Check>, Vec<Check>) =
                unseen.iter().partition(|check| report.has_failed(**check));
            let failed = (!failed.is_empty()).then(|| format!("{} failed from here", ids(&failed)));
            let skipped =
                (!skipped.is_empty()).then(|| format!("{} could not be looked at", ids(&skipped)));
            let why: Vec<String> = failed.into_iter().chain(skipped).collect();
            format!(
                "Whether {kong} can {what} is not known: {}.",
                why.join("; ")
            )
        }
    }
}
