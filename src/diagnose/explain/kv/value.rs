//! The secret is there, and not what was asked of it: a field, or a version.

use super::{metadata_command, put_again};
use crate::diagnose::explain::Evidence;
use crate::diagnose::looks::Rights;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::settings::file::closest;
use crate::shell;
use crate::vault::kv::Location;

/// The secret has no field of this name.
pub(super) fn no_field(asked: &str, present: &[String], fault: &Fault) -> Finding {
    let path = &fault.target;
    let names: Vec<&str> = present.iter().map(String::as_str).collect();
    let finding = Finding::certain(Code::VLT708)
        .fact("command line", "field", asked)
        .fact("vault", "fields", present.join(", "));
    let same = names.iter().find(|name| name.eq_ignore_ascii_case(asked));
    let meant = same.copied().or_else(|| closest(asked, &names));
    let (text, meant) = match (meant, names.as_slice()) {
        (Some(meant), _) => ("did you mean this one?", Some(meant)),
        (None, [only]) => ("it has this one", Some(*only)),
        (None, []) => ("it has none at all", None),
        (None, _) => ("name one that it has", None),
    };
    let command = meant.map(|name| shell::command(["vaultiam", "get", path, "-f", name]));
    let finding = finding.remedy(Where::Here, text, command, None);
    if Location::of_version_two(&fault.operation, path).is_none() {
        return finding;
    }
    finding.remedy(
        Where::Here,
        "or add it, and keep the others",
        Some(shell::command([
            "vaultiam",
            "put",
            "--patch",
            path,
            &format!("{asked}=@FILE"),
        ])),
        Some("update and read on the secret"),
    )
}

/// This version was deleted and can come back.
pub(super) fn deleted(time: &str, version: u64, fault: &Fault, evidence: &Evidence) -> Finding {
    let versions = format!("-versions={version}");
    let path = &fault.target;
    let finding = Finding::certain(Code::VLT709)
        .fact("vault", "version", version.to_string())
        .fact("vault", "deletion_time", time)
        .remedy(
            Where::Vault,
            "bring it back",
            Some(shell::command(["vault", "kv", "undelete", &versions, path])),
            Some("update on the engine's undelete/ path"),
        );
    with_living(finding, "or read", fault, evidence)
}

/// This version is gone for good.
pub(super) fn destroyed(fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = with_living(Finding::certain(Code::VLT710), "read", fault, evidence);
    finding.remedy(
        Where::Here,
        "or write the secret anew, from where it came",
        Some(put_again(&fault.target, &[])),
        Some("create and update on the secret"),
    )
}

/// The secret has no version of this number, or there is no secret.
pub(super) fn no_version(version: u64, fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = match versions(fault, evidence) {
        Some(_) => Finding::certain(Code::VLT711),
        None => Finding::likely(Code::VLT711, &[Code::VLT707]),
    };
    let finding = finding.fact("command line", "version", version.to_string());
    with_living(finding, "read", fault, evidence)
}

/// The versions of the secret that can be read, if they were seen.
fn versions<'a>(fault: &Fault, evidence: &'a Evidence) -> Option<(&'a Vec<u64>, &'a Rights)> {
    let looks = &evidence.looks.vault.versions;
    looks.get(&fault.target)?.seen_with()
}

/// Names the newest version that can be read, or how it is found.
fn with_living(finding: Finding, verb: &str, fault: &Fault, evidence: &Evidence) -> Finding {
    let path = &fault.target;
    let metadata = format!("metadata of {path}");
    let Some((living, rights)) = versions(fault, evidence) else {
        return finding.remedy(
            Where::Vault,
            format!("{verb} another version (PATH@N); see which there are"),
            Some(metadata_command(path)),
            Some("read on the metadata"),
        );
    };
    let Some(newest) = living.last() else {
        return finding.fact_with(rights, &metadata, "living versions", "none");
    };
    let numbers: Vec<String> = living.iter().map(u64::to_string).collect();
    finding
        .fact_with(rights, &metadata, "living versions", numbers.join(", "))
        .remedy(
            Where::Here,
            format!("{verb} the newest version that there is"),
            Some(shell::command([
                "vaultiam",
                "get",
                &format!("{path}@{newest}"),
            ])),
            None,
        )
}
