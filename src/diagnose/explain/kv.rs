//! A secret was not read.

use super::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{CasProblem, Fault, KvProblem, MountSeen, Side};
use crate::shell;
use crate::trace::StepId;

pub(super) fn explain(problem: &KvProblem, fault: &Fault, evidence: &Evidence) -> Finding {
    let path = &fault.target;
    let finding = match problem {
        KvProblem::NoSecret { .. } if fault.step == StepId::Write => {
            Finding::certain(Code::VLT707).remedy(
                Where::Here,
                "there is nothing to merge into: write the whole secret, without --patch",
                Some(shell::command(["vaultiam", "put", path, "FIELD=@FILE"])),
                None,
            )
        }
        KvProblem::VersionUnseen => version_unseen(path),
        KvProblem::OtherVersion { set } => other_version(*set),
        KvProblem::NoName => Finding::certain(Code::CFG906).because("The path names an engine, and no secret in it."),
        KvProblem::NeedsVersionTwo => Finding::certain(Code::CFG906)
            .because("KV version 1 knows neither --patch nor --cas: it has no versions, so what somebody else wrote in between would be lost.")
            .remedy(
            Where::Here,
            "write the whole secret, without --patch and --cas",
            Some(shell::command(["vaultiam", "put", path, "FIELD=@FILE"])),
            None,
        ),
        KvProblem::CheckAndSet { problem, current } => check_and_set(*problem, *current, path),
        KvProblem::NoSecret { asked: None, mount } => {
            // Where the engine was seen, its version is known too.
            let alternatives: &[Code] = match mount {
                MountSeen::Found => &[],
                MountSeen::Unproved => &[Code::VLT714],
            };
            Finding::likely(Code::VLT707, alternatives).remedy(
                Where::Vault,
                "see what lies beside it",
                Some(shell::command(["vault", "kv", "list", parent(path)])),
                Some("list on the parent's metadata"),
            )
        }
        KvProblem::NoSecret { asked: Some(version), .. } => Finding::likely(Code::VLT711, &[Code::VLT707])
            .fact("command line", "version", version.to_string())
            .remedy(
                Where::Vault,
                "see which versions there are",
                Some(metadata_command(path)),
                Some("read on the metadata"),
            ),
        KvProblem::NoField { present } => Finding::certain(Code::VLT708).fact("vault", "fields", present.join(", ")),
        KvProblem::Deleted { time, version } => {
            let versions = format!("-versions={version}");
            Finding::certain(Code::VLT709)
                .fact("vault", "version", version.to_string())
                .fact("vault", "deletion_time", time)
                .remedy(
                    Where::Vault,
                    "bring it back, or read another version (PATH@N)",
                    Some(shell::command(["vault", "kv", "undelete", &versions, path])),
                    Some("update on the engine's undelete/ path"),
                )
        }
        KvProblem::Destroyed => Finding::certain(Code::VLT710),
        KvProblem::NoEngine => Finding::certain(Code::VLT712).remedy(
            Where::Vault,
            "see which engines there are",
            Some("vault secrets list".to_owned()),
            Some("read on sys/mounts"),
        ),
        KvProblem::V1PathOnV2 => Finding::certain(Code::VLT713).remedy(
            Where::Here,
            "the engine is of version 2: leave out --kv-version, or set it to 2",
            Some(shell::command(["vaultiam", "get", path])),
            None,
        ),
        KvProblem::V2PathOnV1 if fault.side == Side::Local => Finding::certain(Code::VLT714)
            .because("The engine keeps no versions (KV v1), so data/ would be a part of the secret's name there.")
            .remedy(
                Where::Here,
                "leave out data/; if it belongs to the name, name the version, --kv-version 1",
                None,
                None,
            ),
        KvProblem::V2PathOnV1 => Finding::certain(Code::VLT714).remedy(
            Where::Here,
            "the engine is of version 1: leave out --kv-version, or set it to 1, and no data/ in the path",
            Some(shell::command(["vaultiam", "get", path])),
            None,
        ),
        KvProblem::DoubledPrefix => Finding::likely(Code::VLT715, &[Code::VLT707]),
        KvProblem::NotKv { kind } => Finding::certain(Code::VLT718).fact("vault", "type", kind),
        KvProblem::TokenInvalid | KvProblem::TokenRefused => refused_token(problem, evidence),
        KvProblem::Denied { .. } => denied(fault, evidence),
        KvProblem::DeniedOrNoMount => Finding::likely(Code::VLT722, &[Code::VLT702, Code::VLT712, Code::VLT703])
            .would_decide("read", "sys/mounts")
            .remedy(
                Where::Vault,
                "with a token that may: see whether the mount is there",
                Some("vault secrets list".to_owned()),
                Some("read on sys/mounts"),
            ),
    };
    if fault.side == Side::Local {
        // These are our own words: Vault was asked nothing of it.
        return finding.fact("vaultiam", "found", &fault.message);
    }
    finding
        .fact("vault", "asked", &fault.operation)
        .fact("vault", "said", &fault.message)
}

