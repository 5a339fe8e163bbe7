//! Which role is assumed, and assuming it.

use aws_credential_types::Credentials;

use super::Refused;
use super::identity::{caller as ask_caller, note_answer};
use crate::aws::Aws;
use crate::aws::assume::{self, Answer, Caller, Session, Sts};
use crate::aws::credentials::{Found, Provider};
use crate::aws::identity::{Partition, PrincipalArn, bare_name, role_arn};
use crate::fault::Side;
use crate::http::date::rfc3339;
use crate::login::{Observations, Run};
use crate::settings::{AssumeTarget, SessionPolicy};
use crate::shell;
use crate::trace::{Outcome, Step, StepId};

/// The ARN of the role to assume; `None` when none is, or when the credentials
/// are that role's already.
pub(in crate::login) async fn role_to_assume(
    run: &Run,
    aws: &Aws,
    region: &str,
    base: &Found,
    caller: Option<Caller>,
    seen: &mut Observations,
) -> Refused<Option<String>> {
    let settings = &run.settings.aws;
    let skip = |because: &str| {
        let step = run.trace.begin(StepId::Assume, Side::Local);
        step.skip(because);
        Ok(None)
    };
    let arn = match &settings.assume {
        AssumeTarget::None => return skip("the credentials log in as they are"),
        AssumeTarget::Arn(arn) => arn.clone(),
        AssumeTarget::LoginRole { account } => {
            let known = account
                .clone()
                .or_else(|| {
                    base.credentials
                        .account_id()
                        .map(|id| id.as_str().to_owned())
                })
                .or_else(|| caller.as_ref().map(|caller| caller.account.clone()));
            let account = match known {
                Some(account) => account,
                None => find_account(run, aws, region, base, seen).await?,
            };
            role_arn(
                Partition::of_region(region).name,
                &account,
                &settings.login_role,
            )
        }
    };
    let target = PrincipalArn::parse(&arn);
    let target_name = target.as_ref().and_then(PrincipalArn::role_name);
    let by_metadata = settings.external_id.is_none()
        && base.instance_role.is_some()
        && base.instance_role.as_deref() == target_name
        && matches!(settings.assume, AssumeTarget::LoginRole { .. });
    let by_sts = seen
        .caller
        .as_deref()
        .and_then(PrincipalArn::parse)
        .zip(target.as_ref())
        .is_some_and(|(caller, target)| {
            caller.account == target.account
                && caller.role_name().is_some()
                && caller.role_name() == target.role_name()
        });
    let by_profile = settings.external_id.is_none() && base.role_arn.as_ref() == Some(&arn);
    if by_metadata || by_profile || by_sts {
        return skip(&format!(
            "the credentials already are those of {}",
            bare_name(&arn)
        ));
    }
    Ok(Some(arn))
}

/// The account of the credentials: from the instance, else from STS.
async fn find_account(
    run: &Run,
    aws: &Aws,
    region: &str,
    base: &Found,
    seen: &mut Observations,
) -> Refused<String> {
    if base.provider == Provider::InstanceMetadata
        && let Some(account) = aws.find_instance_account().await
    {
        return Ok(account);
    }
    Ok(ask_caller(run, aws, region, base, seen).await?.account)
}

/// What the assume step gave, and what it saw by the way.
pub(in crate::login) struct Assumed {
    answer: Answer,
    session: Option<(String, String)>,
    dropped_policy: bool,
    asked: bool,
    step: Option<Step>,
    pub(in crate::login) result: Refused<Option<Credentials>>,
}

/// Assumes the role, if there is one to assume.
pub(in crate::login) async fn assume(
    run: &Run,
    aws: &Aws,
    region: &str,
    base: &Found,
    role: Option<&str>,
) -> Assumed {
    let Some(role) = role else {
        return Assumed {
            answer: Answer::default(),
            session: None,
            dropped_policy: false,
            asked: false,
            step: None,
            result: Ok(None),
        };
    };
    let settings = &run.settings.aws;
    let mut step = run.trace.begin(StepId::Assume, Side::Sts);
    step.command(assume_command(run, role));
    step.fact("role_arn", role);
    step.fact("session_name", settings.session_name.clone());
    let sts = Sts {
        http: &aws.http,
        profile: run.settings.aws.profile.as_deref(),
        region,
        credentials: &base.credentials,
    };
    let (answer, result) = assume::assume_role(&sts, settings, role).await;
    // What the answer tells of the clock is noted once the steps are joined.
    note_answer(&mut step, &answer, &mut Observations::default());
    let mut assumed = Assumed {
        answer,
        session: None,
        dropped_policy: false,
        asked: true,
        step: None,
        result: Ok(None),
    };
    match result {
        Ok(session) => {
            learn(run, &session);
            let policy = if session.with_policy {
                settings.session_policy.name()
            } else {
                "none".to_owned()
            };
            step.fact("session_arn", session.arn.clone());
            step.fact("unique_id", session.unique_id.clone());
            step.fact("expires_at", rfc3339(session.expires_at));
            step.fact("session_policy", policy);
            assumed.step = Some(step.end(Outcome::Succeeded));
            assumed.dropped_policy =
                settings.session_policy == SessionPolicy::DenyAll && !session.with_policy;
            assumed.session = Some((session.arn, session.unique_id));
            assumed.result = Ok(Some(session.credentials));
        }
        Err(fault) => {
            step.side(fault.side);
            let because = fault.message.clone();
            assumed.step = Some(step.end(Outcome::Failed { because }));
            assumed.result = Err(fault);
        }
    }
    assumed
}

fn learn(run: &Run, session: &Session) {
    run.redactor
        .learn_text(session.credentials.secret_access_key());
    if let Some(token) = session.credentials.session_token() {
        run.redactor.learn_text(token);
    }
}

fn assume_command(run: &Run, role: &str) -> String {
    let settings = &run.settings.aws;
    let mut words = vec![
        "aws",
        "sts",
        "assume-role",
        "--role-arn",
        role,
        "--role-session-name",
        &settings.session_name,
        "--duration-seconds",
        "900",
    ];
    if let Some(id) = &settings.external_id {
        words.extend(["--external-id", id]);
    }
    if let Some(policy) = assume::session_policy(&settings.session_policy) {
        words.extend(["--policy", policy]);
    }
    shell::command(words)
}

pub(in crate::login) fn note_assumed(run: &Run, assumed: &mut Assumed, seen: &mut Observations) {
    if let Some(step) = assumed.step.take() {
        run.trace.record(step);
    }
    if assumed.answer.clock_skew_ms.is_some() {
        seen.aws_skew_ms = assumed.answer.clock_skew_ms;
    }
    if let Some((arn, unique_id)) = &assumed.session {
        seen.session = Some(arn.clone());
        seen.unique_id = Some(unique_id.clone());
        seen.keys_accepted = true;
    }
    if assumed.asked && assumed.dropped_policy {
        seen.warnings.push(
            "policy and tags together were too large for STS: the session was assumed without the deny-all policy".to_owned(),
        );
    }
}
