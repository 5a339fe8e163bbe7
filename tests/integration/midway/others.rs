//! Somebody else changes the same things at the same time.

use std::process::Child;

use serde_json::{Value, json};

use super::{SETUP, Scene, ended, finding, list};
use crate::get::wait_until;
use crate::vaultiam::Ended;

const TRUST: [&str; 4] = [
    "iam",
    "update-assume-role-policy",
    "--role-name",
    "VaultRole",
];

fn trust(principal: &Value) -> Value {
    let statement =
        json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// A set-up that has planned to write KongRole's policy and VaultRole's trust,
/// and cannot get on with the first until it is left alone.
fn held_up_before_the_trust(scene: &Scene) -> Child {
    scene.set_up();
    let service = trust(&json!({ "Service": "ec2.amazonaws.com" })).to_string();
    scene
        .nothing
        .aws(&[&TRUST[..], &["--policy-document", &service]].concat());
    let role = ["--role-name", "KongRole", "--policy-name", "vaultiam"];
    let delete = ["iam", "delete-role-policy"];
    scene.nothing.aws(&[&delete[..], &role].concat());
    let request = "PutRolePolicy KongRole";
    let error = json!({ "status": 409, "code": "ConcurrentModification", "message": "wait" });
    scene.always(request, &json!({ "error": error }));
    let before = scene.asked().len();
    let operator = scene.operator();
    let child = operator.spawn(&["setup", "--yes", "-o", "json"]);
    wait_until("the write of the policy", || scene.asked().len() > before);
    child
}

fn assert_changed_meanwhile(scene: &Scene, ended: &Ended) -> Value {
    let document = ended.json();
    assert_eq!(ended.code, 10, "{document}");
    assert_eq!(finding(&document), "AWS308", "{document}");
    let role = scene.name("role/VaultRole");
    assert_eq!(document["fault"]["step"], role);
    assert_eq!(document["fault"]["side"], "iam");
    let policy = scene.name("role/KongRole#policy/vaultiam");
    assert_eq!(list(&document, "done"), [policy]);
    assert_eq!(list(&document, "not_done"), [role]);
    assert_eq!(list(&document, "unknown"), Vec::<String>::new());
    let asked = scene.asked();
    assert!(
        !asked
            .iter()
            .any(|asked| asked.request.starts_with("Update"))
    );
    document
}

#[test]
fn a_trust_policy_that_somebody_changed_meanwhile_is_left_alone() {
    let scene = Scene::new();
    let child = held_up_before_the_trust(&scene);
    let root = format!("arn:aws:iam::{}:root", scene.nothing.account);
    let theirs = trust(&json!({ "AWS": root }));
    let text = theirs.to_string();
    scene
        .nothing
        .aws(&[&TRUST[..], &["--policy-document", &text]].concat());
    scene.leave_alone();
    let document = assert_changed_meanwhile(&scene, &ended(child));
    let shown = document["fault"]["upstream"].as_str().unwrap();
    let shown: Value = serde_json::from_str(shown).unwrap();
    assert_eq!(shown, theirs);
    let evidence = document["findings"][0]["evidence"].to_string();
    assert!(evidence.contains(&root), "{evidence}");
    assert_eq!(scene.held()[&scene.name("role/VaultRole")], theirs);
    // The next plan shows it before it is overwritten.
    let plan = scene.operator().run(&["setup", "--plan", "-o", "json"]);
    assert_eq!(plan.code, 3);
    let fields = &plan.json()["changes"][0]["fields"][0];
    assert_eq!(fields["name"], "trust_policy");
    assert_eq!(fields["before"], theirs);
    scene.converges();
}

#[test]
fn a_role_that_somebody_deleted_meanwhile_is_not_made_again_unseen() {
    let scene = Scene::new();
    let child = held_up_before_the_trust(&scene);
    let role = ["--role-name", "VaultRole"];
    let profile = ["--instance-profile-name", "VaultRole"];
    let policy = ["--policy-name", "vaultiam"];
    let calls: [&[&[&str]]; 3] = [
        &[&["remove-role-from-instance-profile"], &profile, &role],
        &[&["delete-role-policy"], &role, &policy],
        &[&["delete-role"], &role],
    ];
    for call in calls {
        scene.nothing.aws(&[&["iam"][..], &call.concat()].concat());
    }
    scene.leave_alone();
    assert_changed_meanwhile(&scene, &ended(child));
    assert!(!scene.held().contains_key(&scene.name("role/VaultRole")));
    // Vault binds the role that is gone: to trust the next one is a decision.
    let again = scene.setup();
    assert_eq!(again.code, 2, "{}", again.stdout);
    assert_eq!(finding(&again.json()), "CFG907");
    let words = ["setup", "--yes", "--accept-recreated", "-o", "json"];
    super::done(&scene.operator().run(&words));
    scene.converges();
}

/// Two runs that have both planned everything before either writes.
fn both_at_once(scene: &Scene, others: &[&str]) -> [Ended; 2] {
    for request in ["CreateRole KongRole", "POST sys/auth/aws"] {
        scene.rule(request, json!({ "times": 2, "do": { "delay_ms": 1500 } }));
    }
    let words = ["setup", "--yes", "-o", "json"];
    let (one, two) = (scene.operator(), scene.operator());
    let children = [one.spawn(&words), two.spawn(&[&words[..], others].concat())];
    let endings = children.map(ended);
    scene.leave_alone();
    endings
}

#[test]
fn two_set_ups_of_the_same_at_the_same_time_end_clearly() {
    let scene = Scene::new();
    for _ in 0..2 {
        let endings = both_at_once(&scene, &[]);
        for ended in &endings {
            let document = ended.json();
            let told = (ended.code, finding(&document));
            let is_clear = [(0, ""), (10, "AWS308"), (9, "AWS302"), (9, "VLT637")];
            assert!(is_clear.contains(&told), "{document}");
            let held = scene.held();
            for name in list(&document, "done") {
                assert!(held.contains_key(&name), "{name}: {document}");
            }
        }
        let codes = endings.map(|ended| ended.code);
        assert!(codes.contains(&0), "nobody came through: {codes:?}");
        scene.converges();
        scene.vanishes();
    }
}

#[test]
fn two_set_ups_of_different_stacks_do_not_mix() {
    let scene = Scene::new();
    let endings = both_at_once(&scene, &["--stack", "other"]);
    let mut codes = Vec::new();
    for ended in &endings {
        let document = ended.json();
        let told = (ended.code, finding(&document));
        let is_clear = [
            (0, ""),
            (10, "AWS308"),
            (9, "AWS302"),
            (9, "VLT637"),
            (9, "VLT638"),
        ];
        assert!(is_clear.contains(&told), "{document}");
        codes.push(ended.code);
    }
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1);
    let winner = if codes[0] == 0 { "kong" } else { "other" };
    let comment = format!("managed by vaultiam (stack {winner})");
    let held = scene.held();
    assert_eq!(held.len(), scene.resources().len());
    assert_eq!(held["vault:sys/auth/aws"]["description"], comment);
    assert_eq!(held["vault:sys/mounts/kv"]["description"], comment);
    let policy = held["vault:sys/policies/acl/kong-policy"]["policy"].as_str();
    assert!(policy.unwrap().contains(&comment), "{policy:?}");
    for role in ["KongRole", "VaultRole"] {
        let words = ["iam", "list-role-tags", "--role-name", role];
        let tags = scene.nothing.aws(&words)["Tags"].to_string();
        assert!(tags.contains(&format!("\"{winner}\"")), "{tags}");
    }
    let words = ["setup", "--plan", "--stack", winner];
    assert_eq!(scene.operator().run(&words).code, 0);
    scene.lets_kong_in();
}

