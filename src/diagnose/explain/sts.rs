//! STS refused us: `GetCallerIdentity` or `AssumeRole`.

mod denied;

use super::{Evidence, credentials, signature, web_identity};
use crate::aws::classify::{SignatureProblem, denied_caller, signature_problem};
use crate::aws::credentials::Provider;
use crate::aws::identity::PrincipalArn;
use crate::diagnose::{Code, Finding, Looks, Where};
use crate::fault::Fault;
use crate::shell;

pub(super) fn explain(fault: &Fault, evidence: &Evidence) -> Vec<Finding> {
    let findings = match fault.code.as_deref() {
        Some("AccessDenied" | "AccessDeniedException") if !is_about_web_identity(fault) => {
            denied::explain(fault, evidence)
        }
        _ => vec![refused(fault, evidence)],
    };
    let findings = findings.into_iter();
    findings
        .map(|finding| said(finding, fault, evidence))
        .collect()
}

/// The same for an answer that has one meaning, as IAM's to an operator has.
pub(super) fn explain_one(fault: &Fault, evidence: &Evidence) -> Finding {
    said(refused(fault, evidence), fault, evidence)
}

/// Adds what the service said, and to whom.
fn said(finding: Finding, fault: &Fault, evidence: &Evidence) -> Finding {
    let mut finding = finding.fact("sts", "said", &fault.message);
    if let Some(code) = &fault.code {
        finding = finding.fact("sts", "code", code);
    }
    let caller = denied_caller(&fault.message).or(evidence.seen.caller.as_deref());
    let is_told = finding.evidence.iter().any(|fact| fact.fact == "caller");
    match caller {
        Some(caller) if !is_told => finding.fact("sts", "caller", caller),
        _ => finding,
    }
}

fn is_about_web_identity(fault: &Fault) -> bool {
    fault.operation == "sts:AssumeRoleWithWebIdentity"
}

fn refused(fault: &Fault, evidence: &Evidence) -> Finding {
    match fault.code.as_deref() {
        Some(code) if fault.operation == "sts:AssumeRoleWithWebIdentity" && web_identity::is_about_token(code) => {
            web_identity::explain(code, fault, evidence)
        }
        Some("ExpiredToken" | "ExpiredTokenException") => Finding::certain(Code::AWS105).remedy(
            Where::Here,
            "get new credentials: log in again where they came from, or let the instance's role give them",
            None,
            None,
        ),
        Some("InvalidClientTokenId" | "UnrecognizedClientException") => {
            unknown_key(evidence)
        }
        Some("SignatureDoesNotMatch" | "RequestExpired") => bad_signature(fault, evidence),
        Some("IncompleteSignature") => Finding::certain(Code::AWS109),
        Some("ValidationError") => validation(fault),
        Some("MalformedPolicyDocument" | "PackedPolicyTooLarge") => Finding::certain(Code::AWS220),
        Some("RegionDisabledException") => enable_region(Finding::certain(Code::AWS218), evidence),
        Some("Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException") => {
            Finding::certain(Code::AWS217).remedy(
                Where::Here,
                "wait some seconds, then try again; spread jobs that start at the same minute",
                None,
                None,
            )
        }
        _ => Finding::likely(Code::AWS215, &[]),
    }
}

fn bad_signature(fault: &Fault, evidence: &Evidence) -> Finding {
    if let Some(finding) = signature::clock(&fault.message, evidence) {
        return finding;
    }
    if signature_problem(&fault.message) == SignatureProblem::Region {
        return Finding::certain(Code::SIG402).remedy(
            Where::Here,
            "let the endpoint be chosen by the region: unset AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_STS, or set AWS_REGION to the endpoint's region",
            None,
            None,
        );
    }
    wrong_secret(evidence)
}

