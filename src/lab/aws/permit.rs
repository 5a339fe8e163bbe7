//! Who asks, and whether they may.

use std::time::SystemTime;

use super::documents;
use super::refusal::Refusal;
use super::state::{Account, KeyOwner, PARTITION, Role, Session, State, User};
use crate::aws::policy::Document;
use crate::aws::policy::evaluate::{
    Caller, Context, Decision, Layer, Level, Policies, Policy, Refusal as Reason, Request, Sight,
    Verdict, evaluate,
};
use crate::lab::clock::{epoch_seconds, rfc3339};

/// The owner of the keys that a request was signed with.
pub(super) struct Identity {
    pub(super) account: String,
    /// As `GetCallerIdentity` tells it.
    pub(super) arn: String,
    /// `AIDA…`, `AROA…:session`, or the account for its root user.
    pub(super) user_id: String,
    caller: Caller,
    /// Of a role; nothing for users.
    pub(super) session: Option<Session>,
}

impl Identity {
    /// Whoever owns a key; nobody when that user or role is gone.
    pub(super) fn of(owner: &KeyOwner, state: &State) -> Option<Self> {
        let (account, arn, user_id, session) = match owner {
            KeyOwner::Root { account } => {
                let arn = format!("arn:{PARTITION}:iam::{account}:root");
                (account, arn, account.clone(), None)
            }
            KeyOwner::User { account, name } => {
                let user = state.accounts.get(account)?.users.get(name)?;
                (account, user.arn.clone(), user.unique_id.clone(), None)
            }
            KeyOwner::Session(session) => {
                let role = role_of(session, state)?;
                let user_id = format!("{}:{}", role.unique_id, session.name);
                let arn = session_arn(&session.account, &role.name, &session.name);
                (&session.account, arn, user_id, Some((**session).clone()))
            }
        };
        let mut caller = Caller::parse(&arn, Some(&user_id))?;
        if let Some(session) = &session {
            caller = caller.with_role_path(&role_of(session, state)?.path);
        }
        Some(Identity {
            account: account.clone(),
            arn,
            user_id,
            caller,
            session,
        })
    }

    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What AWS knows of each of its requests.
    pub(super) fn context(&self, state: &State, region: &str, now: SystemTime) -> Context {
        let mut context = Context::closed()
            .with("aws:SecureTransport", "true")
            .with("aws:ViaAWSService", "false")
            .with("aws:SourceIp", "127.0.0.1")
            .with("aws:RequestedRegion", region)
            .with("aws:CurrentTime", &rfc3339(now))
            .with("aws:EpochTime", &epoch_seconds(now).to_string());
        let Some(session) = &self.session else {
            return context;
        };
        context = context
            .with("aws:TokenIssueTime", &rfc3339(session.issued))
            .with("aws:MultiFactorAuthPresent", "false");
        if let Some(identity) = &session.source_identity {
            context = context.with("aws:SourceIdentity", identity);
        }
        let of_role = role_of(session, state).map(|role| role.tags.iter());
        for (key, value) in of_role.into_iter().flatten().chain(&session.tags) {
            context = context.with(&format!("aws:PrincipalTag/{key}"), value);
        }
        context
    }

    /// All policies that bear on its requests, but those of the resource.
    pub(super) fn policies(&self, state: &State) -> Policies {
        let account = state.accounts.get(&self.account);
        let mut policies = no_policies();
        policies.service_control = levels(account, |account| &account.service_control);
        let Some(account) = account else {
            return policies;
        };
        if let Some(session) = &self.session {
            if let Some(role) = role_of(session, state) {
                policies.identity = Sight::Seen(of_role(role, account));
                policies.boundary = Sight::Seen(boundary_of(role, account));
            }
            let own = session.policy.iter();
            policies.session = Sight::Seen(own.map(|own| named("session", own.clone())).collect());
        } else if let Some(user) = account.users.values().find(|user| user.arn == self.arn) {
            policies.identity = Sight::Seen(of_user(user));
        }
        policies
    }

