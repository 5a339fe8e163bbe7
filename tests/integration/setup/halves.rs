//! Two people, each with one side's credentials.

use serde_json::{Value, json};

use super::topologies::assert_article;
use super::{assert_in_place, assert_kong_reads, codes, put_secret, whole};
use crate::servers::{Nothing, servers};
use crate::vaultiam::Vaultiam;

/// Who may change IAM and has no token.
fn aws_person(nothing: &Nothing) -> Vaultiam {
    // Nobody answers there: the run must not ask.
    let run = nothing.as_operator().without("VAULT_TOKEN");
    run.env("VAULT_ADDR", "http://127.0.0.1:9")
}

/// Who has a token and no key of AWS.
fn vault_person(nothing: &Nothing) -> Vaultiam {
    nothing
        .as_operator()
        .without("AWS_ACCESS_KEY_ID")
        .without("AWS_SECRET_ACCESS_KEY")
        .env("VAULTIAM_ACCOUNT_ID", &nothing.account)
}

#[test]
fn two_people_come_to_the_same_state() {
    let nothing = servers().nothing();
    let empty = whole(&nothing)["vault"].clone();
    let planned = aws_person(&nothing).run(&["setup", "--only", "aws", "--plan", "-o", "json"]);
    assert_eq!(planned.code, 3, "{}\n{}", planned.stdout, planned.stderr);
    assert_eq!(planned.json()["changes"].as_array().unwrap().len(), 6);
    let ended = aws_person(&nothing).run(&["setup", "--only", "aws", "--yes", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    assert_eq!(whole(&nothing)["vault"], empty);
    let again = aws_person(&nothing).run(&["setup", "--only", "aws", "--plan"]);
    assert_eq!(again.code, 0, "{}", again.stdout);

    let before = servers().aws_requests(&nothing.account).len();
    let run = vault_person(&nothing);
    let planned = run.run(&["setup", "--only", "vault", "--plan", "-o", "json"]);
    assert_eq!(planned.code, 3, "{}\n{}", planned.stdout, planned.stderr);
    assert_eq!(planned.json()["changes"].as_array().unwrap().len(), 5);
    assert_eq!(servers().aws_requests(&nothing.account).len(), before);
    let ended = run.run(&["setup", "--only", "vault", "--yes", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    let again = run.run(&["setup", "--only", "vault", "--plan"]);
    assert_eq!(again.code, 0, "{}", again.stdout);

    assert_in_place(&nothing, "");
    assert_article(&nothing);
    put_secret(&nothing, "kv/kong/halves", "h");
    assert_kong_reads(&nothing, "", "kv/kong/halves", "h");
}

#[test]
fn vaults_half_alone_says_what_it_waits_for_and_goes_on_later() {
    let nothing = servers().nothing();
    let run = vault_person(&nothing);
    let words = ["setup", "--only", "vault", "--yes", "-o", "json"];
    let ended = run.run(&words);
    assert_eq!(ended.code, 10, "{}\n{}", ended.stdout, ended.stderr);
    let document = ended.json();
    assert_eq!(codes(&document)[0], "VLT614");
    assert_eq!(
        document["not_done"],
        json!(["vault:auth/aws/role/kong-role"])
    );
    assert_eq!(document["done"].as_array().unwrap().len(), 4);
    let waiting = &document["waiting_for"];
    assert!(
        waiting["what"].as_str().unwrap().contains("VaultRole"),
        "{waiting}"
    );
    assert_eq!(waiting["where"], "aws");
    let command = waiting["command"].as_str().unwrap();
    assert!(
        command.starts_with("aws ec2 associate-iam-instance-profile"),
        "{waiting}"
    );
    let told = run.run(&["setup", "--only", "vault", "--yes"]);
    assert_eq!(told.code, 10);
    assert!(told.stdout.contains("waiting for"), "{}", told.stdout);

    let ended = aws_person(&nothing).run(&["setup", "--only", "aws", "--yes"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let ended = run.run(&words);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    assert_eq!(
        ended.json()["done"],
        json!(["vault:auth/aws/role/kong-role"])
    );
    assert_article(&nothing);
    assert_in_place(&nothing, "");
}

#[test]
fn a_login_role_that_is_not_there_yet_is_named() {
    let nothing = servers().nothing();
    // Vault's server has its identity and the permission; the role is missing.
    let trust = super::document(&[super::ec2_may_assume("Theirs")]);
    super::create_role(&nothing, "Servers", &trust, &[]);
    let login = nothing.role_arn("VaultRole");
    super::put_role_policy(&nothing, "Servers", "theirs", &super::may_get_role(&login));
    super::create_profile(&nothing, "servers", "Servers");
    super::set_vaults_role(&nothing, "Servers");
    let run = vault_person(&nothing).env("VAULTIAM_TOPOLOGY", "separate");
    let words = [
        "setup",
        "--only",
        "vault",
        "--server-role",
        "Servers",
        "--yes",
        "-o",
        "json",
    ];
    let ended = run.run(&words);
    let document = ended.json();
    assert_eq!(
        (ended.code, codes(&document)[0].as_str()),
        (5, "VLT624"),
        "{document:#}"
    );
    assert!(ended.stdout.contains(&login), "{}", ended.stdout);
    assert_eq!(
        document["not_done"],
        json!(["vault:auth/aws/role/kong-role"])
    );
}

#[test]
fn without_an_account_the_other_side_is_asked_for_it() {
    let nothing = servers().nothing();
    let run = vault_person(&nothing).without("VAULTIAM_ACCOUNT_ID");
    let ended = run.run(&["setup", "--only", "vault", "--plan", "-o", "json"]);
    let document = ended.json();
    assert_eq!(
        (ended.code, codes(&document)[0].as_str()),
        (4, "AWS101"),
        "{document:#}"
    );
    let run = aws_person(&nothing);
    let ended = run.run(&["setup", "--plan", "-o", "json"]);
    assert_ne!(ended.code, 0, "{}", ended.stdout);
    assert_eq!(ended.json()["changes"], json!([]));
    assert_ne!(ended.json()["fault"], Value::Null);
}
