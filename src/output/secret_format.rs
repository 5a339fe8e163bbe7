//! The forms in which a secret's fields are printed.

use comfy_table::Table;
use serde_json::{Map, Value};

use super::streams::{Lines, Style, printable};

/// How `get` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFormat {
    Table,
    /// The bare value of one field.
    Raw,
    Yaml,
    /// `NAME="value"` lines.
    Dotenv,
    /// `export NAME='value'` lines.
    Shell,
}

/// A secret, as it is printed.
pub struct Shown<'a> {
    pub path: &'a str,
    pub version: Option<u64>,
    pub fields: &'a Map<String, Value>,
}

/// The text of a field's value: a string as it is, anything else as JSON.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Renders `secrets` for stdout.
///
/// # Errors
///
/// What the form cannot express, as a sentence.
pub fn render(secrets: &[Shown<'_>], format: SecretFormat, style: Style) -> Result<String, String> {
    match format {
        SecretFormat::Raw => raw(secrets, style),
        SecretFormat::Yaml => yaml(secrets),
        SecretFormat::Dotenv => lines(secrets, |name, value| {
            Ok(format!("{name}={}\n", dotenv_quote(value)))
        }),
        SecretFormat::Shell => lines(secrets, |name, value| {
            shlex::try_quote(value)
                .map(|quoted| format!("export {name}={quoted}\n"))
                .map_err(|_| format!("{name} holds a NUL character, which no shell variable can"))
        }),
        SecretFormat::Table => Ok(tables(secrets, style)),
    }
}

/// The bare value; with a line break behind it only on a terminal. Several
/// values stand on a line each.
fn raw(secrets: &[Shown<'_>], style: Style) -> Result<String, String> {
    let values: Vec<String> = secrets.iter().map(only_value).collect::<Result<_, _>>()?;
    let shown = |text: &String| {
        if style.terminal {
            printable(text, Lines::Kept)
        } else {
            text.clone()
        }
    };
    let text = values.iter().map(shown).collect::<Vec<_>>().join("\n");
    Ok(if style.terminal || values.len() > 1 {
        text + "\n"
    } else {
        text
    })
}

fn only_value(secret: &Shown<'_>) -> Result<String, String> {
    let mut values = secret.fields.iter();
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Ok(value_text(value)),
        _ => {
            let names: Vec<&str> = secret.fields.keys().map(String::as_str).collect();
            Err(format!(
                "{} has {} fields ({}); choose one with -f",
                secret.path,
                names.len(),
                names.join(", ")
            ))
        }
    }
}

fn yaml(secrets: &[Shown<'_>]) -> Result<String, String> {
    let document = match secrets {
        [secret] => Value::Object(secret.fields.clone()),
        many => many
            .iter()
            .map(|secret| (secret.path.to_owned(), Value::Object(secret.fields.clone())))
            .collect::<Map<_, _>>()
            .into(),
    };
    // Many readers follow YAML 1.1, where `no` and `12:30` are no texts unless quoted.
    serde_saphyr::to_string(&document).map_err(|error| error.to_string())
}

fn lines(
    secrets: &[Shown<'_>],
    line: impl Fn(&str, &str) -> Result<String, String>,
) -> Result<String, String> {
    let mut text = String::new();
    let mut seen: Vec<String> = Vec::new();
    for secret in secrets {
        for (field, value) in secret.fields {
            let name = variable_name(field)?;
            if seen.contains(&name) {
                return Err(format!(
                    "two fields would both be called {name}; read them one by one"
                ));
            }
            text.push_str(&line(&name, &value_text(value))?);
            seen.push(name);
        }
    }
    Ok(text)
}

/// `db-password` becomes `DB_PASSWORD`.
fn variable_name(field: &str) -> Result<String, String> {
    let name: String = field
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    // A secret must not be able to change which programs a shell runs.
    let is_shells_own = name.starts_with("LD_")
        || [
            "PATH",
            "IFS",
            "ENV",
            "BASH_ENV",
            "SHELL",
            "HOME",
            "PS4",
            "PROMPT_COMMAND",
        ]
        .contains(&name.as_str());
    if is_shells_own {
        return Err(format!(
            "the field '{field}' would set {name}, which the shell itself uses; read it with -f"
        ));
    }
    if name.is_empty() || name.starts_with(|character: char| character.is_ascii_digit()) {
        return Err(format!("the field '{field}' makes no name of a variable"));
    }
    Ok(name)
}

fn dotenv_quote(value: &str) -> String {
    let mut quoted = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' | '$' | '`' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

fn tables(secrets: &[Shown<'_>], style: Style) -> String {
    let mut text = String::new();
    for (index, secret) in secrets.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        if secrets.len() > 1 {
            let version = secret
                .version
                .map(|version| format!("  version {version}"))
                .unwrap_or_default();
            text.push_str(&format!(
                "{}{version}\n",
                style.strong(&printable(secret.path, Lines::Escaped))
            ));
        }
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["Field", "Value"]);
        for (field, value) in secret.fields {
            let value = value_text(value);
            let value = if style.terminal {
                printable(&value, Lines::Kept)
            } else {
                value
            };
            table.add_row([printable(field, Lines::Escaped), value]);
        }
        text.push_str(&super::human::trimmed(&table));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PIPE: Style = Style {
        colour: false,
        terminal: false,
        columns: None,
    };
    const TERMINAL: Style = Style {
        colour: false,
        terminal: true,
        columns: None,
    };

    fn rendered(fields: Value, format: SecretFormat, style: Style) -> Result<String, String> {
        let empty = Map::new();
        let fields = fields.as_object().unwrap_or(&empty);
        render(
            &[Shown {
                path: "kv/a",
                version: Some(1),
                fields,
            }],
            format,
            style,
        )
    }

    #[test]
    fn a_bare_value_ends_in_a_line_break_on_a_terminal_only() {
        assert_eq!(
            rendered(json!({"v": "x\u{1b}y"}), SecretFormat::Raw, PIPE).as_deref(),
            Ok("x\u{1b}y")
        );
        assert_eq!(
            rendered(json!({"v": "x\u{1b}y"}), SecretFormat::Raw, TERMINAL).as_deref(),
            Ok("x\\u{1b}y\n")
        );
        assert_eq!(
            rendered(json!({"v": 3}), SecretFormat::Raw, PIPE).as_deref(),
            Ok("3")
        );
        assert!(rendered(json!({"a": 1, "b": 2}), SecretFormat::Raw, PIPE).is_err());
    }

    #[test]
    fn a_shell_and_a_dotenv_reader_get_the_value_back() {
        let value = "it's \"$HOME\" `x` \\ \n end";
        let shell =
            rendered(json!({"db-password": value}), SecretFormat::Shell, PIPE).unwrap_or_default();
        let words = shlex::split(&shell).unwrap_or_default();
        assert_eq!(words, ["export".to_owned(), format!("DB_PASSWORD={value}")]);
        let dotenv = rendered(json!({"db-password": value}), SecretFormat::Dotenv, PIPE);
        assert_eq!(
            dotenv.as_deref(),
            Ok("DB_PASSWORD=\"it's \\\"\\$HOME\\\" \\`x\\` \\\\ \\n end\"\n")
        );
        assert!(rendered(json!({"a-b": "1", "a_b": "2"}), SecretFormat::Shell, PIPE).is_err());
        assert!(rendered(json!({"1a": "1"}), SecretFormat::Dotenv, PIPE).is_err());
        for name in ["path", "ld_preload"] {
            assert!(
                rendered(json!({ name: "1" }), SecretFormat::Shell, PIPE).is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_table_and_yaml() {
        let fields = json!({"user": "kong", "password": "p"});
        insta::assert_snapshot!(rendered(fields.clone(), SecretFormat::Table, PIPE).unwrap_or_default(), @r"
        Field     Value
        user      kong
        password  p
        ");
        insta::assert_snapshot!(rendered(fields, SecretFormat::Yaml, PIPE).unwrap_or_default(), @r"
        user: kong
        password: p
        ");
    }
}
