//! The documented rights: with exactly these an operator can do it all.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::servers::{Nothing, servers};
use crate::teardown::sides::{mark, sides, written_in_aws, written_in_vault};
use crate::teardown::{done, names, run_with};
use crate::vaultiam::{Ended, Vaultiam};

const SETTINGS: &str = "stack: kong\n";

/// A policy of Vault: the capabilities by path.
pub(super) type VaultPolicy = BTreeMap<String, Vec<String>>;

fn documented(name: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/setup");
    std::fs::read_to_string(directory.join(name)).unwrap()
}

/// What docs/setup says that an operator of Vault needs.
pub(super) fn vault_policy() -> VaultPolicy {
    let text = documented("operator-vault-policy.hcl");
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with('#'));
    let mut policy = VaultPolicy::new();
    let mut path = String::new();
    for line in lines {
        let quoted = || line.split('"').skip(1).step_by(2).map(str::to_owned);
        if line.starts_with("path ") {
            path = quoted().next().unwrap();
        } else if line.starts_with("capabilities") {
            policy.insert(path.clone(), quoted().collect());
        }
    }
    assert!(policy.len() > 7, "{text}");
    policy
}

/// What docs/setup says that an operator of AWS needs, for the account.
///
/// The double checks the actions on instance profiles against other resources
/// than AWS does, so that they are allowed on all of them here.
pub(super) fn iam_statements(nothing: &Nothing) -> Vec<Value> {
    let text = documented("operator-iam-policy.json");
    assert!(text.contains("123456789012"), "{text}");
    let text = text.replace("123456789012", &nothing.account);
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut statements = Vec::new();
    for statement in document["Statement"].as_array().unwrap() {
        for action in actions(statement) {
            let of_profiles = action.ends_with("InstanceProfile");
            let resource = if of_profiles {
                json!("*")
            } else {
                statement["Resource"].clone()
            };
            statements.push(json!({ "Effect": "Allow", "Action": action, "Resource": resource }));
        }
    }
    statements
}

fn actions(statement: &Value) -> Vec<String> {
    match &statement["Action"] {
        Value::String(action) => vec![action.clone()],
        list => names(list),
    }
}

/// Lets a user ask what it may do.
pub(super) fn may_ask() -> Value {
    json!({ "Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*" })
}

/// A token with a policy alone: without `default` where `bare` says so.
pub(super) fn token(
    nothing: &Nothing,
    name: &str,
    policy: &VaultPolicy,
    with_default: bool,
) -> String {
    let paths = policy
        .iter()
        .map(|(path, capabilities)| (path.clone(), json!({ "capabilities": capabilities })));
    let policy = json!({ "path": paths.collect::<serde_json::Map<_, _>>() });
    let body = json!({ "policy": policy.to_string() });
    let written = nothing.vault_api("PUT", &format!("sys/policies/acl/{name}"), &body);
    assert_eq!(written.0, 204, "{}", written.1);
    let wanted = json!({ "policies": [name], "no_default_policy": !with_default });
    let (_, made) = nothing.vault_api("POST", "auth/token/create", &wanted);
    made["auth"]["client_token"].as_str().unwrap().to_owned()
}

/// The program with a user's keys and a token of few rights.
pub(super) fn as_restricted(nothing: &Nothing, keys: &(String, String), token: &str) -> Vaultiam {
    nothing.as_user(keys).env("VAULT_TOKEN", token)
}

fn words(ended: &Ended) -> String {
    format!("{}{}", ended.stdout, ended.stderr)
}

#[test]
fn the_documented_rights_are_enough() {
    let nothing = servers().nothing();
    let before = sides(&nothing);
    let keys = nothing.with_user("restricted", &iam_statements(&nothing));
    let token = token(&nothing, "operator", &vault_policy(), true);
    let run = as_restricted(&nothing, &keys, &token);
    let plan = run_with(&run, SETTINGS, &["setup", "--plan", "-o", "json"]);
    assert_eq!(plan.code, 3, "{}", words(&plan));
    assert_eq!(plan.json()["missing_rights"], json!([]));
    let set_up = run_with(&run, SETTINGS, &["setup", "--yes"]);
    assert_eq!(set_up.code, 0, "{}", words(&set_up));
    let logged_in = nothing.on_kongs_instance().run(&["login", "--no-store"]);
    assert_eq!(logged_in.code, 0, "{}", logged_in.stderr);
    // Everything that settings can change later.
    let changed = run_with(&run, CHANGED, &["setup", "--yes"]);
    assert_eq!(changed.code, 0, "{}", words(&changed));
    let again = run_with(&run, CHANGED, &["setup", "--plan"]);
    assert_eq!(again.code, 0, "{}", words(&again));
    let torn = run_with(&run, CHANGED, &["teardown", "--yes"]);
    assert_eq!(torn.code, 0, "{}", words(&torn));
    let after = sides(&nothing);
    assert_eq!(
        (after.roles, after.profiles),
        (before.roles, before.profiles)
    );
    assert!(!after.vault.contains_key("sys/auth/aws/"));
}

