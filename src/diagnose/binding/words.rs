//! What is said of a principal that Vault's role does not bind, and what to do: in
//! the same words after a login that was refused and in a check. Pure.

use super::{Mismatch, Principal, Reason, WildcardProblem};
use crate::diagnose::looks::{AuthRole, Rights};
use crate::diagnose::{Finding, Where};
use crate::settings::{Settings, VaultSettings};
use crate::shell;

/// What is wrong with this binding, in a sentence or two.
pub fn cause(mismatch: &Mismatch, who: &Principal) -> String {
    let entry = mismatch.entry.as_deref().unwrap_or("what is bound");
    let own = who.bindable_arn();
    match &mismatch.reason {
        Reason::OtherId(bound) => format!(
            "{entry} is bound, but Vault compares unique ids, and it holds {} for it: that of an earlier {} of this name.",
            bound.as_deref().unwrap_or("another one"),
            if who.is_user() { "user" } else { "role" },
        ),
        Reason::PathWithoutIds => format!(
            "Unique ids are off, so Vault compares ARNs, and it drops the path from that of whoever logs in. So {entry} never equals {own}."
        ),
        Reason::SessionArn => format!(
            "{entry} is the ARN of a session. Vault compares the role behind a session, {own}, so this never matches."
        ),
        Reason::OtherAccount | Reason::OtherPartition => {
            let what = if mismatch.reason == Reason::OtherAccount {
                "account"
            } else {
                "partition"
            };
            format!("{entry} is bound, and {own} logs in: the same name in another {what}.")
        }
        Reason::Wildcard(problem) => wildcard_cause(*problem, entry, who),
        Reason::Capitals => format!("{entry} is bound, and {own} logs in: capitals differ."),
        Reason::OtherKind => {
            format!("{entry} is bound, and {own} logs in: one is a role, the other a user.")
        }
        Reason::TypeEc2 | Reason::OtherPrincipal | Reason::NoInstance => {
            format!("{own} logs in, and it is not among the principals that the role binds.")
        }
    }
}

fn wildcard_cause(problem: WildcardProblem, entry: &str, who: &Principal) -> String {
    let own = who.full_arn.clone().unwrap_or_else(|| who.bindable_arn());
    match problem {
        WildcardProblem::StarAlone => {
            "A star alone is bound. Vault takes it for itself, so it matches nobody.".to_owned()
        }
        WildcardProblem::StarInside => format!(
            "{entry} is bound. Only a star at the end counts for Vault; one in another place matches nothing but a star."
        ),
        WildcardProblem::Capitals => {
            format!("{entry} is bound, and {own} logs in: capitals differ.")
        }
        WildcardProblem::Path => match &who.full_arn {
            Some(full) => format!(
                "{entry} is bound. Vault compares it with the ARN that IAM has, path and all, and {full} does not begin so."
            ),
            None => format!(
                "{entry} is bound. Vault compares it with the ARN that IAM has of {own}, path and all. The names fit, so IAM has it under another path than the entry begins with{}.",
                path_of_sso(who)
            ),
        },
        WildcardProblem::OtherAccount => {
            format!("{entry} is bound, and {own} logs in, from another account.")
        }
        WildcardProblem::OtherPartition => {
            format!("{entry} is bound, and {own} logs in, from another partition.")
        }
        WildcardProblem::OtherText => {
            format!("{own} logs in, and that does not begin as what is bound with a star.")
        }
    }
}

/// Where IAM Identity Center puts its roles.
fn path_of_sso(who: &Principal) -> &'static str {
    if who.name().1.starts_with("AWSReservedSSO_") {
        ": roles of IAM Identity Center (SSO) are under /aws-reserved/sso.amazonaws.com/, and mostly under a region there"
    } else {
        ""
    }
}

/// What the role binds, as Vault shows it.
pub fn facts(finding: Finding, role: &AuthRole, rights: &Rights, vault: &VaultSettings) -> Finding {
    let path = vault.role_path();
    let listed = |items: Vec<&str>| match items.as_slice() {
        [] => "none".to_owned(),
        items => items.join(", "),
    };
    let arns = listed(role.bound_arns());
    let finding = finding.fact_with(rights, &path, "bound_iam_principal_arn", arns);
    let finding = if role.resolves_ids() {
        let ids = listed(role.bound_ids());
        finding.fact_with(rights, &path, "bound_iam_principal_id", ids)
    } else {
        finding
    };
    let resolves = role.resolves_ids().to_string();
    finding.fact_with(rights, &path, "resolve_aws_unique_ids", resolves)
}

