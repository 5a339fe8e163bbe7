//! The comments at the head of the file: what it is, how it is put in place,
//! how a secret is named, and what it needs.

use super::Format;
use crate::kong::entity::{Entity, Value};
use crate::shell;

/// Lines that begin with `#`, which all three forms know.
pub(super) fn comments(entity: &Entity, format: Format, references: &[String]) -> String {
    let mut lines = vec![
        "HashiCorp Vault as a vault of Kong's: login by AWS IAM, without any secret in this file."
            .to_owned(),
        format!("Made by: vaultiam kong render --format {}", format.name()),
        String::new(),
    ];
    lines.extend(in_place(format).iter().map(|line| (*line).to_owned()));
    lines.extend(
        references
            .iter()
            .map(|name| format!("Name a secret: {name}")),
    );
    if let Some(first) = references.first() {
        lines.push(format!("Test it on a data plane: {}", test_command(first)));
    }
    lines.push(String::new());
    lines.extend(needs(entity));
    lines.extend(entity.notes.iter().map(|note| format!("Note: {note}")));
    lines.iter().map(|line| comment(line)).collect()
}

/// The command that reads a secret as Kong itself does.
pub fn test_command(reference: &str) -> String {
    shell::command(["kong", "vault", "get", reference])
}

fn in_place(format: Format) -> &'static [&'static str] {
    match format {
        Format::Deck => &[
            "Put it in place: deck gateway apply FILE (not sync: that deletes what the file lacks)",
        ],
        Format::KongConf => &[
            "Put it in place: add these lines to kong.conf, then: kong restart",
            "A name that is misspelt, or a value of the wrong type, is ignored by Kong without a word.",
        ],
        Format::Env => &[
            "Put it in place: docker run --env-file FILE; EnvironmentFile=FILE of systemd; or, in a shell,",
            "set -a; . ./FILE; set +a; kong restart (Kong reads its environment when it starts)",
            "A name that is misspelt, or a value of the wrong type, is ignored by Kong without a word.",
        ],
    }
}

fn needs(entity: &Entity) -> Vec<String> {
    let text_of = |name: &str| {
        let field = entity.fields.iter().find(|field| field.name == name)?;
        match &field.value {
            Value::Text(text) => Some(text.as_str()),
            Value::Port(_) => None,
        }
    };
    let identity = match text_of("aws_assume_role_arn") {
        Some(arn) => format!("an AWS identity that may assume {arn}"),
        None => "the AWS identity that Vault's role binds".to_owned(),
    };
    let mut lines = vec![
        "Every data plane needs Kong Gateway 3.14 or newer with a licence, the way to STS and Vault, and"
            .to_owned(),
        format!("{identity}."),
    ];
    if text_of("protocol") == Some("https") {
        let host = text_of("host").unwrap_or_default();
        lines.push(format!(
            "Kong checks that Vault's certificate is for {host}. An authority of your own, in kong.conf:"
        ));
        let file = entity.ca_file.as_deref().unwrap_or("/path/to/ca.pem");
        lines.push(format!("  lua_ssl_trusted_certificate = system,{file}"));
    }
    lines
}

/// A comment of one line, whatever stands in it: some characters that are no
/// control characters end a line in YAML 1.1.
fn comment(text: &str) -> String {
    let mut line = String::from("#");
    if !text.is_empty() {
        line.push(' ');
    }
    for character in text.chars() {
        match character {
            ' '..='~' => line.push(character),
            _ if character.is_alphanumeric() => line.push(character),
            _ => line.extend(character.escape_unicode()),
        }
    }
    line.push('\n');
    line
}
