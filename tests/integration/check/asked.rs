//! What is asked of whom: each thing once, nothing is changed, no secret is read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ALL_RIGHTS, SOUND, auditor, checked, ids, whole, with_all_rights};
use crate::servers::{Nothing, servers};
use crate::setup::{self, with_settings};

/// The requests that came to Vault in a run: method and path, and how often.
fn asked_of_vault(id: &str) -> BTreeMap<(String, String), usize> {
    let log = servers().control("GET", &format!("relays/{id}/log"), &Value::Null);
    let mut asked = BTreeMap::new();
    for entry in log["entries"].as_array().unwrap() {
        if entry["event"] == "request" {
            let word = |name: &str| entry[name].as_str().unwrap().to_owned();
            *asked.entry((word("method"), word("path"))).or_insert(0) += 1;
        }
    }
    asked
}

fn asked_of_aws(nothing: &Nothing, from: usize) -> Vec<String> {
    let all = servers().aws_requests(&nothing.account);
    let ours = all.iter().skip(from).filter(|request| {
        let agent = request["user_agent"].as_str().unwrap_or_default();
        // What Vault forwards comes with Go's own agent.
        !agent.starts_with("Go-http-client") && !agent.starts_with("aws-sdk-go")
    });
    ours.map(|request| request["action"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn accessors(nothing: &Nothing) -> Value {
    let (_, listed) = nothing.vault_api("LIST", "auth/token/accessors", &Value::Null);
    let mut all: Vec<String> = serde_json::from_value(listed["data"]["keys"].clone()).unwrap();
    all.sort();
    json!(all)
}

#[test]
fn a_run_with_all_rights_reads_each_document_once_and_leaves_no_trace() {
    let nothing = whole(SOUND);
    let (id, url) = nothing.relay(&json!([]));
    let run = with_all_rights(&nothing, SOUND).env("VAULT_ADDR", url);
    let before = setup::whole(&nothing);
    let secrets = nothing.audited("kv/data/.*").len();
    let tokens = accessors(&nothing);
    let requests = servers().aws_requests(&nothing.account).len();
    let (ended, outcomes) = checked(&run, &[&ALL_RIGHTS[..], &["--strict"]].concat());
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert_eq!(ids(&outcomes, "passed").len(), outcomes.len());

    let asked = asked_of_vault(&id);
    let expected: BTreeMap<(String, String), usize> = [
        ("GET", "sys/health"),
        ("GET", "sys/auth"),
        ("GET", "sys/mounts"),
        ("GET", "sys/audit"),
        ("GET", "auth/aws/config/client"),
        ("GET", "auth/aws/role/kong-role"),
        ("GET", "auth/aws/roles"),
        ("GET", "sys/policies/acl/default"),
        ("GET", "sys/policies/acl/kong-policy"),
        ("GET", "auth/token/lookup-self"),
        ("POST", "auth/aws/login"),
        ("POST", "sys/capabilities-self"),
        ("POST", "auth/token/revoke-self"),
    ]
    .into_iter()
    .map(|(method, path)| ((method.to_owned(), format!("/v1/{path}")), 1))
    .collect();
    assert_eq!(asked, expected);

    let mut actions = asked_of_aws(&nothing, requests);
    actions.sort();
    let once = |action: &str| actions.iter().filter(|one| *one == action).count();
    let reads = ["GetCallerIdentity", "AssumeRole"];
    assert!(
        actions.iter().all(|action| {
            reads.contains(&action.as_str())
                || action.starts_with("Get")
                || action.starts_with("List")
        }),
        "{actions:?}"
    );
    // KongRole's and the profile's; three roles.
    assert_eq!(
        (once("GetCallerIdentity"), once("AssumeRole")),
        (2, 1),
        "{actions:?}"
    );
    assert_eq!(once("GetRole"), 3, "{actions:?}");
    assert_eq!(accessors(&nothing), tokens, "the login's token is gone");
    assert_eq!(setup::whole(&nothing), before);
    assert_eq!(
        nothing.audited("kv/data/.*").len(),
        secrets,
        "no secret is read"
    );
}

#[test]
fn what_is_not_selected_is_not_asked() {
    let nothing = whole(SOUND);
    let (id, url) = nothing.relay(&json!([]));
    let run = nothing
        .as_operator()
        .env("VAULT_ADDR", url)
        .env("VAULT_TOKEN", auditor(&nothing));
    let run = with_settings(run, SOUND);
    let (ended, outcomes) = checked(&run, &["--admin", "--only", "auth.method"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert_eq!(outcomes.len(), 1);
    let asked: Vec<String> = asked_of_vault(&id)
        .into_keys()
        .map(|(_, path)| path)
        .collect();
    assert_eq!(asked, ["/v1/sys/auth", "/v1/sys/health"]);
    assert_eq!(ended.json()["kong_can_read"], Value::Null);
}
