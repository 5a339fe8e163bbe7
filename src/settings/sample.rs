//! The text of a settings file: what is set, and everything else as a comment.
//!
//! Made from the one table, in its order. Pure: reads and writes nothing.

use super::file::{FileValue, FileValues};
use super::table::{Kind, Setting, TABLE};
use super::value;

/// How wide the comments are set.
const WIDTH: usize = 98;

const HEAD: &str = "\
# Settings of vaultiam, as vaultiam init wrote them.
#
# A line such as '#stack: kong' is not in force and shows the default: take its '#' away to change it.
# A flag and an environment variable go before this file. No secret belongs here: a token is never a
# setting.
";

/// Writes a settings file that sets `values` and explains every setting.
///
/// What is not set stands as a comment with its default; without its `#` it is
/// a line of the file.
pub fn commented(values: &FileValues) -> String {
    let mut text = HEAD.to_owned();
    let mut open = "";
    for row in TABLE.iter().filter(|row| !row.key.is_empty()) {
        let (section, name) = row.key.split_once('.').unwrap_or(("", row.key));
        text.push('\n');
        if section != open {
            // A section with nothing in force in it is an empty one.
            text.push_str(&format!("{section}:\n"));
            open = section;
        }
        let indent = if section.is_empty() { "" } else { "  " };
        for line in wrapped(&explanation(row), WIDTH - indent.len() - 2) {
            text.push_str(&format!("{indent}# {line}\n"));
        }
        let line = match values.get(&row.id) {
            Some(value) => format!("{indent}{name}: {}\n", written(value, row.kind)),
            None => format!("{indent}#{name}:{}\n", default_of(row)),
        };
        text.push_str(&line);
    }
    text
}

