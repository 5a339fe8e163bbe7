//! The values that `put` writes: from files, stdin, a person, or the command
//! line. All are there before anything is sent.

use std::io::Read as _;
use std::path::Path;

use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Given, Source};
use crate::cli::Context;
use crate::cli::ask::Asker;
use crate::diagnose::{Code, Finding, Where};
use crate::vault::kv::Fields;

/// What Vault takes in one request, in bytes (`max_request_size`).
const LARGEST: u64 = 32 << 20;

/// The bytes of a file or of stdin.
type Bytes = Zeroizing<Vec<u8>>;

/// Gathers the fields, in the order given. Every value is known to the redactor
/// from then on.
///
/// # Errors
///
/// A file or stdin cannot be read or is no text, a document is no JSON object,
/// or somebody would have to be asked and nobody can be.
pub(super) async fn gather(given: &[Given], context: &Context) -> Result<Fields, Box<Finding>> {
    let mut fields = Fields(Map::new());
    let mut typed = Vec::new();
    for item in given {
        match item {
            Given::Field(name, source) => {
                if matches!(source, Source::Typed(_)) {
                    typed.push(name.as_str());
                }
                let value = text(name, source, context).await?;
                context.run.redactor.learn_text(&value);
                if value.ends_with('\n') && value.lines().count() == 1 {
                    context.inform(&format!(
                        "note: the value of {name} ends with a line break, which is stored with it"
                    ));
                }
                insert(&mut fields, name, Value::from(value.as_str()))?;
            }
            Given::Document(source) => {
                let place = match source {
                    Source::File(path) => format!("@{}", path.display()),
                    _ => "-".to_owned(),
                };
                let bytes = bytes(&place, source, context).await?;
                let object = serde_json::from_slice(&bytes).map_err(|error| {
                    // The error's own words would quote what stands there.
                    wrong(
                        &place,
                        &format!(
                            "is no JSON object of fields (line {}, column {})",
                            error.line(),
                            error.column()
                        ),
                    )
                });
                let object = Fields(object?);
                for (name, value) in &object.0 {
                    learn(value, context);
                    insert(&mut fields, name, value.clone())?;
                }
            }
        }
    }
    if !typed.is_empty() {
        context.warn(&format!(
            "{} given on the command line, where the shell's history and other users can see it; FIELD=@FILE, FIELD=- or FIELD alone keep it out",
            typed.join(", ")
        ));
    }
    Ok(fields)
}

fn insert(fields: &mut Fields, name: &str, value: Value) -> Result<(), Box<Finding>> {
    match fields.0.insert(name.to_owned(), value) {
        Some(_) => Err(wrong(name, "is given twice")),
        None => Ok(()),
    }
}

/// The text of one field.
async fn text(
    name: &str,
    source: &Source,
    context: &Context,
) -> Result<Zeroizing<String>, Box<Finding>> {
    let place = match source {
        Source::Typed(value) => return Ok(Zeroizing::new(value.expose_secret().to_owned())),
        Source::Question => return asked(name, context).await,
        // Nobody types a secret at a terminal in sight of all.
        Source::Stdin if context.streams.stdin_terminal => return asked(name, context).await,
        Source::Stdin => format!("{name}=-"),
        Source::File(path) => format!("{name}=@{}", path.display()),
    };
    let bytes = bytes(&place, source, context).await?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(wrong(
            &place,
            "is no UTF-8 text, which is all that a secret can hold; encode it first, as with base64",
        )),
    }
}

async fn asked(name: &str, context: &Context) -> Result<Zeroizing<String>, Box<Finding>> {
    let nobody = |why: &str| {
        let finding = Finding::certain(Code::CFG907)
            .because(format!("{name} has no value, and {why}."))
            .fact("command line", "field", name)
            .remedy(
                Where::Here,
                format!("give it from a file, or from stdin as {name}=-"),
                Some(format!("vaultiam put PATH {name}=@FILE")),
                None,
            );
        Box::new(finding)
    };
    let Some(asker) = Asker::of(context) else {
        return Err(nobody("nobody can be asked for it"));
    };
    let answer = asker.secret(name).await;
    answer.map_err(|unanswered| nobody(&unanswered.0))
}

async fn bytes(place: &str, source: &Source, context: &Context) -> Result<Bytes, Box<Finding>> {
    // A pipe can keep silent: a signal must be able to end the wait.
    let task = match source {
        Source::File(path) => {
            let path = path.clone();
            tokio::task::spawn_blocking(move || read_file(&path))
        }
        _ => {
            let streams = context.streams.clone();
            tokio::task::spawn_blocking(move || streams.read_to_end(LARGEST + 1))
        }
    };
    let read = task
        .await
        .map_err(|error| wrong(place, &error.to_string()))?;
    let bytes = read.map_err(|error| wrong(place, &format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(wrong(place, "is larger than 32 MiB, more than Vault takes"));
    }
    Ok(bytes)
}

fn read_file(path: &Path) -> std::io::Result<Bytes> {
    let mut bytes = Zeroizing::new(Vec::new());
    let file = std::fs::File::open(path)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn learn(value: &Value, context: &Context) {
    match value {
        Value::String(text) => context.run.redactor.learn_text(text),
        Value::Array(items) => items.iter().for_each(|item| learn(item, context)),
        Value::Object(entries) => entries.values().for_each(|value| learn(value, context)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn wrong(place: &str, words: &str) -> Box<Finding> {
    let finding = Finding::certain(Code::CFG906)
        .because(format!("{place} {words}"))
        .fact("command line", "field", place);
    Box::new(finding)
}
