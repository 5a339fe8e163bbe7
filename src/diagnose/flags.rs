//! A command of this program that is to be run now speaks of the same Vault and
//! the same roles as the run that failed: it gets the flags that said so.

use super::{Finding, Where};
use crate::settings::table::setting;
use crate::settings::{Id, Kind, Origin, Settings};
use crate::shell;

/// Where things are and what they are called. How one logs in is not among them:
/// that may be what was wrong, and then the remedy says otherwise.
const NAMES: [Id; 13] = [
    Id::Address,
    Id::Namespace,
    Id::AuthMount,
    Id::AuthRole,
    Id::AccountId,
    Id::LoginAccountId,
    Id::KongRole,
    Id::LoginRole,
    Id::CaCert,
    Id::CaPath,
    Id::ClientCert,
    Id::ClientKey,
    Id::TlsServerName,
];

/// What only a command that sets up, or looks at all of it, takes beside them.
const OF_THE_SET_UP: [Id; 9] = [
    Id::Stack,
    Id::Topology,
    Id::Workload,
    Id::ServerRole,
    Id::AuthType,
    Id::Policy,
    Id::KvMount,
    Id::KvPrefix,
    Id::KvNamespace,
];

/// Adds the flags of the run, and its settings file, to each command that is meant
/// for this machine and does not say otherwise itself.
pub(super) fn with_flags(mut finding: Finding, settings: &Settings) -> Finding {
    let here = finding.remedies.iter_mut();
    for remedy in here.filter(|remedy| remedy.place == Where::Here) {
        if let Some(command) = &mut remedy.command {
            command.push_str(&missing(command, settings));
        }
    }
    finding
}

fn missing(command: &str, settings: &Settings) -> String {
    let words = shlex::split(command).unwrap_or_default();
    let takes: &[&[Id]] = match words.get(..2).unwrap_or_default() {
        [program, name] if program == "vaultiam" => match name.as_str() {
            "login" | "get" | "put" => &[&NAMES],
            "setup" | "teardown" | "check" => &[&NAMES, &OF_THE_SET_UP],
            _ => return String::new(),
        },
        _ => return String::new(),
    };
    // In a shell, what is added would belong to the last command of several.
    if words.iter().any(|word| word == "&&" || word == "|") {
        return String::new();
    }
    typed(command, settings, |id| {
        takes.iter().any(|ids| ids.contains(&id))
    })
}

/// What is to be put behind a command: the settings file that was named, and the
/// flags that were typed, if they are wanted and the command has none of its own.
pub(super) fn typed(command: &str, settings: &Settings, is_wanted: impl Fn(Id) -> bool) -> String {
    let words = shlex::split(command).unwrap_or_default();
    // --auth-role has a short name.
    let is_said = |flag: &str| {
        let names = [
            flag,
            if flag == "--auth-role" {
                "--role"
            } else {
                flag
            },
        ];
        words.iter().any(|word| names.contains(&word.as_str()))
    };
    let mut added = Vec::new();
    let file = settings.file.as_ref().filter(|_| settings.file_is_named);
    if let Some(file) = file.filter(|_| !is_said("--config")) {
        added.extend(["--config".to_owned(), file.display().to_string()]);
    }
    for (id, (value, origin)) in &settings.origins {
        if let Origin::Flag(flag) = origin
            && is_wanted(*id)
            && !is_said(&format!("--{flag}"))
        {
            added.push(format!("--{flag}"));
            added.extend((setting(*id).kind != Kind::Flag).then(|| value.clone()));
        }
    }
    let added = added.iter().map(|word| format!(" {}", shell::quote(word)));
    added.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Code;
    use crate::settings::{Environment, Flags, resolve_without_file};

    fn settings(typed: &[(Id, &str)]) -> Settings {
        let typed = typed.iter().map(|(id, value)| (*id, (*value).to_owned()));
        let flags: Flags = typed.collect();
        let environment: Environment = std::iter::empty().collect();
        resolve_without_file(&flags, &environment, None).expect("the settings are good")
    }

    fn told(place: Where, command: &str, typed: &[(Id, &str)]) -> Option<String> {
        let finding = Finding::certain(Code::VLT605);
        let finding = finding.remedy(place, "do it", Some(command.to_owned()), None);
        let finding = with_flags(finding, &settings(typed));
        finding.remedies.into_iter().next()?.command
    }

    #[test]
    fn a_command_speaks_of_what_the_run_spoke_of() {
        let typed = [
            (Id::AuthMount, "aws 2"),
            (Id::LoginRole, "Reader"),
            (Id::Sts, "global"),
        ];
        let cases = [
            (
                "vaultiam login --explain",
                "vaultiam login --explain --login-role Reader --auth-mount 'aws 2'",
            ),
            (
                "vaultiam setup --only vault --auth-mount x",
                "vaultiam setup --only vault --auth-mount x --login-role Reader",
            ),
            (
                "vault read auth/aws/role/kong-role",
                "vault read auth/aws/role/kong-role",
            ),
            ("vaultiam explain VLT605", "vaultiam explain VLT605"),
            ("vaultiam", "vaultiam"),
        ];
        for (command, expected) in cases {
            assert_eq!(
                told(Where::Here, command, &typed).as_deref(),
                Some(expected)
            );
            assert_eq!(told(Where::Kong, command, &typed).as_deref(), Some(command));
            assert_eq!(told(Where::Here, command, &[]).as_deref(), Some(command));
        }
    }
}
