//! What a person does next: the commands, with the flags of this run.

use crate::settings::table::setting;
use crate::settings::{Group, Kind, Origin};
use crate::setup::desired::{Desired, Part};
use crate::shell;

use super::{Context, Goal, ProvisionArguments, Sides};

pub(super) fn attach_command(instance: &str, profile: &str) -> String {
    format!(
        "aws ec2 associate-iam-instance-profile --instance-id {instance} --iam-instance-profile {}",
        shell::quote(&format!("Name={profile}"))
    )
}

/// What is left to people once everything stands.
pub(super) fn next_steps(
    arguments: &ProvisionArguments,
    context: &Context,
    desired: &Desired,
) -> Vec<String> {
    let attached = |part: Part| {
        let role = desired.roles.iter().find(|role| role.part == part)?;
        let profile = desired
            .profiles
            .iter()
            .find(|profile| profile.name == role.name)?;
        Some(profile.name.as_str())
    };
    let mut lines = Vec::new();
    if arguments.sides.has_aws() {
        let server = attached(Part::Server).or_else(|| attached(Part::Login));
        let instances = [
            ("Vault's", "VAULTS_INSTANCE_ID", server),
            ("Kong's", "KONGS_INSTANCE_ID", attached(Part::Kong)),
        ];
        let made = context.ledger.tally().done;
        let is_new = |profile: &&str| {
            let end = format!(":instance-profile/{profile}");
            made.iter().any(|name| name.ends_with(&end))
        };
        for (whose, instance, profile) in instances {
            lines.extend(profile.filter(is_new).map(|profile| {
                let command = attach_command(instance, profile);
                format!("next: give {whose} instance its profile: {command}")
            }));
        }
    }
    if arguments.sides == Sides::Aws {
        let command = command_with_flags(context, &["setup", "--only", "vault"], &Group::ALL);
        lines.push(format!("next, with a token of Vault: {command}"));
    } else {
        let with = match &context.run.settings.file {
            Some(_) => ", with this settings file",
            None => "",
        };
        lines.push(format!(
            "next, on Kong's host{with}: {}",
            login_command(context)
        ));
    }
    lines
}

/// The login with the flags of this run that mean something to it; its settings
/// file may lie elsewhere on that host.
fn login_command(context: &Context) -> String {
    let groups = [Group::Aws, Group::Vault, Group::Connection];
    let mut typed = vec!["login".to_owned(), "--explain".to_owned()];
    typed.extend(typed_flags(context, &groups));
    shell::command(
        ["vaultiam"]
            .into_iter()
            .chain(typed.iter().map(String::as_str)),
    )
}

/// The command of this run with its own flags, for one more run.
pub(super) fn again(arguments: &ProvisionArguments, context: &Context) -> String {
    let mut command = command_with_flags(context, &[arguments.goal.command()], &Group::ALL);
    match arguments.sides {
        Sides::Both => {}
        Sides::Aws => command.push_str(" --only aws"),
        Sides::Vault => command.push_str(" --only vault"),
    }
    if let Goal::SetUp(decisions) = &arguments.goal {
        for name in &decisions.adopt {
            command.push_str(&format!(" --adopt {}", shell::quote(name)));
        }
    }
    command
}

/// A command with the settings file and those flags of this run that belong to
/// `groups`. What a command does not take is left out.
fn command_with_flags(context: &Context, words: &[&str], groups: &[Group]) -> String {
    let settings = &context.run.settings;
    let mut typed: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    if let Some(file) = settings.file.as_ref().filter(|_| settings.file_is_named) {
        typed.extend(["--config".to_owned(), file.display().to_string()]);
    }
    typed.extend(typed_flags(context, groups));
    shell::command(
        ["vaultiam"]
            .into_iter()
            .chain(typed.iter().map(String::as_str)),
    )
}

/// The flags of this run that belong to `groups`, as they were typed.
fn typed_flags(context: &Context, groups: &[Group]) -> Vec<String> {
    let mut typed = Vec::new();
    for (id, (text, origin)) in &context.run.settings.origins {
        let row = setting(*id);
        if let Origin::Flag(flag) = origin
            && groups.contains(&row.group)
        {
            typed.push(format!("--{flag}"));
            if row.kind != Kind::Flag {
                typed.push(text.clone());
            }
        }
    }
    typed
}
