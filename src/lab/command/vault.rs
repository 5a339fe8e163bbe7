//! The lab's `vault`: the verbs that scenarios and remedies name, with the
//! requests and exit codes of the real one.

mod api;
mod kv;
mod table;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::words::Words;
use super::{Refused, block_on, end};
use crate::output::Streams;
use crate::settings::Environment;

use api::Vault;

/// More than any policy or secret of a lab.
const STDIN_LIMIT: u64 = 1024 * 1024;

const HELP: &str = "\
The lab's small vault, for what remedies and scenarios type:
  vault read|list|delete PATH, vault write PATH KEY=VALUE…
  vault policy list|read|write|delete
  vault auth|secrets list|enable|disable
  vault kv get|put|list|delete|undelete|destroy, vault kv metadata delete
  vault token lookup|capabilities PATH|revoke -self
  vault audit enable TYPE KEY=VALUE…, vault operator seal
The real vault works on the lab too, where the lab serves what it asks.
";

/// Runs `vault` with the words behind the program's name.
pub fn run(typed: &[String], environment: &Environment, streams: &Streams) -> u8 {
    let outcome = Vault::of(environment)
        .and_then(|vault| block_on(dispatch(&Words::read(typed), &vault, streams)));
    end(outcome, streams)
}

async fn dispatch(words: &Words<'_>, vault: &Vault, streams: &Streams) -> Result<String, Refused> {
    if words.plain.is_empty() || words.flag("help").is_some() {
        return Ok(HELP.to_owned());
    }
    words.only(flags_of(&words.plain))?;
    match *words.plain.as_slice() {
        ["read", path] => {
            let reply = vault.get(path).await?;
            table::answer(words, &reply.ok_or_else(|| nothing_at(path))?)
        }
        ["write", path, ref pairs @ ..] => {
            let reply = vault.write(path, &fields(pairs, streams)?).await?;
            if reply["data"].is_null() && reply["auth"].is_null() {
                return Ok(written(path));
            }
            table::answer(words, &reply)
        }
        ["list", path] => list(path, vault).await,
        ["delete", path] => {
            vault.delete(path).await?;
            Ok(deleted(path))
        }
        ["policy", verb, ref rest @ ..] => policy(verb, rest, vault, streams).await,
        ["auth" | "secrets", verb, ref rest @ ..] => mounts(verb, rest, words, vault).await,
        ["kv", ref rest @ ..] => kv::run(rest, words, vault, streams).await,
        ["token", "lookup"] => {
            let own = vault.get("auth/token/lookup-self").await?;
            table::answer(words, &own.unwrap_or_default())
        }
        ["token", "revoke"] if words.flag("self").is_some() => {
            vault.write("auth/token/revoke-self", &json!({})).await?;
            Ok("Success! Revoked token (if it existed)\n".to_owned())
        }
        ["token", "capabilities", path] => {
            let asked = json!({ "path": path });
            let reply = vault.write("sys/capabilities-self", &asked).await?;
            let granted = texts(&reply["data"][path]);
            Ok(granted.join(", ") + "\n")
        }
        ["audit", "enable", kind, ref options @ ..] => {
            let device = json!({ "type": kind, "options": fields(options, streams)? });
            vault.write(&format!("sys/audit/{kind}"), &device).await?;
            Ok(format!(
                "Success! Enabled the {kind} audit device at: {kind}/\n"
            ))
        }
        ["operator", "seal"] => {
            vault.write("sys/seal", &json!({})).await?;
            Ok("Success! Vault is sealed.\n".to_owned())
        }
        _ => Err(unknown(&words.plain)),
    }
}

fn flags_of(plain: &[&str]) -> &'static [&'static str] {
    match plain {
        ["read" | "write", ..] | ["token", "lookup"] => &["format", "field"],
        ["auth" | "secrets", "enable", ..] => &["path", "description", "version"],
        ["kv", "get", ..] => &["mount", "field"],
        ["kv", "undelete" | "destroy", ..] => &["mount", "versions"],
        ["kv", ..] => &["mount"],
        ["token", "revoke"] => &["self"],
        _ => &[],
    }
}

/// What this small client has not: the real one may.
fn unknown(plain: &[&str]) -> Refused {
    let what = plain.get(..2).unwrap_or(plain).join(" ");
    let words = format!(
        "the lab's small client has no 'vault {what}' in this form; 'vault -help' lists what it has"
    );
    Refused::new(2, words)
}

