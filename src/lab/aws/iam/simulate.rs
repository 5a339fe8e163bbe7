//! The policy simulator.

use std::collections::BTreeSet;

use serde_json::json;

use crate::aws::policy::evaluate::{
    Caller, Context, Doubt, Missing, Refusal as Reason, Request, Verdict, evaluate,
};
use crate::lab::aws::call::Call;
use crate::lab::aws::identity::{policies_of, seen};
use crate::lab::aws::refusal::Refusal;
use crate::lab::aws::reply::{leaf, node};

/// What the policies of a user or role allow to be done with one resource, with
/// no context key but those that follow from who it is.
pub(super) fn simulate(call: &mut Call<'_>) -> Result<String, Refusal> {
    let source = call.required("PolicySourceArn")?;
    call.may("iam:SimulatePrincipalPolicy", source, source)?;
    let found = Caller::parse(source, None).zip(policies_of(source, call.state));
    let (caller, mut policies) = found.ok_or_else(|| {
        let words = format!("The entity with ARN {source} cannot be found.");
        Refusal::no_such_entity(words)
    })?;
    // Trust policies are left aside: what the principal's own policies allow, the
    // resource does too.
    let trusting = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Principal": { "AWS": call.state.account }, "Action": "*",
        },
    });
    policies.trust = seen([("resource", &trusting)]);
    let resource = call.form.get("ResourceArns.member.1").unwrap_or("*");
    let results = call.form.list("ActionNames").into_iter().map(|action| {
        let decide = |context| {
            let request = Request {
                caller: caller.clone(),
                action: action.to_owned(),
                resource: resource.to_owned(),
                context,
            };
            evaluate(&request, &policies)
        };
        let decision = decide(Context::closed());
        let mut refusals = decision.refusals.iter();
        let verdict = match decision.verdict {
            Verdict::Allowed => "allowed",
            _ if refusals.any(|reason| matches!(reason, Reason::Denied(_))) => "explicitDeny",
            _ => "implicitDeny",
        };
        let unseen = decide(Context::open());
        let wanted = keys_wanted(&unseen.missing);
        let parts = [
            leaf("EvalActionName", action),
            leaf("EvalResourceName", resource),
            leaf("EvalDecision", verdict),
            node("MatchedStatements", []),
            node(
                "MissingContextValues",
                wanted.iter().map(|key| leaf("member", key)),
            ),
        ];
        node("member", parts)
    });
    Ok(node("EvaluationResults", results) + &leaf("IsTruncated", "false"))
}

/// The context keys that the policies look at, of which the simulator was told
/// nothing.
fn keys_wanted(missing: &[Missing]) -> BTreeSet<&String> {
    let keys = missing.iter().filter_map(|missing| match missing {
        Missing::Fact(fact) => match &fact.doubt {
            Doubt::Key(key) => Some(key),
            _ => None,
        },
        Missing::Layer(_) => None,
    });
    keys.collect()
}
