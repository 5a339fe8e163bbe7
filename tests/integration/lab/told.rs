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

fn codes(document: &Value) -> Vec<String> {
    let of = |holder: &Value| -> Vec<String> {
        let findings = holder["findings"].as_array().into_iter().flatten();
        let codes = findings.filter_map(|finding| finding["code"].as_str());
        codes.map(str::to_owned).collect()
    };
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
