//! What a secret that was not read is not: causes of the same words that a fact at
//! hand excludes.

use super::denied::{Asked, MountKnown};
use super::mounts::Mounts;
use super::other_causes;
use crate::diagnose::explain::Evidence;
use crate::diagnose::explain::ruled_out::sifted;
use crate::diagnose::grant::Grant;
use crate::diagnose::{Code, Confidence, Finding};
use crate::fault::{Fault, KvProblem, MountSeen};

/// Whether the engine is there, and of which kind.
const ENGINE: [Code; 4] = [Code::VLT712, Code::VLT713, Code::VLT714, Code::VLT718];
/// What the policies grant.
const RIGHTS: [Code; 5] = [
    Code::VLT703,
    Code::VLT704,
    Code::VLT705,
    Code::VLT706,
    Code::VLT725,
];

/// Names what is excluded beside the finding.
pub(super) fn with_ruled_out(
    finding: Finding,
    problem: &KvProblem,
    fault: &Fault,
    evidence: &Evidence,
) -> Finding {
    let found = [finding.code];
    let engine = |code| engine_why_not(code, problem, fault, evidence);
    match problem {
        KvProblem::Denied { .. } | KvProblem::DeniedOrNoMount => {
            let is_about_engine = ENGINE.contains(&finding.code);
            let finding = sifted(finding, &ENGINE, &found, engine);
            if is_about_engine {
                return finding;
            }
            let asked = Asked::of(fault, MountKnown::No, evidence);
            let rights = |code| rights_why_not(code, &asked);
            decided(sifted(finding, &RIGHTS, &found, rights))
        }
        KvProblem::NoSecret { .. } => sifted(finding, &[Code::VLT714], &found, engine),
        KvProblem::TokenInvalid | KvProblem::TokenRefused => {
            let token = |code| token_why_not(code, evidence);
            decided(sifted(finding, other_causes(problem), &found, token))
        }
        _ => finding,
    }
}

/// A dead token, and a path that nothing grants, are proved once every other cause of
/// the words is excluded.
fn decided(finding: Finding) -> Finding {
    let is_last = finding.alternatives.is_empty() && !finding.ruled_out.is_empty();
    if is_last && matches!(finding.code, Code::VLT701 | Code::VLT702) {
        return Finding {
            confidence: Confidence::Certain,
            ..finding
        };
    }
    finding
}

/// The fact that excludes a cause that lies in the engine.
fn engine_why_not(
    code: Code,
    problem: &KvProblem,
    fault: &Fault,
    evidence: &Evidence,
) -> Option<String> {
    let is_looked_up = matches!(
        problem,
        KvProblem::Denied { .. }
            | KvProblem::NoSecret {
                mount: MountSeen::Found,
                ..
            }
    );
    if is_looked_up {
        return Some(match code {
            Code::VLT712 => "Vault's look-up of the path found the engine".to_owned(),
            Code::VLT718 => "Vault's look-up of the path found a KV engine".to_owned(),
            _ => "the engine was asked in the form of the version that its look-up told".to_owned(),
        });
    }
    let mount = Mounts::seen(evidence)?.of(&fault.operation)?;
    let is_kv = mount.kind.starts_with("kv");
    match code {
        Code::VLT712 => Some(format!("an engine is mounted at {}/", mount.path)),
        Code::VLT718 if is_kv => Some(format!("the engine at {}/ is one for KV", mount.path)),
        Code::VLT713 if mount.kind == "kv1" => {
            Some(format!("the engine at {}/ keeps no versions", mount.path))
        }
        Code::VLT714 if mount.kind == "kv2" => {
            Some(format!("the engine at {}/ keeps versions", mount.path))
        }
        _ => None,
    }
}

/// The fact that excludes a cause that lies in the policies.
fn rights_why_not(code: Code, asked: &Asked<'_>) -> Option<String> {
    let may = asked.may(asked.api());
    let granted = asked.granted();
    let is_granted = may == Some(true) || matches!(granted, Some(Grant::Granted(_)));
    if is_granted && code != Code::VLT725 {
        return Some("the policies grant the path".to_owned());
    }
    let by_texts = match &granted {
        Some(Grant::Refused(refusal)) => Some(refusal.code),
        _ => None,
    };
    match code {
        Code::VLT703 => {
            let plain = asked.without_data()?;
            let is_refused = asked.may(&plain) == Some(false);
            let decides = |code| !matches!(code, Code::VLT703 | Code::VLT706);
            (is_refused || by_texts.is_some_and(decides))
                .then(|| format!("{} on {plain} is not granted either", asked.capability()))
        }
        Code::VLT704 => {
            let names = asked.own_names().filter(|names| !names.is_empty())?;
            let all_exist = names.iter().all(|name| asked.is_there(name));
            all_exist.then(|| "each policy that the token names exists".to_owned())
        }
        Code::VLT705 => {
            let names = asked.own_names().filter(|names| !names.is_empty())?;
            Some(format!("the token has {}", names.join(", ")))
        }
        Code::VLT706 => {
            let rights = asked.rights_on(asked.api()).unwrap_or_default();
            let has_some = !rights.is_empty() && !rights.iter().any(|right| right == "deny");
            if has_some {
                let rights = rights.join(", ");
                return Some(format!(
                    "the token has {rights} there, and a rule that denies leaves nothing"
                ));
            }
            by_texts
                .is_some_and(|code| code != Code::VLT706)
                .then(|| "no rule of the policies denies it".to_owned())
        }
        Code::VLT725 => (may == Some(false) || by_texts.is_some())
            .then(|| "the policies do not grant the path to begin with".to_owned()),
        _ => None,
    }
}

/// The fact that excludes a cause that lies in the token.
fn token_why_not(code: Code, evidence: &Evidence) -> Option<String> {
    // What is known of a token is known of the one that the login gave.
    evidence
        .seen
        .token_policies
        .as_ref()
        .filter(|_| !evidence.foreign_token)?;
    match code {
        Code::VLT720 if evidence.seen.token_uses.is_none() => {
            Some("the login gave a token that may be used as often as one likes".to_owned())
        }
        Code::VLT617 => {
            let role = evidence.looks.vault.auth_role.present()?;
            let is_free = role.bound_cidrs().is_empty();
            is_free.then(|| "the role binds no address".to_owned())
        }
        _ => None,
    }
}
