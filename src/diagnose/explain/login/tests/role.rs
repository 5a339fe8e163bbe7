//! The role of Vault: whether it is one for this login.

use serde_json::json;

use super::*;

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
    let evidence = with_role(json!({
        "auth_type": "ec2",
        "token_ttl": 600,
        "token_bound_cidrs": ["10.0.0.0/8"],
        "token_no_default_policy": true,
        "token_explicit_max_ttl": 0,
        "token_type": "batch",
    }));
    let finding = certain(&fault, &evidence, Code::VLT604);
    assert_eq!(
        commands(&finding),
        [
            format!("vault write auth/aws/role/kong-role-iam auth_type=iam bound_iam_principal_arn={LOGIN_ROLE} token_bound_cidrs=10.0.0.0/8 token_policies=kong-policy token_ttl=600 token_no_default_policy=true token_type=batch").as_str(),
            "vaultiam login --explain --role kong-role-iam",
        ]
    );
    // Where it was not seen, the settings tell what a role of Kong's hands out.
    let finding = certain(&fault, &super::evidence(), Code::VLT604);
    assert_eq!(
        commands(&finding),
        [
            "vault read auth/aws/role/kong-role",
            &format!(
                "vault write auth/aws/role/kong-role-iam auth_type=iam bound_iam_principal_arn={LOGIN_ROLE} token_policies=kong-policy token_ttl=3600 token_max_ttl=86400"
            ),
            "vaultiam login --explain --role kong-role-iam",
        ]
    );
    assert!(finding.remedies[1].text.contains("not seen"));
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
