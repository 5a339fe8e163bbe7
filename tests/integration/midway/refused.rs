//! Refused at every write: what is told is true, nothing more is tried, and the
//! next run goes on.

use serde_json::{Value, json};

use super::{Point, SETUP, Scene, done, finding, list, step};

/// A refusal at one write after the other, each run going on where the last was
/// refused.
struct Case {
    what: Value,
    times: u32,
    code: i32,
    finding: &'static str,
    side: &'static str,
    outcome: &'static str,
}

fn is_of_vault(point: &Point) -> bool {
    point.resource.starts_with("vault:")
}

/// The second request of a change: the first was carried out by then.
fn is_second(point: &Point) -> bool {
    point.request.starts_with("AddRole")
}

fn refused_at(scene: &Scene, point: &Point, case: &Case) -> Value {
    let before = scene.asked().len();
    scene.rule(
        point.request,
        json!({ "times": case.times, "do": case.what }),
    );
    let ended = scene.setup();
    let document = ended.json();
    assert_eq!(ended.code, case.code, "{}: {document}", point.request);
    assert_eq!(finding(&document), case.finding, "{document}");
    let fault = &document["fault"];
    let name = scene.name(point.resource);
    assert_eq!(fault["step"], name, "{document}");
    assert_eq!(fault["side"], case.side, "{document}");
    let operation = match point.request.split_once(' ').unwrap() {
        ("POST", path) => path.to_owned(),
        (action, _) => format!("iam:{action}"),
    };
    assert_eq!(fault["operation"], operation, "{document}");
    assert_eq!(step(&document, &name)["outcome"], "failed");
    assert_eq!(document["waiting_for"], Value::Null);
    scene.assert_ended_at(&document, point.resource, case.outcome);
    let asked: Vec<String> = scene
        .asked()
        .into_iter()
        .skip(before)
        .map(|asked| asked.request)
        .collect();
    assert_eq!(asked.last().unwrap(), point.request, "more was tried");
    document
}

#[test]
fn iams_refusal_ends_the_run_at_any_write() {
    let scene = Scene::new();
    let account = &scene.nothing.account;
    let message = format!(
        "User: arn:aws:iam::{account}:user/operator is not authorized to perform: this because no identity-based policy allows it"
    );
    let error = json!({ "status": 403, "code": "AccessDenied", "message": message });
    let case = Case {
        what: json!({ "error": error }),
        times: 1,
        code: 4,
        finding: "AWS301",
        side: "iam",
        outcome: "not_done",
    };
    let points = SETUP.iter().filter(|point| !is_of_vault(point));
    for point in points.filter(|point| !is_second(point)) {
        let document = refused_at(&scene, point, &case);
        assert_eq!(document["fault"]["status"], 403);
        assert_eq!(document["fault"]["code"], "AccessDenied");
        assert_eq!(document["fault"]["message"], message);
    }
    scene.leave_alone();
    scene.converges();
}

#[test]
fn a_change_of_which_a_half_is_written_is_not_called_not_done() {
    let scene = Scene::new();
    let error = json!({ "status": 403, "code": "AccessDenied", "message": "no iam:PassRole" });
    let case = Case {
        what: json!({ "error": error }),
        times: 1,
        code: 4,
        finding: "AWS301",
        side: "iam",
        outcome: "unknown",
    };
    for point in SETUP.iter().filter(|point| is_second(point)) {
        let document = refused_at(&scene, point, &case);
        let name = scene.name(point.resource);
        assert_eq!(step(&document, &name)["facts"]["written"], json!(["tags"]));
    }
    scene.leave_alone();
    scene.converges();
}

