//! What was written is read back: what differs is found, what comes a moment
//! later is waited for.

use serde_json::json;

use super::{Scene, done, finding, list, step};

const CONFIG: &str = "vault:auth/aws/config/client";

#[test]
fn a_configuration_that_vault_threw_away_is_found() {
    let scene = Scene::new();
    let nothing_done = json!({ "reply": { "status": 204 } });
    scene.once("POST auth/aws/config/client", &nothing_done);
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, 5, "{document}");
    assert_eq!(finding(&document), "VLT627", "{document}");
    assert_eq!(document["fault"]["step"], "verify");
    let said = document["fault"].to_string();
    assert!(said.contains(CONFIG), "{said}");
    assert_eq!(step(&document, "verify")["outcome"], "failed");
    // It was taken, and is not there: that is no "done".
    assert!(!list(&document, "done").contains(&CONFIG.to_owned()));
    assert!(!scene.held().contains_key(CONFIG));
    scene.leave_alone();
    let document = scene.set_up();
    assert_eq!(list(&document, "done"), [CONFIG]);
    scene.converges();
}

#[test]
fn a_policy_that_does_not_read_back_is_found() {
    let scene = Scene::new();
    let nothing_done = json!({ "reply": { "status": 204 } });
    scene.once("POST sys/policies/acl/kong-policy", &nothing_done);
    let ended = scene.setup();
    let document = ended.json();
    let name = "vault:sys/policies/acl/kong-policy";
    assert_eq!(ended.code, 10, "{document}");
    assert_eq!(finding(&document), "AWS308", "{document}");
    assert_eq!(document["fault"]["step"], "verify");
    assert!(document["fault"].to_string().contains(name), "{document}");
    assert!(!list(&document, "done").contains(&name.to_owned()));
    scene.leave_alone();
    scene.converges();
}

#[test]
fn looks_of_iam_that_are_a_moment_behind_are_waited_for() {
    let scene = Scene::new();
    let message = "The role with name VaultRole cannot be found.";
    let absent = json!({ "status": 404, "code": "NoSuchEntity", "message": message });
    // The first look is that of the plan.
    for request in ["GetRole VaultRole", "GetRolePolicy KongRole"] {
        let skip = i32::from(request.starts_with("GetRole "));
        let rule = json!({ "skip": skip, "times": 1, "do": { "error": absent } });
        scene.rule(request, rule);
    }
    let document = scene.set_up();
    let verify = step(&document, "verify");
    assert_eq!(verify["outcome"], "succeeded");
    let retries = verify["retries"].as_array().unwrap();
    assert!(!retries.is_empty(), "{verify}");
    let because = retries[0]["because"].as_str().unwrap();
    assert!(because.contains("VaultRole"), "{because}");
    scene.converges();
}

#[test]
fn a_look_that_is_refused_after_the_changes_takes_nothing_of_them_back() {
    let scene = Scene::new();
    let error = json!({ "status": 403, "code": "AccessDenied", "message": "no iam:GetRole" });
    let rule = json!({ "skip": 1, "do": { "error": error } });
    scene.rule("GetRole VaultRole", rule);
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, 4, "{document}");
    assert_eq!(finding(&document), "AWS301", "{document}");
    assert_eq!(document["fault"]["step"], "verify");
    assert_eq!(list(&document, "done"), scene.resources());
    scene.leave_alone();
    assert_eq!(list(&done(&scene.setup()), "done"), Vec::<String>::new());
    scene.converges();
}
