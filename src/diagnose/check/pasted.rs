//! Remedies as they are to be pasted: a command of this program's with the flags that
//! this run was given, because it would look elsewhere without them; one of Vault's in
//! the namespace that it is meant for.

use super::{Scene, Verdict};
use crate::diagnose::explain::is_run_in_a_namespace;
use crate::settings::{Id, Kind, Origin, Settings, table};
use crate::shell;
use crate::vault::namespace::with_variable;

pub(super) fn as_pasted(mut verdict: Verdict, scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let findings = verdict.findings.iter_mut();
    let remedies = findings.flat_map(|finding| &mut finding.remedies);
    for command in remedies.filter_map(|remedy| remedy.command.as_mut()) {
        let as_it_is = std::mem::take(command);
        *command = if as_it_is.starts_with("vaultiam setup ") {
            with_flags(
                as_it_is,
                settings,
                &[Id::NoAssume, Id::SessionName, Id::SessionPolicy],
            )
        } else if as_it_is.starts_with("vaultiam check ") {
            with_words(with_flags(as_it_is, settings, &[]), &scene.words())
        } else if is_run_in_a_namespace(&as_it_is) {
            with_variable(settings.vault.namespace.as_deref(), as_it_is)
        } else {
            as_it_is
        };
    }
    verdict
}

/// The command with the settings that were typed as flags, but those that it has a
/// value for and those that mean nothing to it.
fn with_flags(command: String, settings: &Settings, but: &[Id]) -> String {
    let file = settings.file.as_ref().filter(|_| settings.file_is_named);
    let named = file.map(|file| vec!["--config".to_owned(), file.display().to_string()]);
    let typed = settings.origins.iter().filter_map(|(id, (value, origin))| {
        let Origin::Flag(flag) = origin else {
            return None;
        };
        let mut words = vec![format!("--{flag}")];
        if table::setting(*id).kind != Kind::Flag {
            words.push(value.clone());
        }
        (!but.contains(id)).then_some(words)
    });
    let words = command.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let is_new = |flag: &Vec<String>| flag.first().is_some_and(|flag| !words.contains(flag));
    let more: Vec<String> = named
        .into_iter()
        .chain(typed)
        .filter(is_new)
        .flatten()
        .collect();
    with_words(command, &more)
}

fn with_words(command: String, words: &[String]) -> String {
    let more = words.iter().map(|word| shell::quote(word));
    std::iter::once(command)
        .chain(more)
        .collect::<Vec<_>>()
        .join(" ")
}
