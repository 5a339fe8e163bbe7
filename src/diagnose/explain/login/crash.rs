//! Vault's method fell over, and what it falls over.

use super::{case, way_to_sts};
use crate::diagnose::asked::is_malformed;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::shell;

/// The method is known to have fallen over, or its version is one that does.
pub(in crate::diagnose::explain) fn crashed(evidence: &Evidence) -> Finding {
    by_configuration(evidence).unwrap_or_else(|| {
        never_written(
            Finding::likely(Code::VLT628, &[Code::VLT519, Code::VLT622]),
            evidence,
        )
    })
}

/// The connection was closed without an answer.
pub(in crate::diagnose::explain) fn cut_off(evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    by_configuration(evidence).unwrap_or_else(|| {
        Finding::likely(Code::VLT519, &[Code::VLT622, Code::VLT628, Code::VLT510])
            .not_seen(evidence.looks.vault.client_config.missing("read", &config))
    })
}

/// Vault took the login, and its answer holds no token. So did a version whose method
/// fell over.
pub(in crate::diagnose::explain) fn without_token(evidence: &Evidence) -> Finding {
    if is_crashing_version(evidence) {
        return crashed(evidence);
    }
    Finding::likely(Code::VLT519, &[Code::VLT628, Code::VLT510]).because(
        "Vault's answer is a success and holds no token. Vault 1.15.0 answers so where its method fell over; this version is not known for it. Vault's own log has the reason.",
    )
}

/// What the configuration shows: a method falls over where it was never written,
/// and where the endpoint is no URL. `None` where it was not seen.
fn by_configuration(evidence: &Evidence) -> Option<Finding> {
    match evidence.looks.vault.client_config.seen_with()? {
        (None, rights) => {
            let config = case::config_path(evidence);
            let finding = match release(evidence) {
                Release::Crashing => Finding::certain(Code::VLT628),
                Release::Sound => Finding::likely(Code::VLT519, &[Code::VLT628]),
                // OpenBao's plugin has a version of its own, which nobody tells.
                Release::Other => Finding::likely(Code::VLT628, &[Code::VLT519]),
            };
            Some(never_written(finding, evidence).fact_with(rights, &config, "is", "not written"))
        }
        (Some(fields), _) if is_malformed(case::text_of(fields, "sts_endpoint")) => {
            Some(way_to_sts::malformed_endpoint(None, evidence))
        }
        (Some(_), _) => Some(
            Finding::likely(Code::VLT519, &[Code::VLT510])
                .because("The method fell over during this login, and its configuration shows nothing that it is known to fall over. Vault's own log has the reason."),
        ),
    }
}

/// Whether a release of Vault falls over where its configuration was never
/// written.
#[derive(PartialEq, Eq)]
enum Release {
    Crashing,
    Sound,
    Other,
}

fn release(evidence: &Evidence) -> Release {
    let version = evidence.seen.vault_version.as_deref().unwrap_or_default();
    match version.split(['+', '-']).next() {
        Some("1.15.0") => Release::Crashing,
        Some(version) if version.starts_with("1.") => Release::Sound,
        _ => Release::Other,
    }
}

/// Tells whether this version falls over where its configuration was never
/// written, and drops the connection.
pub(in crate::diagnose::explain) fn is_crashing_version(evidence: &Evidence) -> bool {
    release(evidence) == Release::Crashing
}

fn never_written(finding: Finding, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let looks = &evidence.looks.vault.client_config;
    let finding = match looks.missing("read", &config) {
        None => finding,
        missing => finding.not_seen(missing).remedy(
            Where::Vault,
            "see whether it was ever written",
            Some(shell::command(["vault", "read", &config])),
            Some(&format!("read on {config}")),
        ),
    };
    let text = if looks.is_absent() {
        "write it"
    } else {
        "if not, write it"
    };
    finding
        .remedy(
            Where::Here,
            text,
            Some("vaultiam setup --only vault".to_owned()),
            None,
        )
        .remedy(
            Where::Vault,
            "or by hand",
            Some(case::write_config(
                evidence,
                &["use_sts_region_from_client=true"],
            )),
            Some(&format!("create on {config}")),
        )
}
