//! `vaultiam teardown`: what setup made goes, in the order that both sides
//! demand, and nothing else.

mod others;
mod shared;
pub(crate) mod sides;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::servers::{Nothing, servers};
use crate::vaultiam::{Ended, Vaultiam};
use sides::{assert_nothing_written, mark, sides, written_in_aws, written_in_vault};

/// The settings file of a run, and the flag that names it.
pub(crate) fn with_file(run: &Vaultiam, text: &str) -> Vec<String> {
    let file = run.file("settings.yaml", text);
    vec!["--config".to_owned(), file.display().to_string()]
}

/// Runs a command with a settings file.
pub(crate) fn run_with(run: &Vaultiam, settings: &str, words: &[&str]) -> Ended {
    let config = with_file(run, settings);
    let mut all = words.to_vec();
    all.extend(config.iter().map(String::as_str));
    run.run(&all)
}

/// Runs a command as the operator, which must end well.
pub(crate) fn done(nothing: &Nothing, settings: &str, words: &[&str]) -> Ended {
    let ended = run_with(&nothing.as_operator(), settings, words);
    assert_eq!(ended.code, 0, "{words:?}\n{}{}", ended.stdout, ended.stderr);
    ended
}

/// Makes a role as somebody else would.
pub(crate) fn make_role(nothing: &Nothing, name: &str, trust: &Value) {
    let trust = trust.to_string();
    let create = ["iam", "create-role", "--role-name", name];
    let document = ["--assume-role-policy-document", &trust];
    nothing.aws(&[&create[..], &document].concat());
}

/// Gives a role an inline policy.
pub(crate) fn put_policy(nothing: &Nothing, role: &str, name: &str, policy: &Value) {
    let policy = policy.to_string();
    let put = ["iam", "put-role-policy", "--role-name", role];
    let words = ["--policy-name", name, "--policy-document", &policy];
    nothing.aws(&[&put[..], &words].concat());
}

/// Makes an instance profile, with a role in it where one is named.
pub(crate) fn make_profile(nothing: &Nothing, name: &str, role: Option<&str>) {
    let profile = ["--instance-profile-name", name];
    let create = ["iam", "create-instance-profile"];
    nothing.aws(&[&create[..], &profile].concat());
    if let Some(role) = role {
        let add = ["iam", "add-role-to-instance-profile", "--role-name", role];
        nothing.aws(&[&add[..], &profile].concat());
    }
}

