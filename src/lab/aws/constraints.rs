//! The limits of parameters, in the words in which every service of AWS tells
//! which of them were broken.

use std::ops::RangeInclusive;

use super::refusal::Refusal;

/// The constraints that a request broke.
#[derive(Debug, Default)]
pub(super) struct Broken(Vec<String>);

impl Broken {
    /// Demands that a parameter is there, and returns it or nothing.
    pub(super) fn require<'a>(&mut self, place: &str, value: Option<&'a str>) -> &'a str {
        if value.is_none() {
            self.add("null", place, "Member must not be null");
        }
        value.unwrap_or_default()
    }

    /// Demands a length of what is there.
    pub(super) fn length(&mut self, place: &str, text: &str, limits: RangeInclusive<usize>) {
        let length = text.chars().count();
        let wanted = if length < *limits.start() {
            format!("greater than or equal to {}", limits.start())
        } else if length > *limits.end() {
            format!("less than or equal to {}", limits.end())
        } else {
            return;
        };
        let words = format!("Member must have length {wanted}");
        self.add(&format!("'{text}'"), place, &words);
    }

    /// Demands a number within limits.
    pub(super) fn value(&mut self, place: &str, number: i64, limits: RangeInclusive<i64>) {
        let wanted = if number < *limits.start() {
            format!("greater than or equal to {}", limits.start())
        } else if number > *limits.end() {
            format!("less than or equal to {}", limits.end())
        } else {
            return;
        };
        let words = format!("Member must have value {wanted}");
        self.add(&format!("'{number}'"), place, &words);
    }

    /// Demands that there is nothing but letters, digits and `_+=,.@-`, and the
    /// characters of `more`.
    pub(super) fn name(&mut self, place: &str, text: &str, more: &str) {
        let is_right = |letter: char| {
            letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter) || more.contains(letter)
        };
        if !text.chars().all(is_right) {
            let pattern = match more {
                "" => r"[\w+=,.@-]*",
                _ => r"[\w+=,.@:\/-]*",
            };
            let words = format!("Member must satisfy regular expression pattern: {pattern}");
            self.add(&format!("'{text}'"), place, &words);
        }
    }

    fn add(&mut self, value: &str, place: &str, words: &str) {
        self.0.push(format!(
            "Value {value} at '{place}' failed to satisfy constraint: {words}"
        ));
    }

    /// Refuses the request if a constraint was broken.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        let errors = match self.0.len() {
            0 => return Ok(()),
            1 => "1 validation error".to_owned(),
            count => format!("{count} validation errors"),
        };
        let words = format!("{errors} detected: {}", self.0.join("; "));
        Err(Refusal::validation(words))
    }
}
