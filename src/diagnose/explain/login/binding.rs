//! "Does not belong to the role": seven causes share these words. What Vault
//! compares decides, once its role was seen.

use super::ruled_out::BINDING;
use super::{case, meant};
use crate::aws::identity::bare_name;
use crate::diagnose::binding::{Mismatch, Principal, Reason, entry_naming, why_not_bound, words};
use crate::diagnose::explain::{Evidence, identity};
use crate::diagnose::looks::AuthRole;
use crate::diagnose::{Code, Finding, Where};
use crate::settings::Topology;
use crate::shell;

/// A role of IAM that is younger than this may well be one that was made anew.
const YOUNG_SECONDS: u64 = 7 * 24 * 60 * 60;

/// Vault does not bind whom it `named`.
pub(super) fn not_bound(named: Option<&str>, evidence: &Evidence) -> Finding {
    let Some(who) = case::principal(named, evidence) else {
        return undecided(None, evidence);
    };
    let finding = match case::vault_role(evidence) {
        Some((role, rights)) => {
            let finding = decided(role, &who, evidence);
            words::facts(finding, role, rights, &evidence.settings.vault)
        }
        None => undecided(Some(&who), evidence),
    };
    with_who(finding, &who, evidence)
}

fn decided(role: &AuthRole, who: &Principal, evidence: &Evidence) -> Finding {
    let Some(mismatch) = why_not_bound(role, who) else {
        return Finding::likely(Code::VLT605, &[Code::VLT607])
            .because("Vault's role binds this principal by now: it was changed after the login was refused, or the node that refused had not caught up.")
            .remedy(Where::Here, "log in again", Some(case::login_again(&[])), None);
    };
    let login_role = case::login_role(&who.arn, evidence);
    let is_login_role_bound = login_role
        .as_ref()
        .is_some_and(|login_role| entry_naming(role, login_role).is_some());
    let is_about_others = mismatch.reason.is_about_others();
    if is_about_others && let Some(finding) = meant::bound(role, who, evidence) {
        return finding;
    }
    match (&mismatch.reason, login_role) {
        (_, Some(login_role))
            if is_about_others && is_login_role_bound && case::is_kong(&who.arn, evidence) =>
        {
            step_left_out(Finding::certain(Code::VLT606), &login_role, evidence)
        }
        (Reason::OtherId(bound), _) => other_id(role, who, &mismatch, bound.as_deref(), evidence),
        (_, login_role) => {
            if is_about_others && let Some(finding) = meant::unbound(role, who, evidence) {
                return finding;
            }
            let finding =
                Finding::certain(mismatch.reason.code()).because(words::cause(&mismatch, who));
            let finding = match login_role.filter(|_| is_login_role_bound) {
                Some(login_role) if is_about_others => finding.remedy(
                    Where::Here,
                    "log in as the role that is bound, by assuming it",
                    Some(assuming(&login_role)),
                    None,
                ),
                _ if is_about_others && meant::is_stranger(who, evidence) => finding.remedy(
                    Where::Here,
                    "log in with credentials of one that is bound",
                    Some("vaultiam login --explain --profile $PROFILE".to_owned()),
                    None,
                ),
                _ => finding,
            };
            let finding = words::bind(finding, role, who, &mismatch, &evidence.settings.vault);
            match mismatch.reason {
                Reason::OtherAccount | Reason::OtherPartition => finding.remedy(
                    Where::Here,
                    "if it is not, log in with credentials of the one that is bound",
                    Some("vaultiam login --explain --profile $PROFILE".to_owned()),
                    None,
                ),
                _ => finding,
            }
        }
    }
}

