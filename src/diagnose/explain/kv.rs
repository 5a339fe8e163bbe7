//! A secret was not read.

use super::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, KvProblem};
use crate::shell;

pub(super) fn explain(problem: &KvProblem, fault: &Fault, evidence: &Evidence) -> Finding {
    let path = &fault.target;
    let capabilities = Some(shell::command([
        "vault",
        "token",
        "capabilities",
        &fault.operation,
    ]));
    let finding = match problem {
        KvProblem::NoSecret { asked: None } => Finding::likely(Code::VLT707, &[Code::VLT714]).remedy(
            Where::Vault,
            "see what lies beside it",
            Some(shell::command(["vault", "kv", "list", parent(path)])),
            Some("list on the parent's metadata"),
        ),
        KvProblem::NoSecret { asked: Some(version) } => Finding::likely(Code::VLT711, &[Code::VLT707])
            .fact("command line", "version", version.to_string())
            .remedy(
                Where::Vault,
                "see which versions there are",
                Some(shell::command(["vault", "kv", "metadata", "get", path])),
                Some("read on the metadata"),
            ),
        KvProblem::NoField { present } => Finding::certain(Code::VLT708).fact("vault", "fields", present.join(", ")),
        KvProblem::Deleted { time } => Finding::certain(Code::VLT709)
            .fact("vault", "deletion_time", time)
            .remedy(
                Where::Vault,
                "read another version, or bring this one back",
                Some(shell::command(["vault", "kv", "metadata", "get", path])),
                Some("read on the metadata"),
            ),
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
        KvProblem::V2PathOnV1 => Finding::certain(Code::VLT714).remedy(
            Where::Here,
            "the engine is of version 1: leave out --kv-version, or set it to 1, and no data/ in the path",
            Some(shell::command(["vaultiam", "get", path])),
            None,
        ),
        KvProblem::DoubledPrefix => Finding::likely(Code::VLT715, &[Code::VLT707]),
        KvProblem::NotKv { kind } => Finding::certain(Code::VLT718).fact("vault", "type", kind),
        KvProblem::TokenInvalid => token_invalid(evidence),
        KvProblem::Denied { .. } => Finding::likely(Code::VLT702, &[Code::VLT703, Code::VLT706, Code::VLT704, Code::VLT705])
            .would_decide("sys/capabilities-self", &fault.operation)
            .remedy(
                Where::Vault,
                "see what this token may do there",
                capabilities,
                None,
            ),
        KvProblem::DeniedOrNoMount => Finding::likely(Code::VLT722, &[Code::VLT702, Code::VLT712, Code::VLT703])
            .would_decide("read", "sys/mounts")
            .remedy(
                Where::Vault,
                "with a token that may: see whether the mount is there",
                Some("vault secrets list".to_owned()),
                Some("read on sys/mounts"),
            ),
    };
    finding
        .fact("vault", "asked", &fault.operation)
        .fact("vault", "said", &fault.message)
}

fn token_invalid(evidence: &Evidence) -> Finding {
    let finding = Finding::likely(Code::VLT701, &[Code::VLT720]);
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
