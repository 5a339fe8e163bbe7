//! What the checks found, in each of the forms: for people, for scripts, for what
//! collects the results of tests, findings or gauges.

mod human;
mod json;
mod junit;
mod list;
mod prometheus;
mod sarif;

use std::time::{Duration, SystemTime};

use crate::diagnose::check::{Answer, Check, Checked, Outcome};
use crate::diagnose::{Confidence, Finding, Severity};
use crate::secret::Redactor;

pub use human::{CheckLines, Detail, head, human, rest};
pub use json::{CheckDocument, CheckedDocument, interrupted, json, json_again};
pub use junit::junit;
pub use list::{list_json, list_text};
pub use prometheus::prometheus;
pub use sarif::sarif;

/// Everything that a form may want to tell.
pub struct Report {
    pub checks: Vec<Checked>,
    /// `None` where only some checks were selected.
    pub answer: Option<Answer>,
    pub exit_code: u8,
    pub about: About,
    pub took: Duration,
    pub ended: SystemTime,
}

/// What the checks were about.
#[derive(Debug, Clone)]
pub struct About {
    pub kong_role: String,
    pub address: String,
    pub auth_mount: String,
    pub auth_role: String,
    pub stack: String,
    /// What is to be read, as a person writes it.
    pub paths: Vec<String>,
    pub settings_file: Option<String>,
}

/// The forms beside those for people and scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Junit,
    Sarif,
    Prometheus,
}

impl About {
    /// The same without the secrets of the run: an address may carry a password.
    #[must_use]
    pub fn cleaned(mut self, redactor: &Redactor) -> Self {
        self.address = redactor.clean(&self.address);
        self
    }
}

impl Report {
    /// The same without the secrets of the run, wherever a server may have put one.
    #[must_use]
    pub fn cleaned(mut self, redactor: &Redactor) -> Self {
        for checked in &mut self.checks {
            clean(checked, redactor);
        }
        self.about = self.about.cleaned(redactor);
        self
    }

    fn has_failed(&self, check: Check) -> bool {
        let mut all = self.checks.iter();
        all.any(|one| one.check == check && one.verdict.outcome == Outcome::Failed)
    }

    /// How many checks ended so.
    fn count(&self, name: &str) -> usize {
        let outcomes = self.checks.iter().map(|checked| &checked.verdict.outcome);
        outcomes.filter(|outcome| outcome.name() == name).count()
    }

    fn findings(&self) -> impl Iterator<Item = (Check, &Finding)> {
        let all = self.checks.iter();
        all.flat_map(|checked| {
            let findings = checked.verdict.findings.iter();
            findings.map(|finding| (checked.check, finding))
        })
    }
}

/// Takes the secrets of the run out of what was seen and found.
pub fn clean(checked: &mut Checked, redactor: &Redactor) {
    let clean = |text: &mut String| *text = redactor.clean(text);
    let verdict = &mut checked.verdict;
    clean(&mut verdict.said);
    if let Outcome::Skipped { because } = &mut verdict.outcome {
        clean(because);
    }
    for finding in &mut verdict.findings {
        clean(&mut finding.cause);
        for fact in &mut finding.evidence {
            clean(&mut fact.value);
        }
        for remedy in &mut finding.remedies {
            clean(&mut remedy.text);
            if let Some(command) = &mut remedy.command {
                clean(command);
            }
        }
        for look in &mut finding.not_seen {
            clean(&mut look.target);
        }
    }
}

/// What the finding says, and what to do, as plain text on several lines.
fn finding_text(finding: &Finding) -> String {
    let mut text = format!("{}\n", finding.cause);
    for fact in &finding.evidence {
        text.push_str(&format!("{} {}: {}\n", fact.source, fact.fact, fact.value));
    }
    for look in &finding.not_seen {
        let would = match finding.confidence {
            Confidence::Certain => "would tell more",
            Confidence::Likely => "would decide",
        };
        text.push_str(&format!("{} on {} {would}\n", look.action, look.target));
    }
    for remedy in &finding.remedies {
        text.push_str(&format!("{}: {}\n", remedy.place.name(), remedy.text));
        if let Some(command) = &remedy.command {
            text.push_str(&format!("  {command}\n"));
        }
    }
    text.push_str(&format!("vaultiam explain {}\n", finding.code));
    text
}

/// The gravest of a check's findings.
fn gravest(findings: &[Finding]) -> Option<&Finding> {
    findings
        .iter()
        .min_by_key(|finding| match finding.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Note => 2,
        })
}

#[cfg(test)]
mod tests;
