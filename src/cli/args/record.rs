//! The argument that has a run recorded.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, ValueHint};

pub(super) fn argument() -> Arg {
    Arg::new("record")
        .long("record")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .value_hint(ValueHint::FilePath)
        .help("Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it")
}

pub(super) fn path(matches: &ArgMatches) -> Option<PathBuf> {
    matches.get_one::<PathBuf>("record").cloned()
}
