//! `vault kv`: secrets of both versions of the engine.

use serde_json::{Value, json};

use super::api::Vault;
use super::{deleted, fields, list, nothing_at, table, unknown, written};
use crate::lab::command::Refused;
use crate::lab::command::words::Words;
use crate::output::Streams;

/// A path of an engine, divided at its mount.
struct Place {
    mount: String,
    path: String,
    is_version_two: bool,
}

impl Place {
    /// Asks which engine serves a path, as `vault kv` does.
    async fn of(words: &Words<'_>, path: &str, vault: &Vault) -> Result<Self, Refused> {
        let whole = match words.flag("mount") {
            Some(mount) => format!("{}/{path}", mount.trim_matches('/')),
            None => path.to_owned(),
        };
        let preflight = format!("sys/internal/ui/mounts/{whole}");
        let reply = vault.get(&preflight).await?.unwrap_or_default();
        let mount = reply["data"]["path"].as_str().unwrap_or_default();
        let path = whole.strip_prefix(mount).unwrap_or(&whole);
        Ok(Place {
            mount: mount.to_owned(),
            path: path.to_owned(),
            is_version_two: reply["data"]["options"]["version"] == "2",
        })
    }

    /// The path of the API; an engine of version 1 has one only.
    fn api(&self, part: &str) -> String {
        let part = match self.is_version_two {
            true => format!("{part}/"),
            false => String::new(),
        };
        format!("{}{part}{}", self.mount, self.path)
    }
}

pub(super) async fn run(
    plain: &[&str],
    words: &Words<'_>,
    vault: &Vault,
    streams: &Streams,
) -> Result<String, Refused> {
    let (verb, path, pairs) = match plain {
        ["metadata", "delete", path] => ("metadata", path, &[][..]),
        ["put", path, pairs @ ..] => ("put", path, pairs),
        [verb, path] => (*verb, path, &[][..]),
        _ => return Err(unknown(&words.plain)),
    };
    let place = Place::of(words, path, vault).await?;
    match verb {
        "get" => get(words, &place, vault).await,
        "put" => put(&fields(pairs, streams)?, &place, vault).await,
        "list" => list(&place.api("metadata"), vault).await,
        "delete" => {
            vault.delete(&place.api("data")).await?;
            Ok(deleted(&place.api("data")))
        }
        "metadata" => {
            vault.delete(&place.api("metadata")).await?;
            Ok(deleted(&place.api("metadata")))
        }
        "undelete" | "destroy" => {
            let versions = words.flag("versions").unwrap_or_default();
            let versions: Vec<&str> = versions.split(',').collect();
            let api = place.api(verb);
            vault.write(&api, &json!({ "versions": versions })).await?;
            Ok(written(&api))
        }
        _ => Err(unknown(&words.plain)),
    }
}

async fn get(words: &Words<'_>, place: &Place, vault: &Vault) -> Result<String, Refused> {
    let api = place.api("data");
    let reply = vault.get(&api).await?.ok_or_else(|| nothing_at(&api))?;
    let (fields, mut text) = if place.is_version_two {
        let metadata = written_version(&api, &reply["data"]["metadata"]);
        (&reply["data"]["data"], metadata + "\n")
    } else {
        (&reply["data"], String::new())
    };
    if let Some(name) = words.flag("field") {
        return table::field(fields, name);
    }
    if !fields.is_null() {
        text += &table::titled("Data", &table::pairs(fields));
    }
    Ok(text)
}

async fn put(fields: &Value, place: &Place, vault: &Vault) -> Result<String, Refused> {
    let api = place.api("data");
    if !place.is_version_two {
        vault.write(&api, fields).await?;
        return Ok(written(&api));
    }
    let reply = vault.write(&api, &json!({ "data": fields })).await?;
    Ok(written_version(&api, &reply["data"]))
}

/// Which version lies at a path.
fn written_version(api: &str, metadata: &Value) -> String {
    let path = table::titled("Secret Path", &format!("{api}\n"));
    let metadata = table::titled("Metadata", &table::pairs(metadata));
    format!("{path}\n{metadata}")
}
