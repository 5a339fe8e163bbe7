//! How a check ended.

use crate::diagnose::{Finding, Severity};

/// The outcome of a check, what was seen, and what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub outcome: Outcome,
    /// What was seen, in half a sentence; empty where nothing was.
    pub said: String,
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// It works, and should not stay as it is.
    Warned,
    Failed,
    /// It could not be looked at, or what it needs is not there.
    Skipped {
        because: String,
    },
}

impl Outcome {
    /// The word used in documents.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Warned => "warned",
            Outcome::Failed => "failed",
            Outcome::Skipped { .. } => "skipped",
        }
    }

    /// Why it was skipped, if it was.
    pub fn because(&self) -> Option<&str> {
        match self {
            Outcome::Skipped { because } => Some(because),
            Outcome::Passed | Outcome::Warned | Outcome::Failed => None,
        }
    }
}

impl Verdict {
    /// It was looked at, and is as it must be.
    pub(super) fn passed(said: impl Into<String>) -> Self {
        Verdict {
            outcome: Outcome::Passed,
            said: said.into(),
            findings: Vec::new(),
        }
    }

    pub(super) fn skipped(because: impl Into<String>) -> Self {
        Verdict {
            outcome: Outcome::Skipped {
                because: because.into(),
            },
            said: String::new(),
            findings: Vec::new(),
        }
    }

    /// What was found decides: an error fails, a warning warns, and with notes
    /// alone, or nothing, it passes.
    pub(super) fn of(said: impl Into<String>, findings: Vec<Finding>) -> Self {
        let has = |severity| findings.iter().any(|finding| finding.severity == severity);
        let outcome = if has(Severity::Error) {
            Outcome::Failed
        } else if has(Severity::Warning) {
            Outcome::Warned
        } else {
            Outcome::Passed
        };
        Verdict {
            outcome,
            said: said.into(),
            findings,
        }
    }

    /// One thing was found.
    pub(super) fn found(said: impl Into<String>, finding: Finding) -> Self {
        Verdict::of(said, vec![finding])
    }
}
