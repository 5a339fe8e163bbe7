//! What must not be left behind: the token that a login issued.
//!
//! The login request runs as a task of its own. If the command is interrupted
//! meanwhile, the answer is awaited for a moment, so that a token which Vault
//! issued is known and can be revoked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

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
    /// It could not be revoked and need not be: a batch token, a spent one.
    NotNeeded,
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
    login: Option<JoinHandle<()>>,
    live: Option<Live>,
}

struct Live {
    vault: Arc<VaultClient>,
    namespace: Option<String>,
    token: Secret,
    is_batch: bool,
}

impl Cleanup {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers the task of a login that is under way.
    pub(super) fn watch(&self, login: JoinHandle<()>) {
        self.state().login = Some(login);
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
        });
    }

    /// The token is the user's now: it is not revoked.
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
        let work = async {
            let login = self.state().login.take();
            if let Some(login) = login {
                // A login that failed has left no token.
                let _ = login.await;
            }
            let live = self.state().live.take();
            let Some(live) = live else {
                return Ending::Nothing;
            };
            if live.is_batch {
                return Ending::NotNeeded;
            }
            match revoke_self(&live.vault, live.namespace.as_deref(), &live.token).await {
                Revocation::Revoked => Ending::Revoked,
                Revocation::NotNeeded => Ending::NotNeeded,
                Revocation::Refused(words) => Ending::Failed(words),
            }
        };
        tokio::time::timeout(PATIENCE, work)
            .await
            .unwrap_or_else(|_| Ending::Failed("Vault did not answer within 3 s".to_owned()))
    }
}
