//! AWS and Vault to try vaultiam with: in memory, on this machine only.
//!
//! It plays what the flow uses and is as strict as the real ones there. It takes
//! from the program the rules that both need (`aws::policy`, `aws::identity`,
//! `vault::acl`) and nothing of how the program asks: what the lab answers must
//! not come from what the program expects.

mod args;
pub mod aws;
pub mod clock;
pub mod command;
mod demo;
mod random;
pub mod scenario;
pub mod server;
mod up;
pub mod vault;
pub mod world;

use std::ffi::OsString;
use std::path::Path;

use crate::exit_code::{DONE, INTERRUPTED, OTHER, USAGE};
use crate::output::Streams;
use crate::settings::Environment;
use crate::shell;

use args::{Refusal, Wanted};
use demo::{DemoError, Stage};
use world::World;

/// Runs the program: as itself, or as the one by whose name it is called.
/// `program` is where it lies.
pub fn run(
    program: &Path,
    arguments: Vec<OsString>,
    environment: &Environment,
    streams: Streams,
) -> u8 {
    let called = arguments.first().map(Path::new).and_then(Path::file_stem);
    match called.and_then(|name| name.to_str()) {
        Some("vaultiam") => crate::cli::run(arguments, environment, streams),
        Some("vault") => command::vault::run(&typed(&arguments), environment, &streams),
        Some("aws") => command::aws::run(&typed(&arguments), environment, &streams),
        _ => run_as_itself(program, arguments, environment, streams),
    }
}

/// The words behind the program's name.
fn typed(arguments: &[OsString]) -> Vec<String> {
    let words = arguments.iter().skip(1);
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

fn run_as_itself(
    program: &Path,
    arguments: Vec<OsString>,
    environment: &Environment,
    streams: Streams,
) -> u8 {
    let called = arguments.first().map(|name| name.to_string_lossy());
    let called = shell::quote(&called.unwrap_or("vaultiam-lab".into()));
    let wanted = match args::parse(arguments) {
        Ok(wanted) => wanted,
        Err(Refusal::Help(text)) => return shown(&streams, &text),
        Err(Refusal::Wrong(text)) => {
            streams.aside(&text);
            return USAGE;
        }
    };
    if let Wanted::List = wanted {
        return shown(&streams, &demo::list(streams.stdout_style));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => {
            let stage = Stage {
                streams: &streams,
                called: &called,
            };
            runtime.block_on(in_a_world(program, &wanted, environment, stage))
        }
        Err(error) => Err(DemoError::Runtime(error)),
    };
    outcome.unwrap_or_else(|error| {
        // Whoever read has seen enough.
        if error.is_closed_pipe() {
            return DONE;
        }
        streams.aside(&format!("error: {error}\n"));
        OTHER
    })
}

fn shown(streams: &Streams, text: &str) -> u8 {
    match streams.answer(text) {
        Ok(()) => DONE,
        Err(_) => OTHER,
    }
}

/// Does what is wanted in a world of its own, which is gone in the end: also
/// when somebody interrupts it.
async fn in_a_world(
    program: &Path,
    wanted: &Wanted,
    environment: &Environment,
    stage: Stage<'_>,
) -> Result<u8, DemoError> {
    let ended = up::ended();
    let world = World::start(program, environment).await?;
    let show = async {
        match wanted {
            Wanted::Demo => demo::flow(&world, stage).await,
            Wanted::Break(scenario, then) => demo::broken(&world, scenario, *then, stage).await,
            Wanted::Up(stock, settling) => up::up(&world, *stock, *settling, stage.streams).await,
            // Answered without a world.
            Wanted::List => Ok(DONE),
        }
    };
    tokio::select! {
        code = show => return code,
        () = ended => {}
    }
    if let Wanted::Up(..) = wanted {
        stage.streams.aside("\nThe lab is gone.\n");
        return Ok(DONE);
    }
    Ok(INTERRUPTED)
}
