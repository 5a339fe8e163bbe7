//! Vault did not write its role: by what it says itself, or by what AWS told it when
//! it looked up whom the role binds.

use crate::aws::classify::{SignatureProblem, signature_problem};
use crate::diagnose::binding::Principal;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where, kept_list};
use crate::fault::{Fault, Side};
use crate::settings::value::is_account;
use crate::vault::namespace::with_variable;

/// Vault's own words about the role; `None` for those about something else.
pub(super) fn refused(fault: &Fault, evidence: &Evidence) -> Option<Finding> {
    let has = |part: &str| fault.message.contains(part);
    if has("properly configured") {
        return Some(Finding::certain(Code::VLT614).because(
            "config/client holds half of a key pair: the access key or the secret key is missing.",
        ));
    }
    if has("not allowed") {
        return Some(Finding::certain(Code::VLT626));
    }
    if has("fetch client for account") || has("no STS configuration") {
        let finding = Finding::certain(Code::VLT625);
        return Some(with_account(finding, &fault.message, evidence));
    }
    if has("not specifying ec2 auth_type or inferring") {
        let finding = Finding::certain(Code::VLT626);
        return Some(of_instances(finding, fault, evidence));
    }
    // What the ARN itself is: other words are about other fields.
    if !has("unable to resolve ARN") {
        return None;
    }
    if has("unable to resolve partition") {
        return Some(Finding::certain(Code::VLT630).because(
            "Vault does not know the partition of the bound ARN, or knows no region of it.",
        ));
    }
    has("unrecognized").then(|| unbindable(&fault.message, evidence))
}

/// One of the ARNs that the role binds has no unique id: it is none of a role or a
/// user. Behind a session there is a role.
fn unbindable(words: &str, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT630);
    let vault = &evidence.settings.vault;
    let path = vault.role_path();
    let Some(arn) = words
        .split('"')
        .nth(1)
        .filter(|arn| arn.starts_with("arn:"))
    else {
        return finding;
    };
    let role = Principal::of_arn(arn, None).filter(|role| role.session().is_some());
    let role = role.map(|role| role.bindable_arn());
    let text = match &role {
        Some(_) => {
            "bind the role instead of its session, and keep the others; then every session of that role can log in, and its trust policy says who gets one"
        }
        None => "take it out of what the role binds, and keep the others",
    };
    let item = (arn, role.as_deref());
    let command = kept_list::with_other(vault, &path, "bound_iam_principal_arn", item);
    finding
        .fact("vault", "cannot bind", arn)
        .remedy(
            Where::Vault,
            text,
            command,
            Some(&format!("read and update on {path}")),
        )
        .remedy(
            Where::Here,
            "then go on",
            Some("vaultiam setup".to_owned()),
            None,
        )
}

/// The role binds properties of an instance, and what is written does not infer one.
fn of_instances(finding: Finding, fault: &Fault, evidence: &Evidence) -> Finding {
    let mut words = fault.message.split_whitespace();
    let bound = words
        .find(|word| word.starts_with("bound_"))
        .unwrap_or_default();
    let finding = finding.because(format!(
        "The role has {bound}, which Vault allows only where it infers an EC2 instance. The role that was written infers none."
    ));
    let fields = ["inferred_entity_type=", "inferred_aws_region="];
    let empty = format!("{bound}=");
    let command = [
        "vault",
        "write",
        &fault.operation,
        fields[0],
        fields[1],
        &empty,
    ];
    let namespace = evidence.settings.vault.namespace.as_deref();
    finding.remedy(
        Where::Vault,
        "if the login need not come from an instance, empty it together with what infers one; then set up again",
        Some(with_variable(namespace, crate::shell::command(command))),
        Some(&format!("update on {}", fault.operation)),
    )
}

/// AWS refused what Vault asked for the role that was written.
pub(super) fn through_vault(fault: &Fault, evidence: &Evidence) -> Finding {
    let words = fault.upstream.as_deref().unwrap_or(&fault.message);
    let finding = match (fault.side, fault.code.as_deref()) {
        (Side::IamViaVault, Some("AccessDenied")) => Finding::certain(Code::VLT623),
        (_, Some("AccessDenied")) => Finding::certain(Code::VLT625),
        (_, Some("NoSuchEntity")) => Finding::certain(Code::VLT624),
        (_, Some("Throttling")) => Finding::certain(Code::SIG414),
        (_, Some("RequestError" | "RequestCanceled")) => Finding::certain(Code::VLT620),
        (_, Some("SerializationError")) => Finding::certain(Code::VLT621),
        (_, Some("SignatureDoesNotMatch")) => match signature_problem(words) {
            SignatureProblem::Region => Finding::certain(Code::VLT629),
            SignatureProblem::TooOld => vaults_clock(Code::SIG403),
            SignatureProblem::TooEarly => vaults_clock(Code::SIG404),
            SignatureProblem::Mismatch | SignatureProblem::Unread => Finding::certain(Code::VLT614),
        },
        (
            _,
            Some(
                "NoCredentialProviders"
                | "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "ExpiredToken",
            ),
        ) => Finding::certain(Code::VLT614),
        _ => Finding::likely(Code::VLT614, &[Code::VLT620, Code::VLT625]),
    };
    let finding = finding.fact("aws, through Vault", "said", words);
    match finding.code {
        Code::VLT623 => finding.remedy(
            Where::Aws,
            "let the role that Vault's servers run with look at the login role; setup does it where their role is the one of the settings (topology: separate and aws.server_role, if several set-ups share one Vault)",
            Some("vaultiam setup --only aws".to_owned()),
            Some("iam:PutRolePolicy on the server's role"),
        ),
        Code::VLT624 => finding.remedy(
            Where::Aws,
            "if it is the login role: make it first; if it is another that the role binds: take it out of bound_iam_principal_arn",
            Some("vaultiam setup --only aws".to_owned()),
            None,
        ),
        Code::VLT625 => with_account(finding, words, evidence),
        _ => finding,
    }
}

/// AWS refuses what Vault signs with its own credentials, by the time on it.
fn vaults_clock(code: Code) -> Finding {
    Finding::certain(code).because(
        "The clock of Vault's server is wrong, so AWS does not accept what Vault signs with its own credentials.",
    )
}

/// Says how Vault is let into the account that AWS or Vault names.
fn with_account(finding: Finding, words: &str, evidence: &Evidence) -> Finding {
    let vault = &evidence.settings.vault;
    let quoted = words.split('"').skip(1).step_by(2);
    let mut accounts = quoted.filter(|text| is_account(text));
    let account = accounts.next().unwrap_or("$ACCOUNT_ID");
    let path = format!("auth/{}/config/sts", vault.auth_mount);
    // A variable inside a word must stay one.
    let command = format!(
        "vault write {}/{account} sts_role=$ROLE_ARN",
        crate::shell::quote(&path)
    );
    finding.remedy(
        Where::Vault,
        "tell Vault which role it may use to look into that account",
        Some(with_variable(vault.namespace.as_deref(), command)),
        Some(&format!("create on {path}")),
    )
}
