//! The login did not get as far as a role, or may not come from here: a bare 403,
//! and what other methods answer. Anybody may ask what is mounted there.

use super::case;
use crate::diagnose::again::Again;
use crate::diagnose::auth_mounts::{self, is_aws};
use crate::diagnose::explain::Evidence;
use crate::diagnose::looks::{LoginKind, Look, Rights};
use crate::diagnose::{Code, Finding, Where};
use crate::shell;
use crate::vault::login_refusal::Unrouted;
use crate::vault::namespace;

/// The finding where another method answers, or none. `None` where an aws method
/// is there, or nothing was seen, or the status is none of theirs.
pub(super) fn no_aws_method(status: Option<u16>, evidence: &Evidence) -> Option<Finding> {
    let is_refused_unheard = matches!(status, Some(403..=405));
    if !is_refused_unheard && !matches!(status, Some(400 | 500)) {
        return None;
    }
    let (kind, rights) = evidence.looks.vault.login_kind.seen_with()?;
    let path = format!("auth/{}/login", evidence.settings.vault.auth_mount);
    match kind {
        LoginKind::Aws => None,
        LoginKind::Other(shown) => {
            Some(other_method(evidence).fact_with(rights, &path, "is another method's", shown))
        }
        // A gateway may keep others from asking, and let logins through.
        LoginKind::Nothing if !is_refused_unheard => None,
        LoginKind::Nothing => Some(nothing(&[Code::VLT602], evidence).fact_with(
            rights,
            &path,
            "without a token",
            "no aws method answers here",
        )),
    }
}

/// Vault took the login for an ordinary request, and says so: whatever comes later,
/// addresses and entities, had no part in it.
pub(super) fn unrouted(how: Unrouted, evidence: &Evidence) -> Finding {
    match how {
        Unrouted::NothingMounted => nothing(&[], evidence),
        Unrouted::TokenWanted => nothing(&[Code::VLT602], evidence),
        // What is mounted may be longer or shorter than what was asked.
        Unrouted::NoLogin => elsewhere(
            Finding::likely(Code::VLT602, &[Code::VLT601])
                .not_seen(evidence.looks.vault.auth_mounts.missing("read", "sys/auth")),
            evidence,
        ),
    }
}

/// A bare 403, where an aws method is there or nobody looked.
pub(super) fn denied(evidence: &Evidence) -> Finding {
    match &evidence.looks.vault.login_kind {
        Look::Seen { with, .. } => kept_out(evidence).fact_with(
            with,
            &format!("auth/{}/login", evidence.settings.vault.auth_mount),
            "without a token",
            "an aws method answers here",
        ),
        Look::NotMade | Look::Refused(_) => unseen(evidence),
    }
}

/// Another method stands at this path.
fn other_method(evidence: &Evidence) -> Finding {
    let mount = &evidence.settings.vault.auth_mount;
    let finding = Finding::certain(Code::VLT602);
    let finding = match kind_at(evidence) {
        Some((kind, rights)) => finding
            .because(format!(
                "At auth/{mount} stands the method {kind}. It cannot check an AWS login."
            ))
            .fact_with(rights, "sys/auth", "type", kind),
        None => finding,
    };
    elsewhere(finding, evidence)
}

