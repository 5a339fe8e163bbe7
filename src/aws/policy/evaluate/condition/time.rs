//! Points in time, as conditions write them.

/// Seconds since 1970, and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PointInTime(i64, u32);

impl PointInTime {
    /// Reads seconds since 1970, or one of the "W3C implementations of the ISO
    /// 8601 date formats". What is left out at the end is the earliest; without
    /// a zone it is UTC.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if is_number(text) {
            return Some(PointInTime(text.parse().ok()?, 0));
        }
        let (date, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
        let mut parts = date.split('-');
        let year = part(parts.next()?, 4, 0..=9999)?;
        let month = parts.next().map_or(Some(1), |text| part(text, 2, 1..=12))?;
        let day = parts.next().map_or(Some(1), |text| part(text, 2, 1..=31))?;
        if parts.next().is_some() {
            return None;
        }
        let (clock, zone) = time.split_at(time.find(['Z', 'z', '+', '-']).unwrap_or(time.len()));
        let (seconds, nanoseconds) = time_of_day(clock)?;
        let days = days_since_1970(year, month, day);
        Some(PointInTime(
            days * 86_400 + seconds - offset(zone)?,
            nanoseconds,
        ))
    }
}

/// `hh`, `hh:mm` or `hh:mm:ss` with a fraction.
fn time_of_day(clock: &str) -> Option<(i64, u32)> {
    if clock.is_empty() {
        return Some((0, 0));
    }
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let hour = part(parts.next()?, 2, 0..=23)?;
    let minute = parts.next().map_or(Some(0), |text| part(text, 2, 0..=59))?;
    let second = parts.next().map_or(Some(0), |text| part(text, 2, 0..=59))?;
    let is_fraction = is_number(fraction) && fraction.len() <= 9;
    if parts.next().is_some() || !is_fraction {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
    Some((hour * 3600 + minute * 60 + second, nanoseconds))
}

/// The seconds by which a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, digits) = match zone.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, zone.strip_prefix('+')?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => (digits.get(..2)?, digits.get(2..)?),
    };
    let hours = part(hours, 2, 0..=23)?;
    let minutes = if minutes.is_empty() {
        0
    } else {
        part(minutes, 2, 0..=59)?
    };
    Some(sign * (hours * 3600 + minutes * 60))
}

fn part(text: &str, length: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (is_number(text) && text.len() == length && range.contains(&number)).then_some(number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Of the Gregorian calendar, with the years counted from March so that the
/// leap day is the last one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time() {
        let cases = [
            ("0", Some((0, 0))),
            ("1767225600", Some((1_767_225_600, 0))),
            ("1970-01-01T00:00:00Z", Some((0, 0))),
            ("2026-01-01T00:00:00Z", Some((1_767_225_600, 0))),
            ("2026-01-01", Some((1_767_225_600, 0))),
            ("2026-01", Some((1_767_225_600, 0))),
            ("2026-01-01t00:00z", Some((1_767_225_600, 0))),
            ("2026-01-01T01:00:00+01:00", Some((1_767_225_600, 0))),
            ("2025-12-31T19:00:00-0500", Some((1_767_225_600, 0))),
            ("2026-01-01T02+02", Some((1_767_225_600, 0))),
            ("2000-03-01T00:00:00.5Z", Some((951_868_800, 500_000_000))),
            ("2000-02-29", Some((951_782_400, 0))),
            ("1969-12-31T23:59:59Z", Some((-1, 0))),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("2026-01-01T24:00:00Z", None),
            ("2026-01-01T00:00:00.Z", None),
            ("2026-01-01-01", None),
            ("2026-01-01T00:00:00:00Z", None),
            ("2026-01-01T00:00:00+1", None),
            ("next week", None),
            ("", None),
            ("99999999999999999999", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(seconds, nanoseconds)| PointInTime(seconds, nanoseconds));
            assert_eq!(PointInTime::parse(text), expected, "{text}");
        }
    }
}
