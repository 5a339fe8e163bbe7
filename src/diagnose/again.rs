//! The command that shows whether something helped: the one that told of it.

use crate::shell;

/// What was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    Login,
    Check,
}

impl Again {
    /// The same once more, with flags that change something.
    pub(super) fn with(self, flags: &[&str]) -> String {
        let words: &[&str] = match self {
            Again::Login => &["vaultiam", "login", "--explain"],
            Again::Check => &["vaultiam", "check"],
        };
        shell::command(words.iter().chain(flags).copied())
    }

    /// The flag that names Vault's role.
    pub(super) fn role_flag(self) -> &'static str {
        match self {
            Again::Login => "--role",
            Again::Check => "--auth-role",
        }
    }

    /// What it is called in a sentence.
    pub(super) fn words(self) -> &'static str {
        match self {
            Again::Login => "log in",
            Again::Check => "check",
        }
    }
}

/// The command that sets up an auth mount.
pub(super) fn set_up(mount: &str) -> String {
    shell::command([
        "vaultiam",
        "setup",
        "--only",
        "vault",
        "--auth-mount",
        mount,
    ])
}
