//! How long a token lives.

use std::time::SystemTime;

use crate::lab::clock::epoch_seconds;
use crate::lab::vault::time::short_duration;

/// What is asked for, and what bounds it. Zero stands for nothing said.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::lab::vault) struct Asked {
    pub(in crate::lab::vault) ttl: u64,
    pub(in crate::lab::vault) max_ttl: u64,
    pub(in crate::lab::vault) explicit_max_ttl: u64,
    pub(in crate::lab::vault) period: u64,
    /// The mount's.
    pub(in crate::lab::vault) default_lease: u64,
    pub(in crate::lab::vault) max_lease: u64,
}

/// The lifetime from `now` on of a token made at `created`, and what Vault
/// remarks where it is less than was asked for.
pub(in crate::lab::vault) fn lifetime(
    asked: Asked,
    created: SystemTime,
    now: SystemTime,
) -> (u64, Option<String>) {
    let is_periodic = asked.period > 0;
    let wanted = match (asked.period, asked.ttl) {
        (0, 0) => asked.default_lease,
        (0, ttl) => ttl,
        (period, _) => period,
    };
    // A periodic token is renewed for ever, each time up to the mount's most.
    let bounds = match is_periodic {
        true => [0, 0, asked.explicit_max_ttl],
        false => [asked.max_lease, asked.max_ttl, asked.explicit_max_ttl],
    };
    let most = bounds.into_iter().filter(|bound| *bound > 0).min();
    // Vault counts whole seconds here, on both sides.
    let past = epoch_seconds(now).saturating_sub(epoch_seconds(created));
    let past = u64::try_from(past).unwrap_or_default();
    let left = most.unwrap_or(u64::MAX).saturating_sub(past);
    let left = left.min(asked.max_lease);
    if wanted <= left {
        return (wanted, None);
    }
    let what = if is_periodic { "period" } else { "TTL" };
    let words = format!(
        "{what} of {:?} exceeded the effective max_ttl of {:?}; {what} value is capped accordingly",
        short_duration(wanted),
        short_duration(left)
    );
    (left, Some(words))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOUR: u64 = 3600;

    #[test]
    fn the_least_bound_counts_from_the_making_on() {
        let made = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000_000);
        // What is asked for: ttl, max_ttl, explicit_max_ttl, period.
        for (asked, after, expected, remark) in [
            ([0, 0, 0, 0], 0, 768 * HOUR, None),
            ([HOUR, 0, 0, 0], 0, HOUR, None),
            (
                [1000 * HOUR, 0, 0, 0],
                0,
                768 * HOUR,
                Some(
                    "TTL of \"1000h\" exceeded the effective max_ttl of \"768h\"; TTL value is capped accordingly",
                ),
            ),
            (
                [HOUR, HOUR, 0, 0],
                HOUR / 2,
                HOUR / 2,
                Some(
                    "TTL of \"1h\" exceeded the effective max_ttl of \"30m\"; TTL value is capped accordingly",
                ),
            ),
            ([HOUR, 60, 0, HOUR], HOUR / 2, HOUR, None),
            (
                [0, 0, HOUR, HOUR],
                HOUR / 2,
                HOUR / 2,
                Some(
                    "period of \"1h\" exceeded the effective max_ttl of \"30m\"; period value is capped accordingly",
                ),
            ),
        ] {
            let [ttl, max_ttl, explicit_max_ttl, period] = asked;
            let asked = Asked {
                ttl,
                max_ttl,
                explicit_max_ttl,
                period,
                default_lease: 768 * HOUR,
                max_lease: 768 * HOUR,
            };
            let (ttl, remarked) = lifetime(asked, made, made + Duration::from_secs(after));
            assert_eq!((ttl, remarked.as_deref()), (expected, remark), "{asked:?}");
        }
    }
}
