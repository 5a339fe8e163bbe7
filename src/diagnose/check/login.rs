//! A real login, as far as whoever runs this can do one. Its token is revoked at the
//! end of the run.
//!
//! `login.assume` fails where KongRole gets no session, and is skipped for others who
//! get none. `login.vault` fails where Vault refuses, `login.read` where the token may
//! not read a path; the secrets themselves are not read.

use super::aws::unseen;
use super::scene::{OwnLogin, OwnSession, Wanted, Who};
use super::{Scene, Verdict};
use crate::diagnose::{Code, Finding, Where};
use crate::http::date::lifetime_text;
use crate::shell;

pub(super) async fn assume(scene: &Scene) -> Verdict {
    match scene.own_session().await {
        OwnSession::NotTried { because } => Verdict::skipped(because.clone()),
        OwnSession::Failed { fault, seen } => {
            let looks = scene.looks_for(fault, seen).await;
            Verdict::of(
                fault.message.clone(),
                scene.explained_with(fault, seen, looks),
            )
        }
        OwnSession::Got { seen, who, .. } => {
            let whose = match who {
                Who::Kong => "as KongRole",
                Who::Other => "as somebody else than KongRole",
            };
            let words = match &seen.session {
                Some(arn) => format!("{arn}, {whose}"),
                None => format!("no role is assumed, {whose}"),
            };
            Verdict::passed(words)
        }
    }
}

pub(super) async fn vault(scene: &Scene) -> Verdict {
    match scene.own_login().await {
        OwnLogin::NotTried { because } => Verdict::skipped(because.clone()),
        OwnLogin::Failed { fault, seen } => {
            let looks = scene.looks_for(fault, seen).await;
            Verdict::of(
                fault.message.clone(),
                scene.explained_with(fault, seen, looks),
            )
        }
        OwnLogin::Got {
            token_policies,
            ttl_seconds,
            ..
        } => {
            let lifetime = i64::try_from(*ttl_seconds).unwrap_or(i64::MAX);
            Verdict::passed(format!(
                "policies {}, for {}",
                token_policies.join(" "),
                lifetime_text(lifetime)
            ))
        }
    }
}

pub(super) async fn read(scene: &Scene) -> Verdict {
    let look = scene.capabilities().await;
    let Some(capabilities) = look.seen() else {
        return Verdict::skipped(unseen(look));
    };
    let wanted = scene.wanted().await;
    let mut findings = Vec::new();
    let mut said = Vec::new();
    for path in &wanted {
        let Some(rights) = capabilities.get(&path.at.api_path()) else {
            return Verdict::skipped("Vault does not say what the token may do");
        };
        if rights
            .iter()
            .any(|right| right == "read" || right == "root")
        {
            said.push(format!("{}: {}", path.shown(), rights.join(" ")));
        } else {
            findings.push(denied(scene, path, rights).await);
        }
    }
    let said = if said.is_empty() {
        "it may read none of the paths".to_owned()
    } else {
        said.join(", ")
    };
    Verdict::of(said, findings)
}

/// The texts of the policies would tell why: `policy.read` failed where they were
/// seen.
async fn denied(scene: &Scene, path: &Wanted, rights: &[String]) -> Finding {
    let alternatives = [
        Code::VLT703,
        Code::VLT704,
        Code::VLT706,
        Code::VLT705,
        Code::VLT712,
    ];
    let policies = scene.policy_names().await;
    let finding = Finding::likely(Code::VLT702, &alternatives)
        .because(format!(
            "A token of the role may not read {}.",
            path.at.api_path()
        ))
        .fact("vault", "capabilities", rights.join(" "))
        .fact("vault", "policies", policies.join(" "));
    match policies.first() {
        None => finding,
        Some(policy) => {
            let command = shell::command(["vault", "policy", "read", policy]);
            let target = format!("sys/policies/acl/{policy}");
            finding.would_decide("read", &target).remedy(
                Where::Vault,
                "read the policy",
                Some(command),
                Some(&format!("read on {target}")),
            )
        }
    }
}
