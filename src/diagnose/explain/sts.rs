//! STS refused us: `GetCallerIdentity` or `AssumeRole`.

use super::{Evidence, credentials, signature, web_identity};
use crate::aws::classify::{Denial, Layer, denial, denied_caller};
use crate::aws::identity::PrincipalArn;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::shell;
use crate::trace::StepId;

pub(super) fn explain(fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = match fault.code.as_deref() {
        Some(code) if fault.operation == "sts:AssumeRoleWithWebIdentity" && web_identity::is_about_token(code) => {
            web_identity::explain(code, fault, evidence)
        }
        Some("AccessDenied" | "AccessDeniedException") => access_denied(fault, evidence),
        Some("ExpiredToken" | "ExpiredTokenException") => Finding::certain(Code::AWS105).remedy(
            Where::Here,
            "get new credentials: log in again where they came from, or let the instance's role give them",
            None,
            None,
        ),
        Some("InvalidClientTokenId" | "UnrecognizedClientException") => {
            Finding::likely(Code::AWS106, &[Code::AWS218, Code::SIG411])
                .would_decide("sts:GetCallerIdentity in us-east-1", "the same keys")
        }
        Some("SignatureDoesNotMatch" | "RequestExpired") => bad_signature(fault, evidence),
        Some("IncompleteSignature") => Finding::certain(Code::AWS109),
        Some("ValidationError") => validation(fault),
        Some("MalformedPolicyDocument" | "PackedPolicyTooLarge") => Finding::certain(Code::AWS220),
        Some("RegionDisabledException") => Finding::certain(Code::AWS218),
        Some("Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException") => {
            Finding::certain(Code::AWS217)
        }
        _ => Finding::likely(Code::AWS215, &[]),
    };
    let mut finding = finding.fact("sts", "said", &fault.message);
    if let Some(code) = &fault.code {
        finding = finding.fact("sts", "code", code);
    }
    if let Some(caller) = denied_caller(&fault.message).or(evidence.seen.caller.as_deref()) {
        finding = finding.fact("sts", "caller", caller);
    }
    finding
}

fn bad_signature(fault: &Fault, evidence: &Evidence) -> Finding {
    if let Some(finding) = signature::clock(&fault.message, evidence) {
        return finding;
    }
    if fault.message.contains("scoped to a valid region") {
        return Finding::certain(Code::SIG402).remedy(
            Where::Here,
            "let the endpoint be chosen by the region: unset AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_STS, or set AWS_REGION to the endpoint's region",
            None,
            None,
        );
    }
    Finding::likely(Code::AWS108, &[Code::AWS109, Code::SIG402])
}

fn validation(fault: &Fault) -> Finding {
    if fault.message.contains("role chaining") {
        Finding::certain(Code::AWS213)
    } else if fault.message.contains("MaxSessionDuration") {
        Finding::certain(Code::AWS212)
    } else if fault.message.contains("roleArn") || fault.message.contains("is invalid") {
        Finding::likely(Code::AWS210, &[Code::AWS214])
    } else {
        Finding::likely(Code::AWS214, &[Code::AWS210])
    }
}

