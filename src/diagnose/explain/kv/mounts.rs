//! Where a path lies, as far as the list of mounts was seen.

use std::collections::BTreeMap;

use crate::diagnose::explain::Evidence;
use crate::diagnose::looks::Rights;
use crate::settings::file::closest;

/// The engines as they were seen, and with whose right.
pub(super) struct Mounts<'a> {
    by_path: &'a BTreeMap<String, String>,
    pub(super) with: &'a Rights,
}

/// The engine that a path lies in.
pub(super) struct MountSeen<'a> {
    pub(super) path: &'a str,
    pub(super) kind: &'a str,
}

impl<'a> Mounts<'a> {
    /// The list of mounts, if it was seen.
    pub(super) fn seen(evidence: &'a Evidence) -> Option<Self> {
        let (by_path, with) = evidence.looks.vault.secrets_mounts.seen_with()?;
        Some(Mounts { by_path, with })
    }

    /// The engine that an API path or a person's path lies in; mounts can be nested.
    pub(super) fn of(&self, path: &str) -> Option<MountSeen<'a>> {
        let below = |mount: &str| {
            path.strip_prefix(mount)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let covering = self
            .by_path
            .iter()
            .filter(|(mount, _)| below(mount) || path == mount.as_str());
        let (path, kind) = covering.max_by_key(|(mount, _)| mount.len())?;
        Some(MountSeen { path, kind })
    }

    /// The name that was probably meant.
    pub(super) fn nearest(&self, path: &str) -> Option<&'a str> {
        let typed = path.split('/').next().unwrap_or(path);
        let names = self.by_path.keys().map(String::as_str);
        let names: Vec<&str> = names
            .filter(|name| !matches!(*name, "sys" | "identity" | "cubbyhole"))
            .collect();
        let same = names.iter().find(|name| name.eq_ignore_ascii_case(typed));
        same.copied().or_else(|| closest(typed, &names))
    }

    /// The one KV engine that there is, if there is one alone.
    pub(super) fn only_kv(&self) -> Option<&'a str> {
        let mut kv = self
            .by_path
            .iter()
            .filter(|(_, kind)| kind.starts_with("kv"));
        match (kv.next(), kv.next()) {
            (Some((path, _)), None) => Some(path),
            _ => None,
        }
    }

    /// All KV engines, for a person to choose from.
    pub(super) fn engines(&self) -> String {
        let kv = self
            .by_path
            .iter()
            .filter(|(_, kind)| kind.starts_with("kv"));
        let names: Vec<String> = kv.map(|(path, kind)| format!("{path}/ ({kind})")).collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(" ")
        }
    }
}
