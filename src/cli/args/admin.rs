//! The arguments that let an administrator's rights be used for looking.

use clap::{Arg, ArgMatches, ValueHint};

use super::{flag, switch, text};

/// Whose rights may be used beside the run's own.
#[derive(Default)]
pub(in crate::cli) struct AdminArguments {
    /// The token of VAULT_TOKEN or of the store.
    pub(in crate::cli) token: bool,
    /// An AWS profile.
    pub(in crate::cli) profile: Option<String>,
}

pub(super) fn admin(matches: &ArgMatches) -> AdminArguments {
    AdminArguments {
        token: flag(matches, "admin"),
        profile: text(matches, "admin-profile"),
    }
}

pub(super) fn arguments() -> [Arg; 2] {
    [
        switch("admin").help(
            "Look for the cause with the token of VAULT_TOKEN or the token store; it only reads",
        ),
        Arg::new("admin-profile")
            .long("admin-profile")
            .value_name("NAME")
            .value_hint(ValueHint::Other)
            .help("Look for the cause in IAM with this AWS profile; it only reads"),
    ]
}
