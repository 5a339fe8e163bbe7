//! Vault's own look-up of the principal, which a star in the binding demands.

use serde_json::{Value, json};

use super::case::{Case, fact};
use crate::refusals::{add_rule, write_to_vault};
use crate::servers::{Article, servers};

fn write_config(article: &Article, fields: &Value) {
    write_to_vault(
        &format!("auth/{}/config/client", article.auth_mount),
        fields,
    );
}

/// A role of Vault that binds with a star, so that the principal is looked up.
fn bind_with_a_star(article: &Article, arn: &str) {
    write_to_vault(
        &format!("auth/{}/role/starred", article.auth_mount),
        &json!({
            "auth_type": "iam",
            "bound_iam_principal_arn": arn,
            "token_policies": "default",
        }),
    );
}

fn starred(article: &Article) {
    bind_with_a_star(
        article,
        &format!("arn:aws:iam::{}:role/Vault*", article.account),
    );
}

const ROLE: &[&str] = &["--role", "starred"];

#[test]
fn a_vault_that_may_not_look_is_given_the_right() {
    let article = servers().article();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*" }],
    });
    let made = servers().control(
        "POST",
        "users",
        &json!({ "account": article.account, "name": "vault-blind", "policy": policy }),
    );
    write_config(
        &article,
        &json!({ "access_key": made["access_key_id"], "secret_key": made["secret_access_key"] }),
    );
    starred(&article);
    let case = Case::refused_by_vault(&article, ROLE).at("iam-via-vault");
    assert_eq!(case.without_rights("VLT612")["confidence"], "certain");
    let finding = case.is_certain("VLT612");
    let vault = fact(&finding, "vault is");
    assert_eq!(
        vault["value"],
        format!("arn:aws:iam::{}:user/vault-blind", article.account)
    );
    case.is_cured_by(&finding, 1);
}

#[test]
fn keys_that_do_not_work_are_told_from_a_missing_right() {
    let article = servers().article();
    starred(&article);
    let case = Case::refused_by_vault(&article, ROLE).at("iam-via-vault");
    for keys in [
        json!({ "access_key": "AKIAAAAAAAAAAAAAAAAA", "secret_key": "nothing" }),
        json!({ "access_key": "AKIAAAAAAAAAAAAAAAAA", "secret_key": "" }),
    ] {
        write_config(&article, &keys);
        assert_eq!(case.without_rights("VLT614")["confidence"], "certain");
        let finding = case.is_certain("VLT614");
        // The key is shown in its masked form.
        assert_eq!(fact(&finding, "access_key")["value"], "AKIA…AAAA");
    }
}

#[test]
fn an_endpoint_without_its_region_is_given_one() {
    let article = servers().article();
    starred(&article);
    write_config(
        &article,
        &json!({
            "sts_endpoint": "https://sts.eu-west-1.amazonaws.com",
            "sts_region": "",
            "use_sts_region_from_client": false,
        }),
    );
    let words = [
        "--role",
        "starred",
        "--sts",
        "regional",
        "--sts-region",
        "eu-west-1",
    ];
    let case = Case::refused_by_vault(&article, &words).at("iam-via-vault");
    let finding = case.is_decided("VLT629", "VLT629");
    case.is_cured_by(&finding, 0);
}

#[test]
fn another_account_is_told_with_its_number() {
    let (article, other) = (servers().article(), servers().article());
    // The login is of the other account; the mount and Vault's keys are not.
    bind_with_a_star(
        &article,
        &format!("arn:aws:iam::{}:role/Vault*", other.account),
    );
    let words = ["--role", "starred", "--auth-mount", &article.auth_mount];
    let case = Case::refused_by_vault(&other, &words).at("iam-via-vault");
    // The second time Vault has other words for it.
    for _ in 0..2 {
        assert_eq!(case.without_rights("VLT613")["confidence"], "certain");
    }
    let finding = case.is_certain("VLT613");
    assert_eq!(fact(&finding, "accounts")["value"], "none");
    let command = finding["remedies"][0]["command"].as_str().unwrap();
    assert!(
        command.contains(&format!("config/sts/{}", other.account)),
        "{command}"
    );
    // It is set up, and the role does not let Vault in.
    case.cure(&finding, 0);
    let refused = case.is_certain("VLT641");
    let entry = format!("auth/{}/config/sts/{}", article.auth_mount, other.account);
    let shown = refused["remedies"].to_string();
    assert!(shown.contains(&format!("vault read {entry}")), "{shown}");
}

#[test]
fn a_throttled_look_up_is_worth_another_try() {
    let article = servers().article();
    starred(&article);
    write_config(&article, &json!({ "max_retries": 0 }));
    add_rule(&article, "GetRole", &json!({ "answer": "throttling" }));
    let case = Case {
        step: ("login", "iam-via-vault", 10),
        ..Case::refused_by_vault(&article, ROLE)
    };
    assert_eq!(case.is_certain("SIG414")["confidence"], "certain");
}