/// A policy document with one statement.
pub(crate) fn document(statement: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// The trust policy of a role for EC2.
pub(crate) fn trust_ec2() -> Value {
    document(&json!({
        "Effect": "Allow",
        "Principal": { "Service": "ec2.amazonaws.com" },
        "Action": "sts:AssumeRole",
    }))
}

/// A statement that lets somebody look at the account.
pub(crate) fn may_list() -> Value {
    document(&json!({ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }))
}

/// A policy that lets Vault's server look at every role.
pub(crate) fn may_look() -> Value {
    document(&json!({ "Effect": "Allow", "Action": "iam:GetRole", "Resource": "*" }))
}

/// The names in a list of a document.
pub(crate) fn names(list: &Value) -> Vec<String> {
    serde_json::from_value(list.clone()).unwrap()
}

/// Vault's server with a role of its own, as somebody else made it.
pub(crate) fn make_server_role(nothing: &Nothing, name: &str) {
    make_role(nothing, name, &trust_ec2());
    put_policy(nothing, name, "theirs", &may_list());
    make_profile(nothing, name, Some(name));
    set_vaults_role(nothing, name);
}

/// Has Vault's server run as another role.
pub(crate) fn set_vaults_role(nothing: &Nothing, name: &str) {
    nothing.set_vaults_role(name);
}

/// The KV mount, which a teardown leaves with its secrets.
fn without_kv(mut vault: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    assert!(vault.remove("sys/mounts/kv/").is_some(), "{vault:?}");
    vault
}

/// Sets up and tears down; all is as it was but the KV mount, which goes when it
/// is named.
fn there_and_back(nothing: &Nothing, settings: &str) {
    let before = sides(nothing);
    done(nothing, settings, &["setup", "--yes"]);
    let between = sides(nothing);
    assert_ne!(before.vault, between.vault);
    nothing.vault(&["kv", "put", "kv/kong/db", "password=one"]);

    let plan = run_with(
        &nothing.as_operator(),
        settings,
        &["teardown", "--plan", "-o", "json"],
    );
    assert_eq!(plan.code, 3, "{}", plan.stdout);
    let torn = done(nothing, settings, &["teardown", "--yes", "-o", "json"]);
    let document = torn.json();
    assert_eq!(document["schema"], "vaultiam/v1/applied");
    let planned: Vec<String> = plan.json()["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["resource"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names(&document["done"]), planned);
    let after = sides(nothing);
    assert_eq!(after.roles, before.roles);
    assert_eq!(after.profiles, before.profiles);
    assert_eq!(after.policies, before.policies);
    assert_eq!(without_kv(after.vault), before.vault);
    let secret = nothing.vault(&["kv", "get", "kv/kong/db"]);
    assert_eq!(secret["data"]["data"]["password"], "one");

    let since = mark(nothing);
    let again = run_with(
        &nothing.as_operator(),
        settings,
        &["teardown", "--plan", "-o", "json"],
    );
    assert_eq!(again.code, 0, "{}", again.stdout);
    assert_eq!(again.json()["changes"], json!([]));
    done(nothing, settings, &["teardown", "--yes"]);
    for mount in ["other", "KV", "kv2"] {
        let words = ["teardown", "--yes", "--delete-secrets", mount];
        let refused = run_with(&nothing.as_operator(), settings, &words);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        for said in ["CFG906", "--delete-secrets", mount] {
            assert!(refused.stderr.contains(said), "{}", refused.stderr);
        }
    }
    assert_nothing_written(nothing, since, "nothing is left to tear down");
    let words = ["teardown", "--yes", "--delete-secrets", "kv"];
    done(nothing, settings, &words);
    assert_eq!(sides(nothing), before);
}

#[test]
fn the_article_goes_as_it_came() {
    there_and_back(&servers().nothing(), "stack: kong\n");
}

#[test]
fn direct_goes_as_it_came() {
    let nothing = servers().nothing();
    make_server_role(&nothing, "VaultRole");
    put_policy(&nothing, "VaultRole", "look", &may_look());
    there_and_back(&nothing, "topology: direct\n");
}

#[test]
fn a_server_role_that_setup_made_goes_too() {
    let nothing = servers().nothing();
    set_vaults_role(&nothing, "VaultServerRole");
    there_and_back(&nothing, "topology: separate\n");
}

#[test]
fn of_a_server_role_that_was_there_only_our_policy_goes() {
    let nothing = servers().nothing();
    make_server_role(&nothing, "Server");
    there_and_back(
        &nothing,
        "topology: separate\naws: { server_role: Server }\n",
    );
}

#[test]
fn roles_with_paths_go_too() {
    let nothing = servers().nothing();
    // The double does not see paths in the resource of a policy: Vault's server
    // may look at every role.
    make_server_role(&nothing, "Server");
    put_policy(&nothing, "Server", "look", &may_look());
    let settings = "topology: separate\naws: { kong_role: edge/kong/KongRole, login_role: infra/VaultRole, server_role: Server }\n";
    there_and_back(&nothing, settings);
}

#[test]
fn what_goes_first_is_what_lets_anybody_in() {
    let nothing = servers().nothing();
    let settings = "stack: kong\n";
    done(&nothing, settings, &["setup", "--yes"]);
    let since = mark(&nothing);
    let words = ["teardown", "--yes", "--delete-secrets", "kv", "-o", "json"];
    let torn = done(&nothing, settings, &words).json();
    assert_eq!(
        written_in_vault(&nothing, since),
        [
            "delete auth/aws/role/kong-role",
            "delete sys/auth/aws",
            "delete sys/policies/acl/kong-policy",
            "delete sys/mounts/kv",
        ]
    );
    assert_eq!(
        written_in_aws(&nothing, since),
        [
            "RemoveRoleFromInstanceProfile VaultRole",
            "DeleteInstanceProfile VaultRole",
            "DeleteRolePolicy VaultRole",
            "DeleteRole VaultRole",
            "RemoveRoleFromInstanceProfile KongRole",
            "DeleteInstanceProfile KongRole",
            "DeleteRolePolicy KongRole",
            "DeleteRole KongRole",
        ]
    );
    // Nothing of AWS goes while a login is still possible.
    let done = names(&torn["done"]);
    let first_in_aws = done.iter().position(|name| name.starts_with("arn:"));
    let last_in_vault = done.iter().rposition(|name| name.starts_with("vault:"));
    assert!(last_in_vault < first_in_aws, "{done:?}");
}

#[test]
fn the_plan_of_an_end_is_a_document() {
    let nothing = servers().nothing();
    let words = ["teardown", "--plan", "-o", "json"];
    let before = run_with(&nothing.as_operator(), "stack: kong\n", &words);
    assert_eq!(before.code, 0, "{}", before.stdout);
    assert_eq!(before.json()["changes"], json!([]));
    done(&nothing, "stack: kong\n", &["setup", "--yes"]);

    let since = mark(&nothing);
    let plan = run_with(&nothing.as_operator(), "stack: kong\n", &words);
    assert_eq!((plan.code, plan.stderr.as_str()), (3, ""));
    let document = plan.json();
    assert_eq!(document["schema"], "vaultiam/v1/plan");
    assert_eq!(document["stack"], "kong");
    assert_eq!(document["topology"], "article");
    for empty in ["conflicts", "missing_rights", "findings"] {
        assert_eq!(document[empty], json!([]), "{document}");
    }
    assert_eq!(names(&document["unchanged"]), ["vault:sys/mounts/kv"]);
    let arn = |role: &str| nothing.role_arn(role);
    let profile = |role: &str| arn(role).replace(":role/", ":instance-profile/");
    let mut expected = vec![
        "vault:auth/aws/role/kong-role".to_owned(),
        "vault:sys/auth/aws".to_owned(),
        "vault:sys/policies/acl/kong-policy".to_owned(),
    ];
    for role in ["VaultRole", "KongRole"] {
        expected.push(profile(role));
        expected.push(format!("{}#policy/vaultiam", arn(role)));
        expected.push(arn(role));
    }
    let changes = document["changes"].as_array().unwrap();
    for (change, resource) in changes.iter().zip(&expected) {
        assert_eq!(change["action"], "delete", "{change}");
        assert_eq!(change["resource"], *resource);
        for field in change["fields"].as_array().unwrap() {
            assert_ne!(field["before"], Value::Null, "{change}");
            assert_eq!(field["after"], Value::Null, "{change}");
        }
    }
    assert_eq!(changes.len(), expected.len(), "{document}");

    // For a person, the answer is the same plan.
    let human = run_with(
        &nothing.as_operator(),
        "stack: kong\n",
        &["teardown", "--plan"],
    );
    assert_eq!(human.code, 3, "{}", human.stderr);
    for resource in &expected {
        assert!(human.stdout.contains(resource), "{}", human.stdout);
    }
    assert!(human.stdout.contains("9 to delete"), "{}", human.stdout);
    assert!(
        human.stderr.contains("vaultiam teardown"),
        "{}",
        human.stderr
    );

    // Nobody can be asked, and nobody said yes.
    for words in [&["teardown"][..], &["teardown", "-o", "json"]] {
        let unasked = run_with(&nothing.as_operator(), "stack: kong\n", words);
        assert_eq!(unasked.code, 2, "{}", unasked.stderr);
        let said = format!("{}{}", unasked.stdout, unasked.stderr);
        for word in ["CFG907", "vaultiam teardown --config", "--yes"] {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(!said.contains("vaultiam setup"), "{said}");
    }
    assert_nothing_written(&nothing, since, "nobody agreed");
}

#[test]
fn one_side_can_go_alone() {
    let nothing = servers().nothing();
    done(&nothing, "stack: kong\n", &["setup", "--yes"]);
    let since = mark(&nothing);
    done(
        &nothing,
        "stack: kong\n",
        &["teardown", "--yes", "--only", "vault"],
    );
    assert_eq!(written_in_aws(&nothing, since), [""; 0]);
    assert_eq!(written_in_vault(&nothing, since).len(), 3);
    let since = mark(&nothing);
    done(
        &nothing,
        "stack: kong\n",
        &["teardown", "--yes", "--only", "aws"],
    );
    assert_eq!(written_in_vault(&nothing, since), [""; 0]);
    assert!(sides(&nothing).roles.is_empty());
}
