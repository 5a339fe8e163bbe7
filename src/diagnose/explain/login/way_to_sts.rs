//! Vault did not reach an STS, or what it reached is none.

use super::case;
use crate::aws::identity::Partition;
use crate::diagnose::asked::{
    Asked, asked, follow_client_if_it_can, is_malformed, region_of, whole,
};
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::shell;
use crate::vault::login_refusal::StsTrouble;

/// What Vault dialled did not answer as STS does, or nobody did.
pub(super) fn unusable(trouble: &StsTrouble, evidence: &Evidence) -> Finding {
    match trouble {
        StsTrouble::NotSts => with_look(Finding::certain(Code::VLT621), None, evidence),
        StsTrouble::NoScheme { endpoint } => malformed_endpoint(endpoint.as_deref(), evidence),
        StsTrouble::Unreachable { url, reason } => {
            unreachable(url.as_deref(), reason, evidence)
        }
        // It is there, and its answers were all errors: which ones, Vault keeps.
        StsTrouble::OnlyErrors { url } => with_look(
            Finding::likely(Code::VLT620, &[Code::SIG414, Code::VLT621])
                .because("Each time that Vault asked STS it was answered with an error of the server (5xx), or asked for patience (429). Vault does not say which."),
            url.as_deref(),
            evidence,
        ),
    }
}

fn unreachable(url: Option<&str>, reason: &str, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT620);
    let finding = if reason.contains("proxyconnect") {
        finding
            .because("Vault's server is told to reach STS through a proxy, and does not reach that proxy.")
            .remedy(
                Where::Vault,
                "on Vault's server, see which proxy the environment of its service names, and correct it or take STS out of it (NO_PROXY)",
                Some("sudo cat /proc/$(pidof vault)/environ | tr '\\0' '\\n' | grep -i proxy".to_owned()),
                Some("root on Vault's server"),
            )
    } else if reason.starts_with("context ") {
        finding.because("Vault waited for STS until the time of a request was over (90 s): what it sends there is dropped on the way, without an answer.")
    } else {
        finding
    };
    with_look(finding.fact("vault", "dialling sts", reason), url, evidence)
}

/// The endpoint in Vault's configuration is no URL: `told` is what Vault quotes of
/// it.
pub(super) fn malformed_endpoint(told: Option<&str>, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let finding = Finding::certain(Code::VLT622);
    let in_config = case::client_config(evidence)
        .map(|(fields, rights)| (case::text_of(fields, "sts_endpoint"), rights))
        .filter(|(endpoint, _)| is_malformed(endpoint));
    let (finding, endpoint) = match (in_config, told) {
        (Some((endpoint, rights)), _) => {
            let fact = format!("{endpoint:?}");
            let finding = finding.fact_with(rights, &config, "sts_endpoint", fact);
            (finding, endpoint)
        }
        (None, Some(endpoint)) => (finding.fact("vault", "dialled", endpoint), endpoint),
        (None, None) => {
            return finding.remedy(
                Where::Vault,
                "see its sts_endpoint, and write it with https:// in front",
                Some(shell::command(["vault", "read", &config])),
                Some(&format!("read on {config}")),
            );
        }
    };
    let url = whole(endpoint);
    let mut fields = vec![format!("sts_endpoint={url}")];
    fields.extend(region_of(&url).map(|region| format!("sts_region={region}")));
    finding.remedy(
        Where::Vault,
        "write what is there as a whole URL, and its region beside it; this touches all logins of the mount",
        Some(case::write(&config, &fields)),
        Some(&format!("update on {config}")),
    )
}

/// Which STS that was, and how to see it from Vault's server. `dialled` is what
/// Vault itself names.
pub(super) fn with_look(finding: Finding, dialled: Option<&str>, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let (asked, rights) = asked(&evidence.looks.vault);
    let configured = match &asked {
        Asked::Endpoint { url, .. } => Some(url.clone()),
        Asked::OfClient => evidence.seen.signed_for.as_ref().map(|(region, _)| {
            format!("https://{}", Partition::of_region(region).sts_host(region))
        }),
        Asked::Fixed | Asked::Unknown => None,
    };
    let is_told = |fact: &str| finding.evidence.iter().any(|known| known.fact == fact);
    let finding = match &configured {
        Some(url) if !is_told("asks") => finding.fact_with(&rights, &config, "asks", url),
        _ => finding,
    };
    let url = dialled.map(str::to_owned).or(configured);
    let text = match &url {
        Some(_) => "on Vault's server, see what answers there",
        None => {
            "on Vault's server, see what answers there; where Vault has an sts_endpoint, ask that instead"
        }
    };
    let url = url.unwrap_or_else(|| "https://sts.amazonaws.com".to_owned());
    let finding = finding.remedy(
        Where::Vault,
        text,
        Some(look_at(&url)),
        Some("a shell on Vault's server"),
    );
    match asked {
        // An endpoint that is none of AWS's was written by somebody.
        Asked::Endpoint { region: None, .. } => follow_client_if_it_can(
            finding,
            &evidence.settings.vault,
            evidence.seen.vault_version.as_deref(),
        ),
        _ => finding,
    }
}

/// The command that shows what answers at a URL.
pub(super) fn look_at(url: &str) -> String {
    let url = format!("{}/", url.trim_end_matches('/'));
    shell::command(["curl", "-sSi", "-m", "10", &url])
}
