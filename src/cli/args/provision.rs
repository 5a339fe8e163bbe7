//! The arguments of `setup` and `teardown`.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command as ClapCommand, ValueHint};

use super::{flag, record, switch, text, with_settings};
use crate::cli::provision::{Goal, ProvisionArguments, Recreated, Sides, Stop};
use crate::settings::{Group, Id};
use crate::setup::diff::Decisions;
use crate::setup::teardown::DeleteSecrets;

/// The settings that mean something to them.
pub(super) const GROUPS: [Group; 5] = [
    Group::Aws,
    Group::Vault,
    Group::Connection,
    Group::Kv,
    Group::Provision,
];

/// Tells whether a setting of these groups says nothing to a command.
pub(super) fn means_nothing(command: &str, id: Id) -> bool {
    let of_a_login = matches!(id, Id::NoAssume | Id::SessionName | Id::SessionPolicy);
    // Whether a role is assumed is for the topology to say, of which a check judges.
    let of_its_own = command == "check" && id == Id::NoAssume;
    of_its_own || (matches!(command, "setup" | "teardown") && of_a_login)
}

pub(super) fn setup_command() -> ClapCommand {
    let own = [
        Arg::new("adopt")
            .long("adopt")
            .value_name("RESOURCE")
            .value_hint(ValueHint::Other)
            .action(ArgAction::Append)
            .help(
                "Take over a resource that is not ours, as the plan names it; may be given again",
            ),
        switch("accept-recreated")
            .help("Trust a role again that was made anew under its old name; --yes alone does not"),
    ];
    command("setup")
        .about("Provision the IAM roles, and Vault's auth method, role, policy and KV engine")
        .after_help("Examples:\n  vaultiam setup --plan\n  vaultiam setup --yes\n  vaultiam setup --only aws\n  vaultiam setup --plan -o json")
        .args(own)
}

pub(super) fn teardown_command() -> ClapCommand {
    let own = Arg::new("delete-secrets")
        .long("delete-secrets")
        .value_name("MOUNT")
        .value_hint(ValueHint::Other)
        .help("Also delete this KV engine and every secret in it; without it none is touched");
    command("teardown")
        .about("Remove what setup made, and nothing else")
        .after_help("Examples:\n  vaultiam teardown --plan\n  vaultiam teardown --yes\n  vaultiam teardown --yes --delete-secrets kv")
        .arg(own)
}

fn command(name: &'static str) -> ClapCommand {
    let own = [
        switch("plan")
            .conflicts_with("yes")
            .help("Show the plan and change nothing; exit 3 if there are changes, 0 if none"),
        switch("yes")
            .short('y')
            .help("Make the changes without asking"),
        Arg::new("only")
            .long("only")
            .value_name("aws|vault")
            .value_delimiter(',')
            .value_parser(PossibleValuesParser::new(["aws", "vault"]))
            .hide_possible_values(true)
            .action(ArgAction::Append)
            .help("Look at and change one side only"),
        switch("explain").help("Show each look and each change as it happens"),
        record::argument(),
    ];
    with_settings(ClapCommand::new(name), name).args(own)
}

pub(super) fn setup(matches: &ArgMatches) -> ProvisionArguments {
    let adopt = matches.get_many::<String>("adopt");
    let decisions = Decisions {
        adopt: adopt.into_iter().flatten().cloned().collect(),
    };
    let recreated = if flag(matches, "accept-recreated") {
        Recreated::Accepted
    } else {
        Recreated::Asked
    };
    arguments(matches, Goal::SetUp(decisions), recreated)
}

pub(super) fn teardown(matches: &ArgMatches) -> ProvisionArguments {
    let secrets = DeleteSecrets(text(matches, "delete-secrets"));
    arguments(matches, Goal::TearDown(secrets), Recreated::Asked)
}

fn arguments(matches: &ArgMatches, goal: Goal, recreated: Recreated) -> ProvisionArguments {
    let only: Vec<&String> = matches.get_many("only").into_iter().flatten().collect();
    let has = |side: &str| only.is_empty() || only.iter().any(|typed| *typed == side);
    ProvisionArguments {
        explain: flag(matches, "explain"),
        record: record::path(matches),
        goal,
        sides: match (has("aws"), has("vault")) {
            (true, false) => Sides::Aws,
            (false, true) => Sides::Vault,
            _ => Sides::Both,
        },
        stop: match (flag(matches, "plan"), flag(matches, "yes")) {
            (true, _) => Stop::AfterPlan,
            (false, true) => Stop::Never,
            (false, false) => Stop::ToAsk,
        },
        recreated,
    }
}
