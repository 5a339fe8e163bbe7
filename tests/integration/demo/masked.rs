//! What the program shows, without what is another at each run.

use std::collections::BTreeMap;

/// The ports of a world, in the order in which they are met: Vault's, that of
/// the metadata service, that of STS and IAM.
const PORTS: [&str; 3] = ["18200", "18169", "18443"];

/// A text that is the same for each run.
pub(crate) fn masked(text: &str) -> String {
    let mut mask = Mask::default();
    let lines: Vec<String> = text.lines().map(|line| mask.line(line)).collect();
    lines.join("\n") + "\n"
}

#[derive(Default)]
struct Mask {
    ports: BTreeMap<String, &'static str>,
    ids: BTreeMap<String, String>,
}

impl Mask {
    fn line(&mut self, line: &str) -> String {
        let line = self.ports(line);
        let line = self.ids(&line);
        let line = times(&line);
        let line = behind(&line, "req ", 8, is_hex, "3f2c91ab");
        let line = behind(&line, "ASIA…", 4, is_upper, "K3QD");
        let line = behind(&line, "AKIA…", 4, is_upper, "7QWX");
        let line = behind(&line, "AKIA", 16, is_upper, "EXAMPLEEXAMPLE23");
        let line = behind(
            &line,
            "accessor   ",
            24,
            is_alphanumeric,
            "Ub0yVtq6Bh1m8Jq4xGkAccEs",
        );
        let line = behind(&line, "vaultiam-lab-", 6, is_alphanumeric, "aBc123");
        let line = behind(
            &line,
            "request id: ",
            36,
            is_of_uuid,
            "4f1c2a34-0000-4000-8000-000000000000",
        );
        let line = moments(&line);
        line.replace("expires in 5 h 59 min", "expires in 6 h       ")
            .replace("expires in 14 min", "expires in 15 min")
            .replace("clock -0.0 s", "clock +0.0 s")
            .replace("clock +0.1 s", "clock +0.0 s")
    }

    fn ports(&mut self, line: &str) -> String {
        let mut parts = line.split("127.0.0.1:");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.chars().take_while(char::is_ascii_digit).count();
            let (port, rest) = part.split_at(digits);
            let count = self.ports.len();
            let shown = match port.len() {
                5 => *self
                    .ports
                    .entry(port.to_owned())
                    .or_insert_with(|| PORTS.get(count).copied().unwrap_or("18999")),
                _ => port,
            };
            text.push_str(&format!("127.0.0.1:{shown}{rest}"));
        }
        text
    }

    /// Unique ids: each its own, and the same wherever it stands.
    fn ids(&mut self, line: &str) -> String {
        let mut line = line.to_owned();
        for kind in ["AROA", "AIDA"] {
            let found: Vec<String> = line
                .match_indices(kind)
                .filter_map(|(index, _)| line.get(index..index + 21))
                .filter(|id| id.chars().all(is_upper))
                .map(str::to_owned)
                .collect();
            for id in found {
                let number = self.ids.len() + 1;
                let shown = self
                    .ids
                    .entry(id.clone())
                    .or_insert_with(|| format!("{kind}EXAMPLEEXAMPLE{number:03}"));
                line = line.replace(&id, shown);
            }
        }
        line
    }
}

/// `   12 ms` becomes `    1 ms`: as wide as it was.
fn times(line: &str) -> String {
    let mut text = line.to_owned();
    let mut from = 0;
    while let Some(index) = text.get(from..).and_then(|rest| rest.find(" ms")) {
        let end = from + index;
        let digits = text[..end]
            .chars()
            .rev()
            .take_while(char::is_ascii_digit)
            .count();
        let blank = " ".repeat(digits.saturating_sub(1));
        let is_unit = !text[end + 3..].starts_with(is_alphanumeric);
        if digits > 0 && is_unit {
            text.replace_range(end - digits..end, &format!("{blank}1"));
        }
        from = end + 3;
    }
    text
}

/// Replaces what stands behind a word, if it has that length and form.
fn behind(line: &str, word: &str, length: usize, is_part: fn(char) -> bool, shown: &str) -> String {
    let mut parts = line.split(word);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(word);
        match part.get(..length) {
            Some(own) if own.chars().all(is_part) => {
                text.push_str(shown);
                text.push_str(part.get(length..).unwrap_or_default());
            }
            _ => text.push_str(part),
        }
    }
    text
}

/// `2026-11-30T09:45:47Z` becomes one moment, with what it has behind the second.
fn moments(line: &str) -> String {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let is_shaped = |text: &str| {
        text.len() == shape.len()
            && text
                .chars()
                .zip(shape.chars())
                .all(|(own, shape)| match shape {
                    'd' => own.is_ascii_digit(),
                    sign => own == sign,
                })
    };
    let mut text = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if rest.get(..shape.len()).is_some_and(is_shaped) {
            text.push_str("2026-01-31T09:15:00");
            rest = &rest[shape.len()..];
            if let Some(fraction) = rest.strip_prefix('.') {
                rest = fraction.trim_start_matches(|sign: char| sign.is_ascii_digit());
            }
            continue;
        }
        text.push(first);
        rest = &rest[first.len_utf8()..];
    }
    text
}

fn is_hex(character: char) -> bool {
    character.is_ascii_hexdigit()
}

fn is_of_uuid(character: char) -> bool {
    character.is_ascii_hexdigit() || character == '-'
}

fn is_upper(character: char) -> bool {
    character.is_ascii_uppercase() || character.is_ascii_digit()
}

fn is_alphanumeric(character: char) -> bool {
    character.is_ascii_alphanumeric()
}

#[test]
fn what_differs_is_masked_and_nothing_else() {
    let shown = "  ok  key ASIA…B34C  127.0.0.1:40125   12 ms  req 91843bd0…  2026-11-30T09:45:47Z AROANDTEJPVCT3JTXXAXC";
    assert_eq!(
        masked(shown),
        "  ok  key ASIA…K3QD  127.0.0.1:18200    1 ms  req 3f2c91ab…  2026-01-31T09:15:00Z AROAEXAMPLEEXAMPLE001\n"
    );
    let plain = "vault at 127.0.0.1:9, req of ASIA, 3 msg, 2026-01-31\n";
    assert_eq!(masked(plain), plain);
}
