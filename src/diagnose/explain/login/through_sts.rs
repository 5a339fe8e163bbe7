//! STS refused the request that Vault forwarded, or Vault did not reach an STS.

use super::{case, region};
use crate::aws::classify::{Denial, Layer, denial, query_error};
use crate::aws::identity::{Partition, PrincipalArn};
use crate::diagnose::asked::{Asked, asked, follow_client, is_malformed, region_of};
use crate::diagnose::explain::{Evidence, signature};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::shell;
use crate::vault::login_refusal::{LoginRefusal, StsTrouble};

pub(super) fn explain(
    fault: &Fault,
    refusal: Option<&LoginRefusal>,
    evidence: &Evidence,
) -> Finding {
    let Some(error) = fault.upstream.as_deref().and_then(query_error) else {
        return match refusal {
            Some(LoginRefusal::StsUnusable(trouble)) => unusable(trouble, evidence),
            Some(LoginRefusal::Malformed) => Finding::certain(Code::SIG413),
            _ => reached(
                Finding::likely(Code::VLT620, &[Code::VLT621, Code::VLT622]),
                evidence,
            ),
        };
    };
    match error.code.as_str() {
        "SignatureDoesNotMatch" | "RequestExpired" => refused_signature(&error.message, evidence),
        "ExpiredToken" | "ExpiredTokenException" => Finding::certain(Code::AWS105).remedy(
            Where::Here,
            "get new credentials, and log in while they hold",
            Some(case::login_again(&[])),
            None,
        ),
        "InvalidClientTokenId" | "UnrecognizedClientException" => unknown_key(evidence),
        "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException" => Finding::certain(Code::SIG414).remedy(
            Where::Here,
            "wait some seconds and log in again",
            Some(case::login_again(&[])),
            None,
        ),
        "RegionDisabledException" => Finding::certain(Code::AWS218),
        "MissingAuthenticationToken" => Finding::certain(Code::SIG413),
        "IncompleteSignature" => Finding::likely(Code::SIG413, &[Code::AWS109]),
        "AccessDenied" | "AccessDeniedException" => access_denied(&error.message),
        _ => Finding::likely(Code::VLT631, &[Code::VLT621]).fact(
            "sts, through vault",
            "code",
            &error.code,
        ),
    }
}

/// GetCallerIdentity takes no permission: a policy in between refuses it.
fn access_denied(message: &str) -> Finding {
    match denial(message) {
        Denial::NotAllowedBy(Layer::VpcEndpoint) | Denial::DeniedBy(Layer::VpcEndpoint) => {
            Finding::certain(Code::AWS224)
        }
        Denial::NotAllowedBy(Layer::ServiceControl) | Denial::DeniedBy(Layer::ServiceControl) => {
            Finding::certain(Code::AWS209)
        }
        Denial::NotAllowedBy(Layer::ResourceControl) | Denial::DeniedBy(Layer::ResourceControl) => {
            Finding::certain(Code::AWS223)
        }
        _ => Finding::likely(Code::AWS224, &[Code::AWS209, Code::AWS223]),
    }
}

/// STS says that the signature does not fit.
fn refused_signature(message: &str, evidence: &Evidence) -> Finding {
    if let Some(finding) = signature::clock(message, evidence) {
        return finding;
    }
    if let Some(finding) = region::mismatch(message, evidence) {
        return finding;
    }
    if is_secret_right(evidence) {
        // The secret key is right, and the region is not it: the request that
        // came is not the one that was signed.
        return Finding::likely(Code::SIG402, &[Code::SIG401, Code::SIG405, Code::SIG406]);
    }
    let finding = Finding::likely(Code::SIG406, &[Code::SIG402, Code::SIG401]);
    region::facts(finding, evidence)
        .not_seen(
            evidence
                .looks
                .aws
                .signer
                .missing("sts:GetCallerIdentity", "the same credentials"),
        )
        .remedy(
            Where::Here,
            "ask STS with the same credentials, without Vault: if that fails too, the secret key is wrong",
            Some("aws sts get-caller-identity".to_owned()),
            None,
        )
}

/// STS took the credentials that signed, without Vault in between.
fn is_secret_right(evidence: &Evidence) -> bool {
    evidence.looks.aws.signer.seen().is_some() || evidence.seen.keys_accepted
}

