//! The steps of a login, one function each.

use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use serde_json::json;

use super::{Observations, Run};
use crate::aws::assume::{self, Answer, Caller, Session, Sts};
use crate::aws::credentials::{self, Found, Provider};
use crate::aws::identity::{Partition, PrincipalArn, bare_name, is_region, role_arn};
use crate::aws::{Aws, sign as signing};
use crate::fault::{Fault, LocalProblem, Side};
use crate::http::date::rfc3339;
use crate::secret::mask_middle;
use crate::settings::{AssumeTarget, SessionPolicy, StsMode};
use crate::shell;
use crate::signed_request::SignedRequest;
use crate::trace::{OpenStep, StepId};
use crate::vault::aws_auth::{self, Issued, LoginTarget};
use crate::vault::client::VaultClient;
use crate::vault::sys::{self, Health};
use crate::vault::token::{self, TokenState};

type Refused<T> = Result<T, Box<Fault>>;

/// The region in force: the settings', else the profile's or the instance's.
pub(super) async fn region(run: &Run, aws: &Aws, seen: &mut Observations) -> Refused<String> {
    let mut step = run.trace.begin(StepId::Settings, Side::Local);
    let settings = &run.settings;
    let origins: serde_json::Map<String, serde_json::Value> = settings
        .origins
        .iter()
        .filter(|(id, _)| !crate::settings::table::setting(**id).key.is_empty())
        .map(|(id, (value, origin))| {
            let key = crate::settings::table::setting(*id).key;
            (
                key.to_owned(),
                json!({ "value": value, "origin": origin.to_string() }),
            )
        })
        .collect();
    step.fact("origins", origins);
    if let Some(file) = &settings.file {
        step.fact("file", file.display().to_string());
    }
    let found = match &settings.aws.region {
        Some(region) => Some(region.clone()),
        None => aws.find_region(&settings.aws).await,
    };
    let refusal = match &found {
        None => Some((LocalProblem::NoRegion, "no region: neither a flag, AWS_REGION, the settings file, the profile nor the instance names one".to_owned())),
        Some(region) if !is_region(region) => Some((
            LocalProblem::UnknownRegion,
            format!("'{region}' does not have the form of an AWS region (us-east-1)"),
        )),
        Some(_) => None,
    };
    if let Some((problem, words)) = refusal {
        step.fail(&words);
        return Err(Box::new(Fault::local(
            StepId::Settings,
            problem,
            "aws.region",
            words,
        )));
    }
    let region = found.unwrap_or_default();
    step.fact("region", region.clone());
    step.succeed();
    seen.region = Some(region.clone());
    Ok(region)
}

