//! What a set-up met: IAM's and Vault's refusals of an operator, conflicts,
//! rights that are missing.

mod role;
mod through_vault;

use super::{Evidence, kv, reach, sts};
use crate::aws::classify::{
    Denial, Layer, denial, is_already_there, is_concurrent, is_in_use, is_throttled,
    is_unknown_principal,
};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, KvProblem, SetupProblem, Side};
use crate::setup::plan::{Conflict, ConflictKind, Resource};
use crate::setup::rights::{Right, Rights};
use crate::vault::admin::{is_forbidden, path_in_use};

/// Vault does not know the operator's token.
pub(super) fn token(problem: &KvProblem, fault: &Fault) -> Finding {
    let finding = Finding::likely(Code::VLT701, kv::other_causes(problem));
    let finding = match problem {
        KvProblem::TokenUnplaced => finding.because(kv::UNPLACED),
        _ => finding,
    };
    finding.fact("vault", "said", &fault.message).remedy(
        Where::Here,
        "log in to Vault as an operator again",
        Some("vault login".to_owned()),
        None,
    )
}

/// What was found out about a change that was refused or not made.
pub(super) fn problem(problem: SetupProblem, fault: &Fault) -> Finding {
    let is_config = fault.target.contains("/config/client");
    match problem {
        SetupProblem::PrincipalAbsent => said(Finding::certain(Code::AWS303), fault),
        SetupProblem::PrincipalNotEverywhere => said(Finding::certain(Code::AWS304), fault),
        SetupProblem::ChangedMeanwhile => {
            let finding = Finding::certain(Code::AWS308)
                .because(format!("{}: {}.", fault.target, fault.message));
            let finding = match &fault.upstream {
                Some(now) => finding.fact("iam", "it is now", now),
                None => finding,
            };
            plan_again(finding)
        }
        SetupProblem::NotAsWritten if is_config => {
            Finding::certain(Code::VLT627).fact("vault", "differs", &fault.target)
        }
        SetupProblem::NotAsWritten if fault.target.starts_with("vault:") => {
            plan_again(Finding::certain(Code::VLT639).fact("vault", "differs", &fault.target))
        }
        SetupProblem::NotAsWritten => plan_again(
            Finding::likely(Code::AWS308, &[Code::AWS216])
                .because("It was written, and reads back differently: somebody changed it in between, or AWS does not show it everywhere yet.")
                .fact("verify", "differs", &fault.target),
        ),
        SetupProblem::OtherAccount => Finding::certain(Code::AWS310)
            .because(format!("{}.", fault.message))
            .remedy(
                Where::Here,
                "use a profile of the right account, or correct aws.account_id",
                Some("vaultiam setup --plan --profile $PROFILE".to_owned()),
                None,
            ),
        SetupProblem::VaultTooOld => Finding::certain(Code::VLT521)
            .because(format!("{}.", fault.message))
            .fact("sys/health", "version", &fault.target)
            .remedy(
                Where::Here,
                "upgrade Vault, or name one region for all logins of the method",
                Some("vaultiam setup --only vault --sts regional".to_owned()),
                None,
            ),
        SetupProblem::MissingRights if fault.side == Side::Vault => {
            Finding::certain(Code::VLT636).because(fault.message.clone())
        }
        SetupProblem::MissingRights => {
            Finding::certain(Code::AWS301).because(fault.message.clone())
        }
    }
}

fn said(finding: Finding, fault: &Fault) -> Finding {
    finding.fact("iam", "said", &fault.message)
}

fn plan_again(finding: Finding) -> Finding {
    finding.remedy(
        Where::Here,
        "look at the difference, then decide",
        Some("vaultiam setup --plan".to_owned()),
        None,
    )
}

/// A service answered an operator, and refused.
pub(super) fn answered(fault: &Fault, evidence: &Evidence) -> Finding {
    match fault.side {
        Side::Iam => iam(fault, evidence),
        Side::IamViaVault | Side::StsViaVault => through_vault::explain(fault, evidence),
        _ => vault(fault, evidence),
    }
}

fn iam(fault: &Fault, evidence: &Evidence) -> Finding {
    if is_throttled(fault) {
        return said(Finding::certain(Code::AWS217), fault);
    }
    if is_unknown_principal(fault) {
        return said(Finding::likely(Code::AWS303, &[Code::AWS304]), fault);
    }
    if is_already_there(fault) {
        return said(Finding::certain(Code::AWS302), fault);
    }
    if is_in_use(fault) {
        return said(Finding::certain(Code::AWS307), fault);
    }
    if is_concurrent(fault) {
        return plan_again(said(Finding::certain(Code::AWS308), fault));
    }
    match fault.code.as_deref() {
        Some("AccessDenied" | "AccessDeniedException") => said(access_denied(fault), fault),
        Some("MalformedPolicyDocument" | "InvalidInput" | "ValidationError") => {
            said(Finding::certain(Code::AWS305), fault)
        }
        Some("LimitExceeded") => said(Finding::certain(Code::AWS306), fault),
        _ if fault.status.is_some_and(|status| status >= 500) => said(
            Finding::certain(Code::AWS215).because(
                "IAM answered with an error of its own: it is ill, or something in between is.",
            ),
            fault,
        ),
        Some(
            "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature",
        )
        | None => sts::explain_one(fault, evidence),
        Some(_) => said(Finding::certain(Code::AWS312), fault),
    }
}

