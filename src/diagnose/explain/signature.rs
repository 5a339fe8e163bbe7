//! Clocks: a signature that is too old, or not yet valid.

use super::{Evidence, skew_words};
use crate::diagnose::{Code, Finding, Where};

/// STS takes signatures that are this much too old: 15 minutes.
const TOO_OLD_MS: i64 = 15 * 60 * 1000;

/// STS takes signatures that are this much too early: 5 minutes.
const TOO_EARLY_MS: i64 = 5 * 60 * 1000;

/// The finding for a refused signature, if the clocks explain it: the measured
/// difference decides, not the words.
pub(super) fn clock(evidence: &Evidence) -> Option<Finding> {
    let skew = evidence.seen.aws_skew_ms?;
    let code = if skew > TOO_OLD_MS - 60_000 {
        Code::SIG403
    } else if skew < -(TOO_EARLY_MS - 60_000) {
        Code::SIG404
    } else {
        return None;
    };
    let mut finding = Finding::certain(code)
        .because(format!(
            "The clock is wrong here: {} by AWS's time. A signature holds for 15 minutes.",
            skew_words(skew)
        ))
        .fact("sts", "clock_skew_ms", skew.to_string());
    if let Some(vault) = evidence.seen.vault_skew_ms {
        finding = finding.fact("vault", "clock_skew_ms", vault.to_string());
    }
    Some(finding.remedy(
        Where::Here,
        "set the clock, and keep it set",
        Some("sudo chronyc makestep".to_owned()),
        Some("root on this machine"),
    ))
}
