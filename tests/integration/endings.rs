//! When something goes wrong behind or around a login: no token may be lost
//! alive, none of somebody else's taken away, nothing sent where it must not go.

use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::get::{tokens_of, wait_until};
use crate::servers::{Article, servers};
use crate::vaultiam::{Vaultiam, ended};

/// Kong's instance with something in front of Vault that follows `rules`.
fn behind(article: &Article, rules: Value) -> (Vaultiam, String) {
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", relay["url"].as_str().unwrap());
    (run, format!("relays/{}/log", relay["id"].as_str().unwrap()))
}

/// The paths that were asked at a relay.
fn asked(log: &str) -> Vec<String> {
    let log = servers().control("GET", log, &Value::Null);
    let entries = log["entries"].as_array().unwrap();
    entries
        .iter()
        .filter_map(|entry| entry["path"].as_str().map(str::to_owned))
        .collect()
}

fn reply(path: &str, status: u16, content_type: &str, body: &str) -> Value {
    let headers = json!({ "content-type": content_type });
    json!([{ "match": { "path": path }, "do": { "reply": { "status": status, "headers": headers, "body": body } } }])
}

#[test]
fn a_step_that_fails_behind_the_login_leaves_no_token() {
    let article = servers().article();
    let (run, _) = behind(
        &article,
        reply(".*/capabilities-self", 200, "text/html", "<html>"),
    );
    let ended = run.run(&["login", "--explain", "-o", "json"]);
    assert_eq!(
        (ended.code, ended.failure().0.as_str()),
        (8, "token"),
        "{}",
        ended.stderr
    );
    assert_eq!(tokens_of(&article), Vec::<String>::new());
}

#[test]
fn a_token_that_cannot_be_shown_is_revoked() {
    let article = servers().article();
    for words in [
        &["login", "--token-only"][..],
        &["login", "--show-token", "--no-store"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let child = article
            .on_kongs_instance()
            .command(words)
            .stdout(full)
            .spawn()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("is revoked"), "{stderr}");
        assert_eq!(tokens_of(&article), Vec::<String>::new());
    }
}

#[test]
fn a_login_whose_answer_was_lost_is_not_sent_again() {
    let article = servers().article();
    let (run, log) = behind(
        &article,
        reply(".*/login", 504, "application/json", "{\"errors\":[]}"),
    );
    let ended = run.run(&["login", "-o", "json"]);
    assert_eq!(ended.finding(), "VLT519", "{}", ended.stdout);
    assert_eq!(
        asked(&log)
            .iter()
            .filter(|path| path.ends_with("/login"))
            .count(),
        1
    );
}

#[test]
fn a_redirect_to_plain_http_elsewhere_is_not_followed() {
    let article = servers().article();
    let headers = json!({ "location": "http://192.0.2.2:8200/v1/auth/aws/login" });
    let rules = json!([{ "match": { "path": ".*/login" }, "do": { "reply": { "status": 307, "headers": headers, "body": "" } } }]);
    let (run, _) = behind(&article, rules);
    let ended = run.run(&["login", "-o", "json"]);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (8, "VLT517"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_stored_token_of_which_vault_says_nothing_is_taken_to_be_alive() {
    let article = servers().article();
    let admin = servers().get("VAULT_TOKEN");
    for status in [500, 403] {
        let body = "{\"errors\":[\"permission denied\"]}";
        let (run, _) = behind(
            &article,
            reply(".*/lookup-self", status, "application/json", body),
        );
        let run = run.env("VAULT_MAX_RETRIES", "0");
        let file = run.file(".vault-token", admin);
        assert_eq!(run.run(&["login"]).code, 0);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), admin, "{status}");
    }
    assert_eq!(tokens_of(&article), Vec::<String>::new());
}

