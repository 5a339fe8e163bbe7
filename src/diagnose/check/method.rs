//! `auth.method`: an aws auth method is mounted where the login goes. It fails where
//! nothing is mounted there, or another method. With a token the list of methods
//! tells; without one the login itself does, or a login that succeeded.

use super::{Scene, Verdict};
use crate::diagnose::looks::{LoginKind, Look, Rights};
use crate::diagnose::{Code, Finding, Where};
use crate::settings::Settings;
use crate::shell;
use crate::vault::namespace::with_variable;

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
                absent(settings, rights, mounts.keys().map(String::as_str)),
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
    let finding = other(scene.settings(), kind).fact_with(rights, "sys/auth", "type", kind);
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
                absent(settings, &Rights::Nobody, std::iter::empty()),
            ),
            LoginKind::Other(words) => {
                let finding = other(settings, "another one").fact_with(
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

fn absent<'a>(
    settings: &Settings,
    rights: &Rights,
    mounts: impl Iterator<Item = &'a str>,
) -> Finding {
    let mount = &settings.vault.auth_mount;
    let namespace = settings.vault.namespace.as_deref();
    let there: Vec<&str> = mounts.collect();
    let finding = match (rights, namespace) {
        // A namespace that does not exist answers in the same way.
        (Rights::Nobody, Some(_)) => {
            Finding::likely(Code::VLT601, &[Code::VLT515]).would_decide("read", "sys/auth")
        }
        _ => Finding::certain(Code::VLT601),
    };
    let finding = finding
        .because(format!(
            "No auth method is mounted at auth/{mount}{}.",
            within(namespace)
        ))
        .fact_with(rights, "vault", "auth mount", mount);
    let finding = if there.is_empty() {
        finding
    } else {
        finding.fact_with(rights, "sys/auth", "mounted", there.join(", "))
    };
    let path = format!("-path={mount}");
    let kind = settings.provision.auth_type.as_str();
    let enable = shell::command(["vault", "auth", "enable", &path, kind]);
    finding
        .remedy(
            Where::Here,
            "set Vault's side up, or name the mount that exists (vault.auth_mount)",
            Some("vaultiam setup --only vault".to_owned()),
            None,
        )
        .remedy(
            Where::Vault,
            "or mount it by hand",
            Some(with_variable(namespace, enable)),
            Some(&format!("create and sudo on sys/auth/{mount}")),
        )
}

fn within(namespace: Option<&str>) -> String {
    let namespace = namespace.map(|name| format!(" in the namespace {name}"));
    namespace.unwrap_or_default()
}

fn other(settings: &Settings, kind: &str) -> Finding {
    let mount = &settings.vault.auth_mount;
    let list = shell::command(["vault", "auth", "list"]);
    Finding::certain(Code::VLT602)
        .because(format!(
            "The auth method at auth/{mount} is of type {kind}, not aws."
        ))
        .remedy(
            Where::Vault,
            "see which path has the aws method, and name it (vault.auth_mount)",
            Some(with_variable(settings.vault.namespace.as_deref(), list)),
            Some("read on sys/auth"),
        )
}
