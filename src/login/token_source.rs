//! Which token a command reads with.

use secrecy::ExposeSecret as _;

use super::token_store::{StoreError, TokenStore};
use crate::secret::Secret;
use crate::settings::{TokenSource, VaultSettings};

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Environment,
    Stored,
    Aws,
}

impl Source {
    /// The word used in documents.
    pub fn name(self) -> &'static str {
        match self {
            Source::Environment => "env",
            Source::Stored => "stored",
            Source::Aws => "aws",
        }
    }
}

/// A token that is there without a login.
pub struct Ready {
    pub source: Source,
    /// The variable, file or helper it came from.
    pub place: String,
    pub token: Secret,
}

/// The token that the settings ask for, if it is there without a login. `None`
/// with [`TokenSource::Auto`] or [`TokenSource::Aws`] means: log in.
///
/// # Errors
///
/// The store cannot be read.
pub async fn find(
    settings: &VaultSettings,
    wanted: TokenSource,
) -> Result<Option<Ready>, StoreError> {
    let from_environment = || {
        let (name, token) = settings.environment_token.as_ref()?;
        Some(Ready {
            source: Source::Environment,
            place: (*name).to_owned(),
            token: Secret::from(token.expose_secret().trim().to_owned()),
        })
    };
    match wanted {
        TokenSource::Environment => Ok(from_environment()),
        TokenSource::Stored => from_store(settings).await,
        TokenSource::Aws => Ok(None),
        TokenSource::Auto => match from_environment() {
            Some(ready) => Ok(Some(ready)),
            None => from_store(settings).await,
        },
    }
}

async fn from_store(settings: &VaultSettings) -> Result<Option<Ready>, StoreError> {
    let Some(store) = TokenStore::of(settings) else {
        return Ok(None);
    };
    Ok(store.read().await?.map(|token| Ready {
        source: Source::Stored,
        place: store.name(),
        token,
    }))
}
