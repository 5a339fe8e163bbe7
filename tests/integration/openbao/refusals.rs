//! What OpenBao and its plugin refuse, in words that are not always Vault's.

use serde_json::{Value, json};

use super::{assert_in_place, done, openbao, run_with, settings};
use crate::servers::Nothing;
use crate::vaultiam::Ended;

/// Step, side, exit code and finding of a failure.
fn failure(ended: &Ended) -> (String, String, i32, String) {
    let (step, side, code) = ended.failure();
    (step, side, code, ended.finding())
}

fn told(step: &str, side: &str, code: i32, finding: &str) -> (String, String, i32, String) {
    (step.to_owned(), side.to_owned(), code, finding.to_owned())
}

fn login(nothing: &Nothing, words: &[&str]) -> Ended {
    let words = [&["login", "--no-store", "-o", "json"], words].concat();
    nothing.on_kongs_instance().run(&words)
}

#[test]
fn a_server_without_the_method_says_so_and_the_plugins_name_helps() {
    let nothing = openbao();
    let words = ["setup", "--yes", "-o", "json"];
    let ended = nothing.as_operator().run(&words);
    let document = ended.json();
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (5, "VLT635"),
        "{document:#}"
    );
    assert_eq!(document["not_done"][0], "vault:sys/auth/aws");
    let remedies = document["findings"][0]["remedies"].as_array().unwrap();
    let look = remedies[0]["command"].as_str().unwrap().split(' ').skip(1);
    let offered = nothing.vault(&look.collect::<Vec<_>>());
    assert!(
        offered.to_string().contains("openbao-plugin-auth-aws"),
        "{offered}"
    );
    let command = remedies[1]["command"].as_str().unwrap();
    let mut words: Vec<&str> = command.split(' ').skip(1).collect();
    words.push("--yes");
    let ended = nothing.as_operator().run(&words);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert_in_place(&nothing, &settings("", ""));
}