/// Nothing with a login is seen there. `others` are what it could be beside an
/// absent mount or namespace.
fn nothing(others: &[Code], evidence: &Evidence) -> Finding {
    let vault = &evidence.settings.vault;
    let mounts = &evidence.looks.vault.auth_mounts;
    let Some((all, rights)) = mounts.seen_with() else {
        let finding = if is_hosted(evidence) && vault.namespace.is_none() {
            Finding::likely(Code::VLT515, &[&[Code::VLT601], others].concat())
        } else {
            let others = namespaces_or(evidence, others);
            if others.is_empty() {
                Finding::certain(Code::VLT601)
            } else {
                Finding::likely(Code::VLT601, &others)
            }
        };
        return elsewhere(
            finding.not_seen(mounts.missing("read", "sys/auth")),
            evidence,
        );
    };
    match kind_at(evidence) {
        Some((kind, _)) if is_aws(kind) => Finding::likely(
            Code::VLT631,
            &[Code::VLT510, Code::VLT617, Code::VLT619],
        )
        .because("An aws method is mounted at this path, and yet Vault, or a gateway before it, refuses without a word to say why.")
        .fact_with(rights, "sys/auth", "type", kind),
        Some(_) => other_method(evidence),
        None => {
            let listed: Vec<String> = all.keys().map(|path| format!("auth/{path}")).collect();
            let place = match namespace::canonical(vault.namespace.as_deref()) {
                "" => String::new(),
                name => format!(" in the namespace '{name}'"),
            };
            let others = namespaces_or(evidence, &[]);
            let finding = if others.is_empty() {
                Finding::certain(Code::VLT601)
            } else {
                Finding::likely(Code::VLT601, &others).not_seen(
                    evidence.looks.vault.namespaces.missing("list", "sys/namespaces"),
                )
            };
            let finding = finding
                .because(format!("Nothing is mounted at auth/{}{place}.", vault.auth_mount))
                .fact_with(rights, "sys/auth", "mounted", listed.join(", "));
            let finding = match evidence.looks.vault.namespaces.seen_with() {
                Some((names, rights)) if !names.is_empty() => {
                    finding.fact_with(rights, "sys/namespaces", "below", names.join(", "))
                }
                _ => finding,
            };
            elsewhere(finding, evidence)
        }
    }
}

/// What to do about it.
fn elsewhere(finding: Finding, evidence: &Evidence) -> Finding {
    let mounts = &evidence.looks.vault.auth_mounts;
    auth_mounts::elsewhere(finding, mounts, &evidence.settings.vault, Again::Login)
}

/// An aws method is there: STS has confirmed the caller by then, and it is the
/// address or the entity that is refused.
fn kept_out(evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let looks = &evidence.looks.vault;
    let entity = looks.entity.present();
    let is_disabled = entity.map(|entity| entity.disabled);
    let missing_entity = || looks.entity.missing("update", "identity/lookup/entity");
    let Some((role, rights)) = case::vault_role(evidence) else {
        let finding = match is_disabled {
            Some(true) => Finding::likely(Code::VLT619, &[Code::VLT617]),
            _ => Finding::likely(Code::VLT617, &[Code::VLT619]),
        };
        return finding
            .not_seen(looks.auth_role.missing("read", &path))
            .remedy(
                Where::Vault,
                "see whether token_bound_cidrs holds the address that Vault sees",
                Some(shell::command(["vault", "read", &path])),
                Some(&format!("read on {path}")),
            );
    };
    let cidrs = role.bound_cidrs();
    match (cidrs.is_empty(), is_disabled) {
        (true, Some(true)) => disabled(Finding::certain(Code::VLT619), evidence),
        (true, None) => disabled(
            Finding::likely(Code::VLT619, &[Code::VLT631]).not_seen(missing_entity()),
            evidence,
        ),
        (true, Some(false)) => Finding::likely(Code::VLT631, &[Code::VLT510, Code::VLT619]),
        (false, Some(false)) => bound(Finding::certain(Code::VLT617), &cidrs, rights, evidence),
        (false, Some(true)) => disabled(
            bound(
                Finding::likely(Code::VLT617, &[Code::VLT619]),
                &cidrs,
                rights,
                evidence,
            ),
            evidence,
        ),
        // Nobody of this role came in before, so there is no entity to be disabled.
        (false, None) if looks.entity.is_absent() => {
            bound(Finding::certain(Code::VLT617), &cidrs, rights, evidence)
        }
        (false, None) => bound(
            Finding::likely(Code::VLT617, &[Code::VLT619]).not_seen(missing_entity()),
            &cidrs,
            rights,
            evidence,
        ),
    }
}

