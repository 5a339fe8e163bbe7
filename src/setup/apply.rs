//! Carrying a plan out: one change after the other, each a step of the trace.
//!
//! What was done is entered in the ledger before and after every change, so that
//! the account is true however the run ends.

mod aws;
mod patience;
mod vault;

use serde_json::json;

use super::confirm::Permit;
use super::desired::Desired;
use super::ledger::Ledger;
use super::observe::Readers;
use super::plan::{Change, Resource};
use crate::aws::roles::IamWriter;
use crate::fault::{Cause, Fault, Side};
use crate::trace::{OpenStep, StepId, Trace};
use crate::vault::admin::{VaultWriter, is_waiting_for_identity};

/// Who may change which side; a side without changes needs none.
pub struct Writers {
    pub iam: Option<IamWriter>,
    pub vault: Option<VaultWriters>,
}

/// Vault, and its KV engine, which may lie in another namespace.
pub struct VaultWriters {
    pub auth: VaultWriter,
    pub kv: VaultWriter,
}

/// Everything that a change is made with.
pub struct Tools<'a> {
    pub desired: &'a Desired,
    pub readers: &'a Readers,
    pub writers: &'a Writers,
    pub ledger: &'a Ledger,
    pub trace: &'a Trace,
}

/// Why a plan was not carried out to its end.
#[derive(Debug)]
pub enum Stopped {
    /// A change failed.
    Failed {
        resource: Resource,
        fault: Box<Fault>,
    },
    /// A person has something to do first: Vault's server has no identity. All
    /// that does not need it is done.
    Waiting { fault: Box<Fault> },
}

/// Carries the confirmed plan out.
///
/// # Errors
///
/// The change that failed, after which nothing more was tried.
pub async fn apply(permit: Permit, tools: &Tools<'_>) -> Result<(), Stopped> {
    tools.ledger.open(permit.changes());
    let mut waiting = None;
    for change in permit.changes() {
        let mut step = tools.trace.begin(StepId::Change, side(&change.resource));
        step.resource(change.resource.name());
        step.fact("action", change.verb.name());
        tools.ledger.begin(&change.resource);
        let made = if is_in_aws(&change.resource) {
            aws::make(change, tools, &mut step).await
        } else {
            vault::make(change, tools, &mut step).await
        };
        match made {
            Ok(()) => {
                tools.ledger.done(&change.resource);
                step.succeed();
            }
            Err(fault) => {
                if step.has_fact(WRITTEN) || step.has_fact(IN_DOUBT) || !is_refusal(change, &fault)
                {
                    tools.ledger.unknown(&change.resource);
                } else {
                    tools.ledger.not_done(&change.resource);
                }
                step.side(fault.side);
                step.request_id(fault.request_id.clone());
                step.fail(&fault.message);
                if !is_waiting_for_identity(&fault) {
                    let resource = change.resource.clone();
                    return Err(Stopped::Failed { resource, fault });
                }
                waiting = Some(fault);
            }
        }
    }
    match waiting {
        Some(fault) => Err(Stopped::Waiting { fault }),
        None => Ok(()),
    }
}

/// Requests to IAM are tried again, so that the last failure of a connection does
/// not tell what became of the first.
fn is_refusal(change: &Change, fault: &Fault) -> bool {
    let is_last_of_many = is_in_aws(&change.resource) && matches!(fault.cause, Cause::Transport(_));
    !is_last_of_many && fault.is_refusal()
}

fn is_in_aws(resource: &Resource) -> bool {
    match resource {
        Resource::Role { .. }
        | Resource::InlinePolicy { .. }
        | Resource::InstanceProfile { .. } => true,
        Resource::AuthMount { .. }
        | Resource::ClientConfig { .. }
        | Resource::AuthRole { .. }
        | Resource::Policy { .. }
        | Resource::KvMount { .. } => false,
    }
}

/// Tells whether nothing is to be in the profile any more.
pub(crate) fn loses_its_role(change: &Change) -> bool {
    let mut fields = change.fields.iter();
    fields.any(|field| field.name == "roles" && field.after == Some(json!([])))
}

fn side(resource: &Resource) -> Side {
    if is_in_aws(resource) {
        Side::Iam
    } else {
        Side::Vault
    }
}

/// The fact of a step that lists what of a change was written: it may take
/// several requests.
const WRITTEN: &str = "written";
/// The fact of a step whose own request may have come through, and the look that
/// would have told did not.
const IN_DOUBT: &str = "in_doubt";

/// Notes one more part of a change that was written.
fn written(step: &mut OpenStep, so_far: &mut Vec<&'static str>, what: &'static str) {
    so_far.push(what);
    step.fact(WRITTEN, so_far.clone());
}

/// Looks what became of a request whose answer may have been lost. Where the look
/// fails too, nobody knows.
async fn look<T>(
    step: &mut OpenStep,
    answer: impl Future<Output = Result<T, Box<Fault>>>,
) -> Result<T, Box<Fault>> {
    let answer = answer.await;
    if answer.is_err() {
        step.fact(IN_DOUBT, true);
    }
    answer
}
