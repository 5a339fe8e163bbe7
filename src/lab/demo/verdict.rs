//! What vaultiam said, as its JSON document has it.

use std::process::Stdio;

use serde_json::Value;

use super::DemoError;
use crate::diagnose::Code;
use crate::lab::world::Machine;

/// The findings of a run.
pub(super) struct Verdict {
    findings: Vec<Value>,
}

impl Verdict {
    /// Runs the line once more, for its document.
    pub(super) async fn of(machine: &Machine, line: &str) -> Result<Self, DemoError> {
        let mut command = machine.shell(&format!("{line} -o json"));
        let output = command
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(DemoError::Shell)?;
        let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let of = |holder: &Value| holder["findings"].as_array().cloned().unwrap_or_default();
        let mut findings = of(&document);
        for list in ["failed", "checks"] {
            let holders = document[list].as_array().into_iter().flatten();
            findings.extend(holders.flat_map(of));
        }
        Ok(Verdict { findings })
    }

    pub(super) fn names(&self, code: Code) -> bool {
        self.find(code).is_some()
    }

    /// The code that comes first, for who expected another.
    pub(super) fn first(&self) -> &str {
        let first = self.findings.first();
        first
            .and_then(|finding| finding["code"].as_str())
            .unwrap_or("no finding")
    }

    /// The command of a remedy.
    pub(super) fn remedy(&self, code: Code, number: usize) -> Option<String> {
        let remedy = self.find(code)?["remedies"].get(number)?;
        remedy["command"].as_str().map(str::to_owned)
    }

    fn find(&self, code: Code) -> Option<&Value> {
        let mut findings = self.findings.iter();
        findings.find(|finding| finding["code"] == code.name())
    }
}