/// A write stops where nothing tells how it must look.
fn version_unseen(path: &str) -> Finding {
    Finding::likely(Code::VLT722, &[Code::VLT702, Code::VLT712])
        .would_decide("read", "sys/mounts")
        .remedy(
            Where::Vault,
            "with a token that may: see whether the mount is there, and its version",
            Some("vault secrets list -detailed".to_owned()),
            Some("read on sys/mounts"),
        )
        .remedy(
            Where::Here,
            "if you know the version of the engine, name it",
            Some(shell::command([
                "vaultiam",
                "put",
                path,
                "FIELD=@FILE",
                "--kv-version",
                "2",
            ])),
            None,
        )
}

fn other_version(set: u8) -> Finding {
    let code = if set == 1 { Code::VLT713 } else { Code::VLT714 };
    Finding::certain(code)
        .because("The settings name another version than the engine has. A write in the form of the wrong one would store the wrong thing, so nothing was written.")
        .fact("settings", "kv.version", set.to_string())
        .remedy(
            Where::Here,
            "leave out --kv-version, or kv.version in the settings file: Vault tells it",
            None,
            None,
        )
}

fn check_and_set(problem: CasProblem, current: Option<u64>, path: &str) -> Finding {
    let finding = Finding::certain(Code::VLT716);
    let text = match problem {
        CasProblem::Required => "name the version that is to be replaced, 0 for none",
        CasProblem::Mismatch => {
            "look at what is there now, which may be newer than you know; then name its version"
        }
    };
    match current {
        Some(current) => finding
            .fact("vault", "current version", current.to_string())
            .remedy(
                Where::Here,
                text,
                Some(shell::command([
                    "vaultiam",
                    "put",
                    path,
                    "FIELD=@FILE",
                    "--cas",
                    &current.to_string(),
                ])),
                None,
            ),
        None => finding.remedy(
            Where::Vault,
            text,
            Some(metadata_command(path)),
            Some("read on the metadata"),
        ),
    }
}

/// 403 on a mount that is there. What the token may do was asked when the login
/// was explained.
fn denied(fault: &Fault, evidence: &Evidence) -> Finding {
    let seen = &evidence.seen;
    let only_default = seen
        .token_policies
        .as_ref()
        .is_some_and(|policies| policies.iter().all(|policy| policy == "default"));
    let finding = if only_default {
        Finding::likely(Code::VLT705, &[Code::VLT704, Code::VLT702])
    } else {
        Finding::likely(Code::VLT702, &[Code::VLT703, Code::VLT706, Code::VLT704])
    };
    let finding = match &seen.token_policies {
        Some(policies) => finding.fact("vault", "token_policies", policies.join(" ")),
        None => finding,
    };
    match seen.capabilities.get(&fault.operation) {
        Some(rights) => finding.fact("sys/capabilities-self", &fault.operation, rights.join(" ")),
        None if fault.step == StepId::Write => finding
            .would_decide("sys/capabilities-self", &fault.operation)
            .remedy(
                Where::Vault,
                "see what the token may do there; a write wants create and update, --patch also patch or read",
                Some(shell::command(["vault", "token", "capabilities", &fault.operation])),
                None,
            ),
        None => finding
            .would_decide("sys/capabilities-self", &fault.operation)
            .remedy(
                Where::Here,
                "see what a token of this login may do there",
                Some(shell::command([
                    "vaultiam",
                    "get",
                    "--explain",
                    &fault.target,
                ])),
                None,
            ),
    }
}

fn metadata_command(path: &str) -> String {
    shell::command(["vault", "kv", "metadata", "get", path])
}

/// What else than a dead token has the same words.
pub(super) fn other_causes(problem: &KvProblem) -> &'static [Code] {
    match problem {
        KvProblem::TokenRefused => &[Code::VLT720, Code::VLT617, Code::VLT619],
        _ => &[Code::VLT720],
    }
}

fn refused_token(problem: &KvProblem, evidence: &Evidence) -> Finding {
    let finding = Finding::likely(Code::VLT701, other_causes(problem));
    if evidence.foreign_token {
        finding.remedy(
            Where::Here,
            "leave the old token out of it and log in through AWS",
            Some("vaultiam get PATH --token-source aws".to_owned()),
            None,
        )
    } else {
        finding
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(parent, _)| parent)
}
