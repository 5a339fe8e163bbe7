//! The arguments of `vaultiam check`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command as ClapCommand, ValueHint};

use super::admin::{self, AdminArguments, admin};
use super::record;
use super::{Format, flag, switch, text, with_settings, wrong};
use crate::diagnose::check::{Check, Selection, Unknown};
use crate::secrets::SecretPath;
use crate::settings::{SettingsError, value};

pub(in crate::cli) struct CheckArguments {
    /// None: everything below the prefix.
    pub(in crate::cli) paths: Vec<SecretPath>,
    pub(in crate::cli) selection: Selection,
    pub(in crate::cli) skips: Skips,
    /// For how long a failure is not taken for an answer.
    pub(in crate::cli) wait: Option<Duration>,
    pub(in crate::cli) admin: AdminArguments,
    pub(in crate::cli) record: Option<PathBuf>,
}

/// What a check that was skipped means for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Skips {
    /// Nothing, unless it was asked for by name.
    Pass,
    /// As much as one that failed.
    Fail,
}

/// Tells whether only the list of checks is wanted.
pub(super) fn is_list(matches: &ArgMatches) -> bool {
    flag(matches, "list")
}

/// The list says how nothing ended: only people and scripts have a use for it.
pub(super) fn list_format(format: Format) -> Result<Format, SettingsError> {
    match format {
        Format::Report(_) => Err(wrong("--output", "must be human or json with --list")),
        format => Ok(format),
    }
}

pub(super) fn arguments(matches: &ArgMatches) -> Result<CheckArguments, SettingsError> {
    let mut paths = Vec::new();
    for typed in matches.get_many::<String>("path").into_iter().flatten() {
        let place = if typed.is_empty() { "PATH" } else { typed };
        let path = SecretPath::parse(typed).map_err(|words| wrong(place, words))?;
        if path.version.is_some() || path.field.is_some() {
            return Err(wrong(
                place,
                "names a version or a field; a token may read the whole secret or nothing of it",
            ));
        }
        paths.push(path);
    }
    let selection = Selection::new(&words(matches, "only"), &words(matches, "skip"));
    Ok(CheckArguments {
        paths,
        selection: selection.map_err(|unknown| not_selected(&unknown))?,
        skips: if flag(matches, "strict") {
            Skips::Fail
        } else {
            Skips::Pass
        },
        wait: wait(matches)?,
        admin: admin(matches),
        record: record::path(matches),
    })
}

fn words(matches: &ArgMatches, id: &str) -> Vec<String> {
    let typed = matches.get_many::<String>(id).into_iter().flatten();
    let words = typed.flat_map(|typed| typed.split(','));
    words.map(|word| word.trim().to_owned()).collect()
}

fn not_selected(unknown: &Unknown) -> SettingsError {
    match unknown {
        Unknown::Word { word, near } => {
            let hint = match near {
                Some(near) => format!("did you mean '{near}'?"),
                None => "vaultiam check --list shows them all".to_owned(),
            };
            wrong(
                "check",
                format!("knows no check and no category '{word}'; {hint}"),
            )
        }
        Unknown::NothingLeft => wrong("check", "is left with no check: --skip takes all of --only"),
    }
}

fn wait(matches: &ArgMatches) -> Result<Option<Duration>, SettingsError> {
    let Some(typed) = text(matches, "wait") else {
        return Ok(None);
    };
    match value::duration(&typed) {
        Some(duration) if duration > Duration::ZERO => Ok(Some(duration)),
        _ => Err(wrong(
            "--wait",
            format!("must be a time such as 30s, 5m or 1h30m, not '{typed}'"),
        )),
    }
}

const AFTER_HELP: &str = "\
It changes nothing and reads no secret. AWS is asked with the credentials at hand and with
--admin-profile. Vault's documents are read with the token of --admin, else with that of a
login, where one is possible; its token is revoked at the end.

Examples:
  vaultiam check
  vaultiam check kv/kong/db-password --admin
  vaultiam check --only auth,policy.read --admin
  vaultiam check --skip sec --strict -o junit
  vaultiam check --list";

pub(super) fn command() -> ClapCommand {
    let own = [
        Arg::new("path")
            .value_name("PATH")
            .num_args(0..)
            .value_hint(ValueHint::Other)
            .help("Secret that Kong is to read, as get takes it [default: all below the prefix]"),
        selecting("only").help("Run this check or category alone, and what it needs; several with commas, or given again. If it is skipped, exit 9"),
        selecting("skip").help("Leave out this check or category; several with commas, or given again"),
        switch("list")
            .conflicts_with_all(["path", "only", "skip", "strict", "wait", "admin", "admin-profile", "record"])
            .help("List the checks; nothing is asked of AWS or Vault"),
        switch("strict").help("Exit 9 if any check is skipped"),
        Arg::new("wait")
            .long("wait")
            .value_name("DURATION")
            .value_hint(ValueHint::Other)
            .help("Check again until nothing fails or this time is over, such as 5m"),
    ];
    with_settings(
        ClapCommand::new("check")
            .about("Check the whole chain from both sides: would Kong get in and read its secrets?")
            .after_help(AFTER_HELP),
        "check",
    )
    .args(own)
    .args(admin_arguments())
    .arg(record::argument())
}

/// What stands for a check or a category in the help.
pub(super) const SELECTED: &str = "CHECK";

fn selecting(name: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(SELECTED)
        .value_hint(ValueHint::Other)
        .action(ArgAction::Append)
}

/// The same rights as beside `--explain`, for another purpose.
fn admin_arguments() -> impl Iterator<Item = Arg> {
    let all = admin::arguments().into_iter();
    all.map(|argument| {
        if argument.get_id() == "admin" {
            argument.help("Read Vault's documents with the token of VAULT_TOKEN or the token store")
        } else {
            argument.help("Read IAM's documents with this AWS profile")
        }
    })
}

/// What can be selected, for a completer.
pub(super) fn names() -> Vec<(&'static str, &'static str)> {
    let categories = crate::diagnose::check::Category::ALL
        .into_iter()
        .map(|category| (category.name(), category.title()));
    let checks = Check::ALL
        .into_iter()
        .map(|check| (check.id(), check.title()));
    categories.chain(checks).collect()
}
