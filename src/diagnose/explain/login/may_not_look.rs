//! AWS does not let Vault's own identity look up who logs in.

use super::case;
use crate::aws::classify::{Denial, Layer, denial, denied_action, denied_caller};
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::diagnose::binding::{Binding, By, Missing, binding};
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::shell;

/// IAM does not let Vault look the principal up.
pub(super) fn at_principal(message: &str, evidence: &Evidence) -> Finding {
    let finding = exact_binding(told(Finding::certain(Code::VLT612), message), evidence);
    let who = case::principal(None, evidence);
    let (action, resource) = match &who {
        Some(who) if who.is_user() => ("iam:GetUser", who.bindable_arn()),
        Some(who) => ("iam:GetRole", who.bindable_arn()),
        None => return finding,
    };
    let text =
        "or let Vault's identity look the principal up; an inline policy of this name is replaced";
    allow(finding, message, text, ("vault-lookup", action, &resource))
}

/// AWS does not let Vault look at the instance that the role infers.
pub(super) fn at_instance(message: &str) -> Finding {
    // Older words of EC2 name no action.
    let action = denied_action(message).unwrap_or("ec2:DescribeInstances");
    let finding = Finding::certain(Code::VLT640)
        .because(format!(
            "The role infers an EC2 instance, so Vault looks it up, and AWS does not let it: its own identity lacks {action}."
        ))
        .fact("aws, through vault", "missing", action);
    let text = "let Vault's identity look instances up; an inline policy of this name is replaced";
    // These looks have no resource.
    let right = ("vault-instances", action, "*");
    allow(told(finding, message), message, text, right)
}

/// Adds what AWS's words tell: who Vault is, and what refuses.
fn told(finding: Finding, message: &str) -> Finding {
    let finding = match denied_caller(message) {
        Some(vault) => finding.fact("aws, through vault", "vault is", vault),
        None => finding,
    };
    match barrier(denial(message)) {
        Some(barrier) => finding.because(format!(
            "Vault has to look up who logs in, and {barrier}. That is changed there: a policy that allows more does not help."
        )),
        None => finding,
    }
}

/// What an additional Allow for Vault's identity does not outweigh.
fn barrier(denial: Denial) -> Option<&'static str> {
    Some(match denial {
        Denial::NotAllowedBy(Layer::Identity | Layer::Resource) | Denial::Unexplained => {
            return None;
        }
        Denial::DeniedBy(Layer::Identity | Layer::Resource) => {
            "a policy of Vault's own identity denies it outright"
        }
        Denial::DeniedBy(Layer::ServiceControl) | Denial::NotAllowedBy(Layer::ServiceControl) => {
            "a service control policy of the organisation refuses it"
        }
        Denial::DeniedBy(Layer::ResourceControl) | Denial::NotAllowedBy(Layer::ResourceControl) => {
            "a resource control policy of the organisation refuses it"
        }
        Denial::DeniedBy(Layer::Boundary) | Denial::NotAllowedBy(Layer::Boundary) => {
            "the permissions boundary of Vault's own identity refuses it"
        }
        Denial::DeniedBy(Layer::Session) | Denial::NotAllowedBy(Layer::Session) => {
            "the session policy of Vault's own credentials refuses it"
        }
        Denial::DeniedBy(Layer::VpcEndpoint) | Denial::NotAllowedBy(Layer::VpcEndpoint) => {
            "the policy of the VPC endpoint that it goes through refuses it"
        }
    })
}

/// Gives Vault's identity a policy of this name, with this action on this resource,
/// where that is what it lacks.
pub(super) fn allow(
    finding: Finding,
    message: &str,
    text: &str,
    (policy_name, action, resource): (&str, &str, &str),
) -> Finding {
    if barrier(denial(message)).is_some() {
        return finding;
    }
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": resource }],
    })
    .to_string();
    let server = denied_caller(message).and_then(PrincipalArn::parse);
    let (verb, flag, name, right) = match server.map(|server| server.kind) {
        Some(PrincipalKind::User { name, .. }) => {
            ("put-user-policy", "--user-name", name, "iam:PutUserPolicy")
        }
        Some(PrincipalKind::AssumedRole { role: name, .. } | PrincipalKind::Role { name, .. }) => {
            ("put-role-policy", "--role-name", name, "iam:PutRolePolicy")
        }
        Some(PrincipalKind::Root | PrincipalKind::Other(_)) => return finding,
        // Older words of EC2 do not name it.
        None => {
            let role = "$ROLE_OF_VAULT".to_owned();
            ("put-role-policy", "--role-name", role, "iam:PutRolePolicy")
        }
    };
    let words = [
        "aws",
        "iam",
        verb,
        flag,
        &name,
        "--policy-name",
        policy_name,
        "--policy-document",
        &policy,
    ];
    finding.remedy(Where::Aws, text, Some(shell::command(words)), Some(right))
}

/// With exact ARNs alone no look-up takes place at a login. Only whom the star is
/// meant for may get one.
fn exact_binding(finding: Finding, evidence: &Evidence) -> Finding {
    let Some(((role, _), who)) = case::vault_role(evidence).zip(case::principal(None, evidence))
    else {
        return finding;
    };
    let text = match binding(role, &who) {
        Binding::Bound(By::Wildcard(_)) => {
            "bind the exact ARN beside the one with the star: then this login needs no look-up"
        }
        Binding::Undecided(Missing::Path { .. }) => {
            "if this principal shall be let in, bind its exact ARN beside the one with the star: then this login needs no look-up"
        }
        Binding::Bound(_) | Binding::Refused(_) | Binding::Undecided(_) => return finding,
    };
    let own = who.bindable_arn();
    let mut arns = role.bound_arns();
    if !arns.contains(&own.as_str()) {
        arns.insert(0, &own);
    }
    let path = case::role_path(evidence);
    let (text, needs) = if role.resolves_ids() {
        (
            format!("{text}, but writing it needs one"),
            format!("update on {path}, and iam:GetRole for Vault's server"),
        )
    } else {
        (text.to_owned(), format!("update on {path}"))
    };
    finding.remedy(
        Where::Vault,
        text,
        Some(case::write_role(
            evidence,
            &[format!("bound_iam_principal_arn={}", arns.join(","))],
        )),
        Some(&needs),
    )
}
