//! What must not be left behind: the token that a login issued.
//!
//! The login request runs as a task of its own. If the command is interrupted
//! meanwhile, the answer is awaited for a moment, so that a token which Vault
//! issued is known and can be revoked. A token is forgotten only when its end
//! is known: an interrupt during the revocation starts another.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::secret::Secret;
use crate::vault::aws_auth::Issued;
use crate::vault::client::VaultClient;
use crate::vault::token::{Revocation, revoke_self};

/// How long the end of a command waits for Vault.
const PATIENCE: Duration = Duration::from_secs(3);

/// How a token ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// There was none, or it was kept.
    Nothing,
    Revoked,
    /// It was spent or revoked already.
    Gone,
    /// A batch token: it cannot be revoked and ends by itself.
    Batch,
    /// It may still be alive.
    Failed(String),
}

/// The token of a run. Clones share it.
#[derive(Clone, Default)]
pub struct Cleanup {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Closed when the login that is under way has ended.
    login: Option<watch::Receiver<()>>,
    live: Option<Live>,
}

#[derive(Clone)]
struct Live {
    vault: Arc<VaultClient>,
    namespace: Option<String>,
    token: Secret,
    is_batch: bool,
    /// It may be used so many times only.
    has_uses: bool,
}

impl Cleanup {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a login is under way, until what is returned is dropped.
    pub(super) fn watch(&self) -> watch::Sender<()> {
        let (sender, receiver) = watch::channel(());
        self.state().login = Some(receiver);
        sender
    }

    /// Remembers a token that was issued.
    pub(super) fn register(
        &self,
        vault: &Arc<VaultClient>,
        namespace: Option<String>,
        issued: &Issued,
    ) {
        self.state().live = Some(Live {
            vault: Arc::clone(vault),
            namespace,
            token: issued.token.clone(),
            is_batch: issued.kind == "batch",
            has_uses: issued.uses.is_some(),
        });
    }

    /// The token is the user's now, or gone: it is not revoked.
    pub fn keep(&self) {
        self.state().live = None;
    }

    /// Tells whether there is a token to be revoked.
    pub fn has_token(&self) -> bool {
        self.state().live.is_some()
    }

    /// Waits for a login that is under way, then revokes the token, all within
    /// three seconds.
    pub async fn finish(&self) -> Ending {
        tokio::time::timeout(PATIENCE, self.end())
            .await
            .unwrap_or_else(|_| Ending::Failed("Vault did not answer within 3 s".to_owned()))
    }

    async fn end(&self) -> Ending {
        let login = self.state().login.clone();
        if let Some(mut login) = login {
            // Nothing is ever sent: the error says that the login has ended.
            while login.changed().await.is_ok() {}
        }
        let live = self.state().live.clone();
        let Some(live) = live else {
            return Ending::Nothing;
        };
        let ending = if live.is_batch {
            Ending::Batch
        } else {
            match revoke_self(&live.vault, live.namespace.as_deref(), &live.token).await {
                Revocation::Revoked => Ending::Revoked,
                Revocation::NotNeeded => Ending::Gone,
                // It was good a moment ago: its uses are spent.
                Revocation::TokenRefused(_) if live.has_uses => Ending::Gone,
                Revocation::TokenRefused(words) | Revocation::Refused(words) => {
                    return Ending::Failed(words);
                }
            }
        };
        self.keep();
        ending
    }
}
