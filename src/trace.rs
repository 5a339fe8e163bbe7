//! The steps of a run, as they happen.
//!
//! Whoever does a step opens it with [`Trace::begin`] and closes it with an
//! outcome. The listener, which the command line supplies, sees each step the
//! moment it is closed. Nothing is printed here.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fault::Side;

/// The name of a step. The order is that of a set-up, then that of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepId {
    Settings,
    Credentials,
    Caller,
    Vault,
    Observe,
    Plan,
    /// One change of a resource, which gives the step its label.
    Change,
    Verify,
    Assume,
    Sign,
    Login,
    Token,
    Read,
    Write,
    Revoke,
}

impl StepId {
    /// The id used in documents and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            StepId::Settings => "settings",
            StepId::Credentials => "credentials",
            StepId::Caller => "caller",
            StepId::Vault => "vault",
            StepId::Observe => "observe",
            StepId::Plan => "plan",
            StepId::Change => "change",
            StepId::Verify => "verify",
            StepId::Assume => "assume",
            StepId::Sign => "sign",
            StepId::Login => "login",
            StepId::Token => "token",
            StepId::Read => "read",
            StepId::Write => "write",
            StepId::Revoke => "revoke",
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    Failed { because: String },
    Skipped { because: String },
}

/// One more try of a request: why, and how long it was waited for.
#[derive(Debug, Clone)]
pub struct Retry {
    pub because: String,
    pub waited: Duration,
}

/// A finished step.
#[derive(Debug, Clone)]
pub struct Step {
    pub id: StepId,
    /// The resource that the step changes.
    pub resource: Option<String>,
    pub side: Side,
    pub outcome: Outcome,
    pub endpoint: Option<String>,
    pub request_id: Option<String>,
    /// Since the command started.
    pub started: Duration,
    pub duration: Duration,
    pub facts: Map<String, Value>,
    /// What a person would type for the same; secrets stand as variables.
    pub command: Option<String>,
    pub retries: Vec<Retry>,
}

impl Step {
    /// What the step is called in documents: a change is named by its resource.
    pub fn label(&self) -> &str {
        self.resource.as_deref().unwrap_or(self.id.name())
    }
}

/// Sees every step the moment it ends.
pub type Listener = Box<dyn Fn(&Step) + Send + Sync>;

/// The steps of one command. Clones share them.
#[derive(Clone)]
pub struct Trace {
    shared: Arc<Shared>,
}

struct Shared {
    started: Instant,
    steps: Mutex<Vec<Step>>,
    begun: Mutex<Vec<StepId>>,
    listener: Listener,
}

impl Trace {
    /// Starts the clock of a command whose steps go to `listener`.
    pub fn new(listener: Listener) -> Self {
        Trace {
            shared: Arc::new(Shared {
                started: Instant::now(),
                steps: Mutex::new(Vec::new()),
                begun: Mutex::new(Vec::new()),
                listener,
            }),
        }
    }

    /// Opens a step. It is recorded when it is closed.
    pub fn begin(&self, id: StepId, side: Side) -> OpenStep {
        let begun = self.shared.begun.lock();
        begun.unwrap_or_else(PoisonError::into_inner).push(id);
        OpenStep {
            trace: self.clone(),
            begun: Instant::now(),
            step: Step {
                id,
                resource: None,
                side,
                outcome: Outcome::Succeeded,
                endpoint: None,
                request_id: None,
                started: self.shared.started.elapsed(),
                duration: Duration::ZERO,
                facts: Map::new(),
                command: None,
                retries: Vec::new(),
            },
        }
    }

    /// The steps so far, in the order of a login rather than of their ends:
    /// what ran side by side must not change a document.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = self
            .shared
            .steps
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        steps.sort_by_key(|step| step.id);
        steps
    }

    /// Tells whether a step was opened, whether or not it was closed.
    pub fn has_begun(&self, id: StepId) -> bool {
        let begun = self.shared.begun.lock();
        begun.unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    /// Records a step that was closed with [`OpenStep::end`].
    pub fn record(&self, step: Step) {
        (self.shared.listener)(&step);
        self.shared
            .steps
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(step);
    }
}

/// A step that is under way.
#[must_use = "a step is recorded only when it is closed"]
pub struct OpenStep {
    trace: Trace,
    begun: Instant,
    step: Step,
}

impl OpenStep {
    /// Adds a fact under the key that the documents use.
    pub fn fact(&mut self, key: &str, value: impl Into<Value>) {
        self.step.facts.insert(key.to_owned(), value.into());
    }

    /// Tells whether a fact was noted.
    pub fn has_fact(&self, key: &str) -> bool {
        self.step.facts.contains_key(key)
    }

    /// Names the resource that is changed.
    pub fn resource(&mut self, resource: impl Into<String>) {
        self.step.resource = Some(resource.into());
    }

    /// Names the URL that was asked.
    pub fn endpoint(&mut self, endpoint: impl Into<String>) {
        self.step.endpoint = Some(endpoint.into());
    }

    /// Keeps the request id that the service gave.
    pub fn request_id(&mut self, request_id: Option<String>) {
        self.step.request_id = request_id;
    }

    /// Gives the command that does the same by hand.
    pub fn command(&mut self, command: impl Into<String>) {
        self.step.command = Some(command.into());
    }

    /// Adds the tries that were made again.
    pub fn retries(&mut self, retries: Vec<Retry>) {
        self.step.retries.extend(retries);
    }

    /// Says that the step was seen at another side than it began at.
    pub fn side(&mut self, side: Side) {
        self.step.side = side;
    }

    /// Closes the step: done.
    pub fn succeed(self) {
        self.close(Outcome::Succeeded);
    }

    /// Closes the step: it failed, and `because` says how.
    pub fn fail(self, because: impl Into<String>) {
        self.close(Outcome::Failed {
            because: because.into(),
        });
    }

    /// Closes the step: it was not needed, or could not be done.
    pub fn skip(self, because: impl Into<String>) {
        self.close(Outcome::Skipped {
            because: because.into(),
        });
    }

    fn close(self, outcome: Outcome) {
        let trace = self.trace.clone();
        trace.record(self.end(outcome));
    }

    /// Closes the step without recording it yet: of two that run side by side
    /// the listener sees one after the other, always in the same order.
    pub fn end(mut self, outcome: Outcome) -> Step {
        self.step.outcome = outcome;
        self.step.duration = self.begun.elapsed();
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_ran_side_by_side_stand_in_the_order_of_a_login() {
        let trace = Trace::new(Box::new(|_| {}));
        let assume = trace.begin(StepId::Assume, Side::Sts);
        let vault = trace.begin(StepId::Vault, Side::Vault);
        assume.succeed();
        vault.skip("not asked");
        let ids: Vec<StepId> = trace.steps().iter().map(|step| step.id).collect();
        assert_eq!(ids, [StepId::Vault, StepId::Assume]);
    }

    #[test]
    fn the_listener_sees_a_step_when_it_ends() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let copy = Arc::clone(&seen);
        let trace = Trace::new(Box::new(move |step: &Step| {
            if let Ok(mut seen) = copy.lock() {
                seen.push(step.outcome.clone());
            }
        }));
        trace.begin(StepId::Sign, Side::Local).fail("no");
        let seen = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
        assert_eq!(
            seen,
            [Outcome::Failed {
                because: "no".into()
            }]
        );
    }
}
