//! The arguments of `vaultiam kong`.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command as ClapCommand};

use super::{text, with_settings, wrong};
use crate::kong::Format;
use crate::secrets::SecretPath;
use crate::settings::{Id, SettingsError};

/// The name of `vaultiam kong render` where commands are told apart: no other
/// one is called so.
pub(in crate::cli) const RENDER: &str = "render";

pub(in crate::cli) struct RenderArguments {
    pub(in crate::cli) format: Format,
    /// The secrets whose references are wanted.
    pub(in crate::cli) secrets: Vec<SecretPath>,
}

/// Tells whether a setting says nothing to Kong's configuration.
pub(super) fn means_nothing(command: &str, id: Id) -> bool {
    let is_for_kong = matches!(
        id,
        Id::Topology
            | Id::Region
            | Id::AccountId
            | Id::LoginRole
            | Id::LoginAccountId
            | Id::AssumeRoleArn
            | Id::Address
            | Id::AllowHttp
            | Id::Namespace
            | Id::AuthMount
            | Id::AuthRole
            | Id::Sts
            | Id::StsRegion
            | Id::AwsStsEndpoint
            | Id::CaCert
            | Id::KvMount
            | Id::KvVersion
            | Id::KvPrefix
            | Id::KvNamespace
            | Id::KongEnabled
            | Id::KongPrefix
            | Id::KongSessionName
    );
    command == RENDER && !is_for_kong
}

const AFTER_HELP: &str = "\
The file is the answer; nothing in it is a secret, and nothing is asked of AWS or Vault.
  deck       a declarative file, for decK and for a Gateway without a database
  kong.conf  lines for kong.conf
  env        NAME=value lines without quotes: for Docker, systemd and a shell alike

Examples:
  vaultiam kong render --region us-east-1 --account-id 123456789012
  vaultiam kong render --format env --topology direct --region us-east-1
  vaultiam kong render --topology direct --region us-east-1 kv/kong/db-password#value";

pub(super) fn command() -> ClapCommand {
    ClapCommand::new("kong")
        .about("Kong's own configuration for this login")
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand(render_command())
}

fn render_command() -> ClapCommand {
    let own = [
        Arg::new("path")
            .value_name("PATH#FIELD")
            .num_args(0..)
            .help("Secret whose reference is wanted, as get takes it; else an example is shown"),
        Arg::new("format")
            .long("format")
            .value_name("deck|kong.conf|env")
            .value_parser(PossibleValuesParser::new(Format::ALL.map(Format::name)))
            .hide_possible_values(true)
            .help("What the file is for [default: deck]"),
    ];
    with_settings(
        ClapCommand::new(RENDER)
            .about("Write the vault that Kong reads its secrets from, and show how to name them")
            .after_help(AFTER_HELP),
        RENDER,
    )
    .args(own)
}

pub(super) fn render(matches: &ArgMatches) -> Result<RenderArguments, SettingsError> {
    let typed = text(matches, "format");
    let format = Format::ALL
        .into_iter()
        .find(|format| typed.as_deref() == Some(format.name()));
    let paths = matches.get_many::<String>("path").into_iter().flatten();
    let secrets = paths.map(|typed| {
        let place = if typed.is_empty() { "PATH" } else { typed };
        SecretPath::parse(typed).map_err(|words| wrong(place, words))
    });
    Ok(RenderArguments {
        format: format.unwrap_or(Format::Deck),
        secrets: secrets.collect::<Result<_, _>>()?,
    })
}
