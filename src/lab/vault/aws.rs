//! The aws auth method, as far as iam logins go.

mod arn;
mod binding;
mod config;
mod inferred;
mod login;
mod outbound;
mod own;
mod regions;
mod replay;
mod role;
mod role_write;
mod signed;
mod xml;

use std::collections::BTreeMap;

use serde_json::json;

use super::Vault;
use super::call::{Call, Operation};
use super::reply::{Outcome, Refusal, Reply};
use config::{ClientConfig, StsRole};
use own::Own;
use role::Role;

pub(super) use binding::renew;
pub(super) use login::login;
pub(super) use role::holds_loopback;

/// What a mount of the method holds.
#[derive(Default)]
pub(super) struct AwsMethod {
    client: Option<ClientConfig>,
    /// The roles to look into other accounts with, by account.
    sts: BTreeMap<String, StsRole>,
    roles: BTreeMap<String, Role>,
    /// Whom AWS takes Vault for; gone with the process.
    own: Option<Own>,
}

/// A path below the mount: the directory, and the name in it.
fn parts(path: &str) -> (&str, String) {
    match path.rsplit_once('/') {
        Some(("role", name)) => ("role", name.to_lowercase()),
        Some((directory, name)) => (directory, name.to_owned()),
        None => (path, String::new()),
    }
}

/// Names are made of letters, digits, `_`, `-` and `.`, the latter two inside.
fn is_name(name: &str) -> bool {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let is_inner = |character: char| is_word(character) || matches!(character, '.' | '-');
    name.starts_with(is_word) && name.ends_with(is_word) && name.chars().all(is_inner)
}

impl AwsMethod {
    /// Forgets what was learned of AWS.
    pub(super) fn forget(&mut self) {
        self.own = None;
    }

    /// Tells whether what a write is about is there.
    pub(super) fn exists(&self, path: &str) -> Option<bool> {
        let (directory, name) = parts(path);
        match (directory, name.as_str()) {
            ("config", "client") => Some(self.client.is_some()),
            ("config/sts", account) => Some(self.sts.contains_key(account)),
            ("role", name) => Some(self.roles.contains_key(name)),
            _ => None,
        }
    }
}

/// Answers a request of somebody who may ask; `mount` is the path of the method.
pub(super) async fn handle(vault: &Vault, mount: &str, path: &str, call: &Call) -> Outcome {
    use Operation::{Delete, List, Read, Write};
    let (directory, name) = parts(path);
    if (directory, call.operation) == ("role", Write) && is_name(&name) {
        return role_write::write(vault, mount, &name, &call.fields).await;
    }
    let mut state = vault.state();
    let Some(method) = state.aws_mut(mount) else {
        return Err(Refusal::unsupported_path());
    };
    match (directory, name.as_str(), call.operation) {
        ("config", "client", Read) => {
            let client = method.client.as_ref().ok_or_else(Refusal::absent)?;
            Ok(Reply::data(json!(client)))
        }
        ("config", "client", Write) => method.write_client(&call.fields),
        ("config", "client", Delete) => {
            method.client = None;
            method.forget();
            Ok(Reply::nothing(204))
        }
        // Nobody here configures it.
        ("config", "identity", Read) => Ok(Reply::data(json!({
            "ec2_alias": "role_id",
            "ec2_metadata": ["account_id", "auth_type"],
            "iam_alias": "role_id",
            "iam_metadata": ["account_id", "auth_type"],
        }))),
        ("config/sts", "", List) => Reply::keys(method.sts.keys().cloned().collect()),
        ("role" | "roles", "", List) => Reply::keys(method.roles.keys().cloned().collect()),
        ("config/sts", account, Read) => {
            let role = method.sts.get(account).ok_or_else(Refusal::absent)?;
            Ok(Reply::data(json!(role)))
        }
        ("config/sts", account, Write) if is_name(account) => {
            method.write_sts(account, &call.fields)
        }
        ("config/sts", account, Delete) => {
            method.sts.remove(account);
            Ok(Reply::nothing(204))
        }
        ("role", name, Read) => {
            let role = method.roles.get(name).ok_or_else(Refusal::absent)?;
            Ok(Reply::data(json!(role)))
        }
        ("role", name, Delete) => {
            method.roles.remove(name);
            Ok(Reply::nothing(204))
        }
        _ => Err(Refusal::unsupported_path()),
    }
}
