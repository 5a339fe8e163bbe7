//! Looks at this machine.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Scene;
use crate::login::token_store::TokenStore;

/// Where a token is kept, and who may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::diagnose::check) enum KeptToken {
    Nowhere,
    ByHelper(PathBuf),
    /// The permissions of the file.
    InFile(PathBuf, u32),
    Unseen(String),
}

impl Scene {
    /// Where the `vault` command keeps a token.
    pub(in crate::diagnose::check) async fn kept_token(&self) -> &KeptToken {
        let look = || async {
            match TokenStore::of(&self.settings().vault) {
                None => KeptToken::Nowhere,
                Some(TokenStore::Helper(path)) => KeptToken::ByHelper(path),
                Some(TokenStore::File(path)) => of_file(&path),
            }
        };
        self.sights.kept_token.get_or_init(look).await
    }
}

#[cfg(unix)]
fn of_file(path: &Path) -> KeptToken {
    use std::os::unix::fs::MetadataExt as _;
    match std::fs::metadata(path) {
        Ok(found) => KeptToken::InFile(path.to_owned(), found.mode() & 0o777),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => KeptToken::Nowhere,
        Err(error) => KeptToken::Unseen(format!("{}: {error}", path.display())),
    }
}

#[cfg(not(unix))]
fn of_file(path: &Path) -> KeptToken {
    KeptToken::Unseen(format!(
        "who may read {} is not looked at on this system",
        path.display()
    ))
}
