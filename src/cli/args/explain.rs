//! The arguments of `vaultiam explain`.

use clap::{Arg, ArgMatches, Command as ClapCommand, ValueHint};

use super::{switch, text, with_settings};

pub(in crate::cli) struct ExplainArguments {
    /// A code or a file; `None`: the list of all codes.
    pub(in crate::cli) what: Option<String>,
}

pub(super) fn arguments(matches: &ArgMatches) -> ExplainArguments {
    ExplainArguments {
        what: text(matches, "code"),
    }
}

pub(super) fn command() -> ClapCommand {
    with_settings(
        ClapCommand::new("explain")
            .about("Say what a finding code means, or what a recorded run met, without a network")
            .after_help("Examples:\n  vaultiam explain VLT607\n  vaultiam explain --list\n  vaultiam explain trace.json\n  vaultiam explain trace.json -v"),
        "explain",
    )
    .arg(
        Arg::new("code")
            .value_name("CODE|FILE")
            .required_unless_present("list")
            .value_hint(ValueHint::FilePath)
            .help("A code such as VLT607, or a trace that --record wrote; - reads a trace from stdin"),
    )
    .arg(switch("list").conflicts_with("code").help("List all codes"))
}
