//! The KV engine. `kv.engine` fails where no engine, or one of another kind, is
//! mounted where a path lies; `kv.version` where it has another version than the
//! settings say.

use super::aws::unseen;
use super::scene::{Engine, EngineSeen};
use super::{Scene, Verdict};
use crate::diagnose::again::Again;
use crate::diagnose::{Code, Finding, Where};
use crate::settings::{KvVersion, Settings};
use crate::shell;
use crate::vault::namespace::{canonical, with_variable};

pub(super) async fn engine(scene: &Scene) -> Verdict {
    let mut said: Vec<String> = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    let mut because = None;
    for engine in scene.engines().await {
        let found = match engine.seen.seen() {
            Some(Some(seen)) if seen.version.is_some() => {
                let words = format!("{}, version {}", seen.path, number(seen));
                if !said.contains(&words) {
                    said.push(words);
                }
                continue;
            }
            Some(Some(seen)) => other(scene, engine, seen).await,
            Some(None) => {
                said.push(format!("{}/ is not there", engine.wanted.at.mount));
                absent(scene, engine).await
            }
            None => {
                because = because.or(Some(unseen(&engine.seen)));
                continue;
            }
        };
        if !findings.iter().any(|finding| finding.cause == found.cause) {
            findings.push(found);
        }
    }
    match because {
        Some(because) if findings.is_empty() => Verdict::skipped(because),
        _ => Verdict::of(said.join("; "), findings),
    }
}

fn number(seen: &EngineSeen) -> u8 {
    seen.version.map_or(0, KvVersion::number)
}

async fn absent(scene: &Scene, engine: &Engine) -> Finding {
    let settings = scene.settings();
    let mount = &engine.wanted.at.mount;
    let finding = Finding::certain(Code::VLT712)
        .because(format!("No secrets engine is mounted at {mount}/."))
        .fact("vault", "mount", mount);
    let finding = others(finding, scene).await;
    if *mount == settings.provision.kv_mount {
        return finding.remedy(
            Where::Here,
            "if it was never mounted, do so",
            Some("vaultiam setup --only vault".to_owned()),
            None,
        );
    }
    let path = format!("-path={mount}");
    let version = settings.kv.version.unwrap_or(KvVersion::Two).number();
    let version = format!("-version={version}");
    let enable = shell::command(["vault", "secrets", "enable", &path, &version, "kv"]);
    finding.remedy(
        Where::Vault,
        "if it was never mounted, do so; setup mounts that of the settings alone (kv.mount)",
        Some(in_kv_namespace(settings, enable)),
        Some(&format!("create on sys/mounts/{mount}")),
    )
}

async fn other(scene: &Scene, engine: &Engine, seen: &EngineSeen) -> Finding {
    let finding = Finding::certain(Code::VLT718)
        .because(format!(
            "The engine at {}/ is of type {}, not kv.",
            seen.path, seen.kind
        ))
        .fact("vault", "mount", &engine.wanted.at.mount)
        .fact("vault", "type", &seen.kind);
    others(finding, scene).await
}

/// How many KV engines are named.
const ENGINES_SHOWN: usize = 3;

/// Names the KV engines that there are.
async fn others(mut finding: Finding, scene: &Scene) -> Finding {
    let settings = scene.settings();
    let mounts = scene.secrets_mounts().await;
    let Some(mounts) = mounts.seen() else {
        let list = shell::command(["vault", "secrets", "list"]);
        return finding.remedy(
            Where::Vault,
            "see which engines there are, and name that of Kong's secrets (kv.mount)",
            Some(in_kv_namespace(settings, list)),
            Some("read on sys/mounts"),
        );
    };
    let is_kv = |kind: &str| matches!(kind, "kv1" | "kv2");
    let named = mounts.iter().filter(|(_, kind)| is_kv(kind));
    for (path, _) in named.take(ENGINES_SHOWN) {
        finding = if scene.has_paths() {
            finding.fact("vault", "a kv engine", path)
        } else {
            finding.remedy(
                Where::Here,
                "a KV engine is mounted at another path: name it (kv.mount)",
                Some(Again::Check.with(&["--kv-mount", path])),
                None,
            )
        };
    }
    finding
}

/// Has a command run where the engine is, which may be another namespace than that
/// of the login.
fn in_kv_namespace(settings: &Settings, command: String) -> String {
    let of_login = canonical(settings.vault.namespace.as_deref());
    match canonical(settings.kv.namespace.as_deref()) {
        "" if !of_login.is_empty() => format!("VAULT_NAMESPACE=root {command}"),
        namespace => with_variable(Some(namespace), command),
    }
}

pub(super) async fn version(scene: &Scene) -> Verdict {
    let engines = scene.engines().await.iter();
    let seen: Vec<&EngineSeen> = engines.filter_map(|engine| engine.seen.present()).collect();
    let Some(wanted) = scene.settings().kv.version else {
        let versions: Vec<String> = seen.iter().map(|seen| number(seen).to_string()).collect();
        return Verdict::passed(format!(
            "no setting asks for one; it is {}",
            versions.join(", ")
        ));
    };
    let findings: Vec<Finding> = seen
        .iter()
        .filter(|seen| seen.version != Some(wanted))
        .map(|seen| of_other_version(seen, wanted))
        .collect();
    Verdict::of(format!("version {}", wanted.number()), findings)
}

fn of_other_version(seen: &EngineSeen, wanted: KvVersion) -> Finding {
    let code = match wanted {
        KvVersion::One => Code::VLT713,
        KvVersion::Two => Code::VLT714,
    };
    Finding::certain(code)
        .because(format!(
            "{}/ is a KV engine of version {}, and the settings say version {} (kv.version).",
            seen.path,
            number(seen),
            wanted.number()
        ))
        .fact("vault", "version", number(seen).to_string())
        .remedy(
            Where::Here,
            format!(
                "say version {} in the settings (kv.version), or name another engine; one that exists is never converted",
                number(seen)
            ),
            Some(Again::Check.with(&["--kv-version", &number(seen).to_string()])),
            None,
        )
}
