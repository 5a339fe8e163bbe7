//! The arguments of `vaultiam man`.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command as ClapCommand, ValueHint};

use crate::cli::man::ManArguments;

pub(super) fn arguments(matches: &ArgMatches) -> ManArguments {
    match matches.get_one::<PathBuf>("dir") {
        Some(directory) => ManArguments::AllInto(directory.clone()),
        None => {
            let words = matches.get_many::<String>("command");
            ManArguments::One(words.into_iter().flatten().cloned().collect())
        }
    }
}

const AFTER_HELP: &str = "\
To read a page at once: vaultiam man login | man -l -

Examples:
  vaultiam man login
  vaultiam man --dir ~/.local/share/man/man1";

pub(super) fn command() -> ClapCommand {
    ClapCommand::new("man")
        .about("Print a man page, or write them all")
        .after_help(AFTER_HELP)
        .disable_version_flag(true)
        .arg(
            Arg::new("command")
                .value_name("COMMAND")
                .num_args(0..)
                .value_hint(ValueHint::Other)
                .help("Command whose page is meant; none: the page of vaultiam itself"),
        )
        .arg(
            Arg::new("dir")
                .long("dir")
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .value_hint(ValueHint::DirPath)
                .conflicts_with("command")
                .help("Write every page into DIR, which is made if it is missing"),
        )
}
