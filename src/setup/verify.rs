//! Reading everything back: what was written is what is there.

use std::time::Duration;

use super::desired::Desired;
use super::diff::{Decisions, diff};
use super::ledger::Ledger;
use super::observe::{Purpose, Readers, observe};
use super::plan::Plan;
use super::teardown::{DeleteSecrets, teardown};
use crate::fault::{Cause, Fault, SetupProblem, Side};
use crate::trace::{Retry, StepId, Trace};

/// How a plan is made from what is there.
pub enum Intent<'a> {
    SetUp(&'a Decisions),
    TearDown(&'a DeleteSecrets),
}

impl Intent<'_> {
    /// What has to be looked at.
    pub fn purpose(&self) -> Purpose {
        match self {
            Intent::SetUp(_) => Purpose::SetUp,
            Intent::TearDown(_) => Purpose::TearDown,
        }
    }

    /// Works out the plan.
    pub fn plan(&self, desired: &Desired, observed: &super::observed::Observed) -> Plan {
        match self {
            Intent::SetUp(decisions) => diff(desired, observed, decisions),
            Intent::TearDown(secrets) => teardown(desired, observed, secrets),
        }
    }
}

/// IAM shows a change a moment later than it takes it.
const WAITS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// Looks at everything again until nothing is left to plan.
///
/// # Errors
///
/// A look that failed, or what still differs, by name: the ledger calls it
/// unknown from then on.
pub async fn verify(
    intent: &Intent<'_>,
    readers: &Readers,
    desired: &Desired,
    ledger: &Ledger,
    trace: &Trace,
) -> Result<(), Box<Fault>> {
    let mut step = trace.begin(StepId::Verify, Side::Local);
    let mut waits = WAITS.iter();
    let fault = loop {
        let silent = Trace::new(Box::new(|_| {}));
        let left = match observe(readers, desired, intent.purpose(), &silent).await {
            Ok(observed) => intent.plan(desired, &observed),
            Err(faults) => {
                let first = faults.into_iter().next();
                break first.map(|fault| Fault {
                    step: StepId::Verify,
                    ..fault
                });
            }
        };
        if left.is_empty() {
            step.fact("result", "everything reads back as it was written");
            step.succeed();
            return Ok(());
        }
        let names = named(&left);
        let Some(wait) = waits.next() else {
            for change in &left.changes {
                ledger.unknown(&change.resource);
            }
            break Some(not_as_written(&names));
        };
        tokio::time::sleep(*wait).await;
        step.retries(vec![Retry {
            because: format!("not as written yet: {names}"),
            waited: *wait,
        }]);
    };
    let fault = Box::new(fault.unwrap_or_else(|| not_as_written("something")));
    step.side(fault.side);
    step.fail(&fault.message);
    Err(fault)
}

fn named(plan: &Plan) -> String {
    let changes = plan.changes.iter().map(|change| {
        let fields: Vec<&str> = change
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        format!("{} ({})", change.resource.name(), fields.join(", "))
    });
    let conflicts = plan
        .conflicts
        .iter()
        .map(|conflict| conflict.resource.name());
    changes.chain(conflicts).collect::<Vec<_>>().join("; ")
}

fn not_as_written(names: &str) -> Fault {
    Fault::new(
        StepId::Verify,
        Side::Local,
        "verify",
        names,
        Cause::Setup(SetupProblem::NotAsWritten),
        "it reads back differently from what was written",
    )
}
