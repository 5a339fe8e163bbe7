//! JUnit's XML: a test suite a category, a test case a check. What was warned of is a
//! failure there, as it is to the exit code.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Report, finding_text, gravest};
use crate::diagnose::check::{Category, Checked, Outcome};
use crate::http::date::rfc3339;
use crate::output::streams::{Lines, printable};

/// The report as JUnit's XML.
pub fn junit(report: &Report) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory does not fail.
    match suites(&mut writer, report) {
        Ok(()) | Err(_) => {}
    }
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

type Xml = Writer<Vec<u8>>;

fn suites(writer: &mut Xml, report: &Report) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all: Vec<&Checked> = report.checks.iter().collect();
    let mut root = BytesStart::new("testsuites");
    root.push_attribute(("name", "vaultiam check"));
    count(&mut root, &all);
    root.push_attribute(("time", seconds(report.took).as_str()));
    writer.write_event(Event::Start(root))?;
    for category in Category::ALL {
        let checks: Vec<&Checked> = all
            .iter()
            .copied()
            .filter(|checked| checked.check.category() == category)
            .collect();
        if !checks.is_empty() {
            suite(writer, report, category, &checks)?;
        }
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))
}

fn suite(
    writer: &mut Xml,
    report: &Report,
    category: Category,
    checks: &[&Checked],
) -> io::Result<()> {
    let mut start = BytesStart::new("testsuite");
    start.push_attribute(("name", category.name()));
    count(&mut start, checks);
    start.push_attribute(("errors", "0"));
    let took = checks.iter().map(|checked| checked.took).sum();
    start.push_attribute(("time", seconds(took).as_str()));
    start.push_attribute(("timestamp", rfc3339(report.ended).trim_end_matches('Z')));
    writer.write_event(Event::Start(start))?;
    for checked in checks {
        case(writer, category, checked)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn count(start: &mut BytesStart<'_>, checks: &[&Checked]) {
    let of = |is: fn(&Outcome) -> bool| {
        let outcomes = checks.iter().map(|checked| &checked.verdict.outcome);
        outcomes.filter(|outcome| is(outcome)).count().to_string()
    };
    let failures = of(|outcome| matches!(outcome, Outcome::Failed | Outcome::Warned));
    let skipped = of(|outcome| matches!(outcome, Outcome::Skipped { .. }));
    start.push_attribute(("tests", checks.len().to_string().as_str()));
    start.push_attribute(("failures", failures.as_str()));
    start.push_attribute(("skipped", skipped.as_str()));
}

fn case(writer: &mut Xml, category: Category, checked: &Checked) -> io::Result<()> {
    let mut start = BytesStart::new("testcase");
    start.push_attribute(("name", checked.check.id()));
    start.push_attribute((
        "classname",
        format!("vaultiam.{}", category.name()).as_str(),
    ));
    start.push_attribute(("time", seconds(checked.took).as_str()));
    writer.write_event(Event::Start(start))?;
    let verdict = &checked.verdict;
    match &verdict.outcome {
        Outcome::Skipped { because } => {
            let mut skipped = BytesStart::new("skipped");
            skipped.push_attribute(("message", in_attribute(because).as_str()));
            writer.write_event(Event::Empty(skipped))?;
        }
        Outcome::Failed | Outcome::Warned => failure(writer, checked)?,
        Outcome::Passed => {}
    }
    let notes = match verdict.outcome {
        Outcome::Passed => verdict.findings.iter().map(finding_text).collect(),
        _ => String::new(),
    };
    let out = format!("{}\n{}\n{notes}", checked.check.title(), verdict.said);
    writer.write_event(Event::Start(BytesStart::new("system-out")))?;
    writer.write_event(Event::Text(BytesText::new(&in_text(out.trim_end()))))?;
    writer.write_event(Event::End(BytesEnd::new("system-out")))?;
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}

fn failure(writer: &mut Xml, checked: &Checked) -> io::Result<()> {
    let findings = &checked.verdict.findings;
    let (code, title) = gravest(findings)
        .map(|finding| (finding.code.name(), finding.code.title()))
        .unwrap_or_default();
    let kind = match checked.verdict.outcome {
        Outcome::Warned => "warning",
        _ => "error",
    };
    let mut start = BytesStart::new("failure");
    start.push_attribute(("type", kind));
    start.push_attribute((
        "message",
        in_attribute(&format!("{code}: {title}")).as_str(),
    ));
    writer.write_event(Event::Start(start))?;
    let text: Vec<String> = findings
        .iter()
        .map(|finding| {
            let head = format!(
                "{}[{}]: {}",
                finding.severity.name(),
                finding.code,
                finding.code.title()
            );
            format!("{head}\n{}", finding_text(finding))
        })
        .collect();
    writer.write_event(Event::Text(BytesText::new(&in_text(&text.join("\n")))))?;
    writer.write_event(Event::End(BytesEnd::new("failure")))
}

fn seconds(duration: std::time::Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

fn in_attribute(text: &str) -> String {
    without_forbidden(&printable(text, Lines::Escaped))
}

fn in_text(text: &str) -> String {
    without_forbidden(&printable(text, Lines::Kept))
}

/// XML 1.0 has no way to write these, not even escaped; control characters are
/// written out already.
fn without_forbidden(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
