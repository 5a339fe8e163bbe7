//! Would AssumeRole work for this caller, and if not, whose policy refuses and
//! why? From what IAM showed of both roles. Pure.

mod cure;
mod excluded;
mod others;
mod reason;
mod side;
mod words;

pub use cure::{allow_assume, trust_service_too};
pub use excluded::{EXCLUDABLE, why_not};
pub use others::{May, Stranger, role_may, service_may_have, stranger_may_have};
pub use side::{Ask, Side, of_caller, of_trust};

use std::collections::BTreeMap;

use serde_json::Value;

use super::finding::{Fact, Remedy};
use super::looks::{AwsLooks, IamRole, Look, Rights};
use super::{Code, looks};
use crate::aws::identity::PrincipalArn;
use crate::aws::policy::document::Document;
use crate::aws::policy::evaluate::{
    AssumeRole, Caller, Decision, Policies, Policy, Sight, Verdict, evaluate_assume_role,
};

/// The call that is judged.
#[derive(Debug, Clone)]
pub struct Call {
    /// As STS names the caller.
    pub caller_arn: String,
    pub unique_id: Option<String>,
    pub role_arn: String,
    pub session_name: String,
    pub external_id: Option<String>,
    pub region: Option<String>,
    /// The caller's key is no temporary one.
    pub has_long_term_keys: bool,
}

/// What becomes of the call.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// Every policy that was seen allows it. `unseen` names the kinds that were not.
    Allowed { unseen: Vec<String> },
    /// Each reason is sufficient by itself.
    Refused(Vec<Reason>),
    /// What was seen does not decide; the reasons are those that may hold.
    Open(Vec<Reason>),
}

/// Why the call is refused, or may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    pub code: Code,
    /// A sentence.
    pub cause: String,
    pub facts: Vec<Fact>,
    pub remedies: Vec<Remedy>,
}

/// Judges the call by what was looked at. `None`: nothing was seen that says
/// anything.
pub fn judge(call: &Call, looks: &AwsLooks) -> Option<Judgement> {
    let asked = PrincipalArn::parse(&call.role_arn)?;
    let (role, with) = match looks.login_role.seen_with() {
        Some((Some(role), with)) => (Some(role), with),
        // In whose account it is absent must be known.
        Some((None, with)) => {
            let account = looks.account.seen()?;
            if *account != asked.account {
                return None;
            }
            return Some(Judgement::Refused(vec![reason::absent(call, with)]));
        }
        None => (None, &Rights::Own),
    };
    let role = role.filter(|role| is_same_account(&role.arn, &asked.account));
    if let Some(role) = role
        && role.arn != call.role_arn
    {
        return Some(Judgement::Refused(vec![reason::other_path(
            call, role, with,
        )]));
    }
    let caller_role = own_role(call, &looks.caller_role);
    if role.is_none() && caller_role.is_none() && looks.may_assume.seen().is_none() {
        return None;
    }
    let decision = decide(call, role, caller_role)?;
    let case = reason::Case {
        call,
        role,
        caller_role,
        with,
        simulated: looks.may_assume.seen_with(),
    };
    Some(match decision.verdict {
        Verdict::Allowed => Judgement::Allowed { unseen: Vec::new() },
        Verdict::Denied => Judgement::Refused(reason::refused(&case, &decision)),
        Verdict::Undecided => open(&case, &decision),
    })
}

fn open(case: &reason::Case<'_>, decision: &Decision) -> Judgement {
    if let Some((false, with)) = case.simulated {
        return Judgement::Open(vec![reason::simulator_denies(case, with)]);
    }
    // Whoever may call and whom the role trusts: one without the other says little.
    if case.role.is_some() && decision.is_allowed_as_far_as_seen() {
        Judgement::Allowed {
            unseen: reason::unseen(decision),
        }
    } else {
        Judgement::Open(reason::open(case, decision))
    }
}

/// The role behind the caller, if the look was at that very role.
fn own_role<'a>(call: &Call, look: &'a Look<Option<IamRole>>) -> Option<&'a IamRole> {
    let role = look.present()?;
    let caller = PrincipalArn::parse(&call.caller_arn)?;
    let is_it = caller.role_name() == Some(role.name.as_str())
        && is_same_account(&role.arn, &caller.account)
        && call
            .unique_id
            .as_ref()
            .is_none_or(|id| *id == role.unique_id);
    is_it.then_some(role)
}

fn is_same_account(arn: &str, account: &str) -> bool {
    PrincipalArn::parse(arn).is_some_and(|arn| arn.account == account)
}

fn decide(call: &Call, role: Option<&IamRole>, caller_role: Option<&IamRole>) -> Option<Decision> {
    let mut caller = Caller::parse(&call.caller_arn, call.unique_id.as_deref())?;
    if let Some(role) = caller_role {
        caller = caller.with_role_path(&role.path);
    }
    let mut asked = AssumeRole::new(caller, &call.role_arn, &call.session_name);
    asked.external_id.clone_from(&call.external_id);
    asked.region.clone_from(&call.region);
    if call.has_long_term_keys {
        asked = asked.with_long_term_keys();
    }
    Some(evaluate_assume_role(&asked, &policies(role, caller_role)))
}

fn policies(role: Option<&IamRole>, caller_role: Option<&IamRole>) -> Policies {
    let trust = role.and_then(|role| policy("trust policy", &role.trust));
    let rights = caller_role.and_then(|role| role.policies.seen());
    Policies {
        trust: trust.map_or(Sight::NotSeen, |trust| Sight::Seen(vec![trust])),
        identity: rights.map_or(Sight::NotSeen, identity),
        boundary: caller_role.map_or(Sight::NotSeen, boundary),
        ..Policies::default()
    }
}

fn identity(rights: &looks::RolePolicies) -> Sight<Policy> {
    let all = documents(&rights.inline).chain(documents(&rights.managed));
    let known: Vec<Option<Policy>> = all.collect();
    let is_whole = rights.unread.is_empty() && known.iter().all(Option::is_some);
    let known = known.into_iter().flatten().collect();
    if is_whole {
        Sight::Seen(known)
    } else {
        Sight::Partly(known)
    }
}

fn documents(policies: &BTreeMap<String, Value>) -> impl Iterator<Item = Option<Policy>> {
    policies
        .iter()
        .map(|(name, document)| policy(name, document))
}

fn boundary(role: &IamRole) -> Sight<Policy> {
    let Some(arn) = &role.boundary else {
        return Sight::Seen(Vec::new());
    };
    let document = role
        .policies
        .seen()
        .and_then(|rights| rights.boundary.as_ref());
    document
        .and_then(|document| policy(arn, document))
        .map_or(Sight::NotSeen, |policy| Sight::Seen(vec![policy]))
}

fn policy(name: &str, document: &Value) -> Option<Policy> {
    Some(Policy {
        name: name.to_owned(),
        document: Document::from_value(document).ok()?,
    })
}

#[cfg(test)]
mod tests;