/// STS does not know the key. Where our own STS knows it, Vault asks another one.
fn unknown_key(evidence: &Evidence) -> Finding {
    let (asked, rights) = asked(&evidence.looks.vault);
    let own = partition_of_keys(evidence);
    let theirs = match &asked {
        Asked::OfClient => evidence
            .seen
            .signed_for
            .as_ref()
            .map(|(region, _)| region.as_str()),
        Asked::Endpoint { .. } => asked.region(),
        Asked::Fixed | Asked::Unknown => None,
    }
    .map(|region| Partition::of_region(region).name);
    let config = case::config_path(evidence);
    let finding = match (own.as_deref(), theirs) {
        (Some(own), Some(theirs)) if own != theirs => {
            let finding = Finding::certain(Code::SIG411).because(format!(
                "The credentials are of the partition {own}, and Vault asks the STS of the partition {theirs}, where nobody knows them."
            ));
            let finding = finding.fact("sts", "partition", own);
            let signed = evidence.seen.signed_for.as_ref();
            let is_own_doing = signed.is_some_and(|(region, _)| {
                asked == Asked::OfClient || Partition::of_region(region).name != own
            });
            return match &evidence.seen.region {
                Some(region) if is_own_doing && Partition::of_region(region).name == own => finding
                    .remedy(
                        Where::Here,
                        "sign for a region of the partition that the credentials are of",
                        Some(case::login_again(&["--sts-region", region])),
                        None,
                    ),
                _ => follow_client(finding, &evidence.settings.vault),
            };
        }
        // Known to the STS that we asked, and in the same partition.
        (Some(_), Some(_)) if is_secret_right(evidence) => {
            Finding::likely(Code::AWS218, &[Code::AWS106])
        }
        (Some(_), Some(_)) => Finding::likely(Code::AWS106, &[Code::AWS218]),
        _ if is_secret_right(evidence) => {
            Finding::likely(Code::SIG411, &[Code::AWS218, Code::AWS106])
        }
        _ => Finding::likely(Code::AWS106, &[Code::SIG411, Code::AWS218]),
    };
    let missing = evidence.looks.vault.client_config.missing("read", &config);
    match &asked {
        Asked::Endpoint { url, .. } => finding.fact_with(&rights, &config, "asks", url),
        _ => finding.not_seen(missing),
    }
}

/// The partition of the credentials, by the ARN that STS gave us for them.
fn partition_of_keys(evidence: &Evidence) -> Option<String> {
    let seen = &evidence.seen;
    let arn = evidence.looks.aws.signer.seen().map(|signer| &signer.arn);
    let arn = arn.or(seen.session.as_ref()).or(seen.caller.as_ref())?;
    Some(PrincipalArn::parse(arn)?.partition)
}

/// What Vault dialled did not answer as STS does, or nobody did.
fn unusable(trouble: &StsTrouble, evidence: &Evidence) -> Finding {
    let finding = match trouble {
        StsTrouble::NotSts => Finding::certain(Code::VLT621),
        StsTrouble::NoScheme => return malformed_endpoint(evidence),
        StsTrouble::Unreachable(reason) => {
            Finding::certain(Code::VLT620).fact("vault", "dialling sts", reason)
        }
        // It is there, and its answers were all errors: which ones, Vault keeps.
        StsTrouble::OnlyErrors => Finding::likely(Code::VLT620, &[Code::SIG414, Code::VLT621])
            .because("Each time that Vault asked STS it was answered with an error of the server (5xx), or asked for patience (429). Vault does not say which."),
    };
    reached(finding, evidence)
}

/// The endpoint in Vault's configuration is no URL.
pub(super) fn malformed_endpoint(evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let finding = Finding::certain(Code::VLT622);
    let (region, finding) = match case::client_config(evidence) {
        Some((fields, rights)) => {
            let endpoint = case::text_of(fields, "sts_endpoint");
            let whole = format!("https://{}", endpoint.trim());
            let fact = format!("{endpoint:?}");
            (
                region_of(&whole).filter(|_| is_malformed(endpoint)),
                finding.fact_with(rights, &config, "sts_endpoint", fact),
            )
        }
        None => (None, finding),
    };
    let region = region.or_else(|| evidence.seen.region.clone());
    let region = region.unwrap_or_else(|| "us-east-1".to_owned());
    let host = Partition::of_region(&region).sts_host(&region);
    let fields = [
        format!("sts_endpoint=https://{host}"),
        format!("sts_region={region}"),
    ];
    finding.remedy(
        Where::Vault,
        "write it whole, with its region; this touches all logins of the mount",
        Some(case::write(&config, &fields)),
        Some(&format!("update on {config}")),
    )
}

/// Which STS that was, and how to see it from Vault's server.
fn reached(finding: Finding, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let (asked, rights) = asked(&evidence.looks.vault);
    let url = match &asked {
        Asked::Endpoint { url, .. } => Some(url.clone()),
        Asked::OfClient => evidence.seen.signed_for.as_ref().map(|(region, _)| {
            format!("https://{}", Partition::of_region(region).sts_host(region))
        }),
        Asked::Fixed | Asked::Unknown => None,
    };
    let finding = match &url {
        Some(url) => finding.fact_with(&rights, &config, "asks", url),
        None => finding,
    };
    let url = url.unwrap_or_else(|| "https://sts.amazonaws.com".to_owned());
    let finding = finding.remedy(
        Where::Vault,
        "on Vault's server, see what answers there",
        Some(shell::command([
            "curl",
            "-sSi",
            "-m",
            "10",
            &format!("{}/", url.trim_end_matches('/')),
        ])),
        Some("a shell on Vault's server"),
    );
    match asked {
        // An endpoint that is none of AWS's was written by somebody.
        Asked::Endpoint { region: None, .. } => follow_client(finding, &evidence.settings.vault),
        _ => finding,
    }
}
