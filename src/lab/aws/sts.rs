//! STS: who somebody is, and sessions of roles.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use super::call::{Call, Handler};
use super::constraints::Broken;
use super::documents;
use super::form::Form;
use super::permit::{Identity, denied, denied_shortly, levels, session_arn};
use super::refusal::Refusal;
use super::reply::{leaf, node};
use super::state::{Keys, Role, Session, session_token};
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::aws::policy::evaluate::{
    AssumeRole, Layer, Policy, Refusal as Reason, Sight, Verdict, evaluate_assume_role,
};
use crate::aws::policy::{Document, Kind};
use crate::lab::clock::rfc3339;

/// The longest session that a session can get, in seconds.
const CHAINED: i64 = 3600;

/// What session policy and tags may take up together.
const PACKED: usize = 2048;

/// What answers an action of STS.
pub(super) fn handler(action: &str) -> Option<Handler> {
    match action {
        "AssumeRole" => Some(assume_role),
        "GetCallerIdentity" => Some(get_caller_identity),
        _ => None,
    }
}

/// Needs no permission.
fn get_caller_identity(call: &mut Call<'_>) -> Result<String, Refusal> {
    let Identity {
        arn,
        user_id,
        account,
        ..
    } = call.identity;
    Ok([
        leaf("Arn", arn),
        leaf("UserId", user_id),
        leaf("Account", account),
    ]
    .concat())
}

/// The parameters of `AssumeRole`.
struct Asked {
    role_arn: String,
    session_name: String,
    external_id: Option<String>,
    source_identity: Option<String>,
    policy: Option<String>,
    seconds: i64,
    tags: BTreeMap<String, String>,
    transitive: Vec<String>,
}

