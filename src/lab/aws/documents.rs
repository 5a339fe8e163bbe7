//! Policy documents as IAM and STS take them, and their words for what they do
//! not take.

use serde_json::Value;

use super::refusal::Refusal;
use crate::aws::policy::lint::check_size;
use crate::aws::policy::{Document, Kind, Problem, lint};

/// Checks a document, and returns it as it is kept.
///
/// What is wrong is found by the rules that vaultiam has too: they are IAM's. Of
/// several faults, IAM tells one.
pub(super) fn check(text: &str, kind: Kind) -> Result<Value, Refusal> {
    if check_size(text, kind).is_some()
        && let Some(quota) = quota(kind)
    {
        let words = format!("Cannot exceed quota for {quota}");
        return Err(Refusal::conflict("LimitExceeded", words));
    }
    let Ok(document) = serde_json::from_str(text) else {
        let words = "This policy contains invalid Json";
        return Err(Refusal::malformed_policy(words));
    };
    match lint(text, kind).first() {
        None => Ok(document),
        Some(problem) => Err(refuse(problem, kind)),
    }
}

/// A document that was checked when it was taken.
pub(super) fn read(document: &Value) -> Option<Document> {
    Document::from_value(document).ok()
}

pub(super) fn invalid_principal(kind: &str, principal: &str) -> Refusal {
    Refusal::malformed_policy(format!(
        "Invalid principal in policy: \"{kind}\":\"{principal}\""
    ))
}

/// The quotas of a document by itself: that of the inline policies is one for
/// all of a role, and a session policy is limited as a parameter.
fn quota(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Trust => Some("ACLSizePerRole: 2048"),
        Kind::Managed => Some("PolicySize: 6144"),
        Kind::Identity | Kind::Session => None,
    }
}

fn refuse(problem: &Problem, kind: Kind) -> Refusal {
    let element = problem.place.rsplit('.').next().unwrap_or_default();
    let says = |words: &str| problem.what.contains(words);
    let words = match (element, kind) {
        ("AWS" | "Service" | "Federated" | "CanonicalUser", Kind::Trust) => {
            let kind = match element {
                "AWS" => element.to_owned(),
                other => other.to_ascii_uppercase(),
            };
            return invalid_principal(&kind, quoted(&problem.what));
        }
        ("Principal", Kind::Trust) if says("is missing") => "Missing required field Principal",
        ("Principal", Kind::Trust) if says("without a kind") => {
            "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\"."
        }
        ("NotPrincipal" | "Resource" | "NotResource", Kind::Trust) => {
            return Refusal::malformed_policy(format!("Has prohibited field {element}"));
        }
        ("Principal" | "NotPrincipal", _) => "Policy document should not specify a principal.",
        ("Action" | "NotAction", Kind::Trust) if says("STS's actions only") => {
            "AssumeRole policy may only specify STS AssumeRole actions."
        }
        ("Action" | "NotAction", _) if says("no action") => {
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        }
        ("Resource", _) if says("is missing") => "Policy statement must contain resources.",
        ("Resource" | "NotResource", _) if says("is no ARN") => {
            let words = format!(
                "Resource {} must be in ARN format or \"*\".",
                quoted(&problem.what)
            );
            return Refusal::malformed_policy(words);
        }
        ("Resource" | "NotResource", _) => "The policy failed legacy parsing",
        ("Version", Kind::Managed) => "Policy document must be version 2012-10-17 or greater.",
        ("Sid", _) if says("earlier statement") => {
            "Statement IDs (SID) in a single policy must be unique."
        }
        ("Sid", _) => {
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
        }
        _ if says("no point in time") => "The policy failed legacy parsing",
        _ => "Syntax errors in policy.",
    };
    Refusal::malformed_policy(words)
}

/// What stands between the first quotation mark and the end of what it begins.
fn quoted(words: &str) -> &str {
    let rest = words.split_once('"').map_or("", |(_, rest)| rest);
    rest.split_once("\", which").map_or(rest, |(text, _)| text)
}