/// AWS names the layer of policies that refused, or nothing at all.
fn access_denied(fault: &Fault, evidence: &Evidence) -> Finding {
    let role = &fault.target;
    let caller = denied_caller(&fault.message)
        .or(evidence.seen.caller.as_deref())
        .map(str::to_owned);
    let parsed = caller.as_deref().and_then(PrincipalArn::parse);
    if parsed
        .as_ref()
        .is_some_and(|arn| arn.kind == crate::aws::identity::PrincipalKind::Root)
    {
        return Finding::certain(Code::AWS115);
    }
    let profile = evidence.seen.profile.as_ref();
    if fault.step == StepId::Credentials
        && let Some(device) = profile.and_then(|profile| profile.mfa_serial.as_ref())
    {
        return without_code(device, evidence);
    }
    if is_itself(parsed.as_ref(), role) {
        return Finding::likely(Code::AWS211, &[Code::AWS206, Code::AWS202, Code::AWS219]).remedy(
            Where::Here,
            "the caller already is that role: log in without assuming it",
            Some("vaultiam login --no-assume --explain".to_owned()),
            None,
        );
    }
    match denial(&fault.message) {
        Denial::NotAllowedBy(Layer::Identity | Layer::Session) => {
            allow_assume(Finding::certain(Code::AWS206), role, parsed.as_ref())
        }
        Denial::NotAllowedBy(Layer::Resource) => show_trust(
            Finding::likely(Code::AWS202, &[Code::AWS203, Code::AWS204, Code::AWS205]),
            role,
        ),
        Denial::NotAllowedBy(Layer::Boundary) => Finding::certain(Code::AWS208),
        Denial::NotAllowedBy(Layer::ServiceControl) | Denial::DeniedBy(Layer::ServiceControl) => {
            Finding::certain(Code::AWS209)
        }
        Denial::NotAllowedBy(Layer::ResourceControl) | Denial::DeniedBy(Layer::ResourceControl) => {
            Finding::certain(Code::AWS223)
        }
        Denial::NotAllowedBy(Layer::VpcEndpoint) | Denial::DeniedBy(Layer::VpcEndpoint) => {
            Finding::certain(Code::AWS224)
        }
        Denial::DeniedBy(_) => Finding::certain(Code::AWS207),
        Denial::Unexplained => show_trust(
            Finding::likely(
                Code::AWS219,
                &[
                    Code::AWS201,
                    Code::AWS202,
                    Code::AWS203,
                    Code::AWS206,
                    Code::AWS221,
                    Code::AWS204,
                    Code::AWS205,
                    Code::AWS209,
                ],
            ),
            role,
        ),
    }
}

/// The profile's role was refused, and the profile names an MFA device.
fn without_code(device: &str, evidence: &Evidence) -> Finding {
    let name = credentials::profile(evidence);
    let export = ["aws", "configure", "export-credentials", "--profile", name];
    let export = shell::command([&export[..], &["--format", "env"]].concat());
    Finding::likely(Code::AWS204, &[Code::AWS202, Code::AWS206, Code::AWS219])
        .because(format!(
            "The profile '{name}' names an MFA device (mfa_serial). This program asks for no code and sends none, so a role that wants one refuses."
        ))
        .fact("profile", "mfa_serial", device)
        .remedy(
            Where::Here,
            "have the aws command ask for the code, and use what it gives instead of the profile",
            Some(format!("eval \"$({export})\" && unset AWS_PROFILE")),
            None,
        )
}

/// Tells whether the caller is a session of the very role it wants to assume.
fn is_itself(caller: Option<&PrincipalArn>, role: &str) -> bool {
    let (Some(caller), Some(role)) = (caller, PrincipalArn::parse(role)) else {
        return false;
    };
    caller.role_name().is_some()
        && caller.role_name() == role.role_name()
        && caller.account == role.account
}

fn allow_assume(finding: Finding, role: &str, caller: Option<&PrincipalArn>) -> Finding {
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{role}"}}]}}"#
    );
    let command = caller.and_then(|caller| caller.role_name()).map(|name| {
        shell::command([
            "aws",
            "iam",
            "put-role-policy",
            "--role-name",
            name,
            "--policy-name",
            "vaultiam",
            "--policy-document",
            &document,
        ])
    });
    finding.remedy(
        Where::Aws,
        "allow the caller to assume this role",
        command,
        Some("iam:PutRolePolicy on the caller's role"),
    )
}

pub(super) fn show_trust(finding: Finding, role: &str) -> Finding {
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
    finding.would_decide("iam:GetRole", role).remedy(
        Where::Aws,
        "see whether the role exists and whom its trust policy names",
        command,
        Some("iam:GetRole"),
    )
}
