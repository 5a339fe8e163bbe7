//! The role of Vault: whom it binds, and whether it is one for this login.

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

#[test]
fn a_missing_role_is_named_with_the_one_that_was_meant() {
    let fault = refused(400, Side::Vault, "entry for role kong-role not found");
    let with_roles = |names: &[&str]| {
        let mut evidence = evidence();
        evidence.looks.vault.auth_roles =
            seen(names.iter().map(|name| (*name).to_owned()).collect());
        evidence
    };
    let cases = [
        (
            &["kong-rolle", "machines"][..],
            "vaultiam login --explain --role kong-rolle",
        ),
        (&["gateway"], "vaultiam login --explain --role gateway"),
        (
            &["alpha", "beta"],
            "vaultiam setup --only vault --auth-role kong-role",
        ),
        (&[], "vaultiam setup --only vault --auth-role kong-role"),
    ];
    for (names, command) in cases {
        let finding = certain(&fault, &with_roles(names), Code::VLT603);
        assert_eq!(commands(&finding), [command]);
    }
    let finding = certain(&fault, &evidence(), Code::VLT603);
    assert_eq!(commands(&finding), ["vault list auth/aws/roles"]);

    let named = |name: &str| {
        let mut evidence = with_roles(&["kong-role"]);
        let mut settings = (*evidence.settings).clone();
        settings.vault.auth_role = name.to_owned();
        evidence.settings = Arc::new(settings);
        evidence
    };
    for name in ["VaultRole", "kongrole"] {
        let words = format!("entry for role {name} not found");
        let fault = refused(400, Side::Vault, &words);
        certain(&fault, &named(name), Code::VLT633);
    }
}

#[test]
fn a_role_of_type_ec2_is_told_with_one_that_works_beside_it() {
    let fault = refused(
        400,
        Side::Vault,
        "auth method iam not allowed for role kong-role",
    );
    let evidence = with_role(json!({ "auth_type": "ec2", "token_ttl": 600 }));
    let finding = certain(&fault, &evidence, Code::VLT604);
    assert_eq!(
        commands(&finding),
        [
            format!("vault write auth/aws/role/kong-role-iam auth_type=iam bound_iam_principal_arn={LOGIN_ROLE} token_policies=kong-policy token_ttl=600").as_str(),
            "vaultiam login --explain --role kong-role-iam",
        ]
    );
}

#[test]
fn a_policy_that_no_login_gets_is_taken_out() {
    let fault = refused(400, Side::Vault, "auth methods cannot create root tokens");
    let evidence = with_role(json!({ "token_policies": ["root", "kong-policy"] }));
    let finding = certain(&fault, &evidence, Code::VLT632);
    assert_eq!(
        commands(&finding),
        ["vault write auth/aws/role/kong-role token_policies=kong-policy"]
    );
    // The role does not name it: an identity does.
    let finding = certain(&fault, &with_role(json!({})), Code::VLT632);
    assert!(finding.cause.contains("entity"), "{}", finding.cause);
}

#[test]
fn words_that_nobody_knows_are_held_against_what_was_seen() {
    let fault = refused(400, Side::Vault, "frob qux");
    likely(&fault, &evidence(), Code::VLT631);
    likely(&fault, &with_role(json!({})), Code::VLT607);
    likely(
        &fault,
        &with_role(json!({ "auth_type": "ec2" })),
        Code::VLT604,
    );
    let mut absent = evidence();
    absent.looks.vault.auth_role = seen(None);
    likely(&fault, &absent, Code::VLT603);
    let root = json!({ "bound_iam_principal_id": ["AROANEW"], "token_policies": ["root"] });
    likely(&fault, &with_role(root), Code::VLT632);
    let fits = with_role(json!({ "bound_iam_principal_id": ["AROANEW"] }));
    likely(&fault, &fits, Code::VLT631);
}

#[test]
fn a_principal_that_cannot_be_bound_is_named() {
    let root = r#"error parsing arn "arn:aws:iam::123456789012:root": unrecognized arn"#;
    let finding = certain(&refused(400, Side::Vault, root), &evidence(), Code::VLT630);
    assert!(commands(&finding)[0].contains(LOGIN_ROLE), "{finding:?}");
}
