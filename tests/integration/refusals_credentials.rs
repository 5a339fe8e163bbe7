//! No credentials, or ones that cannot work: which provider said what.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::refusals::{Attempt, Refusal, add_rule};
use crate::servers::{Article, servers};
use crate::vaultiam::Vaultiam;

/// Kong's instance where no credentials can be had.
fn on_an_instance_without_credentials(article: &Article) -> Attempt {
    Attempt::new(article.on_kongs_instance(), &[])
}

/// Changes how the article's metadata service behaves.
fn set_metadata(article: &Article, mode: &str) {
    let path = format!("imds/{}", article.metadata_id);
    servers().control("PATCH", &path, &json!({ "mode": mode }));
}

/// What the providers said, by the evidence of the first finding.
fn providers_heard(document: &Value) -> Vec<&str> {
    let evidence = document["findings"][0]["evidence"].as_array().unwrap();
    evidence
        .iter()
        .filter(|fact| fact["fact"] == "said" && fact["value"] != "")
        .filter_map(|fact| fact["source"].as_str())
        .collect()
}

#[test]
fn a_metadata_service_that_gives_nothing_says_why() {
    let cases = [("no-profile", "AWS103"), ("disabled", "AWS104")];
    for (mode, code) in cases {
        let article = servers().article();
        set_metadata(&article, mode);
        let attempt = on_an_instance_without_credentials(&article);
        let refusal = ("credentials", "metadata", 4, code);
        for words in [&["--explain"][..], &[]] {
            let document = attempt.is_refused(words, refusal);
            assert!(providers_heard(&document).contains(&"instance metadata"));
            attempt.is_refused_in_words(words, refusal);
        }
    }
}

#[test]
fn a_metadata_service_that_never_answers_is_given_up_soon() {
    let article = servers().article();
    set_metadata(&article, "silent");
    let attempt = on_an_instance_without_credentials(&article);
    let refusal = ("credentials", "metadata", 4, "AWS102");
    let begun = Instant::now();
    let document = attempt.is_refused(&[], refusal);
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(document["findings"][0]["confidence"], "likely");
    attempt.is_refused_in_words(&[], refusal);
}

#[test]
fn an_instance_role_that_ec2_may_not_assume_is_recognised() {
    let servers = servers();
    let article = servers.article();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    });
    let changed = Command::new(servers.get("VAULTIAM_AWS_CLI"))
        .args([
            "iam",
            "update-assume-role-policy",
            "--role-name",
            "KongRole",
        ])
        .args(["--policy-document", &trust.to_string()])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("AWS_ACCESS_KEY_ID", &article.operator.0)
        .env("AWS_SECRET_ACCESS_KEY", &article.operator.1)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_CA_BUNDLE", servers.get("AWS_CA_BUNDLE"))
        .env("HTTPS_PROXY", servers.get("HTTPS_PROXY"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&changed.stderr);
    assert!(changed.status.success(), "{said}");
    let attempt = on_an_instance_without_credentials(&article);
    let refusal = ("credentials", "metadata", 4, "AWS119");
    let document = attempt.is_refused(&["--explain"], refusal);
    assert_eq!(document["findings"][0]["confidence"], "certain");
    attempt.is_refused_in_words(&[], refusal);
}

#[test]
fn where_nothing_is_set_every_provider_is_heard() {
    let run = Vaultiam::bare()
        .env("AWS_REGION", "us-east-1")
        .env("VAULT_ADDR", servers().get("VAULT_ADDR"));
    let attempt = Attempt::new(run, &[]);
    let refusal = ("credentials", "local", 4, "AWS101");
    let document = attempt.is_refused(&[], refusal);
    let everyone = [
        "environment",
        "profile",
        "web identity token",
        "container endpoint",
        "instance metadata",
    ];
    assert_eq!(providers_heard(&document), everyone);
    let stderr = attempt.is_refused_in_words(&[], refusal);
    assert!(
        everyone.iter().all(|name| stderr.contains(name)),
        "{stderr}"
    );
}

/// Takes something from the operator's run, or puts something else there.
type Change = fn(Vaultiam) -> Vaultiam;

#[test]
fn what_can_be_seen_here_is_refused_before_anything_is_sent() {
    let article = servers().article();
    let (key_id, secret_key) = &article.operator;
    // Vault asked who it is when its role was written.
    let before = servers().aws_requests(&article.account).len();
    let cases: [(Change, &[&str], Refusal); 7] = [
        (
            |run| run.without("AWS_SECRET_ACCESS_KEY"),
            &[],
            ("credentials", "local", 4, "AWS110"),
        ),
        (
            |run| run.without("AWS_ACCESS_KEY_ID"),
            &[],
            ("credentials", "local", 4, "AWS110"),
        ),
        (
            |run| run.env("AWS_ACCESS_KEY_ID", "ASIAEXAMPLEEXAMPLE22"),
            &[],
            ("credentials", "local", 4, "AWS107"),
        ),
        (
            |run| run.without("AWS_REGION"),
            &[],
            ("settings", "local", 4, "AWS116"),
        ),
        (
            |run| run,
            &["--region", "us_east_1"],
            ("settings", "local", 4, "AWS116"),
        ),
        (
            |run| run,
            &["--assume-role-arn", "arn:aws:iam::123456789012:VaultRole"],
            ("assume", "local", 4, "AWS210"),
        ),
        (
            |run| run,
            &["--session-name", "a b"],
            ("assume", "local", 4, "AWS214"),
        ),
    ];
    for (change, words, refusal) in cases {
        let attempt = Attempt::new(change(article.as_operator()), &[secret_key]);
        let document = attempt.is_refused(words, refusal);
        assert_eq!(document["findings"][0]["confidence"], "certain");
        attempt.is_refused_in_words(words, refusal);
    }
    let swapped = article
        .as_operator()
        .env("AWS_ACCESS_KEY_ID", secret_key)
        .env("AWS_SECRET_ACCESS_KEY", key_id);
    let attempt = Attempt::new(swapped, &[secret_key]);
    let refusal = ("credentials", "local", 4, "AWS109");
    attempt.is_refused(&["--explain"], refusal);
    attempt.is_refused_in_words(&["--explain"], refusal);
    assert_eq!(servers().aws_requests(&article.account).len(), before);
}

#[test]
fn an_expired_session_and_a_throttled_one_are_told_apart() {
    let cases = [("expired_token", 4, "AWS105"), ("throttling", 10, "AWS217")];
    for (answer, code, finding) in cases {
        let article = servers().article();
        let attempt = Attempt::on_kongs_instance(&article);
        add_rule(&article, "AssumeRole", &json!({ "answer": answer }));
        let refusal = ("assume", "sts", code, finding);
        let document = attempt.is_refused(&[], refusal);
        assert_eq!(document["findings"][0]["confidence"], "certain");
        attempt.is_refused_in_words(&["--explain"], refusal);
        add_rule(&article, "GetCallerIdentity", &json!({ "answer": answer }));
        attempt.is_refused(&["--explain"], ("caller", "sts", code, finding));
    }
}
