//! Vault refused the login. One text can have many causes, and what STS or IAM
//! said to Vault may stand inside it.

mod binding;
mod case;
mod crash;
mod door;
mod instance;
mod may_not_look;
mod meant;
mod region;
mod request;
mod role;
mod ruled_out;
mod through_iam;
mod through_sts;
mod vaults_identity;
mod walk;
mod way_to_sts;

use super::{Evidence, reach};
use crate::diagnose::{Code, Finding, Where, auth_mounts};
use crate::fault::{Fault, Side};
use crate::vault::login_refusal::{self, LoginRefusal};

pub(super) use crash::{crashed, cut_off, is_crashing_version, without_token};

pub(super) fn explain(fault: &Fault, evidence: &Evidence) -> Finding {
    let mut finding = cause(fault, evidence).fact("vault", "said", &fault.message);
    if let Some(who) = evidence
        .seen
        .session
        .as_ref()
        .or(evidence.seen.caller.as_ref())
    {
        finding = finding.fact("sts", "logged in as", who);
    }
    ruled_out::with_ruled_out(finding, evidence)
}

fn cause(fault: &Fault, evidence: &Evidence) -> Finding {
    let refusal = login_refusal::read(&fault.message, &evidence.settings.vault.auth_role);
    if fault.status == Some(200) {
        return second_factor(evidence);
    }
    if login_refusal::is_crash(fault.status, &fault.message) {
        return crashed(evidence);
    }
    // The instance that has no profile is told with 500, as an error of Vault's.
    if refusal == Some(LoginRefusal::InstanceNotBound) {
        return instance::not_bound(&fault.message, evidence);
    }
    if let Some(finding) = door::no_aws_method(fault.status, evidence) {
        return finding;
    }
    if fault.status == Some(403) {
        return door::denied(evidence);
    }
    if let Some(state) = reach::server_state(fault, evidence) {
        return state;
    }
    match fault.side {
        Side::StsViaVault => through_sts::explain(fault, refusal.as_ref(), evidence),
        Side::IamViaVault => through_iam::explain(fault, refusal.as_ref(), evidence),
        _ => by_vault(fault, refusal, evidence),
    }
}

/// Vault's own refusals.
fn by_vault(fault: &Fault, refusal: Option<LoginRefusal>, evidence: &Evidence) -> Finding {
    let Some(refusal) = refusal else {
        return unread(fault, evidence);
    };
    match refusal {
        LoginRefusal::NotBound { principal } => binding::not_bound(Some(&principal), evidence),
        LoginRefusal::Unrouted(how) => door::unrouted(how, evidence),
        LoginRefusal::NoRole => role::absent(evidence),
        LoginRefusal::RoleIsEc2 => role::is_ec2(evidence),
        LoginRefusal::UnknownRegion => region::unknown(evidence),
        LoginRefusal::ServerId(problem) => request::server_id(&problem, evidence),
        LoginRefusal::HeaderNotAllowed { name } => request::header(&name, evidence),
        LoginRefusal::Malformed => request::malformed(),
        LoginRefusal::PrincipalKind { principal } => {
            role::unbindable(principal.as_deref(), evidence)
        }
        LoginRefusal::InstanceUnseen(told) => instance::unseen(&told, evidence),
        LoginRefusal::InstanceNotBound => instance::not_bound(&fault.message, evidence),
        LoginRefusal::PolicyOfNoLogin { policy } => {
            role::forbidden_policy(policy.as_deref(), evidence)
        }
        LoginRefusal::StsUnusable(_) => through_sts::explain(fault, Some(&refusal), evidence),
        LoginRefusal::LookUp { .. } => through_iam::explain(fault, Some(&refusal), evidence),
    }
}

/// Words that nobody has seen. Whatever they are: where the id that was sent is
/// quoted, they are about it.
fn unread(fault: &Fault, evidence: &Evidence) -> Finding {
    let quotes_ours = |id: &String| fault.message.contains(&format!("\"{id}\""));
    let own_id = evidence.settings.vault.server_id.as_ref();
    if own_id.is_some_and(quotes_ours) {
        return Finding::likely(Code::SIG408, &[Code::VLT631]);
    }
    walk::explain(evidence)
}

/// Vault accepted the login and wants more.
fn second_factor(evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT618).remedy(
        Where::Vault,
        "see which rule demands it, and leave this mount out of the rule",
        Some("vault list identity/mfa/login-enforcement".to_owned()),
        Some("list on identity/mfa/login-enforcement"),
    );
    auth_mounts::its_own(
        finding,
        Where::Here,
        "or give Kong a mount of its own that the rule does not cover",
        &evidence.settings.vault,
    )
}

#[cfg(test)]
mod tests;
