//! Principals of a trust policy that IAM does not know, or not yet.

use serde_json::Value;

use super::{Iam, Made};
use crate::aws::classify::{is_concurrent, is_unknown_principal};
use crate::aws::identity::{PrincipalArn, bare_name};
use crate::fault::{Cause, Fault, SetupProblem};
use crate::setup::apply::patience::Patience;
use crate::trace::OpenStep;

/// Waits when IAM does not know a principal of the trust policy *yet*; every
/// other refusal is handed back.
pub(super) async fn wait_for_principals(
    iam: &Iam<'_>,
    trust: &Value,
    fault: Box<Fault>,
    patience: &mut Patience,
    step: &mut OpenStep,
) -> Made {
    if is_concurrent(&fault) {
        return if patience.wait(step, &fault.message).await {
            Ok(())
        } else {
            Err(fault)
        };
    }
    if !is_unknown_principal(&fault) {
        return Err(fault);
    }
    let are_there = are_all_there(iam, trust, &fault.message).await?;
    let problem = if !are_there {
        SetupProblem::PrincipalAbsent
    } else if patience.wait(step, &fault.message).await {
        return Ok(());
    } else {
        SetupProblem::PrincipalNotEverywhere
    };
    Err(Box::new(Fault {
        cause: Cause::Setup(problem),
        ..*fault
    }))
}

/// Tells whether IAM itself finds the roles of which it said that it does not
/// know them. Roles of other accounts cannot be asked for: they may be there.
async fn are_all_there(iam: &Iam<'_>, trust: &Value, words: &str) -> Result<bool, Box<Fault>> {
    let named = principals(trust);
    for arn in named.iter().filter(|arn| words.contains(arn.as_str())) {
        let account = PrincipalArn::parse(arn).map(|arn| arn.account);
        if account.as_deref() != Some(iam.account) {
            continue;
        }
        let found = iam.reader.get_role(bare_name(arn)).await?;
        if found.is_none_or(|found| found.arn != *arn) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The roles that a trust policy names as principals.
fn principals(trust: &Value) -> Vec<String> {
    let statements = match trust.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    let principals = statements
        .iter()
        .filter_map(|statement| statement.get("Principal"));
    principals.flat_map(role_arns).collect()
}

fn role_arns(value: &Value) -> Vec<String> {
    match value {
        Value::String(text)
            if PrincipalArn::parse(text).is_some_and(|arn| arn.role_name().is_some()) =>
        {
            vec![text.clone()]
        }
        Value::Array(items) => items.iter().flat_map(role_arns).collect(),
        Value::Object(entries) => entries.values().flat_map(role_arns).collect(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
