//! The KV engine. `kv.engine` fails where no engine, or one of another kind, is
//! mounted where a path lies; `kv.version` where it has another version than the
//! settings say.

use super::aws::unseen;
use super::scene::{Engine, EngineSeen};
use super::{Scene, Verdict};
use crate::diagnose::{Code, Finding, Where};
use crate::settings::{KvVersion, Settings};
use crate::shell;
use crate::vault::namespace::with_variable;

pub(super) async fn engine(scene: &Scene) -> Verdict {
    let settings = scene.settings();
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
            Some(Some(seen)) => other(engine, seen),
            Some(None) => absent(engine, settings),
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

fn absent(engine: &Engine, settings: &Settings) -> Finding {
    let mount = &engine.wanted.at.mount;
    let list = shell::command(["vault", "secrets", "list"]);
    Finding::certain(Code::VLT712)
        .because(format!("No secrets engine is mounted at {mount}/."))
        .fact("vault", "mount", mount)
        .remedy(
            Where::Here,
            "make it, or name the one that exists (kv.mount)",
            Some("vaultiam setup --only vault".to_owned()),
            None,
        )
        .remedy(
            Where::Vault,
            "see which there are",
            Some(with_variable(settings.kv.namespace.as_deref(), list)),
            Some("read on sys/mounts"),
        )
}

fn other(engine: &Engine, seen: &EngineSeen) -> Finding {
    Finding::certain(Code::VLT718)
        .because(format!(
            "The engine at {}/ is of type {}, not kv.",
            seen.path, seen.kind
        ))
        .fact("vault", "mount", &engine.wanted.at.mount)
        .fact("vault", "type", &seen.kind)
        .remedy(
            Where::Here,
            "name the path of the KV engine (kv.mount)",
            None,
            None,
        )
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
                "say version {} in the settings, or name another engine; one that exists is never converted",
                number(seen)
            ),
            None,
            None,
        )
}