fn access_denied(fault: &Fault) -> Finding {
    let needs = format!("{} on {}", fault.operation, fault.target);
    let is_create = fault.operation == "iam:CreateRole";
    let finding = match denial(&fault.message) {
        Denial::NotAllowedBy(Layer::ServiceControl) | Denial::DeniedBy(Layer::ServiceControl) => {
            Finding::certain(Code::AWS209)
        }
        Denial::NotAllowedBy(Layer::Boundary) => Finding::certain(Code::AWS208),
        // Who may create roles with a boundary only is told the same words.
        Denial::DeniedBy(_) if is_create => Finding::likely(Code::AWS207, &[Code::AWS309]),
        Denial::DeniedBy(_) => Finding::certain(Code::AWS207),
        _ if is_create => Finding::likely(Code::AWS301, &[Code::AWS309]),
        _ => Finding::certain(Code::AWS301),
    };
    finding.fact("iam", "missing", needs).remedy(
        Where::Aws,
        "have it granted, for the named roles only: docs/setup.md has the whole policy",
        None,
        None,
    )
}

fn vault(fault: &Fault, evidence: &Evidence) -> Finding {
    let said = |finding: Finding| finding.fact("vault", "said", &fault.message);
    if is_forbidden(fault) {
        let path = &fault.operation;
        return said(Finding::certain(Code::VLT636))
            .fact("vault", "path", path)
            .remedy(
                Where::Vault,
                "see what the token may do there; docs/setup.md has the whole policy",
                Some(crate::shell::command([
                    "vault",
                    "token",
                    "capabilities",
                    path,
                ])),
                None,
            );
    }
    if let Some(taken) = path_in_use(fault) {
        return Finding::certain(Code::VLT637).fact("vault", "taken by", taken);
    }
    if fault.code.as_deref() == Some("NoCredentialProviders") {
        return said(Finding::certain(Code::VLT614));
    }
    let is_role = fault.operation.starts_with("auth/") && fault.operation.contains("/role/");
    if fault.operation.starts_with("sys/auth/") && fault.message.contains("plugin not found") {
        return said(Finding::certain(Code::VLT635))
            .remedy(
                Where::Vault,
                "see which auth methods this server has, and under which names",
                Some("vault plugin list auth".to_owned()),
                Some("list on sys/plugins/catalog/auth"),
            )
            .remedy(
                Where::Here,
                "on OpenBao name its plugin (vault.auth_type in the settings file), once it is registered there",
                Some("vaultiam setup --auth-type openbao-plugin-auth-aws".to_owned()),
                None,
            );
    }
    if is_role && let Some(finding) = role::refused(fault, evidence) {
        return said(finding);
    }
    reach::status(fault, evidence)
}

/// What stands in the way of a plan.
pub fn explain_conflict(conflict: &Conflict) -> Finding {
    let is_in_aws = conflict.resource.name().starts_with("arn:");
    let code = match (conflict.kind, &conflict.resource) {
        (ConflictKind::ProfileHoldsAnother, _) => Code::AWS311,
        (ConflictKind::InUse, _) => Code::AWS307,
        (ConflictKind::OtherKindOfMount, Resource::AuthMount { .. }) => Code::VLT602,
        (_, Resource::KvMount { .. }) if conflict.kind != ConflictKind::NotOurs => Code::VLT637,
        _ if is_in_aws => Code::AWS302,
        _ => Code::VLT638,
    };
    let is_command = conflict.remedy.starts_with("vaultiam ");
    let finding = Finding::certain(code)
        .because(format!(
            "{}: {}; wanted is {}. Nothing was changed.",
            conflict.resource.name(),
            conflict.found,
            conflict.wanted
        ))
        .fact("found", &conflict.resource.name(), &conflict.found);
    if is_command {
        let text = "see what taking it over would change";
        finding.remedy(Where::Here, text, Some(conflict.remedy.clone()), None)
    } else {
        finding.remedy(Where::Here, conflict.remedy.clone(), None, None)
    }
}

/// The rights that a plan needs and the operator does not have, a finding a side.
pub fn explain_missing_rights(rights: &Rights) -> Vec<Finding> {
    let (vault, aws): (Vec<&Right>, Vec<&Right>) = rights
        .missing
        .iter()
        .partition(|right| right.target.starts_with("vault:"));
    let unbounded = Some(without_boundary(&rights.without_boundary));
    let unbounded = unbounded.filter(|_| !rights.without_boundary.is_empty());
    let missing = [(Code::AWS301, aws), (Code::VLT636, vault)]
        .into_iter()
        .filter(|(_, rights)| !rights.is_empty())
        .map(|(code, rights)| {
            let mut finding = Finding::certain(code);
            for right in rights {
                let target = right.target.trim_start_matches("vault:");
                finding = finding.fact("missing", &right.action, target);
            }
            finding.remedy(
                Where::Here,
                "have them granted; docs/setup.md has the whole policies",
                None,
                None,
            )
        });
    unbounded.into_iter().chain(missing).collect()
}

/// The operator's policies let roles be made under a condition on their boundary
/// alone. That the right boundary is enough for them is not seen.
fn without_boundary(refused: &[Right]) -> Finding {
    let finding = Finding::likely(Code::AWS309, &[Code::AWS301]).because(
        "Your policies have a condition on iam:PermissionsBoundary, and without a boundary IAM's simulator refuses to let you make the roles. The settings name none.",
    );
    let finding = refused.iter().fold(finding, |finding, right| {
        finding.fact("iam:SimulatePrincipalPolicy", &right.action, &right.target)
    });
    finding.remedy(
        Where::Here,
        "put the ARN that the condition names into the settings file, as aws.permissions_boundary; your policies or whoever keeps the account tell it",
        None,
        None,
    )
}

#[cfg(test)]
mod tests;
