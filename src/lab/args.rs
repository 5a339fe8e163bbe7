//! The command line of `vaultiam-lab`.

use std::ffi::OsString;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, StyledStr};
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::scenario::{self, Scenario};

/// What is to be done.
pub(super) enum Wanted {
    Demo,
    Break(&'static Scenario, Then),
    List,
    /// With the time for which a new role is not known everywhere.
    Up(Stock, Duration),
}

/// What follows on a broken world.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Explain,
    /// The remedy is applied too.
    Fix,
}

/// What is in the world that `up` serves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stock {
    /// What `demo` makes.
    Article,
    Nothing,
}

/// A text to be shown instead: a help on stdout, or what is wrong on stderr.
pub(super) enum Refusal {
    Help(String),
    Wrong(String),
}

pub(super) fn parse(arguments: Vec<OsString>) -> Result<Wanted, Refusal> {
    let matches = command()
        .try_get_matches_from(arguments)
        .map_err(|error| refusal(&error))?;
    match matches.subcommand() {
        Some(("demo", words)) if words.get_flag("list") => Ok(Wanted::List),
        Some(("demo", words)) => Ok(demo(words)),
        Some(("up", words)) => Ok(up(words)),
        _ => Err(Refusal::Help(command().render_help().to_string())),
    }
}

fn demo(words: &ArgMatches) -> Wanted {
    let named = words.get_one::<String>("break");
    let then = if words.get_flag("fix") {
        Then::Fix
    } else {
        Then::Explain
    };
    match named.and_then(|name| scenario::find(name)) {
        Some(scenario) => Wanted::Break(scenario, then),
        None => Wanted::Demo,
    }
}

fn up(words: &ArgMatches) -> Wanted {
    let stock = if words.get_flag("empty") {
        Stock::Nothing
    } else {
        Stock::Article
    };
    let seconds = words.get_one::<u64>("settling").copied();
    Wanted::Up(stock, Duration::from_secs(seconds.unwrap_or_default()))
}

fn refusal(error: &clap::Error) -> Refusal {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Refusal::Help(text),
        // A list of a hundred names helps nobody.
        ErrorKind::InvalidValue if !mistyped(error).is_empty() => {
            let typed = mistyped(error);
            let near = match error.get(ContextKind::SuggestedValue) {
                Some(near) => format!("; did you mean '{near}'?"),
                None => String::new(),
            };
            Refusal::Wrong(format!(
                "error: there is no scenario '{typed}'{near}\n'vaultiam-lab demo --list' shows all\n"
            ))
        }
        _ => Refusal::Wrong(text),
    }
}

/// The value that is none.
fn mistyped(error: &clap::Error) -> String {
    let typed = error.get(ContextKind::InvalidValue);
    typed.map(ToString::to_string).unwrap_or_default()
}

fn command() -> Command {
    let names: Vec<&str> = scenario::all().map(|scenario| scenario.name).collect();
    let named = Arg::new("break")
        .long("break")
        .value_name("SCENARIO")
        .help("Break one thing first, then show what vaultiam says of it")
        .value_parser(PossibleValuesParser::new(names))
        .hide_possible_values(true);
    let fix = Arg::new("fix")
        .long("fix")
        .action(ArgAction::SetTrue)
        .requires("break")
        .help("Then run the remedy as it was printed, and the command once more");
    let list = Arg::new("list")
        .long("list")
        .action(ArgAction::SetTrue)
        .conflicts_with_all(["break", "fix"])
        .help("List the scenarios, with the code that each leads to");
    let empty = Arg::new("empty")
        .long("empty")
        .action(ArgAction::SetTrue)
        .help("Set nothing up: no roles, no auth method, no secret");
    let settling = Arg::new("settling")
        .long("settling")
        .value_name("SECONDS")
        .value_parser(value_parser!(u64).range(..=30))
        .help("Let a new role be unknown for so long, as in AWS: 0 to 30 [default: 0]");
    Command::new("vaultiam-lab")
        .version(env!("CARGO_PKG_VERSION"))
        .about("An AWS and a Vault in memory, on this machine only, to try vaultiam with")
        .after_help(StyledStr::from("Begin with: vaultiam-lab demo"))
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("demo")
                .about("Show the whole flow, or one thing that goes wrong in it")
                .args([named, fix, list]),
        )
        .subcommand(
            Command::new("up")
                .about("Stay in the foreground, for vaultiam, vault and aws in another shell")
                .args([empty, settling]),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Wanted, Refusal> {
        let words = [&["vaultiam-lab"], words].concat();
        parse(words.into_iter().map(OsString::from).collect())
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn what_is_typed_is_what_is_wanted() {
        assert!(matches!(parsed(&["demo"]), Ok(Wanted::Demo)));
        assert!(matches!(parsed(&["demo", "--list"]), Ok(Wanted::List)));
        assert!(matches!(
            parsed(&["up"]),
            Ok(Wanted::Up(Stock::Article, Duration::ZERO))
        ));
        let slow = parsed(&["up", "--empty", "--settling", "8"]);
        assert!(matches!(
            slow,
            Ok(Wanted::Up(Stock::Nothing, time)) if time.as_secs() == 8
        ));
        assert!(matches!(
            parsed(&["demo", "--break", "vault-sealed", "--fix"]),
            Ok(Wanted::Break(
                Scenario {
                    name: "vault-sealed",
                    ..
                },
                Then::Fix
            ))
        ));
    }

    #[test]
    fn a_scenario_that_is_mistyped_is_named() {
        let refused = parsed(&["demo", "--break", "vault-seeled"]);
        let Err(Refusal::Wrong(text)) = refused else {
            unreachable!("it was taken");
        };
        assert!(text.contains("did you mean 'vault-sealed'?"), "{text}");
        assert!(matches!(parsed(&["demo", "--fix"]), Err(Refusal::Wrong(_))));
    }
}