/// What is to be bound, so that this principal gets in and nobody else loses it.
pub fn bind(
    finding: Finding,
    role: &AuthRole,
    who: &Principal,
    mismatch: &Mismatch,
    vault: &VaultSettings,
) -> Finding {
    let own = who.bindable_arn();
    let entry = mismatch.entry.as_deref();
    let (text, replaced) = match &mismatch.reason {
        Reason::OtherId(_) => return bind_again(finding, role, vault),
        Reason::PathWithoutIds => ("bind the ARN without its path", entry),
        Reason::SessionArn => (
            "bind the role instead of its session; then every session of that role can log in, and its trust policy says who gets one",
            entry,
        ),
        Reason::Capitals => ("bind the ARN as IAM writes it", entry),
        // These never match anybody.
        Reason::Wildcard(WildcardProblem::StarAlone | WildcardProblem::StarInside) => (
            "if this principal shall be let in, bind its ARN in place of the star",
            entry,
        ),
        Reason::OtherAccount | Reason::OtherPartition => (
            "if this account is the right one, bind the principal of this one too",
            None,
        ),
        _ => ("if this principal shall be let in, bind its ARN too", None),
    };
    let mut arns: Vec<&str> = role.bound_arns();
    arns.retain(|arn| Some(*arn) != replaced);
    if !arns.contains(&own.as_str()) {
        arns.push(&own);
    }
    let finding = write(finding, text, &arns, role, vault);
    match &mismatch.reason {
        Reason::PathWithoutIds => compare_ids(finding, vault),
        Reason::Wildcard(WildcardProblem::Path) => {
            with_path(finding, entry.unwrap_or_default(), role, who, vault)
        }
        _ => finding,
    }
}

fn compare_ids(finding: Finding, vault: &VaultSettings) -> Finding {
    let path = vault.role_path();
    finding.remedy(
        Where::Vault,
        "or have Vault compare unique ids, which is stricter; it cannot be switched off again",
        Some(shell::command([
            "vault",
            "write",
            &path,
            "resolve_aws_unique_ids=true",
        ])),
        Some(&format!("update on {path}, and {LOOK_UP}")),
    )
}

/// The star was meant for what is under a path that the entry does not have.
fn with_path(
    finding: Finding,
    entry: &str,
    role: &AuthRole,
    who: &Principal,
    vault: &VaultSettings,
) -> Finding {
    let (kind, name) = who.name();
    let Some(full) = &who.full_arn else {
        let (verb, flag, query) = if kind == "user" {
            ("get-user", "--user-name", "User.Arn")
        } else {
            ("get-role", "--role-name", "Role.Arn")
        };
        let words = ["aws", "iam", verb, flag, name, "--query", query];
        return finding.remedy(
            Where::Aws,
            "or see the path; if all that the entry means is under it, bind the entry with that path in front of the name",
            Some(shell::command([&words[..], &["--output", "text"]].concat())),
            Some(if kind == "user" { "iam:GetUser" } else { "iam:GetRole" }),
        );
    };
    let place = full.rsplit_once('/').map_or("", |(place, _)| place);
    let pattern = entry.rsplit_once('/').map_or("*", |(_, pattern)| pattern);
    // A star alone would let in whatever is under the path.
    if pattern == "*" {
        return finding;
    }
    let entry = format!("{place}/{pattern}");
    let arns = [&role.bound_arns()[..], &[&entry]].concat();
    let text = "or, if all of these names under that path shall be let in, bind the entry with the path too";
    write(finding, text, &arns, role, vault)
}

/// Has `setup` do the same, where it can.
pub fn set_up(
    finding: Finding,
    role: &AuthRole,
    mismatch: &Mismatch,
    settings: &Settings,
) -> Finding {
    match &mismatch.reason {
        // That it is another role, only both sides together show.
        Reason::OtherId(_) => finding.remedy(
            Where::Here,
            "or have setup do it, with an operator's rights on both sides: it shows the new role and asks",
            Some("vaultiam setup".to_owned()),
            None,
        ),
        // It keeps what is bound, and would have Vault look up what never had an id.
        _ if settings.provision.resolve_unique_ids && !role.resolves_ids() => finding,
        // It would bind the same again.
        Reason::PathWithoutIds => finding,
        _ => finding.set_up("vault"),
    }
}

/// What Vault's server needs where it looks up the ids of what is bound.
const LOOK_UP: &str = "iam:GetRole for Vault's server";

/// The right ARNs are bound, with old ids: naming them again has Vault look them up.
fn bind_again(finding: Finding, role: &AuthRole, vault: &VaultSettings) -> Finding {
    write(
        finding,
        "make sure that the new role is one to be trusted; then name the bound ARNs again, so that Vault looks up their ids",
        &role.bound_arns(),
        role,
        vault,
    )
}

fn write(
    finding: Finding,
    text: &str,
    arns: &[&str],
    role: &AuthRole,
    vault: &VaultSettings,
) -> Finding {
    let path = vault.role_path();
    let list = format!("bound_iam_principal_arn={}", arns.join(","));
    let needs = if role.resolves_ids() {
        format!("update on {path}, and {LOOK_UP}")
    } else {
        format!("update on {path}")
    };
    finding.remedy(
        Where::Vault,
        text,
        Some(shell::command(["vault", "write", &path, &list])),
        Some(&needs),
    )
}
