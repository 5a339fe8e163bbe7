//! `sts:GetCallerIdentity` and `sts:AssumeRole`.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_sts::operation::RequestId as _;

use super::identity::{PrincipalArn, PrincipalKind};
use super::{classify, sts_client};
use crate::fault::{Fault, LocalProblem};
use crate::http::sdk::{Exchange, ExchangeResult, SdkHttp};
use crate::settings::{AwsSettings, SessionPolicy};
use crate::trace::{Retry, StepId};

/// The least that STS gives, in seconds: the session serves one request.
const SESSION_SECONDS: i32 = 900;

/// Denies every action. `GetCallerIdentity` needs no permission and no policy
/// can deny it, so the login works and nothing else does.
const DENY_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

/// The credentials, client and region with which STS is asked.
pub struct Sts<'a> {
    pub http: &'a SdkHttp,
    /// Whose settings of endpoints and retries apply.
    pub profile: Option<&'a str>,
    pub region: &'a str,
    pub credentials: &'a Credentials,
}

/// What an answer of STS tells beside its content.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub endpoint: Option<String>,
    pub request_id: Option<String>,
    /// AWS's clock minus ours, in milliseconds.
    pub clock_skew_ms: Option<i64>,
    pub retries: Vec<Retry>,
}

/// Who the credentials belong to, as STS says.
#[derive(Debug, Clone)]
pub struct Caller {
    pub arn: String,
    pub account: String,
    /// `AROA…:session` or `AIDA…`.
    pub user_id: String,
}

/// An assumed session.
#[derive(Debug)]
pub struct Session {
    pub credentials: Credentials,
    pub arn: String,
    /// The role's unique id, `AROA…`.
    pub unique_id: String,
    pub expires_at: SystemTime,
    /// False when STS found the policy too large and it was left out.
    pub with_policy: bool,
}

/// Asks STS who the caller is.
///
/// # Errors
///
/// STS's refusal, or that it could not be reached.
pub async fn get_caller_identity(sts: &Sts<'_>) -> (Answer, Result<Caller, Box<Fault>>) {
    let mark = sts.http.mark();
    let client = sts_client(sts).await;
    let result = client.get_caller_identity().send().await;
    let exchanges = sts.http.since(mark);
    let mut answer = Answer::of(&exchanges);
    let caller = match &result {
        Ok(output) => {
            answer.request_id = output.request_id().map(str::to_owned).or(answer.request_id);
            Ok(Caller {
                arn: output.arn().unwrap_or_default().to_owned(),
                account: output.account().unwrap_or_default().to_owned(),
                user_id: output.user_id().unwrap_or_default().to_owned(),
            })
        }
        Err(error) => Err(classify::fault(
            StepId::Caller,
            "sts:GetCallerIdentity",
            "the caller",
            error,
            &exchanges,
        )),
    };
    (answer, caller)
}

/// Assumes `role_arn` for a quarter of an hour.
///
/// # Errors
///
/// What is wrong with the parameters, STS's refusal, or that it could not be
/// reached.
pub async fn assume_role(
    sts: &Sts<'_>,
    settings: &AwsSettings,
    role_arn: &str,
) -> (Answer, Result<Session, Box<Fault>>) {
    if let Err(fault) = check(settings, role_arn) {
        return (Answer::default(), Err(fault));
    }
    let policy = session_policy(&settings.session_policy);
    let mark = sts.http.mark();
    let client = sts_client(sts).await;
    let request = |policy: Option<&str>| {
        client
            .assume_role()
            .role_arn(role_arn)
            .role_session_name(&settings.session_name)
            .duration_seconds(SESSION_SECONDS)
            .set_external_id(settings.external_id.clone())
            .set_policy(policy.map(str::to_owned))
            .send()
    };
    let mut result = request(policy).await;
    let mut with_policy = policy.is_some();
    // The tags of an EKS pod can fill the space that policy and tags share.
    if settings.session_policy == SessionPolicy::DenyAll
        && result.as_ref().is_err_and(classify::is_policy_too_large)
    {
        with_policy = false;
        result = request(None).await;
    }
    let exchanges = sts.http.since(mark);
    let answer = Answer::of(&exchanges);
    let session = match result {
        Ok(output) => session(&output, with_policy, role_arn),
        Err(error) => Err(classify::fault(
            StepId::Assume,
            "sts:AssumeRole",
            role_arn,
            &error,
            &exchanges,
        )),
    };
    (answer, session)
}

/// The inline policy of the session, as it is sent.
pub fn session_policy(policy: &SessionPolicy) -> Option<&str> {
    match policy {
        SessionPolicy::DenyAll => Some(DENY_ALL),
        SessionPolicy::None => None,
        SessionPolicy::Document { text, .. } => Some(text),
    }
}

