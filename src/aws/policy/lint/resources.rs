//! What may stand in `Resource` and `NotResource`.
//!
//! IAM looks at little: it takes services that do not exist, and ARNs that are
//! cut short (`arn:aws:s3`). Only what it refuses is refused here.

use super::super::document::Problem;
use crate::settings::value::is_account;

/// How the last part of an ARN of IAM begins.
///
/// Source: IAM's own message, "IAM resource path must either be "*" or start
/// with user/, federated-user/, role/, …".
const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

pub(super) fn check(place: &str, resource: &str) -> Option<Problem> {
    if resource == "*" {
        return None;
    }
    let (what, remedy) = refusal(resource)?;
    Some(Problem::new(
        place,
        format!("holds {resource:?}, which {what}"),
        remedy,
    ))
}

fn refusal(resource: &str) -> Option<(&'static str, &'static str)> {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    // "Resource … must be in ARN format or "*"."
    let ["arn", partition, rest @ ..] = parts.as_slice() else {
        return Some(("is no ARN", "write an ARN, or \"*\""));
    };
    // "Partition "…" is not valid for resource "…"."
    if !is_partition(partition) {
        return Some((
            "names no partition of AWS",
            "write \"arn:aws:…\", or the partition that you use",
        ));
    }
    // "Resource vendor must be fully qualified and cannot contain regexes."
    let Some(service) = rest.first().filter(|service| !service.is_empty()) else {
        return Some(("names no service", "write \"arn:aws:service:…\""));
    };
    let [_, region, account, path] = rest else {
        // "The policy failed legacy parsing": an ARN may be cut short, but not
        // with an empty part in it.
        let holed = rest.iter().skip(1).any(|part| part.is_empty());
        return holed.then_some((
            "has too few parts",
            "an ARN has six: arn:partition:service:region:account:resource",
        ));
    };
    // "IAM resource … cannot contain region information.", and S3's like it. S3's
    // access points do have a region, and an account with it.
    let has_no_region = *service == "iam" || *service == "s3" && account.is_empty();
    if has_no_region && !region.is_empty() && !is_pattern(region) {
        return Some((
            "names a region, and such an ARN has none",
            "leave the part between the third and the fourth colon empty",
        ));
    }
    if *service == "iam" {
        if !(account.is_empty() || *account == "aws" || is_pattern(account) || is_account(account))
        {
            return Some((
                "names no account",
                "write the twelve digits of the account behind the fourth colon",
            ));
        }
        if *path != "*" && !IAM_PATHS.iter().any(|start| path.starts_with(start)) {
            return Some((
                "names nothing that IAM has",
                "write the type first, as \"role/NAME\", or \"*\"",
            ));
        }
    }
    None
}

/// Tells whether a partition may be called so: those there are, those to come,
/// and patterns.
pub(super) fn is_partition(name: &str) -> bool {
    let is_name = |name: &str| {
        name == "aws"
            || name.strip_prefix("aws-").is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            })
    };
    is_name(name) || is_pattern(name)
}

fn is_pattern(part: &str) -> bool {
    part.contains(['*', '?', '$'])
}
