//! "Does not belong to the role": each cause behind these words.

use serde_json::{Value, json};

use super::case::{Case, aws, fact};
use crate::refusals::{Attempt, write_to_vault};
use crate::servers::{Article, servers};

/// Makes a role of Vault that binds these ARNs.
fn bind(article: &Article, role: &str, arns: &[&str], resolves: bool) {
    write_to_vault(
        &format!("auth/{}/role/{role}", article.auth_mount),
        &json!({
            "auth_type": "iam",
            "bound_iam_principal_arn": arns,
            "resolve_aws_unique_ids": resolves,
            "token_policies": "default",
        }),
    );
}

/// What a role of Vault binds.
fn bound(article: &Article, role: &str) -> Value {
    let path = format!("auth/{}/role/{role}", article.auth_mount);
    let (_, answer) = servers().vault("GET", &path, &Value::Null);
    answer["data"]["bound_iam_principal_arn"].clone()
}

#[test]
fn a_role_made_anew_is_known_by_the_two_ids() {
    let article = servers().article();
    aws(
        &article,
        "aws iam remove-role-from-instance-profile --instance-profile-name VaultRole --role-name VaultRole \
         && aws iam delete-role-policy --role-name VaultRole --policy-name VaultRole \
         && aws iam get-role --role-name VaultRole --query Role.AssumeRolePolicyDocument >trust.json \
         && aws iam delete-role --role-name VaultRole \
         && aws iam create-role --role-name VaultRole --assume-role-policy-document file://trust.json",
    );
    let case = Case::refused_by_vault(&article, &[]);
    let finding = case.is_decided("VLT605", "VLT607");
    assert_ne!(
        fact(&finding, "bound_iam_principal_id")["value"],
        fact(&finding, "unique id")["value"]
    );
    assert_eq!(
        fact(&finding, "bound_iam_principal_id")["seen_with"],
        "admin token"
    );
    // Setup of one side alone cannot see that.
    assert_eq!(finding["remedies"][1]["command"], "vaultiam setup");
    case.is_cured_by(&finding, 0);
}

#[test]
fn what_never_matches_is_named_and_replaced() {
    let article = servers().article();
    let account = &article.account;
    let kong = &article.kong_role_arn;
    let cases = [
        (
            format!("arn:aws:iam::{account}:role/team/VaultRole"),
            "VLT608",
        ),
        (
            format!("arn:aws:sts::{account}:assumed-role/VaultRole/vaultiam"),
            "VLT609",
        ),
        (
            format!("arn:aws:sts::{account}:assumed-role/VaultRole/*"),
            "VLT609",
        ),
        ("*".to_owned(), "VLT610"),
        (format!("arn:aws:iam::{account}:role/*Role"), "VLT610"),
        (format!("arn:aws:iam::{account}:role/vault*"), "VLT610"),
        (format!("arn:aws:iam::{account}:role/team/*"), "VLT610"),
        (
            "arn:aws:iam::999999999999:role/VaultRole".to_owned(),
            "VLT611",
        ),
        (
            format!("arn:aws-cn:iam::{account}:role/VaultRole"),
            "VLT611",
        ),
        (format!("arn:aws:iam::{account}:role/vaultrole"), "VLT605"),
    ];
    for (number, (arn, code)) in cases.iter().enumerate() {
        let role = format!("never-{number}");
        bind(&article, &role, &[kong, arn], false);
        let words = ["--role", &role];
        let case = Case::refused_by_vault(&article, &words);
        let finding = case.is_decided("VLT605", code);
        case.is_cured_by(&finding, 0);
        // Nobody lost the login that way.
        let now = bound(&article, &role);
        assert!(
            now.as_array().unwrap().contains(&json!(kong)),
            "{arn}: {now}"
        );
    }
}

#[test]
fn a_star_that_leaves_the_path_out_is_told_and_the_path_is_found() {
    let article = servers().article();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": article.kong_role_arn },
            "Action": "sts:AssumeRole",
        }],
    });
    aws(
        &article,
        &format!(
            "aws iam create-role --role-name TeamReader --path /team/ --assume-role-policy-document '{trust}'"
        ),
    );
    let arn = format!("arn:aws:iam::{}:role/team/TeamReader", article.account);
    let may_assume = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn }],
    });
    aws(
        &article,
        &format!(
            "aws iam put-role-policy --role-name KongRole --policy-name team --policy-document '{may_assume}'"
        ),
    );
    let pattern = format!("arn:aws:iam::{}:role/TeamR*", article.account);
    bind(&article, "starred", &[&pattern], false);
    let words = ["--role", "starred", "--assume-role-arn", &arn];
    let case = Case::refused_by_vault(&article, &words);
    let finding = case.is_decided("VLT605", "VLT610");
    let cause = finding["cause"].as_str().unwrap();
    assert!(cause.contains("under another path"), "{cause}");
    case.cure(&finding, 1);
    case.is_cured_by(&finding, 0);
    assert_eq!(bound(&article, "starred")[0], json!(pattern));
}

#[test]
fn keys_that_hide_a_pods_role_are_not_let_in() {
    let article = servers().article();
    let kong = &article.kong_role_arn;
    bind(&article, "pod", &[kong], false);
    let attempt = Attempt::as_operator(&article)
        .env("AWS_ROLE_ARN", kong)
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/token");
    let words = ["--no-assume", "--role", "pod"];
    let refusal = ("login", "vault", 4, "AWS114");
    let document = attempt.is_refused(&words, refusal);
    assert_eq!(document["findings"][0]["confidence"], "likely");
    let attempt = attempt.env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    let words = [&words[..], &["--explain", "--admin"]].concat();
    let document = attempt.is_refused(&words, refusal);
    let finding = &document["findings"][0];
    assert_eq!(finding["confidence"], "certain", "{finding:#}");
    let remedies = finding["remedies"].to_string();
    assert!(!remedies.contains("user/operator"), "{remedies}");
    assert_eq!(
        finding["remedies"][0]["command"],
        "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
    );
}

#[test]
fn ids_instead_of_arns_are_another_way_with_a_path() {
    let article = servers().article();
    let path = format!("arn:aws:iam::{}:role/team/VaultRole", article.account);
    bind(&article, "with-path", &[&path], false);
    let case = Case::refused_by_vault(&article, &["--role", "with-path"]);
    let finding = case.is_certain("VLT608");
    case.is_cured_by(&finding, 1);
}

#[test]
fn another_principal_is_named_beside_those_that_are_bound() {
    let article = servers().article();
    bind(&article, "kong-only", &[&article.kong_role_arn], true);
    let case = Case::refused_by_vault(&article, &["--role", "kong-only"]);
    let finding = case.is_decided("VLT605", "VLT605");
    case.is_cured_by(&finding, 0);
    let both = json!([article.kong_role_arn, article.login_role_arn]);
    assert_eq!(bound(&article, "kong-only"), both);
}

#[test]
fn a_step_that_was_left_out_is_certain_where_the_login_role_is_bound() {
    let article = servers().article();
    let case = Case::refused_by_vault(&article, &["--no-assume"]);
    let finding = case.is_decided("VLT606", "VLT606");
    let command = finding["remedies"][0]["command"].as_str().unwrap();
    assert!(command.ends_with(&article.login_role_arn), "{command}");
    case.cure(&finding, 0);
    // Kong's own role is bound, and another one: then it is not that step.
    bind(
        &article,
        "others",
        &["arn:aws:iam::999999999999:role/X"],
        false,
    );
    let words = ["--no-assume", "--role", "others"];
    Case::refused_by_vault(&article, &words).is_decided("VLT606", "VLT605");
}