/// The key id is known, and what was signed with the secret key does not fit.
fn wrong_secret(evidence: &Evidence) -> Finding {
    let finding = Finding::likely(Code::AWS108, &[Code::AWS109, Code::SIG402]);
    let finding = match &evidence.seen.secret_key_oddity {
        Some(oddity) => finding.fact("credentials", "secret key", oddity),
        None => finding,
    };
    let finding = match evidence.seen.provider {
        Some(Provider::Profile) => finding.remedy(
            Where::Here,
            "enter the pair of keys again; the command asks for both",
            Some(shell::command([
                "aws",
                "configure",
                "--profile",
                credentials::profile(evidence),
            ])),
            None,
        ),
        Some(Provider::Environment) => finding
            .remedy(
                Where::Here,
                "set AWS_SECRET_ACCESS_KEY again, from where the pair was given out: key id, secret key and session token belong together",
                None,
                None,
            )
            .remedy(
                Where::Here,
                "or, where the instance or the pod has a role, take the keys out of the environment",
                Some("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN".to_owned()),
                None,
            ),
        _ => finding.remedy(
            Where::Here,
            "get the credentials anew from where they come",
            None,
            None,
        ),
    };
    finding.remedy(
        Where::Here,
        "if the keys are right, see whether a proxy on the way to AWS changes requests",
        Some("env | grep -io '^[a-z_]*proxy[a-z_]*'".to_owned()),
        None,
    )
}

/// The region is not one of this account's.
fn enable_region(finding: Finding, evidence: &Evidence) -> Finding {
    let region = evidence.seen.region.as_ref();
    let enable = |region: &String| {
        shell::command(["aws", "account", "enable-region", "--region-name", region])
    };
    finding.remedy(
        Where::Aws,
        "enable the region for this account, or work in one that is enabled",
        region.map(enable),
        Some("account:EnableRegion"),
    )
}

/// The key is unknown, or unknown in this region only.
fn unknown_key(evidence: &Evidence) -> Finding {
    let look = &evidence.looks.aws.keys_elsewhere;
    let finding = match look.seen_with() {
        Some((elsewhere, with)) if elsewhere.accepted => Finding::certain(Code::AWS218).fact_with(
            with,
            "sts:GetCallerIdentity",
            &elsewhere.region,
            "takes the same keys",
        ),
        Some((elsewhere, with)) => Finding::likely(Code::AWS106, &[Code::SIG411]).fact_with(
            with,
            "sts:GetCallerIdentity",
            &elsewhere.region,
            "refuses the same keys",
        ),
        None => Finding::likely(Code::AWS106, &[Code::AWS218, Code::SIG411])
            .not_seen(look.missing("sts:GetCallerIdentity in another region", "the same keys")),
    };
    match finding.code {
        Code::AWS218 => enable_region(finding, evidence),
        _ => finding.remedy(
            Where::Here,
            "see whether the key is there and active; a key of another partition (GovCloud, China) is unknown here too",
            None,
            None,
        ),
    }
}

/// STS names the parameter that it refuses.
fn validation(fault: &Fault) -> Finding {
    let words = &fault.message;
    if words.contains("role chaining") {
        Finding::certain(Code::AWS213)
    } else if words.contains("MaxSessionDuration") {
        Finding::certain(Code::AWS212)
    } else if words.contains("'roleArn'") || words.contains(&format!("{} is invalid", fault.target))
    {
        Finding::certain(Code::AWS210)
    } else if words.contains("'roleSessionName'") || words.contains("'externalId'") {
        Finding::certain(Code::AWS214)
    } else {
        Finding::likely(Code::AWS214, &[Code::AWS210, Code::AWS212])
    }
}

pub(super) fn show_trust(finding: Finding, role: &str, looks: &Looks) -> Finding {
    let name = PrincipalArn::parse(role).and_then(|arn| arn.role_name().map(str::to_owned));
    let command = name.map(|name| {
        shell::command([
            "aws",
            "iam",
            "get-role",
            "--role-name",
            &name,
            "--query",
            "Role.[Arn,AssumeRolePolicyDocument]",
        ])
    });
    let missing = looks.aws.login_role.missing("iam:GetRole", role);
    finding.not_seen(missing).remedy(
        Where::Aws,
        "see whether the role exists and whom its trust policy names",
        command,
        Some("iam:GetRole"),
    )
}

#[cfg(test)]
mod tests;
