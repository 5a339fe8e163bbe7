//! Regions, endpoints, clocks and keys, as STS tells them through Vault.

use serde_json::{Value, json};

use super::case::{Case, fact};
use crate::refusals::{Attempt, Refusal, alternatives, write_to_vault};
use crate::servers::{Article, servers};

fn write_config(article: &Article, fields: &Value) {
    write_to_vault(
        &format!("auth/{}/config/client", article.auth_mount),
        fields,
    );
}

/// Has AWS's front deal in another way with what Vault asks on behalf of this
/// account, and leave our own requests alone.
fn tell_vault(article: &Article, more: &Value, what: &Value) {
    let mut matching = json!({
        "account": article.account,
        "action": "GetCallerIdentity",
        "user_agent": "(?!aws-sdk-rust).*",
    });
    for (name, value) in more.as_object().unwrap() {
        matching[name] = value.clone();
    }
    servers().control("POST", "rules", &json!({ "match": matching, "do": what }));
}

#[test]
fn the_region_to_sign_for_is_named_where_the_configuration_is_seen() {
    let article = servers().article();
    let endpoint = "https://sts.eu-west-1.amazonaws.com";
    let modes = [
        (
            json!({ "sts_endpoint": "", "sts_region": "" }),
            "eu-west-1",
            "--sts global",
        ),
        (
            json!({ "sts_endpoint": endpoint, "sts_region": "eu-west-1" }),
            "us-east-1",
            "--sts regional --sts-region eu-west-1",
        ),
        // Half of it: the region is not used at a login.
        (
            json!({ "sts_endpoint": endpoint, "sts_region": "" }),
            "us-east-1",
            "--sts regional --sts-region eu-west-1",
        ),
    ];
    for (mut config, region, flags) in modes {
        config["use_sts_region_from_client"] = json!(false);
        write_config(&article, &config);
        let words = ["--region", region];
        let case = Case::refused_by_vault(&article, &words).at("sts-via-vault");
        let without = case.without_rights("SIG401");
        assert_eq!(without["not_seen"][0]["action"], "read");
        // us-east-1 was signed and refused: Vault asks another than the global STS.
        let told = without["remedies"].to_string().contains("--sts global");
        assert_eq!(told, region != "us-east-1", "{without:#}");
        let finding = case.is_certain("SIG401");
        assert_eq!(
            finding["remedies"][0]["command"],
            format!("vaultiam login --explain {flags}")
        );
        case.cure(&finding, 0);
        case.is_cured_by(&finding, 1);
    }
}

#[test]
fn our_own_endpoint_of_another_region_is_told_as_ours() {
    let article = servers().article();
    write_config(
        &article,
        &json!({
            "sts_endpoint": "https://sts.eu-west-1.amazonaws.com",
            "sts_region": "eu-west-1",
            "use_sts_region_from_client": false,
        }),
    );
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("vaultiam.yaml");
    let settings = "vault: { aws_sts_endpoint: 'https://sts.eu-west-1.amazonaws.com' }\n";
    std::fs::write(&file, settings).unwrap();
    let file = file.display().to_string();
    let words = ["--region", "us-east-1", "--config", &file];
    let case = Case::refused_by_vault(&article, &words).at("sts-via-vault");
    let finding = case.is_decided("SIG402", "SIG402");
    case.cure(&finding, 0);
}

#[test]
fn a_region_that_vaults_sdk_does_not_know_is_replaced() {
    let article = servers().article();
    let words = ["--region", "mx-central-1"];
    let case = Case::refused_by_vault(&article, &words);
    let finding = case.is_certain("SIG412");
    assert_eq!(case.without_rights("SIG412")["confidence"], "certain");
    case.cure(&finding, 0);
}

#[test]
fn a_key_that_only_vaults_sts_does_not_know_is_of_another_partition() {
    let article = servers().article();
    let china = "sts.cn-north-1.amazonaws.com.cn";
    tell_vault(
        &article,
        &json!({ "host": china }),
        &json!({ "answer": "invalid_token" }),
    );
    // The host of AWS decides before anything else there.
    let words = ["--sts-region", "cn-north-1"];
    let case = Case::refused_by_vault(&article, &words).at("sts-via-vault");
    let finding = case.is_certain("SIG411");
    case.cure(&finding, 0);
}

#[test]
fn a_request_that_was_used_before_is_told_from_a_wrong_clock() {
    let article = servers().article();
    tell_vault(
        &article,
        &json!({}),
        &json!({ "answer": "signature_expired" }),
    );
    let attempt = Attempt::on_kongs_instance(&article);
    let refusal: Refusal = ("login", "sts-via-vault", 5, "SIG405");
    let document = attempt.is_refused(&["--explain"], refusal);
    assert_eq!(document["findings"][0]["confidence"], "certain");
    // Nobody asked AWS: Vault's clock alone says that ours is right.
    let (_, secret_key, session_token) = article.kong_keys();
    let unaided = Attempt::new(article.on_kongs_instance(), &[&secret_key, &session_token]);
    let document = unaided.is_refused(&["--no-assume"], refusal);
    assert_eq!(document["findings"][0]["confidence"], "likely");
    assert_eq!(alternatives(&document), ["SIG403"]);
}

