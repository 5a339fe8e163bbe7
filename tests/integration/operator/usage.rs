//! Wrong usage, and settings that cannot be meant: told before anything is sent.

use serde_json::{Value, json};

use crate::servers::{Nothing, servers};
use crate::teardown::sides::{asked_of_aws, asked_of_vault, assert_nothing_written, mark};
use crate::teardown::{done, names, run_with};
use crate::vaultiam::{Ended, Vaultiam};

const SETTINGS: &str = "stack: kong\n";

/// Both commands that change something.
const COMMANDS: [&[&str]; 3] = [
    &["setup", "--yes"],
    &["teardown", "--yes"],
    &["setup", "--plan"],
];

fn words(ended: &Ended) -> String {
    format!("{}{}", ended.stdout, ended.stderr)
}

/// Asserts that a run is refused with a code and words, for people and as a
/// document.
fn assert_refused(run: &Vaultiam, settings: &str, typed: &[&str], code: i32, said: &[&str]) {
    let human = run_with(run, settings, typed);
    assert_eq!(human.code, code, "{typed:?} {settings}\n{}", words(&human));
    assert_eq!(human.stdout, "", "{typed:?}");
    for word in said {
        assert!(human.stderr.contains(word), "{word}: {}", human.stderr);
    }
    let json = run_with(run, settings, &[typed, &["-o", "json"]].concat());
    assert_eq!(json.code, code, "{typed:?} {settings}\n{}", words(&json));
    let finding = json.finding();
    assert!(
        said.contains(&finding.as_str()),
        "{finding}: {}",
        json.stdout
    );
}

/// Asserts that nobody was asked anything with a right.
fn assert_nothing_sent(nothing: &Nothing, since: crate::teardown::sides::Mark) {
    let none: [String; 0] = [];
    assert_eq!(asked_of_aws(nothing, since), none);
    assert_eq!(asked_of_vault(nothing, since), none);
}

#[test]
fn what_was_typed_wrong_is_named() {
    let nothing = servers().nothing();
    let since = mark(&nothing);
    let cases: [(&[&str], &[&str]); 6] = [
        (&["setup", "--only", "x"], &["CFG906", "--only", "'x'"]),
        (
            &["setup", "--plan", "--yes"],
            &["CFG906", "--plan", "--yes"],
        ),
        (&["teardown", "--yes", "--plan"], &["CFG906", "--plan"]),
        (&["teardown", "--adopt", "x"], &["CFG906", "--adopt"]),
        (
            &["setup", "--yes", "--delete-secrets", "kv"],
            &["CFG906", "--delete-secrets"],
        ),
        (&["teardown", "--yes", "now"], &["CFG906", "now"]),
    ];
    for (typed, said) in cases {
        assert_refused(&nothing.as_operator(), SETTINGS, typed, 2, said);
    }
    assert_nothing_sent(&nothing, since);
}

#[test]
fn an_adoption_of_something_that_is_not_wanted_is_named() {
    let nothing = servers().nothing();
    let since = mark(&nothing);
    let other = nothing.role_arn("Other");
    for name in ["KongRole", "vault:sys/auth/aws/", &other] {
        let typed = ["setup", "--yes", "--adopt", name];
        let said = ["CFG906", "--adopt", name, "vault:sys/auth/aws"];
        assert_refused(&nothing.as_operator(), SETTINGS, &typed, 2, &said);
    }
    assert_nothing_written(&nothing, since, "nothing of that name is wanted");
}

