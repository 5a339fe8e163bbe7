//! Signed for one region, and asked of the STS of another.

use super::case;
use crate::aws::classify::{SignatureProblem, signature_problem};
use crate::diagnose::asked::{Asked, asked, follow_client, region_of};
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
        (true, _) if is_own_doing || asked == Asked::OfClient => {
            Finding::likely(Code::SIG402, &[Code::SIG401])
        }
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

/// Vault's SDK knows no STS for the region that was signed for.
pub(super) fn unknown(evidence: &Evidence) -> Finding {
    let finding = facts(Finding::certain(Code::SIG412), evidence);
    let own = evidence.seen.signed_for.as_ref();
    let older = own.map_or("us-east-1", |(region, _)| older_region(region));
    finding.remedy(
        Where::Here,
        "check how the region is written; if it is right, sign for one that Vault's SDK knows (in Kong: aws_auth_region)",
        Some(case::login_again(&["--sts-region", older])),
        None,
    )
}

/// A region of the same partition that every SDK knows.
fn older_region(region: &str) -> &'static str {
    match crate::aws::identity::Partition::of_region(region).name {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        _ => "us-east-1",
    }
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
    let config = case::config_path(evidence);
    let is_private = wanted.is_none() && !is_global(evidence);
    let flags: &[&str] = match wanted {
        Some(region) if !(region == "us-east-1" && is_global(evidence)) => {
            &["--sts", "regional", "--sts-region", region]
        }
        None if is_private => &["--sts", "regional", "--sts-region", "$REGION"],
        // A region that is set goes before the one that the mode implies.
        _ if evidence.settings.vault.sts_region.is_some() => {
            &["--sts", "global", "--sts-region", "us-east-1"]
        }
        _ => &["--sts", "global"],
    };
    let text = if wanted.is_some() || is_private {
        "sign for the STS that Vault asks (in Kong: aws_auth_region)"
    } else {
        "sign for the STS that Vault asks: the global one unless its sts_endpoint names another (in Kong: aws_auth_region)"
    };
    let missing = evidence.looks.vault.client_config.missing("read", &config);
    let finding =
        finding
            .not_seen(missing)
            .remedy(Where::Here, text, Some(case::login_again(flags)), None);
    follow_client(finding, &evidence.settings.vault)
}

/// Vault has no endpoint of its own, so it asks the global one.
fn is_global(evidence: &Evidence) -> bool {
    let config = case::client_config(evidence);
    config.is_none_or(|(config, _)| case::text_of(config, "sts_endpoint").is_empty())
}
