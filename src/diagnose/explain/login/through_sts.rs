//! STS refused the request that Vault forwarded.

use super::{case, region, way_to_sts};
use crate::aws::classify::{
    Denial, Layer, SignatureProblem, denial, query_error, signature_problem,
};
use crate::aws::identity::Partition;
use crate::diagnose::asked::{Asked, ask_partition_of, asked, follow_client_if_it_can, region_of};
use crate::diagnose::explain::{Evidence, signature};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::shell;
use crate::vault::login_refusal::LoginRefusal;

pub(super) fn explain(
    fault: &Fault,
    refusal: Option<&LoginRefusal>,
    evidence: &Evidence,
) -> Finding {
    let Some(error) = fault.upstream.as_deref().and_then(query_error) else {
        return match refusal {
            Some(LoginRefusal::StsUnusable(trouble)) => way_to_sts::unusable(trouble, evidence),
            Some(LoginRefusal::Malformed) => Finding::certain(Code::SIG413),
            _ => way_to_sts::with_look(
                Finding::likely(Code::VLT620, &[Code::VLT621, Code::VLT622]),
                None,
                evidence,
            ),
        };
    };
    match error.code.as_str() {
        "SignatureDoesNotMatch" | "RequestExpired" => refused_signature(&error.message, evidence),
        "ExpiredToken" | "ExpiredTokenException" => expired(evidence),
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
        "RegionDisabledException" => not_active(evidence),
        "MissingAuthenticationToken" => Finding::certain(Code::SIG413),
        "IncompleteSignature" => Finding::likely(Code::SIG413, &[Code::AWS109]),
        "AccessDenied" | "AccessDeniedException" => access_denied(&error.message),
        _ if has_server_error(&fault.message) => Finding::certain(Code::VLT620)
            .because("Vault reached STS, and STS answered with a fault of its own.")
            .fact("sts, through vault", "code", &error.code)
            .remedy(
                Where::Here,
                "wait some seconds and log in again; if it stays, AWS's health page says more",
                Some(case::login_again(&[])),
                None,
            ),
        _ => Finding::likely(Code::VLT631, &[Code::VLT621]).fact(
            "sts, through vault",
            "code",
            &error.code,
        ),
    }
}

/// `received error code 503 from STS`: a fault of STS's own, whatever its code.
fn has_server_error(words: &str) -> bool {
    let rest = words.split_once("error code ").map(|(_, rest)| rest);
    let status = rest.and_then(|rest| rest.split(' ').next());
    let status: Option<u16> = status.and_then(|status| status.parse().ok());
    status.is_some_and(|status| status >= 500)
}

/// The credentials passed their end between the signing and STS.
fn expired(evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::AWS105);
    // What STS gave in this run lives for a quarter of an hour at least.
    if evidence.seen.session.is_some() {
        return finding
            .because("STS gave the session in this run, and says to Vault that it is expired: the request came late, or it is not the one that was signed now.")
            .remedy(
                Where::Here,
                "log in again: the request is signed anew. If it happens again, something on the way to Vault keeps requests",
                Some(case::login_again(&[])),
                None,
            );
    }
    finding.remedy(
        Where::Here,
        "get new credentials, and log in while they hold",
        Some(case::login_again(&[])),
        None,
    )
}

