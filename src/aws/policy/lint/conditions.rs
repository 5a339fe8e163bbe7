//! What may stand in `Condition`.

use std::collections::BTreeMap;

use super::super::document::{Conditions, Problem};
use super::super::operator::{Comparison, Operator, closest_operator};

pub(super) fn check(problems: &mut Vec<Problem>, place: &str, conditions: &Conditions) {
    let place = format!("{place}.Condition");
    if let Some((first, second)) = same_but_for_case(conditions.keys()) {
        problems.push(twice(&place, first, second));
    }
    for (operator, keys) in conditions {
        check_operator(problems, &place, operator, keys);
    }
}

fn check_operator(
    problems: &mut Vec<Problem>,
    place: &str,
    name: &str,
    keys: &BTreeMap<String, Vec<String>>,
) {
    let Some(operator) = Operator::parse(name) else {
        problems.push(Problem::new(
            place,
            format!("has an unknown operator {name:?}"),
            closest_operator(name).map_or_else(
                || "use one of IAM's condition operators, as \"StringEquals\"".to_owned(),
                |near| format!("did you mean {near:?}?"),
            ),
        ));
        return;
    };
    let place = format!("{place}.{name}");
    // Access Analyzer's error "Duplicate keys with different case".
    if let Some((first, second)) = same_but_for_case(keys.keys()) {
        problems.push(twice(&place, first, second));
    }
    if is_date(operator.comparison) {
        for (key, values) in keys {
            for value in values.iter().filter(|value| !is_point_in_time(value)) {
                // "The policy failed legacy parsing"
                problems.push(Problem::new(
                    format!("{place}.{key}"),
                    format!("is {value:?}, which is no point in time"),
                    "write it as \"2026-01-31T12:00:00Z\", or as seconds since 1970",
                ));
            }
        }
    }
}

fn same_but_for_case<'a>(names: impl Iterator<Item = &'a String>) -> Option<(&'a str, &'a str)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        if let Some(first) = seen.insert(name.to_ascii_lowercase(), name) {
            return Some((first, name));
        }
    }
    None
}

fn twice(place: &str, first: &str, second: &str) -> Problem {
    Problem::new(
        place,
        format!("has both {first:?} and {second:?}, which are the same to AWS"),
        "keep one of them; a list takes several values",
    )
}

fn is_date(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::DateEquals
            | Comparison::DateNotEquals
            | Comparison::DateLessThan
            | Comparison::DateLessThanEquals
            | Comparison::DateGreaterThan
            | Comparison::DateGreaterThanEquals
    )
}

/// Seconds since 1970, or the year with what may follow it. IAM takes many
/// shortened forms: only what cannot be a time is refused.
///
/// Source: "W3C implementations of the ISO 8601 date formats or in epoch (UNIX)
/// time"; limits as IAM was seen to draw them.
fn is_point_in_time(value: &str) -> bool {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse::<i64>().is_ok();
    }
    let (date, time) = value.split_once(['T', 't']).unwrap_or((value, ""));
    let (is_before_christ, date) = match date.strip_prefix('-') {
        Some(date) => (true, date),
        None => (false, date),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let limits: [(u64, u64); 3] = [(0, 292_278_993), (1, 12), (1, 31)];
    // A single number is seconds, unless something makes it a year.
    if parts.len() == 1 && !is_before_christ && !value.contains(['T', 't']) {
        return false;
    }
    parts.len() <= limits.len()
        && parts
            .iter()
            .zip(limits)
            .all(|(part, (least, most))| is_number_within(part, least, most))
        && is_time_of_day(time)
}

fn is_time_of_day(time: &str) -> bool {
    let end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let limits: [u64; 3] = [23, 59, 59];
    // The zone may hold a colon of its own, so it goes first.
    let (clock, zone) = time.split_at(end);
    is_zone(zone)
        && (clock.is_empty()
            || clock.split(':').count() <= limits.len()
                && clock.split(':').zip(limits).all(|(part, most)| {
                    // Seconds may have a fraction, down to nanoseconds.
                    let (whole, fraction) = part.split_once('.').unwrap_or((part, "0"));
                    is_number_within(whole, 0, most) && is_number_within(fraction, 0, 999_999_999)
                }))
}

/// Nothing, `Z`, or a sign with pairs of digits behind it.
fn is_zone(zone: &str) -> bool {
    let Some(digits) = zone.strip_prefix(['+', '-']) else {
        return zone.is_empty() || zone.eq_ignore_ascii_case("z");
    };
    digits
        .split(':')
        .all(|part| matches!(part.len(), 2 | 4) && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_number_within(text: &str, least: u64, most: u64) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
        && text
            .parse::<u64>()
            .is_ok_and(|number| (least..=most).contains(&number))
}