/// A variable, its value, the file, and the flag that decides for the file.
type Contradiction<'a> = (&'a str, &'a str, &'a str, [&'a str; 2]);

#[test]
fn what_the_environment_says_against_the_file_stops_a_change() {
    let nothing = servers().nothing();
    let address = nothing.vault_address.clone();
    let file = format!("vault: {{ address: \"{address}\" }}\n");
    let other = "http://127.0.0.1:9";
    let cases: [Contradiction; 5] = [
        (
            "AWS_REGION",
            "eu-west-1",
            "aws: { region: us-east-1 }\n",
            ["--region", "us-east-1"],
        ),
        (
            "AWS_PROFILE",
            "other",
            "aws: { profile: operator }\n",
            ["--profile", "operator"],
        ),
        ("VAULT_ADDR", other, &file, ["--address", &address]),
        (
            "VAULT_SKIP_VERIFY",
            "false",
            "vault: { skip_verify: true }\n",
            ["--skip-verify", ""],
        ),
        (
            "VAULT_NAMESPACE",
            "team",
            "vault: { namespace: other }\n",
            ["--namespace", "other"],
        ),
    ];
    for (variable, value, file, [flag, decided]) in cases {
        let since = mark(&nothing);
        let all = servers().aws_requests(&nothing.account).len();
        let run = nothing.as_operator().env(variable, value);
        for typed in COMMANDS {
            let said = ["CFG905", variable, flag];
            assert_refused(&run, file, typed, 2, &said);
        }
        assert_nothing_sent(&nothing, since);
        assert_eq!(servers().aws_requests(&nothing.account).len(), all);
        if ["--namespace", "--skip-verify"].contains(&flag) {
            continue; // this Vault has no namespaces, and speaks plain http here
        }
        let keys = format!(
            "[operator]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            nothing.operator.0, nothing.operator.1
        );
        let credentials = run.file("credentials", &keys).display().to_string();
        let mut run = run.env("AWS_SHARED_CREDENTIALS_FILE", credentials);
        if flag == "--profile" {
            run = run
                .without("AWS_ACCESS_KEY_ID")
                .without("AWS_SECRET_ACCESS_KEY");
        }
        let plan = run_with(&run, file, &["setup", "--plan", flag, decided]);
        assert_eq!(plan.code, 3, "{flag}: {}", words(&plan));
    }
}

#[test]
fn the_same_in_both_places_is_no_contradiction() {
    let nothing = servers().nothing();
    let file = format!(
        "aws: {{ region: us-east-1 }}\nvault: {{ address: \"{}/\" }}\n",
        nothing.vault_address
    );
    let plan = run_with(&nothing.as_operator(), &file, &["setup", "--plan"]);
    assert_eq!(plan.code, 3, "{}", words(&plan));
    // Our own variables are meant for us.
    let run = nothing.as_operator().env("VAULTIAM_STACK", "other");
    let plan = run_with(&run, SETTINGS, &["setup", "--plan", "-o", "json"]);
    assert_eq!(plan.json()["stack"], "other");
}

#[test]
fn without_credentials_it_is_said_what_to_do() {
    let nothing = servers().nothing();
    let since = mark(&nothing);
    let without_token = nothing.as_operator().without("VAULT_TOKEN");
    let without_keys = nothing
        .as_operator()
        .without("AWS_ACCESS_KEY_ID")
        .without("AWS_SECRET_ACCESS_KEY");
    for typed in COMMANDS {
        let said = ["CFG904", "VAULT_TOKEN", "vault login"];
        assert_refused(&without_token, SETTINGS, typed, 2, &said);
        assert_refused(&without_keys, SETTINGS, typed, 4, &["AWS101"]);
    }
    assert_nothing_sent(&nothing, since);
    // A side that is left alone needs nothing of its own.
    let only = ["setup", "--plan", "--only"];
    let aws = run_with(&without_token, SETTINGS, &[&only[..], &["aws"]].concat());
    assert_eq!(aws.code, 3, "{}", words(&aws));
    let settings = format!("aws: {{ account_id: \"{}\" }}\n", nothing.account);
    let vault = run_with(&without_keys, &settings, &[&only[..], &["vault"]].concat());
    assert_eq!(vault.code, 3, "{}", words(&vault));
}

#[test]
fn a_token_that_is_wrong_is_told() {
    let nothing = servers().nothing();
    let since = mark(&nothing);
    let run = nothing.as_operator().env("VAULT_TOKEN", "hvs.nonsense");
    let ended = run_with(&run, SETTINGS, &["setup", "--yes", "-o", "json"]);
    assert_eq!((ended.code, ended.finding().as_str()), (6, "VLT701"));
    assert_nothing_written(&nothing, since, "the token is wrong");
}

#[test]
fn an_operator_of_another_account_writes_nothing() {
    let (ours, theirs) = (servers().nothing(), servers().nothing());
    let settings = format!("aws: {{ account_id: \"{}\" }}\n", ours.account);
    let (since, there) = (mark(&ours), mark(&theirs));
    let run = ours.as_user(&theirs.operator);
    for typed in COMMANDS {
        let said = ["AWS310", &ours.account, &theirs.account];
        assert_refused(&run, &settings, typed, 4, &said);
    }
    assert_nothing_written(&ours, since, "the operator is of another account");
    assert_nothing_written(&theirs, there, "the settings name another account");
}

#[test]
fn names_that_a_service_would_refuse_are_told_before_it_is_asked() {
    let nothing = servers().nothing();
    let since = mark(&nothing);
    let cases: [(&str, &[&str]); 8] = [
        (
            "aws: { kong_role: \"Kong Role\" }\n",
            &["CFG903", "Kong Role"],
        ),
        ("aws: { login_role: \"ü/Role\" }\n", &["CFG903", "ü/Role"]),
        ("aws: { tags: { \"a&b\": x } }\n", &["CFG903", "a&b"]),
        ("aws: { tags: { a: \"x<y\" } }\n", &["CFG903", "aws.tags a"]),
        ("vault: { policy: root }\n", &["CFG903", "vault.policy"]),
        ("vault: { policy: Default }\n", &["CFG903", "vault.policy"]),
        (
            "aws: { workload: irsa }\n",
            &["CFG903", "aws.workload", "OIDC"],
        ),
        (
            "aws: { permissions_boundary: nonsense }\n",
            &["CFG903", "permissions_boundary"],
        ),
    ];
    for (settings, said) in cases {
        for typed in [&["setup", "--yes"][..], &["setup", "--plan"]] {
            assert_refused(&nothing.as_operator(), settings, typed, 2, said);
        }
    }
    assert_nothing_sent(&nothing, since);
}

#[test]
fn a_partition_without_a_global_endpoint_is_told() {
    let nothing = servers().nothing();
    let since = mark(&nothing);
    let settings = format!(
        "aws: {{ account_id: \"{}\", region: cn-north-1 }}\nvault: {{ sts: global }}\n",
        nothing.account
    );
    let run = nothing.as_operator().without("AWS_REGION");
    let said = ["CFG905", "vault.sts", "aws-cn"];
    let typed = ["setup", "--yes", "--only", "vault"];
    assert_refused(&run, &settings, &typed, 2, &said);
    assert_nothing_sent(&nothing, since);
}

#[test]
fn a_permissions_boundary_that_is_not_there_is_told() {
    let nothing = servers().nothing();
    let boundary = format!("arn:aws:iam::{}:policy/Nope", nothing.account);
    let settings = format!("aws: {{ permissions_boundary: \"{boundary}\" }}\n");
    // As AWS says it; the double takes any boundary.
    let message = format!("Scope ARN: {boundary} does not exist or is not attachable.");
    let error = json!({ "status": 404, "code": "NoSuchEntity", "message": message });
    nothing.tell_aws("CreateRole", 2, &json!({ "error": error }));
    let since = mark(&nothing);
    let typed = ["setup", "--yes", "-o", "json"];
    let ended = run_with(&nothing.as_operator(), &settings, &typed);
    assert_eq!(ended.code, 4, "{}", words(&ended));
    let document = ended.json();
    assert_eq!(document["done"], json!([]));
    assert_eq!(document["unknown"], json!([]));
    assert_eq!(
        names(&document["not_done"])[0],
        nothing.role_arn("KongRole")
    );
    assert_eq!(document["fault"]["side"], "iam");
    assert_nothing_written(&nothing, since, "the first change was refused");
    let human = run_with(&nothing.as_operator(), &settings, &["setup", "--yes"]);
    assert_eq!(human.code, 4, "{}", words(&human));
    // It is not the role that is missing.
    assert_eq!(ended.finding(), "AWS312");
    let finding = document["findings"][0].to_string();
    assert!(finding.contains("permissions boundary"), "{finding}");
}

#[test]
fn a_boundary_that_the_operators_policies_want_is_asked_for_before_anything_is_written() {
    let nothing = servers().nothing();
    // As AWS's simulator answers; that of the double names no key.
    let told = |key: &str| {
        let body = format!(
            "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <SimulatePrincipalPolicyResult><EvaluationResults><member>\
             <EvalActionName>iam:CreateRole</EvalActionName><EvalResourceName>*</EvalResourceName>\
             <EvalDecision>implicitDeny</EvalDecision><MatchedStatements/>\
             <MissingContextValues><member>{key}</member></MissingContextValues></member>\
             </EvaluationResults><IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult>\
             </SimulatePrincipalPolicyResponse>"
        );
        json!({ "reply": { "status": 200, "headers": { "content-type": "text/xml" }, "body": body } })
    };
    let plan = ["setup", "--plan", "-o", "json"];
    nothing.tell_aws(
        "SimulatePrincipalPolicy",
        100,
        &told("iam:PermissionsBoundary"),
    );
    let since = mark(&nothing);
    let ended = run_with(&nothing.as_operator(), "stack: kong\n", &plan);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (3, "AWS309"),
        "{}",
        words(&ended)
    );
    let document = ended.json();
    let finding = &document["findings"][0];
    assert_eq!(finding["confidence"], "likely", "{finding:#}");
    assert_eq!(finding["alternatives"], json!(["AWS301"]));
    let role = json!({ "action": "iam:CreateRole", "target": nothing.role_arn("KongRole") });
    let missing = document["missing_rights"].as_array().unwrap();
    assert!(missing.contains(&role), "{document:#}");
    let set_up = run_with(&nothing.as_operator(), "stack: kong\n", &["setup", "--yes"]);
    assert_eq!(set_up.code, 4, "{}", words(&set_up));
    assert_nothing_written(&nothing, since, "the boundary is missing");
    // With one in the settings the simulator's answer says nothing of it.
    let boundary = format!("arn:aws:iam::{}:policy/Guard", nothing.account);
    let settings = format!("aws: {{ permissions_boundary: \"{boundary}\" }}\n");
    let bounded = run_with(&nothing.as_operator(), &settings, &plan);
    assert_eq!(bounded.code, 3, "{}", words(&bounded));
}

#[test]
fn a_boundary_that_is_there_is_set_and_shown() {
    let nothing = servers().nothing();
    let allow = json!({ "Effect": "Allow", "Action": "sts:*", "Resource": "*" });
    let text = crate::teardown::document(&allow).to_string();
    let create = ["iam", "create-policy", "--policy-name", "Guard"];
    let made = nothing.aws(&[&create[..], &["--policy-document", &text]].concat());
    let boundary = made["Policy"]["Arn"].as_str().unwrap();
    let settings = format!("aws: {{ permissions_boundary: \"{boundary}\" }}\n");
    done(&nothing, &settings, &["setup", "--yes", "--only", "aws"]);
    let role = nothing.aws(&["iam", "get-role", "--role-name", "VaultRole"]);
    let set = &role["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"];
    assert_eq!(set, boundary);
    let torn = done(
        &nothing,
        &settings,
        &["teardown", "--yes", "--only", "aws", "-o", "json"],
    );
    assert_eq!(torn.json()["fault"], Value::Null);
}
