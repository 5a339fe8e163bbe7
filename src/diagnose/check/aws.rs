//! The roles in IAM, from their documents. Whoever may not read them is told so;
//! what KongRole itself got from STS proves the same.
//!
//! `aws.kong-role` and `aws.login-role` fail where a role is not there, or lies under
//! another path than the settings say. `aws.workload` fails where KongRole does not
//! trust the service that Kong runs on, `aws.profile` where no instance profile
//! holds it. `aws.server` warns where Vault's servers may not look the bound role up:
//! logins go on, and the next write of Vault's role fails.

use serde_json::Value;

use super::{Scene, Verdict};
use crate::aws::identity::PrincipalArn;
use crate::diagnose::again::Again;
use crate::diagnose::assume::{May, role_may, service_may_have, trust_service_too};
use crate::diagnose::looks::{IamRole, Look};
use crate::diagnose::{Code, Finding, Severity, Where};
use crate::settings::{AssumeTarget, Topology, Workload};
use crate::setup::desired::Part;

pub(super) async fn kong_role(scene: &Scene) -> Verdict {
    let Ok(names) = scene.names().await else {
        return Verdict::skipped("the settings do not name it");
    };
    let arn = names.kong();
    let look = scene.kong_role().await;
    match look.seen() {
        Some(seen) => there(arn, seen.as_ref(), "--kong-role"),
        None if is_caller(scene, arn).await => {
            Verdict::passed(format!("{arn}: STS says that these are its credentials"))
        }
        None => Verdict::skipped(unseen(look)),
    }
}

pub(super) async fn login_role(scene: &Scene) -> Verdict {
    let Ok(names) = scene.names().await else {
        return Verdict::skipped("the settings do not name it");
    };
    let Some(arn) = names.login() else {
        return Verdict::passed(NO_LOGIN_ROLE);
    };
    let look = scene.login_role().await;
    match look.seen() {
        Some(seen) => {
            let flag = match scene.settings().aws.assume {
                AssumeTarget::Arn(_) => "--assume-role-arn",
                AssumeTarget::LoginRole { .. } | AssumeTarget::None => "--login-role",
            };
            there(arn, seen.as_ref(), flag)
        }
        None if scene.proved_assume().await => {
            Verdict::passed(format!("{arn}: STS gave KongRole a session of it"))
        }
        None => Verdict::skipped(unseen(look)),
    }
}

/// Where KongRole logs in itself.
pub(super) const NO_LOGIN_ROLE: &str = "topology direct: no role is assumed";

/// The look is by the bare name, so that a role under another path is seen.
/// `flag` names the role.
fn there(arn: &str, seen: Option<&IamRole>, flag: &str) -> Verdict {
    match seen {
        Some(role) if role.arn == arn => Verdict::passed(format!("{arn}, {}", role.unique_id)),
        Some(role) => Verdict::found(role.arn.clone(), elsewhere(arn, role, flag)),
        None => Verdict::found(format!("{arn} is not there"), absent(arn)),
    }
}

fn elsewhere(arn: &str, role: &IamRole, flag: &str) -> Finding {
    let name = match flag {
        "--assume-role-arn" => &role.arn,
        _ => role
            .arn
            .split_once(":role/")
            .map_or(&*role.arn, |(_, name)| name),
    };
    Finding::certain(Code::AWS221)
        .because(format!("The settings name {arn}; IAM has {}.", role.arn))
        .fact("iam", "arn", &role.arn)
        .remedy(
            Where::Here,
            format!("name the role with its path in the settings: {name}"),
            Some(Again::Check.with(&[flag, name])),
            None,
        )
}

fn absent(arn: &str) -> Finding {
    Finding::certain(Code::AWS201)
        .because(format!("IAM has no role {arn}."))
        .fact("settings", "role", arn)
        .remedy(
            Where::Here,
            "make it, or name the one that exists",
            Some("vaultiam setup --only aws".to_owned()),
            None,
        )
}

pub(super) async fn workload(scene: &Scene) -> Verdict {
    let Ok(names) = scene.names().await else {
        return Verdict::skipped("the settings do not name it");
    };
    let look = scene.kong_role().await;
    let Some(role) = look.present() else {
        if is_caller(scene, names.kong()).await {
            return Verdict::passed("these credentials are a session of it");
        }
        return Verdict::skipped(unseen(look));
    };
    let service = match scene.settings().provision.workload {
        Workload::Irsa => return by_web_identity(role),
        Workload::Ec2 | Workload::Ecs | Workload::EksPodIdentity => names
            .role(Part::Kong)
            .and_then(|role| role.trust["Statement"][0]["Principal"]["Service"].as_str())
            .unwrap_or_default(),
    };
    match service_may_have(role, service) {
        May::Yes(by) => Verdict::passed(format!("{service}, by {by}")),
        May::No => {
            let statement = names
                .role(Part::Kong)
                .map(|role| &role.trust["Statement"][0]);
            let finding = not_for_service(role, service, statement.cloned());
            Verdict::found(service, finding)
        }
        May::Unknown(what) => {
            Verdict::skipped(format!("whether {service} may have it hangs on {what}"))
        }
    }
}

fn not_for_service(role: &IamRole, service: &str, statement: Option<Value>) -> Finding {
    let mut finding = Finding::certain(Code::AWS119)
        .because(format!(
            "The trust policy of {} does not let {service} in.",
            role.arn
        ))
        .fact("iam", "trust policy", role.trust.to_string())
        .set_up("aws");
    finding
        .remedies
        .extend(statement.and_then(|statement| trust_service_too(role, service, statement)));
    finding
}

