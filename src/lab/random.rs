//! Names that nobody guesses by chance. They guard nothing: the lab listens on
//! loopback alone.

use std::iter::repeat_with;

/// Letters and digits.
pub(super) fn letters(count: usize) -> String {
    repeat_with(fastrand::alphanumeric).take(count).collect()
}

pub(super) fn hex(count: usize) -> String {
    repeat_with(|| fastrand::digit(16)).take(count).collect()
}

pub(super) fn uuid() -> String {
    let parts = [8, 4, 4, 4, 12].map(hex);
    parts.join("-")
}
