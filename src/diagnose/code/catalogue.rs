//! The columns of the catalogue: how grave a finding is, who refused, and how a
//! run ends with it. The pages are compared with it.

use super::Code;
use crate::diagnose::finding::Severity;
use crate::exit_code::{
    AWS_REFUSED, DONE, FOUND, LOGIN_REFUSED, NOT_FOUND, OTHER, TOKEN_REFUSED, TRY_AGAIN,
    UNREACHABLE, USAGE,
};
use crate::fault::Side;

/// What is fixed of a code.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub severity: Severity,
    /// Who refuses, or where it is found.
    pub sides: &'static [Side],
    pub exit: Exit,
}

/// How a run ends with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Always(u8),
    /// One number when Vault's login refused, another before and after it.
    AtLogin {
        code: u8,
        elsewhere: u8,
    },
    /// One number when a set-up made a change, another elsewhere.
    AtChange {
        code: u8,
        elsewhere: u8,
    },
    /// A conflict where the plan shows it; IAM may say it too.
    InPlan {
        else_by_iam: u8,
    },
    /// A set-up that waits for a person ends as one to be tried again.
    UnlessWaiting(u8),
    /// Only a check finds it.
    InCheck(u8),
}

impl Exit {
    /// Every number that it can be.
    pub fn codes(self) -> Vec<u8> {
        match self {
            Exit::Always(code) | Exit::InCheck(code) => vec![code],
            Exit::AtLogin { code, elsewhere } | Exit::AtChange { code, elsewhere } => {
                vec![elsewhere.min(code), elsewhere.max(code)]
            }
            Exit::InPlan { else_by_iam } => vec![else_by_iam, FOUND],
            Exit::UnlessWaiting(code) => vec![code, TRY_AGAIN],
        }
    }
}

/// SIG: said by STS to us, or through Vault's login.
const SIGNED: Exit = Exit::AtLogin {
    code: LOGIN_REFUSED,
    elsewhere: AWS_REFUSED,
};

