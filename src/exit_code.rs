//! The exit codes: a promise to scripts. The same with `-o json` as without.

/// Done.
pub const DONE: u8 = 0;
/// Anything not below; a question answered with no.
pub const OTHER: u8 = 1;
/// Usage or settings.
pub const USAGE: u8 = 2;
/// Changes are pending (`--plan`).
pub const CHANGES_PENDING: u8 = 3;
/// AWS refused or gave no credentials.
pub const AWS_REFUSED: u8 = 4;
/// Vault refused the login.
pub const LOGIN_REFUSED: u8 = 5;
/// Vault refused an operation with a token.
pub const TOKEN_REFUSED: u8 = 6;
/// Secret, field, version or mount not found.
pub const NOT_FOUND: u8 = 7;
/// Unreachable, sealed, or not a Vault.
pub const UNREACHABLE: u8 = 8;
/// A finding of `check`, a conflict in a set-up: nothing was changed.
pub const FOUND: u8 = 9;
/// Try again.
pub const TRY_AGAIN: u8 = 10;
/// Interrupted (SIGINT).
pub const INTERRUPTED: u8 = 130;
/// The terminal is gone (SIGHUP).
pub const HUNG_UP: u8 = 129;
/// Terminated (SIGTERM).
pub const TERMINATED: u8 = 143;

/// What each code means in a few words, for help texts and man pages.
pub const MEANINGS: [(u8, &str); 13] = [
    (DONE, "done"),
    (OTHER, "other"),
    (USAGE, "usage or settings"),
    (CHANGES_PENDING, "changes pending"),
    (AWS_REFUSED, "AWS refused"),
    (LOGIN_REFUSED, "Vault refused the login"),
    (TOKEN_REFUSED, "Vault refused the token's request"),
    (NOT_FOUND, "not found"),
    (UNREACHABLE, "unreachable"),
    (FOUND, "finding or conflict"),
    (TRY_AGAIN, "try again"),
    (INTERRUPTED, "interrupted"),
    (TERMINATED, "terminated"),
];
