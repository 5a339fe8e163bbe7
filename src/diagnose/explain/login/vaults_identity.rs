//! Vault's server has no identity of its own that AWS accepts.

use super::case;
use crate::aws::classify::{SignatureProblem, signature_problem};
use crate::aws::identity::bare_name;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::shell;

/// Tells whether a code says that there are no credentials, or that AWS does not
/// know them.
pub(super) fn is_about_credentials(code: &str) -> bool {
    matches!(
        code,
        "NoCredentialProviders"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "AuthFailure"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "WebIdentityErr"
            | "EC2RoleRequestError"
            | "CredentialsEndpointError"
    )
}

/// What AWS, or its SDK, says of Vault's own credentials.
pub(super) fn refused(code: &str, said: &str, evidence: &Evidence) -> Finding {
    if said.contains("WebIdentity") {
        return of_web_identity();
    }
    if !is_about_credentials(code) && !matches!(code, "AccessDenied" | "AccessDeniedException") {
        return Finding::likely(Code::VLT614, &[Code::VLT620, Code::VLT621]).because(
            "Vault's server could not find out who it is itself, which it asks STS first.",
        );
    }
    let cause = match code {
        "NoCredentialProviders" => {
            "Vault's server has no AWS credentials: no keys in config/client, none from its instance."
        }
        "EC2RoleRequestError" => {
            "Vault's server asks its instance for credentials, and the instance has none: it has no instance profile, or its metadata service cannot be reached."
        }
        "CredentialsEndpointError" => {
            "Vault's server asks its container's endpoint for credentials, and gets none."
        }
        "AccessDenied" | "AccessDeniedException" => {
            "AWS does not let Vault's server find out who it is itself: a role that its own credentials are to be taken from refuses it, or a policy between."
        }
        _ => "AWS does not accept the credentials that Vault's server has.",
    };
    missing(cause, evidence)
}

/// The pod of Vault's server shows a token, and STS gives nothing for it.
fn of_web_identity() -> Finding {
    Finding::certain(Code::VLT614)
        .because("Vault's server is to get its own AWS credentials for the token of its service account (IRSA), and STS refuses: the trust policy of Vault's role does not name that account or the token's audience, or AWS does not know the cluster's issuer.")
        .remedy(
            Where::Vault,
            "in the pod of Vault's server, see which role that is",
            Some("env | grep -e AWS_ROLE_ARN -e AWS_WEB_IDENTITY_TOKEN_FILE".to_owned()),
            Some("a shell in Vault's pod"),
        )
        .remedy(
            Where::Aws,
            "then compare its trust policy with the service account of Vault's pod: issuer, sub and aud",
            Some("aws iam get-role --role-name $ROLE --query Role.AssumeRolePolicyDocument".to_owned()),
            Some("iam:GetRole"),
        )
}

/// STS is off in the region that Vault asks who it is itself.
pub(super) fn region_off(evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let finding = Finding::certain(Code::AWS218).because(
        "STS is not active in the region of which Vault's server asks STS for its own calls.",
    );
    let finding = match case::client_config(evidence) {
        Some((fields, rights)) => ["sts_endpoint", "sts_region"]
            .into_iter()
            .fold(finding, |finding, name| {
                finding.fact_with(rights, &config, name, case::text_of(fields, name))
            }),
        None => finding.remedy(
            Where::Vault,
            "see which region that is (sts_region)",
            Some(shell::command(["vault", "read", &config])),
            Some(&format!("read on {config}")),
        ),
    };
    finding.remedy(
        Where::Aws,
        "have an administrator of the account of Vault's server activate STS for it, in the IAM console under account settings",
        None,
        None,
    )
}

/// The role that Vault's servers run with, as far as the settings tell.
fn server_role(evidence: &Evidence) -> &str {
    let settings = &evidence.settings;
    let named = settings.provision.server_role.as_deref();
    bare_name(named.unwrap_or(&settings.aws.login_role))
}

/// Vault needs an identity of its own for a look-up, and has none that works.
pub(super) fn missing(cause: &str, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let finding = Finding::certain(Code::VLT614).because(cause);
    let keys = case::client_config(evidence)
        .map(|(fields, rights)| (case::text_of(fields, "access_key"), rights));
    match keys {
        Some((key, rights)) if !key.is_empty() => finding
            .fact_with(rights, &config, "access_key", key)
            .remedy(
                Where::Vault,
                "take the keys out, so that the role of Vault's instance counts; without one, write keys that work. This touches all logins of the mount",
                Some(case::write_config(evidence, &["access_key=", "secret_key="])),
                Some(&format!("update on {config}")),
            ),
        _ => finding.remedy(
            Where::Aws,
            "give the instance of Vault's server its profile",
            Some(format!(
                "aws ec2 associate-iam-instance-profile --instance-id $INSTANCE_ID --iam-instance-profile {}",
                shell::quote(&format!("Name={}", server_role(evidence)))
            )),
            Some("ec2:AssociateIamInstanceProfile and iam:PassRole"),
        ),
    }
}

/// AWS does not accept what Vault signs with its own credentials.
pub(super) fn refused_signature(message: &str, evidence: &Evidence) -> Finding {
    let clock = |code, how: &str| {
        Finding::certain(code).because(format!(
            "The clock of Vault's server is {how}, so AWS does not accept what Vault signs with its own credentials."
        ))
    };
    match signature_problem(message) {
        SignatureProblem::Region => endpoint_without_region(evidence),
        SignatureProblem::TooOld => clock(Code::SIG403, "behind"),
        SignatureProblem::TooEarly => clock(Code::SIG404, "ahead"),
        SignatureProblem::Mismatch | SignatureProblem::Unread => missing(
            "AWS does not accept the secret key that Vault's server has.",
            evidence,
        ),
    }
}

/// Vault's own calls are signed for us-east-1 and go to another region.
fn endpoint_without_region(evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let Some((fields, rights)) = case::client_config(evidence) else {
        return Finding::likely(Code::VLT629, &[Code::VLT614])
            .not_seen(evidence.looks.vault.client_config.missing("read", &config));
    };
    let endpoint = case::text_of(fields, "sts_endpoint");
    let region = case::text_of(fields, "sts_region");
    let finding = if region.is_empty() {
        Finding::certain(Code::VLT629)
    } else {
        Finding::likely(Code::VLT629, &[Code::VLT614])
            .because("Vault signs its own calls for its sts_region, and its sts_endpoint is of another region.")
    };
    let finding = finding
        .fact_with(rights, &config, "sts_endpoint", endpoint)
        .fact_with(rights, &config, "sts_region", region);
    match crate::diagnose::asked::region_of(endpoint) {
        Some(region) => finding.remedy(
            Where::Vault,
            "name the endpoint's region beside it; this touches all logins of the mount",
            Some(case::write(
                &config,
                &[
                    format!("sts_endpoint={endpoint}"),
                    format!("sts_region={region}"),
                ],
            )),
            Some(&format!("update on {config}")),
        ),
        None => finding,
    }
}
