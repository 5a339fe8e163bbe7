//! What was thought of and cannot be: causes of the same words that a fact at
//! hand excludes. Said to a person; no verdict rests on it.

use super::case;
use crate::aws::identity::PrincipalArn;
use crate::diagnose::explain::Evidence;
use crate::diagnose::explain::ruled_out::sifted;
use crate::diagnose::looks::LoginKind;
use crate::diagnose::{Code, Finding};

/// Causes that share their words.
pub(super) const BINDING: [Code; 7] = [
    Code::VLT605,
    Code::VLT606,
    Code::VLT607,
    Code::VLT608,
    Code::VLT609,
    Code::VLT610,
    Code::VLT611,
];
const DOOR: [Code; 4] = [Code::VLT601, Code::VLT602, Code::VLT617, Code::VLT619];
const SIGNATURE: [Code; 7] = [
    Code::SIG401,
    Code::SIG402,
    Code::SIG403,
    Code::SIG404,
    Code::SIG405,
    Code::SIG406,
    Code::SIG415,
];

/// Clocks that are nearer to each other than this spoil no signature.
const HARMLESS_SKEW_MS: u64 = 4 * 60 * 1000;

/// Names what is excluded beside the finding.
pub(super) fn with_ruled_out(finding: Finding, evidence: &Evidence) -> Finding {
    let left = [&[finding.code], &finding.alternatives[..]].concat();
    let groups = [&BINDING[..], &DOOR, &SIGNATURE];
    let shared = groups
        .into_iter()
        .find(|group| left.iter().any(|code| group.contains(code)));
    let group = shared.unwrap_or_default();
    let found = [finding.code];
    sifted(finding, group, &found, |code| why_not(code, evidence))
}

/// The fact that excludes a cause, if one was seen.
fn why_not(code: Code, evidence: &Evidence) -> Option<String> {
    match code {
        Code::VLT601 | Code::VLT602 => {
            let mount = &evidence.settings.vault.auth_mount;
            let answers = evidence.looks.vault.login_kind.seen()? == &LoginKind::Aws;
            answers.then(|| format!("an aws auth method answers at auth/{mount}"))
        }
        Code::VLT617 => {
            let (role, _) = case::vault_role(evidence)?;
            let is_free = role.bound_cidrs().is_empty();
            is_free.then(|| "the role binds no address".to_owned())
        }
        Code::VLT619 => match evidence.looks.vault.entity.seen()? {
            Some(entity) if entity.disabled => None,
            Some(_) => Some("the entity of this login is not disabled".to_owned()),
            None => Some("Vault has no entity for this login".to_owned()),
        },
        Code::SIG403 | Code::SIG404 => {
            let skew = evidence.seen.aws_skew_ms?.unsigned_abs();
            (skew < HARMLESS_SKEW_MS).then(|| {
                let seconds = skew / 1000;
                format!("the clocks of AWS and of this machine are {seconds} s apart")
            })
        }
        Code::SIG406 => evidence
            .seen
            .keys_accepted
            .then(|| "STS took the same keys in this run".to_owned()),
        _ => unlike_the_binding(code, evidence),
    }
}

/// The same for what Vault's role binds.
fn unlike_the_binding(code: Code, evidence: &Evidence) -> Option<String> {
    let who = case::principal(None, evidence)?.arn;
    if code == Code::VLT606 {
        let is_other = who.role_name().is_some() && !case::is_kong(&who, evidence);
        let kong = &evidence.settings.aws.kong_role;
        return is_other.then(|| format!("who logs in is no session of {kong}"));
    }
    let (role, _) = case::vault_role(evidence)?;
    let bound = role.bound_arns();
    if bound.is_empty() {
        return None;
    }
    let none = |is: fn(&str) -> bool| !bound.iter().any(|arn| is(arn));
    match code {
        Code::VLT607 if !role.resolves_ids() => {
            Some("the role compares names, not unique ids (resolve_aws_unique_ids)".to_owned())
        }
        Code::VLT608 if none(has_path) => Some("no bound ARN has a path".to_owned()),
        Code::VLT609 if none(is_of_session) => Some("no bound ARN is that of a session".to_owned()),
        Code::VLT610 if none(|arn| arn.contains('*')) => {
            Some("no bound ARN has a wildcard".to_owned())
        }
        Code::VLT611 => {
            let mut arns = bound.iter().filter_map(|arn| PrincipalArn::parse(arn));
            let is_at_home =
                |arn: &PrincipalArn| arn.account == who.account && arn.partition == who.partition;
            arns.any(|arn| is_at_home(&arn))
                .then(|| format!("the role binds a principal of the account {}", who.account))
        }
        _ => None,
    }
}

/// `…:role/team/Name`.
fn has_path(arn: &str) -> bool {
    arn.matches('/').count() > 1 && !is_of_session(arn)
}

fn is_of_session(arn: &str) -> bool {
    arn.contains(":assumed-role/")
}
