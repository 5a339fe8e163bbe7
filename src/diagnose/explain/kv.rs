//! A secret was not read.

mod absent;
mod beyond;
mod denied;
mod form;
mod mounts;
mod ruled_out;
mod value;

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
        KvProblem::NoSecret { .. } if fault.step == StepId::Write => Finding::certain(Code::VLT707)
            .remedy(
                Where::Here,
                "there is nothing to merge into: write the whole secret, without --patch",
                Some(put_again(path, &[])),
                None,
            ),
        KvProblem::VersionUnseen => version_unseen(path),
        KvProblem::OtherVersion { set } => form::other_version(*set, fault),
        KvProblem::NoName => {
            Finding::certain(Code::CFG906).because("The path names an engine, and no secret in it.")
        }
        KvProblem::NeedsVersionTwo => form::no_versions(fault),
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
        KvProblem::NoSecret {
            asked: Some(version),
            ..
        } => value::no_version(*version, fault, evidence),
        KvProblem::NoField { asked, present } => value::no_field(asked, present, fault),
        KvProblem::Deleted { time, version } => value::deleted(time, *version, fault, evidence),
        KvProblem::Destroyed => value::destroyed(fault, evidence),
        KvProblem::NoEngine => absent::no_engine(fault, evidence),
        KvProblem::V1PathOnV2 => form::of_version_one(fault),
        KvProblem::V2PathOnV1 { meant } => form::of_version_two(meant, fault),
        KvProblem::DoubledPrefix { part, meant } => form::doubled(part, meant, fault),
        KvProblem::NotKv { kind } => form::not_kv(kind, fault, evidence),
        KvProblem::Upgrading => Finding::certain(Code::VLT717).remedy(
            Where::Here,
            "wait a little, then try again: the engine comes back by itself",
            None,
            None,
        ),
        KvProblem::TokenInvalid | KvProblem::TokenRefused | KvProblem::TokenUnplaced => {
            refused_token(problem, fault, evidence)
        }
        KvProblem::Denied { .. } => denied::explain(fault, MountKnown::Yes, evidence),
        KvProblem::DeniedOrNoMount => denied::explain(fault, MountKnown::No, evidence),
        KvProblem::SentinelDenied(policy) => beyond::sentinel(policy, fault),
        KvProblem::Wrapped => beyond::wrapped(fault, evidence),
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
    Finding::likely(Code::VLT722, &[Code::VLT702, Code::VLT712, Code::VLT704])
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
            Some(put_again(path, &["--kv-version", "2"])),
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
                Some(put_again(path, &["--cas", &current.to_string()])),
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

/// The command that writes the secret, with more flags.
fn put_again(path: &str, flags: &[&str]) -> String {
    let words = ["vaultiam", "put", path, "FIELD=@FILE"].into_iter();
    shell::command(words.chain(flags.iter().copied()))
}

fn metadata_command(path: &str) -> String {
    shell::command(["vault", "kv", "metadata", "get", path])
}

/// What else than a dead token has the same words.
pub(super) fn other_causes(problem: &KvProblem) -> &'static [Code] {
    match problem {
        KvProblem::TokenRefused => &[Code::VLT720, Code::VLT617, Code::VLT619],
        KvProblem::TokenUnplaced => &[Code::VLT522],
        _ => &[Code::VLT720],
    }
}

fn refused_token(problem: &KvProblem, fault: &Fault, evidence: &Evidence) -> Finding {
    if let Some(uses) = evidence.seen.token_uses {
        return spent(uses, problem, evidence);
    }
    let finding = Finding::likely(Code::VLT701, other_causes(problem));
    let finding = match problem {
        KvProblem::TokenUnplaced if !evidence.foreign_token => return behind(),
        KvProblem::TokenUnplaced => finding.because(UNPLACED),
        _ => finding,
    };
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

/// What it means that Vault does not find the namespace of a token.
pub(super) const UNPLACED: &str = "The token ends in the mark of a namespace that this Vault does not have: it is mangled, or it belongs to another Vault.";

/// The token was given a moment ago, so its namespace is there.
fn behind() -> Finding {
    Finding::likely(Code::VLT522, &[Code::VLT519, Code::VLT701])
        .because("The login gave the token a moment ago, and the node that was asked next does not know its namespace: it has not caught up, or it is of another cluster.")
        .remedy(
            Where::Here,
            "wait a moment and try again; let the load balancer keep a client on one node",
            None,
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
