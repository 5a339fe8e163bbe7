//! A teardown that is killed, refused or cut off: the next one goes on.

use serde_json::{Value, json};

use super::{Point, Scene, ended, finding, list, point, send};

const TEARDOWN_YES: [&str; 6] = ["teardown", "--yes", "--delete-secrets", "kv", "-o", "json"];

/// Every write of the article's teardown, in order.
const TEARDOWN: [Point; 12] = [
    point(
        "DELETE auth/aws/role/kong-role",
        "vault:auth/aws/role/kong-role",
    ),
    point("DELETE sys/auth/aws", "vault:sys/auth/aws"),
    point(
        "DELETE sys/policies/acl/kong-policy",
        "vault:sys/policies/acl/kong-policy",
    ),
    point("DELETE sys/mounts/kv", "vault:sys/mounts/kv"),
    point(
        "RemoveRoleFromInstanceProfile VaultRole",
        "instance-profile/VaultRole",
    ),
    point(
        "DeleteInstanceProfile VaultRole",
        "instance-profile/VaultRole",
    ),
    point(
        "DeleteRolePolicy VaultRole",
        "role/VaultRole#policy/vaultiam",
    ),
    point("DeleteRole VaultRole", "role/VaultRole"),
    point(
        "RemoveRoleFromInstanceProfile KongRole",
        "instance-profile/KongRole",
    ),
    point(
        "DeleteInstanceProfile KongRole",
        "instance-profile/KongRole",
    ),
    point("DeleteRolePolicy KongRole", "role/KongRole#policy/vaultiam"),
    point("DeleteRole KongRole", "role/KongRole"),
];

/// The names of what a teardown removes, in order.
fn resources(scene: &Scene) -> Vec<String> {
    let points = TEARDOWN.iter();
    let mut names: Vec<String> = points.map(|point| scene.name(point.resource)).collect();
    names.dedup();
    names
}

/// A teardown ended at `resource`: what is told is true.
fn assert_ended_at(scene: &Scene, document: &Value, resource: &str, outcome: &str) {
    let name = scene.name(resource);
    let all = resources(scene);
    let at = all.iter().position(|other| *other == name).unwrap();
    assert!(all[..at].ends_with(&list(document, "done")), "{document}");
    let (not_done, unknown) = match outcome {
        "unknown" => (&all[at + 1..], &all[at..=at]),
        _ => (&all[at..], &[][..]),
    };
    assert_eq!(list(document, "not_done"), not_done, "{resource}");
    assert_eq!(list(document, "unknown"), unknown, "{resource}");
    let held = scene.held();
    for name in list(document, "done") {
        assert!(!held.contains_key(&name), "{name} is there: {document}");
    }
    for name in list(document, "not_done") {
        let found = held.get(&name);
        assert!(found.is_some(), "{name} is gone: {document}");
        assert_ne!(found, Some(&json!([])), "{name} is half gone: {document}");
    }
}

