//! AWS and Vault to try vaultiam with: in memory, on this machine only.
//!
//! It plays what the flow uses and is as strict as the real ones there. It takes
//! from the program the rules that both need (`aws::policy`, `aws::identity`,
//! `vault::acl`) and nothing of how the program asks: what the lab answers must
//! not come from what the program expects.

pub mod aws;
pub mod clock;
pub mod command;
pub mod scenario;
pub mod server;
pub mod vault;
pub mod world;

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