/// The base credentials, and which provider of the chain had them.
pub(super) async fn credentials(
    run: &Run,
    aws: &Aws,
    region: &str,
    seen: &mut Observations,
) -> Refused<Found> {
    let mut step = run.trace.begin(StepId::Credentials, Side::Local);
    let chain = credentials::find(aws, &run.settings.aws, Some(region)).await;
    seen.tried.clone_from(&chain.tried);
    let tried: Vec<_> = chain
        .tried
        .iter()
        .map(|tried| json!({ "provider": tried.provider.name(), "said": run.redactor.clean(&tried.said) }))
        .collect();
    step.fact("tried", tried);
    if let Some(endpoint) = chain.endpoint {
        step.endpoint(endpoint);
    }
    match chain.found {
        Ok(found) => {
            run.redactor
                .learn_text(found.credentials.secret_access_key());
            if let Some(token) = found.credentials.session_token() {
                run.redactor.learn_text(token);
            }
            step.side(found.provider.side());
            step.fact("provider", found.provider.name());
            step.fact("key_id", mask_middle(found.credentials.access_key_id()));
            step.fact("expires_at", found.credentials.expiry().map(rfc3339));
            if let Some(role) = &found.instance_role {
                step.fact("instance_role", role.clone());
            }
            step.succeed();
            Ok(found)
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

/// Who the base credentials belong to.
pub(super) async fn caller(
    run: &Run,
    aws: &Aws,
    region: &str,
    base: &Found,
    seen: &mut Observations,
) -> Refused<Caller> {
    let mut step = run.trace.begin(StepId::Caller, Side::Sts);
    step.command("aws sts get-caller-identity");
    let sts = Sts {
        http: &aws.http,
        region,
        credentials: &base.credentials,
    };
    let (answer, caller) = assume::get_caller_identity(&sts).await;
    note_answer(&mut step, &answer, seen);
    step.fact("clock_skew_ms", answer.clock_skew_ms);
    match caller {
        Ok(caller) => {
            seen.keys_accepted = true;
            seen.caller = Some(caller.arn.clone());
            seen.unique_id = Some(assume::unique_id(&caller.user_id).to_owned());
            step.fact("arn", caller.arn.clone());
            step.fact("account", caller.account.clone());
            step.fact("unique_id", assume::unique_id(&caller.user_id));
            step.succeed();
            Ok(caller)
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

fn note_answer(step: &mut OpenStep, answer: &Answer, seen: &mut Observations) {
    if let Some(endpoint) = &answer.endpoint {
        step.endpoint(endpoint.clone());
    }
    step.request_id(answer.request_id.clone());
    step.retries(answer.retries.clone());
    if answer.clock_skew_ms.is_some() {
        seen.aws_skew_ms = answer.clock_skew_ms;
    }
}

/// The ARN of the role to assume; `None` when none is, or when the credentials
/// are that role's already.
pub(super) async fn role_to_assume(
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
    if by_metadata || by_sts {
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
    Ok(caller(run, aws, region, base, seen).await?.account)
}

/// What the look at Vault's health told.
pub(super) struct HealthSeen {
    health: Health,
    clock_skew_ms: Option<i64>,
}

/// Vault's health: reachability, TLS, version, seal, clock. It leaves a warm
/// connection for the login. Only what makes a login impossible ends the run.
pub(super) async fn vault(run: &Run, vault: &VaultClient) -> Refused<HealthSeen> {
    let mut step = run.trace.begin(StepId::Vault, Side::Vault);
    step.endpoint(vault.address());
    step.command(shell::command([
        "curl",
        "-sS",
        &format!("{}/v1/sys/health", vault.address()),
    ]));
    match sys::get_health(vault).await {
        Ok((health, reply)) => {
            step.retries(reply.retries.clone());
            let version = Some(health.version.clone()).filter(|version| !version.is_empty());
            step.fact("version", version);
            step.fact("cluster_name", health.cluster_name.clone());
            step.fact("sealed", health.sealed);
            step.fact("standby", health.standby);
            step.fact("clock_skew_ms", reply.clock_skew_ms);
            let stop = if !health.initialized {
                Some((501, "Vault is not initialised"))
            } else if health.sealed {
                Some((503, "Vault is sealed"))
            } else if matches!(reply.status, 472 | 474) {
                Some((
                    reply.status,
                    "this node has no active node to send the login to",
                ))
            } else {
                None
            };
            if let Some((status, words)) = stop {
                step.fail(words);
                let cause = crate::fault::Cause::Answered;
                let mut fault = Fault::new(
                    StepId::Vault,
                    Side::Vault,
                    "GET sys/health",
                    vault.address(),
                    cause,
                    words,
                );
                fault.status = Some(status);
                return Err(Box::new(fault));
            }
            step.succeed();
            Ok(HealthSeen {
                health,
                clock_skew_ms: reply.clock_skew_ms,
            })
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

pub(super) fn note_health(health: &Refused<HealthSeen>, seen: &mut Observations) {
    if let Ok(health) = health {
        seen.vault_skew_ms = health.clock_skew_ms;
        seen.vault_version =
            Some(health.health.version.clone()).filter(|version| !version.is_empty());
    }
}

/// What the assume step gave, and what it saw by the way.
pub(super) struct Assumed {
    answer: Answer,
    session: Option<(String, String)>,
    dropped_policy: bool,
    asked: bool,
    pub(super) result: Refused<Option<Credentials>>,
}

/// Assumes the role, if there is one to assume.
pub(super) async fn assume(
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
            step.succeed();
            assumed.dropped_policy =
                settings.session_policy == SessionPolicy::DenyAll && !session.with_policy;
            assumed.session = Some((session.arn, session.unique_id));
            assumed.result = Ok(Some(session.credentials));
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
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
    shell::command(words)
}

pub(super) fn note_assumed(assumed: &Assumed, seen: &mut Observations) {
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

/// Vault asks the client's region from this version on.
const STS_REGION_FROM_CLIENT: (u32, u32) = (1, 15);

/// Signs the request that Vault will send.
pub(super) fn sign(
    run: &Run,
    identity: &Credentials,
    region: &str,
    seen: &mut Observations,
) -> Refused<SignedRequest> {
    let mut step = run.trace.begin(StepId::Sign, Side::Local);
    let vault = &run.settings.vault;
    let too_old = seen
        .vault_version
        .as_deref()
        .and_then(minor_version)
        .is_some_and(|version| version < STS_REGION_FROM_CLIENT);
    let mode = match vault.sts {
        Some(mode) => mode,
        None if too_old => StsMode::Regional,
        None => StsMode::Client,
    };
    seen.sts_mode = Some(mode);
    let signed = signing::scope(
        mode,
        vault,
        run.settings.aws.region_of_file.as_deref(),
        Some(region),
    )
    .and_then(|scope| {
        signing::sign_for_vault(
            &scope,
            identity,
            vault.server_id.as_deref(),
            SystemTime::now(),
        )
    });
    match signed {
        Ok(signed) => {
            seen.signed_for = Some((signed.region.clone(), signed.url.clone()));
            let host = signed
                .url
                .trim_start_matches("https://")
                .trim_end_matches('/');
            step.fact("host", host);
            step.fact("region", signed.region.clone());
            step.fact("signed_headers", signed.signed_headers.clone());
            step.fact("valid_until", rfc3339(signed.valid_until));
            step.succeed();
            Ok(signed)
        }
        Err(fault) => {
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

/// `1.21.2+ent` is (1, 21).
fn minor_version(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Sends the login to Vault. It runs as a task that an interrupt cannot cut
/// off: a token that was issued must be known, to be revoked.
pub(super) async fn login(
    run: &Run,
    vault: &Arc<VaultClient>,
    signed: SignedRequest,
) -> Refused<Arc<Issued>> {
    let settings = &run.settings.vault;
    let target = LoginTarget {
        mount: settings.auth_mount.clone(),
        role: settings.auth_role.clone(),
        namespace: settings.namespace.clone(),
    };
    let mut step = run.trace.begin(StepId::Login, Side::Vault);
    step.endpoint(format!("{}/v1/{}", vault.address(), target.path()));
    step.command(login_command(run, &signed));
    step.fact("auth_role", target.role.clone());
    step.fact("auth_mount", target.mount.clone());
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let task = {
        let (vault, run) = (Arc::clone(vault), run.clone());
        tokio::spawn(async move {
            let result = aws_auth::login(&vault, &target, &signed, &run.redactor).await;
            if let Ok((issued, _)) = &result {
                run.cleanup.register(&vault, target.namespace, issued);
            }
            // The receiver is gone when the command was interrupted.
            let _ = sender.send(result);
        })
    };
    run.cleanup.watch(task);
    let result = receiver.await.unwrap_or_else(|_| {
        Err(Box::new(Fault::local(
            StepId::Login,
            LocalProblem::NoToken,
            "login",
            "the login was cut off",
        )))
    });
    match result {
        Ok((issued, reply)) => {
            step.request_id(reply.request_id.clone());
            step.retries(reply.retries.clone());
            step.fact("token_policies", issued.token_policies.clone());
            step.fact("identity_policies", issued.identity_policies.clone());
            step.fact("ttl_seconds", issued.ttl_seconds);
            step.fact("renewable", issued.renewable);
            step.fact("type", issued.kind.clone());
            step.fact("accessor", issued.accessor.as_deref().map(mask_middle));
            step.succeed();
            Ok(Arc::new(issued))
        }
        Err(fault) => {
            step.side(fault.side);
            step.request_id(fault.request_id.clone());
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

fn login_command(run: &Run, signed: &SignedRequest) -> String {
    let settings = &run.settings.vault;
    let path = format!("-path={}", settings.auth_mount);
    let role = format!("role={}", settings.auth_role);
    let region = format!("region={}", signed.region);
    let header = settings
        .server_id
        .as_ref()
        .map(|id| format!("header_value={id}"));
    let mut words = vec!["vault", "login", "-method=aws", &path, &role, &region];
    words.extend(header.as_deref());
    shell::command(words)
}

/// What the token is and what it may do on the wanted paths.
pub(super) async fn token(
    run: &Run,
    vault: &VaultClient,
    issued: &Issued,
    wanted: &[String],
) -> Refused<()> {
    let mut step = run.trace.begin(StepId::Token, Side::Vault);
    step.endpoint(vault.address());
    step.command("vault token lookup");
    let namespace = run.settings.vault.namespace.as_deref();
    let (info, capabilities) = tokio::join!(
        token::lookup_self(vault, namespace, &issued.token),
        token::get_capabilities(
            vault,
            run.settings.kv.namespace.as_deref(),
            &issued.token,
            wanted
        ),
    );
    let asked = info.and_then(|info| Ok((info, capabilities?)));
    match asked {
        Ok(((state, _), capabilities)) => {
            step.fact("capabilities", json!(capabilities));
            match state {
                TokenState::Alive(info) => {
                    step.fact("ttl_seconds", info.ttl);
                    step.fact("display_name", info.display_name);
                    step.succeed();
                }
                TokenState::AliveUnseen => {
                    step.skip("the token's policies do not let it look at itself")
                }
                TokenState::Invalid => step.fail("Vault does not know the token that it issued"),
            }
            Ok(())
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::minor_version;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(minor_version("1.21.2"), Some((1, 21)));
        assert_eq!(minor_version("1.9.0+ent"), Some((1, 9)));
        assert_eq!(minor_version("2.7"), Some((2, 7)));
        assert_eq!(minor_version("unknown"), None);
    }
}
