//! Commands that put a policy right and keep what else is in it.

use serde_json::{Value, json};

use super::{Call, IamRole};
use crate::aws::identity::{PrincipalArn, role_arn};
use crate::diagnose::Where;
use crate::diagnose::finding::Remedy;
use crate::shell;

/// The caller as a policy should name it: the role, not its session.
pub(super) fn principal(call: &Call, caller_role: Option<&IamRole>) -> String {
    if let Some(role) = caller_role {
        return role.arn.clone();
    }
    match PrincipalArn::parse(&call.caller_arn) {
        Some(arn) => match arn.role_name() {
            Some(name) => role_arn(&arn.partition, &arn.account, name),
            None => call.caller_arn.clone(),
        },
        None => call.caller_arn.clone(),
    }
}

/// Writes the trust policy with one statement more.
pub(super) fn trust_also(call: &Call, role: &IamRole, principal: &str) -> Option<Remedy> {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": "sts:AssumeRole",
    });
    if let Some(id) = &call.external_id {
        statement["Condition"] = json!({ "StringEquals": { "sts:ExternalId": id } });
    }
    let text = format!("let the trust policy name {principal} too; what is in it stays");
    with_statement(role, statement, text)
}

/// Writes the trust policy with a statement more that lets a service in.
pub fn trust_service_too(role: &IamRole, service: &str, mut statement: Value) -> Option<Remedy> {
    // One of its name may be there already.
    statement.as_object_mut()?.remove("Sid");
    let text = format!("or by hand: let the trust policy name {service} too; what is in it stays");
    with_statement(role, statement, text)
}

fn with_statement(role: &IamRole, statement: Value, text: String) -> Option<Remedy> {
    let mut trust = role.trust.clone();
    let statements = match trust.get_mut("Statement")?.take() {
        Value::Array(statements) => statements,
        one => vec![one],
    };
    let kept: Vec<Value> = statements
        .iter()
        .cloned()
        .filter_map(without_dead)
        .collect();
    let but = if kept == statements {
        ""
    } else {
        ", but for the ids of deleted principals, which IAM does not take"
    };
    trust["Statement"] = kept.into_iter().chain([statement]).collect();
    Some(update(role, &trust, format!("{text}{but}")))
}

/// A statement without the ids of principals that were deleted: IAM takes no
/// document that names one. `None` where nobody is left.
fn without_dead(mut statement: Value) -> Option<Value> {
    let Some(listed) = statement
        .get_mut("Principal")
        .and_then(Value::as_object_mut)
    else {
        return Some(statement);
    };
    let is_dead = |name: &Value| name.as_str().is_some_and(is_bare_id);
    let is_empty = match listed.get_mut("AWS") {
        Some(Value::Array(names)) => {
            names.retain(|name| !is_dead(name));
            names.is_empty()
        }
        Some(name) => is_dead(name),
        None => false,
    };
    if is_empty {
        listed.remove("AWS");
    }
    (!listed.is_empty()).then_some(statement)
}

/// What IAM shows in the place of a principal that was deleted.
fn is_bare_id(name: &str) -> bool {
    name.starts_with("AROA") || name.starts_with("AIDA")
}

/// Writes the trust policy with another principal in the place of a dead id.
pub(super) fn replace_dead(role: &IamRole, dead: &str, principal: &str) -> Remedy {
    let mut trust = role.trust.clone();
    let statements = match trust.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.as_mut_slice(),
        Some(one) => std::slice::from_mut(one),
        None => &mut [],
    };
    for statement in statements {
        if let Some(listed) = statement.get_mut("Principal") {
            replace_ids(listed, principal);
        }
    }
    update(
        role,
        &trust,
        format!(
            "if the role of this name is still the one to be trusted: name it in the place of {dead}; what else is in the policy stays"
        ),
    )
}

/// Writes the trust policy without a condition on one key in one statement.
pub(super) fn drop_condition(role: &IamRole, index: usize, key: &str) -> Option<Remedy> {
    let mut trust = role.trust.clone();
    let statements = trust.get_mut("Statement")?;
    let statement = match statements {
        Value::Array(statements) => statements.get_mut(index)?,
        one => one,
    };
    let conditions = statement.get_mut("Condition")?.as_object_mut()?;
    for (_, operator) in conditions.iter_mut() {
        if let Some(keys) = operator.as_object_mut() {
            keys.retain(|name, _| !name.eq_ignore_ascii_case(key));
        }
    }
    conditions.retain(|_, operator| operator.as_object().is_none_or(|keys| !keys.is_empty()));
    if conditions.is_empty() {
        statement.as_object_mut()?.remove("Condition");
    }
    Some(update(
        role,
        &trust,
        format!(
            "or take the condition on {key} out of the trust policy, if the principals alone are narrow enough"
        ),
    ))
}

fn update(role: &IamRole, trust: &Value, text: String) -> Remedy {
    Remedy {
        text,
        command: Some(shell::command([
            "aws",
            "iam",
            "update-assume-role-policy",
            "--role-name",
            &role.name,
            "--policy-document",
            &trust.to_string(),
        ])),
        place: Where::Aws,
        needs: Some(format!("iam:UpdateAssumeRolePolicy on {}", role.arn)),
    }
}

fn replace_ids(value: &mut Value, principal: &str) {
    match value {
        Value::String(text) if is_bare_id(text) => principal.clone_into(text),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| replace_ids(item, principal)),
        Value::Object(entries) => {
            entries
                .iter_mut()
                .for_each(|(_, value)| replace_ids(value, principal));
        }
        _ => {}
    }
}

/// Adds an inline policy to the caller's role that lets it assume the role.
pub fn allow_assume(call: &Call, caller_role: Option<&IamRole>) -> Option<Remedy> {
    let caller = PrincipalArn::parse(&call.caller_arn)?;
    let name = caller.role_name()?;
    let taken = caller_role.and_then(|role| role.policies.seen());
    let is_taken = |name: &str| taken.is_some_and(|rights| rights.inline.contains_key(name));
    let target = PrincipalArn::parse(&call.role_arn)?;
    let base = format!("assume-{}", target.role_name()?);
    let policy = if is_taken(&base) {
        format!("{base}-2")
    } else {
        base
    };
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": call.role_arn }],
    });
    Some(Remedy {
        text: format!("allow {name} to assume this role, in a policy of its own"),
        command: Some(shell::command([
            "aws",
            "iam",
            "put-role-policy",
            "--role-name",
            name,
            "--policy-name",
            &policy,
            "--policy-document",
            &document.to_string(),
        ])),
        place: Where::Aws,
        needs: Some(format!(
            "iam:PutRolePolicy on {}",
            principal(call, caller_role)
        )),
    })
}

/// Something to do that is no command.
pub(super) fn advice(place: Where, text: impl Into<String>, needs: Option<String>) -> Remedy {
    Remedy {
        text: text.into(),
        command: None,
        place,
        needs,
    }
}

/// A command of this program, or another, here.
pub(super) fn here(text: &str, words: &[&str]) -> Remedy {
    Remedy {
        text: text.to_owned(),
        command: Some(shell::command(words.iter().copied())),
        place: Where::Here,
        needs: None,
    }
}
