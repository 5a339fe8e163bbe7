//! STS confirmed the caller; it is Vault's role that does not fit: absent, of
//! another type, or with policies that no login may get.

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
    let path = case::role_path(evidence);
    vault_role::of_type_ec2(
        case::vault_role(evidence),
        who.as_ref(),
        &evidence.settings,
        Again::Login,
    )
    .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
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
