//! vaultiam itself, on the lab's AWS.

use std::time::Duration;

use super::{ACCOUNT, INSTANCE, Keys, LITTLE, Lab};
use crate::vaultiam::{Ended, Vaultiam};

/// A run that reaches the lab with these keys.
fn with_keys(lab: &Lab, keys: &Keys) -> Vaultiam {
    on_instance(lab)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key)
}

/// A run on the instance, with what its metadata service gives.
fn on_instance(lab: &Lab) -> Vaultiam {
    Vaultiam::bare()
        .env("AWS_ENDPOINT_URL", format!("http://{}", lab.endpoint))
        .env(
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            format!("http://{}", lab.metadata),
        )
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_REGION", "us-east-1")
        // Nobody listens there.
        .env("VAULT_ADDR", "http://127.0.0.1:1")
}

fn setup(lab: &Lab, arguments: &[&str]) -> Ended {
    let run = with_keys(lab, &lab.keys);
    run.run(&[&["setup", "--only", "aws", "-o", "json"], arguments].concat())
}

/// The outcome of a step of a login that ends at Vault.
fn step(ended: &Ended, name: &str) -> String {
    let document = ended.json();
    let steps = document["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == name).unwrap();
    step["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn setup_makes_everything_finds_it_again_and_takes_it_down() {
    let lab = Lab::start();
    let plan = setup(&lab, &["--plan"]);
    assert_eq!(plan.code, 3, "{}", plan.stderr);
    let has = |name: &str| lab.on_role("GetRole", name, &[]).status == 200;
    assert!(!has("KongRole"), "a plan changes nothing");
    let made = setup(&lab, &["--yes"]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let again = setup(&lab, &["--plan"]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    let vault_role = lab.on_role("GetRole", "VaultRole", &[]).fine();
    let trust = vault_role.document("AssumeRolePolicyDocument");
    let kong = format!("arn:aws:iam::{ACCOUNT}:role/KongRole");
    assert_eq!(trust["Statement"][0]["Principal"]["AWS"], kong);
    let down = with_keys(&lab, &lab.keys).run(&["teardown", "--only", "aws", "--yes"]);
    assert_eq!(down.code, 0, "{}", down.stderr);
    for name in ["KongRole", "VaultRole"] {
        assert!(!has(name), "{name}");
    }
}

#[test]
fn setup_waits_until_a_new_role_is_known() {
    let lab = Lab::start();
    lab.aws.set_settling(Duration::from_secs(3));
    let made = setup(&lab, &["--yes"]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    assert_eq!(setup(&lab, &["--plan"]).code, 0);
}

#[test]
fn an_operator_with_too_few_rights_is_told_which() {
    let lab = Lab::start();
    let may_look = LITTLE.replace(
        r#""s3:GetObject""#,
        r#"["iam:Get*","iam:List*","iam:SimulatePrincipalPolicy"]"#,
    );
    let keys = lab.user("reader", &may_look);
    let plan = with_keys(&lab, &keys).run(&["setup", "--only", "aws", "--plan"]);
    let all = format!("{}{}", plan.stdout, plan.stderr);
    assert!(
        all.contains("iam:CreateRole") && all.contains("AWS301"),
        "{all}"
    );
    assert!(!all.contains("iam:GetRole\n"), "{all}");
}

#[test]
fn an_instance_logs_in_up_to_vault() {
    let lab = Lab::start();
    assert_eq!(setup(&lab, &["--yes"]).code, 0);
    lab.aws.set_instance_profile(INSTANCE, Some("KongRole"));
    let arguments = ["login", "--explain", "--no-store", "-o", "json"];
    let ended = on_instance(&lab).run(&arguments);
    assert_eq!(ended.finding(), "VLT502", "{}", ended.stdout);
    for name in ["credentials", "caller", "assume"] {
        assert_eq!(step(&ended, name), "succeeded", "{name}: {}", ended.stdout);
    }
    // The SDK asks again.
    lab.aws.throttle_sts(2);
    let ended = on_instance(&lab).run(&arguments);
    assert_eq!(step(&ended, "assume"), "succeeded", "{}", ended.stdout);
}
