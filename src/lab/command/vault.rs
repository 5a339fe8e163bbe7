//! The lab's `vault`: the verbs that scenarios and remedies name, with the
//! requests and exit codes of the real one.

mod api;
mod data;
mod kv;
mod mounts;
mod table;
mod tokens;

use serde_json::{Value, json};

use super::words::Words;
use super::{Printed, Refused, block_on, end};
use crate::output::Streams;
use crate::settings::Environment;

use api::Vault;

/// Flags that any command takes.
const SHOWN_AS: [&str; 2] = ["format", "field"];

/// Runs `vault` with the words behind the program's name.
pub fn run(typed: &[String], environment: &Environment, streams: &Streams) -> u8 {
    let outcome = Vault::of(environment, streams)
        .and_then(|vault| block_on(async { dispatch(typed, &vault).await }));
    end(outcome, streams)
}

async fn dispatch(typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let mut words = typed.iter().map(String::as_str);
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let rest = |count: usize| typed.get(count..).unwrap_or_default();
    match (first, second) {
        ("read", _) => read(rest(1), vault).await,
        ("write", _) => write(rest(1), vault).await,
        ("list", _) => list(rest(1), vault).await,
        ("delete", _) => delete(rest(1), vault).await,
        ("policy", verb) => policy(verb, rest(2), vault).await,
        ("auth", verb) => mounts::run(mounts::Kind::Auth, verb, rest(2), vault).await,
        ("secrets", verb) => mounts::run(mounts::Kind::Secrets, verb, rest(2), vault).await,
        ("kv", "metadata") => kv::metadata(rest(2), vault).await,
        ("kv", verb) => kv::run(verb, rest(2), vault).await,
        ("token", verb) => tokens::run(verb, rest(2), vault).await,
        ("status", _) => status(rest(1), vault).await,
        ("operator", "seal") => {
            vault.write("sys/seal", &json!({})).await?;
            Ok(Printed::line("Success! Vault is sealed."))
        }
        ("operator", "unseal") => unseal(rest(2), vault).await,
        _ => Err(unknown(&format!("{first} {second}"))),
    }
}

/// What this small client has not: the real one may.
fn unknown(what: &str) -> Refused {
    let what = what.trim();
    Refused::new(
        2,
        format!(
            "the lab's small client has no 'vault {what}'; the real 'vault' works on the lab too"
        ),
    )
}

async fn read(typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let words = Words::read(typed, &[])?;
    words.only(&SHOWN_AS)?;
    let path = words.one("path")?;
    let reply = vault
        .get(path, "reading")
        .await?
        .ok_or_else(|| nothing_at(path))?;
    table::answer(&words, &reply)
}

fn nothing_at(path: &str) -> Refused {
    Refused::new(2, format!("No value found at {path}"))
}

async fn write(typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let words = Words::read(typed, &["f", "force"])?;
    words.only(&["format", "field", "f", "force"])?;
    let Some((path, pairs)) = words.plain.split_first() else {
        return Err(Refused::new(1, "expected a path"));
    };
    if pairs.is_empty() && !words.is_set("f") && !words.is_set("force") {
        return Err(Refused::new(1, "Must supply data or use -force"));
    }
    let body = data::read(pairs, vault.streams)?;
    match vault.write(path, &body).await? {
        Value::Null if words.flag("format").is_some_and(|form| form == "json") => {
            Ok(Printed::done(""))
        }
        Value::Null => Ok(Printed::line(&format!("Success! Data written to: {path}"))),
        reply => table::answer(&words, &reply),
    }
}

async fn list(typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let words = Words::read(typed, &["detailed"])?;
    words.only(&["format", "detailed"])?;
    let path = words.one("path")?;
    table::keys(&words, path, vault.list(path).await?)
}

async fn delete(typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let words = Words::read(typed, &[])?;
    words.only(&[])?;
    let path = words.one("path")?;
    vault.delete(path).await?;
    Ok(Printed::line(&format!(
        "Success! Data deleted (if it existed) at: {path}"
    )))
}

async fn policy(verb: &str, typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let words = Words::read(typed, &[])?;
    words.only(&["format"])?;
    match (verb, words.plain.as_slice()) {
        ("list", []) => {
            let reply = vault.list("sys/policies/acl").await?;
            let names = reply.as_ref().map(|reply| &reply["data"]["keys"]);
            let names = names.and_then(Value::as_array).into_iter().flatten();
            let lines = names
                .filter_map(Value::as_str)
                .map(|name| format!("{name}\n"));
            Ok(Printed::done(lines.collect::<String>()))
        }
        ("read", [name]) => {
            let path = format!("sys/policies/acl/{name}");
            let reply = vault
                .get(&path, "reading policy")
                .await?
                .ok_or_else(|| Refused::new(2, format!("No policy named: {name}")))?;
            let text = reply["data"]["policy"].as_str().unwrap_or_default();
            Ok(Printed::line(text.trim()))
        }
        ("write", [name, file]) => {
            let text = data::text_of(file, vault.streams)?;
            let path = format!("sys/policies/acl/{name}");
            vault.write(&path, &json!({ "policy": text })).await?;
            Ok(Printed::line(&format!("Success! Uploaded policy: {name}")))
        }
        ("delete", [name]) => {
            vault.delete(&format!("sys/policies/acl/{name}")).await?;
            Ok(Printed::line(&format!("Success! Deleted policy: {name}")))
        }
        _ => Err(unknown(&format!("policy {verb}"))),
    }
}

/// Ends with 2 where Vault is sealed, as the real one does.
async fn status(typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let words = Words::read(typed, &[])?;
    words.only(&SHOWN_AS)?;
    let Some(reply) = vault.get("sys/seal-status", "checking seal status").await? else {
        return Err(Refused::new(1, "this is no Vault"));
    };
    let printed = if table::is_json(&words)? && words.flag("field").is_none() {
        table::json(&reply)?
    } else {
        table::answer(&words, &json!({ "data": reply }))?
    };
    let is_sealed = reply["sealed"] == true;
    Ok(Printed {
        code: if is_sealed { 2 } else { 0 },
        ..printed
    })
}

async fn unseal(typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let words = Words::read(typed, &[])?;
    words.only(&SHOWN_AS)?;
    let key = words.one("unseal key")?;
    let reply = vault.write("sys/unseal", &json!({ "key": key })).await?;
    table::answer(&words, &json!({ "data": reply }))
}
