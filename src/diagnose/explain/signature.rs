//! Clocks: a signature that is too old, or not yet valid.

use super::{Evidence, skew_words};
use crate::aws::classify::{SignatureProblem, signature_problem};
use crate::diagnose::{Code, Finding, Where};

/// STS takes signatures that are this much too old: 15 minutes.
const TOO_OLD_MS: i64 = 15 * 60 * 1000;

/// STS takes signatures that are this much too early: 5 minutes.
const TOO_EARLY_MS: i64 = 5 * 60 * 1000;

/// Near the limits the measured difference is not exact enough to say no.
const TOLERANCE_MS: i64 = 60 * 1000;

/// The finding for a refused signature, if the clocks explain it. AWS's own
/// clock decides; where it was not seen, Vault's stands in for it, and what STS
/// says of the times.
pub(super) fn clock(message: &str, evidence: &Evidence) -> Option<Finding> {
    let problem = signature_problem(message);
    if matches!(
        problem,
        SignatureProblem::Region | SignatureProblem::Mismatch
    ) {
        return None;
    }
    let seen = &evidence.seen;
    let (service, skew) = match (seen.aws_skew_ms, seen.vault_skew_ms) {
        (Some(skew), _) => ("AWS", skew),
        (None, Some(skew)) => ("Vault", skew),
        (None, None) => return unmeasured(problem),
    };
    let is_of_aws = seen.aws_skew_ms.is_some();
    let code = if skew > TOO_OLD_MS - TOLERANCE_MS {
        Code::SIG403
    } else if skew < -(TOO_EARLY_MS - TOLERANCE_MS) {
        Code::SIG404
    } else {
        return Some(measured(clocks_agree(problem, is_of_aws)?, evidence));
    };
    let is_said = match code {
        Code::SIG403 => problem == SignatureProblem::TooOld,
        _ => problem == SignatureProblem::TooEarly,
    };
    let finding = if is_of_aws || is_said {
        Finding::certain(code)
    } else {
        Finding::likely(code, &[Code::SIG406, Code::SIG401])
    };
    let finding = finding.because(format!(
        "The clock is wrong here: {} by the clock of {service}. A signature holds for 15 minutes.",
        skew_words(skew)
    ));
    Some(set_clock(measured(finding, evidence)))
}

/// The clocks agree, and yet the time is wrong: the request is another one than
/// that of a moment ago. What is ahead of its time no request becomes by waiting.
fn clocks_agree(problem: SignatureProblem, is_of_aws: bool) -> Option<Finding> {
    let finding = match problem {
        SignatureProblem::TooOld if is_of_aws => Finding::certain(Code::SIG405),
        SignatureProblem::TooOld => Finding::likely(Code::SIG405, &[Code::SIG403]),
        SignatureProblem::TooEarly => Finding::likely(Code::SIG404, &[Code::SIG405]),
        SignatureProblem::Region | SignatureProblem::Mismatch | SignatureProblem::Unread => {
            return None;
        }
    };
    Some(finding.remedy(
        Where::Here,
        "log in again: the request is signed anew. If it happens again, something on the way to Vault keeps requests",
        Some("vaultiam login --explain".to_owned()),
        None,
    ))
}

/// Nobody's clock was seen.
fn unmeasured(problem: SignatureProblem) -> Option<Finding> {
    let finding = match problem {
        SignatureProblem::TooOld => Finding::likely(Code::SIG403, &[Code::SIG405]),
        SignatureProblem::TooEarly => Finding::certain(Code::SIG404),
        SignatureProblem::Region | SignatureProblem::Mismatch | SignatureProblem::Unread => {
            return None;
        }
    };
    Some(set_clock(finding))
}

fn measured(finding: Finding, evidence: &Evidence) -> Finding {
    let seen = &evidence.seen;
    [("sts", seen.aws_skew_ms), ("vault", seen.vault_skew_ms)]
        .into_iter()
        .filter_map(|(source, skew)| Some((source, skew?)))
        .fold(finding, |finding, (source, skew)| {
            finding.fact(source, "clock_skew_ms", skew.to_string())
        })
}

fn set_clock(finding: Finding) -> Finding {
    finding.remedy(
        Where::Here,
        "set the clock, and keep it set",
        Some("sudo chronyc makestep".to_owned()),
        Some("root on this machine"),
    )
}
