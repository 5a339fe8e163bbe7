//! STS: who somebody is, and sessions of roles.

use std::time::Duration;

use super::call::{Call, Handler};
use super::documents;
use super::identity::{denied, session_names};
use super::refusal::Refusal;
use super::reply::{leaf, node};
use super::state::{Role, Session, session_token};
use crate::aws::policy::Kind;
use crate::aws::policy::evaluate::{
    AssumeRole, Layer, Refusal as Reason, Sight, Verdict, evaluate_assume_role,
};
use crate::lab::clock::rfc3339;

/// The longest session that a session can get, in seconds.
const CHAINED: i64 = 3600;

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
    let parts = [
        leaf("Arn", &call.identity.arn),
        leaf("UserId", &call.identity.user_id),
        leaf("Account", &call.state.account),
    ];
    Ok(parts.concat())
}

fn assume_role(call: &mut Call<'_>) -> Result<String, Refusal> {
    let arn = call.required("RoleArn")?;
    let name = session_name(call)?.to_owned();
    let seconds = seconds(call)?;
    let policy = call.form.get("Policy");
    let policy = policy.map(|text| documents::check(text, Kind::Session));
    let policy = policy.transpose()?;
    if arn.splitn(6, ':').count() < 6 || !arn.starts_with("arn:") {
        return Err(Refusal::validation(format!("{arn} is invalid")));
    }
    let role = authorise(call, arn, &name)?;
    let limit = if seconds > role.max_session {
        Some("MaxSessionDuration set for this role")
    } else if call.identity.is_session && seconds > CHAINED {
        Some("1 hour session limit for roles assumed by role chaining")
    } else {
        None
    };
    if let Some(limit) = limit {
        let words = format!("The requested DurationSeconds exceeds the {limit}.");
        return Err(Refusal::validation(words));
    }
    let (arn, id) = session_names(call.state, &role, &name);
    let expires = call.now + Duration::from_secs(seconds.unsigned_abs());
    let keys = call.state.issue_session(Session {
        role: role.name,
        role_id: role.unique_id,
        name,
        token: session_token(),
        issued: call.now,
        expires,
        policy,
    });
    let user = [leaf("AssumedRoleId", &id), leaf("Arn", &arn)];
    let credentials = [
        leaf("AccessKeyId", &keys.access_key_id),
        leaf("SecretAccessKey", &keys.secret_access_key),
        leaf("SessionToken", &keys.session_token.unwrap_or_default()),
        leaf("Expiration", &rfc3339(expires)),
    ];
    Ok(node("AssumedRoleUser", user) + &node("Credentials", credentials))
}

/// Source: the parameters of AssumeRole in the STS API reference.
fn session_name<'a>(call: &'a Call<'_>) -> Result<&'a str, Refusal> {
    let name = call.required("RoleSessionName")?;
    let is_right = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    let broken = match name.chars().count() {
        _ if !name.chars().all(is_right) => r"satisfy regular expression pattern: [\w+=,.@-]*",
        ..2 => "have length greater than or equal to 2",
        2..=64 => return Ok(name),
        _ => "have length less than or equal to 64",
    };
    let (value, broken) = (format!("'{name}'"), format!("Member must {broken}"));
    Err(Refusal::constraint(&value, "roleSessionName", &broken))
}

fn seconds(call: &Call<'_>) -> Result<i64, Refusal> {
    let seconds = call.form.get("DurationSeconds").unwrap_or("3600");
    let number = seconds.parse();
    let number = number.map_err(|_| Refusal::bad("MalformedInput", ""))?;
    let limit = match number {
        ..900 => "greater than or equal to 900",
        900..=43_200 => return Ok(number),
        _ => "less than or equal to 43200",
    };
    let (value, broken) = (
        format!("'{seconds}'"),
        format!("Member must have value {limit}"),
    );
    Err(Refusal::constraint(&value, "durationSeconds", &broken))
}

/// Returns the role, when the caller may have a session of it. A role that is not
/// there, or not known here yet, is one that trusts nobody: the caller's own
/// policies are looked at all the same.
fn authorise(call: &Call<'_>, arn: &str, session_name: &str) -> Result<Role, Refusal> {
    let (state, identity) = (&*call.state, call.identity);
    let mut roles = state.roles.values();
    let role = roles.find(|role| role.arn == arn && state.is_settled(arn, call.now));
    let nobody = Sight::Seen(Vec::new());
    let trust = role.map_or(nobody, |role| role.trust.in_force(state));
    let mut policies = identity.policies.clone();
    policies.trust = trust;
    let mut asked = AssumeRole::new(identity.caller.clone(), arn, session_name);
    asked.external_id = call.form.get("ExternalId").map(str::to_owned);
    asked.known = call.context();
    let mut decision = evaluate_assume_role(&asked, &policies);
    if let (Some(role), Verdict::Allowed) = (role, decision.verdict) {
        return Ok(role.clone());
    }
    // That the trust policy leaves the caller out is not told.
    let left_out = |reason: &Reason| {
        matches!(
            reason,
            Reason::NotAllowed {
                layer: Layer::Trust,
                ..
            }
        )
    };
    decision.refusals.retain(|reason| !left_out(reason));
    Err(denied(&identity.arn, arn, &decision))
}
