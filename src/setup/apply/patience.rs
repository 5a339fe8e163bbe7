//! Waiting for what was just made to be known everywhere, for a bounded time.

use std::time::{Duration, Instant};

use crate::trace::{OpenStep, Retry};

/// IAM says that changes take "a few seconds"; a minute is long for them.
///
/// Source: "Changes that I make are not always immediately visible" in the IAM
/// user guide.
const PROPAGATION: Duration = Duration::from_secs(60);

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// The time that is left for tries of one change.
pub(super) struct Patience {
    deadline: Instant,
    next: Duration,
}

impl Patience {
    /// As long as something that was just made may stay unknown.
    pub(super) fn for_propagation() -> Self {
        Patience {
            deadline: Instant::now() + PROPAGATION,
            next: FIRST_WAIT,
        }
    }

    /// Waits before one more try and notes it in the step. False: the time is
    /// up, and nothing was waited for.
    pub(super) async fn wait(&mut self, step: &mut OpenStep, because: &str) -> bool {
        let now = Instant::now();
        if now + self.next > self.deadline {
            return false;
        }
        tokio::time::sleep(self.next).await;
        step.retries(vec![Retry {
            because: because.to_owned(),
            waited: self.next,
        }]);
        self.next = (self.next * 2).min(LONGEST_WAIT);
        true
    }
}
