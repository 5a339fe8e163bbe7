//! The directory of a world: its programs by name, and the homes of its machines.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A private directory, which is gone when the world is.
pub struct Programs {
    directory: TempDir,
}

impl Programs {
    /// Makes the directory, with `program` under the names that it plays.
    pub(super) fn make(program: &Path) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("vaultiam-lab-").tempdir()?;
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
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

#[cfg(unix)]
fn link(program: &Path, name: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, name)
}

#[cfg(not(unix))]
fn link(program: &Path, name: &Path) -> io::Result<()> {
    std::fs::copy(program, name.with_extension("exe")).map(|_| ())
}
