//! How long something lasts, as a policy may write it.

use super::syntax::Node;

/// The longest in seconds: Vault counts nanoseconds in 63 bits.
const LONGEST: f64 = 9_223_372_036.0;

/// The seconds of `"1h30m"`, `"90"`, `"1d"` or `90`.
pub(super) fn seconds(node: &Node) -> Option<f64> {
    let seconds = match node {
        Node::Text(text) => text_seconds(text)?,
        Node::Number(number) => {
            whole(number).or_else(|| number.parse::<f64>().ok().map(f64::trunc))?
        }
        Node::Bool | Node::List(_) | Node::Block(_) => return None,
    };
    (seconds.abs() <= LONGEST).then_some(seconds)
}

/// An integer, its base told by how it begins.
fn whole(number: &str) -> Option<f64> {
    let (radix, digits) = match number.strip_prefix("0x") {
        Some(digits) => (16, digits),
        None if number.len() > 1 && number.starts_with('0') => (8, number),
        None => (10, number),
    };
    // Beyond 2^53 seconds it is too long in any case.
    #[expect(clippy::cast_precision_loss, reason = "too long to be taken anyway")]
    i64::from_str_radix(digits, radix)
        .ok()
        .map(|seconds| seconds as f64)
}

fn text_seconds(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    if let Some(days) = text.strip_suffix('d') {
        return Some(f64::from(days.parse::<i32>().ok()?) * 86_400.0);
    }
    if let Ok(seconds) = text.parse::<i32>() {
        return Some(f64::from(seconds));
    }
    let (sign, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) if text.starts_with('-') => (-1.0, rest),
        Some(rest) => (1.0, rest),
        None => (1.0, text),
    };
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.')?;
        let (number, behind) = rest.split_at(end);
        let number: f64 = number.parse().ok()?;
        let end = behind.find(|sign: char| sign.is_ascii_digit() || sign == '.');
        let (unit, behind) = behind.split_at(end.unwrap_or(behind.len()));
        total += number * unit_seconds(unit)?;
        rest = behind;
    }
    Some(sign * total)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vault_takes_is_taken() {
        let text = |text: &str| Node::Text(text.to_owned());
        let number = |text: &str| Node::Number(text.to_owned());
        let cases = [
            (text(""), Some(0.0)),
            (text("5"), Some(5.0)),
            (text("1d"), Some(86_400.0)),
            (text("-1h"), Some(-3600.0)),
            (text("+1h"), Some(3600.0)),
            (text("5.5h"), Some(19_800.0)),
            (text(".5h"), Some(1800.0)),
            (text("1h30m10s"), Some(5410.0)),
            (number("5"), Some(5.0)),
            (number("0x10"), Some(16.0)),
            (number("010"), Some(8.0)),
            (number("1.9"), Some(1.0)),
            (text("1d2h"), None),
            (text("1.d"), None),
            (text(" 5m"), None),
            (text("5 m"), None),
            (text("5.5"), None),
            (text("1.5.5h"), None),
            (text("1w"), None),
            (text("5M"), None),
            (text("h"), None),
            (text("-"), None),
            (text("99999999999h"), None),
            (Node::Bool, None),
            (Node::List(Vec::new()), None),
        ];
        for (node, expected) in cases {
            assert_eq!(seconds(&node), expected, "{node:?}");
        }
    }
}
