//! The arguments of `vaultiam completions`, and the command line as a completer
//! sees it.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgMatches, Command as ClapCommand, ValueHint};

use super::check::{self, SELECTED};
use super::{formats_of, output_argument, text};
use crate::cli::completions::Shell;
use crate::diagnose::Code;
use crate::settings::{Kind, TABLE};

pub(super) fn arguments(matches: &ArgMatches) -> Shell {
    let typed = text(matches, "shell").unwrap_or_default();
    let named = Shell::ALL.into_iter().find(|shell| shell.name() == typed);
    // The parser lets nothing else through.
    named.unwrap_or(Shell::Bash)
}

const AFTER_HELP: &str = "\
To have it in every new shell (in brackets: where the line goes):
  bash        vaultiam completions bash > ~/.local/share/bash-completion/completions/vaultiam
  zsh         vaultiam completions zsh > DIR/_vaultiam    [DIR: one of $fpath]
  fish        vaultiam completions fish > ~/.config/fish/completions/vaultiam.fish
  powershell  vaultiam completions powershell | Out-String | Invoke-Expression    [$PROFILE]
  elvish      eval (vaultiam completions elvish | slurp)    [~/.config/elvish/rc.elv]
  nushell     vaultiam completions nushell | save ($nu.user-autoload-dirs.0 | path join vaultiam.nu)";

pub(super) fn command() -> ClapCommand {
    ClapCommand::new("completions")
        .about("Print what makes a shell complete commands, options and their values")
        .after_help(AFTER_HELP)
        .disable_version_flag(true)
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(PossibleValuesParser::new(Shell::ALL.map(Shell::name)))
                .hide_possible_values(true)
                .help("bash, zsh, fish, powershell, elvish or nushell"),
        )
}

/// The whole command line with the values that can be completed. The parser
/// itself does not know them all: `settings` and `explain` check what they are
/// given, with messages of their own.
pub(in crate::cli) fn completable() -> ClapCommand {
    let command = super::command().mut_subcommands(with_values);
    let mut formats = Vec::new();
    for format in command
        .get_subcommands()
        .flat_map(|each| formats_of(each.get_name()))
    {
        if !formats.contains(format) {
            formats.push(format);
        }
    }
    command.mut_arg("output", |argument| {
        argument.value_parser(PossibleValuesParser::new(formats))
    })
}

fn with_values(command: ClapCommand) -> ClapCommand {
    let formats = formats_of(command.get_name());
    command
        .mut_args(|argument| match values_of(&argument) {
            Some(values) => argument
                .value_parser(PossibleValuesParser::new(values))
                .value_hint(ValueHint::Unknown),
            None => argument,
        })
        .mut_subcommands(with_values)
        // In place of the one that every command takes.
        .arg(output_argument().value_parser(PossibleValuesParser::new(formats)))
}

fn values_of(argument: &Arg) -> Option<Vec<PossibleValue>> {
    let id = argument.get_id().as_str();
    if id == "code" {
        let codes = Code::ALL.iter();
        return Some(
            codes
                .map(|code| PossibleValue::new(code.name()).help(code.title()))
                .collect(),
        );
    }
    if argument.get_value_names() == Some(&[SELECTED.into()]) {
        let names = check::names().into_iter();
        return Some(
            names
                .map(|(name, title)| PossibleValue::new(name).help(title))
                .collect(),
        );
    }
    let setting = TABLE.iter().find(|row| row.flag == Some(id))?;
    match setting.kind {
        Kind::Choice(choices) => Some(choices.iter().map(PossibleValue::new).collect()),
        _ => None,
    }
}
