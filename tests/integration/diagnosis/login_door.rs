//! 403 at the login: what is mounted there, and who may come in.

use serde_json::{Value, json};

use super::case::{Case, fact};
use crate::refusals::{Attempt, write_to_vault};
use crate::servers::{Article, Servers, Software, servers};

fn mount(servers: &Servers, path: &str, kind: &str) {
    let (status, answer) = servers.vault(
        "POST",
        &format!("sys/auth/{path}"),
        &json!({ "type": kind }),
    );
    assert!(status < 300, "{answer}");
}

fn write_role(article: &Article, fields: &Value) {
    write_to_vault(
        &format!("auth/{}/role/kong-role", article.auth_mount),
        fields,
    );
}

#[test]
fn an_absent_mount_is_certain_with_the_list_and_the_right_one_is_named() {
    let article = servers().article();
    // As if the name were mistyped: the right one is the nearest.
    let typed = format!("{}x", article.auth_mount);
    let words = ["--auth-mount", &typed];
    let case = Case::refused_by_vault(&article, &words);
    let without = case.without_rights("VLT601");
    assert_eq!(without["alternatives"], json!(["VLT602", "VLT515"]));
    let finding = case.is_decided("VLT601", "VLT601");
    assert_eq!(
        finding["remedies"][0]["command"],
        format!(
            "vaultiam login --explain --auth-mount {}",
            article.auth_mount
        )
    );
    case.cure(&finding, 0);
}

#[test]
fn a_namespace_that_was_not_named_stays_possible_where_there_are_some() {
    let nothing = servers().nothing_on(Software::OpenBao);
    let login = ["login", "--no-assume", "--explain", "--admin", "-o", "json"];
    let finding = || {
        let document = nothing.as_operator().run(&login).json();
        let finding = document["findings"][0].clone();
        assert_eq!(finding["code"], "VLT601", "{document:#}");
        finding
    };
    assert_eq!(finding()["confidence"], "certain");
    let (status, _) = nothing.vault_api("POST", "sys/namespaces/team", &json!({}));
    assert_eq!(status, 200);
    let likely = finding();
    assert_eq!(likely["confidence"], "likely");
    assert_eq!(likely["alternatives"], json!(["VLT515"]));
    assert_eq!(fact(&likely, "below")["value"], "team");
}

#[test]
fn another_method_is_told_by_its_help_or_by_the_list() {
    let article = servers().article();
    for (kind, without) in [
        ("userpass", "VLT601"),
        ("jwt", "VLT602"),
        ("approle", "VLT602"),
    ] {
        let path = format!("{kind}-{}", article.account);
        mount(servers(), &path, kind);
        let words = ["--auth-mount", &path];
        let case = Case::refused_by_vault(&article, &words);
        let unaided = case.without_rights(without);
        let is_certain = unaided["confidence"] == "certain";
        assert_eq!(is_certain, without == "VLT602", "{unaided:#}");
        let finding = case.is_certain("VLT602");
        assert_eq!(fact(&finding, "type")["value"], kind);
    }
}

#[test]
fn bound_addresses_are_certain_where_the_entity_is_alive() {
    let article = servers().article();
    let case = Case::refused_by_vault(&article, &[]);
    write_role(
        &article,
        &json!({ "token_bound_cidrs": ["10.0.0.0/8", "192.0.2.0/24"] }),
    );
    let finding = case.is_decided("VLT617", "VLT617");
    assert_eq!(
        fact(&finding, "address towards vault")["value"],
        "127.0.0.1"
    );
    case.is_cured_by(&finding, 1);
}

#[test]
fn a_disabled_entity_is_certain_where_no_address_is_bound() {
    let article = servers().article();
    let case = Case::refused_by_vault(&article, &[]);
    // The first login makes the entity.
    case.comes_through();
    let path = format!("auth/{}/role/kong-role", article.auth_mount);
    let (_, role) = servers().vault("GET", &path, &Value::Null);
    let (_, mounts) = servers().vault("GET", "sys/auth", &Value::Null);
    let accessor = &mounts["data"][format!("{}/", article.auth_mount)]["accessor"];
    let alias = json!({ "alias_name": role["data"]["role_id"], "alias_mount_accessor": accessor });
    let (_, entity) = servers().vault("POST", "identity/lookup/entity", &alias);
    let id = entity["data"]["id"].as_str().unwrap();
    write_to_vault(
        &format!("identity/entity/id/{id}"),
        &json!({ "disabled": true }),
    );

    let finding = case.is_decided("VLT617", "VLT619");
    // Addresses are bound too: then either could be it.
    write_role(&article, &json!({ "token_bound_cidrs": "10.0.0.0/8" }));
    let both = case.with_admin("VLT617");
    assert_eq!(both["alternatives"], json!(["VLT619"]));
    write_role(&article, &json!({ "token_bound_cidrs": "" }));
    case.is_cured_by(&finding, 0);
}

#[test]
fn a_second_factor_is_certain_and_names_no_secret() {
    let article = servers().article();
    let (_, mounts) = servers().vault("GET", "sys/auth", &Value::Null);
    let accessor = &mounts["data"][format!("{}/", article.auth_mount)]["accessor"];
    let (_, method) = servers().vault(
        "POST",
        "identity/mfa/method/totp",
        &json!({ "issuer": "vault", "generate": true }),
    );
    let rule = format!("identity/mfa/login-enforcement/of-{}", article.account);
    write_to_vault(
        &rule,
        &json!({
            "mfa_method_ids": [method["data"]["method_id"]],
            "auth_method_accessors": [accessor],
        }),
    );
    let attempt = Attempt::on_kongs_instance(&article);
    let document = attempt.is_refused(&["--explain"], ("login", "vault", 5, "VLT618"));
    assert_eq!(document["findings"][0]["confidence"], "certain");
    let (status, _) = servers().vault("DELETE", &rule, &Value::Null);
    assert_eq!(status, 204);
    attempt.comes_through(&[]);
}
