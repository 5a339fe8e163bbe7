//! 404: no secret, or no engine.

use super::mounts::Mounts;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, MountSeen};
use crate::shell;
use crate::vault::namespace::with_variable;

/// Nothing lies at this path. Where the engine was seen, its version is known,
/// and the path was asked in its form.
pub(super) fn no_secret(fault: &Fault, mount: MountSeen, evidence: &Evidence) -> Finding {
    let path = &fault.target;
    let mounts = Mounts::seen(evidence);
    let seen = mounts
        .as_ref()
        .and_then(|mounts| mounts.of(&fault.operation));
    let finding = match (mount, &seen) {
        (_, Some(seen)) if seen.kind == "kv1" && asks_for_version_two(fault, seen.path) => {
            return Finding::certain(Code::VLT714)
                .because(format!(
                    "The engine at {}/ keeps no versions (KV v1), and it was asked in the form of version 2.",
                    seen.path
                ))
                .remedy(
                    Where::Here,
                    "name its version",
                    Some(shell::command(["vaultiam", "get", path, "--kv-version", "1"])),
                    None,
                );
        }
        (MountSeen::Found, _) | (_, Some(_)) => Finding::certain(Code::VLT707),
        (MountSeen::Unproved, None) => Finding::likely(Code::VLT707, &[Code::VLT714]).not_seen(
            evidence
                .looks
                .vault
                .secrets_mounts
                .missing("read", "sys/mounts"),
        ),
    };
    let finding = match (&mounts, &seen) {
        (Some(mounts), Some(seen)) => {
            finding.fact_with(mounts.with, "sys/mounts", seen.path, seen.kind)
        }
        _ => finding,
    };
    let namespace = evidence.settings.kv.namespace.as_deref();
    finding.remedy(
        Where::Vault,
        "see what lies beside it",
        Some(with_variable(
            namespace,
            shell::command(["vault", "kv", "list", super::parent(path)]),
        )),
        Some("list on the parent's metadata"),
    )
}

fn asks_for_version_two(fault: &Fault, mount: &str) -> bool {
    fault
        .operation
        .strip_prefix(mount)
        .is_some_and(|rest| rest.starts_with("/data/"))
}

/// Vault has no engine there: it says so to a token that would have rights.
pub(super) fn no_engine(fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT712);
    let namespace = evidence.settings.kv.namespace.as_deref();
    let Some(mounts) = Mounts::seen(evidence) else {
        return finding.remedy(
            Where::Vault,
            "see which engines there are",
            Some(with_variable(namespace, "vault secrets list".to_owned())),
            Some("read on sys/mounts"),
        );
    };
    let finding = finding.fact_with(mounts.with, "sys/mounts", "KV engines", mounts.engines());
    let Some(name) = mounts.nearest(&fault.target) else {
        return finding;
    };
    let rest = fault.target.split_once('/').map_or("", |(_, rest)| rest);
    finding.remedy(
        Where::Here,
        "was another engine meant?",
        Some(shell::command([
            "vaultiam",
            "get",
            &format!("{name}/{rest}"),
        ])),
        None,
    )
}
