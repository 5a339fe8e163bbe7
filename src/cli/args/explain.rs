//! The arguments of `vaultiam explain`.

use clap::{Arg, ArgMatches, Command as ClapCommand};

use super::{switch, text, with_settings};

pub(in crate::cli) struct ExplainArguments {
    /// `None`: the list of all codes.
    pub(in crate::cli) code: Option<String>,
}

pub(super) fn arguments(matches: &ArgMatches) -> ExplainArguments {
    ExplainArguments {
        code: text(matches, "code"),
    }
}

pub(super) fn command() -> ClapCommand {
    with_settings(
        ClapCommand::new("explain")
            .about("Say what a finding code means, without a network")
            .after_help("Examples:\n  vaultiam explain VLT607\n  vaultiam explain --list"),
        "explain",
    )
    .arg(
        Arg::new("code")
            .value_name("CODE")
            .required_unless_present("list")
            .help("A code such as VLT607"),
    )
    .arg(switch("list").conflicts_with("code").help("List all codes"))
}
