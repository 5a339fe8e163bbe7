//! AWS refused what Vault asked for the role that was written: Vault looks up whom it
//! is to bind, with its own identity.

use crate::aws::classify::{SignatureProblem, denied_action, denied_caller, signature_problem};
use crate::aws::identity::PrincipalArn;
use crate::diagnose::explain::Evidence;
use crate::diagnose::explain::reach::slow::status_of;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, Side};
use crate::settings::value::is_account;
use crate::shell;
use crate::vault::namespace::with_variable;

pub(super) fn explain(fault: &Fault, evidence: &Evidence) -> Finding {
    let words = fault.upstream.as_deref().unwrap_or(&fault.message);
    let finding = match (fault.side, fault.code.as_deref()) {
        (_, Some("AccessDenied")) if denied_action(words) == Some("sts:AssumeRole") => {
            refused_role(words, evidence)
        }
        (Side::IamViaVault, Some("AccessDenied")) => Finding::certain(Code::VLT623).remedy(
            Where::Aws,
            "let the role that Vault's servers run with look at the login role; setup does it where their role is the one of the settings (topology: separate and aws.server_role, if several set-ups share one Vault)",
            Some("vaultiam setup --only aws".to_owned()),
            Some("iam:PutRolePolicy on the server's role"),
        ),
        (_, Some("NoSuchEntity")) => Finding::certain(Code::VLT624).remedy(
            Where::Aws,
            "if it is the login role: make it first; if it is another that the role binds: take it out of bound_iam_principal_arn",
            Some("vaultiam setup --only aws".to_owned()),
            None,
        ),
        (_, Some("Throttling")) => Finding::certain(Code::SIG414),
        (_, Some("RequestError" | "RequestCanceled")) => out_of_reach(words),
        (_, Some("SerializationError")) => Finding::certain(Code::VLT621),
        (_, Some("RegionDisabledException")) => region_off(evidence),
        (_, Some("SignatureDoesNotMatch")) => match signature_problem(words) {
            SignatureProblem::Region => see_config(Finding::certain(Code::VLT629), evidence),
            SignatureProblem::TooOld => vaults_clock(Code::SIG403),
            SignatureProblem::TooEarly => vaults_clock(Code::SIG404),
            SignatureProblem::Mismatch | SignatureProblem::Unread => without_identity(
                "AWS does not accept the secret key that Vault's server has.",
                evidence,
            ),
        },
        (_, Some("NoCredentialProviders")) => Finding::certain(Code::VLT614),
        (_, Some("InvalidClientTokenId" | "UnrecognizedClientException" | "ExpiredToken")) => {
            without_identity(
                "AWS does not accept the credentials that Vault's server has.",
                evidence,
            )
        }
        _ => Finding::likely(Code::VLT614, &[Code::VLT620, Code::VLT625]),
    };
    finding.fact("aws, through Vault", "said", words)
}

/// Vault was told which role to take in that account, and that role does not let it
/// in. AWS says the same where the role is not there.
fn refused_role(words: &str, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT641).because(
        "Vault looks up whom the role binds with a role of that account, which config/sts names, and AWS does not let Vault's own identity assume it.",
    );
    let finding = match denied_caller(words) {
        Some(vault) => finding.fact("aws, through Vault", "vault is", vault),
        None => finding,
    };
    let resource = words.split("on resource: ").nth(1);
    let arn = resource.and_then(|rest| rest.split_whitespace().next());
    let arn = arn.and_then(PrincipalArn::parse);
    let Some((account, name)) = arn
        .as_ref()
        .and_then(|arn| Some((arn.account.as_str(), arn.role_name()?)))
    else {
        return finding;
    };
    let vault = &evidence.settings.vault;
    let entry = format!("auth/{}/config/sts/{account}", vault.auth_mount);
    let read = shell::command(["vault", "read", &entry]);
    finding
        .remedy(
            Where::Aws,
            format!("in the account {account}: see whether the role {name} is there, whether its trust policy names Vault's identity, and whether it wants an external id"),
            Some(shell::command([
                "aws",
                "iam",
                "get-role",
                "--role-name",
                name,
                "--query",
                "Role.AssumeRolePolicyDocument",
            ])),
            Some("iam:GetRole"),
        )
        .remedy(
            Where::Vault,
            "see the role that Vault was told, and the external id that it sends",
            Some(read),
            Some(&format!("read on {entry}")),
        )
}