fn nothing_at(path: &str) -> Refused {
    Refused::new(2, format!("No value found at {path}"))
}

fn written(path: &str) -> String {
    format!("Success! Data written to: {path}\n")
}

fn deleted(path: &str) -> String {
    format!("Success! Data deleted (if it existed) at: {path}\n")
}

/// The data of a write: `key=value`, `key=@FILE`, `key=-`.
fn fields(pairs: &[&str], streams: &Streams) -> Result<Value, Refused> {
    if pairs.is_empty() {
        return Err(Refused::new(1, "Must supply data or use -force"));
    }
    let mut fields = Map::new();
    for pair in pairs {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            let words = format!("Failed to parse K=V data: invalid key/value pair {pair:?}");
            Refused::new(1, words)
        })?;
        let value = match value.strip_prefix('@') {
            None if value == "-" => text_of("-", streams)?,
            None => value.to_owned(),
            Some(file) => text_of(file, streams)?,
        };
        fields.insert(key.to_owned(), value.into());
    }
    Ok(Value::Object(fields))
}

/// The text of a file, or of stdin where the file is `-`.
fn text_of(file: &str, streams: &Streams) -> Result<String, Refused> {
    let bytes = match file {
        "-" => streams.read_to_end(STDIN_LIMIT),
        name => std::fs::read(name).map(Into::into),
    };
    let bytes = bytes.map_err(|error| Refused::new(1, format!("error reading {file}: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn list(path: &str, vault: &Vault) -> Result<String, Refused> {
    let reply = vault.get(&format!("{path}?list=true")).await?;
    let reply = reply.ok_or_else(|| nothing_at(path))?;
    let keys = texts(&reply["data"]["keys"]).join("\n");
    Ok(format!("Keys\n----\n{keys}\n"))
}

/// The texts of a list.
fn texts(list: &Value) -> Vec<&str> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).collect()
}

async fn policy(
    verb: &str,
    rest: &[&str],
    vault: &Vault,
    streams: &Streams,
) -> Result<String, Refused> {
    let path = |name: &str| format!("sys/policies/acl/{name}");
    match (verb, rest) {
        ("list", []) => {
            let listed = vault.get("sys/policies/acl?list=true").await?;
            Ok(texts(&listed.unwrap_or_default()["data"]["keys"]).join("\n") + "\n")
        }
        ("read", [name]) => {
            let reply = vault.get(&path(name)).await?;
            let reply = reply.ok_or_else(|| Refused::new(2, format!("No policy named: {name}")))?;
            let text = reply["data"]["policy"].as_str().unwrap_or_default();
            Ok(format!("{}\n", text.trim()))
        }
        ("write", [name, file]) => {
            let text = text_of(file, streams)?;
            vault.write(&path(name), &json!({ "policy": text })).await?;
            Ok(format!("Success! Uploaded policy: {name}\n"))
        }
        ("delete", [name]) => {
            vault.delete(&path(name)).await?;
            Ok(format!("Success! Deleted policy: {name}\n"))
        }
        _ => Err(unknown(&["policy", verb])),
    }
}

/// What is mounted where: auth methods, or secrets engines.
async fn mounts(
    verb: &str,
    rest: &[&str],
    words: &Words<'_>,
    vault: &Vault,
) -> Result<String, Refused> {
    let (api, what, of) = match words.plain.first() {
        Some(&"auth") => ("sys/auth", "auth method", ""),
        _ => ("sys/mounts", "secrets engine", "the "),
    };
    match (verb, rest) {
        ("list", []) => {
            let reply = vault.get(api).await?.unwrap_or_default();
            Ok(table::mounts(&reply["data"]))
        }
        ("enable", [kind]) => {
            let path = words.flag("path").unwrap_or(kind).trim_end_matches('/');
            let version = words.flag("version");
            let body = json!({
                "type": kind,
                "description": words.flag("description").unwrap_or_default(),
                "options": version.map(|version| json!({ "version": version })),
            });
            let mount = format!("{api}/{path}");
            vault.send(Method::POST, &mount, Some(&body)).await?;
            Ok(format!("Success! Enabled {of}{kind} {what} at: {path}/\n"))
        }
        ("disable", [path]) => {
            let path = path.trim_end_matches('/');
            vault.delete(&format!("{api}/{path}")).await?;
            Ok(format!(
                "Success! Disabled the {what} (if it existed) at: {path}/\n"
            ))
        }
        _ => Err(unknown(&words.plain)),
    }
}
