//! Whom the role of Vault binds.

use serde_json::{Value, json};

use super::*;

/// What is bound, and what that comes to.
#[test]
fn the_binding_decides_where_it_was_seen() {
    let without_ids = |arns: Value| {
        json!({
            "resolve_aws_unique_ids": false,
            "bound_iam_principal_id": [],
            "bound_iam_principal_arn": arns,
        })
    };
    let cases = [
        (json!({}), Code::VLT607),
        (
            without_ids(json!(["arn:aws:iam::123456789012:role/team/VaultRole"])),
            Code::VLT608,
        ),
        (without_ids(json!([SESSION])), Code::VLT609),
        (
            json!({
                "bound_iam_principal_arn": ["arn:aws:sts::123456789012:assumed-role/VaultRole/*"],
                "bound_iam_principal_id": [],
            }),
            Code::VLT609,
        ),
        (without_ids(json!(["*"])), Code::VLT610),
        (
            without_ids(json!(["arn:aws:iam::123456789012:role/*Role"])),
            Code::VLT610,
        ),
        (
            without_ids(json!(["arn:aws:iam::123456789012:role/vault*"])),
            Code::VLT610,
        ),
        (
            without_ids(json!(["arn:aws:iam::999999999999:role/VaultRole"])),
            Code::VLT611,
        ),
        (
            without_ids(json!(["arn:aws-cn:iam::123456789012:role/VaultRole"])),
            Code::VLT611,
        ),
        (
            without_ids(json!(["arn:aws:iam::123456789012:role/Other"])),
            Code::VLT605,
        ),
        (
            without_ids(json!(["arn:aws:iam::123456789012:role/vaultrole"])),
            Code::VLT605,
        ),
    ];
    for (fields, code) in cases {
        let fault = not_bound(SESSION);
        let finding = certain(&fault, &with_role(fields.clone()), code);
        assert!(!commands(&finding).is_empty(), "{fields}");
        // Without the role nothing of it is certain.
        let finding = likely(&fault, &evidence(), Code::VLT605);
        assert_eq!(finding.not_seen[0].action, "read");
        assert_eq!(finding.not_seen[0].target, "auth/aws/role/kong-role");
    }
}

#[test]
fn a_role_that_binds_the_caller_by_now_proves_nothing() {
    let evidence = with_role(json!({ "bound_iam_principal_id": ["AROANEW"] }));
    likely(&not_bound(SESSION), &evidence, Code::VLT605);
}

#[test]
fn an_old_id_is_that_of_a_role_made_anew_only_where_the_session_is_new() {
    let fault = not_bound(SESSION);
    let bound = with_role(json!({}));
    certain(&fault, &bound, Code::VLT607);

    // The credentials were not got from STS in this run: they may be the old ones.
    let mut kept = bound.clone();
    kept.seen.session = None;
    kept.seen.caller = Some(SESSION.into());
    let finding = likely(&fault, &kept, Code::VLT607);
    assert_eq!(finding.alternatives, [Code::VLT605]);
    assert_eq!(finding.not_seen[0].action, "iam:GetRole");

    // IAM shows which of the two ids is that of the role.
    let mut of_new = kept.clone();
    of_new.looks.aws.login_role = seen(Some(iam_role("AROANEW", "/")));
    certain(&fault, &of_new, Code::VLT607);
    let mut of_old = kept;
    of_old.looks.aws.login_role = seen(Some(iam_role("AROAOLD", "/")));
    let finding = certain(&fault, &of_old, Code::VLT605);
    assert!(finding.cause.contains("deleted"), "{}", finding.cause);
}

#[test]
fn a_role_made_lately_is_thought_of_first() {
    let mut young = evidence();
    young.looks.aws.login_role = seen(Some(iam_role("AROANEW", "/")));
    let finding = likely(&not_bound(SESSION), &young, Code::VLT607);
    assert_eq!(finding.alternatives[0], Code::VLT605);
}

#[test]
fn remedies_keep_what_is_bound() {
    let other = "arn:aws:iam::123456789012:role/Other";
    let third = "arn:aws:iam::123456789012:role/ci-*";
    let write = "vault write auth/aws/role/kong-role";
    let of = |arns: Value, ids: Value, resolves: bool| {
        let evidence = with_role(json!({
            "bound_iam_principal_arn": arns,
            "bound_iam_principal_id": ids,
            "resolve_aws_unique_ids": resolves,
        }));
        let finding = explain(&not_bound(SESSION), &evidence);
        commands(&finding)[0].to_owned()
    };
    assert_eq!(
        of(
            json!([other, LOGIN_ROLE]),
            json!(["AROAX", "AROAOLD"]),
            true
        ),
        format!("{write} bound_iam_principal_arn={other},{LOGIN_ROLE}")
    );
    let path = "arn:aws:iam::123456789012:role/team/VaultRole";
    assert_eq!(
        of(json!([path, other]), json!([]), false),
        format!("{write} bound_iam_principal_arn={other},{LOGIN_ROLE}")
    );
    assert_eq!(
        of(json!([other, SESSION]), json!([]), false),
        format!("{write} bound_iam_principal_arn={other},{LOGIN_ROLE}")
    );
    assert_eq!(
        of(json!([other, third]), json!([]), false),
        format!("{write} 'bound_iam_principal_arn={other},{third},{LOGIN_ROLE}'")
    );
}

#[test]
fn kongs_role_is_recognised_where_the_login_role_is_bound() {
    let fault = not_bound(KONG);
    let as_kong = |mut evidence: Evidence| {
        evidence.seen.session = None;
        evidence.seen.assumed_role = None;
        evidence.seen.unique_id = Some("AROAKONG".into());
        evidence
    };
    let finding = certain(&fault, &as_kong(with_role(json!({}))), Code::VLT606);
    assert_eq!(
        commands(&finding),
        [format!(
            "vaultiam login --explain --assume-role-arn {LOGIN_ROLE}"
        )]
    );
    let finding = likely(&fault, &as_kong(evidence()), Code::VLT606);
    assert_eq!(finding.alternatives, [Code::VLT605, Code::VLT607]);
    // Another is bound, or Kong's own role is, with another id.
    let bound = |arn: &str| {
        as_kong(with_role(json!({
            "bound_iam_principal_arn": [arn],
            "bound_iam_principal_id": ["AROAX"],
        })))
    };
    certain(
        &fault,
        &bound("arn:aws:iam::123456789012:role/Other"),
        Code::VLT605,
    );
    likely(
        &fault,
        &bound("arn:aws:iam::123456789012:role/KongRole"),
        Code::VLT607,
    );
    // Somebody else who leaves the step out is not Kong.
    let node = "arn:aws:sts::123456789012:assumed-role/NodeRole/i-0abc";
    let mut as_node = as_kong(with_role(json!({})));
    as_node.seen.caller = Some(node.into());
    let finding = certain(&not_bound(node), &as_node, Code::VLT605);
    assert!(commands(&finding)[0].contains("--assume-role-arn"));
}
