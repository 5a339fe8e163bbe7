//! A finding: what a failure means.

use serde::Deserialize;

use super::Code;
use super::looks::Rights;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    /// The word used in documents and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Whether the evidence excludes every other cause of the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    Certain,
    Likely,
}

impl Confidence {
    /// The word used in documents and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
        }
    }
}

/// Where a remedy is to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// On the machine that runs this command.
    Here,
    /// On Kong's host.
    Kong,
    /// On Vault, with the `vault` command from anywhere.
    Vault,
    /// In AWS, with the `aws` command from anywhere.
    Aws,
}

impl Where {
    /// The word used in documents and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Where::Here => "here",
            Where::Kong => "kong",
            Where::Vault => "vault",
            Where::Aws => "aws",
        }
    }
}

/// A fact that the finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fact {
    /// Where it was seen: `sts`, `auth/aws/role/kong-role`, `settings`.
    pub source: String,
    pub fact: String,
    pub value: String,
    /// With whose rights it was seen.
    pub seen_with: String,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Remedy {
    pub text: String,
    pub command: Option<String>,
    #[serde(rename = "where")]
    pub place: Where,
    /// The right it takes.
    pub needs: Option<String>,
}

/// A look that would decide and was not made, or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NotSeen {
    pub action: String,
    pub target: String,
    pub refused_by: Option<String>,
}

/// A cause that explains the same words, and the fact that excludes it here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RuledOut {
    pub code: Code,
    pub because: String,
}

/// What a failure means. Out of a document of an older version some parts may
/// be missing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    pub confidence: Confidence,
    pub cause: String,
    pub evidence: Vec<Fact>,
    pub remedies: Vec<Remedy>,
    pub alternatives: Vec<Code>,
    pub not_seen: Vec<NotSeen>,
    /// What was thought of and cannot be, in the order of the thought.
    #[serde(default)]
    pub ruled_out: Vec<RuledOut>,
}

impl Finding {
    /// A finding that the evidence leaves no doubt about.
    pub fn certain(code: Code) -> Self {
        Finding {
            code,
            severity: code.severity(),
            confidence: Confidence::Certain,
            cause: code.cause(),
            evidence: Vec::new(),
            remedies: Vec::new(),
            alternatives: Vec::new(),
            not_seen: Vec::new(),
            ruled_out: Vec::new(),
        }
    }

    /// The likeliest finding; `alternatives` could explain the same.
    pub fn likely(code: Code, alternatives: &[Code]) -> Self {
        Finding {
            confidence: Confidence::Likely,
            alternatives: alternatives.to_vec(),
            ..Finding::certain(code)
        }
    }

    /// Says what exactly is wrong in this case.
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }

    /// Adds a fact, seen with the caller's own rights.
    pub fn fact(self, source: &str, fact: &str, value: impl Into<String>) -> Self {
        self.fact_with(&Rights::Own, source, fact, value)
    }

    /// Adds a fact that a look showed.
    pub fn fact_with(
        mut self,
        rights: &Rights,
        source: &str,
        fact: &str,
        value: impl Into<String>,
    ) -> Self {
        self.evidence.push(Fact {
            source: source.to_owned(),
            fact: fact.to_owned(),
            value: value.into(),
            seen_with: rights.words(),
        });
        self
    }

    /// Adds something to do.
    pub fn remedy(
        mut self,
        place: Where,
        text: impl Into<String>,
        command: Option<String>,
        needs: Option<&str>,
    ) -> Self {
        self.remedies.push(Remedy {
            text: text.into(),
            command,
            place,
            needs: needs.map(str::to_owned),
        });
        self
    }

    /// Names a cause of the same words that cannot be it, and the fact that says
    /// so.
    pub fn rules_out(mut self, code: Code, because: impl Into<String>) -> Self {
        self.ruled_out.push(RuledOut {
            code,
            because: because.into(),
        });
        self
    }

    /// Has `setup` write what the settings ask for on one side, `aws` or `vault`.
    pub fn set_up(self, side: &str) -> Self {
        self.remedy(
            Where::Here,
            "see the difference to what the settings ask for, and write it",
            Some(format!("vaultiam setup --only {side}")),
            None,
        )
    }

    /// Names a look that would decide, if it was not made or was refused.
    pub fn not_seen(mut self, missing: Option<NotSeen>) -> Self {
        self.not_seen.extend(missing);
        self
    }

    /// Names a look that would decide.
    pub fn would_decide(mut self, action: &str, target: impl Into<String>) -> Self {
        self.not_seen.push(NotSeen {
            action: action.to_owned(),
            target: target.into(),
            refused_by: None,
        });
        self
    }
}
