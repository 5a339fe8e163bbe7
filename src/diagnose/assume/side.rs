//! The two sides of an AssumeRole, judged apart, because two people keep them: the
//! role's trust policy, and what the caller's own policies allow. Pure.

use serde_json::{Value, json};

use super::words::{missing_words, place_words};
use super::{Call, Reason, boundary, identity, policy, reason};
use crate::aws::policy::evaluate::{
    AssumeRole, Caller, Decision, Layer, Level, Policies, Policy, Refusal, Sight, Verdict,
    evaluate_assume_role,
};
use crate::diagnose::looks::{IamRole, Look, Rights};
use crate::settings::{Settings, Workload};

/// A call, and the tags that the calling session hands on.
#[derive(Debug, Clone)]
pub struct Ask {
    call: Call,
    inherited_tag_keys: Vec<String>,
}

/// The tags that EKS Pod Identity puts on a session; they are handed on.
///
/// Source: "Grant Pods access to AWS resources based on tags" in the EKS user guide.
const POD_TAGS: [&str; 6] = [
    "eks-cluster-arn",
    "eks-cluster-name",
    "kubernetes-namespace",
    "kubernetes-service-account",
    "kubernetes-pod-name",
    "kubernetes-pod-uid",
];

/// What one side says.
#[derive(Debug, Clone, PartialEq)]
pub enum Side {
    /// It allows it, by this statement.
    Allows(String),
    /// Each reason is sufficient by itself; there is at least one.
    Refuses(Vec<Reason>),
    /// It hangs on what is not known: this.
    Undecided(String),
}

impl Ask {
    /// The caller of this run, as `GetCallerIdentity` names it, with what the settings
    /// have it send.
    pub fn of_caller(arn: &str, user_id: &str, role_arn: &str, settings: &Settings) -> Self {
        let unique_id = user_id.split(':').next().map(str::to_owned);
        Ask {
            call: Call {
                caller_arn: arn.to_owned(),
                unique_id,
                role_arn: role_arn.to_owned(),
                session_name: settings.aws.session_name.clone(),
                external_id: settings.aws.external_id.clone(),
                region: settings.aws.region.clone(),
                has_long_term_keys: false,
            },
            inherited_tag_keys: Vec::new(),
        }
    }

    /// Kong with KongRole. It can send no external id.
    pub fn of_kong(
        arn: &str,
        unique_id: Option<&str>,
        role_arn: &str,
        settings: &Settings,
    ) -> Self {
        let has_tags = settings.provision.workload == Workload::EksPodIdentity;
        let tags: &[&str] = if has_tags { &POD_TAGS } else { &[] };
        let external_id = settings.aws.external_id.clone();
        Ask {
            call: Call {
                caller_arn: arn.to_owned(),
                unique_id: unique_id.map(str::to_owned),
                role_arn: role_arn.to_owned(),
                session_name: settings.kong.session_name.clone(),
                external_id: external_id.filter(|_| !settings.kong.enabled),
                region: settings.aws.region.clone(),
                has_long_term_keys: false,
            },
            inherited_tag_keys: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        }
    }

    /// A call that was made, as it was made.
    pub(super) fn of_call(call: &Call) -> Self {
        Ask {
            call: call.clone(),
            inherited_tag_keys: Vec::new(),
        }
    }

    fn decide(&self, policies: &Policies) -> Option<Decision> {
        let call = &self.call;
        let caller = Caller::parse(&call.caller_arn, call.unique_id.as_deref())?;
        let mut asked = AssumeRole::new(caller, &call.role_arn, &call.session_name);
        if call.has_long_term_keys {
            asked = asked.with_long_term_keys();
        }
        asked.external_id.clone_from(&call.external_id);
        asked
            .inherited_tag_keys
            .clone_from(&self.inherited_tag_keys);
        asked.region.clone_from(&call.region);
        Some(evaluate_assume_role(&asked, policies))
    }
}

/// Judges the role's trust policy, whatever the caller's own policies say.
pub fn of_trust(role: &IamRole, with: &Rights, ask: &Ask) -> Side {
    let Some(trust) = policy("trust policy", &role.trust) else {
        return unreadable(&role.arn);
    };
    let policies = Policies {
        trust: Sight::Seen(vec![trust]),
        identity: Sight::Seen(policy("everything", &everything()).into_iter().collect()),
        ..nothing_else()
    };
    let case = reason::Case {
        call: &ask.call,
        role: Some(role),
        caller_role: None,
        with,
        simulated: None,
    };
    match ask.decide(&policies) {
        Some(decision) => said(&decision, Layer::Trust, &case),
        None => Side::Undecided(format!("{} is no caller", ask.call.caller_arn)),
    }
}

