//! What AWS would decide about a request, by which statement, and why.
//!
//! It says "allowed" only where everything that could refuse was seen, and
//! "denied" only where nothing that was not seen could change it. Between them
//! it is undecided, and says what is missing.
//!
//! Source of the rules: "Policy evaluation logic" and "Cross-account policy
//! evaluation logic" in the IAM user guide.

mod assume;
mod caller;
mod condition;
mod context;
mod decision;
mod layers;
mod pattern;
mod principal;
mod statement;
mod truth;
mod verdict;

pub use assume::{AssumeRole, evaluate_assume_role};
pub use caller::{Account, Caller, CallerKind};
pub use context::{Context, Value};
pub use decision::{
    Condition, Decision, Doubt, Fact, Layer, Mismatch, Missing, Near, OtherPrincipals, Place,
    Refusal, Unclear, Verdict,
};
pub use principal::is_bare_id;

use super::document::Document;
use layers::Layers;

/// What is asked of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub caller: Caller,
    /// `sts:AssumeRole`
    pub action: String,
    /// An ARN. Without an account in it, it belongs to the caller's.
    pub resource: String,
    pub context: Context,
}

/// The policies that bear on a request. By default nothing was seen.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// The trust policy of the role, or the policy of another resource. For a
    /// trust policy, a principal is one that IAM could find: this is what
    /// `GetRole` shows, or what IAM would take.
    pub trust: Sight<Policy>,
    /// Of the caller, and of a user's groups.
    pub identity: Sight<Policy>,
    /// The permissions boundary of the caller.
    pub boundary: Sight<Policy>,
    /// The policies with which the caller's own session was made.
    pub session: Sight<Policy>,
    /// Service control policies, from the root of the caller's organisation to
    /// its account. The account that manages an organisation has none.
    pub service_control: Sight<Level>,
    /// Resource control policies of the account that has the resource.
    pub resource_control: Sight<Level>,
    /// Of the VPC endpoint that the request goes through.
    pub endpoint: Sight<Policy>,
}

/// A part of an organisation, and the policies that are attached there.
#[derive(Debug, Clone)]
pub struct Level {
    pub name: String,
    pub policies: Vec<Policy>,
}

#[derive(Debug, Clone)]
pub struct Policy {
    pub name: String,
    pub document: Document,
}

/// What was seen of the policies of one kind.
#[derive(Debug, Clone, Default)]
pub enum Sight<T> {
    /// There may be some.
    #[default]
    NotSeen,
    /// These, and there may be more.
    Partly(Vec<T>),
    /// These, and there are no more.
    Seen(Vec<T>),
}

impl Request {
    /// What the request has for a context key, in any case of its letters.
    pub fn value(&self, key: &str) -> Value {
        let key = key.to_ascii_lowercase();
        if let Some(value) = self.context.stated(&key) {
            return value.clone();
        }
        if key == "aws:resourceaccount" {
            return match self.resource_account() {
                Some(account) => Value::one(account),
                None => self.context.rest().clone(),
            };
        }
        let of_caller = self.caller.key(&key);
        of_caller.unwrap_or_else(|| self.context.rest().clone())
    }

    fn resource_account(&self) -> Option<&str> {
        let account = self.resource.split(':').nth(4)?;
        (!account.is_empty()).then_some(account)
    }

    /// Whether STS is asked for a session of a role: then the policy of the
    /// resource is a trust policy, which "must explicitly allow access for
    /// principals".
    fn is_for_a_session(&self) -> bool {
        let service = self.action.split(':').next().unwrap_or_default();
        let resource = self.resource.splitn(6, ':').nth(5).unwrap_or_default();
        service.eq_ignore_ascii_case("sts") && resource.starts_with("role/")
    }

    fn relation(&self) -> Relation {
        match (self.caller.account(), self.resource_account()) {
            (None, _) => Relation::Outside,
            (Some(_), None) => Relation::SameAccount,
            (Some(own), Some(account)) if own.id == account => Relation::SameAccount,
            _ => Relation::CrossAccount,
        }
    }
}

/// How the caller stands to the account of the resource.
enum Relation {
    SameAccount,
    CrossAccount,
    /// In no account: there is nothing but the policy of the resource.
    Outside,
}

/// Decides about a request.
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    verdict::decide(request, &Layers::judge(request, policies))
}

#[cfg(test)]
mod properties;
