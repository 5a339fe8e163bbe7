//! `vaultiam check` on the real servers: what is whole passes, each break fails the
//! check that is about it and skips those that hang on it, and nothing is changed.

mod asked;
mod breaks;
mod forms;
mod live;
mod offline;
mod page;
mod recorded;
mod remedies;
mod rights;
mod safety;
mod unusual;
mod waiting;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::servers::{Nothing, servers};
use crate::setup::{
    may_get_role, put_role_policy, put_secret, set_up, set_vaults_role, with_settings,
};
use crate::vaultiam::{Ended, Vaultiam};

/// A set-up of which nothing is to be found fault with: every check passes with an
/// administrator's rights.
const SOUND: &str = "topology: separate\n";

/// Sets up, as the settings say, with a secret for Kong.
fn whole(settings: &str) -> Nothing {
    let nothing = servers().nothing();
    set_vaults_role(&nothing, "VaultServerRole");
    set_up(&nothing, settings);
    put_secret(&nothing, "kv/kong/db-password", "s3cret of Kong");
    nothing
}

/// What lets every document be read, and no secret.
const AUDITOR: &str = r#"
    path "sys/auth" { capabilities = ["read"] }
    path "sys/mounts" { capabilities = ["read"] }
    path "sys/audit" { capabilities = ["read", "sudo"] }
    path "sys/policies/acl/*" { capabilities = ["read"] }
    path "auth/aws/*" { capabilities = ["read", "list"] }
    path "sys/namespaces" { capabilities = ["list"] }
    path "identity/lookup/entity" { capabilities = ["update"] }
"#;

/// A token of an administrator who only looks.
fn auditor(nothing: &Nothing) -> String {
    let body = json!({ "policy": AUDITOR });
    let (status, _) = nothing.vault_api("PUT", "sys/policies/acl/auditor", &body);
    assert_eq!(status, 204);
    let body = json!({ "policies": ["auditor"], "ttl": "1h" });
    let (_, made) = nothing.vault_api("POST", "auth/token/create", &body);
    made["auth"]["client_token"].as_str().unwrap().to_owned()
}

/// The program on an administrator's machine: the operator's keys, a token that reads
/// Vault's documents.
fn as_auditor(nothing: &Nothing, settings: &str) -> Vaultiam {
    let run = nothing.as_operator().env("VAULT_TOKEN", auditor(nothing));
    with_settings(run, settings)
}

/// The program on Kong's instance, with that token beside it.
fn on_instance_as_auditor(nothing: &Nothing, settings: &str) -> Vaultiam {
    let run = nothing
        .on_kongs_instance()
        .env("VAULT_TOKEN", auditor(nothing));
    with_settings(run, settings)
}

/// The program on Kong's instance with everything that shows something: the instance's
/// own credentials, the auditor's token, and a profile that may read IAM.
fn with_all_rights(nothing: &Nothing, settings: &str) -> Vaultiam {
    let run = on_instance_as_auditor(nothing, settings);
    let (id, secret) = &nothing.operator;
    let profile =
        format!("[profile admin]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let file = run.file("aws-config", &profile);
    run.env("AWS_CONFIG_FILE", file.display().to_string())
}

/// What lets these rights be used.
const ALL_RIGHTS: [&str; 3] = ["--admin", "--admin-profile", "admin"];

/// Has Vault's role bind this IAM role, which Vault's server may look up.
fn bind(nothing: &Nothing, role: &str) {
    let arn = nothing.role_arn(role);
    put_role_policy(nothing, "VaultServerRole", role, &may_get_role(&arn));
    let body = json!({ "bound_iam_principal_arn": [arn] });
    let (status, said) = nothing.vault_api("POST", "auth/aws/role/kong-role", &body);
    assert!(status < 300, "{said}");
}

/// How each check ended.
type Outcomes = BTreeMap<String, String>;

fn checked(run: &Vaultiam, more: &[&str]) -> (Ended, Outcomes) {
    let words = [&["check", "-o", "json"], more].concat();
    let ended = run.run(&words);
    let outcomes = outcomes(&ended.json());
    (ended, outcomes)
}

fn outcomes(document: &Value) -> Outcomes {
    assert_eq!(document["schema"], "vaultiam/v1/check", "{document}");
    let checks = document["checks"].as_array().unwrap();
    let word = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    checks
        .iter()
        .map(|check| (word(check, "id"), word(check, "outcome")))
        .collect()
}

/// The ids that ended so.
fn ids<'a>(outcomes: &'a Outcomes, wanted: &str) -> Vec<&'a str> {
    let ended_so = outcomes.iter().filter(|(_, outcome)| *outcome == wanted);
    ended_so.map(|(id, _)| id.as_str()).collect()
}

/// A check of a document.
fn check_of(document: &Value, id: &str) -> Value {
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == id);
    found
        .unwrap_or_else(|| panic!("no {id}: {document}"))
        .clone()
}

/// The code of the first finding of a check.
fn code_of(document: &Value, id: &str) -> String {
    let code = &check_of(document, id)["findings"][0]["code"];
    code.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_whole_set_up_passes_everything_with_an_administrators_rights() {
    let nothing = whole(SOUND);
    let run = with_all_rights(&nothing, SOUND);
    let (ended, outcomes) = checked(&run, &[&ALL_RIGHTS[..], &["--strict"]].concat());
    let found = ended.json();
    assert_eq!(ended.code, 0, "{found:#}");
    assert_eq!(ids(&outcomes, "passed").len(), outcomes.len(), "{found:#}");
    assert_eq!(
        outcomes.len(),
        ::vaultiam::diagnose::check::Check::ALL.len()
    );
    assert_eq!(found["kong_can_read"], "yes");
    assert_eq!(found["paths"], json!(["kv/kong/*"]));
    let ended = run.run(&[&["check"][..], &ALL_RIGHTS].concat());
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(
        lines[lines.len() - 2..],
        [
            "As far as can be seen, KongRole can log in and read kv/kong/*.",
            "41 passed, 0 warned, 0 failed, 0 skipped",
        ]
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}
