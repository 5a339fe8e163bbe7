//! `vaultiam setup` on the real servers: what it makes is what AWS's and
//! Vault's own commands show, and what is not its own stays as it is.

mod by_hand;
mod conflicts;
mod drift;
mod from_nothing;
mod halves;
mod identities;
mod modes;
mod neighbours;
mod topologies;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::servers::Nothing;
use crate::vaultiam::{Ended, Vaultiam};

/// The changes of a plan, shortened: action, resource, and the names of the fields.
type Changes = Vec<(String, String, Vec<String>)>;

/// A run with a settings file.
pub(crate) fn with_settings(run: Vaultiam, settings: &str) -> Vaultiam {
    let file = run.file("settings/vaultiam.yaml", settings);
    run.env("VAULTIAM_CONFIG", file.display().to_string())
}

/// Sets up with a settings file and `--yes`, which must do it.
pub(crate) fn set_up(nothing: &Nothing, settings: &str) -> Value {
    set_up_with(nothing, settings, &[])
}

fn set_up_with(nothing: &Nothing, settings: &str, more: &[&str]) -> Value {
    let ended = try_set_up(nothing, settings, more);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    ended.json()
}

/// Sets up with `--yes`, whatever comes of it.
fn try_set_up(nothing: &Nothing, settings: &str, more: &[&str]) -> Ended {
    let words = [&["setup", "--yes", "-o", "json"], more].concat();
    with_settings(nothing.as_operator(), settings).run(&words)
}

/// The plan, which must be one.
fn plan(nothing: &Nothing, settings: &str) -> Value {
    plan_with(nothing, settings, &[])
}

fn plan_with(nothing: &Nothing, settings: &str, more: &[&str]) -> Value {
    let words = [&["setup", "--plan", "-o", "json"], more].concat();
    let ended = with_settings(nothing.as_operator(), settings).run(&words);
    let document = ended.json();
    assert_eq!(document["schema"], "vaultiam/v1/plan", "{document}");
    assert!(
        [0, 3, 9].contains(&ended.code),
        "{}\n{}",
        ended.code,
        ended.stderr
    );
    document
}

/// Asserts that nothing is left to do.
fn assert_in_place(nothing: &Nothing, settings: &str) {
    let document = plan(nothing, settings);
    assert_eq!(document["changes"], json!([]));
    assert_eq!(document["conflicts"], json!([]));
    assert_eq!(document["exit_code"], 0);
}

fn changes(document: &Value) -> Changes {
    document["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let fields = change["fields"].as_array().unwrap();
            let names = fields.iter().map(|field| word(&field["name"])).collect();
            (word(&change["action"]), word(&change["resource"]), names)
        })
        .collect()
}

