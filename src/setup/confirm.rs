//! The permit to change something: whoever holds one has had a plan confirmed.

use super::plan::{Change, Plan, Verb};

/// What the person agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The plan, except that roles which were made anew are trusted again.
    Plan,
    /// The plan with those.
    PlanAndRecreated,
}

/// Why there is no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPermitted {
    /// Something that is not ours stands in the way: nothing is changed at all.
    Conflicts,
    /// Trusting a role that was made anew is a decision of its own.
    RecreatedNotAccepted,
}

/// A plan that may be carried out, as it was confirmed. Made by [`permit`] only.
#[derive(Debug)]
pub struct Permit {
    plan: Plan,
}

impl Permit {
    /// The changes, in the order in which they are to be made.
    pub fn changes(&self) -> &[Change] {
        &self.plan.changes
    }
}

/// Turns a confirmed plan into a permit.
///
/// # Errors
///
/// The plan may not be carried out with this consent.
pub fn permit(plan: Plan, consent: Consent) -> Result<Permit, NotPermitted> {
    if !plan.conflicts.is_empty() {
        return Err(NotPermitted::Conflicts);
    }
    if consent == Consent::Plan && has_replacements(&plan) {
        return Err(NotPermitted::RecreatedNotAccepted);
    }
    Ok(Permit { plan })
}

/// Tells whether a role that was made anew would be trusted again.
pub fn has_replacements(plan: &Plan) -> bool {
    plan.changes
        .iter()
        .any(|change| change.verb == Verb::Replace)
}
