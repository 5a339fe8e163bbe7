//! A secret was not read.

mod absent;
mod denied;
mod mounts;
mod ruled_out;

use super::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{CasProblem, Fault, KvProblem, Side};
use crate::shell;
use crate::trace::StepId;
use crate::vault::namespace::with_variable;
use denied::MountKnown;

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
        KvProblem::BodyRefused => Finding::certain(Code::VLT723)
            .because("Vault did not take what was sent: it is larger, or nested deeper, than Vault's limits for JSON allow. Nothing was written.")
            .remedy(
                Where::Here,
                "keep it in several secrets or fields; the limits (max_json_…) are of Vault's listener",
                None,
                None,
            ),
        KvProblem::CheckAndSet { problem, current } => check_and_set(*problem, *current, path),
        KvProblem::NoSecret { asked: None, mount } => absent::no_secret(fault, *mount, evidence),
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
        KvProblem::NoEngine => absent::no_engine(fault, evidence),
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
        KvProblem::Upgrading => Finding::certain(Code::VLT717).remedy(
            Where::Here,
            "wait a little, then try again: the engine comes back by itself",
            None,
            None,
        ),
        KvProblem::TokenInvalid | KvProblem::TokenRefused => {
            refused_token(problem, fault, evidence)
        }
        KvProblem::Denied { .. } => denied::explain(fault, MountKnown::Yes, evidence),
        KvProblem::DeniedOrNoMount => denied::explain(fault, MountKnown::No, evidence),
    };
    let finding = ruled_out::with_ruled_out(finding, problem, fault, evidence);
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

fn refused_token(problem: &KvProblem, fault: &Fault, evidence: &Evidence) -> Finding {
    if let Some(uses) = evidence.seen.token_uses {
        return spent(uses, problem, evidence);
    }
    let finding = Finding::likely(Code::VLT701, other_causes(problem));
    if !evidence.foreign_token {
        return finding;
    }
    if fault.step == StepId::Write {
        return finding.remedy(
            Where::Here,
            "log in again with an identity that may write; the token that VAULT_TOKEN or the store holds is used",
            Some("vault login".to_owned()),
            None,
        );
    }
    finding.remedy(
        Where::Here,
        "leave the old token out of it and log in through AWS",
        Some(shell::command([
            "vaultiam",
            "get",
            &fault.target,
            "--token-source",
            "aws",
        ])),
        None,
    )
}

/// The login gave a token for so many uses, and each read takes one.
fn spent(uses: u64, problem: &KvProblem, evidence: &Evidence) -> Finding {
    let vault = &evidence.settings.vault;
    let role = format!("auth/{}/role/{}", vault.auth_mount, vault.auth_role);
    let others = other_causes(problem).iter().copied();
    let others: Vec<Code> = [Code::VLT701]
        .into_iter()
        .chain(others.filter(|code| *code != Code::VLT720))
        .collect();
    Finding::likely(Code::VLT720, &others)
        .fact("vault", "num_uses", uses.to_string())
        .remedy(
            Where::Vault,
            "let the tokens of the role be used more often; 0 is without a limit",
            Some(with_variable(
                vault.namespace.as_deref(),
                shell::command(["vault", "write", &role, "token_num_uses=0"]),
            )),
            Some(&format!("update on {role}")),
        )
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(parent, _)| parent)
}

#[cfg(test)]
mod tests;