/// Which service account it is for is nothing that the settings name.
fn by_web_identity(role: &IamRole) -> Verdict {
    let has_provider = role.trust.to_string().contains("\"Federated\"");
    let has_action = role
        .trust
        .to_string()
        .contains("sts:AssumeRoleWithWebIdentity");
    if has_provider && has_action {
        return Verdict::skipped(
            "it trusts an OIDC provider; whether for Kong's service account is nothing that the settings tell",
        );
    }
    let finding = Finding::certain(Code::AWS119)
        .because(format!(
            "The trust policy of {} lets no OIDC provider in (sts:AssumeRoleWithWebIdentity).",
            role.arn
        ))
        .fact("iam", "trust policy", role.trust.to_string())
        .remedy(
            Where::Aws,
            "let the cluster's OIDC provider assume it for Kong's service account (sts:AssumeRoleWithWebIdentity), and for no other",
            None,
            Some("iam:UpdateAssumeRolePolicy"),
        );
    Verdict::found("no OIDC provider", finding)
}

pub(super) async fn profile(scene: &Scene) -> Verdict {
    if scene.settings().provision.workload != Workload::Ec2 {
        return Verdict::passed("Kong's workload needs none");
    }
    let Ok(names) = scene.names().await else {
        return Verdict::skipped("the settings do not name the role");
    };
    let arn = names.kong();
    let look = scene.profiles().await;
    let Some(profiles) = look.seen() else {
        let who = &scene.standing().await.who;
        let has_instance = who.as_ref().is_ok_and(|who| who.has_instance_role);
        if has_instance && is_caller(scene, arn).await {
            return Verdict::passed("this instance has it");
        }
        return Verdict::skipped(unseen(look));
    };
    if profiles.is_empty() {
        let finding = Finding::certain(Code::AWS103)
            .because(format!(
                "No instance profile holds {arn}, so no EC2 instance can have it."
            ))
            .fact("iam", "instance profiles", "none")
            .remedy(
                Where::Here,
                "make it; setup then prints how to give it to Kong's instance",
                Some("vaultiam setup --only aws".to_owned()),
                None,
            );
        return Verdict::found("none", finding);
    }
    Verdict::passed(profiles.join(", "))
}

pub(super) async fn server(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    if !settings.provision.resolve_unique_ids {
        return Verdict::passed("vault.resolve_unique_ids is false: Vault looks nothing up");
    }
    let Ok(names) = scene.names().await else {
        return Verdict::skipped("the settings do not name it");
    };
    let look = match settings.topology {
        Topology::Article => scene.login_role().await,
        Topology::Separate | Topology::Direct => scene.server_role().await,
    };
    if settings.topology == Topology::Direct && names.role(Part::Server).is_none() {
        return Verdict::skipped("no setting names the role of Vault's servers (aws.server_role)");
    }
    if has_keys(scene).await {
        return Verdict::skipped("Vault uses the keys in config/client and not a role (sec.keys)");
    }
    let Some(role) = look.present() else {
        return match look {
            Look::Seen { .. } => {
                let words = "IAM has no role of the name that the settings have for Vault's servers, so none may call iam:GetRole.";
                Verdict::found("it is not there", no_server(names.bound()).because(words))
            }
            _ => Verdict::skipped(unseen(look)),
        };
    };
    match role_may(role, "iam:GetRole", names.bound()) {
        May::Yes(by) => Verdict::passed(format!("{}, by {by}", role.arn)),
        May::No => {
            let words = format!(
                "No policy of {} lets it call iam:GetRole on {}.",
                role.arn,
                names.bound()
            );
            let finding =
                no_server(names.bound())
                    .because(words)
                    .fact("iam", "server's role", &role.arn);
            Verdict::found(role.arn.clone(), finding)
        }
        May::Unknown(what) => Verdict::skipped(format!("it hangs on {what}")),
    }
}

async fn has_keys(scene: &Scene) -> bool {
    let config = scene.client_config().await;
    config.present().is_some_and(|config| {
        let key = config.get("access_key").and_then(Value::as_str);
        key.is_some_and(|key| !key.is_empty())
    })
}

/// Whether Vault's servers really have that role is not seen from here.
fn no_server(bound: &str) -> Finding {
    let mut finding = Finding::likely(Code::VLT623, &[])
        .would_decide("sts:GetCallerIdentity", "Vault's servers")
        .remedy(
            Where::Here,
            format!("allow it iam:GetRole on {bound}"),
            Some("vaultiam setup --only aws".to_owned()),
            None,
        );
    finding.severity = Severity::Warning;
    finding
}

/// Tells whether the credentials at hand are a session of this role.
async fn is_caller(scene: &Scene, arn: &str) -> bool {
    let Ok(who) = &scene.standing().await.who else {
        return false;
    };
    let both = PrincipalArn::parse(&who.arn).zip(PrincipalArn::parse(arn));
    both.is_some_and(|(caller, role)| {
        caller.account == role.account && caller.role_name() == role.role_name()
    })
}

/// Why a look told nothing.
pub(super) fn unseen<T>(look: &Look<T>) -> String {
    match look {
        Look::Refused(refused) if refused.by == "local" => refused.because.clone(),
        Look::Refused(refused) => format!(
            "{} on {} was refused by {} ({}): {}",
            refused.action,
            refused.target,
            refused.by,
            refused.with.words(),
            refused.because
        ),
        Look::NotMade | Look::Seen { .. } => "what was answered tells nothing of it".to_owned(),
    }
}
