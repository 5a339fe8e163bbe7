//! Killed at every write, and interrupted: the next run goes on.

use std::cmp::Ordering;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::{SETUP, Scene, ended, list, send};
use crate::get::wait_until;
use crate::servers::servers;

const SETUP_YES: [&str; 4] = ["setup", "--yes", "-o", "json"];

/// Kills a set-up at one write after the other, each time where the last came to.
fn killed_at_every_write(what: &str) {
    let scene = Scene::new();
    for point in SETUP {
        let mut child = scene.run_until_silence(&SETUP_YES, point.request, what);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    scene.leave_alone();
    scene.converges();
    // What was there was seen to be there: nothing was written a second time.
    let expected: Vec<&str> = SETUP.iter().map(|point| point.request).collect();
    assert_eq!(scene.carried_out_since(0), expected);
}

#[test]
fn killed_before_any_write_was_carried_out_the_next_run_goes_on() {
    killed_at_every_write("stall");
}

#[test]
fn killed_after_any_write_was_carried_out_the_next_run_goes_on() {
    killed_at_every_write("stall_answer");
}

#[test]
fn in_the_other_topologies_a_killed_run_goes_on_too() {
    for (topology, servers_role) in [("separate", "VaultServerRole"), ("direct", "VaultRole")] {
        let scene = Scene::new();
        scene.nothing.set_vaults_role(servers_role);
        if topology == "direct" {
            make_role_of_vaults_server(&scene);
        }
        let words = [&SETUP_YES[..], &["--topology", topology]].concat();
        let killed = killed_wherever_it_writes(&scene, &words);
        assert_eq!(scene.carried_out_since(0), killed);
        assert_eq!(killed.last().unwrap(), "POST auth/aws/role/kong-role");
        let plan = ["setup", "--plan", "--topology", topology];
        assert_eq!(scene.operator().run(&plan).code, 0);
        let login = scene.nothing.on_kongs_instance();
        let login = login.run(&["login", "--no-store", "--topology", topology]);
        assert_eq!(login.code, 0, "{}", login.stderr);
    }
}

/// Vault's server has a role that may look at KongRole, made by somebody.
fn make_role_of_vaults_server(scene: &Scene) {
    let service = json!({ "Service": "ec2.amazonaws.com" });
    let trust = json!({ "Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole" });
    let trust = json!({ "Version": "2012-10-17", "Statement": [trust] }).to_string();
    let look = json!({ "Effect": "Allow", "Action": "iam:GetRole", "Resource": "*" });
    let look = json!({ "Version": "2012-10-17", "Statement": [look] }).to_string();
    let role = ["--role-name", "VaultRole"];
    let profile = ["--instance-profile-name", "VaultRole"];
    let calls: [&[&[&str]]; 4] = [
        &[
            &["create-role"],
            &role,
            &["--assume-role-policy-document", &trust],
        ],
        &[
            &["put-role-policy", "--policy-name", "look"],
            &role,
            &["--policy-document", &look],
        ],
        &[&["create-instance-profile"], &profile],
        &[&["add-role-to-instance-profile"], &profile, &role],
    ];
    for call in calls {
        scene.nothing.aws(&[&["iam"][..], &call.concat()].concat());
    }
}

/// Kills run after run right after its first write, until one has none left.
/// Returns the writes.
fn killed_wherever_it_writes(scene: &Scene, words: &[&str]) -> Vec<String> {
    let mut killed: Vec<String> = Vec::new();
    loop {
        scene.leave_alone();
        let calls = json!({
            "account": scene.nothing.account, "action": "(Create|Put|Add|Update|Tag).*",
            "user_agent": "aws-sdk-rust.*",
        });
        scene.front_rule(&json!({ "match": calls, "do": { "stall_answer": true } }));
        scene.always(
            "POST (auth|sys/auth|sys/mounts|sys/policies)/.*",
            &json!({ "stall_answer": true }),
        );
        let mut child = scene.operator().spawn(words);
        let has_ended = loop {
            if child.try_wait().unwrap().is_some() {
                break true;
            }
            if scene.asked().len() > killed.len() {
                break false;
            }
            thread::sleep(Duration::from_millis(20));
        };
        if has_ended {
            super::done(&ended(child));
            scene.leave_alone();
            return killed;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed.push(scene.asked().pop().unwrap().request);
    }
}

#[test]
fn at_no_write_is_anything_more_open_than_in_the_end() {
    let scene = Scene::new();
    let mut seen = Vec::new();
    for point in SETUP {
        let mut child = scene.run_until_silence(&SETUP_YES, point.request, "stall_answer");
        child.kill().unwrap();
        child.wait().unwrap();
        seen.push((point, scene.held()));
    }
    scene.leave_alone();
    scene.converges();
    let last = scene.held();
    for (point, held) in seen {
        let name = scene.name(point.resource);
        let has_its_roles = held.get(&name) != Some(&json!([]));
        assert!(held.contains_key(&name), "{} wrote nothing", point.request);
        for (name, content) in held {
            let is_empty_profile = name.contains(":instance-profile/") && content == json!([]);
            assert!(
                last.get(&name) == Some(&content) || is_empty_profile,
                "after {}: {name} was {content}",
                point.request
            );
        }
        assert_eq!(
            has_its_roles,
            !point.request.starts_with("CreateInstanceProfile")
        );
    }
    assert_eq!(last.len(), scene.resources().len());
}

#[test]
fn an_update_narrows_and_widens_nothing_on_its_way() {
    let scene = Scene::new();
    scene.set_up();
    let wanted = scene.held();
    drift(&scene);
    let drifted = scene.held();
    let updates = [
        "PutRolePolicy KongRole",
        "UpdateAssumeRolePolicy VaultRole",
        "PutRolePolicy VaultRole",
        "POST auth/aws/config/client",
        "POST sys/policies/acl/kong-policy",
        "POST auth/aws/role/kong-role",
    ];
    let before = scene.asked().len();
    for request in updates {
        let mut child = scene.run_until_silence(&SETUP_YES, request, "stall_answer");
        child.kill().unwrap();
        child.wait().unwrap();
        for (name, content) in scene.held() {
            let is_known = wanted.get(&name) == Some(&content) || drifted[&name] == content;
            assert!(is_known, "after {request}: {name} was {content}");
        }
    }
    scene.leave_alone();
    scene.converges();
    assert_eq!(scene.carried_out_since(before), updates);
    assert_eq!(scene.held(), wanted);
}

/// Makes what is set up wider than it should be, by hand.
fn drift(scene: &Scene) {
    let anything = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let anything = json!({ "Version": "2012-10-17", "Statement": [anything] }).to_string();
    for role in ["KongRole", "VaultRole"] {
        let words = ["iam", "put-role-policy", "--role-name", role];
        let policy = ["--policy-name", "vaultiam", "--policy-document", &anything];
        scene.nothing.aws(&[words, policy].concat());
    }
    let anybody =
        json!({ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" });
    let anybody = json!({ "Version": "2012-10-17", "Statement": [anybody] }).to_string();
    let words = [
        "iam",
        "update-assume-role-policy",
        "--role-name",
        "VaultRole",
    ];
    let document = ["--policy-document", &anybody];
    scene.nothing.aws(&[&words[..], &document].concat());
    let text = scene.held()["vault:sys/policies/acl/kong-policy"]["policy"]
        .as_str()
        .unwrap()
        .replace("kv/data/kong/*", "*");
    let writes = [
        ("sys/policies/acl/kong-policy", json!({ "policy": text })),
        (
            "auth/aws/config/client",
            json!({ "sts_region": "us-east-1", "sts_endpoint": "https://sts.us-east-1.amazonaws.com" }),
        ),
        (
            "auth/aws/role/kong-role",
            json!({ "token_policies": ["kong-policy", "more"], "token_max_ttl": 0 }),
        ),
    ];
    for (path, body) in writes {
        let (status, answer) = scene.nothing.vault_api("POST", path, &body);
        assert!(status < 300, "{path}: {answer}");
    }
}

#[test]
fn an_interrupted_run_says_what_became_of_its_changes() {
    let scene = Scene::new();
    let cases = [
        ("-INT", 130, "CreateRole VaultRole", "stall"),
        ("-TERM", 143, "CreateRole VaultRole", "stall_answer"),
        ("-TERM", 143, "AddRoleToInstanceProfile VaultRole", "stall"),
        ("-INT", 130, "POST auth/aws/config/client", "stall_answer"),
        ("-HUP", 129, "POST sys/policies/acl/kong-policy", "stall"),
        ("-INT", 130, "POST sys/mounts/kv", "stall"),
        ("-TERM", 143, "POST auth/aws/role/kong-role", "stall_answer"),
    ];
    for (signal, code, request, what) in cases {
        let resource = resource_of(request);
        let child = scene.run_until_silence(&SETUP_YES, request, what);
        send(signal, &child);
        let ended = ended(child);
        assert_eq!(ended.code, code, "{request}\n{}", ended.stderr);
        let document = ended.json();
        assert_eq!(document["schema"], "vaultiam/v1/applied");
        assert_eq!(document["waiting_for"], Value::Null);
        scene.assert_ended_at(&document, resource, "unknown");
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        assert!(ended.stderr.contains("interrupted"), "{}", ended.stderr);
    }
    scene.leave_alone();
    scene.converges();
}

#[test]
fn an_interrupted_run_says_it_to_people_too() {
    let scene = Scene::new();
    let request = "POST auth/aws/config/client";
    let child = scene.run_until_silence(&["setup", "--yes"], request, "stall");
    send("-INT", &child);
    let ended = ended(child);
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    let all = scene.resources();
    let at = all.len() - 4;
    assert_eq!(all[at], scene.name(resource_of(request)));
    let words = ["done", "unknown", "not done"];
    for (index, name) in all.iter().enumerate() {
        let lines: Vec<&str> = ended
            .stdout
            .lines()
            .filter(|line| line.split_whitespace().any(|word| word == name))
            .collect();
        assert_eq!(lines.len(), 1, "{name}\n{}", ended.stdout);
        let expected = match index.cmp(&at) {
            Ordering::Less => words[0],
            Ordering::Equal => words[1],
            Ordering::Greater => words[2],
        };
        assert!(lines[0].starts_with(expected), "{}", lines[0]);
    }
    scene.leave_alone();
    scene.converges();
}

#[test]
fn before_the_first_change_there_is_nothing_to_tell() {
    let scene = Scene::new();
    let words = ["setup", "--yes", "-o", "json"];
    scene.once("GET sys/auth", &json!({ "stall": true }));
    let child = scene.operator().spawn(&words);
    wait_until("the look at Vault", || {
        let log = format!("relays/{}/log", scene.relay_id);
        let log = servers().control("GET", &log, &Value::Null);
        let entries = log["entries"].as_array().unwrap();
        entries.iter().any(|entry| entry["answered"] == false)
    });
    send("-INT", &child);
    let ended = ended(child);
    assert_eq!(ended.code, 130);
    let document = ended.json();
    for name in ["done", "not_done", "unknown"] {
        assert_eq!(list(&document, name), Vec::<String>::new());
    }
    assert_eq!(scene.held().len(), 0);
}

fn resource_of(request: &str) -> &'static str {
    let point = SETUP.iter().find(|point| point.request == request);
    point.unwrap().resource
}
