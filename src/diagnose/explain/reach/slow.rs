//! Vault has answered in this run, so the way to it is open, and then one answer did
//! not come in time.

use std::time::Duration;

use super::{Asked, login_again};
use crate::diagnose::{Code, Finding, Where};
use crate::shell;
use crate::trace::StepId;

/// So long does Vault try to reach STS during a login, and then says why it failed.
const VAULT_TRIES: Duration = Duration::from_secs(90);

/// Time enough to hear it.
pub(super) const ENOUGH: &str = "100s";

pub(super) fn after_health(asked: &Asked<'_>) -> Finding {
    let limit = asked.evidence.settings.vault.connection.timeout;
    if asked.fault.step != StepId::Login {
        return Finding::likely(Code::VLT503, &[Code::VLT519])
            .because("Vault has answered a moment ago, so the way to it is open; this request brought no answer before the time limit. The node hangs, or something in between holds the answer back.")
            .remedy(
                Where::Here,
                "see whether it still answers, and how fast",
                Some(asked.health(&["--max-time", "5"])),
                None,
            )
            .remedy(
                Where::Vault,
                "on Vault's server: its log has what it works on",
                Some(LOG.to_owned()),
                None,
            );
    }
    if limit.is_none_or(|limit| limit > VAULT_TRIES) {
        return Finding::likely(Code::VLT519, &[Code::VLT503, Code::VLT620])
            .because("Vault's health answered, so the way to it is open; the login brought no answer. By now Vault has given up on STS by itself and says so, if it still works: it hangs in something else, or what stands between holds its answer back.")
            .remedy(
                Where::Vault,
                "on Vault's server: its log has what it waited for",
                Some(LOG.to_owned()),
                None,
            );
    }
    let finding = Finding::likely(Code::VLT503, &[Code::VLT620, Code::VLT519])
        .because("Vault's health answered, so the way to it is open; the login brought no answer before the time limit. During a login Vault asks STS, and tries so for up to 90 seconds before it says why it failed.")
        .remedy(
            Where::Here,
            "give Vault the time to say what it waits for",
            Some(login_again(&["--timeout", ENOUGH])),
            None,
        );
    way_to_sts(finding, asked)
}

const LOG: &str = "sudo journalctl -u vault --since '10 minutes ago'";

/// The command that shows with which status a URL answers.
pub(in crate::diagnose::explain) fn status_of(url: &str) -> String {
    let quietly = ["curl", "-sS", "-m", "10", "-o", "/dev/null"];
    let with_status = ["-w", "%{http_code}", url];
    shell::command(quietly.into_iter().chain(with_status))
}

/// Says how Vault's own way to STS is tried.
pub(super) fn way_to_sts(finding: Finding, asked: &Asked<'_>) -> Finding {
    let Some((_, url)) = &asked.evidence.seen.signed_for else {
        return finding;
    };
    finding.remedy(
        Where::Vault,
        "or see, on Vault's server, whether STS answers it",
        Some(status_of(url)),
        None,
    )
}
