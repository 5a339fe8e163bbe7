//! A token looking at itself, and ending.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::client::{Reply, Request, VaultClient};
use super::namespace::{below, canonical};
use crate::fault::{Fault, Sentinel};
use crate::secret::{Secret, keep_message};
use crate::trace::StepId;

/// What `auth/token/lookup-self` tells.
#[derive(Debug, Clone, Deserialize)]
pub struct TokenInfo {
    #[serde(default)]
    pub policies: Vec<String>,
    /// What its entity and groups add to them.
    #[serde(default)]
    pub identity_policies: Vec<String>,
    #[serde(default)]
    pub ttl: u64,
    /// The API path that issued the token: `auth/aws/login`.
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub entity_id: String,
    #[serde(default)]
    pub display_name: String,
    /// The namespace that the token belongs to; empty for the root.
    #[serde(default)]
    pub namespace_path: String,
}

/// What a look at a token told.
#[derive(Debug, Clone)]
pub enum TokenState {
    Alive(TokenInfo),
    /// Valid, but its policies do not let it look at itself.
    AliveUnseen,
    /// Vault says that the token is wrong, expired or revoked.
    Invalid,
    /// Vault refuses it without a reason: it is dead, or may not be used from here.
    Refused,
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
            Some(Denial::Token | Denial::Unplaced) => TokenState::Invalid,
            Some(Denial::Bare) => TokenState::Refused,
            None => TokenState::Unknown,
        },
    };
    Ok((state, reply))
}

/// What a token may do, by API path.
type Capabilities = BTreeMap<String, Vec<String>>;

/// Asks what the token may do on `paths` in `namespace`, which may lie below the
/// token's own.
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault. A refusal is an empty map.
pub async fn get_capabilities(
    client: &VaultClient,
    namespace: Option<&str>,
    token: &Secret,
    paths: &[String],
) -> Result<Capabilities, Box<Fault>> {
    let told = ask_capabilities(client, namespace, token, paths).await?;
    if !told.is_empty() || canonical(namespace).is_empty() {
        return Ok(told);
    }
    let TokenState::Alive(info) = lookup_self(client, None, token).await?.0 else {
        return Ok(told);
    };
    get_capabilities_from(client, Some(&info.namespace_path), namespace, token, paths).await
}

/// The same, where it is known that the token belongs to the namespace `own`.
/// Policies let a token ask this in its own namespace alone, and there of what
/// lies below, too.
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault. A refusal is an empty map, and
/// so is a namespace that does not lie below.
pub async fn get_capabilities_from(
    client: &VaultClient,
    own: Option<&str>,
    namespace: Option<&str>,
    token: &Secret,
    paths: &[String],
) -> Result<Capabilities, Box<Fault>> {
    let Some(below) = below(own, namespace) else {
        return Ok(Capabilities::new());
    };
    let from_there: Vec<String> = paths.iter().map(|path| format!("{below}{path}")).collect();
    let own = Some(canonical(own)).filter(|own| !own.is_empty());
    let told = ask_capabilities(client, own, token, &from_there).await?;
    Ok(told
        .into_iter()
        .filter_map(|(path, rights)| Some((path.strip_prefix(&below)?.to_owned(), rights)))
        .collect())
}

async fn ask_capabilities(
    client: &VaultClient,
    namespace: Option<&str>,
    token: &Secret,
    paths: &[String],
) -> Result<Capabilities, Box<Fault>> {
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

/// Tells whether a token that is refused without a reason is as good as dead here:
/// one that does not exist is told the same, and one that is `alive` is not. The
/// latter excludes that something in front of Vault refuses the question itself.
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault.
pub async fn is_refused_like_a_dead_one(
    client: &VaultClient,
    namespace: Option<&str>,
    alive: &Secret,
) -> Result<bool, Box<Fault>> {
    let nobody = Secret::from("none".to_owned());
    let (of_nobody, _) = lookup_self(client, namespace, &nobody).await?;
    let (of_alive, _) = lookup_self(client, namespace, alive).await?;
    Ok(matches!(of_nobody, TokenState::Refused)
        && matches!(of_alive, TokenState::Alive(_) | TokenState::AliveUnseen))
}

/// How a revocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    Revoked,
    /// Batch tokens cannot be revoked, spent ones are gone.
    NotNeeded,
    /// The token itself was refused, without a reason: it is dead, or may not be
    /// used from here.
    TokenRefused(String),
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
        Ok(reply) => {
            let words = keep_message(&reply.errors().join("; "));
            match denial(&reply) {
                Some(Denial::Token | Denial::Unplaced) => Revocation::NotNeeded,
                Some(Denial::Bare) => Revocation::TokenRefused(words),
                Some(Denial::Policy) | None => Revocation::Refused(words),
            }
        }
        Err(fault) => Revocation::Refused(fault.message),
    }
}

/// The forms in which Vault refuses a token, or what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// The token is wrong, expired, revoked or used up.
    Token,
    /// The token ends in the mark of a namespace that this server does not know.
    /// Vault says so with 500.
    Unplaced,
    /// The token is valid; its policies do not allow it.
    Policy,
    /// The token may not be used from here. Vault before 1.17 and OpenBao answer
    /// so to one that is wrong, expired, revoked or used up, too.
    Bare,
}

/// Reads which form of refusal this is; `None` for any other answer.
pub fn denial(reply: &Reply) -> Option<Denial> {
    if reply.is_of_unplaced_token() {
        return Some(Denial::Unplaced);
    }
    if reply.status != 403 || reply.is_of_another() {
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

/// The Sentinel policy that refused, if it was one. Vault asks them only where the
/// token's own policies have allowed the request.
pub fn sentinel(reply: &Reply) -> Option<Sentinel> {
    if reply.status != 403 {
        return None;
    }
    named_sentinel(&reply.errors().join("\n"))
}

fn named_sentinel(words: &str) -> Option<Sentinel> {
    let kinds = ["egp", "rgp"].into_iter();
    let mut found = kinds.filter_map(|kind| {
        // `egp standard policy "root/cidr-check" evaluation resulted in denial.`
        let (before, rest) = words.split_once(&format!("{kind} "))?;
        let is_word = before.is_empty() || before.ends_with(char::is_whitespace);
        let (between, rest) = rest.split_once('"')?;
        let (policy, _) = rest.split_once('"')?;
        let is_named = is_word && between.trim_end().ends_with("policy");
        is_named.then(|| Sentinel {
            kind: kind.to_owned(),
            policy: policy.to_owned(),
        })
    });
    found.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentinel_policy_that_refuses_is_named() {
        let named = |words| named_sentinel(words).map(|found| (found.kind, found.policy));
        let cases = [
            (
                "2 errors occurred:\n\t* egp standard policy \"root/cidr-check\" evaluation resulted in denial.\n\nThe specific error was:\n<nil>\n\t* permission denied\n\n",
                Some(("egp", "root/cidr-check")),
            ),
            (
                "1 error occurred:\n\t* rgp standard policy \"team/hours\" evaluation resulted in denial.",
                Some(("rgp", "team/hours")),
            ),
            ("1 error occurred:\n\t* permission denied\n\n", None),
            ("the policy \"egp \" is none", None),
        ];
        for (words, expected) in cases {
            let expected = expected.map(|(kind, policy)| (kind.to_owned(), policy.to_owned()));
            assert_eq!(named(words), expected, "{words}");
        }
    }
}
