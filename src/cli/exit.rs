//! The exit codes: a promise to scripts. The same with `-o json` as without.

use crate::diagnose::{Code, Finding};
use crate::fault::{Cause, Fault, KvProblem, Side};
use crate::trace::StepId;

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
/// A finding of a check, a conflict in a set-up: nothing was changed.
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
    (FOUND, "conflict"),
    (TRY_AGAIN, "try again"),
    (INTERRUPTED, "interrupted"),
    (TERMINATED, "terminated"),
];

/// When several things failed: the first of these that occurred.
const PRECEDENCE: [u8; 8] = [
    UNREACHABLE,
    AWS_REFUSED,
    LOGIN_REFUSED,
    TOKEN_REFUSED,
    NOT_FOUND,
    TRY_AGAIN,
    USAGE,
    OTHER,
];

/// The exit code of a fault: by its finding's family, else by who refused.
pub fn of_fault(fault: &Fault, findings: &[Finding]) -> u8 {
    match findings.first() {
        Some(finding) => of_code(finding.code, fault),
        None => by_side(fault),
    }
}

/// The exit code of several faults together.
pub fn of_all(codes: impl IntoIterator<Item = u8>) -> u8 {
    let codes: Vec<u8> = codes.into_iter().filter(|code| *code != DONE).collect();
    PRECEDENCE
        .into_iter()
        .find(|code| codes.contains(code))
        .or(codes.first().copied())
        .unwrap_or(DONE)
}

fn of_code(code: Code, fault: &Fault) -> u8 {
    use Code::*;
    match code {
        AWS216 | AWS217 | AWS304 | AWS308 | SIG414 | VLT516 | VLT522 => TRY_AGAIN,
        AWS302 | AWS311 | VLT638 => FOUND,
        VLT602 | VLT637 if fault.step == StepId::Change => FOUND,
        VLT639 => TRY_AGAIN,
        AWS215 => UNREACHABLE,
        SEC004 | SEC011 => USAGE,
        VLT515 => by_side(fault),
        VLT636 => TOKEN_REFUSED,
        VLT701 | VLT702 | VLT703 | VLT704 | VLT705 | VLT706 | VLT722 | VLT725 => TOKEN_REFUSED,
        VLT707 | VLT708 | VLT709 | VLT710 | VLT711 | VLT712 | VLT713 | VLT714 | VLT715 | VLT718 => {
            NOT_FOUND
        }
        _ => match (&code.name()[..3], code.name().as_bytes().get(3)) {
            ("AWS", _) => AWS_REFUSED,
            ("SIG", _) if fault.step == StepId::Login => LOGIN_REFUSED,
            ("SIG", _) => AWS_REFUSED,
            ("VLT", Some(b'5')) => UNREACHABLE,
            ("VLT", Some(b'6')) => LOGIN_REFUSED,
            ("CFG", _) => USAGE,
            _ => OTHER,
        },
    }
}

fn by_side(fault: &Fault) -> u8 {
    match (&fault.cause, fault.side) {
        (Cause::Transport(_), _) | (_, Side::Network) => UNREACHABLE,
        (Cause::Kv(KvProblem::TokenInvalid | KvProblem::TokenRefused), _) => TOKEN_REFUSED,
        (_, Side::Metadata | Side::Sso | Side::Sts | Side::Iam) => AWS_REFUSED,
        (_, Side::StsViaVault | Side::IamViaVault) => LOGIN_REFUSED,
        (_, Side::Vault) if fault.step == StepId::Login => LOGIN_REFUSED,
        (_, Side::Vault) => TOKEN_REFUSED,
        (_, Side::Local) => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_failures_end_with_the_gravest() {
        assert_eq!(of_all([]), DONE);
        assert_eq!(of_all([NOT_FOUND, DONE]), NOT_FOUND);
        assert_eq!(of_all([OTHER, NOT_FOUND, TOKEN_REFUSED]), TOKEN_REFUSED);
        assert_eq!(of_all([TRY_AGAIN, UNREACHABLE, AWS_REFUSED]), UNREACHABLE);
    }

    #[test]
    fn the_pages_say_the_same_exit_code() {
        let fault = |step| Fault::new(step, Side::Vault, "", "", Cause::Answered, "");
        for code in Code::ALL {
            let second = code.page().lines().nth(2).unwrap_or_default();
            let said = second.rsplit("exit code ").next().unwrap_or_default();
            let number = of_code(*code, &fault(StepId::Read)).to_string();
            let at_login = of_code(*code, &fault(StepId::Login)).to_string();
            // What belongs to setup and check has no exit code here yet.
            let is_later = code.name().starts_with("SEC")
                || code.name().starts_with("AWS3")
                || said.contains("setup");
            assert!(
                is_later || said.contains(&number) || said.contains(&at_login),
                "{code}: the page says '{said}', the program {number}"
            );
        }
    }
}
