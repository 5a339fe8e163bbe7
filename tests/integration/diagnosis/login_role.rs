//! The role that was asked for: absent, of another type, for instances only,
//! with policies that no login gets.

use serde_json::{Value, json};

use super::case::{Case, fact};
use crate::refusals::{Attempt, add_rule, write_to_vault};
use crate::servers::{Article, servers};

fn write_role(article: &Article, role: &str, fields: Value) {
    let mut all = json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": article.login_role_arn,
        "token_policies": "default",
    });
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    write_to_vault(&format!("auth/{}/role/{role}", article.auth_mount), &all);
}

#[test]
fn a_mistyped_role_is_named_with_the_one_that_was_meant() {
    let article = servers().article();
    write_role(&article, "machines", json!({}));
    let case = Case::refused_by_vault(&article, &["--role", "kong-rolle"]);
    let without = case.without_rights("VLT603");
    assert_eq!(without["confidence"], "certain");
    assert_eq!(without["not_seen"][0]["action"], "list");
    let finding = case.is_certain("VLT603");
    assert_eq!(fact(&finding, "roles")["value"], "kong-role, machines");
    case.cure(&finding, 0);
}

#[test]
fn the_name_of_an_iam_role_is_recognised() {
    let article = servers().article();
    let case = Case {
        article: &article,
        words: &["--role", "VaultRole"],
        step: ("login", "vault", 5),
    };
    let finding = case.is_certain("VLT633");
    case.cure(&finding, 0);
}

#[test]
fn a_role_of_type_ec2_is_told_with_a_second_one() {
    let article = servers().article();
    write_to_vault(
        &format!("auth/{}/role/machines", article.auth_mount),
        &json!({ "auth_type": "ec2", "bound_account_id": article.account, "token_ttl": 600 }),
    );
    let case = Case::refused_by_vault(&article, &["--role", "machines"]);
    // Where the role is not seen, the settings have what a role hands out.
    let unseen = case.without_rights("VLT604");
    assert_eq!(unseen["confidence"], "certain");
    case.cure(&unseen, 1);
    case.cure(&unseen, 2);
    let second = format!("auth/{}/role/machines-iam", article.auth_mount);
    let (_, role) = servers().vault("GET", &second, &Value::Null);
    assert_eq!(role["data"]["token_policies"], json!(["kong-policy"]));
    let finding = case.is_certain("VLT604");
    case.cure(&finding, 0);
    case.cure(&finding, 1);
    let (_, role) = servers().vault("GET", &second, &Value::Null);
    assert_eq!(role["data"]["token_ttl"], 600);
}

#[test]
fn a_session_that_is_no_instance_is_told_before_anything_of_ec2() {
    let article = servers().article();
    let inferring = json!({
        "inferred_entity_type": "ec2_instance",
        "inferred_aws_region": "us-east-1",
        "bound_vpc_id": "vpc-1",
    });
    write_role(&article, "inferring", inferring);
    let case = Case::refused_by_vault(&article, &["--role", "inferring"]);
    assert_eq!(case.without_rights("VLT615")["confidence"], "certain");
    let finding = case.is_certain("VLT615");
    assert_eq!(fact(&finding, "session name")["value"], "vaultiam-tester");
    case.is_cured_by(&finding, 0);
}

#[test]
fn an_instance_that_vault_may_not_look_up_is_told_from_none() {
    let article = servers().article();
    let inferring = json!({
        "inferred_entity_type": "ec2_instance",
        "inferred_aws_region": "us-east-1",
        "bound_iam_principal_arn": article.kong_role_arn,
        "resolve_aws_unique_ids": false,
    });
    write_role(&article, "instances", inferring);
    let words = ["--no-assume", "--role", "instances"];
    let case = Case::refused_by_vault(&article, &words);
    // Nobody asked STS who logs in: Vault quotes the instance.
    let attempt = Attempt::on_kongs_instance(&article);
    let document = attempt.is_refused(&words, ("login", "vault", 5, "VLT640"));
    assert_eq!(document["findings"][0]["confidence"], "certain");
    let finding = case.is_certain("VLT640");
    let session = fact(&finding, "instance")["value"].as_str().unwrap();
    assert!(session.starts_with("i-"), "{session}");
    case.cure(&finding, 0);
    // Now it may look, and there is no such instance.
    let finding = case.with_admin("VLT615");
    assert_eq!(finding["confidence"], "likely", "{finding:#}");
}

#[test]
fn a_vault_that_may_not_look_at_instances_is_told_with_the_right_that_it_lacks() {
    let article = servers().article();
    let server = format!(
        "arn:aws:sts::{}:assumed-role/VaultServer/i-1",
        article.account
    );
    // As EC2 answers it; the look is Vault's own.
    let message = format!(
        "You are not authorized to perform this operation. User: {server} is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action"
    );
    let body = format!(
        "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>{message}</Message></Error></Errors><RequestID>r</RequestID></Response>"
    );
    let reply = json!({ "status": 403, "headers": { "content-type": "text/xml" }, "body": body });
    let rules = json!([{ "match": {}, "do": { "reply": reply } }]);
    let ec2 = servers().control("POST", "relays", &json!({ "rules": rules }));
    write_to_vault(
        &format!("auth/{}/config/client", article.auth_mount),
        &json!({ "endpoint": ec2["url"] }),
    );
    let inferring = json!({
        "inferred_entity_type": "ec2_instance",
        "inferred_aws_region": "us-east-1",
        "bound_vpc_id": "vpc-1",
    });
    write_role(&article, "inferring", inferring);
    let words = [
        "--role",
        "inferring",
        "--session-name",
        "i-0123456789abcdef0",
    ];
    let case = Case::refused_by_vault(&article, &words);
    assert_eq!(case.without_rights("VLT640")["confidence"], "certain");
    let finding = case.is_certain("VLT640");
    assert_eq!(fact(&finding, "missing")["value"], "ec2:DescribeInstances");
    assert_eq!(fact(&finding, "vault is")["value"], server.as_str());
    let command = finding["remedies"][0]["command"].as_str().unwrap();
    assert!(
        command.contains("--role-name VaultServer") && command.contains("ec2:DescribeInstances")
    );
    // Without inferring there is no such look.
    case.is_cured_by(&finding, 1);
}

#[test]
fn a_policy_that_no_login_gets_is_taken_out_and_the_others_stay() {
    let article = servers().article();
    write_role(
        &article,
        "rooted",
        json!({ "token_policies": "root,default" }),
    );
    let case = Case::refused_by_vault(&article, &["--role", "rooted"]);
    let without = case.without_rights("VLT632");
    assert_eq!(without["not_seen"][0]["action"], "read");
    let finding = case.is_certain("VLT632");
    case.is_cured_by(&finding, 0);
}

#[test]
fn a_principal_that_vault_cannot_bind_is_named() {
    let article = servers().article();
    let arn = format!("arn:aws:sts::{}:federated-user/bob", article.account);
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{0}:bob</UserId><Account>{0}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        article.account
    );
    let reply = json!({ "status": 200, "body": body, "headers": { "Content-Type": "text/xml" } });
    add_rule(&article, "GetCallerIdentity", &json!({ "reply": reply }));
    let attempt = Attempt::on_kongs_instance(&article);
    let document = attempt.is_refused(&[], ("login", "vault", 5, "VLT630"));
    assert_eq!(document["findings"][0]["confidence"], "certain");
    assert_eq!(fact(&document["findings"][0], "caller")["value"], arn);
}
