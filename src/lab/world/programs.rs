//! The directory of a world: its programs by name, and the homes of its machines.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::private_file;

/// A private directory, which is gone when the world is.
pub struct Programs {
    directory: TempDir,
}

impl Programs {
    /// Makes the directory, with `program` under the names that it plays.
    pub(super) fn make(program: &Path) -> io::Result<Self> {
        let directory = private_directory()?;
        let programs = Programs { directory };
        std::fs::create_dir(programs.path())?;
        for name in ["vaultiam", "vault", "aws"] {
            link(program, &programs.path().join(name))?;
        }
        Ok(programs)
    }

    /// Where the programs are.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("bin")
    }

    /// A home of this name.
    pub(super) fn home(&self, name: &str) -> io::Result<PathBuf> {
        let home = self.directory.path().join(name);
        std::fs::create_dir_all(&home)?;
        Ok(home)
    }

    /// Writes a file that only its owner reads, and returns its path.
    pub fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.directory.path().join(name);
        private_file::write(&path, text)?;
        Ok(path)
    }
}

/// A directory that only its owner may look into.
fn private_directory() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("vaultiam-lab-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    builder.tempdir()
}

#[cfg(unix)]
fn link(program: &Path, name: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, name)
}

#[cfg(not(unix))]
fn link(program: &Path, name: &Path) -> io::Result<()> {
    std::fs::copy(program, name.with_extension("exe")).map(|_| ())
}
