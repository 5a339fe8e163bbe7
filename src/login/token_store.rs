//! Where the `vault` command keeps its token: a token helper, else
//! `~/.vault-token`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::private_file;
use crate::secret::Secret;
use crate::settings::VaultSettings;

/// How long a token helper may take: it may ask a person for a password.
const HELPER_PATIENCE: Duration = Duration::from_secs(60);

/// A place for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenStore {
    /// A program called with `get`, `store` or `erase`.
    Helper(PathBuf),
    File(PathBuf),
}

/// The token could not be read or stored.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {message}")]
pub struct StoreError {
    pub place: String,
    pub message: String,
}

impl TokenStore {
    /// The store that the `vault` command would use; `None` without a home.
    pub fn of(settings: &VaultSettings) -> Option<TokenStore> {
        let helper = settings
            .helper_file
            .as_deref()
            .and_then(|path| std::fs::read_to_string(path).ok())
            .and_then(|text| helper_path(&text));
        match helper {
            Some(helper) => Some(TokenStore::Helper(helper)),
            None => settings.token_file.clone().map(TokenStore::File),
        }
    }

    /// What a person calls the place.
    pub fn name(&self) -> String {
        match self {
            TokenStore::Helper(path) | TokenStore::File(path) => path.display().to_string(),
        }
    }

    /// Reads the token, if there is one.
    ///
    /// # Errors
    ///
    /// The helper or the file cannot be used.
    pub async fn read(&self) -> Result<Option<Secret>, StoreError> {
        let text = match self {
            TokenStore::Helper(path) => self.call(path, "get", None).await?,
            TokenStore::File(path) => match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(self.error(&error)),
            },
        };
        let token = text.trim();
        Ok((!token.is_empty()).then(|| Secret::from(token.to_owned())))
    }

    /// Stores the token; a file is written whole, for its owner alone.
    ///
    /// # Errors
    ///
    /// The helper or the file cannot be used. An old token is then still there.
    pub async fn write(&self, token: &Secret) -> Result<(), StoreError> {
        match self {
            TokenStore::Helper(path) => {
                self.call(path, "store", Some(token)).await?;
                Ok(())
            }
            TokenStore::File(path) => {
                private_file::write(path, token.expose_secret()).map_err(|error| self.error(&error))
            }
        }
    }

    async fn call(
        &self,
        helper: &Path,
        verb: &str,
        input: Option<&Secret>,
    ) -> Result<String, StoreError> {
        let work = async {
            let mut child = Command::new(helper)
                .arg(verb)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()?;
            if let Some(mut stdin) = child.stdin.take()
                && let Some(token) = input
            {
                stdin.write_all(token.expose_secret().as_bytes()).await?;
            }
            child.wait_with_output().await
        };
        let output = tokio::time::timeout(HELPER_PATIENCE, work)
            .await
            .map_err(|_| self.error(&format!("the token helper's '{verb}' does not end")))?
            .map_err(|error| self.error(&error))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            let words = format!("the token helper's '{verb}' ended with {}", output.status);
            Err(self.error(&words))
        }
    }

    fn error(&self, words: &dyn std::fmt::Display) -> StoreError {
        StoreError {
            place: self.name(),
            message: words.to_string(),
        }
    }
}

/// Reads `token_helper = "/path"` from the `vault` command's own file (HCL).
fn helper_path(text: &str) -> Option<PathBuf> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        if key.trim().trim_matches('"') != "token_helper" {
            return None;
        }
        let value = value.trim().strip_prefix('"')?;
        let (path, _) = value.split_once('"')?;
        (!path.is_empty()).then(|| PathBuf::from(path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_helper_is_read_from_vaults_own_file() {
        let text = "# comment\ntoken_helper = \"/usr/local/bin/helper\"\n";
        assert_eq!(
            helper_path(text),
            Some(PathBuf::from("/usr/local/bin/helper"))
        );
        assert_eq!(helper_path("# token_helper = \"/x\"\n"), None);
        assert_eq!(helper_path("token_helper = \"\"\n"), None);
        let commented = "token_helper = \"/x\" # ours";
        assert_eq!(helper_path(commented), Some(PathBuf::from("/x")));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_is_for_its_owner_alone() -> Result<(), Box<dyn std::error::Error>> {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir()?;
        let path = directory.path().join(".vault-token");
        std::fs::write(&path, "old")?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?;
        let store = TokenStore::File(path.clone());
        store.write(&Secret::from("hvs.new".to_owned())).await?;
        assert_eq!(
            std::fs::metadata(&path)?.permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            store
                .read()
                .await?
                .map(|token| token.expose_secret().to_owned())
                .as_deref(),
            Some("hvs.new")
        );
        assert!(
            TokenStore::File(directory.path().join("none"))
                .read()
                .await?
                .is_none()
        );
        Ok(())
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_helper_gets_the_token_on_its_input() -> Result<(), Box<dyn std::error::Error>> {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir()?;
        let kept = directory.path().join("kept");
        let helper = directory.path().join("helper");
        let script = format!(
            "#!/bin/sh\ncase $1 in get) cat '{0}' 2>/dev/null || true;; store) cat >'{0}';; *) exit 1;; esac\n",
            kept.display()
        );
        std::fs::write(&helper, script)?;
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755))?;
        let store = TokenStore::Helper(helper);
        assert!(store.read().await?.is_none());
        store.write(&Secret::from("hvs.helped".to_owned())).await?;
        assert_eq!(
            store
                .read()
                .await?
                .map(|token| token.expose_secret().to_owned())
                .as_deref(),
            Some("hvs.helped")
        );
        Ok(())
    }
}
