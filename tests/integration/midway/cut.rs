//! The connection is cut at a write, before it was carried out or after: IAM's
//! are sent again, Vault's are not, and what is told is true.

use serde_json::{Value, json};

use super::{SETUP, Scene, ended, finding, list};
use crate::get::wait_until;
use crate::servers::servers;

fn of_iam() -> Vec<&'static str> {
    let points = SETUP.iter();
    let points = points.filter(|point| !point.resource.starts_with("vault:"));
    points.map(|point| point.request).collect()
}

#[test]
fn a_cut_before_iam_had_the_request_is_got_over() {
    let scene = Scene::new();
    for request in of_iam() {
        scene.once(request, &json!({ "drop": true }));
    }
    scene.set_up();
    assert_eq!(scene.asked().len(), SETUP.len() + of_iam().len());
    scene.converges();
}

#[test]
fn an_answer_of_iam_that_was_lost_is_got_over() {
    let scene = Scene::new();
    for request in of_iam() {
        scene.once(request, &json!({ "drop_answer": true }));
    }
    let document = scene.set_up();
    assert_eq!(list(&document, "done"), scene.resources());
    scene.assert_true(&document);
    scene.converges();
}

#[test]
fn what_iam_never_answers_is_unknown() {
    for (what, is_carried_out) in [("drop", false), ("drop_answer", true)] {
        let scene = Scene::new();
        let requests = [
            "CreateRole VaultRole",
            "PutRolePolicy VaultRole",
            "CreateInstanceProfile VaultRole",
        ];
        for request in requests {
            let point = SETUP.iter().find(|point| point.request == request).unwrap();
            let document = never_answered(&scene, request, what);
            scene.assert_ended_at(&document, point.resource, "unknown");
            let is_there = scene.held().contains_key(&scene.name(point.resource));
            assert_eq!(is_there, is_carried_out, "{request}");
        }
        scene.leave_alone();
        scene.converges();
    }
}

/// A set-up in which IAM answers none of the SDK's three tries.
fn never_answered(scene: &Scene, request: &str, what: &str) -> Value {
    let point = SETUP.iter().find(|point| point.request == request).unwrap();
    scene.rule(request, json!({ "times": 3, "do": { what: true } }));
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, 8, "{request}: {document}");
    assert_eq!(document["fault"]["step"], scene.name(point.resource));
    assert_eq!(document["fault"]["side"], "network", "{document}");
    document
}

#[test]
fn what_was_added_and_never_answered_is_looked_at() {
    let scene = Scene::new();
    let request = "AddRoleToInstanceProfile KongRole";
    let document = never_answered(&scene, request, "drop");
    scene.assert_ended_at(&document, "instance-profile/KongRole", "unknown");
    // This time it came through, and the profile shows it.
    scene.rule(
        request,
        json!({ "times": 3, "do": { "drop_answer": true } }),
    );
    let document = scene.set_up();
    let profile = scene.name("instance-profile/KongRole");
    assert_eq!(list(&document, "done")[0], profile);
    scene.converges();
}

#[test]
fn a_cut_at_vault_is_told_and_the_write_is_not_sent_again() {
    for (what, is_carried_out) in [("drop", false), ("drop_answer", true)] {
        let scene = Scene::new();
        let points = SETUP.iter();
        for point in points.filter(|point| point.resource.starts_with("vault:")) {
            let before = scene.asked().len();
            scene.once(point.request, &json!({ what: true }));
            let ended = scene.setup();
            let document = ended.json();
            assert_eq!(ended.code, 8, "{}: {document}", point.request);
            assert_eq!(finding(&document), "VLT519", "{document}");
            assert_eq!(document["fault"]["step"], point.resource);
            assert_eq!(document["fault"]["side"], "network");
            assert_eq!(document["fault"]["status"], Value::Null);
            scene.assert_ended_at(&document, point.resource, "unknown");
            let asked: Vec<String> = scene
                .asked()
                .into_iter()
                .skip(before)
                .map(|asked| asked.request)
                .collect();
            assert_eq!(asked.last().unwrap(), point.request);
            let times = asked.iter().filter(|asked| *asked == point.request);
            assert_eq!(times.count(), 1, "{asked:?}");
            let is_there = scene.held().contains_key(point.resource);
            assert_eq!(is_there, is_carried_out, "{}", point.request);
        }
        scene.leave_alone();
        scene.converges();
    }
}

#[test]
fn a_role_that_cannot_be_looked_at_after_a_lost_answer_is_unknown() {
    let scene = Scene::new();
    scene.once("CreateRole VaultRole", &json!({ "drop_answer": true }));
    let error = json!({ "status": 403, "code": "AccessDenied", "message": "no" });
    // The first look is that of the plan.
    scene.rule(
        "GetRole VaultRole",
        json!({ "skip": 1, "times": 1, "do": { "error": error } }),
    );
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, 4, "{document}");
    assert_eq!(document["fault"]["step"], scene.name("role/VaultRole"));
    scene.assert_ended_at(&document, "role/VaultRole", "unknown");
    scene.leave_alone();
    scene.converges();
}

#[test]
fn a_write_that_vault_never_got_is_known_to_be_not_done() {
    let scene = Scene::new();
    scene.set_up();
    scene.nothing.vault(&["auth", "disable", "aws"]);
    let role = ["--role-name", "VaultRole", "--policy-name", "vaultiam"];
    let delete = ["iam", "delete-role-policy"];
    scene.nothing.aws(&[&delete[..], &role].concat());
    let error = json!({ "status": 409, "code": "ConcurrentModification", "message": "wait" });
    scene.always("PutRolePolicy VaultRole", &json!({ "error": error }));
    let operator = scene.nothing.as_operator();
    let child = operator.spawn(&["setup", "--yes", "-o", "json"]);
    wait_until("the write of the policy", || {
        let asked = scene.asked();
        let mut asked = asked.iter();
        asked.any(|asked| asked.request == "PutRolePolicy VaultRole" && asked.status == Some(409))
    });
    let vault = format!("vaults/{}", scene.nothing.vault_id);
    servers().control("DELETE", &vault, &Value::Null);
    scene.leave_iam_alone();
    let ended = ended(child);
    let document = ended.json();
    assert_eq!(ended.code, 8, "{document}");
    assert_eq!(finding(&document), "VLT502", "{document}");
    assert_eq!(document["fault"]["step"], "vault:sys/auth/aws");
    let done = [scene.name("role/VaultRole#policy/vaultiam")];
    assert_eq!(list(&document, "done"), done);
    assert_eq!(document["unknown"], json!([]));
    assert_eq!(list(&document, "not_done")[0], "vault:sys/auth/aws");
}

#[test]
fn a_write_on_which_vault_is_silent_is_unknown() {
    let scene = Scene::new();
    let cases = [
        ("POST sys/auth/aws", "stall_answer"),
        ("POST sys/mounts/kv", "stall"),
    ];
    for (request, what) in cases {
        let point = SETUP.iter().find(|point| point.request == request).unwrap();
        scene.once(request, &json!({ what: true }));
        let operator = scene.operator().env("VAULT_CLIENT_TIMEOUT", "5");
        let ended = operator.run(&["setup", "--yes", "-o", "json"]);
        let document = ended.json();
        assert_eq!(ended.code, 8, "{request}: {document}");
        assert_eq!(finding(&document), "VLT503", "{document}");
        assert_eq!(document["fault"]["step"], point.resource);
        scene.assert_ended_at(&document, point.resource, "unknown");
    }
    scene.leave_alone();
    scene.converges();
}