/// Help, what is accepted, and the default.
fn explanation(row: &Setting) -> String {
    let accepted = match row.kind {
        Kind::Text | Kind::Lines => String::new(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Choice(choices) => choices.join(", "),
        Kind::Number => "a whole number".to_owned(),
        Kind::Duration => "a time such as 30s, 5m or 1h30m".to_owned(),
        Kind::Account => "12 digits in quotes".to_owned(),
        Kind::List => "a list".to_owned(),
        Kind::Map => "a mapping".to_owned(),
    };
    let default = match (row.default, row.kind) {
        _ if row.help.contains("(default:") => String::new(),
        ("", Kind::Flag) => "default: false".to_owned(),
        ("", _) => String::new(),
        (default, _) => format!("default: {default}"),
    };
    let notes: Vec<String> = [accepted, default]
        .into_iter()
        .filter(|note| !note.is_empty())
        .collect();
    if notes.is_empty() {
        row.help.to_owned()
    } else {
        format!("{} [{}]", row.help, notes.join("; "))
    }
}

/// What stands behind the colon of a setting that is not in force. Nothing
/// leaves the default in force.
fn default_of(row: &Setting) -> String {
    match (row.default, row.kind) {
        ("", Kind::Flag) => " false".to_owned(),
        ("", Kind::List) => " []".to_owned(),
        ("", Kind::Map) => " {}".to_owned(),
        ("", _) => String::new(),
        (default, kind) => format!(" {}", scalar(default, kind)),
    }
}

fn written(value: &FileValue, kind: Kind) -> String {
    match value {
        FileValue::Text(text) => scalar(text, kind),
        FileValue::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            format!("[{}]", items.join(", "))
        }
        FileValue::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{}: {}", quoted(name), quoted(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A scalar that every reader takes for the same text: bare only where YAML 1.1
/// and 1.2 agree that it is one, else in quotes.
fn scalar(text: &str, kind: Kind) -> String {
    let is_bare = match kind {
        Kind::Flag => value::flag(text).is_some_and(|flag| flag.to_string() == text),
        Kind::Number | Kind::Duration | Kind::Choice(_) if is_number(text) => true,
        Kind::Duration => is_time(text),
        _ => is_word(text),
    };
    if is_bare {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Digits that mean the same to everybody: YAML 1.1 reads `010` as eight.
fn is_number(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && (1..10).contains(&text.len()) && (text == "0" || !text.starts_with('0'))
}

/// `30s`, `1h30m`.
fn is_time(text: &str) -> bool {
    value::duration(text).is_some() && text.ends_with(|last: char| last.is_ascii_lowercase())
}

/// Letters, digits and the signs of names, paths and addresses; none of the
/// words that are a truth value or nothing to some reader.
fn is_word(text: &str) -> bool {
    const OTHERWISE: [&str; 9] = ["y", "yes", "n", "no", "on", "off", "true", "false", "null"];
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "_./:@+-".contains(character);
    begins
        && text.chars().all(is_plain)
        && !text.ends_with(':')
        && !OTHERWISE.contains(&text.to_ascii_lowercase().as_str())
}

/// A text in double quotes. What is not a letter, a digit or ASCII is written
/// out: line ends of Unicode end lines in YAML 1.1, and marks that turn the
/// reading direction would hide what stands there.
fn quoted(text: &str) -> String {
    let mut shown = String::from('"');
    for character in text.chars() {
        let code = u32::from(character);
        match character {
            '"' | '\\' => shown.extend(['\\', character]),
            ' '..='~' => shown.push(character),
            _ if character.is_alphanumeric() => shown.push(character),
            _ if code <= 0xff => shown.push_str(&format!("\\x{code:02x}")),
            _ if code <= 0xffff => shown.push_str(&format!("\\u{code:04x}")),
            _ => shown.push_str(&format!("\\U{code:08x}")),
        }
    }
    shown.push('"');
    shown
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::super::file::parse;
    use super::super::table::Id;
    use super::*;

    fn read(text: &str) -> Result<FileValues, String> {
        parse(text, Path::new("f.yaml")).map_err(|error| format!("{error}\n{text}"))
    }

    fn rows() -> impl Iterator<Item = &'static Setting> {
        TABLE.iter().filter(|row| !row.key.is_empty())
    }

    #[test]
    fn the_file_without_a_value_explains_every_setting() {
        let text = commented(&FileValues::new());
        insta::assert_snapshot!(text);
        assert_eq!(read(&text), Ok(FileValues::new()));
        for row in rows() {
            let name = row.key.rsplit('.').next().unwrap_or_default();
            assert!(text.contains(&format!("#{name}:")), "{}", row.key);
        }
        for line in text.lines() {
            assert!(line.chars().count() <= 102, "{line}");
        }
    }

    #[test]
    fn every_line_can_be_put_in_force_and_is_then_the_default() {
        let in_force: String = commented(&FileValues::new())
            .lines()
            .map(|line| {
                let bare = line.trim_start();
                let is_setting = bare.starts_with('#') && !bare.starts_with("# ") && bare != "#";
                if is_setting {
                    format!("{}\n", line.replacen('#', "", 1))
                } else {
                    format!("{line}\n")
                }
            })
            .collect();
        let values = read(&in_force);
        for row in rows() {
            let read = values.as_ref().map(|values| values.get(&row.id).cloned());
            let wanted = match (row.default, row.kind) {
                ("", Kind::Flag) => Some(FileValue::Text("false".into())),
                ("", Kind::List) => Some(FileValue::List(Vec::new())),
                ("", Kind::Map) => Some(FileValue::Map(BTreeMap::new())),
                ("", _) => None,
                (default, _) => Some(FileValue::Text(default.into())),
            };
            assert_eq!(read, Ok(wanted), "{}", row.key);
        }
    }

    #[test]
    fn every_setting_is_read_as_it_was_meant() {
        const TEXTS: [&str; 30] = [
            "",
            " ",
            "plain",
            "y",
            "NO",
            "on",
            "Off",
            "yes",
            "true",
            "null",
            "~",
            "123456789012",
            "012345678901",
            "010",
            "1:30",
            "1e3",
            "0x1f",
            ".inf",
            "2026-03-27",
            "a: b",
            "a:",
            "a #b",
            "# a",
            "'a' \"b\" \\c",
            "[a]",
            "{a}",
            "*a",
            "&a",
            "jürgen/\u{2028}\u{feff}\u{1f600}",
            "%a, !b @c `d | > - ?",
        ];
        for row in rows() {
            let texts: Vec<FileValue> = match row.kind {
                Kind::Text | Kind::Lines => words(&TEXTS),
                Kind::Flag => words(&["true", "false"]),
                Kind::Choice(choices) => words(choices),
                Kind::Number => words(&["0", "7", "010", "+5", "4294967295"]),
                Kind::Duration => words(&["0", "90", "090", "1h30m", "250ms", "2d", "1s"]),
                Kind::Account => words(&["123456789012", "012345678901"]),
                Kind::List => vec![FileValue::List(TEXTS.map(str::to_owned).to_vec())],
                Kind::Map => {
                    let pairs = TEXTS.map(|text| (text.to_owned(), text.to_owned()));
                    vec![FileValue::Map(pairs.into())]
                }
            };
            for value in texts {
                let values = FileValues::from([(row.id, value)]);
                assert_eq!(read(&commented(&values)), Ok(values), "{}", row.key);
            }
        }
    }

    fn words(texts: &[&str]) -> Vec<FileValue> {
        let text = |text: &&str| FileValue::Text((*text).to_owned());
        texts.iter().map(text).collect()
    }

    #[test]
    fn what_some_reader_would_take_for_something_else_is_quoted() {
        let cases = [
            ("KongRole", "KongRole"),
            ("team/edge/KongRole", "team/edge/KongRole"),
            ("https://vault.internal:8200", "https://vault.internal:8200"),
            (
                "arn:aws:iam::123456789012:role/X",
                "arn:aws:iam::123456789012:role/X",
            ),
            ("123456789012", "\"123456789012\""),
            ("On", "\"On\""),
            ("12:30:00", "\"12:30:00\""),
            ("host:", "\"host:\""),
            ("a\u{202e}b", "\"a\\u202eb\""),
        ];
        for (text, wanted) in cases {
            assert_eq!(scalar(text, Kind::Text), wanted);
        }
        assert_eq!(scalar("2", Kind::Choice(&["1", "2"])), "2");
        assert_eq!(scalar("90", Kind::Duration), "90");
        assert_eq!(scalar("090", Kind::Duration), "\"090\"");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_as_it_was_meant(text in "\\PC*") {
            let values = FileValues::from([(Id::KongRole, FileValue::Text(text))]);
            proptest::prop_assert_eq!(read(&commented(&values)), Ok(values));
        }
    }
}
