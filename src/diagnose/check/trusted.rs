//! Whether KongRole gets a session of VaultRole, without being KongRole: both sides
//! are judged from their documents.
//!
//! `aws.trust` fails where VaultRole's trust policy does not let KongRole in,
//! `aws.assume` where KongRole's own policies do not allow it to ask. Service control
//! policies are seen by neither, and the outcome says so. Where the documents cannot
//! be read, a session that KongRole really got proves both.

use super::aws::{NO_LOGIN_ROLE, unseen};
use super::{Scene, Verdict};
use crate::diagnose::assume::{Ask, Reason, Side, of_caller, of_trust};
use crate::diagnose::looks::Look;
use crate::diagnose::{Code, Finding};

pub(super) async fn trust(scene: &Scene) -> Verdict {
    let Ok(names) = scene.names().await else {
        return Verdict::skipped("the settings do not name the roles");
    };
    let Some(target) = names.login() else {
        return Verdict::passed(NO_LOGIN_ROLE);
    };
    let kong = names.kong();
    let look = scene.login_role().await;
    let Some((Some(role), with)) = look.seen_with() else {
        return unread(scene, look).await;
    };
    let ask = ask(scene, kong, target).await;
    verdict(scene, of_trust(role, with, &ask), |by| {
        format!("{by} lets {kong} in")
    })
    .await
}

pub(super) async fn may_assume(scene: &Scene) -> Verdict {
    let Ok(names) = scene.names().await else {
        return Verdict::skipped("the settings do not name the roles");
    };
    let Some(target) = names.login() else {
        return Verdict::passed(NO_LOGIN_ROLE);
    };
    let kong = names.kong();
    let look = scene.kong_role().await;
    let Some((Some(own), with)) = look.seen_with() else {
        return unread(scene, look).await;
    };
    let target_role = scene.login_role().await.present();
    let ask = ask(scene, kong, target).await;
    verdict(scene, of_caller(own, with, target_role, &ask), |by| {
        format!("{by}; service control policies were not seen")
    })
    .await
}

async fn verdict(scene: &Scene, side: Side, words: impl FnOnce(String) -> String) -> Verdict {
    match side {
        Side::Allows(by) => Verdict::passed(words(by)),
        Side::Refuses(reasons) => {
            let said = reasons.first().map(|reason| reason.cause.clone());
            let findings = reasons.into_iter().map(finding).collect();
            Verdict::of(said.unwrap_or_default(), findings)
        }
        Side::Undecided(_) if scene.proved_assume().await => Verdict::passed(PROVED),
        Side::Undecided(what) => Verdict::skipped(format!("it hangs on {what}")),
    }
}

/// The documents decide by themselves.
fn finding(reason: Reason) -> Finding {
    let mut finding = Finding::certain(reason.code).because(reason.cause);
    finding.evidence = reason.facts;
    // A login with another flag shows nothing of Kong, which can send no external id.
    let is_of_a_login = |command: &str| command.starts_with("vaultiam login ");
    finding.remedies = reason.remedies;
    finding
        .remedies
        .retain(|remedy| !remedy.command.as_deref().is_some_and(is_of_a_login));
    // Both sides of it are what a set-up writes.
    if finding.code == Code::AWS222 {
        return finding.set_up("aws");
    }
    finding
}

const PROVED: &str = "STS gave KongRole a session of it";

/// What is said where the documents were not read.
async fn unread<T>(scene: &Scene, look: &Look<T>) -> Verdict {
    if scene.proved_assume().await {
        return Verdict::passed(PROVED);
    }
    Verdict::skipped(unseen(look))
}

/// Kong with KongRole, and its unique id where it was seen.
async fn ask(scene: &Scene, kong: &str, target: &str) -> Ask {
    let own = scene.kong_role().await.present();
    let unique_id = own.map(|role| role.unique_id.as_str());
    Ask::of_kong(kong, unique_id, target, scene.settings())
}
