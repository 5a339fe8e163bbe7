//! Somebody else logs in than the role that Vault binds: which one was meant, as the
//! environment of a pod or the settings have it.

use crate::aws::identity::{bare_name, role_arn};
use crate::diagnose::binding::{Principal, entry_naming, why_not_bound, words};
use crate::diagnose::explain::{Evidence, identity};
use crate::diagnose::looks::AuthRole;
use crate::diagnose::{Code, Finding};
use crate::settings::{Id, Origin};

/// Who was to log in with credentials of its own, where somebody else does.
struct Meant {
    who: Principal,
    /// By what it is known.
    by: MeantBy,
}

#[derive(PartialEq, Eq)]
enum MeantBy {
    /// The environment of a pod or a job names it, with a token for it.
    Token,
    /// The settings name it as Kong's role.
    Settings,
    /// It has the name that Kong's role has where nothing is said.
    Default,
}

fn of(who: &Principal, evidence: &Evidence) -> Option<Meant> {
    if let Some(arn) = identity::hidden(&who.arn, evidence) {
        let who = Principal::of_arn(arn, None)?;
        let by = MeantBy::Token;
        return Some(Meant { who, by });
    }
    if !is_stranger(who, evidence) {
        return None;
    }
    let kong = &evidence.settings.aws.kong_role;
    let arn = role_arn(&who.arn.partition, &who.arn.account, kong);
    let origin = evidence.settings.origins.get(&Id::KongRole);
    let by = match origin {
        None | Some((_, Origin::Default)) => MeantBy::Default,
        Some(_) => MeantBy::Settings,
    };
    Some(Meant {
        who: Principal::of_arn(&arn, None)?,
        by,
    })
}

/// Neither of the roles that the settings know, and no role that was assumed.
pub(super) fn is_stranger(who: &Principal, evidence: &Evidence) -> bool {
    let aws = &evidence.settings.aws;
    let known = [&aws.kong_role, &aws.login_role].map(|name| bare_name(name));
    let is_known = who
        .arn
        .role_name()
        .is_some_and(|name| known.contains(&name));
    !is_known && evidence.seen.session.is_none()
}

/// Vault binds the one who was meant, and somebody else came.
pub(super) fn bound(role: &AuthRole, who: &Principal, evidence: &Evidence) -> Option<Finding> {
    let meant = of(who, evidence)?;
    entry_naming(role, &meant.who)?;
    let name = meant.who.bindable_arn();
    let (finding, by) = match meant.by {
        MeantBy::Token => (
            Finding::certain(Code::AWS114),
            "which the environment names with a token for it (AWS_ROLE_ARN)",
        ),
        MeantBy::Settings => (
            Finding::certain(Code::AWS114),
            "which the settings name as Kong's role",
        ),
        MeantBy::Default => (
            Finding::likely(Code::AWS114, &[Code::VLT605]),
            "which has the name of Kong's role",
        ),
    };
    let finding = finding.because(format!(
        "Vault binds {name}, {by}, and the credentials in use belong to another identity."
    ));
    Some(identity::run_as(finding, bare_name(&name), evidence))
}

/// The environment of a pod means another one than who came, and Vault binds neither.
/// That Kong has a name which Vault does not bind would prove nothing.
pub(super) fn unbound(role: &AuthRole, who: &Principal, evidence: &Evidence) -> Option<Finding> {
    let meant = of(who, evidence).filter(|meant| meant.by == MeantBy::Token)?;
    let name = meant.who.bindable_arn();
    let finding = Finding::likely(Code::AWS114, &[Code::VLT605]).because(format!(
        "The environment names {name} with a token for it (AWS_ROLE_ARN), and the credentials in use belong to another identity. Vault's role binds neither."
    ));
    let finding = identity::run_as(finding, bare_name(&name), evidence);
    let mismatch = why_not_bound(role, &meant.who)?;
    let vault = &evidence.settings.vault;
    Some(words::bind(finding, role, &meant.who, &mismatch, vault))
}
