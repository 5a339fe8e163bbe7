//! Vault did not write its role, by what it says itself.

use super::through_vault::{with_account, without_identity};
use crate::diagnose::binding::Principal;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where, kept_list};
use crate::fault::Fault;
use crate::vault::namespace::with_variable;

/// Vault's own words about the role; `None` for those about something else.
pub(super) fn refused(fault: &Fault, evidence: &Evidence) -> Option<Finding> {
    let has = |part: &str| fault.message.contains(part);
    if has("properly configured") {
        return Some(without_identity(
            "config/client holds half of a key pair: the access key or the secret key is missing.",
            evidence,
        ));
    }
    if has("not allowed") {
        return Some(Finding::certain(Code::VLT626));
    }
    if has("fetch client for account") || has("no STS configuration") {
        let finding = Finding::certain(Code::VLT625);
        return Some(with_account(finding, &fault.message, evidence));
    }
    if has("not specifying ec2 auth_type or inferring") {
        let finding = Finding::certain(Code::VLT626);
        return Some(of_instances(finding, fault, evidence));
    }
    // What the ARN itself is: other words are about other fields.
    if !has("unable to resolve ARN") {
        return None;
    }
    if has("unable to resolve partition") {
        return Some(Finding::certain(Code::VLT630).because(
            "Vault does not know the partition of the bound ARN, or knows no region of it.",
        ));
    }
    has("unrecognized").then(|| unbindable(&fault.message, evidence))
}

/// One of the ARNs that the role binds has no unique id: it is none of a role or a
/// user. Behind a session there is a role.
fn unbindable(words: &str, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT630);
    let vault = &evidence.settings.vault;
    let path = vault.role_path();
    let Some(arn) = words
        .split('"')
        .nth(1)
        .filter(|arn| arn.starts_with("arn:"))
    else {
        return finding;
    };
    let role = Principal::of_arn(arn, None).filter(|role| role.session().is_some());
    let role = role.map(|role| role.bindable_arn());
    let text = match &role {
        Some(_) => {
            "bind the role instead of its session, and keep the others; then every session of that role can log in, and its trust policy says who gets one"
        }
        None => "take it out of what the role binds, and keep the others",
    };
    let item = (arn, role.as_deref());
    let command = kept_list::with_other(vault, &path, "bound_iam_principal_arn", item);
    finding
        .fact("vault", "cannot bind", arn)
        .remedy(
            Where::Vault,
            text,
            command,
            Some(&format!("read and update on {path}")),
        )
        .remedy(
            Where::Here,
            "then go on",
            Some("vaultiam setup".to_owned()),
            None,
        )
}

/// The role binds properties of an instance, and what is written does not infer one.
fn of_instances(finding: Finding, fault: &Fault, evidence: &Evidence) -> Finding {
    let mut words = fault.message.split_whitespace();
    let bound = words
        .find(|word| word.starts_with("bound_"))
        .unwrap_or_default();
    let finding = finding.because(format!(
        "The role has {bound}, which Vault allows only where it infers an EC2 instance. The role that was written infers none."
    ));
    let fields = ["inferred_entity_type=", "inferred_aws_region="];
    let empty = format!("{bound}=");
    let command = [
        "vault",
        "write",
        &fault.operation,
        fields[0],
        fields[1],
        &empty,
    ];
    let namespace = evidence.settings.vault.namespace.as_deref();
    finding.remedy(
        Where::Vault,
        "if the login need not come from an instance, empty it together with what infers one; then set up again",
        Some(with_variable(namespace, crate::shell::command(command))),
        Some(&format!("update on {}", fault.operation)),
    )
}
