//! The arguments of `vaultiam login`.

use std::path::PathBuf;

use clap::{ArgMatches, Command as ClapCommand};

use super::admin::{self, AdminArguments, admin};
use super::{flag, record, switch, with_settings};

pub(in crate::cli) struct LoginArguments {
    pub(in crate::cli) explain: bool,
    pub(in crate::cli) admin: AdminArguments,
    pub(in crate::cli) token_only: bool,
    pub(in crate::cli) show_token: bool,
    pub(in crate::cli) no_store: bool,
    pub(in crate::cli) force: bool,
    pub(in crate::cli) record: Option<PathBuf>,
}

pub(super) fn arguments(matches: &ArgMatches) -> LoginArguments {
    LoginArguments {
        explain: flag(matches, "explain"),
        admin: admin(matches),
        token_only: flag(matches, "token-only"),
        show_token: flag(matches, "show-token"),
        no_store: flag(matches, "no-store"),
        force: flag(matches, "force"),
        record: record::path(matches),
    }
}

pub(super) fn command() -> ClapCommand {
    let own = [
        switch("explain").help("Show each step as it happens; on failure, say who refused and why"),
        switch("token-only").help("Print the bare token and store nothing"),
        switch("show-token")
            .conflicts_with("token-only")
            .help("Show the token in the table or document"),
        switch("no-store")
            .help("Store nothing; the token is revoked at the end unless it is printed"),
        switch("force").help("Replace a stored token even if it is alive and somebody else's"),
        record::argument(),
    ];
    with_settings(
        ClapCommand::new("login")
            .about("Log in to Vault with AWS credentials")
            .after_help("Examples:\n  vaultiam login --explain\n  vaultiam login --role kong-role --token-only\n  vaultiam login --explain -o json --no-store"),
        "login")
    .args(own)
    .args(admin::arguments().map(|argument| argument.requires("explain")))
}