#[test]
fn a_gateway_that_hides_the_health_does_not_end_the_run() {
    let article = servers().article();
    let (run, _) = behind(
        &article,
        reply(
            ".*/sys/health",
            403,
            "application/json",
            "{\"errors\":[\"no\"]}",
        ),
    );
    let ended = run.run(&["login", "--no-store", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    let steps = ended.json()["steps"].as_array().cloned().unwrap();
    let vault = steps
        .iter()
        .find(|step| step["id"] == "vault")
        .cloned()
        .unwrap();
    assert_eq!(vault["outcome"], "skipped");
    assert_eq!(vault["facts"]["version"], Value::Null);
}

#[test]
fn an_answer_that_is_no_login_is_not_called_a_second_factor() {
    let article = servers().article();
    for body in ["{\"hello\":1}", "{\"auth\":{}}", "{\"auth\":null}"] {
        let (run, _) = behind(&article, reply(".*/login", 200, "application/json", body));
        assert_eq!(
            run.run(&["login", "-o", "json"]).finding(),
            "VLT510",
            "{body}"
        );
    }
}

#[test]
fn what_vault_remarks_cannot_drive_the_terminal() {
    let article = servers().article();
    let body = json!({
        "auth": { "client_token": "hvs.short", "token_type": null, "lease_duration": "odd" },
        "warnings": ["a\u{1b}[31mred\nerror: fake"],
    });
    let (run, _) = behind(
        &article,
        reply(".*/login", 200, "application/json", &body.to_string()),
    );
    let ended = run.run(&["login", "--no-store"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(!ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
    assert!(ended.stderr.contains("red error: fake"), "{}", ended.stderr);
}

#[test]
fn a_terminal_that_goes_away_leaves_no_token() {
    let article = servers().article();
    let rules = json!([{ "match": { "path": ".*/data/.*" }, "do": { "stall": true } }]);
    let (run, _) = behind(&article, rules);
    let child = run.spawn(&["get", &article.secret_path]);
    wait_until("the login", || tokens_of(&article).len() == 1);
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-HUP", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(ended(child).code, 129);
    assert_eq!(tokens_of(&article), Vec::<String>::new());
}

#[test]
fn a_token_helper_that_hangs_can_be_interrupted() {
    let article = servers().article();
    let run = article.on_kongs_instance().env("PATH", "/usr/bin:/bin");
    let started = run.home().join("started");
    let helper = run.file(
        "helper",
        &format!("#!/bin/sh\ntouch '{}'\nexec sleep 60\n", started.display()),
    );
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    run.file(
        ".vault",
        &format!("token_helper = \"{}\"\n", helper.display()),
    );
    let child = run.spawn(&["get", &article.secret_path]);
    wait_until("the helper", || started.exists());
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(ended(child).code, 143);
}

#[test]
fn a_profile_that_is_not_there_is_not_replaced_by_another_identity() {
    let article = servers().article();
    let run = article.on_kongs_instance().env("AWS_PROFILE", "nope");
    let ended = run.run(&["login", "-o", "json"]);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (4, "AWS112"),
        "{}",
        ended.stdout
    );
    let by_flag = article
        .on_kongs_instance()
        .run(&["login", "--profile", "nope", "-o", "json"]);
    assert_eq!(by_flag.finding(), "AWS112");
}

#[test]
fn an_engine_that_is_no_kv_engine_is_not_read_by_guess() {
    let article = servers().article();
    let mount = format!("transit-{}", article.account);
    servers().vault(
        "POST",
        &format!("sys/mounts/{mount}"),
        &json!({ "type": "pki" }),
    );
    let (run, log) = behind(&article, json!([]));
    let path = format!("{mount}/issue/role");
    let ended = run
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"))
        .run(&["get", &path, "-o", "json"]);
    assert_eq!(ended.finding(), "VLT718", "{}", ended.stdout);
    assert!(!asked(&log).contains(&format!("/v1/{path}")));
}

#[test]
fn zero_is_no_time_limit() {
    let article = servers().article();
    let run = article.on_kongs_instance().env("VAULT_CLIENT_TIMEOUT", "0");
    assert_eq!(run.run(&["login", "--no-store"]).code, 0);
}

/// A pipe whose reader is gone.
#[test]
fn a_closed_pipe_ends_quietly() {
    let article = servers().article();
    let mut child = article
        .on_kongs_instance()
        .command(&["get", &article.secret_path])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(tokens_of(&article), Vec::<String>::new());
}
