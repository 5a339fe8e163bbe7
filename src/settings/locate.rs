//! Finding the settings file, and refusing one that others may write.

use std::path::{Path, PathBuf};

use super::file::{self, FileValues};
use super::{Environment, SettingsError, SettingsProblem};

/// The settings file that applies: the named one, else the user's own.
///
/// # Errors
///
/// CFG901 when a file that was named is not there.
pub(super) fn find_file(
    environment: &Environment,
    named: Option<&Path>,
) -> Result<Option<PathBuf>, SettingsError> {
    let Some((path, named_by)) = place(environment, named) else {
        return Ok(None);
    };
    match named_by {
        _ if path.is_file() => Ok(Some(path)),
        None => Ok(None),
        Some(by) => Err(SettingsError::new(
            SettingsProblem::UnreadableFile,
            path.display().to_string(),
            format!("no such file, named by {by}"),
        )),
    }
}

/// Where the settings file belongs, and what named the place; nothing when it
/// is the user's own.
pub(super) fn place(
    environment: &Environment,
    named: Option<&Path>,
) -> Option<(PathBuf, Option<&'static str>)> {
    if let Some(path) = named {
        return Some((path.to_owned(), Some("--config")));
    }
    if let Some(path) = environment.get("VAULTIAM_CONFIG") {
        return Some((PathBuf::from(path), Some("VAULTIAM_CONFIG")));
    }
    let directory = environment.config_directory()?;
    Some((directory.join("vaultiam/config.yaml"), None))
}

/// Reads a settings file.
///
/// # Errors
///
/// CFG901 to CFG903 for what it holds, SEC011 when others may write it.
pub(super) fn read_file(path: &Path) -> Result<FileValues, SettingsError> {
    refuse_open_file(path)?;
    let text = std::fs::read_to_string(path).map_err(|error| {
        SettingsError::new(
            SettingsProblem::UnreadableFile,
            path.display().to_string(),
            format!("cannot be read: {error}"),
        )
    })?;
    file::parse(&text, path)
}

/// Whoever can write the settings can send a login to a Vault of their own.
#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Result<(), SettingsError> {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(found) = std::fs::metadata(path) else {
        return Ok(());
    };
    let shown = crate::shell::quote(&path.display().to_string());
    let mode = found.mode() & 0o777;
    let owner = found.uid();
    let problem = if mode & 0o022 != 0 {
        format!("others may write this file (mode {mode:03o}); run: chmod go-w {shown}")
    } else if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        format!(
            "the file belongs to another user (id {owner}), who may write it; copy it, or run: chown $(id -u) {shown}"
        )
    } else {
        return Ok(());
    };
    Err(SettingsError::new(
        SettingsProblem::FileOpenToOthers,
        path.display().to_string(),
        problem,
    ))
}

#[cfg(not(unix))]
fn refuse_open_file(_path: &Path) -> Result<(), SettingsError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_write_is_refused() -> std::io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("f.yaml");
        std::fs::write(&path, "stack: a\n")?;
        for (mode, refused) in [(0o664, true), (0o646, true), (0o644, false), (0o600, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode))?;
            let problem = read_file(&path).map_err(|error| error.problem).err();
            assert_eq!(
                problem,
                refused.then_some(SettingsProblem::FileOpenToOthers),
                "{mode:o}"
            );
        }
        Ok(())
    }

    #[test]
    fn the_named_file_goes_before_the_users_own() -> std::io::Result<()> {
        let home = tempfile::tempdir()?;
        let own = home.path().join(".config/vaultiam/config.yaml");
        let named = home.path().join("named.yaml");
        std::fs::create_dir_all(home.path().join(".config/vaultiam"))?;
        std::fs::write(&own, "")?;
        std::fs::write(&named, "")?;
        let with = |more: &[(&str, String)]| -> Environment {
            let home = ("HOME".to_owned(), home.path().display().to_string());
            let more = more
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()));
            std::iter::once(home).chain(more).collect()
        };
        let variable = [("VAULTIAM_CONFIG", named.display().to_string())];
        assert_eq!(find_file(&with(&[]), None), Ok(Some(own)));
        assert_eq!(find_file(&with(&variable), None), Ok(Some(named.clone())));
        assert_eq!(find_file(&with(&[]), Some(&named)), Ok(Some(named)));
        let absent = find_file(&with(&[]), Some(Path::new("/nowhere.yaml")));
        assert_eq!(
            absent.map_err(|error| error.problem),
            Err(SettingsProblem::UnreadableFile)
        );
        Ok(())
    }
}
