//! Who asks, the policies that bear on it, and the words of a denial.

use serde_json::Value;

use super::refusal::Refusal;
use super::state::{KeyOwner, Role, State};
use crate::aws::policy::Document;
use crate::aws::policy::evaluate::{
    Caller, Decision, Layer, Level, Policies, Policy, Refusal as Reason, Sight,
};

/// The owner of the keys that a request was signed with.
pub(super) struct Identity {
    /// As `GetCallerIdentity` tells it.
    pub(super) arn: String,
    /// `AIDA…`, `AROA…:session`
    pub(super) user_id: String,
    pub(super) caller: Caller,
    /// A session of a role, and no user.
    pub(super) is_session: bool,
    pub(super) policies: Policies,
}

impl Identity {
    /// Whoever owns a key; nobody when that user or role is gone.
    pub(super) fn of(owner: &KeyOwner, state: &State) -> Option<Self> {
        match owner {
            KeyOwner::User(name) => {
                let user = state.users.get(name)?;
                let arn = state.arn("user/", name);
                Some(Identity {
                    caller: Caller::parse(&arn, Some(&user.unique_id))?,
                    policies: policies_of(&arn, state)?,
                    arn,
                    user_id: user.unique_id.clone(),
                    is_session: false,
                })
            }
            KeyOwner::Session(session) => {
                let role = state.roles.get(&session.role)?;
                // One that was made anew under the old name is another.
                if role.unique_id != session.role_id {
                    return None;
                }
                let (arn, user_id) = session_names(state, role, &session.name);
                let mut policies = policies_of(&role.arn, state)?;
                policies.session = seen(session.policy.iter().map(|own| ("session", own)));
                let caller = Caller::parse(&arn, Some(&user_id))?;
                Some(Identity {
                    caller: caller.with_role_path(&role.path),
                    policies,
                    arn,
                    user_id,
                    is_session: true,
                })
            }
        }
    }
}

/// ARN and id of a session.
pub(super) fn session_names(state: &State, role: &Role, session: &str) -> (String, String) {
    let account = &state.account;
    let arn = format!(
        "arn:aws:sts::{account}:assumed-role/{}/{session}",
        role.name
    );
    (arn, format!("{}:{session}", role.unique_id))
}

/// All policies that bear on the requests of a user or role, but those of the
/// resource.
pub(super) fn policies_of(arn: &str, state: &State) -> Option<Policies> {
    let mut policies = no_policies();
    let (kind, name) = arn.rsplit(':').next()?.split_once('/')?;
    if kind == "user" {
        policies.identity = seen([(name, &state.users.get(name)?.policy)]);
    } else {
        let role = state.roles.values().find(|role| role.arn == arn)?;
        policies.identity = seen(role.inline.iter().map(|(name, own)| (name.as_str(), own)));
        let boundary = role.boundary.iter();
        let boundary = boundary.filter_map(|arn| Some((arn.as_str(), state.policies.get(arn)?)));
        policies.boundary = seen(boundary);
    }
    if let Some(own) = &state.service_control {
        policies.service_control = Sight::Seen(vec![Level {
            name: "Root".to_owned(),
            policies: vec![policy("own", own)?],
        }]);
    }
    Some(policies)
}

/// No policies at all, and all of them seen.
pub(super) fn no_policies() -> Policies {
    Policies {
        trust: Sight::Seen(Vec::new()),
        identity: Sight::Seen(Vec::new()),
        boundary: Sight::Seen(Vec::new()),
        session: Sight::Seen(Vec::new()),
        service_control: Sight::Seen(Vec::new()),
        resource_control: Sight::Seen(Vec::new()),
        endpoint: Sight::Seen(Vec::new()),
    }
}

/// Policies by name, of which there are no more.
pub(super) fn seen<'a>(policies: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Sight<Policy> {
    let policies = policies.into_iter();
    let policies = policies.filter_map(|(name, document)| policy(name, document));
    Sight::Seen(policies.collect())
}

fn policy(name: &str, document: &Value) -> Option<Policy> {
    Some(Policy {
        name: name.to_owned(),
        // It was checked when it was taken.
        document: Document::from_value(document).ok()?,
    })
}

/// AccessDenied, with the reason that AWS gives within an account: the first.
///
/// Source: "Troubleshoot access denied error messages" in the IAM user guide.
pub(super) fn denied(caller: &str, resource: &str, decision: &Decision) -> Refusal {
    let action = &decision.action;
    let kind = |layer| match layer {
        Layer::Trust => "a resource-based policy",
        Layer::Identity => "an identity-based policy",
        Layer::Boundary => "a permissions boundary",
        Layer::Session => "a session policy",
        Layer::ServiceControl => "a service control policy",
        // There are none.
        Layer::ResourceControl | Layer::Endpoint => "a policy",
    };
    let because = match decision.refusals.first() {
        Some(Reason::Denied(place)) => {
            format!(" with an explicit deny in {}", kind(place.layer))
        }
        Some(Reason::NotAllowed { layer, .. }) => {
            let kind = kind(*layer).split_once(' ').map_or("", |(_, kind)| kind);
            format!(" because no {kind} allows the {action} action")
        }
        Some(Reason::Caller) | None => String::new(),
    };
    denied_shortly(caller, action, resource, &because)
}

/// AccessDenied in the form that has no reason, but for what is added to it.
pub(super) fn denied_shortly(caller: &str, action: &str, resource: &str, more: &str) -> Refusal {
    let words =
        format!("User: {caller} is not authorized to perform: {action} on resource: {resource}");
    Refusal::forbidden("AccessDenied", words + more)
}