pub(super) fn row(code: Code) -> Row {
    use Code::*;
    use Side::*;
    match code {
        AWS101 | AWS107 | AWS109 | AWS110 | AWS112 | AWS114 | AWS116 | AWS117 | AWS120 | AWS210
        | AWS214 | AWS310 => error(&[Local], Exit::Always(AWS_REFUSED)),
        AWS102 | AWS103 | AWS104 | AWS118 | AWS119 => error(&[Metadata], Exit::Always(AWS_REFUSED)),
        AWS105 | AWS106 | AWS108 | AWS113 | AWS115 | AWS201 | AWS202 | AWS203 | AWS204 | AWS205
        | AWS206 | AWS207 | AWS208 | AWS209 | AWS211 | AWS212 | AWS213 | AWS218 | AWS219
        | AWS220 | AWS221 | AWS222 | AWS223 | AWS224 => error(&[Sts], Exit::Always(AWS_REFUSED)),
        AWS111 => error(&[Local, Sso], Exit::Always(AWS_REFUSED)),
        AWS121 => error(&[Sso], Exit::Always(AWS_REFUSED)),
        AWS215 | VLT501 | VLT502 | VLT503 | VLT504 | VLT505 | VLT506 | VLT508 | VLT510 | VLT518 => {
            error(&[Network], Exit::Always(UNREACHABLE))
        }
        AWS216 | AWS217 => error(&[Sts], Exit::Always(TRY_AGAIN)),
        AWS301 | AWS303 | AWS305 | AWS306 | AWS309 | AWS312 => {
            error(&[Iam], Exit::Always(AWS_REFUSED))
        }
        AWS302 | AWS311 => error(&[Iam], Exit::Always(FOUND)),
        AWS304 | AWS308 => error(&[Iam], Exit::Always(TRY_AGAIN)),
        AWS307 => error(
            &[Iam],
            Exit::InPlan {
                else_by_iam: AWS_REFUSED,
            },
        ),
        SIG401 | SIG405 | SIG406 | SIG411 | SIG415 => error(&[StsViaVault], SIGNED),
        SIG402 => error(&[Local], SIGNED),
        SIG403 | SIG404 => error(&[Sts], SIGNED),
        SIG407 | SIG408 | SIG409 | SIG410 | SIG412 | SIG413 => error(&[Vault], SIGNED),
        SIG414 => error(&[StsViaVault], Exit::Always(TRY_AGAIN)),
        VLT507 | VLT509 | VLT511 | VLT512 | VLT513 | VLT514 | VLT517 | VLT519 | VLT521 | VLT523 => {
            error(&[Vault], Exit::Always(UNREACHABLE))
        }
        VLT515 => error(
            &[Vault],
            Exit::AtLogin {
                code: LOGIN_REFUSED,
                elsewhere: TOKEN_REFUSED,
            },
        ),
        VLT516 | VLT522 | VLT639 => error(&[Vault], Exit::Always(TRY_AGAIN)),
        VLT520 => error(&[Local], Exit::Always(UNREACHABLE)),
        VLT601 | VLT603 | VLT604 | VLT605 | VLT606 | VLT607 | VLT608 | VLT609 | VLT610 | VLT611
        | VLT613 | VLT615 | VLT616 | VLT617 | VLT618 | VLT619 | VLT622 | VLT625 | VLT626
        | VLT627 | VLT628 | VLT629 | VLT630 | VLT631 | VLT632 | VLT633 | VLT635 | VLT640 => {
            error(&[Vault], Exit::Always(LOGIN_REFUSED))
        }
        VLT602 | VLT637 => error(
            &[Vault],
            Exit::AtChange {
                code: FOUND,
                elsewhere: LOGIN_REFUSED,
            },
        ),
        VLT612 | VLT623 | VLT624 | VLT641 => error(&[IamViaVault], Exit::Always(LOGIN_REFUSED)),
        VLT614 => error(&[IamViaVault], Exit::UnlessWaiting(LOGIN_REFUSED)),
        VLT620 | VLT621 => error(&[StsViaVault], Exit::Always(LOGIN_REFUSED)),
        VLT636 | VLT701 | VLT702 | VLT703 | VLT704 | VLT705 | VLT706 | VLT722 | VLT725 => {
            error(&[Vault], Exit::Always(TOKEN_REFUSED))
        }
        VLT638 => error(&[Vault], Exit::Always(FOUND)),
        VLT707 | VLT708 | VLT709 | VLT710 | VLT711 | VLT712 | VLT713 | VLT714 | VLT715 | VLT718 => {
            error(&[Vault], Exit::Always(NOT_FOUND))
        }
        VLT716 | VLT717 | VLT719 | VLT720 | VLT723 => error(&[Vault], Exit::Always(OTHER)),
        VLT721 => warning(&[Local], Exit::Always(OTHER)),
        SEC001 => warning(&[Iam], Exit::InCheck(FOUND)),
        SEC002 => note(&[Iam], Exit::Always(DONE)),
        SEC003 | SEC006 | SEC008 | SEC009 | SEC010 => warning(&[Vault], Exit::InCheck(FOUND)),
        SEC004 | SEC011 | CFG901 | CFG902 | CFG903 | CFG904 | CFG905 | CFG906 | CFG907 | CFG908
        | CFG909 => error(&[Local], Exit::Always(USAGE)),
        SEC005 => warning(&[Local], Exit::InCheck(FOUND)),
        SEC007 => note(&[Vault], Exit::Always(DONE)),
    }
}

fn error(sides: &'static [Side], exit: Exit) -> Row {
    Row {
        severity: Severity::Error,
        sides,
        exit,
    }
}

fn warning(sides: &'static [Side], exit: Exit) -> Row {
    Row {
        severity: Severity::Warning,
        ..error(sides, exit)
    }
}

fn note(sides: &'static [Side], exit: Exit) -> Row {
    Row {
        severity: Severity::Note,
        ..error(sides, exit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_have_the_columns_of_the_table() {
        for code in Code::ALL {
            let Row {
                severity,
                sides,
                exit,
            } = code.row();
            let sides: Vec<&str> = sides.iter().map(|side| side.name()).collect();
            let head = format!(
                "**{}** · side: {} · exit code ",
                severity.name(),
                sides.join(", ")
            );
            let line = code.page().lines().nth(2).unwrap_or_default();
            let said = line.strip_prefix(&head);
            let said = said.unwrap_or_else(|| unreachable!("{code}: '{line}' is not '{head}…'"));
            let mut numbers: Vec<u8> = said
                .split(|character: char| !character.is_ascii_digit())
                .filter_map(|word| word.parse().ok())
                .collect();
            numbers.sort_unstable();
            // Some are seen at the login alone: their pages say so.
            let is_one_of_two = exit == SIGNED && numbers.len() == 1;
            assert!(
                numbers == exit.codes() || is_one_of_two && exit.codes().contains(&numbers[0]),
                "{code}: the page says '{said}', the table {:?}",
                exit.codes()
            );
            assert_eq!(
                said.contains("in check"),
                matches!(exit, Exit::InCheck(_)),
                "{code}"
            );
        }
    }
}
