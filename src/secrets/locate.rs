//! Where a path lies: the mount and what stands below it, as guessed from the
//! settings or as Vault showed it. Pure.

use super::SecretPath;
use crate::settings::{KvSettings, KvVersion};
use crate::vault::kv::Location;
use crate::vault::sys::Mount;

/// Another engine must not be read by guess: a read can create credentials.
pub(super) fn is_kv(mount: &Mount) -> bool {
    matches!(mount.kind.as_str(), "kv" | "generic" | "cubbyhole")
}

/// Where a path lies as long as Vault was not asked.
pub fn guess(settings: &KvSettings, path: &SecretPath) -> Location {
    let version = settings.version.unwrap_or(KvVersion::Two);
    let (mount, below) = if let Some(mount) = &settings.mount {
        (mount.as_str(), path.path.as_str())
    } else if let Some((mount, below)) = settings
        .known_mount
        .as_deref()
        .and_then(|mount| Some((mount, path.below(mount)?)))
    {
        (mount, below)
    } else {
        let mount = path.first_part();
        (mount, path.below(mount).unwrap_or_default())
    };
    location(mount, below, version)
}

/// The path with its mount in front.
pub(super) fn full_path(settings: &KvSettings, path: &SecretPath) -> String {
    match &settings.mount {
        Some(mount) => format!("{mount}/{}", path.path),
        None => path.absolute().to_owned(),
    }
}

/// Where a path lies in a mount that was found.
pub(super) fn locate(mount: &Mount, full: &str, version: Option<KvVersion>) -> Location {
    let below = full.strip_prefix(&mount.path).unwrap_or(full);
    location(
        &mount.path,
        below.trim_start_matches('/'),
        version.unwrap_or(mount.version),
    )
}

/// Both `kv/kong/db` and the API's own `kv/data/kong/db` are understood.
fn location(mount: &str, below: &str, kv_version: KvVersion) -> Location {
    let path = match kv_version {
        KvVersion::Two => below.strip_prefix("data/").unwrap_or(below),
        KvVersion::One => below,
    };
    Location {
        mount: mount.to_owned(),
        path: path.to_owned(),
        kv_version,
    }
}

/// What stands twice in front of a secret's name: `data`, or the mount.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Doubled {
    pub(super) part: String,
    /// The path without it, as a person writes it.
    pub(super) meant: String,
}

/// Finds `data/` or the mount where only the name should begin. A secret can lie
/// there all the same, if somebody wrote it so.
pub(super) fn doubled(location: &Location) -> Option<Doubled> {
    let mut parts = vec![location.mount.as_str()];
    // Without versions data/ is never added by itself.
    if location.kv_version == KvVersion::Two {
        parts.push("data");
    }
    let strip = |path: &str| {
        parts.iter().find_map(|part| {
            let rest = path.strip_prefix(part)?.strip_prefix('/')?;
            (!rest.is_empty()).then(|| ((*part).to_owned(), rest.to_owned()))
        })
    };
    let (part, mut rest) = strip(&location.path)?;
    while let Some((_, shorter)) = strip(&rest) {
        rest = shorter;
    }
    Some(Doubled {
        part,
        meant: format!("{}/{rest}", location.mount),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_twice_in_a_path_is_found() {
        let at = |path: &str, kv_version| {
            let mount = "kv".to_owned();
            doubled(&location(&mount, path, kv_version)).map(|found| (found.part, found.meant))
        };
        let (one, two) = (KvVersion::One, KvVersion::Two);
        let cases = [
            ("kong/db", two, None),
            // The API's own form.
            ("data/kong/db", two, None),
            ("data/data/kong/db", two, Some(("data", "kv/kong/db"))),
            ("kv/kong/db", two, Some(("kv", "kv/kong/db"))),
            ("kv/data/kong/db", two, Some(("kv", "kv/kong/db"))),
            ("data/kv/kong/db", two, Some(("kv", "kv/kong/db"))),
            ("kvothers/db", two, None),
            ("kv", two, None),
            ("data/kong/db", one, None),
            ("kv/kong/db", one, Some(("kv", "kv/kong/db"))),
        ];
        for (path, version, expected) in cases {
            let expected = expected.map(|(part, meant)| (part.to_owned(), meant.to_owned()));
            assert_eq!(at(path, version), expected, "{path}");
        }
    }

    fn settings(
        mount: Option<&str>,
        known: Option<&str>,
        version: Option<KvVersion>,
    ) -> KvSettings {
        KvSettings {
            mount: mount.map(str::to_owned),
            known_mount: known.map(str::to_owned),
            version,
            namespace: None,
            prefix: "kong/".to_owned(),
        }
    }

    #[test]
    fn a_path_is_guessed_to_lie_in_its_first_part() {
        let cases = [
            (settings(None, None, None), "kv/kong/db", "kv/data/kong/db"),
            (
                settings(None, None, None),
                "kv/data/kong/db",
                "kv/data/kong/db",
            ),
            (
                settings(None, None, Some(KvVersion::One)),
                "kv/kong/db",
                "kv/kong/db",
            ),
            (
                settings(Some("team/kv"), None, None),
                "kong/db",
                "team/kv/data/kong/db",
            ),
            (
                settings(None, None, None),
                "v1/kv/data/kong/db",
                "kv/data/kong/db",
            ),
            (settings(Some("kv"), None, None), "v1/db", "kv/data/v1/db"),
            (
                settings(None, Some("team/kv"), None),
                "team/kv/kong/db",
                "team/kv/data/kong/db",
            ),
            (
                settings(None, Some("team/kv"), None),
                "other/db",
                "other/data/db",
            ),
        ];
        for (settings, text, expected) in cases {
            let path = SecretPath::parse(text).map(|path| guess(&settings, &path).api_path());
            assert_eq!(path.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_mount_that_was_found_decides() {
        let mount = |path: &str, version| Mount {
            path: path.into(),
            kind: "kv".into(),
            version,
        };
        let cases = [
            (mount("kv", KvVersion::One), "kv/kong/db", "kv/kong/db"),
            (
                mount("kv", KvVersion::One),
                "kv/data/kong/db",
                "kv/data/kong/db",
            ),
            (
                mount("team/kv", KvVersion::Two),
                "team/kv/kong/db",
                "team/kv/data/kong/db",
            ),
        ];
        for (mount, text, expected) in cases {
            assert_eq!(locate(&mount, text, None).api_path(), expected, "{text}");
        }
    }
}
