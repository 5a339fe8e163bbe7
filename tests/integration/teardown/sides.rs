//! What is there on both sides, and what was written there.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::servers::{Nothing, servers};

/// Both sides at one moment, to be compared with another one.
#[derive(Debug, PartialEq)]
pub(crate) struct Sides {
    pub(crate) roles: BTreeMap<String, Value>,
    pub(crate) profiles: BTreeMap<String, Value>,
    pub(crate) policies: BTreeMap<String, Value>,
    pub(crate) vault: BTreeMap<String, Value>,
}

/// Looks at everything that a run could change.
pub(crate) fn sides(nothing: &Nothing) -> Sides {
    let details = nothing.details_of_iam();
    let profiles = Value::Array(nothing.instance_profiles());
    Sides {
        roles: by_name(&details["RoleDetailList"], "RoleName"),
        profiles: by_name(&profiles, "InstanceProfileName"),
        policies: by_name(&details["Policies"], "PolicyName"),
        vault: in_vault(nothing),
    }
}

fn by_name(list: &Value, name: &str) -> BTreeMap<String, Value> {
    let items = list.as_array().cloned().unwrap_or_default();
    items
        .into_iter()
        .map(|item| (item[name].as_str().unwrap().to_owned(), item))
        .collect()
}

/// The mounts, the policies with their texts, and what stands behind each aws
/// method, by API path.
fn in_vault(nothing: &Nothing) -> BTreeMap<String, Value> {
    let read = |path: &str| nothing.vault_api("GET", path, &Value::Null).1["data"].clone();
    let list = |path: &str| {
        let (_, answer) = nothing.vault_api("LIST", path, &Value::Null);
        serde_json::from_value::<Vec<String>>(answer["data"]["keys"].clone()).unwrap_or_default()
    };
    let mut seen = BTreeMap::new();
    for list in ["sys/auth", "sys/mounts"] {
        for (mount, facts) in read(list).as_object().unwrap() {
            seen.insert(format!("{list}/{mount}"), facts.clone());
        }
    }
    for name in list("sys/policies/acl") {
        let path = format!("sys/policies/acl/{name}");
        seen.insert(path.clone(), read(&path));
    }
    let methods: Vec<String> = seen
        .iter()
        .filter(|(_, facts)| facts["type"] == "aws")
        .filter_map(|(path, _)| path.strip_prefix("sys/").map(str::to_owned))
        .collect();
    for method in methods {
        seen.insert(
            format!("{method}config/client"),
            read(&format!("{method}config/client")),
        );
        for name in list(&format!("{method}roles")) {
            let path = format!("{method}role/{name}");
            seen.insert(path.clone(), read(&path));
        }
    }
    seen
}

/// Where the logs of both sides end now.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    aws: usize,
    vault: u64,
}

/// Remembers where the logs end.
pub(crate) fn mark(nothing: &Nothing) -> Mark {
    Mark {
        aws: servers().aws_requests(&nothing.account).len(),
        vault: nothing.end_of_audit_log(),
    }
}

/// The changes that reached IAM and were carried out, as `Action Name`.
pub(crate) fn written_in_aws(nothing: &Nothing, since: Mark) -> Vec<String> {
    let requests = servers().aws_requests(&nothing.account);
    let new = requests.iter().skip(since.aws);
    new.filter(|request| request["service"] == "iam" && request["status"] == 200)
        .filter_map(|request| {
            let word = |name: &str| request[name].as_str().filter(|word| !word.is_empty());
            let action = word("action").unwrap();
            let reads = ["Get", "List", "Simulate"];
            let name = word("profile_name").or(word("role_name")).unwrap_or("?");
            let is_write = !reads.iter().any(|read| action.starts_with(read));
            is_write.then(|| format!("{action} {name}"))
        })
        .collect()
}

/// Everything that was sent to IAM, as `Action Name`.
pub(crate) fn asked_of_aws(nothing: &Nothing, since: Mark) -> Vec<String> {
    let requests = servers().aws_requests(&nothing.account);
    let new = requests.iter().skip(since.aws);
    new.filter(|request| request["service"] == "iam")
        .map(|request| {
            let word = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}", word("action"), word("role_name"))
        })
        .collect()
}

/// What Vault was asked with a token, as `operation path`.
pub(crate) fn asked_of_vault(nothing: &Nothing, since: Mark) -> Vec<String> {
    entries(nothing, since)
        .iter()
        .filter(|entry| entry["type"] == "request")
        .map(line)
        .collect()
}

/// The changes that Vault carried out, as `operation path`.
pub(crate) fn written_in_vault(nothing: &Nothing, since: Mark) -> Vec<String> {
    entries(nothing, since)
        .iter()
        .filter(|entry| entry["type"] == "response" && entry["error"].is_null())
        .filter(|entry| {
            let operation = entry["request"]["operation"].as_str().unwrap();
            let path = entry["request"]["path"].as_str().unwrap();
            // Asking for one's capabilities is a write to Vault.
            ["create", "update", "delete", "patch"].contains(&operation)
                && path != "sys/capabilities-self"
        })
        .map(line)
        .collect()
}

fn line(entry: &Value) -> String {
    let word = |name: &str| entry["request"][name].as_str().unwrap().to_owned();
    format!("{} {}", word("operation"), word("path"))
}

fn entries(nothing: &Nothing, since: Mark) -> Vec<Value> {
    nothing.audited_since(since.vault)
}

/// Asserts that a run changed nothing anywhere.
pub(crate) fn assert_nothing_written(nothing: &Nothing, since: Mark, what: &str) {
    let none: [String; 0] = [];
    assert_eq!(written_in_aws(nothing, since), none, "{what}");
    assert_eq!(written_in_vault(nothing, since), none, "{what}");
}
