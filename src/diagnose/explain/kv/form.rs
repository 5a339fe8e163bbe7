//! The path, or the form of the request, is not that of the engine.

use super::mounts::Mounts;
use super::put_again;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, Side};
use crate::shell;
use crate::trace::StepId;

/// `data/` or the mount stands twice. A secret may lie there all the same: where
/// Vault was asked, another cause of its answer is left.
pub(super) fn doubled(part: &str, meant: &str, fault: &Fault) -> Finding {
    let finding = match (fault.side, fault.status) {
        (Side::Local, _) => Finding::certain(Code::VLT715),
        (_, Some(403)) => Finding::likely(Code::VLT715, &[Code::VLT702]),
        _ => Finding::likely(Code::VLT715, &[Code::VLT707]),
    };
    let api = &fault.operation;
    let finding = finding
        .because(if fault.target == *api {
            format!("{part}/ stands twice in {api}.")
        } else {
            format!(
                "{part}/ stands twice in {api}, which {} leads to.",
                fault.target
            )
        })
        .remedy(
            Where::Here,
            "leave one of them out",
            Some(again(fault, meant, &[])),
            None,
        );
    // The API's own form is understood as it stands; only version 2 has it.
    match fault.side {
        Side::Local if api.contains("/data/") => finding.remedy(
            Where::Here,
            "if a new secret shall have just this name, say that none is there yet",
            Some(put_again(api, &["--cas", "0"])),
            None,
        ),
        _ => finding,
    }
}

/// An engine of version 2 was asked in the form of version 1.
pub(super) fn of_version_one(fault: &Fault) -> Finding {
    Finding::certain(Code::VLT713).remedy(
        Where::Here,
        "the engine is of version 2: name it here, and in the settings file if that says 1 (kv.version)",
        Some(again(fault, &fault.target, &["--kv-version", "2"])),
        None,
    )
}

/// An engine of version 1 was asked in the form of version 2.
pub(super) fn of_version_two(meant: &str, fault: &Fault) -> Finding {
    // A name may begin with data/ all the same, and not be granted.
    let finding = match fault.status {
        Some(403) if fault.operation == fault.target => {
            Finding::likely(Code::VLT714, &[Code::VLT702])
        }
        _ => Finding::certain(Code::VLT714),
    };
    if fault.side != Side::Local {
        return finding.remedy(
            Where::Here,
            "the engine is of version 1, without data/ in a path: name it here, and in the settings file if that says 2 (kv.version)",
            Some(again(fault, meant, &["--kv-version", "1"])),
            None,
        );
    }
    finding
        .because("The engine keeps no versions (KV v1), so data/ would be a part of the secret's name there.")
        .remedy(
            Where::Here,
            "leave out data/",
            Some(put_again(meant, &[])),
            None,
        )
        .remedy(
            Where::Here,
            "if it belongs to the name, name the version",
            Some(put_again(&fault.target, &["--kv-version", "1"])),
            None,
        )
}

/// A write met an engine of another version than the one that was set.
pub(super) fn other_version(set: u8, fault: &Fault) -> Finding {
    let (code, right) = if set == 1 {
        (Code::VLT713, "2")
    } else {
        (Code::VLT714, "1")
    };
    Finding::certain(code)
        .because("The settings name another version than the engine has. A write in the form of the wrong one would store the wrong thing, so nothing was written.")
        .fact("settings", "kv.version", set.to_string())
        .remedy(
            Where::Here,
            "name the version that it has; without one (--kv-version, kv.version in the settings file) Vault tells it",
            Some(put_again(&fault.target, &["--kv-version", right])),
            None,
        )
}

/// Version 1 has no versions, no check-and-set and no merge.
pub(super) fn no_versions(fault: &Fault) -> Finding {
    let finding = Finding::certain(Code::CFG906);
    if fault.step == StepId::Read {
        return finding
            .because("KV version 1 keeps no versions of a secret: there is the one that was written last.")
            .remedy(
                Where::Here,
                "read that one",
                Some(shell::command(["vaultiam", "get", &fault.target])),
                None,
            );
    }
    finding
        .because("KV version 1 knows neither --patch nor --cas: it has no versions, so what somebody else wrote in between would be lost.")
        .remedy(
            Where::Here,
            "write the whole secret, without --patch and --cas",
            Some(put_again(&fault.target, &[])),
            None,
        )
}

/// Another kind of engine: reading there may make credentials.
pub(super) fn not_kv(kind: &str, fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT718).fact("vault", "type", kind);
    let Some(mounts) = Mounts::seen(evidence) else {
        return finding.remedy(
            Where::Vault,
            "see which engines are of type kv",
            Some("vault secrets list".to_owned()),
            Some("read on sys/mounts"),
        );
    };
    let finding = finding.fact_with(mounts.with, "sys/mounts", "KV engines", mounts.engines());
    match mounts.only_kv().zip(fault.target.split_once('/')) {
        Some((engine, (_, rest))) => finding.remedy(
            Where::Here,
            "was the KV engine meant?",
            Some(again(fault, &format!("{engine}/{rest}"), &[])),
            None,
        ),
        None => finding.remedy(
            Where::Here,
            "name a path in one of the KV engines; for this engine use its own command",
            None,
            None,
        ),
    }
}

/// The same on another path, or with more flags. What is refused here, before Vault
/// is asked, is a write.
fn again(fault: &Fault, path: &str, flags: &[&str]) -> String {
    if fault.step == StepId::Write || fault.side == Side::Local {
        return put_again(path, flags);
    }
    let words = ["vaultiam", "get", path].into_iter();
    shell::command(words.chain(flags.iter().copied()))
}
