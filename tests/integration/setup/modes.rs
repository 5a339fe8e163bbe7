//! How Vault is to ask STS: all three fields, each way, and a login with each.

use serde_json::{Value, json};

use super::{assert_in_place, changes, client_config, fact, plan, set_up, with_settings, word};
use crate::servers::{Nothing, servers};

/// The three fields of `config/client` that say how Vault asks STS.
fn asks_sts(nothing: &Nothing) -> Value {
    let config = client_config(nothing);
    json!([
        config["sts_endpoint"],
        config["sts_region"],
        config["use_sts_region_from_client"]
    ])
}

/// The host for which Kong's instance signs, in a region, and the login works.
fn signed_host(nothing: &Nothing, settings: &str, region: &str) -> String {
    let run = with_settings(nothing.on_kongs_instance(), settings).env("AWS_REGION", region);
    let ended = run.run(&["login", "--no-store", "-o", "json"]);
    assert_eq!(
        ended.code, 0,
        "{settings}{}\n{}",
        ended.stdout, ended.stderr
    );
    word(&fact(&ended.json(), "sign", "host"))
}

#[test]
fn each_mode_is_written_whole_and_a_change_of_mode_leaves_nothing_behind() {
    let nothing = servers().nothing();
    let (endpoint, region) = ("sts_endpoint", "sts_region");
    let from_client = "use_sts_region_from_client";
    let ireland = "https://sts.eu-west-1.amazonaws.com";
    let regional = "vault: { sts: regional, sts_region: eu-west-1 }\n";
    let steps = [
        (
            "vault: { sts: client }\n",
            json!(["", "", true]),
            "eu-west-1",
            &[][..],
        ),
        (
            regional,
            json!([ireland, "eu-west-1", false]),
            "us-east-1",
            &[endpoint, region, from_client],
        ),
        (
            "vault: { sts: global }\n",
            json!(["", "", false]),
            "us-east-1",
            &[endpoint, region],
        ),
        (
            regional,
            json!([ireland, "eu-west-1", false]),
            "us-east-1",
            &[endpoint, region],
        ),
        (
            "vault: { sts: client }\n",
            json!(["", "", true]),
            "us-east-1",
            &[endpoint, region, from_client],
        ),
    ];
    for (settings, expected, kongs_region, differing) in steps {
        if !differing.is_empty() {
            let change = (
                "update".to_owned(),
                "vault:auth/aws/config/client".to_owned(),
                differing.iter().map(|name| (*name).to_owned()).collect(),
            );
            assert_eq!(changes(&plan(&nothing, settings)), [change], "{settings}");
        }
        set_up(&nothing, settings);
        assert_eq!(asks_sts(&nothing), expected, "{settings}");
        assert_in_place(&nothing, settings);
        let host = match settings {
            "vault: { sts: global }\n" => "sts.amazonaws.com".to_owned(),
            text if text == regional => "sts.eu-west-1.amazonaws.com".to_owned(),
            _ => format!("sts.{kongs_region}.amazonaws.com"),
        };
        assert_eq!(
            signed_host(&nothing, settings, kongs_region),
            host,
            "{settings}"
        );
    }
}

#[test]
fn the_region_of_the_file_is_the_one_that_vault_asks() {
    let nothing = servers().nothing();
    let settings = "aws: { region: eu-west-1 }\nvault: { sts: regional }\n";
    let as_operator =
        || with_settings(nothing.as_operator(), settings).env("AWS_REGION", "eu-west-1");
    let ended = as_operator().run(&["setup", "--yes"]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    let ireland = json!(["https://sts.eu-west-1.amazonaws.com", "eu-west-1", false]);
    assert_eq!(asks_sts(&nothing), ireland);
    let ended = as_operator().run(&["setup", "--plan"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    // Kong's instance stands in another region, and reads the file.
    let host = signed_host(&nothing, settings, "us-east-1");
    assert_eq!(host, "sts.eu-west-1.amazonaws.com");
    // What stands in the environment against the file stops a change.
    let ended =
        with_settings(nothing.as_operator(), settings).run(&["setup", "--yes", "-o", "json"]);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (2, "CFG905"),
        "{}",
        ended.stdout
    );
    assert_eq!(asks_sts(&nothing), ireland);
}

#[test]
fn a_vault_that_is_too_old_for_the_mode_is_told_before_anything_is_written() {
    let nothing = servers().nothing();
    let health = |version: &str| {
        let body =
            json!({ "initialized": true, "sealed": false, "standby": false, "version": version });
        let headers = json!({ "content-type": "application/json" });
        let reply = json!({ "status": 200, "headers": headers, "body": body.to_string() });
        json!([{ "match": { "path": ".*/sys/health" }, "do": { "reply": reply } }])
    };
    let ended = |version: &str, settings: &str| {
        let (_, address) = nothing.relay(&health(version));
        let run = nothing.as_operator().env("VAULT_ADDR", address);
        with_settings(run, settings).run(&["setup", "--plan", "--only", "vault", "-o", "json"])
    };
    let client = "vault: { sts: client }\n";
    let old = ended("1.14.13", client);
    assert_eq!(
        (old.code, old.finding().as_str()),
        (8, "VLT521"),
        "{}",
        old.stdout
    );
    let finding = &old.json()["findings"][0];
    assert_eq!(finding["confidence"], "certain", "{finding:#}");
    assert_eq!(
        finding["remedies"][0]["command"],
        "vaultiam setup --only vault --sts regional"
    );
    // One that can, one that does not say, and what asks for no more than all can.
    for (version, settings) in [
        ("1.15.0", client),
        ("", client),
        ("1.14.13", "stack: kong\n"),
    ] {
        let planned = ended(version, settings);
        assert_eq!(planned.code, 3, "{version} {settings}{}", planned.stdout);
    }
}
