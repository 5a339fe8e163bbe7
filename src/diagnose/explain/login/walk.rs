//! Vault's words cannot be read. What was seen is held against its checks, in
//! their order: the first that cannot have passed is the likely one.

use super::{binding, case, instance, role};
use crate::diagnose::binding::{Binding, Reason, binding as judge};
use crate::diagnose::explain::Evidence;
use crate::diagnose::looks::ServerId;
use crate::diagnose::{Code, Confidence, Finding};

/// The likeliest cause, by what was seen.
pub(super) fn explain(evidence: &Evidence) -> Finding {
    let finding = by_server_id(evidence).or_else(|| by_role(evidence));
    let Some(finding) = finding else {
        let path = case::role_path(evidence);
        return Finding::likely(
            Code::VLT631,
            &[
                Code::VLT605,
                Code::VLT603,
                Code::VLT604,
                Code::SIG407,
                Code::SIG401,
            ],
        )
        .not_seen(evidence.looks.vault.auth_role.missing("read", &path));
    };
    // It could not have passed, but another check may have come before.
    Finding {
        confidence: Confidence::Likely,
        alternatives: vec![Code::VLT631],
        ..finding
    }
}

fn by_server_id(evidence: &Evidence) -> Option<Finding> {
    let ServerId::Wanted(wanted) = evidence.looks.vault.server_id.seen()? else {
        return None;
    };
    let own = &evidence.settings.vault.server_id;
    match own {
        None => Some(Finding::certain(Code::SIG407)),
        Some(_) if wanted.is_some() && wanted != own => Some(Finding::certain(Code::SIG408)),
        Some(_) => None,
    }
}

fn by_role(evidence: &Evidence) -> Option<Finding> {
    if evidence.looks.vault.auth_role.is_absent() {
        return Some(role::absent(evidence));
    }
    let (vault_role, _) = case::vault_role(evidence)?;
    let who = case::principal(None, evidence)?;
    match judge(vault_role, &who) {
        Binding::Refused(mismatch) => Some(match mismatch.reason {
            Reason::TypeEc2 => role::is_ec2(evidence),
            Reason::NoInstance => instance::no_instance(evidence),
            _ => binding::not_bound(None, evidence),
        }),
        Binding::Bound(_) | Binding::Undecided(_) => {
            let forbidden = vault_role.token_policies().contains(&"root");
            forbidden.then(|| role::forbidden_policy(Some("root"), evidence))
        }
    }
}