#[test]
fn a_configuration_that_was_never_written_is_found_behind_a_crash() {
    let nothing = openbao();
    done(&nothing, &settings("", ""), &["setup", "--yes"]);
    nothing.vault(&["delete", "auth/aws/config/client"]);
    let ended = login(&nothing, &[]);
    assert_eq!(
        failure(&ended),
        told("login", "vault", 5, "VLT628"),
        "{}",
        ended.stdout
    );
    let finding = &ended.json()["findings"][0];
    assert_eq!(finding["confidence"], "likely");
    assert_eq!(finding["alternatives"], json!(["VLT519", "VLT622"]));
    done(&nothing, &settings("", ""), &["setup", "--yes"]);
    let ended = login(&nothing, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
}

#[test]
fn a_connection_that_is_dropped_means_what_the_version_lets_it_mean() {
    // A stand-in for Vault 1.15.0, whose built-in method takes the request's
    // connection along when it falls over.
    let nothing = openbao();
    for (version, expected, alternatives) in [
        ("1.15.0+ent", (5, "VLT628"), json!(["VLT519", "VLT622"])),
        (
            "1.21.2",
            (8, "VLT519"),
            json!(["VLT622", "VLT628", "VLT510"]),
        ),
    ] {
        let health = json!({ "initialized": true, "sealed": false, "version": version });
        let (_, url) = nothing.relay(&json!([
            {
                "match": { "path": "/v1/sys/health" },
                "do": { "reply": {
                    "status": 200, "body": health.to_string(),
                    "headers": { "content-type": "application/json" },
                } },
            },
            { "match": { "path": ".*/login" }, "do": { "drop": true } },
        ]));
        let run = nothing.as_operator().env("BAO_ADDR", url);
        let words = ["login", "--no-assume", "--no-store", "-o", "json"];
        let ended = run.run(&words);
        let found = (ended.code, ended.finding());
        assert_eq!(
            found,
            (expected.0, expected.1.to_owned()),
            "{}",
            ended.stdout
        );
        assert_eq!(ended.json()["findings"][0]["alternatives"], alternatives);
    }
}

#[test]
fn the_plugins_refusals_are_understood_as_vaults_are() {
    let nothing = openbao();
    done(&nothing, &settings("", ""), &["setup", "--yes"]);
    for (words, expected) in [
        (
            &["--role", "nobody"][..],
            told("login", "vault", 5, "VLT603"),
        ),
        (&["--no-assume"], told("login", "vault", 5, "VLT606")),
        (
            &["--auth-mount", "elsewhere"],
            told("login", "vault", 5, "VLT631"),
        ),
        (
            &["--sts", "regional", "--sts-region", "xx-nowhere-9"],
            told("login", "vault", 5, "SIG412"),
        ),
    ] {
        let ended = login(&nothing, words);
        assert_eq!(failure(&ended), expected, "{words:?}\n{}", ended.stdout);
    }
    nothing.vault(&[
        "write",
        "auth/aws/config/client",
        "iam_server_id_header_value=here",
    ]);
    let ended = login(&nothing, &[]);
    assert_eq!(
        failure(&ended),
        told("login", "vault", 5, "SIG407"),
        "{}",
        ended.stdout
    );
    let ended = login(&nothing, &["--server-id", "there"]);
    assert_eq!(
        failure(&ended),
        told("login", "vault", 5, "SIG408"),
        "{}",
        ended.stdout
    );
    assert_eq!(login(&nothing, &["--server-id", "here"]).code, 0);
}

#[test]
fn every_way_to_ask_sts_is_kept_and_logs_in() {
    let nothing = openbao();
    let endpoint = "https://sts.eu-west-1.amazonaws.com";
    for (sts, region, expected) in [
        ("client", "eu-west-1", json!(["", "", true])),
        (
            "regional, sts_region: eu-west-1",
            "us-east-1",
            json!([endpoint, "eu-west-1", false]),
        ),
        ("global", "eu-west-1", json!(["", "", false])),
        ("client", "us-east-1", json!(["", "", true])),
    ] {
        let file = settings(&format!(", sts: {sts}"), "");
        done(&nothing, &file, &["setup", "--yes"]);
        assert_in_place(&nothing, &file);
        let config = &nothing.vault(&["read", "auth/aws/config/client"])["data"];
        let fields = ["sts_endpoint", "sts_region", "use_sts_region_from_client"];
        assert_eq!(json!(fields.map(|name| &config[name])), expected, "{sts}");
        let run = nothing.on_kongs_instance().env("AWS_REGION", region);
        let ended = run_with(run, &file, &["login", "--no-store", "-o", "json"]);
        assert_eq!(ended.code, 0, "{sts}\n{}", ended.stdout);
        // The plugin's list of allowed headers is shorter than Vault's.
        let document = ended.json();
        let steps = document["steps"].as_array().unwrap();
        let sign = steps.iter().find(|step| step["id"] == "sign").unwrap();
        let headers = sign["facts"]["signed_headers"].to_string();
        assert!(headers.contains("x-amz-date"), "{headers}");
        assert!(!headers.contains("x-amz-user-agent"), "{headers}");
    }
    // Signed for a region that the server does not ask.
    nothing.vault(&[
        "write",
        "auth/aws/config/client",
        "use_sts_region_from_client=false",
    ]);
    let run = nothing.on_kongs_instance().env("AWS_REGION", "eu-west-1");
    let ended = run.run(&["login", "--no-store", "-o", "json"]);
    assert_eq!(failure(&ended), told("login", "sts-via-vault", 5, "SIG401"));
}

#[test]
fn a_server_without_an_identity_is_waited_for() {
    let nothing = openbao();
    nothing.set_identity_attached(false);
    let words = ["setup", "--yes", "-o", "json"];
    let ended = run_with(nothing.as_operator(), &settings("", ""), &words);
    let document = ended.json();
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (10, "VLT614"),
        "{document:#}"
    );
    assert_eq!(
        document["not_done"],
        json!(["vault:auth/aws/role/kong-role"])
    );
    assert_ne!(document["waiting_for"], Value::Null);
    nothing.set_identity_attached(true);
    let document = done(&nothing, &settings("", ""), &["setup", "--yes"]);
    assert_eq!(document["done"], json!(["vault:auth/aws/role/kong-role"]));
}
