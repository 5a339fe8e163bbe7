//! Signed for one region, and asked of the STS of another.

use super::{case, way_to_sts};
use crate::aws::classify::{SignatureProblem, signature_problem};
use crate::aws::identity::Partition;
use crate::diagnose::asked::{
    Asked, ask_partition_of, ask_region, asked, follow_client_if_it_can, region_of,
};
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};

/// The finding for a signature that does not fit, if regions explain it. STS has
/// words of its own for that; where they cannot be read, what Vault asks decides.
pub(super) fn mismatch(message: &str, evidence: &Evidence) -> Option<Finding> {
    let problem = signature_problem(message);
    let is_said = problem == SignatureProblem::Region;
    let (asked, _) = asked(&evidence.looks.vault);
    let (signed, url) = evidence.seen.signed_for.as_ref()?;
    let wanted = asked.region();
    // The host that was signed is the one that Vault asks; the scope is not.
    let is_own_doing = region_of(url).is_some_and(|host| host != *signed);
    let finding = match (is_said, wanted) {
        // Another problem is said, so it is not this one.
        (false, _) if problem != SignatureProblem::Unread => return None,
        (_, Some(wanted)) if wanted != signed => {
            let code = if is_own_doing && region_of(url).as_deref() == Some(wanted) {
                Code::SIG402
            } else {
                Code::SIG401
            };
            Finding::certain(code).because(format!(
                "The request was signed for {signed}, and Vault asks the STS of {wanted}."
            ))
        }
        (true, _) if is_own_doing => Finding::likely(Code::SIG402, &[Code::SIG401]),
        (true, Some(_)) => return Some(led_elsewhere(signed, evidence)),
        (true, None) if asked == Asked::OfClient => return Some(led_elsewhere(signed, evidence)),
        (true, _) => Finding::certain(Code::SIG401),
        // What was signed for is what is asked.
        (false, Some(_)) => return None,
        (false, None) if asked == Asked::OfClient => return None,
        // STS gave us the very credentials: the secret key is right.
        (false, None) if evidence.seen.keys_accepted => {
            Finding::likely(Code::SIG401, &[Code::SIG402, Code::SIG405])
        }
        (false, None) => return None,
    };
    Some(remedies(facts(finding, evidence), wanted, evidence))
}

/// Vault asks the STS that was signed for, and that of another region answers.
fn led_elsewhere(signed: &str, evidence: &Evidence) -> Finding {
    let finding = Finding::likely(Code::VLT621, &[Code::SIG401]).because(format!(
        "Vault asks the STS of {signed}, which the request is signed for, and what answers takes signatures of another region: a name that leads elsewhere, or a proxy, stands between Vault and STS. Or its configuration was changed since."
    ));
    way_to_sts::with_look(facts(finding, evidence), None, evidence)
}

/// Vault's SDK knows no STS for the region that was signed for.
pub(super) fn unknown(evidence: &Evidence) -> Finding {
    let finding = facts(Finding::certain(Code::SIG412), evidence);
    let own = evidence.seen.signed_for.as_ref();
    let signed = own.map_or("us-east-1", |(region, _)| region.as_str());
    match older_region(signed) {
        Some(older) => finding.remedy(
            Where::Here,
            "check how the region is written; if it is right, sign for one that Vault's SDK knows (in Kong: aws_auth_region)",
            Some(case::login_again(&["--sts-region", older])),
            None,
        ),
        None => ask_region(
            finding,
            &evidence.settings.vault,
            signed,
            "name the region's STS for all logins of the mount: Vault's SDK knows no region of this partition",
        ),
    }
}

/// A region of the same partition that Vault's SDK knows, if it knows one.
fn older_region(region: &str) -> Option<&'static str> {
    let partition = Partition::of_region(region);
    (partition.name != "aws-eusc").then_some(partition.first_region)
}

/// What was signed for, and what Vault asks.
pub(super) fn facts(finding: Finding, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let mut finding = finding;
    if let Some((region, url)) = &evidence.seen.signed_for {
        finding = finding
            .fact("sign", "region", region)
            .fact("sign", "url", url);
    }
    if let Some(mode) = evidence.seen.sts_mode {
        finding = finding.fact("settings", "vault.sts", mode.name());
    }
    let (asked, rights) = asked(&evidence.looks.vault);
    match asked {
        Asked::OfClient => finding.fact_with(&rights, &config, "asks", "the region of the client"),
        Asked::Endpoint { url, .. } => finding.fact_with(&rights, &config, "asks", url),
        Asked::Fixed => finding.fact_with(
            &rights,
            &config,
            "asks",
            "the same STS, whatever was signed for",
        ),
        Asked::Unknown => finding,
    }
}