    /// Lets the request pass, or refuses it in AWS's words. `shown` is the
    /// resource as the words name it.
    pub(super) fn permit(
        &self,
        state: &State,
        (action, resource, shown): (&str, &str, &str),
        context: Context,
    ) -> Result<(), Refusal> {
        let request = Request {
            caller: self.caller.clone(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            context,
        };
        let decision = evaluate(&request, &self.policies(state));
        match decision.verdict {
            Verdict::Allowed => Ok(()),
            Verdict::Denied | Verdict::Undecided => Err(denied(&self.arn, shown, &decision)),
        }
    }
}

/// The role of a session. One that was made anew under the old name is another.
fn role_of<'a>(session: &Session, state: &'a State) -> Option<&'a Role> {
    let role = state
        .accounts
        .get(&session.account)?
        .roles
        .get(&session.role)?;
    (role.unique_id == session.role_id).then_some(role)
}

pub(super) fn session_arn(account: &str, role: &str, session: &str) -> String {
    format!("arn:{PARTITION}:sts::{account}:assumed-role/{role}/{session}")
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

/// The policies of a user.
pub(super) fn of_user(user: &User) -> Vec<Policy> {
    user.inline.iter().filter_map(from_value).collect()
}

/// The identity policies of a role.
pub(super) fn of_role(role: &Role, account: &Account) -> Vec<Policy> {
    let attached = role.attached.iter();
    let attached = attached.filter_map(|arn| account.policies.get_key_value(arn));
    let all = role.inline.iter().chain(attached);
    all.filter_map(from_value).collect()
}

/// The permissions boundary of a role, if it has one.
pub(super) fn boundary_of(role: &Role, account: &Account) -> Vec<Policy> {
    let boundary = role.boundary.iter();
    let found = boundary.filter_map(|arn| account.policies.get_key_value(arn));
    found.filter_map(from_value).collect()
}

fn from_value((name, document): (&String, &serde_json::Value)) -> Option<Policy> {
    Some(named(name, documents::read(document)?))
}

fn named(name: &str, document: Document) -> Policy {
    Policy {
        name: name.to_owned(),
        document,
    }
}

/// The policies of an organisation, with the one that AWS attaches everywhere.
pub(super) fn levels(
    account: Option<&Account>,
    of: impl Fn(&Account) -> &std::collections::BTreeMap<String, Document>,
) -> Sight<Level> {
    let own = account.map(of).filter(|own| !own.is_empty());
    let levels = own.map(|own| {
        let own = own
            .iter()
            .map(|(name, document)| named(name, document.clone()));
        let all = Document::parse(ALLOW_ALL).ok();
        let all = all.map(|document| named("FullAWSAccess", document));
        Level {
            name: "Root".to_owned(),
            policies: all.into_iter().chain(own).collect(),
        }
    });
    Sight::Seen(levels.into_iter().collect())
}

const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// AccessDenied, with the reason that AWS gives within an account: the first.
pub(super) fn denied(caller: &str, resource: &str, decision: &Decision) -> Refusal {
    let action = &decision.action;
    let because = match decision.refusals.first() {
        Some(Reason::Denied(place)) => {
            let policy = match place.layer {
                Layer::Identity => "an identity-based policy",
                other => &format!("a {}", kind_of_policy(other)),
            };
            format!(" with an explicit deny in {policy}")
        }
        Some(Reason::NotAllowed { layer, .. }) => {
            let policy = kind_of_policy(*layer);
            format!(" because no {policy} allows the {action} action")
        }
        Some(Reason::Caller) | None => String::new(),
    };
    denied_shortly(caller, action, resource, &because)
}

/// AccessDenied in the form that has no reason, but for what is added to it.
pub(super) fn denied_shortly(caller: &str, action: &str, resource: &str, more: &str) -> Refusal {
    Refusal::forbidden(
        "AccessDenied",
        format!(
            "User: {caller} is not authorized to perform: {action} on resource: {resource}{more}"
        ),
    )
}

/// Source: "Troubleshoot access denied error messages" in the IAM user guide.
fn kind_of_policy(layer: Layer) -> &'static str {
    match layer {
        Layer::Trust => "resource-based policy",
        Layer::Identity => "identity-based policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::ServiceControl => "service control policy",
        Layer::ResourceControl => "resource control policy",
        Layer::Endpoint => "VPC endpoint policy",
    }
}
