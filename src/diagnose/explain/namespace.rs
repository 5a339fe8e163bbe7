//! Namespaces: one that is not there, and commands that must be run in one.

use super::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::settings::{Id, Settings};
use crate::shell;
use crate::trace::StepId;
use crate::vault::namespace::{canonical, parent, with_variable};

/// There is no namespace of the name that was asked in.
pub(super) fn unknown(fault: &Fault, evidence: &Evidence) -> Finding {
    let settings = &evidence.settings;
    let name = canonical(asked_in(fault, settings));
    let is_kv_setting = is_about_secrets(fault) && settings.origins.contains_key(&Id::KvNamespace);
    let (setting, flag) = if is_kv_setting {
        ("kv.namespace", "--kv-namespace")
    } else {
        ("vault.namespace", "--namespace")
    };
    let list = shell::command(["vault", "namespace", "list"]);
    let finding = Finding::certain(Code::VLT515)
        .because(format!("There is no namespace '{name}'."))
        .fact("settings", setting, name)
        .fact("vault", "said", &fault.message)
        .remedy(
            Where::Here,
            format!("name one that is there: {flag}, or {setting} in the settings file"),
            None,
            None,
        )
        .remedy(
            Where::Vault,
            "see which there are",
            Some(with_variable(parent(Some(name)), list)),
            Some("list on sys/namespaces"),
        );
    if !matches!(fault.step, StepId::Observe | StepId::Change) {
        return finding;
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let create = shell::command(["vault", "namespace", "create", last]);
    finding.remedy(
        Where::Vault,
        "or make it first: setup makes none",
        Some(with_variable(parent(Some(name)), create)),
        Some("create on sys/namespaces"),
    )
}

/// Has the remedies' commands run where the request was refused: a command of
/// Vault's that names no namespace runs in the root, or where a variable says.
pub(super) fn with_namespace(mut finding: Finding, fault: &Fault, settings: &Settings) -> Finding {
    for remedy in &mut finding.remedies {
        if let Some(command) = &mut remedy.command
            && is_run_in_a_namespace(command)
        {
            *command = with_variable(asked_in(fault, settings), std::mem::take(command));
        }
    }
    finding
}

/// The namespace that a request was sent to.
fn asked_in<'a>(fault: &Fault, settings: &'a Settings) -> Option<&'a str> {
    let namespace = if is_about_secrets(fault) {
        &settings.kv.namespace
    } else {
        &settings.vault.namespace
    };
    namespace.as_deref()
}

/// Secrets and their engine may lie in another namespace than the login.
fn is_about_secrets(fault: &Fault) -> bool {
    matches!(fault.step, StepId::Read | StepId::Write) || fault.operation.starts_with("sys/mounts")
}

/// Initialising, unsealing and the audit log concern the whole server, who logs in as
/// an operator may be at home elsewhere, and a namespace is made in the one above.
pub(in crate::diagnose) fn is_run_in_a_namespace(command: &str) -> bool {
    let mut words = command.split_whitespace();
    words.next() == Some("vault")
        && !matches!(
            words.next(),
            Some("operator" | "login" | "status" | "audit" | "namespace")
        )
}
