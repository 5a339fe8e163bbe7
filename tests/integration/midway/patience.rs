//! What passes is waited for; what does not is told for what it is.

use serde_json::{Value, json};

use super::{Scene, ended, finding, list, step};
use crate::get::wait_until;

const WRITE_ROLE: &str = "vault:auth/aws/role/kong-role";

fn retries(document: &Value, name: &str) -> usize {
    step(document, name)["retries"].as_array().unwrap().len()
}

fn only_ec2() -> String {
    let service = json!({ "Service": "ec2.amazonaws.com" });
    let statement = json!({ "Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole" });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

#[test]
fn a_principal_that_iam_does_not_know_yet_is_waited_for() {
    let scene = Scene::new();
    let unknown = json!({ "times": 2, "do": { "answer": "invalid_principal" } });
    scene.rule("CreateRole VaultRole", unknown.clone());
    let document = scene.set_up();
    let role = scene.name("role/VaultRole");
    assert_eq!(retries(&document, &role), 2, "{document}");
    let because = &step(&document, &role)["retries"][0]["because"];
    let because = because.as_str().unwrap();
    assert!(because.contains("Invalid principal"), "{because}");
    assert_eq!(retries(&document, &scene.name("role/KongRole")), 0);

    // The same where a trust policy is brought back.
    let change = [
        "iam",
        "update-assume-role-policy",
        "--role-name",
        "VaultRole",
    ];
    let policy = only_ec2();
    let change = [&change[..], &["--policy-document", &policy]].concat();
    scene.nothing.aws(&change);
    scene.rule("UpdateAssumeRolePolicy VaultRole", unknown);
    let document = scene.set_up();
    assert_eq!(list(&document, "done"), [role.clone()]);
    assert_eq!(retries(&document, &role), 2, "{document}");
    scene.converges();
}

#[test]
fn a_principal_that_is_not_there_is_not_waited_for() {
    let scene = Scene::new();
    scene.always(
        "CreateRole VaultRole",
        &json!({ "answer": "invalid_principal" }),
    );
    let message = "The role with name KongRole cannot be found.";
    let error = json!({ "status": 404, "code": "NoSuchEntity", "message": message });
    // The looks of the plan find none either way.
    scene.always("GetRole KongRole", &json!({ "error": error }));
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, 4, "{document}");
    assert_eq!(finding(&document), "AWS303", "{document}");
    let role = scene.name("role/VaultRole");
    assert_eq!(document["fault"]["step"], role);
    assert_eq!(document["fault"]["side"], "iam");
    assert_eq!(document["fault"]["code"], "MalformedPolicyDocument");
    assert_eq!(retries(&document, &role), 0, "{document}");
    scene.leave_alone();
    scene.assert_ended_at(&document, "role/VaultRole", "not_done");
    scene.converges();
}

#[test]
fn a_principal_that_goes_while_it_is_waited_for_ends_the_waiting() {
    let scene = Scene::new();
    let request = "CreateRole VaultRole";
    scene.always(request, &json!({ "answer": "invalid_principal" }));
    let operator = scene.operator();
    let child = operator.spawn(&["setup", "--yes", "-o", "json"]);
    wait_until("the refusal", || {
        let asked = scene.asked();
        asked.iter().any(|asked| asked.request == request)
    });
    let role = ["--role-name", "KongRole"];
    let policy = ["--policy-name", "vaultiam"];
    let delete = ["iam", "delete-role-policy"];
    scene.nothing.aws(&[&delete[..], &role, &policy].concat());
    scene
        .nothing
        .aws(&[&["iam", "delete-role"][..], &role].concat());
    let ended = ended(child);
    let document = ended.json();
    assert_eq!(ended.code, 4, "{document}");
    assert_eq!(finding(&document), "AWS303", "{document}");
    assert_eq!(list(&document, "unknown"), Vec::<String>::new());
    assert_eq!(list(&document, "not_done")[0], scene.name("role/VaultRole"));
    scene.leave_alone();
    scene.converges();
}

#[test]
fn the_waiting_for_a_principal_has_an_end() {
    let scene = Scene::new();
    scene.always(
        "CreateRole VaultRole",
        &json!({ "answer": "invalid_principal" }),
    );
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, 10, "{document}");
    assert_eq!(finding(&document), "AWS304", "{document}");
    let role = scene.name("role/VaultRole");
    assert_eq!(document["fault"]["step"], role);
    let waits = step(&document, &role)["retries"].as_array().unwrap();
    let waited: f64 = waits
        .iter()
        .map(|retry| retry["waited_ms"].as_f64().unwrap())
        .sum();
    assert!((45_000.0..=60_000.0).contains(&waited), "{waits:?}");
    scene.assert_ended_at(&document, "role/VaultRole", "not_done");
    scene.leave_alone();
    scene.converges();
}

