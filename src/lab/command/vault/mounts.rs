//! `vault auth` and `vault secrets`: what is mounted where.

use serde_json::{Map, Value, json};

use super::api::Vault;
use super::{table, unknown};
use crate::lab::command::words::Words;
use crate::lab::command::{Printed, Refused};

/// Which of the two tables of mounts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Auth,
    Secrets,
}

impl Kind {
    fn api(self) -> &'static str {
        match self {
            Kind::Auth => "sys/auth",
            Kind::Secrets => "sys/mounts",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Kind::Auth => "auth",
            Kind::Secrets => "secrets",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Kind::Auth => "auth method",
            Kind::Secrets => "secrets engine",
        }
    }
}

pub(super) async fn run(
    kind: Kind,
    verb: &str,
    typed: &[String],
    vault: &Vault<'_>,
) -> Result<Printed, Refused> {
    let words = Words::read(typed, &["detailed"])?;
    match verb {
        "list" => list(kind, &words, vault).await,
        "enable" => enable(kind, &words, vault).await,
        "disable" => {
            words.only(&[])?;
            let path = words.one("path")?.trim_end_matches('/');
            vault.delete(&format!("{}/{path}", kind.api())).await?;
            Ok(Printed::line(&format!(
                "Success! Disabled the {} (if it existed) at: {path}/",
                kind.noun()
            )))
        }
        "tune" => tune(kind, &words, vault).await,
        _ => Err(unknown(&format!("{} {verb}", kind.command()))),
    }
}

async fn list(kind: Kind, words: &Words, vault: &Vault<'_>) -> Result<Printed, Refused> {
    words.only(&["format", "detailed"])?;
    let reply = vault.get(kind.api(), "listing").await?.unwrap_or_default();
    let mounts = &reply["data"];
    if table::is_json(words)? {
        return table::json(mounts);
    }
    let mut rows: Vec<Vec<String>> = mounts
        .as_object()
        .into_iter()
        .flatten()
        .map(|(path, mount)| {
            let of = |name: &str| table::shown(&mount[name]);
            let mut row = vec![path.clone(), of("type"), of("accessor")];
            if words.is_set("detailed") {
                row.push(table::shown(&mount["options"]));
            }
            row.push(of("description"));
            row
        })
        .collect();
    rows.sort();
    let head: &[&str] = if words.is_set("detailed") {
        &["Path", "Type", "Accessor", "Options", "Description"]
    } else {
        &["Path", "Type", "Accessor", "Description"]
    };
    Ok(Printed::done(table::columns(head, &rows)))
}

async fn enable(kind: Kind, words: &Words, vault: &Vault<'_>) -> Result<Printed, Refused> {
    words.only(&["path", "description", "version"])?;
    let what = words.one("type")?;
    // Without a path of its own an engine of version 2 is at kv-v2.
    let path = words.flag("path").unwrap_or(what).trim_end_matches('/');
    let mut body =
        json!({ "type": what, "description": words.flag("description").unwrap_or_default() });
    if let Some(version) = words.flag("version") {
        body["options"] = json!({ "version": version });
    }
    vault.post(&format!("{}/{path}", kind.api()), &body).await?;
    Ok(Printed::line(&match kind {
        Kind::Auth => format!("Success! Enabled {what} auth method at: {path}/"),
        Kind::Secrets => format!("Success! Enabled the {what} secrets engine at: {path}/"),
    }))
}

async fn tune(kind: Kind, words: &Words, vault: &Vault<'_>) -> Result<Printed, Refused> {
    let fields = ["default-lease-ttl", "max-lease-ttl", "description"];
    words.only(&fields)?;
    let path = words.one("path")?.trim_end_matches('/');
    let body: Map<String, Value> = fields
        .iter()
        .filter_map(|name| Some((name.replace('-', "_"), json!(words.flag(name)?))))
        .collect();
    let api = format!("{}/{path}/tune", kind.api());
    vault.post(&api, &Value::Object(body)).await?;
    Ok(Printed::line(&format!(
        "Success! Tuned the {} at: {path}/",
        kind.noun()
    )))
}