#[test]
fn a_signature_that_fits_no_more_is_not_blamed_on_a_key_that_works() {
    let article = servers().article();
    tell_vault(
        &article,
        &json!({}),
        &json!({ "answer": "signature_mismatch" }),
    );
    let attempt = Attempt::on_kongs_instance(&article);
    let refusal: Refusal = ("login", "sts-via-vault", 5, "SIG415");
    let document = attempt.is_refused(&["--explain"], refusal);
    assert_eq!(document["findings"][0]["confidence"], "certain");
}

#[test]
fn an_endpoint_without_a_scheme_is_written_whole() {
    let article = servers().article();
    let endpoint = "sts.eu-west-1.amazonaws.com";
    let broken = json!({ "sts_endpoint": endpoint, "use_sts_region_from_client": false });
    write_config(&article, &broken);
    // The client's region is another: what is there counts.
    let elsewhere = Case::refused_by_vault(&article, &["--region", "us-east-1"]);
    let finding = elsewhere.at("sts-via-vault").without_rights("VLT622");
    assert_eq!(finding["confidence"], "certain");
    let case = Case::refused_by_vault(&article, &["--region", "eu-west-1"]).at("sts-via-vault");
    case.is_cured_by(&finding, 0);
    write_config(&article, &broken);
    let finding = case.is_certain("VLT622");
    assert_eq!(
        fact(&finding, "sts_endpoint")["value"],
        format!("{endpoint:?}")
    );
    case.is_cured_by(&finding, 0);
}

/// In a Vault of its own: all mounts share the process that falls over.
#[test]
fn an_endpoint_over_which_the_method_falls_is_written_whole() {
    let nothing = servers().nothing();
    let operator = format!("arn:aws:iam::{}:user/operator", nothing.account);
    let role = json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": operator,
        "resolve_aws_unique_ids": false,
    });
    let endpoint = json!({ "sts_endpoint": "https://sts.us-east-1.amazonaws.com " });
    for (path, body) in [
        ("sys/auth/aws", &json!({ "type": "aws" })),
        ("auth/aws/role/kong-role", &role),
        ("auth/aws/config/client", &endpoint),
    ] {
        let (status, answer) = nothing.vault_api("POST", path, body);
        assert_eq!(status, 204, "{answer}");
    }
    let login = ["login", "--no-assume", "--no-store", "-o", "json"];
    let finding = |more: &[&str], code: &str, confidence: &str| {
        let document = nothing.as_operator().run(&[&login, more].concat()).json();
        let finding = document["findings"][0].clone();
        assert_eq!(finding["code"], code, "{document:#}");
        assert_eq!(finding["confidence"], confidence, "{document:#}");
        finding
    };
    finding(&["--explain"], "VLT628", "likely");
    let finding = finding(&["--explain", "--admin"], "VLT622", "certain");
    let directory = tempfile::tempdir().unwrap();
    let cure = finding["remedies"][0]["command"].as_str().unwrap();
    let mut shell = nothing.operators_shell(directory.path(), cure);
    assert!(shell.status().unwrap().success(), "{cure}");
    let cured = nothing.as_operator().run(&login);
    assert_eq!(cured.code, 0, "{}", cured.stdout);
}

#[test]
fn the_way_from_vault_to_sts_names_what_it_asks() {
    for (what, code) in [
        (json!({ "drop": true }), "VLT620"),
        (json!({ "html": 200 }), "VLT621"),
    ] {
        let article = servers().article();
        tell_vault(&article, &json!({}), &what);
        let case = Case::refused_by_vault(&article, &[]).at("sts-via-vault");
        let finding = case.is_certain(code);
        assert_eq!(
            fact(&finding, "asks")["value"],
            "https://sts.us-east-1.amazonaws.com"
        );
    }
    // Nobody sees the configuration, and Vault's words name what it dialled.
    let article = servers().article();
    let closed = json!({
        "sts_endpoint": "https://127.0.0.1:1",
        "use_sts_region_from_client": false,
        "max_retries": 0,
    });
    write_config(&article, &closed);
    let case = Case::refused_by_vault(&article, &[]).at("sts-via-vault");
    let finding = case.without_rights("VLT620");
    assert_eq!(
        finding["remedies"][0]["command"],
        "curl -sSi -m 10 https://127.0.0.1:1/"
    );
}

#[test]
fn a_header_is_allowed_beside_those_that_nobody_here_can_see() {
    let article = servers().article();
    write_config(
        &article,
        &json!({ "allowed_sts_header_values": ["X-Amz-Target"] }),
    );
    let body = json!({ "errors": ["invalid request header: X-Amz-Trace-Id"] });
    let reply = json!({
        "status": 400,
        "headers": { "content-type": "application/json" },
        "body": body.to_string(),
    });
    let rules = json!([{ "match": { "path": ".*/login" }, "do": { "reply": reply } }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    let attempt =
        Attempt::on_kongs_instance(&article).env("VAULT_ADDR", relay["url"].as_str().unwrap());
    let document = attempt.is_refused(&[], ("login", "vault", 5, "SIG410"));
    Case::refused_by_vault(&article, &[]).cure(&document["findings"][0], 0);
    let path = format!("auth/{}/config/client", article.auth_mount);
    let (_, config) = servers().vault("GET", &path, &Value::Null);
    assert_eq!(
        config["data"]["allowed_sts_header_values"],
        json!(["X-Amz-Target", "X-Amz-Trace-Id"])
    );
}
