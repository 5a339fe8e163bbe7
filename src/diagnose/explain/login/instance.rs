//! The role infers an EC2 instance from the session's name: that is none, or was
//! not found, or is not as the role binds it.

use super::{case, may_not_look, through_iam};
use crate::aws::classify::sdk_error;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where, vault_role};
use crate::shell;
use crate::vault::login_refusal::InstanceUnseen;

/// The session's name is no instance's id.
pub(super) fn no_instance(evidence: &Evidence) -> Finding {
    let finding = stop_inferring(Finding::certain(Code::VLT615), evidence);
    let who = case::principal(None, evidence);
    match who.as_ref().and_then(|who| who.session()) {
        Some(session) => finding.fact("sts", "session name", session),
        None => finding,
    }
}

/// Vault could not look the instance up.
pub(super) fn unseen(told: &InstanceUnseen, evidence: &Evidence) -> Finding {
    let is_malformed = told.said.contains("InvalidInstanceID.Malformed");
    let id = told.id.as_deref();
    let finding = match id.filter(|id| id.starts_with("i-") && !is_malformed) {
        Some(id) => of_instance(id, told, evidence).fact("ec2, through vault", "instance", id),
        None if id.is_some() => no_instance(evidence),
        None => stop_inferring(open(), evidence),
    };
    let finding = match &told.region {
        Some(region) => finding.fact("ec2, through vault", "region", region),
        None => finding,
    };
    if told.said.is_empty() {
        return finding;
    }
    finding.fact("ec2, through vault", "said", &told.said)
}

/// The session's name is that of an instance: what kept Vault from finding it?
fn of_instance(session: &str, told: &InstanceUnseen, evidence: &Evidence) -> Finding {
    let error = sdk_error(&told.said);
    let code = error.as_ref().map(|error| error.code.as_str());
    let is_not_there =
        code == Some("InvalidInstanceID.NotFound") || told.said.contains("no reservations");
    if is_not_there {
        return not_there(session, told, evidence);
    }
    kept_from_looking(&told.said, evidence).unwrap_or_else(|| {
        stop_inferring(
            open().because("Vault could not look up the instance whose id is the session's name."),
            evidence,
        )
    })
}

/// What AWS said to a look of Vault's at the instance, or what belongs to it; `None`
/// for words that are not known.
fn kept_from_looking(said: &str, evidence: &Evidence) -> Option<Finding> {
    // What lies in Vault's identity or in AWS is not cured by another role.
    if let Some(finding) = through_iam::explained(said, evidence) {
        return Some(finding);
    }
    let error = sdk_error(said)?;
    let codes = [
        "UnauthorizedOperation",
        "AccessDenied",
        "AccessDeniedException",
    ];
    let is_denied = codes.contains(&error.code.as_str());
    is_denied.then(|| stop_inferring(may_not_look::at_instance(said), evidence))
}

fn open() -> Finding {
    Finding::likely(Code::VLT615, &[Code::VLT640, Code::VLT614, Code::VLT616])
}

/// EC2 does not know the instance in the region and the account where Vault asks.
fn not_there(session: &str, told: &InstanceUnseen, evidence: &Evidence) -> Finding {
    let region = told.region.as_deref();
    let place = region.unwrap_or("the region of inferred_aws_region");
    let own = evidence.seen.region.as_deref();
    let other = own.filter(|own| region.is_some_and(|region| region != *own));
    let because = format!(
        "The session's name is an instance's id, and EC2 does not know that instance in {place}, in the account in which Vault asks."
    );
    let finding = Finding::likely(Code::VLT615, &[Code::VLT613]).because(match other {
        Some(own) => format!("{because} This login is made in {own}."),
        None => because,
    });
    let look = [
        "aws",
        "ec2",
        "describe-instances",
        "--instance-ids",
        session,
    ];
    let look = match region {
        Some(region) => [&look[..], &["--region", region]].concat(),
        None => look.to_vec(),
    };
    let finding = finding.remedy(
        Where::Aws,
        "see whether it is there, with credentials of the account in which Vault asks",
        Some(shell::command(look)),
        Some("ec2:DescribeInstances"),
    );
    let path = case::role_path(evidence);
    let finding = match (other, case::vault_role(evidence)) {
        (Some(own), Some(_)) => finding.remedy(
            Where::Vault,
            "if all who log in with this role run in the other region, name that",
            Some(case::write_role(
                evidence,
                &[format!("inferred_aws_region={own}")],
            )),
            Some(&format!("update on {path}")),
        ),
        _ => finding,
    };
    stop_inferring(finding, evidence)
}

/// A login of Kong's needs no instance. What is bound of it goes with it.
fn stop_inferring(finding: Finding, evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let Some((role, rights)) = case::vault_role(evidence) else {
        return finding
            .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
            .remedy(
                Where::Vault,
                "see what the role binds; with inferred_entity_type only EC2 instances can log in",
                Some(shell::command(["vault", "read", &path])),
                Some(&format!("read on {path}")),
            );
    };
    let who = case::principal(None, evidence);
    vault_role::stop_inferring(
        finding,
        role,
        rights,
        who.as_ref(),
        &evidence.settings.vault,
    )
}

/// The instance lacks something that the role binds.
pub(super) fn not_bound(words: &str, evidence: &Evidence) -> Finding {
    // A look that AWS refused is no property that the instance lacks.
    if let Some(finding) = kept_from_looking(words, evidence) {
        return finding;
    }
    let path = case::role_path(evidence);
    let finding = Finding::certain(Code::VLT616);
    let Some((role, rights)) = case::vault_role(evidence) else {
        return finding.remedy(
            Where::Vault,
            "see what the role binds, and compare it with the instance",
            Some(shell::command(["vault", "read", &path])),
            Some(&format!("read on {path}")),
        );
    };
    let bounds = role.instance_bounds();
    let finding = bounds.iter().fold(finding, |finding, (name, values)| {
        finding.fact_with(rights, &path, name, values.join(", "))
    });
    let who = case::principal(None, evidence);
    match who.as_ref().and_then(|who| who.session()) {
        Some(session) if session.starts_with("i-") => finding.remedy(
            Where::Aws,
            "compare it with the instance; if the instance is right, add its value to the list and keep the others",
            Some(shell::command([
                "aws",
                "ec2",
                "describe-instances",
                "--instance-ids",
                session,
            ])),
            Some("ec2:DescribeInstances"),
        ),
        _ => finding,
    }
}
