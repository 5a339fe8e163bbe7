//! Clocks: a signature that is too old, or not yet valid.

use super::{Evidence, skew_words};
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
    let seen = &evidence.seen;
    let (service, skew) = match (seen.aws_skew_ms, seen.vault_skew_ms) {
        (Some(skew), _) => ("AWS", skew),
        (None, Some(skew)) => ("Vault", skew),
        (None, None) => return None,
    };
    let (code, is_said) = if skew > TOO_OLD_MS - TOLERANCE_MS {
        (Code::SIG403, message.contains("Signature expired"))
    } else if skew < -(TOO_EARLY_MS - TOLERANCE_MS) {
        (Code::SIG404, message.contains("not yet current"))
    } else {
        return None;
    };
    let finding = if seen.aws_skew_ms.is_some() || is_said {
        Finding::certain(code)
    } else {
        Finding::likely(code, &[Code::SIG406, Code::SIG401])
    };
    let finding = finding.because(format!(
        "The clock is wrong here: {} by the clock of {service}. A signature holds for 15 minutes.",
        skew_words(skew)
    ));
    let finding = [("sts", seen.aws_skew_ms), ("vault", seen.vault_skew_ms)]
        .into_iter()
        .filter_map(|(source, skew)| Some((source, skew?)))
        .fold(finding, |finding, (source, skew)| {
            finding.fact(source, "clock_skew_ms", skew.to_string())
        });
    Some(finding.remedy(
        Where::Here,
        "set the clock, and keep it set",
        Some("sudo chronyc makestep".to_owned()),
        Some("root on this machine"),
    ))
}
