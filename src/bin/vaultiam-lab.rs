//! The `vaultiam-lab` command, and the programs that it plays.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use vaultiam::output::Streams;
use vaultiam::output::streams::columns;
use vaultiam::settings::Environment;

fn main() -> ExitCode {
    let streams = Streams::new(
        Box::new(io::stdout()),
        Box::new(io::stderr()),
        io::stdout().is_terminal(),
        io::stderr().is_terminal(),
    )
    .as_wide(columns(io::stdout()), columns(io::stderr()))
    .reading(Box::new(io::stdin()), io::stdin().is_terminal());
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => {
            streams.aside(&format!(
                "error: the program does not find itself: {error}\n"
            ));
            return ExitCode::FAILURE;
        }
    };
    let code = vaultiam::lab::run(
        &program,
        std::env::args_os().collect(),
        &Environment::of_process(),
        streams,
    );
    ExitCode::from(code)
}
