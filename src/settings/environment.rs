//! The environment, read once.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The variables of a run. Commands are given one; nothing else reads the
/// process's environment, except the AWS SDK's credential chain.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The process's own environment. Variables that are not UTF-8 are left out.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable that is set to something. Set to nothing counts as not set,
    /// as the `vault` command has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Tells whether this is a job of a continuous integration, where nobody
    /// sits at the terminal even if there is one: all of its makers set `CI`.
    pub fn is_ci(&self) -> bool {
        self.get("CI")
            .is_some_and(|value| !matches!(value, "false" | "0"))
    }

    /// The home directory.
    pub fn home(&self) -> Option<PathBuf> {
        self.get("HOME")
            .or_else(|| self.get("USERPROFILE"))
            .map(PathBuf::from)
    }

    /// The files that hold AWS profiles.
    pub fn aws_files(&self) -> Vec<PathBuf> {
        let files = [
            ("AWS_CONFIG_FILE", "config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        ];
        files
            .iter()
            .filter_map(|(variable, name)| match self.get(variable) {
                Some(path) => Some(PathBuf::from(path)),
                None => Some(self.home()?.join(".aws").join(name)),
            })
            .collect()
    }

    /// The directory for settings of programs (XDG).
    pub fn config_directory(&self) -> Option<PathBuf> {
        self.get("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| Some(self.home()?.join(".config")))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        Environment {
            variables: pairs.into_iter().collect(),
        }
    }
}

// Variables hold tokens and keys: only their names may be shown.
impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_set()
            .entries(self.variables.keys())
            .finish()
    }
}
