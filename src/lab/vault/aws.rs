//! The aws auth method, as far as iam logins go.

mod arn;
mod binding;
mod config;
mod ec2;
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

use super::Vault;
use super::call::{Call, Operation};
use super::reply::{Outcome, Refusal, Reply};
use super::tokens::{Asked, Caller};
use config::{AliasConfig, ClientConfig, StsRole};
use own::Caches;
use role::Role;

pub(super) use login::{holds_loopback, login};

/// What a mount of the method holds.
#[derive(Default)]
pub(super) struct AwsMethod {
    client: Option<ClientConfig>,
    /// The roles to look into other accounts with, by account.
    sts: BTreeMap<String, StsRole>,
    alias: AliasConfig,
    pub(super) roles: BTreeMap<String, Role>,
    /// What was learned of AWS; gone with the process.
    caches: Caches,
}

/// What a path below the mount is about.
enum Target<'p> {
    Client,
    Alias,
    Sts(&'p str),
    Role(&'p str),
    /// Where only a list is.
    Stss,
    Roles,
    Unknown,
}

fn target(path: &str) -> Target<'_> {
    match path {
        "config/client" => Target::Client,
        "config/identity" => Target::Alias,
        "config/sts" | "config/sts/" => Target::Stss,
        "role" | "role/" | "roles" | "roles/" => Target::Roles,
        _ => match path.rsplit_once('/') {
            Some(("role", name)) if is_name(name) => Target::Role(name),
            Some(("config/sts", account)) if is_name(account) => Target::Sts(account),
            _ => Target::Unknown,
        },
    }
}

/// Names are made of letters, digits, `_`, `-` and `.`, the latter two inside.
fn is_name(name: &str) -> bool {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    name.starts_with(is_word)
        && name.ends_with(is_word)
        && name
            .chars()
            .all(|character| is_word(character) || matches!(character, '.' | '-'))
}

impl AwsMethod {
    /// Forgets what was learned of AWS, as a restart does.
    pub(super) fn forget(&mut self) {
        self.caches = Caches::default();
    }

    /// Tells whether what a write is about is there.
    pub(super) fn exists(&self, path: &str, call: &Call) -> Result<Option<bool>, Refusal> {
        match target(path) {
            Target::Client => {
                config::read_client(&call.fields)?;
                Ok(Some(self.client.is_some()))
            }
            Target::Sts(account) => {
                config::read_sts(&call.fields)?;
                Ok(Some(self.sts.contains_key(account)))
            }
            Target::Role(name) => {
                role_write::read(&call.fields)?;
                Ok(Some(self.roles.contains_key(&name.to_lowercase())))
            }
            _ => Ok(None),
        }
    }
}

/// Answers a request of somebody who may ask; `mount` has its slash.
pub(super) async fn handle(vault: &Vault, mount: &str, path: &str, call: &Call) -> Outcome {
    use Operation::{Delete, List, Read, Write};
    if let (Target::Role(name), Write) = (target(path), call.operation) {
        return role_write::write(vault, mount, &name.to_lowercase(), &call.fields).await;
    }
    let mut state = vault.state();
    let Some(method) = state.aws_mut(mount) else {
        return Err(Refusal::unsupported_path());
    };
    match (target(path), call.operation) {
        (Target::Client, Read) => {
            let client = method.client.as_ref().ok_or_else(Refusal::absent)?;
            Ok(Reply::data(client.shown()))
        }
        (Target::Client, Write) => method.write_client(&call.fields),
        (Target::Client, Delete) => {
            method.client = None;
            method.caches.forget_clients();
            Ok(Reply::nothing())
        }
        (Target::Alias, Read) => Ok(Reply::data(method.alias.shown())),
        (Target::Alias, Write) => method.write_alias(&call.fields),
        (Target::Stss, List) => Reply::keys(method.sts.keys().cloned().collect()),
        (Target::Sts(account), Read) => {
            let role = method.sts.get(account).ok_or_else(Refusal::absent)?;
            Ok(Reply::data(role.shown()))
        }
        (Target::Sts(account), Write) => method.write_sts(account, &call.fields),
        (Target::Sts(account), Delete) => {
            method.sts.remove(account);
            Ok(Reply::nothing())
        }
        (Target::Roles, List) => Reply::keys(method.roles.keys().cloned().collect()),
        (Target::Role(name), Read) => {
            let role = method.roles.get(&name.to_lowercase());
            Ok(Reply::data(role.ok_or_else(Refusal::absent)?.shown()))
        }
        (Target::Role(name), Delete) => {
            method.roles.remove(&name.to_lowercase());
            Ok(Reply::nothing())
        }
        (Target::Unknown, _) => Err(Refusal::unsupported_path()),
        _ => Err(Refusal::unsupported_operation()),
    }
}

/// What a renewal of a login asks for, if its role still takes the caller.
///
/// # Errors
///
/// Why it does not.
pub(super) async fn renew(vault: &Vault, caller: &Caller) -> Result<Asked, String> {
    let role = {
        let state = vault.state();
        let roles = state.aws(&caller.mount).map(|method| &method.roles);
        roles.and_then(|roles| roles.get(&caller.role)).cloned()
    };
    let role = role.ok_or_else(|| "role entry not found".to_owned())?;
    binding::check_renewal(vault, caller, &role).await?;
    let state = vault.state();
    let mount = state.auth.get(&caller.mount);
    Ok(role.lifetime(mount))
}
