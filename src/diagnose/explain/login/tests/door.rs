//! 403, and what answers at the login's path.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::diagnose::looks::{Entity, LoginKind};

fn denied() -> Fault {
    refused(403, Side::Vault, "permission denied")
}

fn with_kind(kind: LoginKind) -> Evidence {
    let mut evidence = evidence();
    evidence.looks.vault.login_kind = by_anybody(kind);
    evidence
}

fn mounts(of: &[(&str, &str)]) -> Look<BTreeMap<String, String>> {
    let all = of
        .iter()
        .map(|(path, kind)| ((*path).to_owned(), (*kind).to_owned()));
    seen(all.collect())
}

#[test]
fn without_any_look_nothing_is_decided() {
    let finding = likely(&denied(), &evidence(), Code::VLT631);
    assert_eq!(finding.alternatives[0], Code::VLT601);
    assert!(commands(&finding)[0].starts_with("curl "));
}

#[test]
fn an_absent_mount_is_certain_with_the_list_of_mounts() {
    let nothing = with_kind(LoginKind::Nothing);
    let finding = likely(&denied(), &nothing, Code::VLT601);
    assert_eq!(finding.alternatives, [Code::VLT602, Code::VLT515]);
    assert_eq!(finding.not_seen[0].target, "sys/auth");

    let mut listed = nothing.clone();
    listed.looks.vault.auth_mounts = mounts(&[("token", "token"), ("aws-kong", "aws")]);
    // There may be namespaces, and the mount in one of them.
    let finding = likely(&denied(), &listed, Code::VLT601);
    assert_eq!(finding.alternatives, [Code::VLT515]);
    assert_eq!(finding.not_seen[0].target, "sys/namespaces");
    let mut without_namespaces = listed.clone();
    without_namespaces.looks.vault.namespaces = seen(Vec::new());
    let finding = certain(&denied(), &without_namespaces, Code::VLT601);
    assert_eq!(
        commands(&finding)[0],
        "vaultiam login --explain --auth-mount aws-kong"
    );
    let mut with_namespaces = listed;
    with_namespaces.looks.vault.namespaces = seen(vec!["team".to_owned()]);
    likely(&denied(), &with_namespaces, Code::VLT601);
}

#[test]
fn a_path_that_takes_no_logins_is_told_by_its_words() {
    // So says Vault until 1.9, where it says 403 later.
    let old = refused(400, Side::Vault, "missing client token");
    let finding = likely(&old, &evidence(), Code::VLT601);
    assert_eq!(finding.alternatives, [Code::VLT602, Code::VLT515]);
    let mut hosted = evidence();
    let mut settings = (*hosted.settings).clone();
    settings.vault.address = "https://vault-1.z1.hashicorp.cloud:8200".into();
    hosted.settings = Arc::new(settings);
    let finding = likely(&old, &hosted, Code::VLT515);
    assert_eq!(finding.alternatives, [Code::VLT601, Code::VLT602]);
    // An agent of Vault's adds its token: then the words are plain.
    let words = r#"no handler for route "auth/aws/login". route entry not found."#;
    let plain = refused(404, Side::Vault, words);
    let finding = likely(&plain, &evidence(), Code::VLT601);
    assert_eq!(finding.alternatives, [Code::VLT515]);
    let mut without_namespaces = evidence();
    without_namespaces.looks.vault.namespaces = seen(Vec::new());
    certain(&plain, &without_namespaces, Code::VLT601);
    let other = refused(
        404,
        Side::Vault,
        "1 error occurred:\n\t* unsupported path\n\n",
    );
    let finding = likely(&other, &evidence(), Code::VLT602);
    assert_eq!(finding.alternatives, [Code::VLT601]);
}

#[test]
fn a_namespace_that_can_be_read_is_there() {
    let mut evidence = with_kind(LoginKind::Nothing);
    let mut settings = (*evidence.settings).clone();
    settings.vault.namespace = Some("team".into());
    evidence.settings = Arc::new(settings);
    let finding = likely(&denied(), &evidence, Code::VLT601);
    assert!(finding.alternatives.contains(&Code::VLT515));
    evidence.looks.vault.auth_mounts = mounts(&[("token", "token")]);
    let finding = certain(&denied(), &evidence, Code::VLT601);
    assert!(finding.cause.contains("'team'"), "{}", finding.cause);
}

#[test]
fn a_hosted_vault_without_a_namespace_wants_one() {
    let mut evidence = with_kind(LoginKind::Nothing);
    let mut settings = (*evidence.settings).clone();
    settings.vault.address = "https://vault-1.z1.hashicorp.cloud:8200".into();
    evidence.settings = Arc::new(settings);
    likely(&denied(), &evidence, Code::VLT515);
}

#[test]
fn another_method_is_known_by_its_help_or_by_the_list() {
    let other = with_kind(LoginKind::Other("Log in with a JWT.".into()));
    for status in [403, 404, 500, 400] {
        certain(&refused(status, Side::Vault, "x"), &other, Code::VLT602);
    }
    // What nobody may ask can be there all the same.
    let hidden = with_kind(LoginKind::Nothing);
    likely(&not_bound(SESSION), &hidden, Code::VLT605);
    let mut listed = hidden;
    listed.looks.vault.auth_mounts = mounts(&[("aws", "userpass"), ("aws-2", "aws")]);
    let finding = certain(&denied(), &listed, Code::VLT602);
    assert_eq!(
        commands(&finding),
        [
            "vaultiam login --explain --auth-mount aws-2",
            "vaultiam setup --only vault --auth-mount aws-kong",
        ]
    );
    // What is listed is an aws method, so it is not that.
    listed.looks.vault.auth_mounts = mounts(&[("aws", "aws")]);
    likely(&denied(), &listed, Code::VLT631);
}

#[test]
fn where_an_aws_method_is_address_and_entity_are_left() {
    let there = with_kind(LoginKind::Aws);
    let finding = likely(&denied(), &there, Code::VLT617);
    assert_eq!(finding.alternatives, [Code::VLT619]);

    let entity = |disabled| {
        seen(Some(Entity {
            id: "e-1".into(),
            disabled,
        }))
    };
    let with = |cidrs: serde_json::Value, entity: Look<Option<Entity>>| {
        let mut evidence = there.clone();
        let role = vault_role(json!({ "token_bound_cidrs": cidrs }));
        evidence.looks.vault.auth_role = seen(Some(role));
        evidence.looks.vault.entity = entity;
        evidence.looks.vault.own_address = by_anybody("192.0.2.1".to_owned());
        evidence
    };
    let ranges = || json!(["10.0.0.0/8"]);
    let finding = certain(&denied(), &with(ranges(), entity(false)), Code::VLT617);
    assert_eq!(
        commands(&finding),
        ["vault write auth/aws/role/kong-role token_bound_cidrs=10.0.0.0/8,192.0.2.1/32"]
    );
    certain(&denied(), &with(ranges(), seen(None)), Code::VLT617);
    let finding = likely(&denied(), &with(ranges(), Look::NotMade), Code::VLT617);
    assert_eq!(finding.not_seen[0].target, "identity/lookup/entity");
    let finding = likely(&denied(), &with(ranges(), entity(true)), Code::VLT617);
    assert_eq!(finding.alternatives, [Code::VLT619]);

    let finding = certain(&denied(), &with(json!([]), entity(true)), Code::VLT619);
    assert_eq!(
        commands(&finding),
        ["vault write identity/entity/id/e-1 disabled=false"]
    );
    likely(&denied(), &with(json!([]), Look::NotMade), Code::VLT619);
    likely(&denied(), &with(json!([]), entity(false)), Code::VLT631);
}
