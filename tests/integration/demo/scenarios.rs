//! Every scenario in the lab: code, side and exit code, and the remedy that
//! claims to put it right.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use ::vaultiam::lab::scenario::{Break, Cure, GROUPS, Scenario, Who, all};
use ::vaultiam::lab::world::{Machine, World};
use ::vaultiam::settings::Environment;

use super::told::{Told, remedy, told};
use crate::vaultiam::Ended;

/// The lab's program, which plays the others.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_vaultiam-lab");

/// A world as the demonstration has it.
async fn world() -> World {
    let environment = Environment::default();
    let world = World::start(Path::new(PROGRAM), &environment)
        .await
        .unwrap();
    let operator = world.machine(Who::Operator).unwrap();
    for line in [
        "vaultiam setup --yes -q",
        "printf s3cr3t-from-vault | vaultiam put kv/kong/db-password value=-",
    ] {
        world.type_in(&operator, line).await.unwrap();
    }
    world
}

async fn run(machine: &Machine, line: &str) -> Ended {
    let output = machine
        .shell(line)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        code: output.status.code().unwrap_or(-1),
    }
}

/// What is different from what the scenario says.
async fn tried(scenario: &Scenario) -> Option<String> {
    let world = world().await;
    let mut machine = world.machine(scenario.run.who).unwrap();
    let name = scenario.name;
    if let Err(error) = world.break_it(&scenario.breaks, &mut machine).await {
        return Some(format!("{name}: {error}\n"));
    }
    let line = format!("vaultiam {} -o json", world.filled(scenario.run.words));
    let ended = run(&machine, &line).await;
    let expected = Told::of(scenario);
    let seen = told(scenario, &ended);
    if seen != expected {
        let fault = ended.json()["fault"].to_string();
        return Some(format!(
            "{name}: {seen:?}\n      instead of {expected:?}\n      {fault}\n"
        ));
    }
    let number = scenario.cure.remedy()?;
    let Some(command) = remedy(scenario, &ended, number) else {
        return Some(format!("{name}: no remedy {number}\n{}\n", ended.stdout));
    };
    let operator = world.machine(Who::Operator).unwrap();
    let is_ours = command.starts_with("vaultiam ");
    let cured = run(if is_ours { &machine } else { &operator }, &command).await;
    if cured.code != 0 {
        return Some(format!("{name}: {command}\n{}\n", cured.stderr));
    }
    if matches!(scenario.cure, Cure::Instead(_)) {
        return None;
    }
    let again = told(scenario, &run(&machine, &line).await);
    again
        .is_still(&expected)
        .then(|| format!("{name}: still {again:?} after {command}\n"))
}

fn group(name: &str) {
    let (_, scenarios) = GROUPS.iter().find(|(group, _)| *group == name).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut differing = String::new();
    for scenario in *scenarios {
        differing.extend(runtime.block_on(tried(scenario)));
    }
    assert!(differing.is_empty(), "\n{differing}");
}

groups!();

#[test]
fn there_are_many_and_each_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = all().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), all().count());
    assert!(names.len() >= 40, "{}", names.len());
    let codes: BTreeSet<&str> = all().map(|scenario| scenario.code.name()).collect();
    assert!(codes.len() >= 40, "{}", codes.len());
    let is_typed = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    assert!(names.iter().all(|name| is_typed(name)), "{names:?}");
}

/// The variables that a scenario may set: settings of the programs, and none by
/// which a shell finds programs.
const SETTINGS: [&str; 4] = ["AWS_", "VAULT_", "BAO_", "VAULTIAM_"];

/// What could be meant by a line is no answer of a service: it runs the clients
/// of both, and nothing that could stand in their place.
#[test]
fn a_scenario_types_vault_and_aws_and_sets_their_variables() {
    fn tried(name: &str, breaks: &Break) {
        match breaks {
            Break::CommandLine | Break::State(_) => {}
            Break::Commands(lines) => lines.iter().for_each(|line| typed(name, line)),
            Break::Settings(settings) => {
                for (variable, value) in *settings {
                    let is_setting = SETTINGS.iter().any(|begin| variable.starts_with(begin));
                    assert!(is_setting, "{name}: {variable}");
                    // Nobody listens there, or it is the lab itself.
                    let is_address = variable.ends_with("_ADDR") || variable.contains("_URL");
                    let leads_nowhere = [
                        "$VAULT_HOST",
                        "$METADATA",
                        "127.0.0.1:9",
                        ".invalid",
                        ".example.com",
                        "vault.internal",
                    ];
                    assert!(
                        !is_address || leads_nowhere.iter().any(|place| value.contains(place)),
                        "{name}: {variable}={value}"
                    );
                }
            }
            Break::Both(first, second) => {
                tried(name, first);
                tried(name, second);
            }
        }
    }
    fn typed(name: &str, line: &str) {
        let words: Vec<String> = shlex::split(line).unwrap();
        let mut begins = true;
        for word in words {
            let separates = ["|", "&&", "{", "}"].contains(&word.as_str());
            let (word, ends) = match word.strip_suffix(';') {
                Some(word) => (word, true),
                None => (word.as_str(), separates),
            };
            if begins && !separates {
                let known = ["vault", "aws", "echo", "printf"].contains(&word);
                assert!(known, "{name}: {line}");
            }
            let starts_something = ["&", ";", "`", "$("].iter().any(|mark| word.contains(mark));
            assert!(separates || !starts_something, "{name}: {line}");
            let is_elsewhere = word.starts_with('>') && word.contains('/');
            assert!(!is_elsewhere, "{name}: {line}");
            begins = ends;
        }
    }
    for scenario in all() {
        tried(scenario.name, &scenario.breaks);
    }
}
