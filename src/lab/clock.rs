//! The clocks of the lab, and times as services write them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

/// A clock that may go wrong: the real one, so many seconds ahead or behind.
/// Its clones are the same clock.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// A clock that is right.
    pub fn new() -> Self {
        Clock::default()
    }

    pub fn now(&self) -> SystemTime {
        let seconds = self.0.load(Ordering::Relaxed);
        let by = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 {
            SystemTime::now() - by
        } else {
            SystemTime::now() + by
        }
    }

    /// Puts the clock so many seconds ahead of the real one, or behind it; a
    /// decade at most.
    pub fn shift(&self, seconds: i64) {
        let seconds = seconds.clamp(-DECADE, DECADE);
        self.0.store(seconds, Ordering::Relaxed);
    }
}

const DECADE: i64 = 10 * 365 * 86_400;

/// `2026-01-31T08:30:00Z`
pub fn rfc3339(time: SystemTime) -> String {
    utc(time).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As the header `Date` has it: `Sat, 31 Jan 2026 08:30:00 GMT`.
pub fn http_date(time: SystemTime) -> String {
    utc(time).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whole seconds since 1970.
pub fn epoch_seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// The same moment, in whole seconds.
pub(super) fn utc(time: SystemTime) -> DateTime<Utc> {
    DateTime::from_timestamp(epoch_seconds(time), 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_wrong_by_what_it_is_told_and_its_clones_with_it() {
        let clock = Clock::new();
        let same = clock.clone();
        for seconds in [0, 1200, -1200] {
            clock.shift(seconds);
            let off = epoch_seconds(same.now()) - epoch_seconds(SystemTime::now());
            assert!((off - seconds).abs() <= 1, "{off}, not {seconds}");
        }
        clock.shift(i64::MAX);
        let off = epoch_seconds(same.now()) - epoch_seconds(SystemTime::now());
        assert!((off - DECADE).abs() <= 1, "{off}");
    }

    #[test]
    fn times_are_written_as_services_do() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_769_848_200_900);
        assert_eq!(rfc3339(time), "2026-01-31T08:30:00Z");
        assert_eq!(http_date(time), "Sat, 31 Jan 2026 08:30:00 GMT");
    }
}