fn word(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

fn codes(document: &Value) -> Vec<String> {
    let findings = document["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| word(&finding["code"]))
        .collect()
}

/// Kong's instance logs in, without any key, and reads what it is for.
fn assert_kong_reads(nothing: &Nothing, settings: &str, path: &str, value: &str) {
    let run = with_settings(nothing.on_kongs_instance(), settings);
    let ended = run.run(&["login", "--explain", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    let ended = run.run(&["get", path, "-o", "json"]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    assert_eq!(ended.json()["secrets"][0]["fields"]["value"], value);
}

/// Kong's instance logs in: what the login's steps tell.
fn log_in(nothing: &Nothing, settings: &str) -> Value {
    let run = with_settings(nothing.on_kongs_instance(), settings);
    let ended = run.run(&["login", "--no-store", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    ended.json()
}

/// A fact of a step.
fn fact(document: &Value, step: &str, name: &str) -> Value {
    let steps = document["steps"].as_array().unwrap();
    let found = steps.iter().find(|found| found["id"] == step);
    found.unwrap_or_else(|| panic!("{step}: {document}"))["facts"][name].clone()
}

/// Everything that IAM and Vault hold, as their own commands show it.
pub(crate) fn whole(nothing: &Nothing) -> Value {
    json!({
        "roles": role_details(nothing),
        "profiles": nothing.instance_profiles(),
        "vault": whole_vault(nothing),
    })
}

fn role_details(nothing: &Nothing) -> Value {
    let mut roles = nothing.details_of_iam()["RoleDetailList"].take();
    for role in roles.as_array_mut().unwrap() {
        // It counts by itself.
        role.as_object_mut().unwrap().remove("RoleLastUsed");
    }
    roles
}

fn whole_vault(nothing: &Nothing) -> Value {
    let auth = nothing.vault(&["auth", "list", "-detailed"]);
    let mut behind = Map::new();
    for (path, mount) in auth.as_object().unwrap() {
        if mount["type"] == "aws" {
            let mount = path.trim_end_matches('/');
            behind.insert(mount.to_owned(), behind_the_mount(nothing, mount));
        }
    }
    let names = nothing.vault(&["policy", "list"]);
    let policies: BTreeMap<String, Value> = names
        .as_array()
        .unwrap()
        .iter()
        .filter(|name| *name != "root")
        .map(|name| (word(name), nothing.vault(&["policy", "read", &word(name)])))
        .collect();
    json!({
        "auth": auth,
        "secrets": nothing.vault(&["secrets", "list", "-detailed"]),
        "behind": behind,
        "policies": policies,
    })
}

fn behind_the_mount(nothing: &Nothing, mount: &str) -> Value {
    let (_, config) =
        nothing.vault_api("GET", &format!("auth/{mount}/config/client"), &Value::Null);
    let (_, listed) = nothing.vault_api("LIST", &format!("auth/{mount}/roles"), &Value::Null);
    let names = listed["data"]["keys"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let roles: BTreeMap<String, Value> = names
        .iter()
        .map(|name| (word(name), vault_role(nothing, mount, &word(name))))
        .collect();
    json!({ "config/client": config["data"], "roles": roles })
}

fn vault_role(nothing: &Nothing, mount: &str, name: &str) -> Value {
    nothing.vault(&["read", &format!("auth/{mount}/role/{name}")])["data"].clone()
}

fn client_config(nothing: &Nothing) -> Value {
    nothing.vault(&["read", "auth/aws/config/client"])["data"].clone()
}

/// What IAM shows of the account's roles, without what it makes up itself.
fn roles(nothing: &Nothing) -> BTreeMap<String, Value> {
    let details = role_details(nothing);
    let shown = |role: &Value| {
        let policies = role["RolePolicyList"].as_array().unwrap().iter();
        let policies: BTreeMap<String, Value> = policies
            .map(|policy| {
                (
                    word(&policy["PolicyName"]),
                    policy["PolicyDocument"].clone(),
                )
            })
            .collect();
        let profiles = role["InstanceProfileList"].as_array().unwrap().iter();
        let profiles: Vec<Value> = profiles.map(|profile| profile["Arn"].clone()).collect();
        json!({
            "arn": role["Arn"],
            "path": role["Path"],
            "trust": role["AssumeRolePolicyDocument"],
            "policies": policies,
            "attached": role["AttachedManagedPolicies"],
            "tags": tags(&role["Tags"]),
            "profiles": profiles,
        })
    };
    let details = details.as_array().unwrap().iter();
    details
        .map(|role| (word(&role["RoleName"]), shown(role)))
        .collect()
}

/// Tags as a map.
fn tags(listed: &Value) -> Value {
    let listed = listed.as_array().unwrap().iter();
    let pairs = listed.map(|tag| (word(&tag["Key"]), tag["Value"].clone()));
    Value::Object(pairs.collect())
}

fn our_tags(stack: &str) -> Value {
    json!({ "managed-by": "vaultiam", "vaultiam:stack": stack })
}

/// A policy document of some statements.
pub(crate) fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

pub(crate) fn ec2_may_assume(sid: &str) -> Value {
    json!({
        "Sid": sid, "Effect": "Allow",
        "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole",
    })
}

pub(crate) fn role_may_assume(arn: &str) -> Value {
    json!({
        "Sid": "VaultiamAssume", "Effect": "Allow",
        "Principal": { "AWS": arn }, "Action": "sts:AssumeRole",
    })
}

fn may_assume(arn: &str) -> Value {
    document(&[json!({
        "Sid": "VaultiamAssume", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn,
    })])
}

pub(crate) fn may_get_role(arn: &str) -> Value {
    document(&[json!({
        "Sid": "VaultiamGetRole", "Effect": "Allow", "Action": "iam:GetRole", "Resource": arn,
    })])
}

/// What IAM shows of a role that setup made, with an instance profile or without.
fn made_role(arn: &str, trust: Value, policies: Value, profiles: Value) -> Value {
    let name = arn.split_once(":role/").unwrap().1;
    let path = name
        .rsplit_once('/')
        .map_or("/".to_owned(), |(path, _)| format!("/{path}/"));
    json!({
        "arn": arn, "path": path, "trust": trust, "policies": policies, "attached": [],
        "tags": our_tags("kong"), "profiles": profiles,
    })
}

fn profile_of(role_arn: &str) -> Value {
    json!([role_arn.replacen(":role/", ":instance-profile/", 1)])
}

/// Runs an `aws iam` command that changes something.
fn iam(nothing: &Nothing, words: &[&str]) -> Value {
    nothing.aws(&[&["iam"], words].concat())
}

pub(crate) fn create_role(nothing: &Nothing, name: &str, trust: &Value, more: &[&str]) -> Value {
    let trust = trust.to_string();
    let words = [
        "create-role",
        "--role-name",
        name,
        "--assume-role-policy-document",
        &trust,
    ];
    iam(nothing, &[&words[..], more].concat())["Role"].clone()
}

pub(crate) fn put_role_policy(nothing: &Nothing, role: &str, name: &str, policy: &Value) {
    let policy = policy.to_string();
    let words = [
        "put-role-policy",
        "--role-name",
        role,
        "--policy-name",
        name,
    ];
    iam(
        nothing,
        &[&words[..], &["--policy-document", &policy]].concat(),
    );
}

pub(crate) fn set_trust(nothing: &Nothing, role: &str, trust: &Value) {
    let trust = trust.to_string();
    let words = [
        "update-assume-role-policy",
        "--role-name",
        role,
        "--policy-document",
        &trust,
    ];
    iam(nothing, &words);
}

pub(crate) fn create_profile(nothing: &Nothing, name: &str, role: &str) {
    iam(
        nothing,
        &["create-instance-profile", "--instance-profile-name", name],
    );
    add_to_profile(nothing, name, role);
}

fn add_to_profile(nothing: &Nothing, name: &str, role: &str) {
    let words = [
        "add-role-to-instance-profile",
        "--instance-profile-name",
        name,
    ];
    iam(nothing, &[&words[..], &["--role-name", role]].concat());
}

fn remove_from_profile(nothing: &Nothing, name: &str, role: &str) {
    let words = [
        "remove-role-from-instance-profile",
        "--instance-profile-name",
        name,
    ];
    iam(nothing, &[&words[..], &["--role-name", role]].concat());
}

/// Deletes a role that setup made, as a person does; its profile stays, empty.
fn delete_made_role(nothing: &Nothing, name: &str) {
    remove_from_profile(nothing, name, name);
    let words = [
        "delete-role-policy",
        "--role-name",
        name,
        "--policy-name",
        "vaultiam",
    ];
    iam(nothing, &words);
    iam(nothing, &["delete-role", "--role-name", name]);
}

/// Gives Vault's server another instance role.
pub(crate) fn set_vaults_role(nothing: &Nothing, role: &str) {
    nothing.set_vaults_role(role);
}

/// Writes what Kong is to read.
pub(crate) fn put_secret(nothing: &Nothing, path: &str, value: &str) {
    nothing.vault(&["kv", "put", path, &format!("value={value}")]);
}