fn session(
    output: &aws_sdk_sts::operation::assume_role::AssumeRoleOutput,
    with_policy: bool,
    role_arn: &str,
) -> Result<Session, Box<Fault>> {
    let (Some(keys), Some(user)) = (output.credentials(), output.assumed_role_user()) else {
        return Err(Box::new(Fault::new(
            StepId::Assume,
            crate::fault::Side::Sts,
            "sts:AssumeRole",
            role_arn,
            crate::fault::Cause::Answered,
            "the answer holds no credentials: this is not STS",
        )));
    };
    let expires_at = SystemTime::try_from(*keys.expiration())
        .unwrap_or_else(|_| SystemTime::now() + Duration::from_secs(900));
    Ok(Session {
        credentials: Credentials::new(
            keys.access_key_id(),
            keys.secret_access_key(),
            Some(keys.session_token().to_owned()),
            Some(expires_at),
            "AssumeRole",
        ),
        arn: user.arn().to_owned(),
        unique_id: unique_id(user.assumed_role_id()).to_owned(),
        expires_at,
        with_policy,
    })
}

/// The `AROA…` of `AROA…:session`.
pub fn unique_id(user_id: &str) -> &str {
    user_id.split(':').next().unwrap_or(user_id)
}

/// Finds what STS would refuse, before it is asked.
///
/// Source: the parameters of AssumeRole in the STS API reference.
fn check(settings: &AwsSettings, role_arn: &str) -> Result<(), Box<Fault>> {
    let refuse = |problem, message: String| {
        Err(Box::new(Fault::local(
            StepId::Assume,
            problem,
            role_arn,
            message,
        )))
    };
    let is_role = PrincipalArn::parse(role_arn)
        .is_some_and(|arn| matches!(arn.kind, PrincipalKind::Role { .. }));
    if !is_role {
        return refuse(
            LocalProblem::MalformedRoleArn,
            format!(
                "'{role_arn}' is not the ARN of an IAM role (arn:aws:iam::123456789012:role/NAME)"
            ),
        );
    }
    let allowed = |text: &str, more: &str| {
        text.chars().all(|character| {
            character.is_ascii_alphanumeric()
                || "_+=,.@-".contains(character)
                || more.contains(character)
        })
    };
    let name = &settings.session_name;
    if !(2..=64).contains(&name.len()) || !allowed(name, "") {
        return refuse(
            LocalProblem::MalformedSessionName,
            format!(
                "the session name '{name}' must have 2 to 64 characters of letters, digits and _+=,.@-"
            ),
        );
    }
    if let Some(id) = &settings.external_id
        && (!(2..=1224).contains(&id.len()) || !allowed(id, ":/"))
    {
        return refuse(
            LocalProblem::MalformedExternalId,
            "the external id must have 2 to 1224 characters of letters, digits and _+=,.@:/-"
                .to_owned(),
        );
    }
    Ok(())
}

impl Answer {
    /// What the exchanges of one call tell; those before the last were retries.
    fn of(exchanges: &[Exchange]) -> Self {
        let Some((last, earlier)) = exchanges.split_last() else {
            return Answer::default();
        };
        let request_id = match &last.result {
            ExchangeResult::Answered { request_id, .. } => request_id.clone(),
            ExchangeResult::Failed { .. } => None,
        };
        let retries = earlier
            .iter()
            .zip(&exchanges[1..])
            .map(|(failed, next)| Retry {
                because: match &failed.result {
                    ExchangeResult::Answered { status, .. } => format!("status {status}"),
                    ExchangeResult::Failed { words, .. } => words.clone(),
                },
                waited: next
                    .sent
                    .duration_since(failed.received)
                    .unwrap_or_default(),
            })
            .collect();
        Answer {
            endpoint: Some(last.endpoint.clone()),
            request_id,
            clock_skew_ms: last.clock_skew_ms(),
            retries,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sts_would_refuse_is_found_before() {
        let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
        let mut aws = settings.expect("the defaults are valid").aws;
        let role = "arn:aws:iam::123456789012:role/VaultRole";
        let problem = |aws: &AwsSettings, arn: &str| check(aws, arn).err().map(|fault| fault.cause);
        assert_eq!(problem(&aws, role), None);
        for arn in [
            "VaultRole",
            "arn:aws:iam:123456789012:role/V",
            "arn:aws:sts::123456789012:assumed-role/V/s",
            "arn:aws:iam::123456789012:user/V",
        ] {
            assert_eq!(
                problem(&aws, arn),
                Some(crate::fault::Cause::Local(LocalProblem::MalformedRoleArn)),
                "{arn}"
            );
        }
        aws.external_id = Some("a".into());
        assert_eq!(
            problem(&aws, role),
            Some(crate::fault::Cause::Local(
                LocalProblem::MalformedExternalId
            ))
        );
        aws.session_name = "two words".into();
        assert_eq!(
            problem(&aws, role),
            Some(crate::fault::Cause::Local(
                LocalProblem::MalformedSessionName
            ))
        );
    }

    #[test]
    fn the_unique_id_is_the_part_before_the_session() {
        assert_eq!(unique_id("AROAEXAMPLE:vaultiam"), "AROAEXAMPLE");
        assert_eq!(unique_id("AIDAEXAMPLE"), "AIDAEXAMPLE");
    }
}
