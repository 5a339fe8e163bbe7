//! Each verdict that is certain, and the same with the evidence changed so that
//! another cause holds, or with the deciding look taken away: then it is not.

mod binding;
mod door;
mod instance;
mod meant;
mod region;
mod role;
mod ruled_out;
mod through_vault;

use std::sync::Arc;

use serde_json::{Value, json};

use super::explain;
use crate::diagnose::explain::Evidence;
use crate::diagnose::looks::{AuthRole, IamRole, Look, Rights, Who};
use crate::diagnose::{Code, Confidence, Finding, Looks};
use crate::fault::{Cause, Fault, Side};
use crate::login::Observations;
use crate::trace::StepId;

const ACCOUNT: &str = "123456789012";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/VaultRole/vaultiam";
const LOGIN_ROLE: &str = "arn:aws:iam::123456789012:role/VaultRole";
const KONG: &str = "arn:aws:sts::123456789012:assumed-role/KongRole/i-0abc";

/// What is seen after VaultRole was assumed and Vault refused the login.
fn evidence() -> Evidence {
    let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
    Evidence {
        settings: Arc::new(settings.expect("the defaults are valid")),
        seen: Observations {
            region: Some("eu-west-1".into()),
            caller: Some(KONG.into()),
            assumed_role: Some(LOGIN_ROLE.into()),
            session: Some(SESSION.into()),
            unique_id: Some("AROANEW".into()),
            keys_accepted: true,
            aws_skew_ms: Some(100),
            vault_skew_ms: Some(200),
            vault_answered: true,
            signed_for: Some((
                "eu-west-1".into(),
                "https://sts.eu-west-1.amazonaws.com/".into(),
            )),
            ..Observations::default()
        },
        looks: Looks::default(),
        foreign_token: false,
    }
}

fn seen<T>(value: T) -> Look<T> {
    Look::Seen {
        value,
        with: Rights::AdminToken,
    }
}

fn by_anybody<T>(value: T) -> Look<T> {
    Look::Seen {
        value,
        with: Rights::Nobody,
    }
}

/// Vault's role, with some fields of its own.
fn vault_role(fields: Value) -> AuthRole {
    let mut role = json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": [LOGIN_ROLE],
        "bound_iam_principal_id": ["AROAOLD"],
        "resolve_aws_unique_ids": true,
        "inferred_entity_type": "",
        "token_bound_cidrs": [],
        "token_policies": ["kong-policy"],
    });
    for (name, value) in fields.as_object().into_iter().flatten() {
        role[name] = value.clone();
    }
    serde_json::from_value(role).expect("it is an object")
}

fn with_role(fields: Value) -> Evidence {
    let mut evidence = evidence();
    evidence.looks.vault.auth_role = seen(Some(vault_role(fields)));
    evidence
}

fn iam_role(unique_id: &str, path: &str) -> IamRole {
    IamRole {
        arn: format!("arn:aws:iam::{ACCOUNT}:role{path}VaultRole"),
        name: "VaultRole".into(),
        path: path.into(),
        unique_id: unique_id.into(),
        age_seconds: Some(60),
        trust: Value::Null,
        max_session_seconds: 3600,
        boundary: None,
        policies: Look::NotMade,
    }
}

fn signer() -> Who {
    Who {
        arn: SESSION.into(),
        account: ACCOUNT.into(),
        unique_id: "AROANEW".into(),
    }
}

fn refused(status: u16, side: Side, words: &str) -> Fault {
    let mut fault = Fault::new(
        StepId::Login,
        side,
        "auth/aws/login",
        "kong-role",
        Cause::Answered,
        words,
    );
    fault.status = Some(status);
    fault
}

/// STS refused what Vault forwarded.
fn by_sts(code: &str, message: &str) -> Fault {
    let error = format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    let words = format!("error making upstream request: received error code 403 from STS: {error}");
    let mut fault = refused(400, Side::StsViaVault, &words);
    fault.upstream = Some(error);
    fault
}

fn not_bound(principal: &str) -> Fault {
    let words = format!("IAM Principal \"{principal}\" does not belong to the role \"kong-role\"");
    refused(400, Side::Vault, &words)
}

fn certain(fault: &Fault, evidence: &Evidence, code: Code) -> Finding {
    let finding = explain(fault, evidence);
    let told = (finding.code, finding.confidence);
    assert_eq!(told, (code, Confidence::Certain), "{finding:#?}");
    assert_eq!(finding.alternatives, []);
    finding
}

/// The first code, where others are possible.
fn likely(fault: &Fault, evidence: &Evidence, code: Code) -> Finding {
    let finding = explain(fault, evidence);
    let told = (finding.code, finding.confidence);
    assert_eq!(told, (code, Confidence::Likely), "{finding:#?}");
    assert_ne!(finding.alternatives, []);
    finding
}

/// The commands of the remedies.
fn commands(finding: &Finding) -> Vec<&str> {
    let all = finding.remedies.iter();
    all.filter_map(|remedy| remedy.command.as_deref()).collect()
}
