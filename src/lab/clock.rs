//! The clock of a service: the machine's own, and what a scenario adds to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

/// A clock that can be set wrong. A clone is the same clock.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// A clock that is right.
    pub fn new() -> Self {
        Clock::default()
    }

    /// What the clock shows.
    pub fn now(&self) -> SystemTime {
        let offset = self.0.load(Ordering::Relaxed);
        let distance = Duration::from_secs(offset.unsigned_abs());
        let now = SystemTime::now();
        let moved = if offset < 0 {
            now.checked_sub(distance)
        } else {
            now.checked_add(distance)
        };
        moved.unwrap_or(now)
    }

    /// Sets the clock forward by so many seconds, or back.
    pub fn shift(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_the_same_clock() {
        let clock = Clock::new();
        let same = clock.clone();
        clock.shift(-3600);
        let behind = SystemTime::now().duration_since(same.now());
        let behind = behind.map_or(0, |behind| behind.as_secs());
        assert!((3599..=3601).contains(&behind), "{behind}");
        same.shift(i64::MIN + 3600);
        clock.now();
    }
}