/// Settings that differ in each thing that an update can change.
pub(super) const CHANGED: &str = "
stack: kong
aws: { external_id: changed, tags: { team: edge } }
vault: { ttl: 2h, max_ttl: 3h, sts: regional }
kv: { prefix: other/ }
kong: { enabled: false }
";

#[test]
fn rights_that_cannot_be_looked_up_are_met_where_they_lack() {
    let nothing = servers().nothing();
    let statements: Vec<Value> = iam_statements(&nothing)
        .into_iter()
        .filter(|statement| statement["Action"] != "iam:PutRolePolicy")
        .collect();
    let keys = nothing.with_user("restricted", &statements);
    let token = token(&nothing, "operator", &vault_policy(), true);
    let since = mark(&nothing);
    let run = as_restricted(&nothing, &keys, &token);
    let ended = run_with(&run, SETTINGS, &["setup", "--yes"]);
    assert_eq!(ended.code, 4, "{}", words(&ended));
    assert!(
        ended.stderr.contains("could not be checked beforehand"),
        "{}",
        ended.stderr
    );
    for needed in ["AWS301", "iam:PutRolePolicy"] {
        assert!(ended.stderr.contains(needed), "{}", ended.stderr);
    }
    let written = written_in_aws(&nothing, since);
    assert_eq!(written.first().unwrap(), "CreateRole KongRole");

    // What was done is not done again, and the rest is told as not done.
    let since = mark(&nothing);
    let ended = run_with(&run, SETTINGS, &["setup", "--yes", "-o", "json"]);
    let document = ended.json();
    assert_eq!((ended.code, ended.finding().as_str()), (4, "AWS301"));
    assert_eq!(document["fault"]["side"], "iam", "{document}");
    let role = nothing.role_arn("KongRole");
    let not_done = names(&document["not_done"]);
    assert!(
        not_done.contains(&format!("{role}#policy/vaultiam")),
        "{document}"
    );
    assert_eq!(document["unknown"], json!([]));
    assert!(!names(&document["done"]).contains(&role), "{document}");
    assert!(not_done.contains(&"vault:sys/auth/aws".to_owned()));
    assert_eq!(written_in_vault(&nothing, since), [""; 0]);
    // A document says that the look was not possible, too.
    assert!(
        ended.stdout.contains("iam:SimulatePrincipalPolicy"),
        "{}",
        ended.stdout
    );
}

#[test]
fn vaults_rights_that_cannot_be_looked_up_are_met_where_they_lack() {
    let nothing = servers().nothing();
    let mut policy = vault_policy();
    policy.remove("sys/mounts/kv");
    let token = token(&nothing, "operator", &policy, false);
    let since = mark(&nothing);
    let run = nothing.as_operator().env("VAULT_TOKEN", &token);
    let ended = run_with(&run, SETTINGS, &["setup", "--yes"]);
    assert_eq!(ended.code, 6, "{}", words(&ended));
    for needed in ["could not be checked", "VLT636", "sys/mounts/kv"] {
        assert!(ended.stderr.contains(needed), "{needed}: {}", ended.stderr);
    }
    let written = written_in_vault(&nothing, since);
    assert!(written.contains(&"update sys/auth/aws".to_owned()));
    let ended = run_with(&run, SETTINGS, &["setup", "--yes", "-o", "json"]);
    let document = ended.json();
    assert_eq!((ended.code, ended.finding().as_str()), (6, "VLT636"));
    assert_eq!(document["done"], json!([]), "{document}");
    assert_eq!(
        names(&document["not_done"]),
        ["vault:sys/mounts/kv", "vault:auth/aws/role/kong-role"]
    );
    done(&nothing, SETTINGS, &["setup", "--yes"]);
}

#[test]
fn an_explicit_deny_is_told_before_anything_is_written() {
    let nothing = servers().nothing();
    let anything = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let role = nothing.role_arn("VaultRole");
    let deny = json!({ "Effect": "Deny", "Action": "iam:CreateRole", "Resource": role });
    let keys = nothing.with_user("denied", &[anything, deny]);
    let since = mark(&nothing);
    let ended = run_with(
        &nothing.as_user(&keys),
        SETTINGS,
        &["setup", "--yes", "-o", "json"],
    );
    assert_eq!((ended.code, ended.finding().as_str()), (4, "AWS301"));
    assert!(ended.stdout.contains(&role), "{}", ended.stdout);
    assert_eq!(written_in_aws(&nothing, since), [""; 0]);
}
