//! A request whose sender is known.

use std::time::SystemTime;

use super::form::Form;
use super::identity::{Identity, denied};
use super::refusal::Refusal;
use super::state::State;
use crate::aws::policy::evaluate::{Context, Request, Verdict, evaluate};
use crate::lab::clock::rfc3339;

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

impl Call<'_> {
    /// A parameter that has to be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.form.get(name).ok_or_else(|| {
            let (first, rest) = name.split_at(1);
            let name = first.to_ascii_lowercase() + rest;
            Refusal::constraint("null", &name, "Member must not be null")
        })
    }

    /// Demands that the caller's policies allow `action` on the resource of this
    /// ARN, which an AccessDenied calls `shown`.
    pub(super) fn may(&self, action: &str, arn: &str, shown: &str) -> Result<(), Refusal> {
        let request = Request {
            caller: self.identity.caller.clone(),
            action: action.to_owned(),
            resource: arn.to_owned(),
            context: self.context(),
        };
        let decision = evaluate(&request, &self.identity.policies);
        match decision.verdict {
            Verdict::Allowed => Ok(()),
            Verdict::Denied | Verdict::Undecided => {
                Err(denied(&self.identity.arn, shown, &decision))
            }
        }
    }

    /// What AWS knows of each request.
    pub(super) fn context(&self) -> Context {
        Context::closed()
            .with("aws:SecureTransport", "true")
            .with("aws:SourceIp", "127.0.0.1")
            .with("aws:RequestedRegion", self.region)
            .with("aws:CurrentTime", &rfc3339(self.now))
    }
}
