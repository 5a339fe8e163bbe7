//! The files, read by the programs and libraries that they are written for.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use ::vaultiam::kong::{Format, SecretName};
use serde_json::{Value, json};

use super::environment::{read_by_shell, without_start};
use super::{awkward_texts, carried, entity_of, fields_of, file_of};
use crate::servers::servers;

macro_rules! beside {
    ($name:literal) => {
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/integration/kong/",
            $name
        )
    };
}

/// Runs a program with something on its stdin.
pub(crate) fn fed(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{command:?}: {error}; run tests/servers install --with-readers")
        });
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output
}

fn printed(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What YAML 1.1 takes a text for.
pub(crate) fn read_by_yaml_1_1(text: &str) -> Value {
    let mut python = Command::new(servers().get("VAULTIAM_PYTHON"));
    let output = fed(
        python.arg(beside!("read_yaml.py")),
        &json!([text]).to_string(),
    );
    let read: Value = serde_json::from_str(&printed(&output)).unwrap();
    read[0].clone()
}

fn deck(arguments: &[&str], text: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("kong.yaml");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(servers().get("VAULTIAM_DECK"));
    command
        .args(["--analytics=false", "file"])
        .args(arguments)
        .arg(&file)
        .env_clear()
        .env("HOME", directory.path());
    fed(&mut command, "")
}

/// What decK takes a text for, after it has found nothing wrong with it.
pub(super) fn read_by_deck(text: &str) -> Value {
    assert_eq!(printed(&deck(&["validate"], text)), "");
    let rendered = deck(&["render", "--format", "json", "--output-file", "-"], text);
    serde_json::from_str(&printed(&rendered)).unwrap()
}

/// What Kong takes the lines of `kong.conf` for.
pub(super) fn read_by_kong(text: &str) -> BTreeMap<String, String> {
    let output = fed(
        Command::new("luajit").arg(beside!("read_kong_conf.lua")),
        text,
    );
    let printed = printed(&output);
    let words: Vec<&str> = printed.split_terminator('\0').collect();
    let pairs = words.chunks_exact(2).map(|pair| {
        let name = pair[0].strip_prefix("vault_hcv_").unwrap();
        (name.to_owned(), pair[1].to_owned())
    });
    pairs.collect()
}

/// The lines of `kong.conf` that Kong itself writes of its environment.
pub(super) fn as_kong_conf(fields: &BTreeMap<String, String>) -> String {
    let lines = fields
        .iter()
        .map(|(name, value)| format!("vault_hcv_{name} = {}\n", value.replace('#', "\\#")));
    lines.collect()
}

/// The fields of the one vault of a declarative file, as texts by name.
pub(super) fn fields_of_file(file: &Value, prefix: &str) -> BTreeMap<String, String> {
    assert_eq!(file["_format_version"], "3.0", "{file}");
    let vaults = file["vaults"].as_array().unwrap();
    assert_eq!(vaults.len(), 1, "{file}");
    assert_eq!(
        (&vaults[0]["name"], &vaults[0]["prefix"]),
        (&json!("hcv"), &json!(prefix))
    );
    let config = vaults[0]["config"].as_object().unwrap();
    let fields = config.iter().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) if name == "port" => number.to_string(),
            other => panic!("{name} is read as {other}"),
        };
        (name.clone(), text)
    });
    fields.collect()
}

#[test]
fn every_text_stays_one_for_yaml_1_1_and_for_deck() {
    let texts = carried(awkward_texts(), Format::Deck);
    assert!(texts.len() >= 450, "{} are carried", texts.len());
    let entity = entity_of(&texts);
    let text = file_of(&entity, Format::Deck);
    let expected = fields_of(&entity);
    let read = read_by_yaml_1_1(&text);
    assert_eq!(fields_of_file(&read, "my-vault"), expected);
    assert_eq!(fields_of_file(&read_by_deck(&text), "my-vault"), expected);
}

