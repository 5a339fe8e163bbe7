//! Names that nobody guesses by chance. They guard nothing: the lab listens on
//! loopback alone.

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Letters and digits.
pub(super) fn letters(count: usize) -> String {
    let letters = std::iter::repeat_with(|| fastrand::choice(LETTERS));
    letters
        .flatten()
        .take(count)
        .map(|byte| char::from(*byte))
        .collect()
}

pub(super) fn hex(count: usize) -> String {
    let digits = std::iter::repeat_with(|| fastrand::digit(16));
    digits.take(count).collect()
}

pub(super) fn uuid() -> String {
    let parts = [8, 4, 4, 4, 12].map(hex);
    parts.join("-")
}
