//! What is not written: where the engine is not known for sure, where
//! check-and-set or a missing right refuses, where the answer is lost.

use std::process::Command;

use serde_json::{Value, json};

use super::{ALL, State, done, token_with};
use crate::get::wait_until;
use crate::servers::servers;
use crate::vaultiam::{Ended, Vaultiam, ended};

fn refused(ended: &Ended, code: i32, finding: &str) -> Value {
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (code, finding),
        "{}{}",
        ended.stdout,
        ended.stderr
    );
    assert_eq!(ended.json()["outcome"], "not_written", "{}", ended.stdout);
    ended.json()
}

/// Writes one field from a file.
fn put(run: &Vaultiam, path: &str, more: &[&str]) -> Ended {
    run.file("v", "wanted-value");
    let mut words = vec!["put", path, "value=@v", "-o", "json"];
    words.extend(more);
    run.run(&words)
}

/// In front of Vault: nobody may look at mounts.
fn hides_mounts() -> (String, String) {
    let errors = json!({ "errors": ["permission denied"] }).to_string();
    let reply =
        json!({ "status": 403, "headers": { "content-type": "application/json" }, "body": errors });
    let rules = json!([{ "match": { "path": ".*/sys/internal/.*" }, "do": { "reply": reply } }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    let word = |name: &str| relay[name].as_str().unwrap().to_owned();
    (word("id"), word("url"))
}

#[test]
fn an_engine_whose_version_cannot_be_seen_is_not_written_by_guess() {
    let state = State::new();
    let (relay, url) = hides_mounts();
    let run = state.writer().env("VAULT_ADDR", &url);
    for path in [state.path("guess"), state.old_path("guess")] {
        let document = refused(&put(&run, &path, &[]), 6, "VLT722");
        assert_eq!(document["version"], Value::Null);
    }
    let log = servers().control("GET", &format!("relays/{relay}/log"), &Value::Null);
    let entries = log["entries"].as_array().unwrap();
    assert!(
        entries.iter().all(|entry| entry["method"] != "POST"),
        "{entries:?}"
    );
    assert_eq!(state.held("guess").0, Value::Null);
    assert_eq!(state.held_in_old("kong/guess"), Value::Null);
    assert_eq!(state.held_in_old("data/kong/guess"), Value::Null);

    // Named, the version is known.
    let ended = put(&run, &state.path("guess"), &["--kv-version", "2"]);
    done(&ended);
    assert_eq!(state.held("guess").0, json!({ "value": "wanted-value" }));
    let ended = put(&run, &state.old_path("guess"), &["--kv-version", "1"]);
    done(&ended);
    assert_eq!(
        state.held_in_old("kong/guess"),
        json!({ "value": "wanted-value" })
    );
}

#[test]
fn a_token_without_any_right_there_learns_nothing_and_writes_nothing() {
    let state = State::new();
    let stranger = state.holding(&token_with(&state.article, "stranger", "# nothing"));
    refused(&put(&stranger, &state.path("x"), &[]), 6, "VLT722");
    let absent = format!("none-{}/x", state.article.account);
    refused(&put(&state.writer(), &absent, &[]), 6, "VLT722");
    let root = state.holding(servers().get("VAULT_TOKEN"));
    refused(&put(&root, &absent, &[]), 7, "VLT712");
}

#[test]
fn a_version_that_the_settings_have_wrong_stores_no_wrapper() {
    let state = State::new();
    let run = state.writer();
    refused(
        &put(&run, &state.old_path("wrong"), &["--kv-version", "2"]),
        7,
        "VLT714",
    );
    refused(
        &put(&run, &state.path("wrong"), &["--kv-version", "1"]),
        7,
        "VLT713",
    );
    let data = format!("{}/data/kong/wrong", state.old_mount);
    refused(&put(&run, &data, &[]), 7, "VLT714");
    assert_eq!(state.held_in_old("data/kong/wrong"), Value::Null);
    assert_eq!(state.held_in_old("kong/wrong"), Value::Null);
    assert_eq!(state.held("wrong").0, Value::Null);
    // Whoever names version 1 knows that data/ is a part of the name there.
    done(&put(&run, &data, &["--kv-version", "1"]));
    assert_eq!(
        state.held_in_old("data/kong/wrong"),
        json!({ "value": "wanted-value" })
    );
    // The API's own path of version 2 is understood.
    let api = format!("{}/data/kong/api", state.article.kv_mount);
    done(&put(&run, &api, &[]));
    assert_eq!(state.held("api").0, json!({ "value": "wanted-value" }));
}

#[test]
fn no_secret_is_made_where_a_part_of_the_path_stands_twice() {
    let state = State::new();
    let run = state.writer();
    let mount = &state.article.kv_mount;
    let path = format!("{mount}/data/data/kong/twice");
    let document = refused(&put(&run, &path, &[]), 7, "VLT715");
    let remedies = document["findings"][0]["remedies"].as_array().unwrap();
    let commands: Vec<&str> = remedies
        .iter()
        .filter_map(|remedy| remedy["command"].as_str())
        .collect();
    assert_eq!(
        commands,
        [
            format!("vaultiam put {mount}/kong/twice FIELD=@FILE"),
            format!("vaultiam put {mount}/data/data/kong/twice FIELD=@FILE --cas 0"),
        ]
    );
    let of_mount = format!("{mount}/{mount}/kong/twice");
    refused(&put(&run, &of_mount, &[]), 7, "VLT715");
    refused(&put(&run, &of_mount, &["--patch"]), 7, "VLT715");
    // Who says that it is new has looked, and what is there may be replaced.
    let root = state.holding(servers().get("VAULT_TOKEN"));
    done(&put(&root, &path, &["--cas", "0"]));
    done(&put(&root, &path, &[]));
}

#[test]
fn an_engine_of_version_two_is_no_missing_secret() {
    let state = State::new();
    let mount = &state.article.kv_mount;
    let rules = format!("path \"{mount}/kong/*\" {{ capabilities = [\"create\", \"update\"] }}");
    let blind = state.holding(&token_with(&state.article, "blind", &rules));
    let (_, url) = hides_mounts();
    let run = blind.env("VAULT_ADDR", &url);
    let document = refused(
        &put(&run, &state.path("x"), &["--kv-version", "1"]),
        7,
        "VLT713",
    );
    let command = &document["findings"][0]["remedies"][0]["command"];
    let expected = format!(
        "vaultiam put {} FIELD=@FILE --kv-version 2",
        state.path("x")
    );
    assert_eq!(*command, *expected);
}

#[test]
fn a_write_that_others_must_approve_was_not_made() {
    let state = State::new();
    let body = json!({ "data": null, "wrap_info": { "token": "hvs.canary-of-the-wrap", "accessor": "a" } });
    let reply = json!({
        "status": 200,
        "headers": { "content-type": "application/json" },
        "body": body.to_string(),
    });
    let path = format!("/v1/{}/data/.*", state.article.kv_mount);
    let rules = json!([{ "match": { "path": path, "method": "POST" }, "do": { "reply": reply } }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    let run = state
        .writer()
        .env("VAULT_ADDR", relay["url"].as_str().unwrap());
    let ended = put(&run, &state.path("x"), &[]);
    refused(&ended, 6, "VLT725");
    assert!(!ended.stdout.contains("canary"), "{}", ended.stdout);
}

#[test]
fn what_is_no_kv_engine_is_left_alone() {
    let state = State::new();
    let root = state.holding(servers().get("VAULT_TOKEN"));
    for path in ["sys/policies/acl/of-put", "cubbyhole/x", "identity/entity"] {
        refused(&put(&root, path, &[]), 7, "VLT718");
        refused(&put(&root, path, &["--kv-version", "1"]), 7, "VLT718");
    }
    let policy = servers().vault("GET", "sys/policies/acl/of-put", &Value::Null);
    assert_eq!(policy.0, 404);
    let ended = put(&root, &state.article.kv_mount, &[]);
    refused(&ended, 2, "CFG906");
}

#[test]
fn check_and_set_writes_over_the_version_that_was_named_alone() {
    let state = State::new();
    let run = state.writer();
    let path = state.path("cas");
    done(&put(&run, &path, &["--cas", "0"]));
    let document = refused(&put(&run, &path, &["--cas", "0"]), 1, "VLT716");
    let remedy = &document["findings"][0]["remedies"][0]["command"];
    assert_eq!(
        *remedy,
        json!(format!("vaultiam put {path} FIELD=@FILE --cas 1"))
    );
    refused(&put(&run, &path, &["--cas", "7"]), 1, "VLT716");
    done(&put(&run, &path, &["--cas", "1"]));
    assert_eq!(state.held("cas").1, 2);

    let config = format!("{}/config", state.article.kv_mount);
    servers().vault("POST", &config, &json!({ "cas_required": true }));
    let document = refused(&put(&run, &path, &[]), 1, "VLT716");
    assert_eq!(
        document["findings"][0]["evidence"][0]["value"], "2",
        "{document}"
    );
    done(&put(&run, &path, &["--cas", "2"]));
    // After a deletion the number goes on.
    let data = format!("{}/data/kong/cas", state.article.kv_mount);
    servers().vault("DELETE", &data, &Value::Null);
    let document = refused(&put(&run, &path, &["--cas", "0"]), 1, "VLT716");
    assert_eq!(
        document["findings"][0]["evidence"][0]["value"], "3",
        "{document}"
    );
    done(&put(&run, &path, &["--cas", "3"]));
}

#[test]
fn version_one_can_neither_check_nor_merge() {
    let state = State::new();
    let path = state.old_path("db");
    for more in [&["--cas", "0"][..], &["--patch"]] {
        refused(&put(&state.writer(), &path, more), 2, "CFG906");
    }
    assert_eq!(state.held_in_old("kong/db"), Value::Null);
}

#[test]
fn a_missing_right_is_told_and_what_may_be_written_unseen_is_written() {
    let state = State::new();
    let path = state.path("rights");
    done(&put(&state.writer(), &path, &[]));
    let mount = &state.article.kv_mount;
    let reads = format!("path \"{mount}/*\" {{ capabilities = [\"read\"] }}");
    let reader = state.holding(&token_with(&state.article, "reader", &reads));
    refused(&put(&reader, &path, &[]), 6, "VLT702");
    let writes = format!("path \"{mount}/*\" {{ capabilities = [\"create\", \"update\"] }}");
    let blind = state.holding(&token_with(&state.article, "blind", &writes));
    let ended = put(&blind, &path, &[]);
    done(&ended);
    assert_eq!(ended.json()["fields_removed"], Value::Null);
    assert!(
        ended.stderr.contains("what vanishes there cannot be said"),
        "{}",
        ended.stderr
    );
    refused(&put(&state.holding("hvs.no"), &path, &[]), 6, "VLT701");
}

#[test]
fn a_merge_keeps_the_rest_with_the_right_to_patch_or_without() {
    let state = State::new();
    let path = state.path("merged");
    let run = state.writer();
    refused(&put(&run, &path, &["--patch"]), 7, "VLT707");
    let mount = &state.article.kv_mount;
    let rules = ALL.replace("\"patch\", ", "");
    let rules = format!("path \"{mount}/*\" {{ capabilities = [{rules}] }}");
    let without = state.holding(&token_with(&state.article, "without-patch", &rules));
    for run in [run, without] {
        run.file(
            "all.json",
            r#"{ "user": "kong", "deep": { "a": 1, "b": 2 }, "gone": "x" }"#,
        );
        done(&run.run(&["put", &path, "@all.json"]));
        run.file(
            "part.json",
            r#"{ "gone": null, "deep": { "b": null, "c": { "d": null } } }"#,
        );
        let ended = run.run(&[
            "put",
            &path,
            "@part.json",
            "more=1",
            "--patch",
            "-o",
            "json",
        ]);
        done(&ended);
        assert_eq!(ended.json()["fields_removed"], json!(["gone"]));
        let expected = json!({ "user": "kong", "deep": { "a": 1, "c": {} }, "more": "1" });
        assert_eq!(state.held("merged").0, expected);
    }
    let ended = put(&state.writer(), &path, &["--patch", "--cas", "1"]);
    refused(&ended, 1, "VLT716");
}

#[test]
fn a_write_whose_answer_was_lost_is_called_unknown_and_not_sent_again() {
    let state = State::new();
    let rules = json!([{ "match": { "method": "POST" }, "do": { "drop_answer": true } }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    let run = state
        .writer()
        .env("VAULT_ADDR", relay["url"].as_str().unwrap());
    let path = state.path("lost");
    let ended = put(&run, &path, &[]);
    let document = ended.json();
    assert_eq!(
        (ended.code, &document["outcome"]),
        (8, &json!("unknown")),
        "{document}"
    );
    let remedies = document["findings"][0]["remedies"]
        .as_array()
        .unwrap()
        .clone();
    let look = json!(format!("vaultiam get {path}"));
    assert!(
        remedies.iter().any(|remedy| remedy["command"] == look),
        "{remedies:?}"
    );
    assert_eq!(
        state.held("lost"),
        (json!({ "value": "wanted-value" }), json!(1))
    );
}

#[test]
fn an_interrupt_says_what_is_known_of_the_write() {
    let state = State::new();
    for (stalled, known, words) in [
        ("GET", "not_written", "nothing was written"),
        ("POST", "unknown", "was written is not known"),
    ] {
        let rules = json!([{ "match": { "method": stalled }, "do": { "stall_answer": true } }]);
        let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
        let log = format!("relays/{}/log", relay["id"].as_str().unwrap());
        let run = state
            .writer()
            .env("VAULT_ADDR", relay["url"].as_str().unwrap());
        run.file("v", "x");
        let path = state.path("stalled");
        for more in [&["-o", "json"][..], &[]] {
            let before = asked(&log, stalled);
            let child = run.spawn(&[&["put", &path, "value=@v"], more].concat());
            wait_until("the request", || asked(&log, stalled) > before);
            let mut kill = Command::new("kill");
            kill.args(["-INT", &child.id().to_string()]);
            assert!(kill.status().unwrap().success());
            let ended = ended(child);
            assert_eq!(ended.code, 130, "{}", ended.stderr);
            if more.is_empty() {
                assert!(ended.stderr.contains(words), "{}", ended.stderr);
            } else {
                assert_eq!(ended.json()["outcome"], known);
            }
        }
    }
}

/// How many requests of a method reached a relay.
fn asked(log: &str, method: &str) -> usize {
    let log = servers().control("GET", log, &Value::Null);
    let entries = log["entries"].as_array().unwrap().iter();
    entries
        .filter(|entry| entry["event"] == "request" && entry["method"] == method)
        .count()
}

#[test]
fn a_variable_that_contradicts_the_file_is_decided_first() {
    let state = State::new();
    let run = state.writer();
    let file = run.file(
        "settings.yaml",
        "vault: { address: \"https://vault.internal:8200\" }\n",
    );
    let file = file.display().to_string();
    run.file("v", "x");
    let ended = run.run(&[
        "put",
        &state.path("x"),
        "value=@v",
        "--config",
        &file,
        "-o",
        "json",
    ]);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (2, "CFG905"),
        "{}",
        ended.stdout
    );
}