#[test]
fn killed_at_any_removal_the_next_run_goes_on() {
    let scene = Scene::new();
    scene.set_up();
    let before = scene.asked().len();
    for (index, point) in TEARDOWN.iter().enumerate() {
        let what = ["stall", "stall_answer"][index % 2];
        let mut child = scene.run_until_silence(&TEARDOWN_YES, point.request, what);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    scene.leave_alone();
    scene.vanishes();
    let carried_out = scene.carried_out_since(before);
    // Where an instance profile's role was taken out, that is not done again.
    let expected: Vec<&str> = TEARDOWN.iter().map(|point| point.request).collect();
    assert_eq!(carried_out, expected);
    scene.converges();
}

#[test]
fn an_interrupted_teardown_says_what_became_of_its_changes() {
    let scene = Scene::new();
    scene.set_up();
    let cases = [
        ("-INT", 130, TEARDOWN[1], "stall_answer"),
        ("-TERM", 143, TEARDOWN[6], "stall"),
        ("-INT", 130, TEARDOWN[9], "stall"),
    ];
    for (signal, code, point, what) in cases {
        let child = scene.run_until_silence(&TEARDOWN_YES, point.request, what);
        send(signal, &child);
        let ended = ended(child);
        let document = ended.json();
        assert_eq!(ended.code, code, "{document}");
        assert_ended_at(&scene, &document, point.resource, "unknown");
    }
    scene.leave_alone();
    scene.vanishes();
}

#[test]
fn a_refused_removal_ends_the_run_and_the_next_one_goes_on() {
    let scene = Scene::new();
    scene.set_up();
    let denied = json!({ "errors": ["1 error occurred:\n\t* permission denied\n\n"] });
    let denied = json!({ "reply": { "status": 403, "body": denied.to_string() } });
    let ill = json!({ "errors": ["internal error"] }).to_string();
    let ill = json!({ "reply": { "status": 500, "body": ill } });
    let error = json!({ "status": 403, "code": "AccessDenied", "message": "no" });
    let error = json!({ "error": error });
    let conflict = json!({ "status": 409, "code": "LimitExceeded", "message": "no" });
    let cases = [
        (TEARDOWN[0], &denied, 6, "VLT636", "not_done"),
        (TEARDOWN[1], &ill, 8, "VLT519", "unknown"),
        (TEARDOWN[3], &denied, 6, "VLT636", "not_done"),
        (TEARDOWN[4], &error, 4, "AWS301", "not_done"),
        (TEARDOWN[6], &error, 4, "AWS301", "not_done"),
        (
            TEARDOWN[7],
            &json!({ "error": conflict }),
            4,
            "AWS306",
            "not_done",
        ),
    ];
    for (point, what, code, told, outcome) in cases {
        scene.once(point.request, what);
        let ended = scene.teardown();
        let document = ended.json();
        assert_eq!(ended.code, code, "{}: {document}", point.request);
        assert_eq!(finding(&document), told, "{document}");
        assert_eq!(document["fault"]["step"], scene.name(point.resource));
        assert_ended_at(&scene, &document, point.resource, outcome);
        assert_eq!(scene.asked().last().unwrap().request, point.request);
    }
    scene.leave_alone();
    scene.vanishes();
    scene.converges();
}

#[test]
fn an_instance_profile_that_lost_its_role_only_is_not_called_not_done() {
    let scene = Scene::new();
    scene.set_up();
    let error = json!({ "status": 403, "code": "AccessDenied", "message": "no" });
    let point = TEARDOWN[5];
    scene.once(point.request, &json!({ "error": error }));
    let ended = scene.teardown();
    let document = ended.json();
    assert_eq!(ended.code, 4, "{document}");
    assert_ended_at(&scene, &document, point.resource, "unknown");
    scene.leave_alone();
    scene.vanishes();
}

#[test]
fn what_still_hangs_on_something_for_a_moment_is_waited_for() {
    let scene = Scene::new();
    scene.set_up();
    let message = "Cannot delete entity, must remove roles from instance profile first.";
    let in_use = json!({ "status": 409, "code": "DeleteConflict", "message": message });
    for request in ["DeleteInstanceProfile VaultRole", "DeleteRole KongRole"] {
        scene.once(request, &json!({ "error": in_use }));
    }
    let document = scene.take_down();
    for resource in ["instance-profile/VaultRole", "role/KongRole"] {
        let step = super::step(&document, &scene.name(resource));
        assert_eq!(step["retries"].as_array().unwrap().len(), 1, "{step}");
    }
    scene.vanishes();
}

#[test]
fn cut_off_at_any_removal_it_is_got_over_or_told() {
    for what in ["drop", "drop_answer"] {
        let scene = Scene::new();
        scene.set_up();
        let (of_vault, of_iam) = TEARDOWN.split_at(4);
        for point in of_vault {
            scene.once(point.request, &json!({ what: true }));
            let ended = scene.teardown();
            let document = ended.json();
            assert_eq!(ended.code, 8, "{}: {document}", point.request);
            assert_ended_at(&scene, &document, point.resource, "unknown");
        }
        for point in of_iam {
            scene.once(point.request, &json!({ what: true }));
        }
        scene.take_down();
        scene.leave_alone();
        scene.vanishes();
    }
}
