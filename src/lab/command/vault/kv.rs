//! `vault kv`: secrets of both versions of the engine.

use serde_json::{Map, Value, json};

use super::api::Vault;
use super::{data, nothing_at, table, unknown};
use crate::lab::command::words::Words;
use crate::lab::command::{Printed, Refused};

/// A path of an engine, divided at its mount.
struct Place {
    mount: String,
    path: String,
    is_version_two: bool,
}

impl Place {
    /// Asks which engine serves a path, as `vault kv` does.
    async fn of(words: &Words, path: &str, vault: &Vault<'_>) -> Result<Self, Refused> {
        let whole = match words.flag("mount") {
            Some(mount) => format!("{}/{path}", mount.trim_matches('/')),
            None => path.to_owned(),
        };
        let preflight = format!("sys/internal/ui/mounts/{whole}");
        let reply = vault.get(&preflight, "reading").await?.unwrap_or_default();
        let mount = reply["data"]["path"].as_str().unwrap_or_default();
        let mount = mount.trim_end_matches('/').to_owned();
        let path = whole.strip_prefix(&mount).unwrap_or(&whole);
        Ok(Place {
            path: path.trim_start_matches('/').to_owned(),
            is_version_two: reply["data"]["options"]["version"] == "2",
            mount,
        })
    }

    /// The path of the API; an engine of version 1 has one only.
    fn api(&self, part: &str) -> String {
        if self.is_version_two {
            format!("{}/{part}/{}", self.mount, self.path)
        } else {
            format!("{}/{}", self.mount, self.path)
        }
    }
}

pub(super) async fn run(
    verb: &str,
    typed: &[String],
    vault: &Vault<'_>,
) -> Result<Printed, Refused> {
    let words = Words::read(typed, &[])?;
    words.only(&["mount", "field", "format", "version", "versions", "cas"])?;
    let Some((path, rest)) = words.plain.split_first() else {
        return Err(Refused::new(1, "expected a path"));
    };
    let place = Place::of(&words, path, vault).await?;
    match verb {
        "get" => get(&words, &place, vault).await,
        "put" => put(&words, rest, &place, vault).await,
        "list" => {
            let api = place.api("metadata");
            table::keys(&words, &api, vault.list(&api).await?)
        }
        "delete" => match words.flag("versions") {
            None => delete(&place.api("data"), vault).await,
            Some(versions) => mark("delete", versions, &place, vault).await,
        },
        "undelete" | "destroy" => {
            let versions = words.flag("versions").unwrap_or_default();
            if versions.is_empty() {
                return Err(Refused::new(
                    1,
                    "No versions provided, use the \"-versions\" flag to specify the version to act on.",
                ));
            }
            mark(verb, versions, &place, vault).await
        }
        _ => Err(unknown(&format!("kv {verb}"))),
    }
}

async fn get(words: &Words, place: &Place, vault: &Vault<'_>) -> Result<Printed, Refused> {
    let mut api = place.api("data");
    if let Some(version) = words.flag("version") {
        api.push_str(&format!("?version={version}"));
    }
    let reply = vault.get_whatever(&api).await?;
    if reply["data"].is_null() {
        return Err(nothing_at(&place.api("data")));
    }
    let (fields, metadata) = if place.is_version_two {
        (&reply["data"]["data"], &reply["data"]["metadata"])
    } else {
        (&reply["data"], &Value::Null)
    };
    if let Some(name) = words.flag("field") {
        return table::field(words, fields, name);
    }
    if table::is_json(words)? {
        return table::json(&reply);
    }
    let mut text = String::new();
    if place.is_version_two {
        text.push_str(&secret_path(place));
        text.push_str(&table::titled("Metadata", &table::pairs(metadata)));
        text.push('\n');
    }
    if !fields.is_null() {
        text.push_str(&table::titled("Data", &table::pairs(fields)));
    }
    Ok(Printed::done(text))
}

