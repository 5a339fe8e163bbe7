//! One value of a policy against one of a request, by type.

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::super::decision::Unclear;
use super::super::pattern::{Pattern, Wildcards, plain};
use super::time::PointInTime;
use crate::aws::policy::operator::Comparison;

/// Whether the value matches; of a negated operator, whether what it negates
/// does.
pub(super) fn compare(
    comparison: Comparison,
    wanted: &Pattern,
    value: &str,
) -> Result<bool, Unclear> {
    match comparison {
        Comparison::StringEquals | Comparison::StringNotEquals => Ok(wanted.text() == value),
        Comparison::StringEqualsIgnoreCase | Comparison::StringNotEqualsIgnoreCase => {
            Ok(wanted.text().to_lowercase() == value.to_lowercase())
        }
        Comparison::StringLike | Comparison::StringNotLike => Ok(wanted.matches(value)),
        Comparison::NumericEquals
        | Comparison::NumericNotEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => {
            let ordering = number(value).zip(number(&wanted.text()));
            let ordering = ordering.and_then(|(value, wanted)| value.partial_cmp(&wanted));
            ordered(comparison, ordering)
        }
        Comparison::DateEquals
        | Comparison::DateNotEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => {
            let times = PointInTime::parse(value).zip(PointInTime::parse(&wanted.text()));
            ordered(comparison, times.map(|(value, wanted)| value.cmp(&wanted)))
        }
        Comparison::Bool => match (boolean(&wanted.text()), boolean(value)) {
            (Some(wanted), Some(value)) => Ok(wanted == value),
            _ => Err(Unclear::Operand),
        },
        Comparison::BinaryEquals => match (bytes(&wanted.text()), bytes(value)) {
            (Some(wanted), Some(value)) => Ok(wanted == value),
            _ => Err(Unclear::Operand),
        },
        Comparison::IpAddress | Comparison::NotIpAddress => {
            let network = network(&wanted.text()).ok_or(Unclear::Operand)?;
            let address: IpAddr = value.parse().map_err(|_| Unclear::Operand)?;
            Ok(network.contains(&address))
        }
        Comparison::ArnEquals
        | Comparison::ArnNotEquals
        | Comparison::ArnLike
        | Comparison::ArnNotLike => {
            let wanted = wanted.arn_parts().ok_or(Unclear::ShortArn)?;
            // What is no ARN matches none.
            Ok(plain(value, Wildcards::Literal)
                .arn_parts()
                .is_some_and(|parts| {
                    let mut pairs = wanted.iter().zip(&parts);
                    pairs.all(|(wanted, part)| wanted.matches(&part.text()))
                }))
        }
        // Asks for no value.
        Comparison::Null => Err(Unclear::Operator),
    }
}

/// The value stands on the left: `NumericLessThan` wants it to be the smaller.
fn ordered(comparison: Comparison, ordering: Option<Ordering>) -> Result<bool, Unclear> {
    let ordering = ordering.ok_or(Unclear::Operand)?;
    Ok(match comparison {
        Comparison::NumericLessThan | Comparison::DateLessThan => ordering.is_lt(),
        Comparison::NumericLessThanEquals | Comparison::DateLessThanEquals => ordering.is_le(),
        Comparison::NumericGreaterThan | Comparison::DateGreaterThan => ordering.is_gt(),
        Comparison::NumericGreaterThanEquals | Comparison::DateGreaterThanEquals => {
            ordering.is_ge()
        }
        _ => ordering.is_eq(),
    })
}

/// "An integer or decimal value."
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_decimal = digits.contains(|character: char| character.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_decimal { text.parse().ok() } else { None }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A network, or an address without the length of its prefix, which is then
/// that address alone.
fn network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
