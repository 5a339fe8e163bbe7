//! The clocks of the lab, and times as services write them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

pub use crate::http::date::rfc3339;

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

    /// Puts the clock so many seconds ahead of the real one, or behind it.
    pub fn shift(&self, seconds: i64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

/// As the header `Date` has it: `Sat, 31 Jan 2026 08:30:00 GMT`.
pub fn http_date(time: SystemTime) -> String {
    utc(time).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whole seconds since 1970.
pub(super) fn epoch_seconds(time: SystemTime) -> i64 {
    utc(time).timestamp()
}

/// The same moment, in whole seconds.
pub(super) fn utc(time: SystemTime) -> DateTime<Utc> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs().cast_signed());
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
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
            let off = utc(same.now()) - utc(SystemTime::now());
            let off = off.num_seconds() - seconds;
            assert!(off.abs() <= 1, "{off}");
        }
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_769_848_200_900);
        assert_eq!(http_date(time), "Sat, 31 Jan 2026 08:30:00 GMT");
    }
}