#[test]
fn a_mount_that_somebody_made_meanwhile_is_not_taken_over() {
    let scene = Scene::new();
    let request = "AddRoleToInstanceProfile VaultRole";
    let error = json!({ "status": 409, "code": "ConcurrentModification", "message": "wait" });
    scene.always(request, &json!({ "error": error }));
    let operator = scene.operator();
    let child = operator.spawn(&["setup", "--yes", "-o", "json"]);
    wait_until("the last write of IAM", || {
        let asked = scene.asked();
        asked.iter().any(|asked| asked.request == request)
    });
    scene.nothing.vault(&["auth", "enable", "aws"]);
    scene.leave_alone();
    let ended = ended(child);
    let document = ended.json();
    assert_eq!(ended.code, 9, "{document}");
    assert_eq!(finding(&document), "VLT637", "{document}");
    let resource = "vault:sys/auth/aws";
    assert_eq!(document["fault"]["step"], resource);
    assert_eq!(list(&document, "unknown"), Vec::<String>::new());
    assert_eq!(list(&document, "not_done")[0], resource);
    assert_eq!(list(&document, "not_done").len(), 5);
    assert_eq!(scene.asked().last().unwrap().request, SETUP[8].request);
    scene.nothing.vault(&["auth", "disable", "aws"]);
    scene.converges();
}
