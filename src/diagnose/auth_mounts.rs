//! What to do where no aws auth method answers at the path, or none that Kong can
//! use: after a login that was refused and in a check alike. Pure.

use std::collections::BTreeMap;

use super::again::{Again, set_up};
use super::looks::Look;
use super::{Code, Finding, Where};
use crate::settings::VaultSettings;

/// How many other aws methods are named.
const MOUNTS_SHOWN: usize = 3;

/// Names the aws methods that there are, and how to make one.
pub(super) fn elsewhere(
    mut finding: Finding,
    mounts: &Look<BTreeMap<String, String>>,
    vault: &VaultSettings,
    again: Again,
) -> Finding {
    let others = mounts.seen().into_iter().flatten();
    let others = others.filter(|(path, kind)| is_aws(kind) && **path != vault.auth_mount);
    let mut others: Vec<&String> = others.map(|(path, _)| path).collect();
    // A large Vault has dozens; the one that was meant has a name like this.
    let likeness = |path: &str| strsim::jaro_winkler(path, &vault.auth_mount);
    others.sort_by(|left, right| likeness(right).total_cmp(&likeness(left)));
    for path in others.iter().take(MOUNTS_SHOWN) {
        finding = finding.remedy(
            Where::Here,
            "an aws method is mounted at another path: name it, and put it into Kong's aws_login_path too",
            Some(again.with(&["--auth-mount", path])),
            None,
        );
    }
    if mounts.seen().is_none() {
        finding = finding.remedy(
            Where::Vault,
            "see which methods there are",
            Some("vault auth list".to_owned()),
            Some("read on sys/auth"),
        );
    }
    match finding.code {
        Code::VLT515 => finding.remedy(
            Where::Here,
            "name the namespace; the top one of HCP Vault is admin",
            Some(again.with(&["--namespace", "admin"])),
            None,
        ),
        Code::VLT602 => its_own(
            finding,
            Where::Here,
            "or mount one at a free path, and name that in the settings (vault.auth_mount)",
            vault,
        ),
        _ => finding.remedy(
            Where::Here,
            "if it was never mounted, do so",
            Some(set_up(&vault.auth_mount)),
            None,
        ),
    }
}

/// Gives Kong's role a mount that nobody else uses.
pub(super) fn its_own(
    finding: Finding,
    place: Where,
    text: &str,
    vault: &VaultSettings,
) -> Finding {
    let mount = format!("{}-kong", vault.auth_mount);
    finding.remedy(place, text, Some(set_up(&mount)), None)
}

/// The type of Vault's own method, or of OpenBao's plugin.
pub(super) fn is_aws(kind: &str) -> bool {
    kind == "aws" || kind.ends_with("-aws")
}