/// Vault's own call got no answer.
fn out_of_reach(words: &str) -> Finding {
    let url = words
        .split('"')
        .find(|text| text.starts_with("https://") || text.starts_with("http://"));
    let host = url
        .and_then(|url| url::Url::parse(url).ok())
        .and_then(|url| url.host_str().map(str::to_owned));
    let what = match &host {
        Some(host) => format!("{host}, which it asks whom it is to bind"),
        None => "AWS, which it asks whom it is to bind".to_owned(),
    };
    let finding = Finding::certain(Code::VLT620).because(format!(
        "Vault's server could not reach {what}: no way out of its network, no name resolution, a proxy, or a certificate that it does not trust."
    ));
    let Some(host) = host else { return finding };
    let url = format!("https://{host}/");
    finding.remedy(
        Where::Vault,
        "on Vault's server: open the way (NAT, an interface endpoint, or the proxy in the environment of the service), until this answers",
        Some(status_of(&url)),
        None,
    )
}

/// STS is off in the region that Vault asks who it is itself.
fn region_off(evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::AWS218).because(
        "STS is not active in the region in which Vault's server asks it for its own calls.",
    );
    see_config(finding, evidence).remedy(
        Where::Aws,
        "have an administrator of the account of Vault's server activate STS for that region, in the IAM console under account settings",
        None,
        None,
    )
}

/// Where Vault's own calls go, and for which region they are signed.
fn see_config(finding: Finding, evidence: &Evidence) -> Finding {
    let path = evidence.settings.vault.config_path();
    let read = shell::command(["vault", "read", &path]);
    finding.remedy(
        Where::Vault,
        "see where Vault's own calls go and for which region they are signed: sts_endpoint and sts_region must be of one region, and so must the region of its server where they are empty",
        Some(read),
        Some(&format!("read on {path}")),
    )
}

/// AWS refuses what Vault signs with its own credentials, by the time on it.
fn vaults_clock(code: Code) -> Finding {
    Finding::certain(code).because(
        "The clock of Vault's server is wrong, so AWS does not accept what Vault signs with its own credentials.",
    )
}

/// Vault needs an identity of its own for a look-up, and has none that works.
pub(super) fn without_identity(cause: &str, evidence: &Evidence) -> Finding {
    let path = evidence.settings.vault.config_path();
    Finding::certain(Code::VLT614)
        .because(cause)
        .remedy(
            Where::Vault,
            "see whether Vault was given keys; without an access_key here it uses those of its service's environment, or of its instance",
            Some(shell::command(["vault", "read", &path])),
            Some(&format!("read on {path}")),
        )
        .remedy(
            Where::Vault,
            "if it has keys: take them out, so that the role of Vault's instance counts; without such a role, write keys that work. This touches all logins of the mount",
            Some(shell::command(["vault", "write", &path, "access_key=", "secret_key="])),
            Some(&format!("update on {path}")),
        )
}

/// Says how Vault is let into the account that AWS or Vault names.
pub(super) fn with_account(finding: Finding, words: &str, evidence: &Evidence) -> Finding {
    let vault = &evidence.settings.vault;
    let quoted = words.split('"').skip(1).step_by(2);
    let mut accounts = quoted.filter(|text| is_account(text));
    let account = accounts.next().unwrap_or("$ACCOUNT_ID");
    let path = format!("auth/{}/config/sts", vault.auth_mount);
    // A variable inside a word must stay one.
    let command = format!(
        "vault write {}/{account} sts_role=$ROLE_ARN",
        shell::quote(&path)
    );
    finding.remedy(
        Where::Vault,
        "tell Vault which role it may use to look into that account",
        Some(with_variable(vault.namespace.as_deref(), command)),
        Some(&format!("create on {path}")),
    )
}
