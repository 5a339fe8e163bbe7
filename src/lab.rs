//! The embedded lab: an AWS and a Vault in memory, on loopback, in which the
//! whole flow runs and can be broken on purpose.

pub mod command;
pub mod scenario;

use std::ffi::OsString;
use std::path::Path;

use crate::exit_code::USAGE;
use crate::output::Streams;
use crate::settings::Environment;

/// Runs the program: as itself, or as the one by whose name it is called.
pub fn run(arguments: Vec<OsString>, environment: &Environment, streams: Streams) -> u8 {
    let called = arguments.first().map(Path::new).and_then(Path::file_stem);
    match called.and_then(|name| name.to_str()) {
        Some("vaultiam") => crate::cli::run(arguments, environment, streams),
        Some("vault") => command::vault::run(&typed(&arguments), environment, &streams),
        Some("aws") => command::aws::run(&typed(&arguments), environment, &streams),
        _ => USAGE,
    }
}

/// The words behind the program's name.
fn typed(arguments: &[OsString]) -> Vec<String> {
    let words = arguments.iter().skip(1);
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}
