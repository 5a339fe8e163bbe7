//! The scenarios on the real servers: what no lab is needed for is broken there
//! with the real `vault` and `aws`, and vaultiam says the same.

use ::vaultiam::lab::scenario::{Break, Cure, GROUPS, Scenario, State, Who, find};

use super::told::{Told, remedy, told};
use crate::servers::{Nothing, servers};
use crate::vaultiam::Vaultiam;

/// Scenarios that the servers of the tests cannot show, and why.
const NOT_THERE: &[(&str, &str)] = &[
    (
        "vault-name",
        "their way out is a proxy, which resolves the name",
    ),
    (
        "trust-of-the-deleted",
        "their STS compares names and no ids",
    ),
    ("role-elsewhere", "their STS does not compare the path"),
    ("no-audit-log", "their Vault has an audit device"),
];

fn world() -> Nothing {
    let nothing = servers().nothing();
    let ended = nothing.as_operator().run(&["setup", "--yes"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    crate::setup::put_secret(&nothing, "kv/kong/db-password", "s3cr3t-from-vault");
    nothing
}

/// Puts the world's values in the place of its variables.
fn filled(nothing: &Nothing, text: &str) -> String {
    let (id, secret) = &nothing.operator;
    text.replace("$ACCOUNT", &nothing.account)
        .replace("$OPERATOR_KEY_ID", id)
        .replace("$OPERATOR_SECRET_KEY", secret)
        .replace(
            "$VAULT_HOST",
            nothing.vault_address.trim_start_matches("http://"),
        )
        .replace("$METADATA", nothing.metadata_endpoint())
}

fn apply(nothing: &Nothing, breaks: &Break, mut run: Vaultiam) -> Vaultiam {
    match breaks {
        Break::CommandLine => run,
        Break::Commands(lines) => {
            let operator = nothing.as_operator().env("ACCOUNT", &nothing.account);
            for line in *lines {
                operator.paste(line);
            }
            run
        }
        Break::Settings(settings) => {
            for (name, value) in *settings {
                run = run.env(name, filled(nothing, value));
            }
            run
        }
        Break::State(State::VaultRestarted) => run,
        Break::State(state) => panic!("{state:?} is for the lab"),
        Break::Both(first, second) => {
            let run = apply(nothing, first, run);
            apply(nothing, second, run)
        }
    }
}

fn on_machine(nothing: &Nothing, who: Who) -> Vaultiam {
    match who {
        Who::Kong => nothing.on_kongs_instance(),
        Who::KongAndAdmin => {
            let run = nothing.on_kongs_instance();
            let (key, secret) = &nothing.operator;
            let text =
                format!("[admin]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
            let file = run.file("credentials", &text);
            run.env("AWS_SHARED_CREDENTIALS_FILE", file.display().to_string())
                .env("VAULT_TOKEN", &nothing.vault_token)
        }
        Who::Operator => nothing.as_operator(),
    }
}

/// What is different from what the scenario says.
fn tried(scenario: &Scenario) -> Option<String> {
    let nothing = world();
    let run = apply(
        &nothing,
        &scenario.breaks,
        on_machine(&nothing, scenario.run.who),
    );
    let words: Vec<&str> = scenario.run.words.split(' ').collect();
    let ended = run.run(&[&words[..], &["-o", "json"]].concat());
    let expected = Told::of(scenario);
    let seen = told(scenario, &ended);
    let name = scenario.name;
    if seen != expected {
        return Some(format!("{name}: {seen:?}\n      instead of {expected:?}\n"));
    }
    let number = scenario.cure.remedy()?;
    let Some(line) = remedy(scenario, &ended, number) else {
        return Some(format!("{name}: no remedy {number}\n{}\n", ended.stdout));
    };
    let operator = nothing.as_operator();
    let is_ours = line.starts_with("vaultiam ");
    let shell = if is_ours { &run } else { &operator };
    let (_programs, mut command) = shell.shell(&line);
    let output = command.output().unwrap();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Some(format!("{name}: {line}\n{said}\n"));
    }
    if matches!(scenario.cure, Cure::Instead(_)) {
        return None;
    }
    let again = told(scenario, &run.run(&[&words[..], &["-o", "json"]].concat()));
    again
        .is_still(&expected)
        .then(|| format!("{name}: still {again:?} after {line}\n"))
}

fn group(name: &str) {
    let (_, scenarios) = GROUPS.iter().find(|(group, _)| *group == name).unwrap();
    let differing: String = scenarios
        .iter()
        .filter(|scenario| !scenario.breaks.needs_the_lab())
        .filter(|scenario| NOT_THERE.iter().all(|(name, _)| *name != scenario.name))
        .filter_map(tried)
        .collect();
    assert!(differing.is_empty(), "\n{differing}");
}

groups!();

#[test]
fn what_is_left_out_is_a_scenario_that_needs_no_lab() {
    for (name, because) in NOT_THERE {
        let scenario = find(name);
        let could_run = scenario.is_some_and(|scenario| !scenario.breaks.needs_the_lab());
        assert!(could_run, "{name}: {because}");
    }
}
