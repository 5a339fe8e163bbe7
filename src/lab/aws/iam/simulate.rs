//! The policy simulator.

use std::collections::BTreeSet;

use serde_json::json;

use crate::aws::policy::Document;
use crate::aws::policy::evaluate::{
    Caller, Context, Decision, Doubt, Missing, Policies, Policy, Refusal as Reason, Request, Sight,
    Verdict, evaluate,
};
use crate::lab::aws::call::{Call, Target};
use crate::lab::aws::permit::{boundary_of, no_policies, of_role, of_user};
use crate::lab::aws::refusal::Refusal;
use crate::lab::aws::reply::{leaf, node};

/// What the policies of a user or role allow, with no context key but those that
/// follow from who it is.
pub(super) fn simulate(call: &mut Call<'_>) -> Result<String, Refusal> {
    let source = call.required("PolicySourceArn")?;
    let target = Target {
        arn: source.to_owned(),
        shown: source.to_owned(),
    };
    call.may("iam:SimulatePrincipalPolicy", &target, |context| context)?;
    let (caller, policies) = principal(call, source)?;
    let mut resources = call.form.list("ResourceArns");
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let mut results = Vec::new();
    for action in call.form.list("ActionNames") {
        for resource in &resources {
            results.push(result(&caller, &policies, &action, resource));
        }
    }
    Ok(node("EvaluationResults", results) + &leaf("IsTruncated", "false"))
}

fn principal(call: &Call<'_>, arn: &str) -> Result<(Caller, Policies), Refusal> {
    let missing = || {
        let words = format!("The entity with ARN {arn} cannot be found.");
        Refusal::no_such_entity(words)
    };
    let caller = Caller::parse(arn, None).ok_or_else(missing)?;
    let account = call.state.account(&call.identity.account)?;
    let mut policies = no_policies();
    policies.trust = Sight::Seen(trusting(&call.identity.account).into_iter().collect());
    if let Some(role) = account.roles.values().find(|role| role.arn == arn) {
        policies.identity = Sight::Seen(of_role(role, account));
        policies.boundary = Sight::Seen(boundary_of(role, account));
    } else {
        let user = account.users.values().find(|user| user.arn == arn);
        policies.identity = Sight::Seen(of_user(user.ok_or_else(missing)?));
    }
    Ok((caller, policies))
}

/// The simulator leaves trust policies aside: whatever the principal's own
/// policies allow, the resource does too.
fn trusting(account: &str) -> Option<Policy> {
    let document = Document::from_value(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Principal": { "AWS": account }, "Action": "*" },
    }));
    Some(Policy {
        name: "resource".to_owned(),
        document: document.ok()?,
    })
}

fn result(caller: &Caller, policies: &Policies, action: &str, resource: &str) -> String {
    let decide = |context| {
        let request = Request {
            caller: caller.clone(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            context,
        };
        evaluate(&request, policies)
    };
    let decision = decide(Context::closed());
    let is_denied = |reason: &Reason| matches!(reason, Reason::Denied(_));
    let verdict = match decision.verdict {
        Verdict::Allowed => "allowed",
        _ if decision.refusals.iter().any(is_denied) => "explicitDeny",
        _ => "implicitDeny",
    };
    let missing = keys_wanted(&decide(Context::open()));
    let missing = missing.iter().map(|key| leaf("member", key));
    let parts = [
        leaf("EvalActionName", action),
        leaf("EvalResourceName", resource),
        leaf("EvalDecision", verdict),
        node("MatchedStatements", []),
        node("MissingContextValues", missing),
    ];
    node("member", parts)
}

/// The context keys that the policies look at, of which the simulator was told
/// nothing.
fn keys_wanted(decision: &Decision) -> BTreeSet<String> {
    let missing = decision.missing.iter();
    let keys = missing.filter_map(|missing| match missing {
        Missing::Fact(fact) => match &fact.doubt {
            Doubt::Key(key) => Some(key.clone()),
            _ => None,
        },
        Missing::Layer(_) => None,
    });
    keys.collect()
}