#[test]
fn vaults_refusal_ends_the_run_at_any_write() {
    let scene = Scene::new();
    let words = "1 error occurred:\n\t* permission denied\n\n";
    let body = json!({ "errors": [words] }).to_string();
    let case = Case {
        what: json!({ "reply": { "status": 403, "body": body } }),
        times: 1,
        code: 6,
        finding: "VLT636",
        side: "vault",
        outcome: "not_done",
    };
    for point in SETUP.iter().filter(|point| is_of_vault(point)) {
        let document = refused_at(&scene, point, &case);
        assert_eq!(document["fault"]["status"], 403);
    }
    scene.leave_alone();
    scene.converges();
}

#[test]
fn after_vaults_inner_error_it_is_unknown_what_became_of_the_write() {
    let scene = Scene::new();
    let body = json!({ "errors": ["internal error"] }).to_string();
    let case = Case {
        what: json!({ "reply": { "status": 500, "body": body } }),
        times: 1,
        code: 8,
        finding: "VLT519",
        side: "vault",
        outcome: "unknown",
    };
    for point in SETUP.iter().filter(|point| is_of_vault(point)) {
        let document = refused_at(&scene, point, &case);
        assert_eq!(document["fault"]["status"], 500);
    }
    scene.leave_alone();
    scene.converges();
}

#[test]
fn inner_errors_that_pass_are_waited_out() {
    let scene = Scene::new();
    let body = json!({ "errors": ["the node is not ready"] }).to_string();
    let before = scene.asked().len();
    for point in &SETUP {
        if is_of_vault(point) {
            let reply = json!({ "reply": { "status": 503, "body": body } });
            scene.once(point.request, &reply);
        } else if is_second(point) {
            scene.once(point.request, &json!({ "answer": "internal" }));
        } else {
            scene.once(point.request, &json!({ "answer": "unavailable" }));
        }
    }
    scene.set_up();
    assert_eq!(scene.asked().len() - before, 2 * SETUP.len());
    scene.converges();
}

#[test]
fn after_iams_inner_error_it_is_unknown_what_became_of_the_write() {
    let scene = Scene::new();
    // The SDK asks three times.
    let case = Case {
        what: json!({ "answer": "internal" }),
        times: 3,
        code: 8,
        finding: "AWS215",
        side: "iam",
        outcome: "unknown",
    };
    for request in ["PutRolePolicy KongRole", "CreateInstanceProfile VaultRole"] {
        let point = SETUP.iter().find(|point| point.request == request);
        refused_at(&scene, point.unwrap(), &case);
    }
    scene.leave_alone();
    scene.converges();
}

#[test]
fn each_refusal_is_told_for_what_it_is() {
    let scene = Scene::new();
    let expired = json!({ "answer": "expired_token" });
    let malformed = json!({ "status": 400, "code": "MalformedPolicyDocument", "message": "Syntax errors in policy." });
    let quota = json!({ "status": 409, "code": "LimitExceeded", "message": "Cannot exceed quota for RolesPerAccount: 1000" });
    let told = |status: u16, words: &str| {
        let body = json!({ "errors": [words] }).to_string();
        json!({ "reply": { "status": status, "body": body } })
    };
    let spent = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n";
    let cases = [
        ("CreateRole KongRole", 4, "AWS105", "not_done", expired),
        (
            "PutRolePolicy KongRole",
            4,
            "AWS305",
            "not_done",
            json!({ "error": malformed }),
        ),
        (
            "CreateRole VaultRole",
            4,
            "AWS306",
            "not_done",
            json!({ "error": quota }),
        ),
        (
            "POST sys/auth/aws",
            6,
            "VLT701",
            "not_done",
            told(403, spent),
        ),
        (
            "POST auth/aws/config/client",
            10,
            "VLT516",
            "not_done",
            told(429, "request path: rate limit quota exceeded"),
        ),
        (
            "POST sys/mounts/kv",
            8,
            "VLT511",
            "unknown",
            told(503, "Vault is sealed"),
        ),
    ];
    for (request, code, expected, outcome, what) in cases {
        let point = SETUP.iter().find(|point| point.request == request).unwrap();
        scene.always(request, &what);
        let ended = scene.setup();
        let document = ended.json();
        assert_eq!(ended.code, code, "{request}: {document}");
        assert_eq!(finding(&document), expected, "{document}");
        assert_eq!(document["fault"]["step"], scene.name(point.resource));
        scene.assert_ended_at(&document, point.resource, outcome);
        assert_eq!(scene.asked().last().unwrap().request, request);
        scene.leave_alone();
    }
    scene.converges();
}

