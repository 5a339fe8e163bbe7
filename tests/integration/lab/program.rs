//! vaultiam itself, on the lab's AWS.

use std::time::Duration;

use vaultiam::lab::aws::AwsService;

use super::{INSTANCE, Keys, LITTLE, Lab};
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
    assert_eq!(lab.account.role("KongRole"), None, "a plan changes nothing");
    let made = setup(&lab, &["--yes"]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let again = setup(&lab, &["--plan"]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    let vault_role = lab.account.role("VaultRole").unwrap();
    let statements = vault_role.trust["Statement"].as_array().unwrap();
    let principal = &statements[0]["Principal"]["AWS"];
    assert_eq!(principal, &lab.account.role("KongRole").unwrap().arn);
    let down = with_keys(&lab, &lab.keys).run(&["teardown", "--only", "aws", "--yes"]);
    assert_eq!(down.code, 0, "{}", down.stderr);
    for name in ["KongRole", "VaultRole"] {
        assert_eq!(lab.account.role(name), None);
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
    lab.aws.throttle(AwsService::Sts, 2);
    let ended = on_instance(&lab).run(&arguments);
    assert_eq!(step(&ended, "assume"), "succeeded", "{}", ended.stdout);
}

#[test]
fn what_breaks_in_the_lab_is_found_by_its_code() {
    type Break = fn(&Lab);
    let cases: [(&str, Break); 7] = [
        ("AWS103", |lab| lab.aws.set_instance_profile(INSTANCE, None)),
        ("AWS102", |lab| lab.aws.set_hops(INSTANCE, 1, 2)),
        ("AWS119", |lab| {
            let nobody = super::trust(r#""Service":"lambda.amazonaws.com""#);
            lab.account.set_trust("KongRole", &nobody).unwrap();
        }),
        ("AWS206", |lab| {
            let account = super::trust(r#""AWS":"123456789012""#);
            lab.account.set_trust("VaultRole", &account).unwrap();
            lab.account.delete_policy("KongRole", "vaultiam").unwrap();
        }),
        ("AWS201", |lab| {
            lab.account.delete_role("VaultRole").unwrap()
        }),
        ("AWS205", |lab| {
            let kong = super::trust(r#""AWS":"arn:aws:iam::123456789012:role/KongRole""#);
            lab.account.set_trust("VaultRole", &kong).unwrap();
            lab.account.recreate_role("KongRole", "/").unwrap();
        }),
        ("AWS217", |lab| lab.aws.throttle(AwsService::Sts, 100)),
    ];
    for (code, break_it) in cases {
        let lab = Lab::start();
        assert_eq!(setup(&lab, &["--yes"]).code, 0);
        lab.aws.set_instance_profile(INSTANCE, Some("KongRole"));
        break_it(&lab);
        let profile = format!(
            "[profile admin]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            lab.keys.access_key_id, lab.keys.secret_access_key
        );
        let run = on_instance(&lab);
        let config = run.file("config", &profile).display().to_string();
        let run = run
            .env("AWS_CONFIG_FILE", config)
            .env("VAULT_ADDR", format!("http://{}", lab.gateway));
        let ended = run.run(&[
            "login",
            "--explain",
            "--no-store",
            "-o",
            "json",
            "--admin-profile",
            "admin",
        ]);
        let document = ended.json();
        let findings = document["findings"].as_array().unwrap();
        let told = findings.iter().any(|finding| finding["code"] == code);
        assert!(told, "{code}: {}", ended.stdout);
    }
}
