//! What a person does next: the commands, with the flags of this run.

use crate::aws::identity::PrincipalArn;
use crate::settings::table::setting;
use crate::settings::{AssumeTarget, Kind, Origin};
use crate::setup::desired::Part;
use crate::shell;

use super::super::args::{RENDER, settings_of};
use super::{Context, Goal, Prepared, ProvisionArguments, Sides};

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
    prepared: &Prepared,
) -> Vec<String> {
    let desired = &prepared.desired;
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
        let command = command_with_flags(context, &["setup", "--only", "vault"], "setup");
        lines.push(format!("next, with a token of Vault: {command}"));
        let login_role = desired.roles.iter().find(|role| role.part == Part::Login);
        let is_made = login_role.is_some_and(|role| {
            let end = format!(":role/{}", role.name);
            let done = context.ledger.tally().done;
            done.iter().any(|name| name.ends_with(&end))
        });
        if is_made {
            let command = command_with_flags(context, &["setup"], "setup");
            lines.push(format!(
                "      or, if Vault bound an earlier role of this name, with the rights on both sides: {command}"
            ));
        }
    } else {
        let with = match &context.run.settings.file {
            Some(_) => ", with this settings file",
            None => "",
        };
        lines.push(format!(
            "next, on Kong's host{with}: {}",
            login_command(context)
        ));
        let render = render_command(context, prepared);
        lines.extend(render.map(|command| format!("next, for Kong's configuration: {command}")));
    }
    lines
}

/// The command that writes Kong's configuration for what was set up; nothing
/// where Kong cannot use it.
fn render_command(context: &Context, prepared: &Prepared) -> Option<String> {
    let settings = &context.run.settings;
    let is_sent = settings.vault.server_id.is_none() && settings.aws.external_id.is_none();
    if !settings.kong.enabled || !is_sent {
        return None;
    }
    let mut words = vec!["kong", "render", "--format", "deck"];
    let mut found = Vec::new();
    // What was found out here is not looked for there.
    if settings.aws.region.is_none() {
        let region = prepared.seen.region.clone()?;
        found.extend(["--region".to_owned(), region]);
    }
    if settings.aws.assume == (AssumeTarget::LoginRole { account: None }) {
        let role = PrincipalArn::parse(&prepared.desired.vault.bound_arn)?;
        found.extend(["--account-id".to_owned(), role.account]);
    }
    words.extend(found.iter().map(String::as_str));
    Some(command_with_flags(context, &words, RENDER))
}

/// The login with the flags of this run that mean something to it; its settings
/// file may lie elsewhere on that host.
fn login_command(context: &Context) -> String {
    let mut typed = vec!["login".to_owned(), "--explain".to_owned()];
    typed.extend(typed_flags(context, "login"));
    shell::command(
        ["vaultiam"]
            .into_iter()
            .chain(typed.iter().map(String::as_str)),
    )
}

/// The command of this run with its own flags, for one more run.
pub(super) fn again(arguments: &ProvisionArguments, context: &Context) -> String {
    let name = arguments.goal.command();
    let mut command = command_with_flags(context, &[name], name);
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

/// A command with the settings file and those flags of this run that the command
/// called `name` takes.
fn command_with_flags(context: &Context, words: &[&str], name: &str) -> String {
    let settings = &context.run.settings;
    let mut typed: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    if let Some(file) = settings.file.as_ref().filter(|_| settings.file_is_named) {
        typed.extend(["--config".to_owned(), file.display().to_string()]);
    }
    typed.extend(typed_flags(context, name));
    shell::command(
        ["vaultiam"]
            .into_iter()
            .chain(typed.iter().map(String::as_str)),
    )
}

/// The flags of this run that the command called `name` takes, as they were
/// typed.
fn typed_flags(context: &Context, name: &str) -> Vec<String> {
    let mut typed = Vec::new();
    for (id, (text, origin)) in &context.run.settings.origins {
        if let Origin::Flag(flag) = origin
            && settings_of(name).any(|row| row.id == *id)
        {
            typed.push(format!("--{flag}"));
            if setting(*id).kind != Kind::Flag {
                typed.push(text.clone());
            }
        }
    }
    typed
}
