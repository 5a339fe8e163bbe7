//! Times as services write them, and the difference of clocks.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// Reads the `Date` header of an answer.
pub fn date_of(headers: &http::HeaderMap) -> Option<SystemTime> {
    let text = headers.get(http::header::DATE)?.to_str().ok()?;
    let date = DateTime::from_str(text, Format::HttpDate).ok()?;
    SystemTime::try_from(date).ok()
}

/// The service's clock minus ours, in milliseconds. The service is taken to
/// have answered half way between `sent` and `received`; its `Date` has whole
/// seconds, so anything below a second is no difference.
pub fn clock_skew_ms(service: SystemTime, sent: SystemTime, received: SystemTime) -> i64 {
    let round_trip = received.duration_since(sent).unwrap_or(Duration::ZERO);
    let middle = sent + round_trip / 2;
    let difference = match service.duration_since(middle) {
        Ok(ahead) => i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX),
        Err(behind) => -i64::try_from(behind.duration().as_millis()).unwrap_or(i64::MAX),
    };
    // The header says 12:00:05 during the whole of that second.
    if (-1000..=0).contains(&difference) {
        0
    } else {
        difference
    }
}

/// Writes a time as the documents do: RFC 3339 in UTC, whole seconds.
pub fn rfc3339(time: SystemTime) -> String {
    let seconds = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |elapsed| {
            i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
        });
    DateTime::from_secs(seconds)
        .fmt(Format::DateTime)
        .unwrap_or_default()
}

/// Reads a time as [`rfc3339`] writes it.
pub fn from_rfc3339(text: &str) -> Option<SystemTime> {
    let time = DateTime::from_str(text, Format::DateTime).ok()?;
    SystemTime::try_from(time).ok()
}

/// A time that a recorded trace keeps as documents write times.
pub mod as_text {
    use std::time::SystemTime;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    /// Writes the time.
    ///
    /// # Errors
    ///
    /// The form cannot hold a text.
    pub fn serialize<S: Serializer>(
        time: &Option<SystemTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(super::rfc3339).serialize(serializer)
    }

    /// Reads the time.
    ///
    /// # Errors
    ///
    /// The text is no time.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        let read = |text: String| {
            super::from_rfc3339(&text)
                .ok_or_else(|| serde::de::Error::custom(format!("'{text}' is no time")))
        };
        Option::<String>::deserialize(deserializer)?
            .map(read)
            .transpose()
    }
}

/// The seconds from `now` until a time as [`rfc3339`] writes it; negative when it
/// has passed.
pub fn seconds_until(now: SystemTime, text: &str) -> Option<i64> {
    let time = DateTime::from_str(text, Format::DateTime).ok()?;
    Some(time.secs() - DateTime::from(now).secs())
}

/// `3600` is `1 h`, `5400` is `1 h 30 min`.
pub fn lifetime_text(seconds: i64) -> String {
    match (seconds / 3600, seconds % 3600 / 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    #[test]
    fn skew_is_the_services_clock_minus_ours() {
        assert_eq!(clock_skew_ms(at(1_200_000), at(0), at(200)), 1_199_900);
        assert_eq!(
            clock_skew_ms(at(0), at(1_200_000), at(1_200_200)),
            -1_200_100
        );
        assert_eq!(clock_skew_ms(at(5_000), at(5_300), at(5_500)), 0);
    }

    #[test]
    fn dates() {
        let mut headers = http::HeaderMap::new();
        headers.insert(
            "date",
            http::HeaderValue::from_static("Thu, 01 Jan 1970 00:00:07 GMT"),
        );
        assert_eq!(date_of(&headers), Some(at(7_000)));
        headers.insert("date", http::HeaderValue::from_static("yesterday"));
        assert_eq!(date_of(&headers), None);
        assert_eq!(rfc3339(at(7_900)), "1970-01-01T00:00:07Z");
    }

    #[test]
    fn lifetimes_read_as_people_say_them() {
        let cases = [
            (45, "45 s"),
            (900, "15 min"),
            (3600, "1 h"),
            (5400, "1 h 30 min"),
            (61, "1 min 1 s"),
        ];
        for (seconds, words) in cases {
            assert_eq!(lifetime_text(seconds), words);
        }
    }
}
