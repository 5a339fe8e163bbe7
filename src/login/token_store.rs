//! Where the `vault` command keeps its token: a token helper, else
//! `~/.vault-token`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use secrecy::ExposeSecret as _;

use crate::secret::Secret;
use crate::settings::VaultSettings;

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
    pub fn read(&self) -> Result<Option<Secret>, StoreError> {
        let text = match self {
            TokenStore::Helper(path) => self.call(path, "get", None)?,
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
    pub fn write(&self, token: &Secret) -> Result<(), StoreError> {
        match self {
            TokenStore::Helper(path) => {
                self.call(path, "store", Some(token))?;
                Ok(())
            }
            TokenStore::File(path) => self.write_file(path, token),
        }
    }

    fn write_file(&self, path: &Path, token: &Secret) -> Result<(), StoreError> {
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut file =
            tempfile::NamedTempFile::new_in(directory).map_err(|error| self.error(&error))?;
        file.write_all(token.expose_secret().as_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(|error| self.error(&error))?;
        file.persist(path)
            .map_err(|error| self.error(&error.error))?;
        Ok(())
    }

    fn call(
        &self,
        helper: &Path,
        verb: &str,
        input: Option<&Secret>,
    ) -> Result<String, StoreError> {
        let mut child = Command::new(helper)
            .arg(verb)
            .stdin(if input.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| self.error(&error))?;
        if let (Some(token), Some(mut stdin)) = (input, child.stdin.take()) {
            stdin
                .write_all(token.expose_secret().as_bytes())
                .map_err(|error| self.error(&error))?;
        }
        let output = child
            .wait_with_output()
            .map_err(|error| self.error(&error))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(self.error(&format!(
                "the token helper's '{verb}' ended with {}",
                output.status
            )))
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
        let path = value.trim().trim_matches('"');
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
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_for_its_owner_alone() -> Result<(), Box<dyn std::error::Error>> {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir()?;
        let path = directory.path().join(".vault-token");
        std::fs::write(&path, "old")?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?;
        let store = TokenStore::File(path.clone());
        store.write(&Secret::from("hvs.new".to_owned()))?;
        assert_eq!(
            std::fs::metadata(&path)?.permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            store
                .read()?
                .map(|token| token.expose_secret().to_owned())
                .as_deref(),
            Some("hvs.new")
        );
        assert!(
            TokenStore::File(directory.path().join("none"))
                .read()?
                .is_none()
        );
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_helper_gets_the_token_on_its_input() -> Result<(), Box<dyn std::error::Error>> {
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
        assert!(store.read()?.is_none());
        store.write(&Secret::from("hvs.helped".to_owned()))?;
        assert_eq!(
            store
                .read()?
                .map(|token| token.expose_secret().to_owned())
                .as_deref(),
            Some("hvs.helped")
        );
        Ok(())
    }
}
