//! `auth.method`: an aws auth method is mounted where the login goes. It fails where
//! nothing is mounted there, or another method. With a token the list of methods
//! tells; without one the login itself does, or a login that succeeded.

use super::{Scene, Verdict};
use crate::diagnose::again::Again;
use crate::diagnose::looks::{LoginKind, Look, Rights};
use crate::diagnose::{Code, Finding, auth_mounts};

use super::aws::unseen;

pub(super) async fn method(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let mount = &settings.vault.auth_mount;
    if let Some((mounts, rights)) = scene.auth_mounts().await.seen_with() {
        return match mounts.get(mount) {
            Some(kind) if kind == "aws" || *kind == settings.provision.auth_type => {
                Verdict::passed(format!("auth/{mount}, type {kind}"))
            }
            Some(kind) => of_other_kind(scene, kind, rights).await,
            None => Verdict::found(
                format!("nothing at auth/{mount}"),
                absent(scene, rights).await,
            ),
        };
    }
    if scene.proved_login().await.is_some() {
        return Verdict::passed(format!("auth/{mount}: a login succeeded there"));
    }
    by_the_door(scene).await
}

/// The plugin may have any name: what answers at its login tells.
async fn of_other_kind(scene: &Scene, kind: &str, rights: &Rights) -> Verdict {
    let mount = &scene.settings().vault.auth_mount;
    if scene.login_kind().await.seen() == Some(&LoginKind::Aws) {
        return Verdict::passed(format!("auth/{mount}, type {kind}, which takes aws logins"));
    }
    let finding = other(scene, Some(kind))
        .await
        .fact_with(rights, "sys/auth", "type", kind);
    Verdict::found(format!("auth/{mount} is of type {kind}"), finding)
}

async fn by_the_door(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let mount = &settings.vault.auth_mount;
    let look = scene.login_kind().await;
    match look {
        Look::Seen { value, .. } => match value {
            LoginKind::Aws => Verdict::passed(format!("auth/{mount} answers as an aws method")),
            LoginKind::Nothing => Verdict::found(
                format!("nothing answers at auth/{mount}"),
                absent(scene, &Rights::Nobody).await,
            ),
            LoginKind::Other(words) => {
                let finding = other(scene, None).await.fact_with(
                    &Rights::Nobody,
                    &format!("auth/{mount}/login"),
                    "said",
                    words,
                );
                Verdict::found(format!("auth/{mount} does not take aws logins"), finding)
            }
        },
        Look::Refused(_) | Look::NotMade => Verdict::skipped(unseen(look)),
    }
}

async fn absent(scene: &Scene, rights: &Rights) -> Finding {
    let vault = &scene.settings().vault;
    let mount = &vault.auth_mount;
    let namespace = vault.namespace.as_deref();
    let finding = match (rights, namespace) {
        // A namespace that does not exist answers in the same way.
        (Rights::Nobody, Some(_)) => {
            Finding::likely(Code::VLT601, &[Code::VLT515]).would_decide("read", "sys/auth")
        }
        _ => Finding::certain(Code::VLT601),
    };
    let place = namespace.map(|name| format!(" in the namespace {name}"));
    let finding = finding
        .because(format!(
            "No auth method is mounted at auth/{mount}{}.",
            place.unwrap_or_default()
        ))
        .fact_with(rights, "vault", "auth mount", mount);
    let mounts = scene.auth_mounts().await;
    let finding = match mounts.seen() {
        Some(there) if !there.is_empty() => {
            let there: Vec<&str> = there.keys().map(String::as_str).collect();
            finding.fact_with(rights, "sys/auth", "mounted", there.join(", "))
        }
        _ => finding,
    };
    auth_mounts::elsewhere(finding, mounts, vault, Again::Check)
}

async fn other(scene: &Scene, kind: Option<&str>) -> Finding {
    let vault = &scene.settings().vault;
    let mount = &vault.auth_mount;
    let finding = Finding::certain(Code::VLT602).because(match kind {
        Some(kind) => format!("The auth method at auth/{mount} is of type {kind}, not aws."),
        None => format!("The auth method at auth/{mount} is none of type aws."),
    });
    auth_mounts::elsewhere(finding, scene.auth_mounts().await, vault, Again::Check)
}
