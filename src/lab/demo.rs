//! The demonstration: the whole flow in a world of its own, or one thing that
//! goes wrong in it. Each command is run as it is shown, by a shell, in the
//! environment of the machine that it is for.

mod list;
mod verdict;

use std::process::Stdio;

use super::args::Then;
use super::scenario::{Break, Cure, Scenario, State, Who};
use super::world::{BreakError, Machine, World};
use crate::exit_code::{DONE, OTHER};
use crate::output::Streams;

use verdict::Verdict;

pub(super) use list::list;

/// Where Kong's secret lies, and what it is.
const PUT: &str = "printf s3cr3t-from-vault | vaultiam put kv/kong/db-password value=-";
const SETUP: &str = "vaultiam setup --yes -q";

/// Why a demonstration cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    #[error(transparent)]
    World(#[from] super::world::WorldError),
    #[error(transparent)]
    Break(#[from] BreakError),
    #[error("there is no shell here: {0}")]
    Shell(std::io::Error),
    #[error("the runtime does not start: {0}")]
    Runtime(std::io::Error),
    #[error("stdout cannot be written: {0}")]
    Shown(#[from] std::io::Error),
}

impl DemoError {
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, DemoError::Shown(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

/// Shows set-up, secret, login and read.
pub(super) async fn flow(world: &World, stage: Stage<'_>) -> Result<u8, DemoError> {
    let operator = world.machine(Who::Operator)?;
    let kong = world.machine(Who::Kong)?;
    let acts = [
        (
            "An AWS and a Vault are up, in memory and on 127.0.0.1 only. Nothing leaves this machine.\n\
             \n\
             1. The operator sets up both sides: KongRole and VaultRole in IAM, the aws method,\n\
             \x20  its role, a policy and a KV engine in Vault.",
            &operator,
            SETUP,
        ),
        (
            "2. The operator writes the secret that Kong will need.",
            &operator,
            PUT,
        ),
        (
            "3. Now as Kong, on an instance that has no key and no token: only its instance profile.\n\
             \x20  It assumes VaultRole, signs a request and hands the signed request to Vault, which\n\
             \x20  has STS confirm it. What was assumed may do nothing at all in AWS.",
            &kong,
            "vaultiam login --explain",
        ),
        (
            "4. With the token of that login Kong reads its secret, and may read nothing else.",
            &kong,
            "vaultiam get kv/kong/db-password",
        ),
    ];
    for (words, machine, line) in acts {
        stage.say(words)?;
        if stage.show(machine, line).await? != i32::from(DONE) {
            stage.say("This should have come through.")?;
            return Ok(OTHER);
        }
    }
    let called = stage.called;
    stage.say(&format!(
        "No secret was configured anywhere for this: no key on the instance, no token in a file\n\
         of Kong's, no password.\n\
         \n\
         next: what vaultiam says when it breaks\n\
         \x20 {called} demo --break role-made-anew --fix\n\
         \x20 {called} demo --list\n\
         to look around by hand, with vaultiam, vault and aws:\n\
         \x20 {called} up"
    ))?;
    Ok(DONE)
}

/// Sets up, without a word.
pub(super) async fn set_up(world: &World) -> Result<(), DemoError> {
    let operator = world.machine(Who::Operator)?;
    world.type_in(&operator, SETUP).await?;
    world.type_in(&operator, PUT).await?;
    Ok(())
}

/// Breaks one thing in a world that works, and shows what is said of it.
pub(super) async fn broken(
    world: &World,
    scenario: &Scenario,
    then: Then,
    stage: Stage<'_>,
) -> Result<u8, DemoError> {
    set_up(world).await?;
    let mut machine = world.machine(scenario.run.who)?;
    stage.say(&format!(
        "All is set up, as 'vaultiam-lab demo' shows it. Then: {}.",
        scenario.title
    ))?;
    stage.show_break(world, &scenario.breaks)?;
    world.break_it(&scenario.breaks, &mut machine).await?;

    stage.say(whereabouts(scenario.run.who))?;
    let line = format!("vaultiam {}", world.filled(scenario.run.words));
    let code = stage.show(&machine, &line).await?;
    let verdict = Verdict::of(&machine, &line).await?;
    if code != i32::from(scenario.exit) || !verdict.names(scenario.code) {
        stage.say(&format!(
            "This should have been {}, exit code {}; it was {}, exit code {code}.",
            scenario.code,
            scenario.exit,
            verdict.first()
        ))?;
        return Ok(OTHER);
    }
    stage.say(&format!(
        "It was broken by: {}. vaultiam says {}, exit code {code}.",
        scenario.title, scenario.code
    ))?;
    match then {
        Then::Explain => {
            stage.say(&match scenario.cure {
                Cure::Person(act) => format!("what helps: {act}"),
                Cure::Remedy(_) | Cure::Instead(_) => format!(
                    "to see the remedy work: {} demo --break {} --fix",
                    stage.called, scenario.name
                ),
            })?;
            Ok(DONE)
        }
        Then::Fix => fix(world, scenario, &machine, &line, &verdict, stage).await,
    }
}

/// Runs the remedy as it was printed, and then what had failed.
async fn fix(
    world: &World,
    scenario: &Scenario,
    machine: &Machine,
    line: &str,
    verdict: &Verdict,
    stage: Stage<'_>,
) -> Result<u8, DemoError> {
    if let Cure::Person(act) = scenario.cure {
        stage.say(&format!("What helps here is for a person to do: {act}."))?;
        return Ok(DONE);
    }
    let number = scenario.cure.remedy();
    let remedy = number.and_then(|number| verdict.remedy(scenario.code, number));
    let Some(remedy) = remedy else {
        stage.say("The remedy that should be there is not.")?;
        return Ok(OTHER);
    };
    let is_ours = remedy.starts_with("vaultiam ");
    let operator = world.machine(Who::Operator)?;
    stage.say(if is_ours {
        "The remedy, as it was printed:"
    } else {
        "The remedy, as it was printed, by the operator:"
    })?;
    let hand = if is_ours { machine } else { &operator };
    let code = stage.show(hand, &remedy).await?;
    if code != i32::from(DONE) {
        stage.say("The remedy failed.")?;
        return Ok(OTHER);
    }
    if matches!(scenario.cure, Cure::Instead(_)) {
        stage.say("Fixed: with the right words it comes through.")?;
        return Ok(DONE);
    }
    stage.say("The same command again:")?;
    let code = stage.show(machine, line).await?;
    // A check may still find something else that is worth a warning.
    let is_better = code == i32::from(DONE)
        || !Verdict::of(machine, line).await?.names(scenario.code) && scenario.side.is_none();
    stage.say(if is_better {
        "Fixed."
    } else {
        "This should have been fixed."
    })?;
    Ok(if is_better { DONE } else { OTHER })
}

/// Where the command runs, for the person who reads.
fn whereabouts(who: Who) -> &'static str {
    match who {
        Who::Kong => "On Kong's instance:",
        Who::KongAndAdmin => "On Kong's instance, where an administrator looks on:",
        Who::Operator => "On the operator's machine:",
    }
}

/// Where it is shown.
#[derive(Clone, Copy)]
pub(super) struct Stage<'a> {
    pub(super) streams: &'a Streams,
    /// How the program was called: what is to be typed next begins with it.
    pub(super) called: &'a str,
}

impl Stage<'_> {
    /// A paragraph of the narration.
    fn say(self, words: &str) -> Result<(), DemoError> {
        let text: String = words.lines().map(|line| format!("{line}\n")).collect();
        Ok(self.streams.answer(&format!("{text}\n"))?)
    }

    /// Shows a line and runs it; what it says stands below, in the order in which
    /// it was said. Returns its exit code.
    async fn show(self, machine: &Machine, line: &str) -> Result<i32, DemoError> {
        let prompt = self.streams.stdout_style.strong(&format!("$ {line}"));
        self.streams.answer(&format!("{prompt}\n"))?;
        let mut command = machine.shell(&format!("{{ {line}\n}} 2>&1"));
        let status = command
            .stdin(Stdio::null())
            .status()
            .await
            .map_err(DemoError::Shell)?;
        self.streams.answer("\n")?;
        Ok(status.code().unwrap_or(-1))
    }

    /// What somebody typed, or what happened.
    fn show_break(self, world: &World, breaks: &Break) -> Result<(), DemoError> {
        let shown = broken_by(world, breaks);
        if !shown.is_empty() {
            self.say(&shown.join("\n"))?;
        }
        Ok(())
    }
}

fn broken_by(world: &World, breaks: &Break) -> Vec<String> {
    match breaks {
        Break::CommandLine => Vec::new(),
        Break::Commands(lines) => lines
            .iter()
            // A digit needs no quotes.
            .map(|line| line.replace("'$ACCOUNT'", "$ACCOUNT"))
            .map(|line| format!("  # {}", world.filled(&line)))
            .collect(),
        Break::Settings(settings) => settings
            .iter()
            .map(|(name, value)| {
                let value = crate::shell::quote(&shown_value(world, value));
                format!("  # export {name}={value}")
            })
            .collect(),
        Break::State(state) => vec![format!("  ({})", happened(state))],
        Break::Both(first, second) => [broken_by(world, first), broken_by(world, second)].concat(),
    }
}

/// A value as it may be seen: the operator's secret key stays a variable.
fn shown_value(world: &World, value: &str) -> String {
    if value == "$OPERATOR_SECRET_KEY" {
        return value.to_owned();
    }
    world.filled(value)
}

/// What happened, where nobody typed anything.
fn happened(state: &State) -> String {
    match state {
        State::AwsClock { seconds } => format!("AWS's clock is {} this machine's", away(*seconds)),
        State::StsThrottled { .. } => "STS has had too many requests from this account".to_owned(),
        State::VaultWithoutAws => "Vault's server does not reach AWS any more".to_owned(),
        State::CopiedKeysEnded => {
            "AWS_ACCESS_KEY_ID and the others hold what the instance had; that has ended".to_owned()
        }
        State::HopLimit => {
            "the program is in a container, and the hop limit of the instance is 1".to_owned()
        }
        State::MetadataOff => "the metadata service of the instance was switched off".to_owned(),
        State::ServiceControlPolicy { denies } => {
            format!("the organisation has a policy that denies {denies}")
        }
        State::Boundary { role, allows } => {
            format!("{role} got a permissions boundary that allows {allows} alone")
        }
        State::VaultWithoutIdentity => {
            "Vault's server lost its instance profile and was restarted".to_owned()
        }
        State::VaultRestarted => "Vault's server was restarted".to_owned(),
    }
}

fn away(seconds: i64) -> String {
    let minutes = seconds.unsigned_abs() / 60;
    let direction = if seconds < 0 { "behind" } else { "ahead of" };
    format!("{minutes} minutes {direction}")
}