#[test]
fn the_readers_would_see_a_text_without_its_quotes() {
    let wrong = "_format_version: \"3.0\"\nvaults:\n- name: hcv\n  prefix: my-vault\n  config:\n    port: 8200\n    a: no\n    b: 0123456\n    c: 12e3\n";
    let by_yaml = read_by_yaml_1_1(wrong)["vaults"][0]["config"].clone();
    assert_eq!(
        by_yaml,
        json!({ "port": 8200, "a": false, "b": 42798, "c": "12e3" })
    );
    let by_deck = read_by_deck(wrong)["vaults"][0]["config"].clone();
    assert_eq!(
        by_deck,
        json!({ "port": 8200, "a": false, "b": 42798, "c": 12000 })
    );
    // Wrong names are none of its business: nobody but Kong sees them.
    let articles = wrong.replace(
        "    a: no\n",
        "    assume_role_arn: x\n    auth_role: y\n    aws_region: z\n",
    );
    assert_eq!(printed(&deck(&["validate"], &articles)), "");
    let unknown = wrong.replace("  prefix:", "  descripton: x\n  prefix:");
    let refused = deck(&["validate"], &unknown);
    assert!(!refused.status.success());
}

#[test]
fn kong_reads_every_value_of_kong_conf_and_of_its_environment_as_it_is() {
    for format in [Format::KongConf, Format::Env] {
        let texts = carried(awkward_texts(), format);
        assert!(texts.len() >= 40, "{} are carried", texts.len());
        let entity = entity_of(&texts);
        let text = file_of(&entity, format);
        let read = match format {
            Format::Env => as_kong_conf(&without_start(read_by_shell(&text))),
            _ => text,
        };
        assert_eq!(read_by_kong(&read), fields_of(&entity));
    }
}

#[test]
fn what_is_refused_for_kong_conf_is_what_kong_reads_as_something_else() {
    let changed = [
        "0123456",
        "12e3",
        "1E5",
        "0x1f",
        "0b101",
        "1.50",
        "+5",
        "+inf",
        "12 kB",
        "017",
        "123456789012345",
        "1.",
        "a_blank_b",
        " a",
        "a ",
    ];
    for value in changed {
        let read = read_by_kong(&format!("vault_hcv_a = {value}\nvault_hcv_b = c\n"));
        assert_ne!(read.get("a").map(String::as_str), Some(value));
        assert_eq!(
            carried(vec![value.to_owned()], Format::KongConf),
            [""; 0],
            "{value}"
        );
    }
    let read = read_by_kong("vault_hcv_a = x\\\nvault_hcv_b = c\n");
    assert_eq!(read["a"], "xvault_hcv_b = c");
}

#[test]
fn kong_takes_every_reference_apart_as_it_was_meant() {
    let texts = awkward_texts().into_iter().filter(|text| {
        let parts: Vec<&str> = text.split('/').collect();
        !parts.iter().any(|part| matches!(*part, "" | "." | ".."))
    });
    let names: Vec<SecretName> = texts
        .enumerate()
        .map(|(index, text)| SecretName {
            full_path: String::new(),
            path: format!("kong/{text}"),
            field: text.replace('/', "%2F"),
            version: (index % 2 == 0).then_some(7),
        })
        .collect();
    assert!(names.len() >= 300);
    let lines: String = names
        .iter()
        .map(|name| format!("{}\n", name.reference("my-vault")))
        .collect();
    let output = fed(
        Command::new("luajit").arg(beside!("read_reference.lua")),
        &lines,
    );
    let printed = printed(&output);
    let words: Vec<&str> = printed.split_terminator('\0').collect();
    assert_eq!(words.len(), names.len() * 4);
    for (name, read) in names.iter().zip(words.chunks_exact(4)) {
        let version = name.version.map(|version| version.to_string());
        let expected = [
            "my-vault",
            &name.path,
            &name.field,
            &version.unwrap_or_default(),
        ];
        assert_eq!(read, expected);
    }
}
