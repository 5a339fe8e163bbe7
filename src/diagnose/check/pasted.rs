//! Remedies as they are to be pasted: a command of this program's with the flags that
//! this run was given, because it would look elsewhere without them; one of Vault's in
//! the namespace that it is meant for.

use super::{Scene, Verdict};
use crate::diagnose::explain::is_run_in_a_namespace;
use crate::diagnose::flags;
use crate::settings::Id;
use crate::shell;
use crate::vault::namespace::with_variable;

/// What `setup` does not take.
const OF_A_LOGIN: [Id; 2] = [Id::SessionName, Id::SessionPolicy];

pub(super) fn as_pasted(mut verdict: Verdict, scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let findings = verdict.findings.iter_mut();
    let remedies = findings.flat_map(|finding| &mut finding.remedies);
    for command in remedies.filter_map(|remedy| remedy.command.as_mut()) {
        let as_it_is = std::mem::take(command);
        *command = if is_a(&as_it_is, "vaultiam setup") {
            let more = flags::typed(&as_it_is, settings, |id| !OF_A_LOGIN.contains(&id));
            as_it_is + &more
        } else if is_a(&as_it_is, "vaultiam check") {
            let more = flags::typed(&as_it_is, settings, |_| true);
            let words = scene.words().iter().map(|word| shell::quote(word));
            std::iter::once(as_it_is + &more)
                .chain(words)
                .collect::<Vec<_>>()
                .join(" ")
        } else if is_run_in_a_namespace(&as_it_is) {
            with_variable(settings.vault.namespace.as_deref(), as_it_is)
        } else {
            as_it_is
        };
    }
    verdict
}

fn is_a(command: &str, name: &str) -> bool {
    let rest = command.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}