#[test]
fn throttling_that_passes_is_got_over() {
    let scene = Scene::new();
    for request in ["CreateRole KongRole", "CreateInstanceProfile VaultRole"] {
        scene.rule(
            request,
            json!({ "times": 2, "do": { "answer": "throttling" } }),
        );
    }
    scene.set_up();
    scene.converges();
}

#[test]
fn throttling_that_does_not_pass_ends_the_run() {
    let scene = Scene::new();
    let request = "PutRolePolicy VaultRole";
    scene.always(request, &json!({ "answer": "throttling" }));
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, 10, "{document}");
    assert_eq!(finding(&document), "AWS217", "{document}");
    let resource = "role/VaultRole#policy/vaultiam";
    assert_eq!(document["fault"]["step"], scene.name(resource));
    assert_eq!(document["fault"]["side"], "iam");
    scene.assert_ended_at(&document, resource, "not_done");
    let asked = scene.asked();
    assert_eq!(asked.last().unwrap().request, request);
    scene.leave_alone();
    scene.converges();
}

#[test]
fn what_aws_tells_vault_of_a_role_that_is_seconds_old_is_waited_out() {
    let scene = Scene::new();
    let vault_role = scene.nothing.role_arn("VaultRole");
    let denied = format!(
        "User: arn:aws:sts::{}:assumed-role/VaultRole/i-0 is not authorized to perform: iam:GetRole on resource: {vault_role} because no identity-based policy allows the iam:GetRole action",
        scene.nothing.account
    );
    let cases = [
        // Vault's own SDK asks four times before it says that it was throttled.
        (6, json!({ "answer": "throttling" }), "Throttling"),
        (
            1,
            json!({ "error": { "status": 404, "code": "NoSuchEntity", "message": "The role with name VaultRole cannot be found." } }),
            "NoSuchEntity",
        ),
        (
            2,
            json!({ "error": { "status": 403, "code": "AccessDenied", "message": denied } }),
            "AccessDenied",
        ),
    ];
    for (times, what, code) in cases {
        let calls = json!({
            "account": scene.nothing.account, "action": "GetRole", "user_agent": "aws-sdk-go.*",
        });
        scene.front_rule(&json!({ "match": calls, "times": times, "do": what }));
        let document = scene.set_up();
        let waits = step(&document, WRITE_ROLE)["retries"].as_array().unwrap();
        assert!(!waits.is_empty(), "{code}: {document}");
        let because = waits[0]["because"].as_str().unwrap();
        assert!(because.contains(code), "{because}");
        scene.converges();
        scene.take_down();
    }
}

#[test]
fn what_aws_tells_vault_and_does_not_pass_is_told() {
    let scene = Scene::new();
    scene.set_up();
    // The right was not given in this run: nothing will make it come true.
    scene.nothing.vault(&["delete", "auth/aws/role/kong-role"]);
    let denied = json!({ "status": 403, "code": "AccessDenied", "message": "no iam:GetRole" });
    let calls = json!({
        "account": scene.nothing.account, "action": "GetRole", "user_agent": "aws-sdk-go.*",
    });
    scene.front_rule(&json!({ "match": calls, "do": { "error": denied } }));
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, 5, "{document}");
    assert_eq!(finding(&document), "VLT623", "{document}");
    assert_eq!(document["fault"]["step"], WRITE_ROLE);
    assert_eq!(document["fault"]["side"], "iam-via-vault");
    assert_eq!(list(&document, "not_done"), [WRITE_ROLE]);
    assert_eq!(retries(&document, WRITE_ROLE), 0);
    assert!(!scene.held().contains_key(WRITE_ROLE));
    scene.leave_alone();
    scene.converges();
}

#[test]
fn a_role_that_iam_does_not_know_yet_is_waited_for_when_more_is_hung_on_it() {
    let scene = Scene::new();
    let message = "The role with name VaultRole cannot be found.";
    let absent = json!({ "status": 404, "code": "NoSuchEntity", "message": message });
    let requests = [
        ("PutRolePolicy VaultRole", "role/VaultRole#policy/vaultiam"),
        (
            "AddRoleToInstanceProfile VaultRole",
            "instance-profile/VaultRole",
        ),
    ];
    for (request, _) in requests {
        scene.once(request, &json!({ "error": absent }));
    }
    let document = scene.set_up();
    for (_, resource) in requests {
        assert_eq!(retries(&document, &scene.name(resource)), 1, "{document}");
    }
    scene.converges();
}
