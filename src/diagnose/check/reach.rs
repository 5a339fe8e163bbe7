//! The way to Vault, from here. `vault.reachable` fails where nothing that speaks
//! HTTP answers at the address, `vault.tls` where its certificate cannot be trusted,
//! `vault.ready` where it is sealed or has no active node, `vault.version` where it
//! is too old for what the settings ask. One look at `sys/health`, without a token,
//! tells all four.

use super::{Scene, Verdict};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Cause, Fault, Transport};
use crate::settings::Settings;
use crate::shell;
use crate::vault::sys::is_too_old;

pub(super) async fn reachable(scene: &Scene) -> Verdict {
    let address = &scene.settings().vault.address;
    match &scene.health().await.result {
        Err(fault) if stage(fault) == Stage::Reaching => found(scene, fault),
        Ok(()) | Err(_) => Verdict::passed(format!("{address} answers")),
    }
}

pub(super) async fn tls(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    match &scene.health().await.result {
        Err(fault) if stage(fault) == Stage::Tls => found(scene, fault),
        Ok(()) | Err(_) => Verdict::passed(trusted_by(settings)),
    }
}

fn trusted_by(settings: &Settings) -> &'static str {
    let connection = &settings.vault.connection;
    let has_authority = connection.ca_cert.is_some()
        || connection.ca_cert_bytes.is_some()
        || connection.ca_path.is_some();
    if settings.vault.address.starts_with("http://") {
        "plain http: there is no certificate"
    } else if connection.skip_verify {
        "the settings have it not checked"
    } else if has_authority {
        "signed by the authority that the settings name"
    } else {
        "signed by an authority that this machine trusts"
    }
}

pub(super) async fn ready(scene: &Scene) -> Verdict {
    let health = scene.health().await;
    match &health.result {
        Ok(()) if health.seen.vault_told_health => {
            Verdict::passed("initialised, unsealed, with an active node")
        }
        Ok(()) => Verdict::skipped("Vault's health is hidden from here"),
        Err(fault) => found(scene, fault),
    }
}

pub(super) async fn version(scene: &Scene) -> Verdict {
    let Some(version) = &scene.health().await.seen.vault_version else {
        return Verdict::skipped("Vault hides its version");
    };
    let wanted = scene.settings().vault.sts;
    let findings = if wanted.is_some_and(|mode| is_too_old(mode, Some(version))) {
        vec![too_old(version)]
    } else {
        Vec::new()
    };
    Verdict::of(version.clone(), findings)
}

fn too_old(version: &str) -> Finding {
    Finding::certain(Code::VLT521)
        .because(format!(
            "Vault {version} cannot ask the STS of the client's region (vault.sts: client), which Vault can from 1.15 on."
        ))
        .fact("sys/health", "version", version)
        .remedy(
            Where::Here,
            "upgrade Vault, or name one region for all logins of the method",
            Some(shell::command([
                "vaultiam", "setup", "--only", "vault", "--sts", "regional",
            ])),
            None,
        )
}

fn found(scene: &Scene, fault: &Fault) -> Verdict {
    let seen = crate::login::Observations::default();
    Verdict::of(fault.message.clone(), scene.explained(fault, &seen))
}

/// How far the look came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Reaching,
    Tls,
    Ready,
}

fn stage(fault: &Fault) -> Stage {
    match &fault.cause {
        Cause::Transport(
            Transport::UnknownAuthority
            | Transport::WrongCertificateName
            | Transport::CertificateDates
            | Transport::ClientCertificateWanted
            | Transport::OtherTls,
        ) => Stage::Tls,
        Cause::Answered => Stage::Ready,
        _ => Stage::Reaching,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Side;
    use crate::trace::StepId;

    #[test]
    fn each_fault_belongs_to_one_of_the_three() {
        let of = |cause| Fault::new(StepId::Vault, Side::Network, "", "", cause, "");
        let cases = [
            (Cause::Transport(Transport::Refused), Stage::Reaching),
            (Cause::Transport(Transport::NotTls), Stage::Reaching),
            (Cause::Transport(Transport::NotVault), Stage::Reaching),
            (Cause::Transport(Transport::UnknownAuthority), Stage::Tls),
            (Cause::Transport(Transport::CertificateDates), Stage::Tls),
            (Cause::Answered, Stage::Ready),
        ];
        for (cause, expected) in cases {
            assert_eq!(stage(&of(cause.clone())), expected, "{cause:?}");
        }
    }
}
