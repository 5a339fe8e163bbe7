//! The arguments of `vaultiam get`.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command as ClapCommand, ValueHint};

use super::admin::{self, AdminArguments, admin};
use super::{flag, record, switch, text, with_settings, wrong};
use crate::secrets::SecretPath;
use crate::settings::SettingsError;

pub(in crate::cli) struct GetArguments {
    pub(in crate::cli) explain: bool,
    pub(in crate::cli) admin: AdminArguments,
    pub(in crate::cli) paths: Vec<SecretPath>,
    /// A single field was asked for: its bare value is the answer.
    pub(in crate::cli) bare: bool,
    pub(in crate::cli) record: Option<PathBuf>,
}

pub(super) fn arguments(matches: &ArgMatches) -> Result<GetArguments, SettingsError> {
    let field = text(matches, "field");
    let version = matches.get_one::<u64>("version").copied();
    let mut paths = Vec::new();
    for typed in matches.get_many::<String>("path").into_iter().flatten() {
        let place = if typed.is_empty() { "PATH" } else { typed };
        let mut path = SecretPath::parse(typed).map_err(|words| wrong(place, words))?;
        if let Some(field) = &field {
            if path.field.is_some() {
                return Err(wrong(
                    typed,
                    "names a field and --field another; give one of them",
                ));
            }
            path.field = Some(field.clone());
        }
        if let Some(version) = version {
            if path.version.is_some() {
                return Err(wrong(
                    typed,
                    "names a version and --version another; give one of them",
                ));
            }
            path.version = Some(version);
        }
        paths.push(path);
    }
    let bare = paths.iter().all(|path| path.field.is_some());
    Ok(GetArguments {
        explain: flag(matches, "explain"),
        admin: admin(matches),
        paths,
        bare,
        record: record::path(matches),
    })
}

pub(super) fn command() -> ClapCommand {
    let own = [
        Arg::new("path")
            .value_name("PATH")
            .required(true)
            .num_args(1..)
            .value_hint(ValueHint::Other)
            .help("Path as 'vault kv get' takes it; PATH@3 is a version, PATH#field a field"),
        Arg::new("field")
            .short('f')
            .long("field")
            .value_name("NAME")
            .value_hint(ValueHint::Other)
            .help("Print the bare value of this field"),
        Arg::new("version")
            .long("version")
            .value_name("N")
            .value_hint(ValueHint::Other)
            .value_parser(clap::value_parser!(u64).range(1..))
            .help("Read this version (KV version 2)"),
        switch("explain").help("Log in through AWS and show each step"),
        record::argument(),
    ];
    with_settings(
        ClapCommand::new("get")
            .about("Read secrets from the KV engine")
            .after_help("Examples:\n  vaultiam get kv/kong/db-password\n  vaultiam get kv/kong/db-password -f value\n  vaultiam get kv/kong/a kv/kong/b -o json"),
        "get")
    .args(own)
    .args(admin::arguments().map(|argument| argument.requires("explain")))
}