fn assume_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let Call {
        identity,
        form,
        now,
        ..
    } = *call;
    let asked = Asked::of(form)?;
    let policy = asked.policy.as_deref().map(session_policy).transpose()?;
    let packed = asked.packed_percent();
    if packed > 100 {
        let words = format!(
            "Packed policy consumes {packed}% of allotted space, please use smaller policy."
        );
        return Err(Refusal::bad("PackedPolicyTooLarge", words));
    }
    let (account, role) = authorise(call, &asked)?;
    let limit = i64::from(role.max_session);
    if asked.seconds > limit {
        return Err(Refusal::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    if identity.session.is_some() && asked.seconds > CHAINED {
        return Err(Refusal::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    let session = asked.session(identity, account, &role, policy, now);
    let expires = session.expires;
    let arn = session_arn(&session.account, &role.name, &session.name);
    let id = format!("{}:{}", role.unique_id, session.name);
    let keys = call.state.issue_session(session);
    let user = [leaf("AssumedRoleId", &id), leaf("Arn", &arn)];
    let mut result = node("AssumedRoleUser", user) + &credentials(&keys, expires);
    if packed > 0 {
        result += &leaf("PackedPolicySize", &packed.to_string());
    }
    Ok(result)
}

fn credentials(keys: &Keys, expires: SystemTime) -> String {
    let token = keys.session_token.as_deref().unwrap_or_default();
    let parts = [
        leaf("AccessKeyId", &keys.access_key_id),
        leaf("SecretAccessKey", &keys.secret_access_key),
        leaf("SessionToken", token),
        leaf("Expiration", &rfc3339(expires)),
    ];
    node("Credentials", parts)
}

fn session_policy(text: &str) -> Result<Document, Refusal> {
    let document = documents::check(text, Kind::Session)?;
    documents::read(&document).ok_or_else(|| Refusal::malformed_policy("Syntax errors in policy."))
}

/// Returns the account and the role, when the caller may have a session of it.
/// That there is no such role is told in the same words as that it is not for
/// this caller.
fn authorise(call: &Call<'_>, asked: &Asked) -> Result<(String, Role), Refusal> {
    let Call { identity, now, .. } = *call;
    let state = &*call.state;
    let short = || denied_shortly(&identity.arn, "sts:AssumeRole", &asked.role_arn, "");
    let arn = PrincipalArn::parse(&asked.role_arn).ok_or_else(short)?;
    let account = state.accounts.get(&arn.account).ok_or_else(short)?;
    let is_named = |role: &&Role| role.arn == asked.role_arn;
    let role = match arn.kind {
        PrincipalKind::Role { .. } => account.roles.values().find(is_named),
        _ => None,
    };
    let role = role
        .filter(|role| state.is_settled(role.created, now))
        .ok_or_else(short)?;
    let mut policies = identity.policies(state);
    let trust = role.trust.in_force(state).map(|document| Policy {
        name: "trust".to_owned(),
        document,
    });
    policies.trust = Sight::Seen(trust.into_iter().collect());
    policies.resource_control = levels(Some(account), |account| &account.resource_control);
    let decision = evaluate_assume_role(&asked.of_caller(call), &policies);
    if decision.verdict == Verdict::Allowed {
        return Ok((arn.account, role.clone()));
    }
    Err(match decision.refusals.first() {
        Some(Reason::Caller) => {
            let words = "Roles may not be assumed by root accounts.";
            Refusal::forbidden("AccessDenied", words)
        }
        // The reason is told within an account, and not that the trust policy
        // leaves the caller out.
        Some(Reason::NotAllowed {
            layer: Layer::Trust,
            ..
        }) => denied_shortly(&identity.arn, &decision.action, &asked.role_arn, ""),
        _ if arn.account != identity.account => {
            denied_shortly(&identity.arn, &decision.action, &asked.role_arn, "")
        }
        _ => denied(&identity.arn, &asked.role_arn, &decision),
    })
}

impl Asked {
    /// Source: the parameters of AssumeRole in the STS API reference.
    fn of(form: &Form) -> Result<Self, Refusal> {
        let mut broken = Broken::default();
        let role_arn = broken.require("roleArn", form.get("RoleArn"));
        let session_name = broken.require("roleSessionName", form.get("RoleSessionName"));
        if form.get("RoleArn").is_some() {
            broken.length("roleArn", role_arn, 20..=2048);
        }
        if form.get("RoleSessionName").is_some() {
            broken.name("roleSessionName", session_name, "");
            broken.length("roleSessionName", session_name, 2..=64);
        }
        if let Some(id) = form.get("ExternalId") {
            broken.name("externalId", id, ":/");
            broken.length("externalId", id, 2..=1224);
        }
        if let Some(identity) = form.get("SourceIdentity") {
            broken.name("sourceIdentity", identity, "");
            broken.length("sourceIdentity", identity, 2..=64);
        }
        if let Some(policy) = form.get("Policy") {
            broken.length("policy", policy, 1..=2048);
        }
        let seconds = form.get("DurationSeconds").unwrap_or("3600");
        let seconds = seconds.parse();
        let seconds = seconds.map_err(|_| Refusal::bad("MalformedInput", ""))?;
        broken.value("durationSeconds", seconds, 900..=43200);
        let tags = form.tags();
        for (key, value) in &tags {
            broken.length("tags.key", key, 1..=128);
            broken.length("tags.value", value, 0..=256);
        }
        broken.finish()?;
        if role_arn.split(':').count() < 6 || !role_arn.starts_with("arn:") {
            return Err(Refusal::validation(format!("{role_arn} is invalid")));
        }
        let optional = |name| form.get(name).map(str::to_owned);
        Ok(Asked {
            role_arn: role_arn.to_owned(),
            session_name: session_name.to_owned(),
            external_id: optional("ExternalId"),
            source_identity: optional("SourceIdentity"),
            policy: optional("Policy"),
            seconds,
            tags,
            transitive: form.list("TransitiveTagKeys"),
        })
    }

    /// How much of the room for policy and tags is taken. AWS packs them in a way
    /// that it does not tell; here each character counts.
    fn packed_percent(&self) -> usize {
        let tags = self.tags.iter();
        let tags: usize = tags.map(|(key, value)| key.len() + value.len()).sum();
        let policy = self.policy.as_ref().map_or(0, String::len);
        ((policy + tags) * 100).div_ceil(PACKED)
    }

    /// The call as the evaluator takes it.
    fn of_caller(&self, asking: &Call<'_>) -> AssumeRole {
        let identity = asking.identity;
        let caller = identity.caller().clone();
        let mut call = AssumeRole::new(caller, &self.role_arn, &self.session_name);
        call.external_id.clone_from(&self.external_id);
        call.source_identity = self.source_identity(identity);
        call.tags.clone_from(&self.tags);
        call.transitive_tag_keys.clone_from(&self.transitive);
        if let Some(session) = &identity.session {
            call.inherited_tag_keys = session.transitive.iter().cloned().collect();
        }
        call.region = Some(asking.region.to_owned());
        call.known = identity.context(asking.state, asking.region, asking.now);
        call
    }

    /// The one that is sent, or that the calling session hands on.
    fn source_identity(&self, identity: &Identity) -> Option<String> {
        let handed_on = identity.session.as_ref();
        let handed_on = handed_on.and_then(|session| session.source_identity.clone());
        handed_on.or_else(|| self.source_identity.clone())
    }

    fn session(
        &self,
        identity: &Identity,
        account: String,
        role: &Role,
        policy: Option<Document>,
        now: SystemTime,
    ) -> Session {
        let mut tags = self.tags.clone();
        let mut transitive: BTreeSet<String> = self.transitive.iter().cloned().collect();
        if let Some(calling) = &identity.session {
            let handed_on = calling.tags.iter();
            let handed_on = handed_on.filter(|(key, _)| calling.transitive.contains(*key));
            tags.extend(handed_on.map(|(key, value)| (key.clone(), value.clone())));
            transitive.extend(calling.transitive.iter().cloned());
        }
        let seconds = u64::try_from(self.seconds).unwrap_or_default();
        Session {
            account,
            role: role.name.clone(),
            role_id: role.unique_id.clone(),
            name: self.session_name.clone(),
            token: session_token(),
            issued: now,
            expires: now + Duration::from_secs(seconds),
            policy,
            tags,
            transitive,
            source_identity: self.source_identity(identity),
        }
    }
}