fn bound(finding: Finding, cidrs: &[&str], rights: &Rights, evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let ranges = cidrs.join(",");
    let finding = finding.fact_with(rights, &path, "token_bound_cidrs", cidrs.join(", "));
    let (finding, address) = match evidence.looks.vault.own_address.seen_with() {
        Some((address, rights)) => (
            finding.fact_with(rights, "this machine", "address towards vault", address),
            address.as_str(),
        ),
        None => (finding, "ADDRESS"),
    };
    let length = if address.contains(':') { 128 } else { 32 };
    finding
        .remedy(
            Where::Here,
            "log in from an address in these ranges, as Vault sees it: NAT and load balancers change it",
            None,
            None,
        )
        .remedy(
            Where::Vault,
            "or add this machine's address, beside those that are bound; behind NAT it is another, which Vault's audit log has as remote_address",
            Some(case::write_role(
                evidence,
                &[format!("token_bound_cidrs={ranges},{address}/{length}")],
            )),
            Some(&format!("update on {path}")),
        )
}

fn disabled(finding: Finding, evidence: &Evidence) -> Finding {
    let Some((Some(entity), rights)) = evidence.looks.vault.entity.seen_with() else {
        return finding.remedy(
            Where::Vault,
            "see whether the entity of this login is disabled",
            Some("vault list -detailed identity/entity-alias/id".to_owned()),
            Some("list on identity/entity-alias/id"),
        );
    };
    let path = format!("identity/entity/id/{}", entity.id);
    finding
        .fact_with(rights, &path, "disabled", entity.disabled.to_string())
        .remedy(
            Where::Vault,
            "find out who disabled it and why; then let it in again",
            Some(case::write(&path, &["disabled=false".to_owned()])),
            Some(&format!("update on {path}")),
        )
}

/// Nobody looked what is mounted there.
fn unseen(evidence: &Evidence) -> Finding {
    let vault = &evidence.settings.vault;
    let codes = [Code::VLT601, Code::VLT617, Code::VLT602, Code::VLT619];
    let alternatives = match &vault.namespace {
        Some(_) => [&[Code::VLT515][..], &codes].concat(),
        None => codes.to_vec(),
    };
    let help = format!(
        "{}/v1/{}auth/{}/login?help=1",
        vault.address,
        namespace::below(None, vault.namespace.as_deref()).unwrap_or_default(),
        vault.auth_mount
    );
    Finding::likely(Code::VLT631, &alternatives)
        .fact("settings", "vault.auth_mount", &vault.auth_mount)
        .not_seen(evidence.looks.vault.login_kind.missing("GET", &help))
        .remedy(
            Where::Here,
            "see whether an aws auth method is mounted there; no token is needed, and 403 means that none is",
            Some(shell::command(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", &help])),
            None,
        )
}

/// The type of what is mounted at the login's path, if it was seen.
fn kind_at(evidence: &Evidence) -> Option<(&str, &Rights)> {
    let (mounts, rights) = evidence.looks.vault.auth_mounts.seen_with()?;
    let kind = mounts.get(&evidence.settings.vault.auth_mount)?;
    Some((kind, rights))
}

/// Whether the wrong namespace could be asked: where there are some, or it is not
/// known that there are none.
fn namespaces_or(evidence: &Evidence, others: &[Code]) -> Vec<Code> {
    let is_possible = match evidence.looks.vault.namespaces.seen() {
        // Whoever may list them has them all; with none, nothing can be wrong.
        Some(names) => !names.is_empty(),
        None => true,
    };
    let named = evidence.settings.vault.namespace.is_some();
    let is_read = evidence.looks.vault.auth_mounts.seen().is_some();
    let mut codes = others.to_vec();
    // What could be read in the namespace that was named is in a namespace that is there.
    if is_possible && !(named && is_read) {
        codes.push(Code::VLT515);
    }
    codes
}

/// HCP Vault has no root namespace for its customers.
fn is_hosted(evidence: &Evidence) -> bool {
    let address = url::Url::parse(&evidence.settings.vault.address).ok();
    let host = address.and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| host.ends_with(".hashicorp.cloud"))
}