/// STS is off in the region that Vault asked.
fn not_active(evidence: &Evidence) -> Finding {
    let finding = region::facts(Finding::certain(Code::AWS218), evidence);
    let (asked, _) = asked(&evidence.looks.vault);
    let signed = evidence.seen.signed_for.as_ref();
    let first = signed.map(|(region, _)| Partition::of_region(region).first_region);
    let finding = finding.remedy(
        Where::Aws,
        "have an administrator activate STS for the region, in the IAM console under account settings",
        None,
        None,
    );
    match (asked, first, signed) {
        (Asked::OfClient | Asked::Unknown, Some(first), Some((region, _))) if first != region => {
            finding.remedy(
                Where::Here,
                "or, where Vault asks the STS that was signed for, sign for a region that every account has (in Kong: aws_auth_region)",
                Some(case::login_again(&["--sts-region", first])),
                None,
            )
        }
        _ => finding,
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
        return changed_on_the_way(message, evidence);
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

/// The secret key is right, and neither region nor clock is it: the request that
/// came is not the one that was signed.
fn changed_on_the_way(message: &str, evidence: &Evidence) -> Finding {
    let signed = evidence.seen.signed_for.as_ref();
    let host = signed.and_then(|(_, url)| region_of(url));
    let scope = signed.map(|(region, _)| region);
    let is_read = signature_problem(message) == SignatureProblem::Mismatch;
    let finding = match (&host, scope) {
        (Some(host), Some(scope)) if host != scope => {
            Finding::likely(Code::SIG402, &[Code::SIG415])
        }
        _ if !is_read => Finding::likely(Code::SIG415, &[Code::SIG401, Code::SIG405]),
        (Some(_), _) => Finding::certain(Code::SIG415),
        (None, _) => Finding::likely(Code::SIG415, &[Code::SIG402]),
    };
    let url = signed.map_or("https://sts.amazonaws.com/", |(_, url)| url.as_str());
    let see = shell::command(["curl", "-sSv", "-m", "10", "-o", "/dev/null", url]);
    region::facts(finding, evidence)
        .remedy(
            Where::Vault,
            "on Vault's server, see who answers for STS: an issuer that is not Amazon's is a proxy that opens requests; let Vault past it (NO_PROXY of its service)",
            Some(format!("{see} 2>&1 | grep -i 'issuer:'")),
            Some("a shell on Vault's server"),
        )
        .remedy(
            Where::Here,
            "see whether something stands between here and Vault that changes requests, and log in past it",
            Some("env | grep -i proxy".to_owned()),
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
    let own = case::partition(evidence);
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
            return other_partition(own, theirs, &asked, evidence);
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
    let finding = match &asked {
        Asked::Endpoint { url, .. } => finding.fact_with(&rights, &config, "asks", url),
        _ => finding,
    };
    let signed = evidence.seen.signed_for.as_ref();
    match (finding.code, signed) {
        (Code::AWS218, Some((region, _))) if asked == Asked::OfClient => {
            let first = Partition::of_region(region).first_region;
            finding.remedy(
                Where::Here,
                "sign for a region that every account has (in Kong: aws_auth_region)",
                Some(case::login_again(&["--sts-region", first])),
                None,
            )
        }
        (Code::SIG411, _) => see_partition(finding, own.as_deref(), evidence),
        (Code::AWS106, _) => finding.remedy(
            Where::Here,
            "ask STS with the same credentials, without Vault: if that fails too, the key is not there or not active",
            Some("aws sts get-caller-identity".to_owned()),
            None,
        ),
        _ => finding,
    }
}

/// What Vault asks was not seen: it may be of another partition.
fn see_partition(finding: Finding, own: Option<&str>, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let missing = evidence.looks.vault.client_config.missing("read", &config);
    let finding = match own {
        Some(own) => finding.fact("sts", "partition", own),
        None => finding,
    };
    let finding = finding.not_seen(missing).remedy(
        Where::Vault,
        "see which STS Vault asks: without an sts_endpoint it is sts.amazonaws.com, of the partition aws",
        Some(shell::command(["vault", "read", &config])),
        Some(&format!("read on {config}")),
    );
    let vault = &evidence.settings.vault;
    let version = evidence.seen.vault_version.as_deref();
    match (&evidence.seen.region, own) {
        (Some(region), Some(own)) if Partition::of_region(region).name == own => {
            ask_partition_of(finding, vault, version, region)
        }
        _ => follow_client_if_it_can(finding, vault, version),
    }
}

/// Vault asks the STS of another partition than that of the credentials.
fn other_partition(own: &str, theirs: &str, asked: &Asked, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::SIG411)
        .because(format!(
            "The credentials are of the partition {own}, and Vault asks the STS of the partition {theirs}, where nobody knows them."
        ))
        .fact("sts", "partition", own);
    let signed = evidence.seen.signed_for.as_ref();
    let is_own_doing = signed.is_some_and(|(region, _)| {
        *asked == Asked::OfClient || Partition::of_region(region).name != own
    });
    let region = evidence.seen.region.as_deref();
    let region = region.filter(|region| Partition::of_region(region).name == own);
    let vault = &evidence.settings.vault;
    let version = evidence.seen.vault_version.as_deref();
    match region {
        Some(region) if is_own_doing => finding.remedy(
            Where::Here,
            "sign for a region of the partition that the credentials are of",
            Some(case::login_again(&["--sts-region", region])),
            None,
        ),
        Some(region) => ask_partition_of(finding, vault, version, region),
        None => follow_client_if_it_can(finding, vault, version),
    }
}
