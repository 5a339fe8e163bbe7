//! What Vault is asked: its health, the login, what the token may do.

use std::sync::Arc;

use serde_json::json;

use super::Refused;
use crate::fault::{Cause, Fault, LocalProblem, Side};
use crate::login::{Observations, Run};
use crate::secret::mask_middle;
use crate::shell;
use crate::signed_request::SignedRequest;
use crate::trace::StepId;
use crate::vault::aws_auth::{self, Issued, LoginTarget};
use crate::vault::client::VaultClient;
use crate::vault::namespace::with_variable;
use crate::vault::sys::{self, Health, HealthAnswer};
use crate::vault::token::{self, TokenState};

/// What the look at Vault's health told.
pub(in crate::login) struct HealthSeen {
    told: bool,
    version: Option<String>,
    clock_skew_ms: Option<i64>,
}

/// Vault's health: reachability, TLS, version, seal, clock. It leaves a warm
/// connection for the login. Only what makes a login impossible ends the run.
pub(in crate::login) async fn vault(run: &Run, vault: &VaultClient) -> Refused<HealthSeen> {
    let mut step = run.trace.begin(StepId::Vault, Side::Vault);
    step.endpoint(vault.address());
    let url = format!("{}/v1/sys/health", vault.address());
    step.command(shell::command(["curl", "-sS", &url]));
    let (answer, reply) = match sys::get_health(vault).await {
        Ok(answered) => answered,
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
            return Err(fault);
        }
    };
    step.retries(reply.retries.clone());
    step.fact("clock_skew_ms", reply.clock_skew_ms);
    let health = match answer {
        HealthAnswer::Told(health) => health,
        HealthAnswer::Hidden => {
            step.skip(format!(
                "sys/health is hidden here (status {})",
                reply.status
            ));
            return Ok(HealthSeen {
                told: false,
                version: None,
                clock_skew_ms: reply.clock_skew_ms,
            });
        }
    };
    let version = Some(health.version.clone()).filter(|version| !version.is_empty());
    step.fact("version", version.clone());
    step.fact("cluster_name", health.cluster_name.clone());
    step.fact("sealed", health.sealed);
    step.fact("standby", health.standby);
    if let Some((status, words)) = why_no_login(&health, reply.status) {
        step.fail(words);
        let mut fault = Fault::new(
            StepId::Vault,
            Side::Vault,
            "GET sys/health",
            vault.address(),
            Cause::Answered,
            words,
        );
        fault.status = Some(status);
        return Err(Box::new(fault));
    }
    step.succeed();
    Ok(HealthSeen {
        told: true,
        version,
        clock_skew_ms: reply.clock_skew_ms,
    })
}

/// What keeps this node from any login: the status that stands for it, words.
fn why_no_login(health: &Health, status: u16) -> Option<(u16, &'static str)> {
    if !health.initialized {
        Some((501, "Vault is not initialised"))
    } else if health.sealed {
        Some((503, "Vault is sealed"))
    } else if matches!(status, 472 | 474) {
        Some((status, "this node has no active node to send the login to"))
    } else {
        None
    }
}

pub(in crate::login) fn note_health(health: &Refused<HealthSeen>, seen: &mut Observations) {
    if let Ok(health) = health {
        seen.vault_skew_ms = health.clock_skew_ms;
        seen.vault_version.clone_from(&health.version);
        seen.vault_answered = true;
        seen.vault_told_health = health.told;
    }
}

/// Sends the login to Vault. It runs as a task that an interrupt cannot cut
/// off: a token that was issued must be known, to be revoked.
pub(in crate::login) async fn login(
    run: &Run,
    vault: &Arc<VaultClient>,
    signed: SignedRequest,
    seen: &Observations,
) -> Refused<Arc<Issued>> {
    let settings = &run.settings.vault;
    let target = LoginTarget {
        mount: settings.auth_mount.clone(),
        role: settings.auth_role.clone(),
        namespace: settings.namespace.clone(),
    };
    let mut step = run.trace.begin(StepId::Login, Side::Vault);
    step.endpoint(format!("{}/v1/{}", vault.address(), target.path()));
    step.command(login_command(run, &signed, seen));
    step.fact("auth_role", target.role.clone());
    step.fact("auth_mount", target.mount.clone());
    let (sender, receiver) = tokio::sync::oneshot::channel();
    {
        let (vault, run) = (Arc::clone(vault), run.clone());
        let under_way = run.cleanup.watch();
        tokio::spawn(async move {
            let result = aws_auth::login(&vault, &target, &signed, &run.redactor).await;
            if let Ok((issued, _)) = &result {
                run.cleanup.register(&vault, target.namespace, issued);
            }
            drop(under_way);
            // The receiver is gone when the command was interrupted.
            let _ = sender.send(result);
        });
    }
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

/// The `vault` command that does the same. It has no way to assume a role, so
/// the keys of the assumed session are put before it, as variables.
fn login_command(run: &Run, signed: &SignedRequest, seen: &Observations) -> String {
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
    let command = with_variable(settings.namespace.as_deref(), shell::command(words));
    if seen.session.is_some() {
        format!("{SESSION_KEYS} {command}")
    } else {
        command
    }
}

const SESSION_KEYS: &str = "AWS_ACCESS_KEY_ID=$SESSION_KEY_ID AWS_SECRET_ACCESS_KEY=$SESSION_SECRET_KEY AWS_SESSION_TOKEN=$SESSION_TOKEN";

/// What the token is and what it may do on the wanted paths.
pub(in crate::login) async fn token(
    run: &Run,
    vault: &VaultClient,
    issued: &Issued,
    wanted: &[String],
    seen: &mut Observations,
) -> Refused<()> {
    let mut step = run.trace.begin(StepId::Token, Side::Vault);
    if let Some(uses) = issued.uses {
        step.skip(format!(
            "looking at the token would take of its {uses} uses"
        ));
        return Ok(());
    }
    step.endpoint(vault.address());
    let namespace = run.settings.vault.namespace.as_deref();
    step.command(with_variable(namespace, "vault token lookup".to_owned()));
    let of_secrets = run.settings.kv.namespace.as_deref();
    let (info, capabilities) = tokio::join!(
        token::lookup_self(vault, namespace, &issued.token),
        token::get_capabilities_from(vault, namespace, of_secrets, &issued.token, wanted),
    );
    let asked = info.and_then(|info| Ok((info, capabilities?)));
    match asked {
        Ok(((state, _), capabilities)) => {
            step.fact("capabilities", json!(capabilities));
            for (path, rights) in &capabilities {
                if rights.iter().all(|right| right == "deny") {
                    let words = format!(
                        "the token may not read {path}: its policies do not grant that, or one denies it"
                    );
                    seen.warnings.push(words);
                }
            }
            seen.capabilities.clone_from(&capabilities);
            match state {
                TokenState::Alive(info) => {
                    step.fact("ttl_seconds", info.ttl);
                    step.fact("display_name", info.display_name);
                    step.succeed();
                }
                TokenState::AliveUnseen => {
                    step.skip("the token's policies do not let it look at itself")
                }
                TokenState::Unknown | TokenState::Refused => {
                    step.skip("Vault does not tell what the token is")
                }
                TokenState::Invalid => step.skip("the token's uses are spent"),
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