/// The ARN is bound, and the id is another. Which of the two is out of date is
/// known where the session is new, or where IAM shows the role.
fn other_id(
    role: &AuthRole,
    who: &Principal,
    mismatch: &Mismatch,
    bound: Option<&str>,
    evidence: &Evidence,
) -> Finding {
    let now = case::iam_role(&who.arn, evidence).map(|(role, _)| role.unique_id.as_str());
    let is_current = case::is_fresh_session(who, evidence)
        || who.is_user()
        || (now.is_some() && now == who.unique_id.as_deref());
    if now.is_some() && now == bound && now != who.unique_id.as_deref() {
        return Finding::certain(Code::VLT605)
            .because("These credentials belong to a role that was deleted; a new one has its name, and that is the one which Vault binds.")
            .remedy(
                Where::Here,
                "get credentials of the new role: log in again where they come from, or attach the instance profile again",
                None,
                None,
            );
    }
    let finding = if is_current && !role.bound_ids().is_empty() {
        Finding::certain(Code::VLT607)
    } else {
        Finding::likely(Code::VLT607, &[Code::VLT605]).not_seen(
            evidence
                .looks
                .aws
                .caller_role
                .missing("iam:GetRole", &who.bindable_arn()),
        )
    };
    let finding = finding.because(words::cause(mismatch, who));
    let finding = words::bind(finding, role, who, mismatch, &evidence.settings.vault);
    words::set_up(finding, role, mismatch, &evidence.settings)
}

/// Kong's role logged in where VaultRole is bound.
fn step_left_out(finding: Finding, login_role: &Principal, evidence: &Evidence) -> Finding {
    let arn = login_role
        .full_arn
        .clone()
        .unwrap_or_else(|| login_role.bindable_arn());
    finding
        .remedy(
            Where::Here,
            if evidence.settings.topology == Topology::Direct {
                "assume the login role first: set topology to article or separate, or name the role"
            } else {
                "assume the login role first: leave out --no-assume, or name the role"
            },
            Some(assuming(login_role)),
            None,
        )
        .remedy(
            Where::Kong,
            format!("in Kong set aws_assume_role_arn to {arn}, and aws_role_session_name with it"),
            None,
            None,
        )
}

fn assuming(login_role: &Principal) -> String {
    let arn = login_role
        .full_arn
        .clone()
        .unwrap_or_else(|| login_role.bindable_arn());
    case::login_again(&["--assume-role-arn", &arn])
}

/// Vault's role was not seen: what is known orders the causes.
fn undecided(who: Option<&Principal>, evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let kong = who.filter(|who| case::is_kong(&who.arn, evidence));
    let login_role = kong.and_then(|who| case::login_role(&who.arn, evidence));
    let is_young = who
        .and_then(|who| case::iam_role(&who.arn, evidence))
        .and_then(|(role, _)| role.age_seconds)
        .is_some_and(|age| age < YOUNG_SECONDS);
    let hidden = who.and_then(|who| identity::hidden(&who.arn, evidence));
    let finding = match (hidden, login_role) {
        (Some(meant), _) => {
            let finding = Finding::likely(Code::AWS114, &BINDING).because(format!(
                "The environment names {meant} with a token for it (AWS_ROLE_ARN), and the credentials in use belong to another identity."
            ));
            identity::run_as(finding, bare_name(meant), evidence)
        }
        (None, Some(login_role)) => {
            let finding = Finding::likely(Code::VLT606, &[Code::VLT605, Code::VLT607]);
            step_left_out(finding, &login_role, evidence)
        }
        (None, None) => {
            let (first, second) = if is_young {
                (Code::VLT607, Code::VLT605)
            } else {
                (Code::VLT605, Code::VLT607)
            };
            let mut others = vec![second];
            if who.is_some_and(|who| meant::is_stranger(who, evidence)) {
                others.push(Code::AWS114);
            }
            others.extend([Code::VLT608, Code::VLT609, Code::VLT610, Code::VLT611]);
            Finding::likely(first, &others)
        }
    };
    let compare = match who.and_then(|who| who.unique_id.as_ref()) {
        Some(_) => {
            "compare the unique id above with bound_iam_principal_id, and the ARN with bound_iam_principal_arn"
        }
        None => "compare the ARN with bound_iam_principal_arn",
    };
    finding
        .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
        .remedy(
            Where::Vault,
            compare,
            Some(shell::command(["vault", "read", &path])),
            Some(&format!("read on {path}")),
        )
}

fn with_who(finding: Finding, who: &Principal, evidence: &Evidence) -> Finding {
    let finding = match &who.unique_id {
        Some(id) => finding.fact("sts", "unique id", id),
        None => finding,
    };
    match case::iam_role(&who.arn, evidence) {
        Some((role, rights)) => finding
            .fact_with(rights, "iam", "arn", &role.arn)
            .fact_with(rights, "iam", "unique id", &role.unique_id),
        None => finding,
    }
}
