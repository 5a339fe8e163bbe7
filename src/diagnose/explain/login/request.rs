//! Vault refuses the request before it asks STS: the server id, a header that is
//! not allowed, the form of it all.

use super::case;
use crate::diagnose::explain::Evidence;
use crate::diagnose::looks::ServerId;
use crate::diagnose::{Code, Finding, Where, auth_mounts, kept_list};
use crate::vault::login_refusal::ServerIdProblem;

pub(super) fn server_id(problem: &ServerIdProblem, evidence: &Evidence) -> Finding {
    let own = evidence.settings.vault.server_id.as_deref();
    let finding = match problem {
        ServerIdProblem::NoSignature => return malformed(),
        ServerIdProblem::NotSigned => Finding::certain(Code::SIG409),
        // An empty one counts as none.
        ServerIdProblem::Missing | ServerIdProblem::Other(_) if own.is_none() => {
            Finding::certain(Code::SIG407)
        }
        ServerIdProblem::Missing => Finding::likely(Code::SIG409, &[Code::SIG407]),
        ServerIdProblem::Other(_) => Finding::certain(Code::SIG408),
    };
    let finding = match own {
        Some(id) => finding.fact("settings", "vault.server_id", id),
        None => finding,
    };
    let told = match problem {
        ServerIdProblem::Other(Some(id)) => Some(id.as_str()),
        _ => None,
    };
    wanted(finding, told, evidence)
}

/// Names the id that is to be sent: Vault tells it, and its configuration does.
fn wanted(finding: Finding, told: Option<&str>, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let looks = &evidence.looks.vault;
    let name = "iam_server_id_header_value";
    let of_config = case::client_config(evidence)
        .map(|(fields, rights)| (case::text_of(fields, name), rights))
        .filter(|(id, _)| !id.is_empty());
    let of_door = match looks.server_id.seen_with() {
        Some((ServerId::Wanted(Some(id)), rights)) => Some((id.as_str(), rights)),
        _ => None,
    };
    let (finding, id) = match (of_config, of_door, told) {
        (Some((id, rights)), _, _) => (finding.fact_with(rights, &config, name, id), id),
        (None, Some((id, rights)), _) => (finding.fact_with(rights, "vault", "expects", id), id),
        (None, None, Some(id)) => (finding.fact("vault", "expects", id), id),
        (None, None, None) => {
            let missing = looks.client_config.missing("read", &config);
            (finding.not_seen(missing), "$SERVER_ID")
        }
    };
    let finding = finding.remedy(
        Where::Here,
        "make sure that this is the Vault you mean; then send the id that it expects",
        Some(case::login_again(&["--server-id", id])),
        None,
    );
    auth_mounts::its_own(
        finding,
        Where::Vault,
        "Kong cannot send one: give its role a mount of its own, which demands none",
        &evidence.settings.vault,
    )
}

/// What every Vault allows but the few that were to list it and did not: 1.2.6,
/// 1.3.9, 1.4.5 and 1.5.2.
const ALLOWED_BY_ALL: [&str; 8] = [
    "Host",
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// A header of AWS's is part of the request, and Vault's list does not have it.
pub(super) fn header(name: &str, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let field = "allowed_sts_header_values";
    let finding = Finding::certain(Code::SIG410).fact("vault", "refuses", name);
    let is_named = |known: &&str| known.eq_ignore_ascii_case(name);
    let (finding, text) = if ALLOWED_BY_ALL.iter().any(is_named) {
        let finding = finding.because(format!(
            "Vault's list of allowed headers does not have {name}, which a login with temporary credentials needs. Vault 1.2.6, 1.3.9, 1.4.5 and 1.5.2 left it out by mistake, and every later one has it."
        ));
        (
            finding,
            "upgrade Vault; until then allow the header beside those that are allowed",
        )
    } else if name.eq_ignore_ascii_case("X-Amz-User-Agent") {
        let finding = finding.because(
            "Vault allows X-Amz-User-Agent from 1.15 on; an older one, and OpenBao, does not.",
        );
        (
            finding,
            "let the client sign less, or upgrade Vault; where neither is possible, allow the header beside those that are allowed",
        )
    } else {
        (
            finding,
            "let the client sign less; where it cannot, allow the header beside those that are allowed",
        )
    };
    let Some((fields, rights)) = case::client_config(evidence) else {
        return finding
            .not_seen(evidence.looks.vault.client_config.missing("read", &config))
            .remedy(
                Where::Vault,
                text,
                Some(kept_list::with_item(
                    &evidence.settings.vault,
                    &config,
                    field,
                    name,
                )),
                Some(&format!("read and update on {config}")),
            );
    };
    let listed = fields.get(field).and_then(serde_json::Value::as_array);
    let listed: Vec<&str> = listed
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .collect();
    let all = [&listed[..], &[name]].concat();
    finding
        .fact_with(rights, &config, field, case::listed(&listed))
        .remedy(
            Where::Vault,
            text,
            Some(case::write(
                &config,
                &[format!("{field}={}", all.join(","))],
            )),
            Some(&format!("update on {config}")),
        )
}

/// The request is not put together as Vault wants it. This program's is, so
/// something on the way has changed it.
pub(super) fn malformed() -> Finding {
    Finding::certain(Code::SIG413).remedy(
        Where::Here,
        "see whether something stands between here and Vault that changes requests",
        Some("env | grep -i proxy".to_owned()),
        None,
    )
}
