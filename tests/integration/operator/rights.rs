//! The documented rights: with exactly these an operator can do it all.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::servers::{Nothing, servers};
use crate::teardown::sides::{
    assert_nothing_written, mark, sides, written_in_aws, written_in_vault,
};
use crate::teardown::{document, done, make_role, make_server_role, names, put_policy, run_with};
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

/// A token with a policy, and `default` as every login gets it.
pub(super) fn token(nothing: &Nothing, name: &str, policy: &VaultPolicy) -> String {
    make_token(nothing, name, policy, &json!({ "policies": [name] }))
}

/// A token with a policy alone, which cannot even ask what it may do.
fn bare_token(nothing: &Nothing, name: &str, policy: &VaultPolicy) -> String {
    let wanted = json!({ "policies": [name], "no_default_policy": true });
    make_token(nothing, name, policy, &wanted)
}

fn make_token(nothing: &Nothing, name: &str, policy: &VaultPolicy, wanted: &Value) -> String {
    let paths = policy
        .iter()
        .map(|(path, capabilities)| (path.clone(), json!({ "capabilities": capabilities })));
    let policy = json!({ "path": paths.collect::<serde_json::Map<_, _>>() });
    let body = json!({ "policy": policy.to_string() });
    let written = nothing.vault_api("PUT", &format!("sys/policies/acl/{name}"), &body);
    assert_eq!(written.0, 204, "{}", written.1);
    let (_, made) = nothing.vault_api("POST", "auth/token/create", wanted);
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
    let token = token(&nothing, "operator", &vault_policy());
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
    let token = token(&nothing, "operator", &vault_policy());
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
    let token = bare_token(&nothing, "operator", &policy);
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

#[test]
fn the_documented_rights_are_enough_for_a_server_role_too() {
    let nothing = servers().nothing();
    make_server_role(&nothing, "Server");
    let mut statements = iam_statements(&nothing);
    for statement in &mut statements {
        if let Value::Array(resources) = &mut statement["Resource"] {
            resources.push(json!(nothing.role_arn("Server")));
        }
    }
    let keys = nothing.with_user("restricted", &statements);
    let token = token(&nothing, "operator", &vault_policy());
    let run = as_restricted(&nothing, &keys, &token);
    let settings = "topology: separate\naws: { server_role: Server }\n";
    for command in ["setup", "teardown"] {
        let ended = run_with(&run, settings, &[command, "--yes"]);
        assert_eq!(ended.code, 0, "{command}: {}", words(&ended));
    }
}

#[test]
fn deleting_the_secrets_needs_a_right_of_its_own() {
    let nothing = servers().nothing();
    done(&nothing, SETTINGS, &["setup", "--yes"]);
    let mut policy = vault_policy();
    let delete = ["teardown", "--yes", "--delete-secrets", "kv", "-o", "json"];
    let refused = nothing
        .as_operator()
        .env("VAULT_TOKEN", token(&nothing, "documented", &policy));
    let since = mark(&nothing);
    let ended = run_with(&refused, SETTINGS, &delete);
    assert_eq!((ended.code, ended.finding().as_str()), (6, "VLT636"));
    assert!(ended.stdout.contains("sys/mounts/kv"), "{}", ended.stdout);
    assert_nothing_written(&nothing, since, "the right to delete is missing");
    let capabilities = policy.get_mut("sys/mounts/kv").unwrap();
    capabilities.push("delete".to_owned());
    let allowed = nothing
        .as_operator()
        .env("VAULT_TOKEN", token(&nothing, "with-delete", &policy));
    let ended = run_with(&allowed, SETTINGS, &delete);
    assert_eq!(ended.code, 0, "{}", words(&ended));
}

#[test]
fn an_operator_that_is_a_role_is_told_too() {
    let nothing = servers().nothing();
    let user = format!("arn:aws:iam::{}:user/operator", nothing.account);
    let trust =
        json!({ "Effect": "Allow", "Principal": { "AWS": user }, "Action": "sts:AssumeRole" });
    make_role(&nothing, "Operator", &document(&trust));
    let own = nothing.role_arn("Operator");
    let look = json!({ "Effect": "Allow", "Action": "iam:GetRole", "Resource": own });
    let lists = [
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
    ];
    let look_closer = json!({ "Effect": "Allow", "Action": lists, "Resource": own });
    let documented = iam_statements(&nothing);
    let without: Vec<Value> = documented
        .iter()
        .filter(|statement| statement["Action"] != "iam:TagRole")
        .cloned()
        .collect();
    let cases = [
        // To look its rights up takes the ARN of the role, and no more.
        (
            [without.clone(), vec![look.clone(), may_ask()]].concat(),
            4,
            "iam:TagRole",
        ),
        (
            [without, vec![look.clone(), look_closer, may_ask()]].concat(),
            4,
            "iam:TagRole",
        ),
        // Who may not look at its own role cannot be looked up.
        (
            [documented.clone(), vec![may_ask()]].concat(),
            3,
            "iam:GetRole",
        ),
        (
            [documented, vec![look]].concat(),
            3,
            "iam:SimulatePrincipalPolicy",
        ),
    ];
    for (statements, code, said) in cases {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        put_policy(&nothing, "Operator", "operator", &policy);
        let session = [
            "sts",
            "assume-role",
            "--role-session-name",
            "test",
            "--role-arn",
            &own,
        ];
        let session = nothing.aws(&session)["Credentials"].clone();
        let word = |name: &str| session[name].as_str().unwrap().to_owned();
        let run = nothing
            .as_user(&(word("AccessKeyId"), word("SecretAccessKey")))
            .env("AWS_SESSION_TOKEN", word("SessionToken"));
        let typed = if code == 3 { "--plan" } else { "--yes" };
        let since = mark(&nothing);
        let ended = run_with(&run, SETTINGS, &["setup", typed]);
        assert_eq!(ended.code, code, "{}", words(&ended));
        assert!(words(&ended).contains(said), "{said}: {}", words(&ended));
        assert_nothing_written(&nothing, since, said);
    }
}
