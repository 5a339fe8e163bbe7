//! `clock.skew`: this machine's clock against AWS's, or Vault's where AWS did not
//! answer, by the dates of their answers.
//!
//! It fails where STS would refuse what is signed here: more than five minutes
//! ahead, a quarter of an hour behind. From a minute on it warns. It says nothing of
//! Kong's own clock unless it runs on Kong's host.

use super::{Scene, Verdict};
use crate::diagnose::{Code, Finding, Severity, Where};

/// What STS takes, in milliseconds.
///
/// Source: the texts of STS's refusals, "Signature expired" and "Signature not yet
/// current".
const MOST_BEHIND: i64 = 15 * 60 * 1000;
const MOST_AHEAD: i64 = 5 * 60 * 1000;

/// What a clock that is kept right does not reach.
const NOTABLE: i64 = 60 * 1000;

pub(super) async fn skew(scene: &Scene) -> Verdict {
    let standing = scene.standing().await;
    if let Some(skew) = standing.seen.aws_skew_ms {
        return judge(skew, "sts");
    }
    match scene.health().await.seen.vault_skew_ms {
        Some(skew) => judge(skew, "vault"),
        None => Verdict::skipped("neither AWS nor Vault answered with a date"),
    }
}

/// `skew` is the other clock minus ours, in milliseconds.
fn judge(skew: i64, source: &str) -> Verdict {
    let said = format!("{} against {}", words(skew), name(source));
    let (code, most) = if skew > 0 {
        (Code::SIG403, MOST_BEHIND)
    } else {
        (Code::SIG404, MOST_AHEAD)
    };
    let amount = skew.saturating_abs();
    if amount < NOTABLE {
        return Verdict::passed(said);
    }
    let finding = match source {
        "sts" => Finding::certain(code),
        // Vault's own clock may be the wrong one.
        _ => Finding::likely(code, &[]).would_decide("GET", "an answer of STS"),
    };
    let mut finding = finding
        .because(format!("This machine's clock is {}.", words(skew)))
        .fact(source, "date", &said)
        .remedy(
            Where::Here,
            "turn time synchronisation on",
            Some("sudo timedatectl set-ntp true".to_owned()),
            Some("root on this host"),
        );
    if amount < most || source != "sts" {
        finding.severity = Severity::Warning;
    }
    Verdict::found(said, finding)
}

fn name(source: &str) -> &'static str {
    match source {
        "sts" => "AWS's clock",
        _ => "Vault's clock",
    }
}

fn words(skew: i64) -> String {
    let amount = skew.unsigned_abs();
    let side = if skew > 0 { "behind" } else { "ahead" };
    match amount {
        0..1000 => "less than a second off".to_owned(),
        1000..120_000 => format!("{} s {side}", amount / 1000),
        _ => format!("{} min {side}", amount / 60_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::check::Outcome;

    #[test]
    fn what_sts_refuses_fails_and_what_it_takes_warns() {
        let minutes = |count: i64| count * 60 * 1000;
        let cases = [
            (200, Outcome::Passed, None, "less than a second off"),
            (-30_000, Outcome::Passed, None, "30 s ahead"),
            (
                minutes(2),
                Outcome::Warned,
                Some(Code::SIG403),
                "2 min behind",
            ),
            (
                minutes(14),
                Outcome::Warned,
                Some(Code::SIG403),
                "14 min behind",
            ),
            (
                minutes(16),
                Outcome::Failed,
                Some(Code::SIG403),
                "16 min behind",
            ),
            (
                minutes(-4),
                Outcome::Warned,
                Some(Code::SIG404),
                "4 min ahead",
            ),
            (
                minutes(-6),
                Outcome::Failed,
                Some(Code::SIG404),
                "6 min ahead",
            ),
        ];
        for (skew, outcome, code, said) in cases {
            let verdict = judge(skew, "sts");
            assert_eq!(verdict.outcome, outcome, "{said}");
            assert_eq!(verdict.findings.first().map(|finding| finding.code), code);
            assert!(verdict.said.starts_with(said), "{}", verdict.said);
        }
    }

    #[test]
    fn vaults_clock_alone_proves_nothing() {
        let verdict = judge(-60 * 60 * 1000, "vault");
        assert_eq!(verdict.outcome, Outcome::Warned);
        assert!(!verdict.findings[0].not_seen.is_empty());
    }
}
