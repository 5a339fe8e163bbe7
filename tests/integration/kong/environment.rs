//! The lines of `--format env`: whoever reads them reads the same.

use std::collections::BTreeMap;
use std::process::Command;

use ::vaultiam::kong::Format;

use super::{awkward_texts, carried, entity_of, fields_of, file_of};

/// The variables that a shell has after `set -a; . FILE`.
pub(super) fn read_by_shell(text: &str) -> BTreeMap<String, String> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("kong.env"), text).unwrap();
    let output = Command::new("sh")
        .args(["-euc", "set -a; . ./kong.env; set +a; env -0"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/home/of/somebody")
        .current_dir(directory.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
    let kongs = pairs.filter(|(name, _)| name.starts_with("KONG_"));
    kongs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The variables of `docker run --env-file FILE`. Its documentation: a line that
/// begins with `#` is a comment, everything behind the first `=` is the value as
/// it stands.
fn read_by_docker(text: &str) -> BTreeMap<String, String> {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let pairs = lines.map(|line| line.split_once('=').unwrap());
    pairs
        .map(|(name, value)| {
            assert!(!name.contains(char::is_whitespace), "{name}");
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// The names of the fields behind those of the variables.
pub(super) fn without_start(variables: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let fields = variables.into_iter().map(|(name, value)| {
        let name = name.strip_prefix("KONG_VAULT_HCV_").unwrap();
        (name.to_ascii_lowercase(), value)
    });
    fields.collect()
}

#[test]
fn a_shell_and_docker_read_the_same() {
    let texts = carried(awkward_texts(), Format::Env);
    assert!(texts.len() >= 40, "{} are carried: {texts:?}", texts.len());
    let entity = entity_of(&texts);
    let text = file_of(&entity, Format::Env);
    let expected = fields_of(&entity);
    assert_eq!(without_start(read_by_shell(&text)), expected);
    assert_eq!(without_start(read_by_docker(&text)), expected);
}

#[test]
fn values_that_they_would_read_differently_are_refused() {
    // The readers themselves say that these differ.
    for value in ["two words", "$HOME", "~", "'a'", "a#b\\", "a;b"] {
        let line = format!("KONG_VAULT_HCV_FIELD={value}\n");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &line).unwrap();
        let script = format!(
            "set -a; . {}; printf %s \"$KONG_VAULT_HCV_FIELD\"",
            file.path().display()
        );
        let output = Command::new("sh")
            .args(["-c", &script])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/home/of/somebody")
            .output()
            .unwrap();
        let read = String::from_utf8_lossy(&output.stdout);
        assert_ne!(read, value);
        assert_eq!(read_by_docker(&line)["KONG_VAULT_HCV_FIELD"], value);
        assert_eq!(
            carried(vec![value.to_owned()], Format::Env),
            [""; 0],
            "{value}"
        );
    }
}