fn remedies(finding: Finding, wanted: Option<&str>, evidence: &Evidence) -> Finding {
    let Some((signed, url)) = &evidence.seen.signed_for else {
        return finding;
    };
    let own = case::partition(evidence);
    let own = own.unwrap_or_else(|| Partition::of_region(signed).name.to_owned());
    if let Some(wanted) = wanted {
        return with_wanted(finding, wanted, signed, &own, evidence);
    }
    let config = case::config_path(evidence);
    let missing = evidence.looks.vault.client_config.missing("read", &config);
    let finding = finding.not_seen(missing);
    let host = region_of(url).filter(|host| host != signed);
    let finding = match host {
        Some(host) => sign_for(
            finding,
            "sign for the region of the host that is signed (in Kong: aws_auth_region)",
            &["--sts", "regional", "--sts-region", &host],
        ),
        None if !is_global(evidence) => by_endpoint(finding),
        None if own != "aws" => by_endpoint(see_endpoint(
            finding,
            &format!(
                "see which STS Vault asks: without an sts_endpoint it is the global one, which knows no credentials of {own}"
            ),
            evidence,
        )),
        // So the global one, which wants us-east-1, is not what Vault asks.
        None if signed == "us-east-1" => by_endpoint(see_endpoint(
            finding,
            "see which STS Vault asks: it is not the global one, which takes us-east-1",
            evidence,
        )),
        None => see_endpoint(
            sign_for(
                finding,
                "sign for the STS that Vault asks: the global one unless its sts_endpoint names another (in Kong: aws_auth_region)",
                &globally(evidence),
            ),
            "see whether it names another",
            evidence,
        ),
    };
    follow(finding, signed, &own, evidence)
}

/// What Vault asks is known.
fn with_wanted(
    finding: Finding,
    wanted: &str,
    signed: &str,
    own: &str,
    evidence: &Evidence,
) -> Finding {
    let theirs = Partition::of_region(wanted).name;
    if theirs != own {
        let because = format!(
            "{} That is of the partition {theirs}, where nobody knows credentials of {own}: no other signature helps.",
            finding.cause
        );
        return follow(finding.because(because), signed, own, evidence);
    }
    let regional = ["--sts", "regional", "--sts-region", wanted];
    let is_global = wanted == "us-east-1" && is_global(evidence);
    let flags = if is_global {
        globally(evidence)
    } else {
        regional.to_vec()
    };
    let text = "sign for the STS that Vault asks (in Kong: aws_auth_region)";
    follow(sign_for(finding, text, &flags), signed, own, evidence)
}

fn sign_for(finding: Finding, text: &str, flags: &[&str]) -> Finding {
    finding.remedy(Where::Here, text, Some(case::login_again(flags)), None)
}

/// The flags that sign for the global STS.
fn globally(evidence: &Evidence) -> Vec<&'static str> {
    // A region that is set goes before the one that the mode implies.
    match evidence.settings.vault.sts_region {
        Some(_) => vec!["--sts", "global", "--sts-region", "us-east-1"],
        None => vec!["--sts", "global"],
    }
}

fn by_endpoint(finding: Finding) -> Finding {
    sign_for(
        finding,
        "sign for the region of Vault's sts_endpoint (in Kong: aws_auth_region)",
        &["--sts", "regional", "--sts-region", "$REGION"],
    )
}

fn see_endpoint(finding: Finding, text: &str, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    if case::client_config(evidence).is_some() {
        return finding;
    }
    finding.remedy(
        Where::Vault,
        text,
        Some(crate::shell::command(["vault", "read", &config])),
        Some(&format!("read on {config}")),
    )
}

/// Has Vault do as the client does, where it can. Outside the commercial partition
/// there may be no other way.
fn follow(finding: Finding, signed: &str, own: &str, evidence: &Evidence) -> Finding {
    let vault = &evidence.settings.vault;
    let version = evidence.seen.vault_version.as_deref();
    let is_at_home = Partition::of_region(signed).name == own;
    if own != "aws" && is_at_home {
        ask_partition_of(finding, vault, version, signed)
    } else {
        follow_client_if_it_can(finding, vault, version)
    }
}

/// Vault has no endpoint of its own, so it asks the global one.
fn is_global(evidence: &Evidence) -> bool {
    let config = case::client_config(evidence);
    config.is_none_or(|(config, _)| case::text_of(config, "sts_endpoint").is_empty())
}
