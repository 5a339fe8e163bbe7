//! What a run told of a scenario.

use serde_json::Value;

use ::vaultiam::lab::scenario::Scenario;

use crate::vaultiam::Ended;

/// Code, side and exit code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    code: String,
    side: Option<String>,
    exit: i32,
}

impl Told {
    /// What the scenario says that it will be.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        Told {
            code: scenario.code.name().to_owned(),
            side: scenario.side.map(|side| side.name().to_owned()),
            exit: scenario.exit.into(),
        }
    }
}

impl Told {
    /// Whether nothing got better: the run fails, or the finding is there still.
    pub(crate) fn is_still(&self, before: &Told) -> bool {
        let is_check = before.side.is_none();
        (self.exit != 0 && !is_check) || self.code == before.code
    }
}

/// What it was. Among the findings of a `check` the scenario's own is looked for.
pub(crate) fn told(scenario: &Scenario, ended: &Ended) -> Told {
    let document = ended.json();
    let codes = codes(&document);
    let own = codes.iter().find(|code| *code == scenario.code.name());
    let is_check = document["schema"] == "vaultiam/v1/check";
    let first = codes.iter().find(|code| !code.starts_with("SEC002"));
    Told {
        code: own
            .filter(|_| is_check)
            .or(first)
            .cloned()
            .unwrap_or_default(),
        side: side(&document),
        exit: ended.code,
    }
}

/// The command of a remedy of the scenario's finding.
pub(crate) fn remedy(scenario: &Scenario, ended: &Ended, number: usize) -> Option<String> {
    let document = ended.json();
    let own = findings(&document)
        .into_iter()
        .find(|finding| finding["code"] == scenario.code.name())?;
    own["remedies"][number]["command"]
        .as_str()
        .map(str::to_owned)
}

fn codes(document: &Value) -> Vec<String> {
    let found = findings(document);
    let codes = found.iter().filter_map(|finding| finding["code"].as_str());
    codes.map(str::to_owned).collect()
}

/// The findings of a document, on whichever level.
fn findings(document: &Value) -> Vec<Value> {
    let of = |holder: &Value| holder["findings"].as_array().cloned().unwrap_or_default();
    let mut all = of(document);
    for list in ["failed", "checks"] {
        let holders = document[list].as_array().into_iter().flatten();
        all.extend(holders.flat_map(of));
    }
    all
}

fn side(document: &Value) -> Option<String> {
    let own = &document["fault"]["side"];
    let of_path = &document["failed"][0]["fault"]["side"];
    own.as_str().or(of_path.as_str()).map(str::to_owned)
}