/// Judges what the policies of the caller's own role say. `target` is the role to be
/// assumed, if it was seen: where it names the caller itself and lies in the same
/// account, the caller's policies need not allow it.
pub fn of_caller(own: &IamRole, with: &Rights, target: Option<&IamRole>, ask: &Ask) -> Side {
    let policies = match own_policies(own) {
        Ok(policies) => policies,
        Err(unseen) => return Side::Undecided(unseen),
    };
    let leaves_it = policy("the account", &account_trust(&own.arn));
    let judged = Policies {
        trust: Sight::Seen(leaves_it.into_iter().collect()),
        ..policies.clone()
    };
    let Some(decision) = ask.decide(&judged) else {
        return Side::Undecided(format!("{} is no caller", ask.call.caller_arn));
    };
    let is_denied = |refusal: &Refusal| matches!(refusal, Refusal::Denied(_));
    if decision.verdict == Verdict::Denied
        && !decision.refusals.iter().any(is_denied)
        && is_named_itself(target, ask, &policies)
    {
        let words = "the trust policy names the role itself, which is enough in one account";
        return Side::Allows(words.to_owned());
    }
    let case = reason::Case {
        call: &ask.call,
        role: None,
        caller_role: Some(own),
        with,
        simulated: None,
    };
    said(&decision, Layer::Identity, &case)
}

/// Tells whether the trust policy alone lets the caller in.
fn is_named_itself(target: Option<&IamRole>, ask: &Ask, own: &Policies) -> bool {
    let trust = target.and_then(|role| policy("trust policy", &role.trust));
    let Some(trust) = trust else { return false };
    let policies = Policies {
        trust: Sight::Seen(vec![trust]),
        ..own.clone()
    };
    ask.decide(&policies)
        .is_some_and(|decision| decision.is_allowed_as_far_as_seen())
}

/// What a decision says of one side.
fn said(decision: &Decision, layer: Layer, case: &reason::Case<'_>) -> Side {
    if decision.verdict == Verdict::Denied {
        return Side::Refuses(reason::refused(case, decision));
    }
    said_unless_refused(decision, layer)
}

/// The same where it is not refused.
pub(super) fn said_unless_refused(decision: &Decision, layer: Layer) -> Side {
    let mut allowed = decision.allowed_by.iter();
    let by = allowed.find(|place| place.layer == layer);
    match by {
        Some(place) if decision.is_allowed_as_far_as_seen() => Side::Allows(place_words(place)),
        _ => Side::Undecided(missing_words(&decision.missing)),
    }
}

/// A role's own policies and nothing else.
pub(super) fn own_policies(role: &IamRole) -> Result<Policies, String> {
    let rights = match &role.policies {
        Look::Seen { value, .. } => value,
        Look::Refused(refused) => {
            return Err(format!(
                "the policies of {}, which were not seen ({}: {})",
                role.arn, refused.action, refused.because
            ));
        }
        Look::NotMade => return Err(format!("the policies of {}, which were not seen", role.arn)),
    };
    Ok(Policies {
        identity: identity(rights),
        boundary: boundary(role),
        ..nothing_else()
    })
}

pub(super) fn unreadable(arn: &str) -> Side {
    Side::Undecided(format!("the trust policy of {arn}, which cannot be read"))
}

/// No limits: each layer that is to count is put in its place.
pub(super) fn nothing_else() -> Policies {
    let none: Sight<Level> = Sight::Seen(Vec::new());
    let nothing: Sight<Policy> = Sight::Seen(Vec::new());
    Policies {
        boundary: nothing.clone(),
        session: nothing.clone(),
        service_control: none.clone(),
        resource_control: none,
        endpoint: nothing,
        ..Policies::default()
    }
}

/// Policies of the caller that allow all: then the trust policy alone decides.
pub(super) fn everything() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }],
    })
}

/// A trust policy that leaves it to the caller's own policies.
fn account_trust(caller: &str) -> Value {
    let mut parts = caller.split(':');
    let partition = parts.nth(1).unwrap_or("aws");
    let account = parts.nth(2).unwrap_or_default();
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }],
    })
}

#[cfg(test)]
mod tests;
