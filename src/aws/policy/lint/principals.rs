//! Who may be named in the `Principal` of a trust policy.
//!
//! Source: "AWS JSON policy elements: Principal" in the IAM user guide. IAM's
//! answer to all of this is "Invalid principal in policy".

use super::super::document::{Conditions, PrincipalLists, Problem};
use super::names::{check_path, check_role_name, check_session_name};
use super::resources::is_partition;
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::settings::value::is_account;

/// How the names of service principals end in each partition.
///
/// Source: the DNS suffixes of the SDKs' `partitions.json`; most services keep
/// `amazonaws.com` in all of them.
const SERVICE_SUFFIXES: [&str; 7] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
];

const COGNITO: &str = "cognito-identity.amazonaws.com";

const NAME_ONE_PRINCIPAL: &str = "name the account, as arn:aws:iam::ACCOUNT:root, and match names with the condition ArnLike on aws:PrincipalArn";

pub(super) fn check(
    problems: &mut Vec<Problem>,
    place: &str,
    lists: &PrincipalLists,
    condition: &Conditions,
) {
    let mut refuse = |kind: &str, principal: &str, (what, remedy): (&str, &str)| {
        problems.push(Problem::new(
            format!("{place}.{kind}"),
            format!("holds {principal:?}, which {what}"),
            remedy,
        ));
    };
    for principal in &lists.aws {
        if let Some(refusal) = refuse_aws(principal) {
            refuse("AWS", principal, refusal);
        }
    }
    for principal in &lists.service {
        if let Some(refusal) = refuse_service(principal) {
            refuse("Service", principal, refusal);
        }
    }
    for principal in &lists.federated {
        if let Some(refusal) = refuse_federated(principal) {
            refuse("Federated", principal, refusal);
        }
        // "A condition block must be present for the Cognito provider": without
        // it everybody's identity pools are trusted.
        if principal == COGNITO && condition.is_empty() {
            let remedy = "add the condition StringEquals on cognito-identity.amazonaws.com:aud";
            refuse("Federated", principal, ("needs a condition", remedy));
        }
    }
    for principal in &lists.canonical_user {
        let remedy = "name the account under \"AWS\"";
        refuse(
            "CanonicalUser",
            principal,
            ("is for S3's policies only", remedy),
        );
    }
}

type Refusal = (&'static str, &'static str);

fn refuse_aws(principal: &str) -> Option<Refusal> {
    // "You cannot use a wildcard to match part of a principal name or ARN."
    if principal == "*" || is_account(principal) {
        return None;
    }
    if principal.contains(['*', '?']) {
        return Some(("has a wildcard in it", NAME_ONE_PRINCIPAL));
    }
    if principal.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((
            "is no account",
            "write the twelve digits of the account, with leading zeros",
        ));
    }
    if is_unique_id(principal) {
        return Some((
            "is the id of a principal that was deleted",
            "write the ARN of the principal that you trust now, or remove the id",
        ));
    }
    let Some(arn) = PrincipalArn::parse(principal) else {
        return Some((
            "is no ARN of a principal",
            "write arn:aws:iam::ACCOUNT:role/NAME, with the twelve digits of the account",
        ));
    };
    if !is_partition(&arn.partition) {
        return Some((
            "names no partition of AWS",
            "write \"arn:aws:…\", or the partition that you use",
        ));
    }
    refuse_kind(&arn.kind, principal)
}

fn refuse_kind(kind: &PrincipalKind, principal: &str) -> Option<Refusal> {
    let bad_name = Some((
        "has a name or a path that IAM does not allow",
        "correct it: letters, digits and +=,.@_- in at most 64 characters",
    ));
    match kind {
        PrincipalKind::Root => None,
        // Users and roles are named by the same rules.
        PrincipalKind::Role { path, name } | PrincipalKind::User { path, name } => {
            let is_right = check_role_name(name).is_none() && check_path(path).is_none();
            if is_right { None } else { bad_name }
        }
        PrincipalKind::AssumedRole { role, session } => {
            let is_right = check_role_name(role).is_none() && check_session_name(session).is_none();
            if is_right { None } else { bad_name }
        }
        PrincipalKind::Other(resource) => {
            let is_of_sts = principal.split(':').nth(2) == Some("sts");
            match resource.split_once('/').map_or("", |(kind, _)| kind) {
                "federated-user" if is_of_sts => None,
                "instance-profile" => Some((
                    "is an instance profile, and that is no principal",
                    "name the role that is in it",
                )),
                "group" => Some(("is a group, and that is no principal", NAME_ONE_PRINCIPAL)),
                "assumed-role" if !is_of_sts => Some((
                    "is no ARN of a session",
                    "write arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, or the ARN of the role",
                )),
                "saml-provider" | "oidc-provider" => {
                    Some(("is an identity provider", "name it under \"Federated\""))
                }
                _ => Some(("is no principal", "name a role, a user or an account")),
            }
        }
    }
}

/// What IAM shows in place of an ARN once a role or user is gone.
fn is_unique_id(principal: &str) -> bool {
    ["AROA", "AIDA"]
        .iter()
        .any(|prefix| principal.starts_with(prefix))
        && principal
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn refuse_service(principal: &str) -> Option<Refusal> {
    if principal.contains(['*', '?']) {
        return Some(("has a wildcard in it", "name each service in full"));
    }
    let is_right = is_host(principal)
        && SERVICE_SUFFIXES
            .iter()
            .any(|suffix| principal.ends_with(suffix));
    (!is_right).then_some((
        "is no service",
        "write its service principal, as \"ec2.amazonaws.com\"",
    ))
}

fn refuse_federated(principal: &str) -> Option<Refusal> {
    if principal.contains(['*', '?']) {
        return Some(("has a wildcard in it", "name each provider in full"));
    }
    let is_provider = match PrincipalArn::parse(principal).map(|arn| arn.kind) {
        Some(PrincipalKind::Other(resource)) => {
            ["saml-provider/", "oidc-provider/"].iter().any(|start| {
                resource
                    .strip_prefix(start)
                    .is_some_and(|name| !name.is_empty())
            })
        }
        Some(_) => false,
        None => is_host(principal),
    };
    (!is_provider).then_some((
        "is no identity provider",
        "write the ARN of the oidc-provider or saml-provider, or the host of a well-known one",
    ))
}

fn is_host(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}
