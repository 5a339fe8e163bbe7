//! What a verdict rests on, as a recorded trace keeps it, and the same verdict
//! out of it again. Pure: a trace is a text here.

mod step;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::{self, Check, Checked, Scene, Selection, Sights};
use super::{Evidence, Finding, Looks, explain};
use crate::fault::Fault;
use crate::login::Observations;
use crate::secrets::SecretPath;
use crate::settings::{RecordedSetting, Settings, SettingsError, Surroundings, from_recorded};
use crate::trace::Step;

/// The name of a recorded trace, without its version.
const KIND: &str = "trace";

/// The version that this program writes and reads.
pub const SCHEMA: &str = "vaultiam/v1/trace";

/// What the failures of a run are judged by, beside the settings in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedEvidence {
    pub observations: Observations,
    pub surroundings: Surroundings,
    pub failures: Vec<RecordedFailure>,
    /// What the run found out without a failure, as the documents show findings.
    #[serde(default)]
    pub findings: Vec<Value>,
    /// Of `check` alone.
    #[serde(default)]
    pub check: Option<RecordedCheck>,
}

/// What the checks of a run rest on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedCheck {
    /// The ids of those that were run, and how long each took.
    pub checks: Vec<(String, f64)>,
    /// The paths that were named.
    pub paths: Vec<String>,
    /// What else was typed and stands in remedies.
    pub words: Vec<String>,
    pub sights: Sights,
}

/// One failure, and what a look for its cause showed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedFailure {
    pub fault: Fault,
    #[serde(default)]
    pub looks: Looks,
    #[serde(default)]
    pub foreign_token: bool,
    pub exit_code: u8,
}

/// A recorded trace, as it was read. What a trace may lack is an option.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedTrace {
    #[serde(rename = "schema")]
    _schema: String,
    pub command: Option<String>,
    pub outcome: Option<String>,
    pub exit_code: Option<u8>,
    /// Whether somebody looked for the cause (`--explain`).
    pub explained: Option<bool>,
    pub program_version: Option<String>,
    pub recorded_at: Option<String>,
    steps: Option<Vec<Value>>,
    settings: BTreeMap<String, RecordedSetting>,
    evidence: RecordedEvidence,
}

/// Why a text is no trace that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotATrace {
    /// Line and column, where there is one.
    pub place: Option<(usize, usize)>,
    pub words: String,
}

/// A failure with its meaning.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub fault: Fault,
    pub findings: Vec<Finding>,
    pub exit_code: u8,
}

/// Everything that a trace tells.
pub struct Told {
    pub verdicts: Vec<Verdict>,
    /// What the run found out without a failure: a conflict, a token that shadows
    /// another.
    pub others: Vec<Finding>,
    pub steps: Vec<Step>,
    /// What the trace has not got, or this version does not understand.
    pub lacks: Vec<String>,
    /// Of `check`: what its checks can be run on again.
    pub check: Option<Recheck>,
}

/// The checks of a recorded run, to be judged again from what was seen.
pub struct Recheck {
    pub settings: Arc<Settings>,
    pub paths: Vec<SecretPath>,
    selection: Selection,
    took: BTreeMap<Check, Duration>,
    scene: Scene,
}

impl Recheck {
    /// The verdicts, each with the time that the check took when it was run.
    pub async fn run(&self) -> Vec<Checked> {
        let mut all = check::run(&self.scene, &self.selection, &|_| ()).await;
        for checked in &mut all {
            let took = self.took.get(&checked.check);
            checked.took = took.copied().unwrap_or_default();
        }
        all
    }

    /// Tells whether every check was run.
    pub fn is_all(&self) -> bool {
        self.selection.is_all()
    }
}

/// Reads a recorded trace. Fields that this version does not know are ignored.
///
/// # Errors
///
/// The text is no trace, or one of another version.
pub fn read(text: &str) -> Result<RecordedTrace, NotATrace> {
    let head: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let schema = head.get("schema").cloned().unwrap_or_default();
    let parts: Vec<&str> = schema.as_str().unwrap_or_default().split('/').collect();
    let words = match parts[..] {
        _ if schema == SCHEMA => None,
        ["vaultiam", _, KIND] => Some(format!(
            "is a trace of another version: its schema is {schema}, and this program reads \"{SCHEMA}\""
        )),
        ["vaultiam", ..] => Some(format!(
            "is no recorded trace but another document, {schema}; --record writes a trace"
        )),
        _ => Some(format!(
            "is no recorded trace: its schema is {schema}, not \"{SCHEMA}\""
        )),
    };
    if let Some(words) = words {
        return Err(NotATrace { place: None, words });
    }
    let writer = head.get("program_version").and_then(Value::as_str);
    serde_json::from_str(text).map_err(|error| NotATrace {
        place: Some((error.line(), error.column())),
        words: format!(
            "does not hold what version {} expects of a trace (it was written by version {}): {}",
            env!("CARGO_PKG_VERSION"),
            writer.unwrap_or("unknown"),
            without_place(&error)
        ),
    })
}

