//! From a fault to an exit code.

use crate::diagnose::code::Exit;
use crate::diagnose::{Code, Finding};
use crate::fault::{Cause, Fault, Side};
use crate::trace::StepId;

pub use crate::exit_code::*;

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
    match code.row().exit {
        Exit::Always(code)
        | Exit::InCheck(code)
        | Exit::InPlan { else_by_iam: code }
        | Exit::UnlessWaiting(code) => code,
        Exit::AtLogin { code, .. } if fault.step == StepId::Login => code,
        Exit::AtLogin { elsewhere, .. } => elsewhere,
        Exit::AtChange { code, .. } if fault.step == StepId::Change => code,
        Exit::AtChange { elsewhere, .. } => elsewhere,
    }
}

fn by_side(fault: &Fault) -> u8 {
    match (&fault.cause, fault.side) {
        (Cause::Transport(_), _) | (_, Side::Network) => UNREACHABLE,
        (Cause::Kv(_), _) if fault.is_of_token() => TOKEN_REFUSED,
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
}
