//! `vaultiam kong render`: what it writes, read by those it is written for.

#[cfg(feature = "real-servers")]
mod as_kong;
mod environment;
mod golden;
#[cfg(feature = "real-servers")]
mod page;
#[cfg(feature = "real-servers")]
pub(crate) mod readers;
mod refusals;

use std::collections::BTreeMap;

use ::vaultiam::kong::{Entity, Field, Format, SecretName, Value};

use crate::vaultiam::Vaultiam;

/// What the file of a format says, with the settings of a file.
fn rendered(settings: &str, format: Format) -> String {
    let ended = run(settings, &["-q", "--format", format.name()]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended.stdout
}

fn run(settings: &str, more: &[&str]) -> crate::vaultiam::Ended {
    let run = Vaultiam::bare();
    run.file("vaultiam.yaml", settings);
    let words = ["kong", "render", "--config", "vaultiam.yaml"];
    run.run(&[&words[..], more].concat())
}

/// A vault with texts of all kinds for its fields, and one port.
fn entity_of(texts: &[String]) -> Entity {
    let port = Field {
        name: "port",
        value: Value::Port(8200),
        place: "port".to_owned(),
    };
    let texts = texts.iter().enumerate().map(|(index, text)| Field {
        name: String::leak(format!("field_{index}")),
        value: Value::Text(text.clone()),
        place: "a setting".to_owned(),
    });
    Entity {
        prefix: "my-vault".to_owned(),
        fields: std::iter::once(port).chain(texts).collect(),
        notes: vec!["a\u{2028}prefix: b\u{85}c \u{202e}d".to_owned()],
        ca_file: None,
    }
}

/// The fields as texts, by name.
fn fields_of(entity: &Entity) -> BTreeMap<String, String> {
    let fields = entity.fields.iter().map(|field| {
        let text = match &field.value {
            Value::Text(text) => text.clone(),
            Value::Port(port) => port.to_string(),
        };
        (field.name.to_owned(), text)
    });
    fields.collect()
}

/// Texts that some reader takes for something else, and random ones.
fn awkward_texts() -> Vec<String> {
    const FIXED: [&str; 84] = [
        "no",
        "NO",
        "yes",
        "on",
        "off",
        "y",
        "n",
        "Y",
        "true",
        "True",
        "false",
        "null",
        "~",
        "Null",
        "0123456",
        "12e3",
        "1E5",
        "0x1f",
        "0b101",
        "0o17",
        "017",
        "1_000",
        "1.50",
        "1.5",
        "+5",
        "-5",
        "+inf",
        "-nan",
        ".inf",
        ".nan",
        "12:34:56",
        "190:20:30",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "123456789012",
        "123456789012345",
        "1234567890123456789",
        "12 kB",
        "=",
        "<<",
        "-",
        "- a",
        "?",
        "? a",
        ": a",
        "a: b",
        "a:",
        "#a",
        "a #b",
        "a#b",
        "a\\#b",
        "a\\",
        "\\",
        "a \\ b",
        "!x",
        "!!int 1",
        "&a",
        "*a",
        "@a",
        "`a",
        "%a",
        "|",
        ">",
        "[a",
        "[::1]",
        "{a",
        "a}",
        "'a'",
        "\"a\"",
        "a'b",
        "a\"b",
        " a",
        "a ",
        "a  b",
        "a_blank_b",
        "$HOME",
        "$(id)",
        "${{ env \"X\" }}",
        "a;b",
        "a&b",
        "ä",
        "a\u{2028}b",
        "a\u{feff}b",
        "\u{1f600}",
    ];
    const ALPHABET: [&str; 34] = [
        "a", "b", "Z", "0", "1", "9", "e", "x", "-", "+", ".", "_", ":", "/", "#", "\\", " ", "'",
        "\"", "[", "]", "{", "}", "$", "%", "&", "*", "!", "|", ">", "=", ",", "ä", "\u{2029}",
    ];
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let made = (0..400).map(|_| {
        let length = random.usize(1..12);
        (0..length)
            .map(|_| ALPHABET[random.usize(..ALPHABET.len())])
            .collect::<String>()
    });
    let fixed = FIXED.iter().map(|text| (*text).to_owned());
    fixed.chain(made.collect::<Vec<_>>()).collect()
}

/// The texts that a format can carry, which are most of the plain ones.
fn carried(texts: Vec<String>, format: Format) -> Vec<String> {
    let is_carried = |text: &String| {
        let entity = entity_of(std::slice::from_ref(text));
        ::vaultiam::kong::render(&entity, format, &[]).is_ok()
    };
    texts.into_iter().filter(is_carried).collect()
}

/// A file with these texts.
fn file_of(entity: &Entity, format: Format) -> String {
    let secret = SecretName {
        full_path: "kv/a".to_owned(),
        path: "a".to_owned(),
        field: "b".to_owned(),
        version: None,
    };
    ::vaultiam::kong::render(entity, format, &[secret])
        .unwrap()
        .text
}
