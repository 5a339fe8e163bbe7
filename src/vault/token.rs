//! A token looking at itself, and ending.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::client::{Reply, Request, VaultClient};
use crate::fault::Fault;
use crate::secret::{Secret, keep_message};
use crate::trace::StepId;

/// What `auth/token/lookup-self` tells.
#[derive(Debug, Clone, Deserialize)]
pub struct TokenInfo {
    #[serde(default)]
    pub policies: Vec<String>,
    #[serde(default)]
    pub ttl: u64,
    /// The API path that issued the token: `auth/aws/login`.
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub entity_id: String,
    #[serde(default)]
    pub display_name: String,
}

/// What a look at a token told.
#[derive(Debug, Clone)]
pub enum TokenState {
    Alive(TokenInfo),
    /// Valid, but its policies do not let it look at itself.
    AliveUnseen,
    /// Vault says that the token is wrong, expired or revoked.
    Invalid,
    /// Vault said something else: it may be alive.
    Unknown,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

/// Looks a token up by itself.
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault.
pub async fn lookup_self(
    client: &VaultClient,
    namespace: Option<&str>,
    token: &Secret,
) -> Result<(TokenState, Reply), Box<Fault>> {
    let request = Request::get(StepId::Token, "auth/token/lookup-self")
        .token(token)
        .namespace(namespace);
    let reply = client.send(request).await?;
    let state = match reply.json::<Answer<TokenInfo>>() {
        Some(answer) if reply.is_success() => TokenState::Alive(answer.data),
        _ => match denial(&reply) {
            Some(Denial::Policy) => TokenState::AliveUnseen,
            Some(Denial::Token) => TokenState::Invalid,
            Some(Denial::Bare) | None => TokenState::Unknown,
        },
    };
    Ok((state, reply))
}

/// Asks what the token may do on `paths`.
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault. A refusal is an empty map.
pub async fn get_capabilities(
    client: &VaultClient,
    namespace: Option<&str>,
    token: &Secret,
    paths: &[String],
) -> Result<BTreeMap<String, Vec<String>>, Box<Fault>> {
    let body = Zeroizing::new(json!({ "paths": paths }).to_string().into_bytes());
    let request = Request::post(StepId::Token, "sys/capabilities-self", body)
        .token(token)
        .namespace(namespace);
    let reply = client.send(request).await?;
    let all = reply
        .json::<Answer<serde_json::Map<String, serde_json::Value>>>()
        .map(|answer| answer.data)
        .unwrap_or_default();
    Ok(paths
        .iter()
        .filter_map(|path| {
            let words = all.get(path)?.as_array()?;
            let words = words
                .iter()
                .filter_map(|word| word.as_str().map(str::to_owned));
            Some((path.clone(), words.collect()))
        })
        .collect())
}

/// How a revocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    Revoked,
    /// Batch tokens cannot be revoked, spent ones are gone.
    NotNeeded,
    Refused(String),
}

/// Revokes the token that asks.
pub async fn revoke_self(
    client: &VaultClient,
    namespace: Option<&str>,
    token: &Secret,
) -> Revocation {
    let request = Request::post(
        StepId::Revoke,
        "auth/token/revoke-self",
        Zeroizing::new(b"{}".to_vec()),
    )
    .token(token)
    .namespace(namespace);
    match client.send(request).await {
        Ok(reply) if reply.is_success() => Revocation::Revoked,
        Ok(reply) if denial(&reply) == Some(Denial::Token) => Revocation::NotNeeded,
        Ok(reply) => Revocation::Refused(keep_message(&reply.errors().join("; "))),
        Err(fault) => Revocation::Refused(fault.message),
    }
}

/// The forms of Vault's 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// The token is wrong, expired, revoked or used up.
    Token,
    /// The token is valid; its policies do not allow it.
    Policy,
    /// No token, or it may not be used here. Older servers and OpenBao answer
    /// a bad token so, too.
    Bare,
}

/// Reads which form of 403 this is; `None` for another status.
pub fn denial(reply: &Reply) -> Option<Denial> {
    if reply.status != 403 {
        return None;
    }
    let words = reply.errors().join("\n");
    Some(if words.contains("invalid token") {
        Denial::Token
    } else if words.contains("occurred:") {
        Denial::Policy
    } else {
        Denial::Bare
    })
}
