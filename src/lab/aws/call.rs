//! A request whose sender is known.

use std::time::SystemTime;

use super::form::Form;
use super::permit::Identity;
use super::refusal::Refusal;
use super::state::State;
use crate::aws::policy::evaluate::Context;

/// Answers an action: what is within the element of the result.
pub(super) type Handler = fn(&mut Call<'_>) -> Result<String, Refusal>;

pub(super) struct Call<'a> {
    pub(super) state: &'a mut State,
    pub(super) identity: &'a Identity,
    pub(super) form: &'a Form,
    /// Of the endpoint.
    pub(super) region: &'a str,
    pub(super) now: SystemTime,
}

/// What an action is about: its ARN, and how an AccessDenied names it.
pub(super) struct Target {
    pub(super) arn: String,
    pub(super) shown: String,
}

impl Call<'_> {
    /// A parameter that has to be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.form.get(name).ok_or_else(|| {
            let (first, rest) = name.split_at(1);
            let name = first.to_ascii_lowercase() + rest;
            Refusal::validation(format!(
                "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
            ))
        })
    }

    /// Demands that the caller's policies allow `action` on `target`, with what
    /// the request has beside what every request has.
    pub(super) fn may(
        &self,
        action: &str,
        target: &Target,
        more: impl FnOnce(Context) -> Context,
    ) -> Result<(), Refusal> {
        let context = self.identity.context(self.state, self.region, self.now);
        let asked = (action, target.arn.as_str(), target.shown.as_str());
        self.identity.permit(self.state, asked, more(context))
    }
}
