//! The arguments of `vaultiam init`.

use std::path::PathBuf;

use clap::{ArgMatches, Command as ClapCommand};

use super::{flag, switch, with_settings};

pub(in crate::cli) struct InitArguments {
    pub(in crate::cli) force: bool,
    /// The file that `--config` names.
    pub(in crate::cli) config: Option<PathBuf>,
}

pub(super) fn arguments(matches: &ArgMatches) -> InitArguments {
    InitArguments {
        force: flag(matches, "force"),
        config: super::global(matches).config,
    }
}

const AFTER_HELP: &str = "\
What flags and variables give, and the region and account that can be found out, is put in force; \
everything else stands as a comment. On a terminal the most important settings are asked for. \
The file is your own, or the one that --config or VAULTIAM_CONFIG names.

Examples:
  vaultiam init
  vaultiam init --topology separate --address https://vault.internal:8200
  vaultiam init --config vaultiam.yaml --region eu-west-1 --no-input";

pub(super) fn command() -> ClapCommand {
    with_settings(
        ClapCommand::new("init")
            .about("Write a settings file that explains every setting")
            .after_help(AFTER_HELP),
        "init",
    )
    .arg(switch("force").help("Replace the file that is there, without reading it"))
}
