//! `vaultiam completions`: what makes a shell complete our command line.

use clap::Command as ClapCommand;
use clap_complete::aot::{Bash, Elvish, Fish, Generator, PowerShell, Zsh};
use clap_complete_nushell::Nushell;

use super::args;
use crate::output::Streams;

/// A shell that can complete our command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
    Nushell,
}

impl Shell {
    pub(super) const ALL: [Shell; 6] = [
        Shell::Bash,
        Shell::Zsh,
        Shell::Fish,
        Shell::Powershell,
        Shell::Elvish,
        Shell::Nushell,
    ];

    /// The name as it is typed.
    pub(super) fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Powershell => "powershell",
            Shell::Elvish => "elvish",
            Shell::Nushell => "nushell",
        }
    }
}

/// Prints the shell's script.
pub(super) fn run(shell: Shell, streams: &Streams) -> u8 {
    let script = match shell {
        Shell::Bash => generate(&Bash),
        Shell::Zsh => generate(&Zsh),
        Shell::Fish => fish(),
        Shell::Powershell => generate(&PowerShell),
        Shell::Elvish => generate(&Elvish),
        Shell::Nushell => generate(&Nushell),
    };
    super::answer(streams, &script, super::DONE)
}

fn completable() -> ClapCommand {
    let mut command = args::completable();
    command.set_bin_name("vaultiam");
    command.build();
    command
}

fn generate(generator: &impl Generator) -> String {
    let command = completable();
    let mut script = Vec::new();
    generator
        .try_generate(&command, &mut script)
        .expect("memory takes everything");
    String::from_utf8(script).expect("the words of the command line are text")
}

/// The library's script, mended: it offers nothing while an option before the
/// command lacks its value, it has no values of arguments, and it offers files
/// where none are taken.
fn fish() -> String {
    let script = generate(&Fish).replace("    or return\n", "    or return 0\n");
    let mut more = String::from("complete -c vaultiam -f\n");
    for command in completable().get_subcommands() {
        let values: Vec<String> = command
            .get_positionals()
            .flat_map(|argument| argument.get_possible_values())
            .map(|value| {
                let meaning = value.get_help().map(ToString::to_string);
                let meaning = meaning.unwrap_or_default().replace('\'', "\\'");
                format!("{}\\t'{meaning}'", value.get_name())
            })
            .collect();
        if !values.is_empty() {
            more.push_str(&format!(
                "complete -c vaultiam -n \"__fish_vaultiam_using_subcommand {}\" -a \"{}\"\n",
                command.get_name(),
                values.join("\n").replace('$', "\\$").replace('"', "\\\""),
            ));
        }
    }
    script + &more
}