#[test]
fn an_update_of_which_a_half_is_written_is_not_called_not_done() {
    let scene = Scene::new();
    scene.set_up();
    let service = json!({ "Service": "ec2.amazonaws.com" });
    let statement = json!({ "Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole" });
    let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let update = [
        "iam",
        "update-assume-role-policy",
        "--role-name",
        "VaultRole",
    ];
    let document = ["--policy-document", &trust];
    scene.nothing.aws(&[&update[..], &document].concat());
    let error = json!({ "status": 403, "code": "AccessDenied", "message": "no iam:TagRole" });
    scene.once("TagRole VaultRole", &json!({ "error": error }));
    let operator = scene.operator();
    let file = operator.file("more.yaml", "aws: { tags: { team: gateway } }\n");
    let file = file.display().to_string();
    let words = ["setup", "--yes", "-o", "json", "--config", &file];
    let ended = operator.run(&words);
    let document = ended.json();
    assert_eq!(ended.code, 4, "{document}");
    let role = scene.name("role/VaultRole");
    assert_eq!(document["fault"]["step"], role);
    let asked = scene.asked();
    let requests = asked.iter().map(|asked| asked.request.as_str());
    let is_trust_written = requests
        .rev()
        .take(2)
        .eq(["TagRole VaultRole", "UpdateAssumeRolePolicy VaultRole"]);
    assert!(is_trust_written, "{asked:?}");
    assert_eq!(list(&document, "unknown"), [role]);
    done(&operator.run(&words));
    scene.lets_kong_in();
}

#[test]
fn a_role_of_vault_that_is_made_anew_and_refused_is_not_called_not_done() {
    let scene = Scene::new();
    scene.set_up();
    let name = "vault:auth/aws/role/kong-role";
    let kong = scene.nothing.role_arn("KongRole");
    let bound = [scene.nothing.role_arn("VaultRole"), kong.clone()];
    let may_look = json!({ "Effect": "Allow", "Action": "iam:GetRole", "Resource": kong });
    let may_look = json!({ "Version": "2012-10-17", "Statement": [may_look] }).to_string();
    let put = ["iam", "put-role-policy", "--role-name", "VaultRole"];
    let policy = ["--policy-name", "more", "--policy-document", &may_look];
    scene.nothing.aws(&[put, policy].concat());
    let more = json!({ "bound_iam_principal_arn": bound });
    let path = "auth/aws/role/kong-role";
    assert!(scene.nothing.vault_api("POST", path, &more).0 < 300);
    let body = json!({ "errors": ["1 error occurred:\n\t* permission denied\n\n"] }).to_string();
    scene.once(
        "POST auth/aws/role/kong-role",
        &json!({ "reply": { "status": 403, "body": body } }),
    );
    let operator = scene.operator();
    // Vault does not let this be switched off: the role is made anew.
    let file = operator.file("ids.yaml", "vault: { resolve_unique_ids: false }\n");
    let file = file.display().to_string();
    let words = ["setup", "--yes", "-o", "json", "--config", &file];
    let ended = operator.run(&words);
    let document = ended.json();
    assert_eq!(ended.code, 6, "{document}");
    assert_eq!(document["fault"]["step"], name);
    // Whom it bound is to be read, so that no binding is lost.
    let command = step(&document, name)["command"].to_string();
    assert!(command.contains(&kong), "{command}");
    assert!(!scene.held().contains_key(name), "it was not made anew");
    assert_eq!(list(&document, "unknown"), [name], "the old one is gone");
    done(&operator.run(&words));
    scene.lets_kong_in();
}
