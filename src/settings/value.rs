//! The forms of values: what a setting accepts, in words a person understands.

use std::time::Duration;

use super::table::Kind;

/// Checks that `text` has the form that `kind` asks for.
///
/// # Errors
///
/// The half sentence that follows the name of the setting: `must be …`.
pub fn check(kind: Kind, text: &str) -> Result<(), String> {
    match kind {
        Kind::Flag if flag(text).is_none() => Err(format!("must be true or false, not '{text}'")),
        Kind::Choice(choices) if !choices.contains(&text) => Err(format!(
            "must be one of {}, not '{text}'",
            choices.join(", ")
        )),
        Kind::Number if text.parse::<u32>().is_err() => {
            Err(format!("must be a whole number, not '{text}'"))
        }
        Kind::Duration if duration(text).is_none() => Err(format!(
            "must be a time such as 30s, 5m or 1h30m, not '{text}'"
        )),
        Kind::Account if !is_account(text) => Err(format!(
            "must be the 12 digits of an AWS account id, not '{text}'"
        )),
        Kind::Text if text.chars().any(char::is_control) => {
            Err("must be one line without control characters".to_owned())
        }
        _ => Ok(()),
    }
}

/// Reads a truth value as Vault's and AWS's variables write it.
pub fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" => Some(true),
        "0" | "f" | "false" | "" => Some(false),
        _ => None,
    }
}

/// Reads `90`, `90s`, `5m`, `1h30m` or `2d`; a bare number is seconds.
pub fn duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let number: u32 = rest.get(..digits)?.parse().ok()?;
        let unit_and_rest = rest.get(digits..)?;
        let end = unit_and_rest
            .find(|character: char| character.is_ascii_digit())
            .unwrap_or(unit_and_rest.len());
        let unit = match unit_and_rest.get(..end)? {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_secs(60),
            "h" => Duration::from_secs(3600),
            "d" => Duration::from_secs(86_400),
            _ => return None,
        };
        total = total.checked_add(unit.checked_mul(number)?)?;
        rest = unit_and_rest.get(end..)?;
    }
    Some(total)
}

/// Tells whether `text` is an AWS account id.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let cases = [
            ("90", Some(90_000)),
            ("90s", Some(90_000)),
            ("1h30m", Some(5_400_000)),
            ("250ms", Some(250)),
            ("2d", Some(172_800_000)),
            ("", None),
            ("h", None),
            ("5x", None),
            ("-1", None),
            ("99999999999999h", None),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(
                duration(text),
                milliseconds.map(Duration::from_millis),
                "{text}"
            );
        }
    }

    #[test]
    fn flags_and_accounts() {
        assert_eq!(flag("TRUE"), Some(true));
        assert_eq!(flag("0"), Some(false));
        assert_eq!(flag("on"), None);
        assert!(is_account("012345678901"));
        assert!(!is_account("12345678901"));
        assert!(!is_account("12345678901a"));
    }
}
