//! Another identity than the one that was meant, and patterns that leave a path out.

use serde_json::json;

use super::*;
use crate::aws::credentials::Provider;
use crate::settings::{Id, Origin, WebIdentityVariables};

/// A pod whose own role is hidden by keys, or by the node's role.
fn as_node(provider: Provider, mut evidence: Evidence) -> Evidence {
    let mut settings = (*evidence.settings).clone();
    settings.aws.web_identity = Some(WebIdentityVariables {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/Pod"),
        token_file: "/var/run/token".into(),
    });
    evidence.settings = Arc::new(settings);
    evidence.seen.session = None;
    evidence.seen.assumed_role = None;
    evidence.seen.caller = Some(NODE.into());
    evidence.seen.unique_id = Some("AROANODE".into());
    evidence.seen.provider = Some(provider);
    evidence
}

const NODE: &str = "arn:aws:sts::123456789012:assumed-role/NodeRole/i-0abc";

#[test]
fn a_pods_own_role_that_is_hidden_comes_before_any_binding() {
    let fault = not_bound(NODE);
    let binding = |arn: &str| {
        with_role(json!({
            "bound_iam_principal_arn": [arn],
            "bound_iam_principal_id": ["AROAX"],
        }))
    };
    let pod = format!("arn:aws:iam::{ACCOUNT}:role/Pod");
    let unset = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN";
    let by_keys = |evidence| as_node(Provider::Environment, evidence);
    let finding = certain(&fault, &by_keys(binding(&pod)), Code::AWS114);
    assert_eq!(commands(&finding), [unset]);
    // It is not bound either: it may be let in, and the node's role never.
    let other = format!("arn:aws:iam::{ACCOUNT}:role/Other");
    let finding = likely(&fault, &by_keys(binding(&other)), Code::AWS114);
    assert_eq!(
        commands(&finding),
        [
            unset,
            &format!("vault write auth/aws/role/kong-role bound_iam_principal_arn={other},{pod}")
        ]
    );
    // Nobody saw the role.
    let finding = likely(&fault, &by_keys(evidence()), Code::AWS114);
    assert_eq!(
        commands(&finding),
        [unset, "vault read auth/aws/role/kong-role"]
    );
    assert_eq!(finding.alternatives[0], Code::VLT605);
    // The node's role itself is bound, with an old id.
    let node = format!("arn:aws:iam::{ACCOUNT}:role/NodeRole");
    likely(&fault, &by_keys(binding(&node)), Code::VLT607);
    // The token was exchanged: then nothing is hidden.
    let own = as_node(Provider::WebIdentity, binding(&other));
    certain(&fault, &own, Code::VLT605);
}

#[test]
fn a_stranger_is_bound_only_as_the_second_choice() {
    let fault = not_bound(NODE);
    let stranger = |arn: &str, origin: Option<Origin>| {
        let mut evidence = as_node(
            Provider::InstanceMetadata,
            with_role(json!({
                "bound_iam_principal_arn": [arn],
                "bound_iam_principal_id": ["AROAX"],
            })),
        );
        let mut settings = (*evidence.settings).clone();
        settings.aws.web_identity = None;
        if let Some(origin) = origin {
            settings
                .origins
                .insert(Id::KongRole, ("KongRole".into(), origin));
        }
        evidence.settings = Arc::new(settings);
        evidence
    };
    let kong = format!("arn:aws:iam::{ACCOUNT}:role/KongRole");
    let finding = certain(&fault, &stranger(&kong, Some(Origin::File)), Code::AWS114);
    assert_eq!(commands(&finding), [""; 0]);
    // The name that Kong's role has by default.
    let finding = likely(&fault, &stranger(&kong, None), Code::AWS114);
    assert_eq!(finding.alternatives, [Code::VLT605]);
    let other = format!("arn:aws:iam::{ACCOUNT}:role/Other");
    let finding = certain(&fault, &stranger(&other, None), Code::VLT605);
    assert_eq!(
        commands(&finding),
        [
            "vaultiam login --explain --profile $PROFILE",
            &format!(
                "vault write auth/aws/role/kong-role bound_iam_principal_arn={other},arn:aws:iam::{ACCOUNT}:role/NodeRole"
            ),
        ]
    );
    assert!(finding.remedies[1].text.starts_with("if this principal"));
    // Without a look at the role that is one of the causes.
    let mut unseen = stranger(&other, None);
    unseen.looks = Looks::default();
    let finding = likely(&fault, &unseen, Code::VLT605);
    assert!(finding.alternatives.contains(&Code::AWS114));
}

#[test]
fn a_role_under_a_path_is_told_from_a_star_that_does_not_count() {
    let sso = "AWSReservedSSO_Admin_0123456789abcdef";
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{sso}/alice");
    let entry = format!("arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_Admin*");
    let mut evidence = with_role(json!({
        "resolve_aws_unique_ids": false,
        "bound_iam_principal_id": [],
        "bound_iam_principal_arn": [entry],
    }));
    evidence.seen.session = None;
    evidence.seen.assumed_role = None;
    evidence.seen.caller = Some(session.clone());
    let fault = not_bound(&session);
    let exact = format!(
        "vault write auth/aws/role/kong-role 'bound_iam_principal_arn={entry},arn:aws:iam::{ACCOUNT}:role/{sso}'"
    );
    let finding = certain(&fault, &evidence, Code::VLT610);
    assert!(
        finding.cause.contains("/aws-reserved/sso"),
        "{}",
        finding.cause
    );
    assert_eq!(
        commands(&finding),
        [
            &exact,
            &format!("aws iam get-role --role-name {sso} --query Role.Arn --output text"),
        ]
    );
    // IAM shows the path: then the entry can be had with it.
    let place = format!("arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1");
    let mut role = iam_role("AROASSO", "/");
    role.name = sso.into();
    role.arn = format!("{place}/{sso}");
    evidence.looks.aws.caller_role = seen(Some(role));
    let finding = certain(&fault, &evidence, Code::VLT610);
    assert_eq!(
        commands(&finding),
        [
            &exact,
            &format!(
                "vault write auth/aws/role/kong-role 'bound_iam_principal_arn={entry},{place}/AWSReservedSSO_Admin*'"
            ),
        ]
    );
}

#[test]
fn an_empty_list_is_shown_as_one() {
    let evidence = with_role(json!({ "bound_iam_principal_id": [] }));
    let finding = explain(&not_bound(SESSION), &evidence);
    let ids = finding
        .evidence
        .iter()
        .find(|fact| fact.fact == "bound_iam_principal_id");
    assert_eq!(ids.map(|fact| fact.value.as_str()), Some("none"));
}
