//! Vault took the session's name for the id of an EC2 instance, as a role with
//! `inferred_entity_type` has it do, and looked the instance up.

use super::{case, through_iam};
use crate::aws::classify::{denied_action, denied_caller, sdk_error};
use crate::aws::identity::PrincipalArn;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where, vault_role};
use crate::shell;

/// What Vault asks EC2, unless AWS names another action.
const LOOK: &str = "ec2:DescribeInstances";

/// The session's name is no instance's id.
pub(super) fn no_instance(evidence: &Evidence) -> Finding {
    stop_inferring(named(Finding::certain(Code::VLT615), evidence), evidence)
}

/// Vault could not look the instance up: `id` is what it took for one, `said` is why.
pub(super) fn unseen(id: &str, said: &str, evidence: &Evidence) -> Finding {
    if !id.starts_with("i-") {
        return no_instance(evidence).fact("ec2, through vault", "said", said);
    }
    let finding = match sdk_error(said) {
        Some(error) => by_code(&error.code, &error.message, evidence),
        None if said.contains("no reservations") => not_found(),
        None => unknown(),
    };
    let finding =
        finding
            .fact("ec2, through vault", "instance", id)
            .fact("ec2, through vault", "said", said);
    // What lies in Vault's identity or in AWS is not cured by another role.
    match finding.code {
        Code::VLT615 | Code::VLT640 => stop_inferring(finding, evidence),
        _ => finding,
    }
}

/// EC2 answered Vault, or Vault's SDK names the problem as AWS would.
fn by_code(code: &str, message: &str, evidence: &Evidence) -> Finding {
    match code {
        "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException"
            if !message.contains("sts:AssumeRole") =>
        {
            may_not_look(message)
        }
        code if code.starts_with("InvalidInstanceID") => not_found(),
        "AuthFailure" => through_iam::without_identity(
            "EC2 does not accept the credentials that Vault's server has.",
            evidence,
        ),
        "NoCredentialProviders"
        | "InvalidClientTokenId"
        | "ExpiredToken"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "AccessDenied"
        | "AccessDeniedException"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "RequestError"
        | "RequestCanceled"
        | "SerializationError" => through_iam::by_code(code, message, evidence),
        _ => unknown(),
    }
}

fn not_found() -> Finding {
    Finding::likely(Code::VLT615, &[Code::VLT616])
        .because("The session's name is an instance's id, but EC2 does not know that instance in the region and account in which Vault asks (inferred_aws_region).")
}

fn unknown() -> Finding {
    Finding::likely(Code::VLT615, &[Code::VLT640, Code::VLT614, Code::VLT616])
        .because("Vault could not look up the instance whose id is the session's name.")
}

/// EC2 does not let Vault look the instance up.
fn may_not_look(message: &str) -> Finding {
    let action = denied_action(message).unwrap_or(LOOK);
    let finding = Finding::certain(Code::VLT640)
        .because(format!(
            "The role infers an EC2 instance, so Vault looks it up, and AWS does not let it: its own identity lacks {action}."
        ))
        .fact("ec2, through vault", "missing", action);
    let server = denied_caller(message);
    let finding = match server {
        Some(vault) => finding.fact("ec2, through vault", "vault is", vault),
        None => finding,
    };
    // EC2 knows no resource for these looks.
    let text = "let Vault's identity look instances up; an inline policy of this name is replaced";
    match server.and_then(PrincipalArn::parse) {
        Some(server) => through_iam::allow(finding, text, &server, "vault-instances", action, "*"),
        None => finding.remedy(
            Where::Aws,
            format!("allow {action} to the identity of Vault's server"),
            None,
            Some("iam:PutRolePolicy on the server's role"),
        ),
    }
}

fn named(finding: Finding, evidence: &Evidence) -> Finding {
    let who = case::principal(None, evidence);
    match who.as_ref().and_then(|who| who.session()) {
        Some(session) => finding.fact("sts", "session name", session),
        None => finding,
    }
}

/// A login of Kong's needs no instance. What is bound of it goes with it.
fn stop_inferring(finding: Finding, evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let Some((role, rights)) = case::vault_role(evidence) else {
        return finding
            .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
            .remedy(
                Where::Vault,
                "see what the role binds; with inferred_entity_type only EC2 instances can log in",
                Some(shell::command(["vault", "read", &path])),
                Some(&format!("read on {path}")),
            );
    };
    let who = case::principal(None, evidence);
    vault_role::stop_inferring(
        finding,
        role,
        rights,
        who.as_ref(),
        &evidence.settings.vault,
    )
}

/// The instance lacks something that the role binds.
pub(super) fn not_bound(words: &str, evidence: &Evidence) -> Finding {
    // A look that AWS refused is no property that the instance lacks.
    if let Some(error) = sdk_error(words) {
        let finding = by_code(&error.code, &error.message, evidence);
        return stop_inferring(finding, evidence);
    }
    let path = case::role_path(evidence);
    let finding = Finding::certain(Code::VLT616);
    let Some((role, rights)) = case::vault_role(evidence) else {
        return finding.remedy(
            Where::Vault,
            "see what the role binds, and compare it with the instance",
            Some(shell::command(["vault", "read", &path])),
            Some(&format!("read on {path}")),
        );
    };
    let bounds = role.instance_bounds();
    let finding = bounds.iter().fold(finding, |finding, (name, values)| {
        finding.fact_with(rights, &path, name, values.join(", "))
    });
    let who = case::principal(None, evidence);
    match who.as_ref().and_then(|who| who.session()) {
        Some(session) if session.starts_with("i-") => finding.remedy(
            Where::Aws,
            "compare it with the instance; if the instance is right, add its value to the list and keep the others",
            Some(shell::command([
                "aws",
                "ec2",
                "describe-instances",
                "--instance-ids",
                session,
            ])),
            Some("ec2:DescribeInstances"),
        ),
        _ => finding,
    }
}
