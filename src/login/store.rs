//! Where the token of a login goes: to the store of the `vault` command, unless
//! a living token of another login lies there.

use super::Run;
use super::token_store::{StoreError, TokenStore};
use crate::vault::aws_auth::Issued;
use crate::vault::client::VaultClient;
use crate::vault::token::{TokenState, is_refused_like_a_dead_one, lookup_self};

/// Whether a living token of another login may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    OwnOnly,
    Any,
}

/// What became of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It is stored there.
    At(String),
    /// A living token of another login lies there and was left alone.
    LeftAlone(String),
}

/// Stores the token. A login must not take an admin's token away: what lies in
/// the store is replaced only if it is dead, or was issued to the same entity by
/// the same auth method. Where the server has the same words for a dead token and
/// for one that may not be used from here, a token that it refuses counts as dead.
///
/// # Errors
///
/// There is no store, or it cannot be used.
pub async fn store(
    run: &Run,
    vault: &VaultClient,
    issued: &Issued,
    replace: Replace,
) -> Result<Stored, StoreError> {
    let settings = &run.settings.vault;
    let Some(store) = TokenStore::of(settings) else {
        return Err(StoreError {
            place: "HOME".to_owned(),
            message: "no home directory is known".to_owned(),
        });
    };
    if replace == Replace::OwnOnly
        && let Some(old) = store.read().await?
    {
        run.redactor.learn(&old);
        let ours = format!("auth/{}/login", settings.auth_mount);
        // Who cannot be asked is taken to be alive: nothing is lost that way.
        let namespace = settings.namespace.as_deref();
        let is_replaced = match lookup_self(vault, namespace, &old).await {
            Ok((TokenState::Invalid, _)) => true,
            Ok((TokenState::Alive(info), _)) => {
                info.path == ours && issued.entity_id.as_deref() == Some(info.entity_id.as_str())
            }
            // Looking at the new token would take of its uses.
            Ok((TokenState::Refused, _)) if issued.uses.is_none() => {
                is_refused_like_a_dead_one(vault, namespace, &issued.token)
                    .await
                    .unwrap_or(false)
            }
            Ok((TokenState::AliveUnseen | TokenState::Refused | TokenState::Unknown, _))
            | Err(_) => false,
        };
        if !is_replaced {
            return Ok(Stored::LeftAlone(store.name()));
        }
    }
    store.write(&issued.token).await?;
    Ok(Stored::At(store.name()))
}
