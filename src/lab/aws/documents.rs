//! Policy documents as IAM and STS take them, and their words for what they do
//! not take.

use serde_json::Value;

use super::refusal::Refusal;
use crate::aws::policy::lint::check_size;
use crate::aws::policy::{Kind, Problem, lint};

/// Checks a document, and returns it as it is kept.
///
/// What is wrong is found by the rules that vaultiam has too: they are IAM's. Of
/// several faults, IAM tells one.
pub(super) fn check(text: &str, kind: Kind) -> Result<Value, Refusal> {
    if check_size(text, kind).is_some() {
        return Err(too_large(kind));
    }
    let document = serde_json::from_str(text)
        .map_err(|_| Refusal::malformed_policy("This policy contains invalid Json"))?;
    match lint(text, kind).first() {
        None => Ok(document),
        Some(problem) => Err(Refusal::malformed_policy(words(problem, kind))),
    }
}

fn too_large(kind: Kind) -> Refusal {
    let quota = match kind {
        Kind::Trust => "Cannot exceed quota for ACLSizePerRole: 2048",
        Kind::Identity => "Maximum policy size of 10240 bytes exceeded",
        Kind::Managed => "Cannot exceed quota for PolicySize: 6144",
        Kind::Session => {
            let words = "Member must have length less than or equal to 2048";
            return Refusal::constraint("", "policy", words);
        }
    };
    Refusal::conflict("LimitExceeded", quota)
}

fn words(problem: &Problem, kind: Kind) -> &'static str {
    let element = problem.place.rsplit('.').next().unwrap_or_default();
    let says = |words: &str| problem.what.contains(words);
    match (element, kind) {
        ("Principal", Kind::Trust) if says("is missing") => "Missing required field Principal",
        ("Principal", Kind::Trust) if says("without a kind") => {
            r#"AssumeRolepolicy contained an invalid principal: "STAR":"*"."#
        }
        ("Resource", Kind::Trust) => "Has prohibited field Resource",
        ("Principal" | "NotPrincipal", Kind::Identity | Kind::Managed | Kind::Session) => {
            "Policy document should not specify a principal."
        }
        ("Action", Kind::Trust) if says("STS's actions only") => {
            "AssumeRole policy may only specify STS AssumeRole actions."
        }
        ("Action", _) if says("no action") => {
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        }
        ("Resource", _) if says("is missing") => "Policy statement must contain resources.",
        _ => "Syntax errors in policy.",
    }
}