fn secret_path(place: &Place) -> String {
    let api = format!("{}\n", place.api("data"));
    format!("{}\n", table::titled("Secret Path", &api))
}

async fn put(
    words: &Words,
    pairs: &[String],
    place: &Place,
    vault: &Vault<'_>,
) -> Result<Printed, Refused> {
    if pairs.is_empty() {
        return Err(Refused::new(1, "Must supply data"));
    }
    let fields = data::read(pairs, vault.streams)?;
    let api = place.api("data");
    if !place.is_version_two {
        vault.write(&api, &fields).await?;
        return Ok(Printed::line(&format!("Success! Data written to: {api}")));
    }
    let mut body = json!({ "data": fields, "options": {} });
    if let Some(version) = words.flag("cas") {
        let version: u64 = version
            .parse()
            .map_err(|_| Refused::new(1, "-cas wants a number"))?;
        body["options"]["cas"] = json!(version);
    }
    let reply = vault.write(&api, &body).await?;
    if table::is_json(words)? {
        return table::json(&reply);
    }
    let metadata = table::titled("Metadata", &table::pairs(&reply["data"]));
    Ok(Printed::done(format!("{}{metadata}", secret_path(place))))
}

async fn delete(api: &str, vault: &Vault<'_>) -> Result<Printed, Refused> {
    vault.delete(api).await?;
    Ok(Printed::line(&format!(
        "Success! Data deleted (if it existed) at: {api}"
    )))
}

/// Deletes, brings back or destroys versions.
async fn mark(
    verb: &str,
    versions: &str,
    place: &Place,
    vault: &Vault<'_>,
) -> Result<Printed, Refused> {
    let api = place.api(verb);
    let versions: Vec<&str> = versions.split(',').collect();
    vault.write(&api, &json!({ "versions": versions })).await?;
    Ok(Printed::line(&format!("Success! Data written to: {api}")))
}

pub(super) async fn metadata(typed: &[String], vault: &Vault<'_>) -> Result<Printed, Refused> {
    let verb = typed.first().map_or("", String::as_str);
    let words = Words::read(typed.get(1..).unwrap_or_default(), &[])?;
    let fields = ["max-versions", "delete-version-after", "cas-required"];
    words.only(&[&["mount", "format"][..], &fields].concat())?;
    let place = Place::of(&words, words.one("path")?, vault).await?;
    let api = place.api("metadata");
    match verb {
        "get" => {
            let found = vault.get(&api, "reading").await?;
            let reply = found.ok_or_else(|| nothing_at(&api))?;
            if table::is_json(&words)? {
                return table::json(&reply);
            }
            Ok(Printed::done(metadata_text(&api, &reply["data"])))
        }
        "put" => {
            let body: Map<String, Value> = fields
                .iter()
                .filter_map(|name| Some((name.replace('-', "_"), json!(words.flag(name)?))))
                .collect();
            vault.write(&api, &Value::Object(body)).await?;
            Ok(Printed::line(&format!("Success! Data written to: {api}")))
        }
        "delete" => delete(&api, vault).await,
        _ => Err(unknown(&format!("kv metadata {verb}"))),
    }
}

fn metadata_text(api: &str, data: &Value) -> String {
    let mut own = data.clone();
    let versions = own.as_object_mut().and_then(|own| own.remove("versions"));
    let mut text = table::titled("Metadata Path", &format!("{api}\n"));
    text.push('\n');
    text.push_str(&table::titled("Metadata", &table::pairs(&own)));
    let mut versions: Vec<(u64, Value)> = versions
        .as_ref()
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(number, version)| Some((number.parse().ok()?, version.clone())))
        .collect();
    versions.sort_by_key(|(number, _)| *number);
    for (number, version) in versions {
        text.push('\n');
        let title = format!("Version {number}");
        text.push_str(&table::titled(&title, &table::pairs(&version)));
    }
    text
}
