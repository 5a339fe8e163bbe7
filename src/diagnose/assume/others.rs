//! Who else may have a role, and what else a role may do. Pure.

use serde_json::Value;

use super::side::{Side, nothing_else, own_policies, said_unless_refused, unreadable};
use super::{policy, side};
use crate::aws::policy::evaluate::{
    AssumeRole, Caller, CallerKind, Context, Layer, Policies, Request, Sight, Verdict, evaluate,
    evaluate_assume_role,
};
use crate::diagnose::looks::IamRole;

/// What is said of somebody, or of something, without reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum May {
    /// By this statement.
    Yes(String),
    No,
    /// It hangs on what is not known: this.
    Unknown(String),
}

/// Who could have a role besides those who are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// A role of an account that nothing names.
    OfAnyAccount,
    /// Another role of the role's own account.
    OfTheAccount,
}

/// Judges whether a service may have the role.
pub fn service_may_have(role: &IamRole, service: &str) -> May {
    let Some(trust) = policy("trust policy", &role.trust) else {
        return of_side(unreadable(&role.arn));
    };
    let request = Request {
        caller: Caller {
            kind: CallerKind::Service {
                principal: service.to_owned(),
            },
            unique_id: None,
        },
        action: "sts:AssumeRole".to_owned(),
        resource: role.arn.clone(),
        context: Context::open(),
    };
    let policies = Policies {
        trust: Sight::Seen(vec![trust]),
        ..nothing_else()
    };
    decided(&request, &policies, Layer::Trust)
}

/// Judges whether the role's policies allow it an action on a resource, which has no
/// policy of its own.
pub fn role_may(role: &IamRole, action: &str, resource: &str) -> May {
    let policies = match own_policies(role) {
        Ok(policies) => policies,
        Err(unseen) => return May::Unknown(unseen),
    };
    let Some(caller) = Caller::parse(&role.arn, Some(&role.unique_id)) else {
        return May::Unknown(format!("{}, which is no role", role.arn));
    };
    let request = Request {
        caller,
        action: action.to_owned(),
        resource: resource.to_owned(),
        context: Context::open(),
    };
    let policies = Policies {
        trust: Sight::Seen(Vec::new()),
        ..policies
    };
    decided(&request, &policies, Layer::Identity)
}

/// Judges whether the trust policy lets somebody in who is not meant.
pub fn stranger_may_have(role: &IamRole, which: Stranger) -> May {
    let part = |index| role.arn.split(':').nth(index).unwrap_or_default();
    let account = match which {
        Stranger::OfAnyAccount if part(4) == "999999999999" => "888888888888",
        Stranger::OfAnyAccount => "999999999999",
        Stranger::OfTheAccount => part(4),
    };
    let arn = format!(
        "arn:{}:iam::{account}:role/vaultiam-a-role-that-nobody-has",
        part(1)
    );
    let trust = policy("trust policy", &role.trust);
    let (Some(caller), Some(trust)) = (Caller::parse(&arn, None), trust) else {
        return of_side(unreadable(&role.arn));
    };
    let everything: Value = side::everything();
    let policies = Policies {
        trust: Sight::Seen(vec![trust]),
        identity: Sight::Seen(policy("everything", &everything).into_iter().collect()),
        ..nothing_else()
    };
    let decision = evaluate_assume_role(&AssumeRole::new(caller, &role.arn, "stranger"), &policies);
    match decision.verdict {
        Verdict::Denied => May::No,
        _ => of_side(said_unless_refused(&decision, Layer::Trust)),
    }
}

fn decided(request: &Request, policies: &Policies, layer: Layer) -> May {
    let decision = evaluate(request, policies);
    match decision.verdict {
        Verdict::Denied => May::No,
        _ => of_side(said_unless_refused(&decision, layer)),
    }
}

fn of_side(side: Side) -> May {
    match side {
        Side::Allows(by) => May::Yes(by),
        Side::Refuses(_) => May::No,
        Side::Undecided(what) => May::Unknown(what),
    }
}
