//! Which causes of a refused AssumeRole cannot be, by what IAM showed of the
//! roles. Pure.

use super::{Ask, Call, Side, is_same_account, of_caller, of_trust, own_role};
use crate::aws::identity::{PrincipalArn, bare_name};
use crate::aws::policy::document::{Document, Principals, Statement};
use crate::aws::policy::evaluate::is_bare_id;
use crate::diagnose::Code;
use crate::diagnose::looks::{AwsLooks, IamRole, Rights};

/// The causes that a look can exclude. What an organisation or an endpoint forbids
/// is out of sight, and so is the policy of the calling session.
pub const EXCLUDABLE: [Code; 9] = [
    Code::AWS201,
    Code::AWS221,
    Code::AWS202,
    Code::AWS203,
    Code::AWS204,
    Code::AWS205,
    Code::AWS206,
    Code::AWS208,
    Code::AWS211,
];

/// The fact that excludes a cause, if one was seen.
pub fn why_not(code: Code, call: &Call, looks: &AwsLooks) -> Option<String> {
    match code {
        Code::AWS201 => {
            target(call, looks).map(|(role, _)| format!("IAM has a role {}", role.name))
        }
        Code::AWS221 => {
            let (role, _) = target(call, looks)?;
            (role.arn == call.role_arn).then(|| format!("IAM shows the role as {}", role.arn))
        }
        Code::AWS202 | Code::AWS203 | Code::AWS204 | Code::AWS205 => by_trust(code, call, looks),
        Code::AWS206 => by_own_policies(call, looks).or_else(|| by_simulator(looks)),
        Code::AWS208 => by_boundary(call, looks),
        Code::AWS211 => {
            let caller = PrincipalArn::parse(&call.caller_arn)?;
            let asked = PrincipalArn::parse(&call.role_arn)?;
            let is_itself =
                caller.role_name() == asked.role_name() && caller.account == asked.account;
            (!is_itself)
                .then(|| format!("the caller is no session of {}", bare_name(&call.role_arn)))
        }
        _ => None,
    }
}

/// The role that is to be assumed, if the look found it.
fn target<'a>(call: &Call, looks: &'a AwsLooks) -> Option<(&'a IamRole, &'a Rights)> {
    let (role, with) = looks.login_role.seen_with()?;
    let role = role.as_ref()?;
    let asked = PrincipalArn::parse(&call.role_arn)?;
    let is_it =
        asked.role_name() == Some(role.name.as_str()) && is_same_account(&role.arn, &asked.account);
    is_it.then_some((role, with))
}

/// What the trust policy says, and what it does not speak of at all.
fn by_trust(code: Code, call: &Call, looks: &AwsLooks) -> Option<String> {
    let (role, with) = target(call, looks)?;
    let judged = of_trust(role, with, &Ask::of_call(call));
    if let Side::Allows(by) = &judged {
        return Some(format!("the trust policy allows it: {by}"));
    }
    let trust = Document::from_value(&role.trust).ok()?;
    let statements = &trust.statements;
    let is_condition = |is: fn(&str) -> bool| statements.iter().any(|one| has_condition(one, is));
    match code {
        Code::AWS202 => {
            let Side::Refuses(reasons) = &judged else {
                return None;
            };
            let is_named = |code| matches!(code, Code::AWS203 | Code::AWS204);
            let is_named =
                !reasons.is_empty() && reasons.iter().all(|reason| is_named(reason.code));
            is_named.then(|| "a statement of the trust policy names the caller".to_owned())
        }
        Code::AWS203 if !is_condition(is_external_id) => {
            Some("the trust policy asks for no external id".to_owned())
        }
        Code::AWS204 if !is_condition(|key| !is_external_id(key)) => {
            Some("the trust policy has no other condition".to_owned())
        }
        Code::AWS205 if !statements.iter().any(names_bare_id) => {
            Some("the trust policy names no deleted principal".to_owned())
        }
        _ => None,
    }
}

fn is_external_id(key: &str) -> bool {
    key.eq_ignore_ascii_case("sts:ExternalId")
}

fn has_condition(statement: &Statement, is: fn(&str) -> bool) -> bool {
    let mut keys = statement.condition.values().flat_map(|keys| keys.keys());
    keys.any(|key| is(key))
}

fn names_bare_id(statement: &Statement) -> bool {
    match statement
        .principal
        .as_ref()
        .map(|principal| principal.listed())
    {
        Some(Principals::Listed(lists)) => lists.aws.iter().any(|name| is_bare_id(name)),
        Some(Principals::Everyone) | None => false,
    }
}

/// The caller's own policies, with its boundary.
fn by_own_policies(call: &Call, looks: &AwsLooks) -> Option<String> {
    let own = own_role(call, &looks.caller_role)?;
    let target = target(call, looks).map(|(role, _)| role);
    match of_caller(own, &Rights::Own, target, &Ask::of_call(call)) {
        Side::Allows(by) => Some(format!("what {} may do includes it: {by}", own.name)),
        Side::Refuses(_) | Side::Undecided(_) => None,
    }
}

fn by_simulator(looks: &AwsLooks) -> Option<String> {
    let allows = *looks.may_assume.seen()?;
    allows.then(|| "IAM's policy simulator lets the caller assume the role".to_owned())
}

fn by_boundary(call: &Call, looks: &AwsLooks) -> Option<String> {
    let own = own_role(call, &looks.caller_role)?;
    match &own.boundary {
        None => Some(format!("{} has no permissions boundary", own.name)),
        Some(_) => by_own_policies(call, looks),
    }
}
