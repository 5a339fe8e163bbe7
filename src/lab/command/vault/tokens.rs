//! `vault token`: looking one up, revoking it, asking what it may do.

use serde_json::{Value, json};

use super::api::Vault;
use super::{SHOWN_AS, table, unknown};
use crate::lab::command::words::Words;
use crate::lab::command::{Printed, Refused};

pub(super) async fn run(
    verb: &str,
    typed: &[String],
    vault: &Vault<'_>,
) -> Result<Printed, Refused> {
    let words = Words::read(typed, &["self", "accessor"])?;
    words.only(&[&SHOWN_AS[..], &["self", "accessor"]].concat())?;
    match (verb, words.plain.as_slice()) {
        ("lookup", []) => {
            let own = vault.get("auth/token/lookup-self", "looking up token");
            table::answer(&words, &own.await?.unwrap_or_default())
        }
        ("lookup", [token]) => {
            let reply = match words.is_set("accessor") {
                true => {
                    let body = json!({ "accessor": token });
                    vault.post("auth/token/lookup-accessor", &body).await?
                }
                false => {
                    let body = json!({ "token": token });
                    vault.post("auth/token/lookup", &body).await?
                }
            };
            table::answer(&words, &reply)
        }
        ("revoke", []) if words.is_set("self") => {
            vault.write("auth/token/revoke-self", &json!({})).await?;
            Ok(Printed::line("Success! Revoked token (if it existed)"))
        }
        ("revoke", [token]) => {
            let (api, name) = match words.is_set("accessor") {
                true => ("auth/token/revoke-accessor", "accessor"),
                false => ("auth/token/revoke", "token"),
            };
            vault.write(api, &json!({ name: token })).await?;
            Ok(Printed::line("Success! Revoked token (if it existed)"))
        }
        ("capabilities", [path]) => {
            let body = json!({ "path": path });
            let reply = vault.post("sys/capabilities-self", &body).await?;
            Ok(capabilities(path, &reply))
        }
        ("capabilities", [token, path]) => {
            let body = json!({ "token": token, "path": path });
            let reply = vault.post("sys/capabilities", &body).await?;
            Ok(capabilities(path, &reply))
        }
        _ => Err(unknown(&format!("token {verb}"))),
    }
}

fn capabilities(path: &str, reply: &Value) -> Printed {
    let data = &reply["data"];
    let granted = match &data["capabilities"] {
        Value::Null => &data[path],
        granted => granted,
    };
    let granted = granted.as_array().into_iter().flatten();
    let mut granted: Vec<&str> = granted.filter_map(Value::as_str).collect();
    granted.sort_unstable();
    Printed::line(&granted.join(", "))
}
