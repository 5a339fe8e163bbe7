//! Secrets written to OpenBao, in its root namespace and in others.

use serde_json::{Value, json};

use super::{done, openbao, run_with, settings, with_namespaces};
use crate::servers::Nothing;
use crate::vaultiam::{Ended, Vaultiam};

/// Writes with a settings file; values come from the file `v`.
fn put(run: Vaultiam, settings: &str, words: &[&str]) -> Ended {
    run.file("v", "wanted-value");
    let words = [&["put"], words, &["-o", "json"]].concat();
    run_with(run, settings, &words)
}

fn written(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    let document = ended.json();
    assert_eq!(document["outcome"], "written");
    document
}

fn refused(ended: &Ended, code: i32, finding: &str) {
    let found = (ended.code, ended.finding());
    assert_eq!(found, (code, finding.to_owned()), "{}", ended.stdout);
    assert_eq!(ended.json()["outcome"], "not_written");
}

/// What OpenBao holds at an API path, which begins with its namespace.
fn held(nothing: &Nothing, path: &str) -> Value {
    nothing.vault_api("GET", path, &Value::Null).1["data"].clone()
}

#[test]
fn both_versions_are_found_and_written_as_they_are() {
    let nothing = openbao();
    let file = settings("", "");
    done(&nothing, &file, &["setup", "--yes"]);
    nothing.vault(&["secrets", "enable", "-path=old", "-version=1", "kv"]);
    let run = || nothing.as_operator();
    let made = written(&put(run(), &file, &["kv/kong/a", "value=@v", "user=@v"]));
    assert_eq!(
        (&made["kv_version"], &made["version"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(made["token_source"], "env");
    let merged = put(run(), &file, &["kv/kong/a", "more=@v", "--patch"]);
    assert_eq!(written(&merged)["version"], 2);
    let expected =
        json!({ "value": "wanted-value", "user": "wanted-value", "more": "wanted-value" });
    assert_eq!(held(&nothing, "kv/data/kong/a")["data"], expected);
    let replaced = put(run(), &file, &["kv/kong/a", "value=@v", "--cas", "2"]);
    assert_eq!(
        written(&replaced)["fields_removed"],
        json!(["more", "user"])
    );
    refused(
        &put(run(), &file, &["kv/kong/a", "value=@v", "--cas", "2"]),
        1,
        "VLT716",
    );
    let made = written(&put(run(), &file, &["old/kong/a", "value=@v"]));
    assert_eq!(
        (&made["kv_version"], &made["version"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(
        held(&nothing, "old/kong/a"),
        json!({ "value": "wanted-value" })
    );
    refused(
        &put(
            run(),
            &file,
            &["old/kong/a", "value=@v", "--kv-version", "2"],
        ),
        7,
        "VLT714",
    );
    refused(
        &put(run(), &file, &["absent/kong/a", "value=@v"]),
        7,
        "VLT712",
    );
}

#[test]
fn in_a_namespace_below_that_of_the_login() {
    let nothing = with_namespaces(&["team", "team/apps"]);
    let file = settings(", namespace: team", "kv: { namespace: team/apps }\n");
    done(&nothing, &file, &["setup", "--yes"]);
    let as_operator = put(nothing.as_operator(), &file, &["kv/kong/a", "value=@v"]);
    assert_eq!(written(&as_operator)["version"], 1);
    let path = "team/apps/kv/data/kong/a";
    assert_eq!(held(&nothing, path)["data"]["value"], "wanted-value");

    // Kong's role reads only.
    let as_kong = || {
        put(
            nothing.on_kongs_instance(),
            &file,
            &["kv/kong/a", "value=@v"],
        )
    };
    let ended = as_kong();
    refused(&ended, 6, "VLT702");
    let finding = &ended.json()["findings"][0];
    let remedies = finding["remedies"].as_array().unwrap();
    let commands = remedies
        .iter()
        .filter_map(|remedy| remedy["command"].as_str());
    // Whoever logs in as an operator may be at home elsewhere.
    let commands = commands.filter(|command| *command != "vault login");
    for command in commands.filter(|command| command.contains("vault ")) {
        assert!(
            command.starts_with("VAULT_NAMESPACE=team/apps vault "),
            "{command}"
        );
    }
    let policy =
        "path \"apps/kv/data/kong/*\" { capabilities = [\"create\", \"read\", \"update\"] }";
    let policy = json!({ "policy": policy });
    let at = "team/sys/policies/acl/kong-policy";
    assert_eq!(nothing.vault_api("PUT", at, &policy).0, 204);
    let made = written(&as_kong());
    assert_eq!(
        (&made["token_source"], &made["version"]),
        (&json!("aws"), &json!(2))
    );

    for more in [["--kv-namespace", "nowhere"], ["--namespace", "nowhere"]] {
        let words = [&["kv/kong/a", "value=@v"][..], &more].concat();
        let ended = put(nothing.as_operator(), &settings("", ""), &words);
        refused(&ended, 6, "VLT515");
    }
    assert_eq!(held(&nothing, path)["metadata"]["version"], 2);
}

#[test]
fn a_stored_token_that_is_refused_gives_way_to_a_login() {
    let nothing = openbao();
    let file = settings("", "");
    done(&nothing, &file, &["setup", "--yes"]);
    let policy = "path \"kv/data/kong/*\" { capabilities = [\"create\", \"read\", \"update\"] }";
    let policy = json!({ "policy": policy });
    let at = "sys/policies/acl/kong-policy";
    assert_eq!(nothing.vault_api("PUT", at, &policy).0, 204);
    let run = nothing.on_kongs_instance();
    run.file(".vault-token", "s.none");
    let ended = put(run, &file, &["kv/kong/a", "value=@v"]);
    assert_eq!(written(&ended)["token_source"], "aws");
    assert!(
        ended.stderr.contains("logging in through AWS"),
        "{}",
        ended.stderr
    );
    let run = nothing.as_operator().env("BAO_TOKEN", "s.none");
    refused(&put(run, &file, &["kv/kong/a", "value=@v"]), 6, "VLT701");
}