fn not_json(error: &serde_json::Error) -> NotATrace {
    let words = match error.classify() {
        serde_json::error::Category::Eof => "ends in the middle: is the file whole?".to_owned(),
        serde_json::error::Category::Data => {
            "is no recorded trace: that would be a JSON object".to_owned()
        }
        _ => format!("is not JSON: {}", without_place(error)),
    };
    NotATrace {
        place: Some((error.line(), error.column())),
        words,
    }
}

/// The reader's words without the place, which is told apart.
fn without_place(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words
        .rsplit_once(" at line ")
        .map_or(words.as_str(), |(words, _)| words);
    words.to_owned()
}

impl RecordedTrace {
    /// Judges the failures again.
    ///
    /// # Errors
    ///
    /// Settings that no run could have had.
    pub fn tell(self) -> Result<Told, SettingsError> {
        let RecordedEvidence {
            observations,
            surroundings,
            failures,
            findings,
            check,
        } = self.evidence;
        let settings: Arc<Settings> = Arc::new(from_recorded(&self.settings, surroundings)?);
        let verdicts: Vec<Verdict> = failures
            .into_iter()
            .map(|failure| {
                let evidence = Evidence {
                    settings: Arc::clone(&settings),
                    seen: observations.clone(),
                    looks: failure.looks,
                    foreign_token: failure.foreign_token,
                };
                Verdict {
                    findings: explain(&failure.fault, &evidence),
                    fault: failure.fault,
                    exit_code: failure.exit_code,
                }
            })
            .collect();
        let mut lacks = Vec::new();
        let mut lack = |is_there: bool, words: &str| {
            if !is_there {
                lacks.push(words.to_owned());
            }
        };
        lack(self.command.is_some(), "the name of the command");
        lack(self.program_version.is_some(), "the version that wrote it");
        lack(self.recorded_at.is_some(), "the time of the run");
        lack(self.steps.is_some(), "the steps");
        if self.explained != Some(true) && !verdicts.is_empty() {
            lacks.push("a look for the cause: it was recorded without --explain".to_owned());
        }
        let (others, unknown) = others(findings);
        lacks.extend(unknown);
        let check = check.map(|check| recheck(check, &settings));
        let (check, unknown) = check.unzip();
        lacks.extend(unknown.flatten());
        let steps = self.steps.unwrap_or_default();
        let count = steps.len();
        let steps: Vec<Step> = steps.into_iter().filter_map(step::step).collect();
        if steps.len() < count {
            let strange = count - steps.len();
            lacks.push(format!("{strange} steps that this version understands"));
        }
        Ok(Told {
            verdicts,
            others,
            steps,
            lacks,
            check: check.flatten(),
        })
    }
}

/// What the checks can be run on again, and what is to be said of those that this
/// version does not know.
fn recheck(recorded: RecordedCheck, settings: &Arc<Settings>) -> (Option<Recheck>, Option<String>) {
    let known = |id: &str| Check::ALL.into_iter().find(|check| check.id() == id);
    let mut took = BTreeMap::new();
    let mut strange = Vec::new();
    for (id, milliseconds) in recorded.checks {
        match known(&id) {
            Some(check) => {
                let seconds = milliseconds / 1000.0;
                let duration = Duration::try_from_secs_f64(seconds).unwrap_or_default();
                took.insert(check, duration);
            }
            None => strange.push(id),
        }
    }
    let strange = (!strange.is_empty())
        .then(|| format!("checks that this version knows: {}", strange.join(", ")));
    let ids: Vec<String> = took.keys().map(|check| check.id().to_owned()).collect();
    // None at all would select all.
    let selection = match ids.as_slice() {
        [] => None,
        ids => Selection::new(ids, &[]).ok(),
    };
    let Some(selection) = selection else {
        return (None, strange);
    };
    let paths = recorded.paths.iter();
    let paths: Vec<SecretPath> = paths
        .filter_map(|path| SecretPath::parse(path).ok())
        .collect();
    let recheck = Recheck {
        settings: Arc::clone(settings),
        paths: paths.clone(),
        selection,
        took,
        scene: Scene::recorded(Arc::clone(settings), paths, recorded.words, recorded.sights),
    };
    (Some(recheck), strange)
}

/// The findings that the run knew without a failure, and what is to be said of
/// those that this version does not know.
fn others(findings: Vec<Value>) -> (Vec<Finding>, Option<String>) {
    let mut strange = Vec::new();
    let mut others = Vec::new();
    for value in findings {
        let code = value["code"].as_str().unwrap_or("no code").to_owned();
        match serde_json::from_value::<Finding>(value) {
            Ok(finding) => others.push(finding),
            Err(_) => strange.push(code),
        }
    }
    let strange = (!strange.is_empty())
        .then(|| format!("findings that this version knows: {}", strange.join(", ")));
    (others, strange)
}
