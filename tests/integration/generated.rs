//! Files of the project that the program itself makes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file or directory of the project.
pub(crate) fn of_project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The file holds `wanted`; with `UPDATE=1` it does from now on.
#[expect(
    clippy::disallowed_methods,
    reason = "the variable is the test's own, not the program's"
)]
pub(crate) fn assert_current(path: &Path, wanted: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        return std::fs::write(path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "{} is not what the program has; write it anew with UPDATE=1",
        path.display()
    );
}

/// The directory has these files and no others.
pub(crate) fn assert_files(directory: &Path, names: &BTreeSet<String>) {
    let entries = std::fs::read_dir(directory).unwrap();
    let found: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(&found, names, "{}", directory.display());
}
