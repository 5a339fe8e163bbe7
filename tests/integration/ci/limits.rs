//! What `--timeout` limits, and what is limited without it.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::get::tokens_of;
use crate::servers::{Article, servers};
use crate::vaultiam::{Ended, Vaultiam};

/// A job whose Vault follows rules.
fn behind(article: &Article, rules: &Value) -> Vaultiam {
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    article
        .on_kongs_instance()
        .env("CI", "true")
        .env("VAULT_ADDR", relay["url"].as_str().unwrap())
}

fn timed(run: &Vaultiam, words: &[&str]) -> (Ended, Duration) {
    let begun = Instant::now();
    let ended = run.run(words);
    (ended, begun.elapsed())
}

/// How much longer a busy machine may take; without any limit it would be a minute.
const SLACK: Duration = Duration::from_secs(15);

fn assert_between(elapsed: Duration, least: u64, most: u64) {
    let seconds = Duration::from_secs;
    assert!(elapsed >= seconds(least), "{elapsed:?}");
    assert!(elapsed < seconds(most) + SLACK, "{elapsed:?}");
}

#[test]
fn a_request_that_vault_leaves_unanswered_ends_in_time_and_is_not_repeated() {
    let article = servers().article();
    for path in ["/v1/sys/health", ".*/login", ".*/data/.*"] {
        let rules = json!([{ "match": { "path": path }, "do": { "stall": true } }]);
        let run = behind(&article, &rules);
        let words = ["get", "-q", "--timeout", "2s", &article.secret_path];
        let (ended, elapsed) = timed(&run, &words);
        assert_eq!(ended.code, 8, "{path}: {}", ended.stderr);
        let told = "error[VLT503]: ";
        assert!(ended.stderr.starts_with(told), "{path}: {}", ended.stderr);
        assert_between(elapsed, 2, 6);
    }
    assert_eq!(tokens_of(&article), Vec::<String>::new());
}

#[test]
fn a_request_that_vault_wants_repeated_takes_at_most_twice_the_limit() {
    let article = servers().article();
    let body = json!({ "errors": ["not now"] }).to_string();
    let rules = json!([{
        "match": { "path": ".*/data/.*" },
        "do": { "reply": { "status": 503, "body": body }, "delay_ms": 1500 },
    }]);
    let run = behind(&article, &rules).env("VAULT_MAX_RETRIES", "100");
    let words = ["get", "-q", "--timeout", "2s", &article.secret_path];
    let (ended, elapsed) = timed(&run, &words);
    assert_eq!(ended.code, 8, "{}", ended.stderr);
    assert_between(elapsed, 1, 4 + 3);
}

#[test]
fn a_token_that_cannot_be_revoked_in_time_does_not_hold_the_job() {
    let article = servers().article();
    let rules = json!([{ "match": { "path": ".*/revoke-self" }, "do": { "stall": true } }]);
    let run = behind(&article, &rules);
    let (ended, elapsed) = timed(&run, &["get", "-q", &article.secret_path]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.starts_with("warning: "), "{}", ended.stderr);
    assert_between(elapsed, 3, 6);
}

/// Has STS leave this account's AssumeRole unanswered.
fn stall_sts(article: &Article) {
    let rule = json!({
        "match": { "account": article.account, "action": "AssumeRole" },
        "do": { "stall": true },
    });
    servers().control("POST", "rules", &rule);
}

#[test]
fn an_sts_that_does_not_answer_is_given_up_by_itself() {
    let article = servers().article();
    stall_sts(&article);
    // --timeout is for Vault: it neither shortens nor prolongs this.
    for (attempts, least, most) in [("1", 5, 9), ("3", 15, 27)] {
        let run = article
            .on_kongs_instance()
            .env("AWS_MAX_ATTEMPTS", attempts);
        let words = ["get", "-q", "--timeout", "1s", &article.secret_path];
        let (ended, elapsed) = timed(&run, &words);
        assert_eq!(ended.code, 8, "{}", ended.stderr);
        assert!(
            ended.stderr.starts_with("error[AWS215]: "),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("no answer came in time"),
            "{}",
            ended.stderr
        );
        assert_between(elapsed, least, most);
    }
}

#[test]
fn a_run_that_is_ended_from_outside_leaves_no_token() {
    let article = servers().article();
    let rules = json!([{ "match": { "path": ".*/data/.*" }, "do": { "stall": true } }]);
    let run = behind(&article, &rules);
    let product = run.command(&["get", "-q", &article.secret_path]);
    let mut command = Command::new("timeout");
    command.arg("2").arg(product.get_program());
    command.args(product.get_args()).env_clear();
    for (name, value) in product.get_envs() {
        command.env(name, value.unwrap());
    }
    let begun = Instant::now();
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(124));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, "interrupted; no token is left\n");
    assert_between(begun.elapsed(), 2, 6);
    assert_eq!(tokens_of(&article), Vec::<String>::new());
    stall_sts(&article);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(124));
}
