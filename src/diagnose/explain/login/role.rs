//! STS confirmed the caller; it is Vault's role that does not fit: absent, of
//! another type, for instances only, or with policies that no login may get.

use super::case;
use crate::diagnose::again::Again;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where, vault_role};
use crate::shell;

/// There is no such role.
pub(super) fn absent(evidence: &Evidence) -> Finding {
    let who = case::principal(None, evidence);
    let caller = who.as_ref().and_then(|who| who.arn.role_name());
    let roles = &evidence.looks.vault.auth_roles;
    vault_role::absent(&evidence.settings, caller, roles, Again::Login)
}

/// The role takes instance documents.
pub(super) fn is_ec2(evidence: &Evidence) -> Finding {
    let who = case::principal(None, evidence);
    vault_role::of_type_ec2(
        case::vault_role(evidence),
        who.as_ref(),
        &evidence.settings.vault,
        Again::Login,
    )
}

/// Vault took the session's name for an instance and could not look it up.
pub(super) fn instance_unseen(said: &str, evidence: &Evidence) -> Finding {
    let who = case::principal(None, evidence);
    let session = who.as_ref().and_then(|who| who.session());
    let is_instance = session.is_some_and(|session| session.starts_with("i-"));
    let finding = if !is_instance {
        Finding::certain(Code::VLT615)
    } else if said.contains("Unauthorized") || said.contains("AccessDenied") {
        Finding::likely(Code::VLT615, &[Code::VLT612, Code::VLT616])
            .because("The session's name is an instance's id, but EC2 does not let Vault look the instance up: its identity lacks ec2:DescribeInstances.")
    } else if said.contains("NotFound") || said.contains("no reservations") {
        Finding::likely(Code::VLT615, &[Code::VLT616])
            .because("The session's name is an instance's id, but EC2 does not know that instance in the region and account in which Vault asks (inferred_aws_region).")
    } else {
        Finding::likely(Code::VLT615, &[Code::VLT612, Code::VLT614, Code::VLT616])
            .because("Vault could not look up the instance whose id is the session's name.")
    };
    let finding = match session {
        Some(session) => finding.fact("sts", "session name", session),
        None => finding,
    };
    stop_inferring(finding.fact("ec2, through vault", "said", said), evidence)
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
pub(super) fn instance_not_bound(evidence: &Evidence) -> Finding {
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

/// The role or the identity hands out a policy that no login may get.
pub(super) fn forbidden_policy(policy: Option<&str>, evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let finding = Finding::certain(Code::VLT632);
    let Some((role, rights)) = case::vault_role(evidence) else {
        return finding
            .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
            .remedy(
                Where::Vault,
                "see whether the role names it; if not, an entity or a group does",
                Some(shell::command(["vault", "read", &path])),
                Some(&format!("read on {path}")),
            );
    };
    let policies = role.token_policies();
    let finding = finding.fact_with(rights, &path, "token_policies", policies.join(", "));
    let kept: Vec<&str> = policies
        .iter()
        .copied()
        .filter(|name| Some(*name) != policy)
        .collect();
    if kept.len() == policies.len() {
        return finding.because("The role does not name that policy, so the entity of this login, or a group of it, does.");
    }
    finding.remedy(
        Where::Vault,
        "take it out, and keep the others",
        Some(case::write_role(
            evidence,
            &[format!("token_policies={}", kept.join(","))],
        )),
        Some(&format!("update on {path}")),
    )
}

/// STS named somebody whom Vault cannot bind.
pub(super) fn unbindable(principal: Option<&str>, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT630);
    let finding = match principal {
        Some(arn) => finding.fact("sts, through vault", "caller", arn),
        None => finding,
    };
    let account = principal
        .and_then(crate::aws::identity::PrincipalArn::parse)
        .and_then(|arn| case::login_role(&arn, evidence));
    let flags: Vec<String> = match account {
        Some(role) => vec![
            "--assume-role-arn".to_owned(),
            role.full_arn.clone().unwrap_or_else(|| role.bindable_arn()),
        ],
        None => Vec::new(),
    };
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    finding.remedy(
        Where::Here,
        "log in as a role: assume it first, with credentials of a role or a user",
        Some(case::login_again(&flags)),
        None,
    )
}
