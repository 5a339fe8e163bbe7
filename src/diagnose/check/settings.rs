//! The settings: nothing is asked of Vault or AWS but who we are.
//!
//! `settings.region` fails without a region, `settings.complete` where the settings
//! contradict themselves or describe what AWS or Vault would not take.
//! `settings.ambient` warns of variables that say something else than the file.

use super::{Scene, Verdict};
use crate::diagnose::{Code, Finding, Where, explain_settings};
use crate::fault::Fault;
use crate::settings::{Id, Settings};
use crate::setup::lint::{self, Refused, RefusedIn};
use crate::shell;
use crate::trace::StepId;

/// A region is needed to sign for, and to know which partition's AWS it is.
pub(super) async fn region(scene: &Scene) -> Verdict {
    let standing = scene.standing().await;
    match (&standing.who, &standing.seen.region) {
        (_, Some(region)) => {
            let from = scene.settings().origins.get(&Id::Region);
            let from = from.map_or_else(
                || "found by the profile or the instance".to_owned(),
                |(_, origin)| origin.to_string(),
            );
            Verdict::passed(format!("{region} ({from})"))
        }
        (Err(fault), None) if fault.step == StepId::Settings => found(scene, fault),
        (_, None) => Verdict::skipped("whether there is a region was not found out"),
    }
}

fn found(scene: &Scene, fault: &Fault) -> Verdict {
    let seen = crate::login::Observations::default();
    Verdict::of(fault.message.clone(), scene.explained(fault, &seen))
}

/// Everything that `setup` would make of the settings is worked out and linted.
pub(super) async fn complete(scene: &Scene) -> Verdict {
    let names = match scene.names().await {
        Ok(names) => names,
        Err(error) => return Verdict::found(error.to_string(), explain_settings(error)),
    };
    let refused = lint::check(&names.desired);
    let findings: Vec<Finding> = refused.iter().map(refused_finding).collect();
    let settings = scene.settings();
    Verdict::of(described(settings), findings)
}

fn described(settings: &Settings) -> String {
    let file = settings.file.as_ref();
    let file = file.map_or_else(
        || "no settings file".to_owned(),
        |file| file.display().to_string(),
    );
    format!(
        "{file}, topology {}, stack {}",
        settings.topology.name(),
        settings.provision.stack
    )
}

fn refused_finding(refused: &Refused) -> Finding {
    let code = match refused.origin {
        RefusedIn::Document => Code::AWS305,
        RefusedIn::Setting => Code::CFG903,
    };
    Finding::certain(code)
        .because(format!("{} {}", refused.place, refused.what))
        .fact("settings", "place", &refused.place)
        .remedy(Where::Here, refused.remedy.clone(), None, None)
}

/// What lies in the environment for `aws` and `vault` goes before the file where
/// something is only read; a set-up would refuse it.
pub(super) fn ambient(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let findings: Vec<Finding> = settings
        .ambient
        .iter()
        .map(|error| {
            let mut finding = explain_settings(error);
            finding.severity = crate::diagnose::Severity::Warning;
            finding.remedy(
                Where::Here,
                "take the variable away, or change the file",
                Some(shell::command(["unset", &error.place])),
                None,
            )
        })
        .collect();
    let said = match (&settings.file, findings.len()) {
        (None, _) => "there is no settings file that a variable could contradict".to_owned(),
        (Some(_), 0) => "none does".to_owned(),
        (Some(_), count) => format!("{count} of them"),
    };
    Verdict::of(said, findings)
}
