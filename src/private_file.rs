//! Files for their owner alone, written whole.

use std::io::{self, Write as _};
use std::path::Path;

/// Writes `text` to `path`. A regular file is replaced whole and readable by
/// its owner alone (0600); a link is followed; a device or a pipe is written to
/// and never replaced.
///
/// # Errors
///
/// What the system says. An old file is then still there.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let is_special = std::fs::metadata(path).is_ok_and(|found| !found.is_file());
    if is_special {
        let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
        return file.write_all(text.as_bytes());
    }
    // What a link points at is replaced, not the link.
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let file = beside(&real, text)?;
    file.persist(&real).map_err(|error| error.error)?;
    Ok(())
}

/// Tells whether [`write`] can write to `path`; leaves nothing there.
///
/// # Errors
///
/// What the system says.
pub fn can_be_written(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => {
            std::fs::OpenOptions::new().write(true).open(path).map(drop)
        }
        _ => {
            let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            beside(&real, "").map(drop)
        }
    }
}

/// Writes `text` to a new file at `path`, for its owner alone (0600). What is
/// there already stays, whatever it is, even when it came a moment ago.
/// Directories that are missing are made, for their owner alone (0700).
///
/// # Errors
///
/// What the system says; [`io::ErrorKind::AlreadyExists`] when something is
/// there.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    make_directory(directory_of(path))?;
    let file = beside(path, text)?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

/// A file with `text` in the directory of `path`, still under another name.
fn beside(path: &Path, text: &str) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new_in(directory_of(path))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn directory_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| match error.kind() {
        // Something stands there that is no directory; the file itself does not.
        io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
        _ => error,
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_replaced_whole_and_for_its_owner_alone() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("file");
        std::fs::write(&path, "old")?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?;
        write(&path, "new")?;
        assert_eq!(std::fs::read_to_string(&path)?, "new");
        assert_eq!(
            std::fs::metadata(&path)?.permissions().mode() & 0o777,
            0o600
        );
        Ok(())
    }

    #[test]
    fn a_link_stays_a_link_and_what_is_no_file_stays_what_it_is() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let target = directory.path().join("target");
        let link = directory.path().join("link");
        std::fs::write(&target, "old")?;
        std::os::unix::fs::symlink(&target, &link)?;
        write(&link, "new")?;
        assert!(std::fs::symlink_metadata(&link)?.is_symlink());
        assert_eq!(std::fs::read_to_string(&target)?, "new");
        // A directory stands for everything that is not a file: it is refused,
        // and still there.
        assert!(write(directory.path(), "new").is_err());
        assert!(directory.path().is_dir());
        Ok(())
    }

    #[test]
    fn a_new_file_takes_the_place_of_nothing() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let mode = |path: &Path| Ok::<_, io::Error>(std::fs::metadata(path)?.permissions().mode());
        let path = directory.path().join("a/b/file");
        create(&path, "new")?;
        assert_eq!(std::fs::read_to_string(&path)?, "new");
        assert_eq!(mode(&path)? & 0o777, 0o600);
        assert_eq!(mode(&directory.path().join("a"))? & 0o777, 0o700);
        // A link that leads nowhere is something too.
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(directory.path().join("nowhere"), &link)?;
        for there in [path.as_path(), &link, directory.path()] {
            let error = create(there, "other").map_err(|error| error.kind());
            assert_eq!(error, Err(io::ErrorKind::AlreadyExists), "{there:?}");
        }
        assert_eq!(std::fs::read_to_string(&path)?, "new");
        assert_eq!(std::fs::read_dir(directory.path().join("a/b"))?.count(), 1);
        Ok(())
    }
}
