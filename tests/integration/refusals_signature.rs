//! Signatures that do not fit: a wrong secret key, a wrong clock, another
//! region than the one that Vault asks.

use serde_json::{Value, json};

use crate::refusals::{Attempt, Refusal, write_to_vault};
use crate::servers::{Article, servers};

/// A key that is not the operator's, of the same form.
const WRONG_SECRET_KEY: &str = "wrongwrongwrongwrongwrongwrongwrongwrong";

/// The operator's key id with another secret key.
pub(crate) fn with_a_wrong_secret_key(article: &Article) -> Attempt {
    let run = article
        .as_operator()
        .env("AWS_SECRET_ACCESS_KEY", WRONG_SECRET_KEY)
        .env("VAULTIAM_ACCOUNT_ID", &article.account);
    Attempt::new(run, &[WRONG_SECRET_KEY])
}

/// How a wrong secret key is told, by what is asked first.
pub(crate) const WRONG_SECRET_KEY_CASES: [(&[&str], Refusal); 3] = [
    (&["--explain"], ("caller", "sts", 4, "AWS108")),
    (&[], ("assume", "sts", 4, "AWS108")),
    (&["--no-assume"], ("login", "sts-via-vault", 5, "SIG406")),
];

#[test]
fn a_wrong_secret_key_is_told_by_whoever_sees_it_first() {
    let attempt = with_a_wrong_secret_key(&servers().article());
    for (words, refusal) in WRONG_SECRET_KEY_CASES {
        let document = attempt.is_refused(words, refusal);
        assert_eq!(document["findings"][0]["confidence"], "likely");
        attempt.is_refused_in_words(words, refusal);
    }
}

/// Kong's instance with a clock that is wrong by `offset`.
pub(crate) fn at_another_time(article: &Article, offset: &str) -> Attempt {
    let (_, secret_key, session_token) = article.kong_keys();
    let run = article
        .on_kongs_instance()
        .under(&["faketime", "-f", offset]);
    Attempt::new(run, &[&secret_key, &session_token])
}

/// The clock's difference in the evidence of a finding, in minutes.
fn minutes_off(document: &Value, source: &str) -> Option<i64> {
    let evidence = document["findings"][0]["evidence"].as_array().unwrap();
    let fact = evidence
        .iter()
        .find(|fact| fact["source"] == source && fact["fact"] == "clock_skew_ms")?;
    let milliseconds: i64 = fact["value"].as_str()?.parse().ok()?;
    Some((milliseconds + milliseconds.signum() * 30_000) / 60_000)
}

#[test]
fn a_wrong_clock_is_measured_and_named_in_both_directions() {
    let article = servers().article();
    for (offset, code, minutes) in [("-20m", "SIG403", 20), ("+20m", "SIG404", -20)] {
        let attempt = at_another_time(&article, offset);
        for (words, step) in [(&["--explain"][..], "caller"), (&[], "assume")] {
            let refusal = (step, "sts", 4, code);
            let document = attempt.is_refused(words, refusal);
            assert_eq!(document["findings"][0]["confidence"], "certain");
            assert_eq!(minutes_off(&document, "sts"), Some(minutes), "{document:#}");
            let stderr = attempt.is_refused_in_words(words, refusal);
            assert!(stderr.contains("20 min"), "{stderr}");
        }
    }
}

#[test]
fn a_wrong_clock_that_only_vault_sees_is_named_too() {
    let article = servers().article();
    for (offset, code, minutes) in [("-20m", "SIG403", 20), ("+20m", "SIG404", -20)] {
        let attempt = at_another_time(&article, offset);
        let refusal = ("login", "sts-via-vault", 5, code);
        let document = attempt.is_refused(&["--no-assume"], refusal);
        // Vault's clock is measured; AWS's is not, for nobody here asked AWS.
        assert_eq!(minutes_off(&document, "vault"), Some(minutes));
        assert_eq!(minutes_off(&document, "sts"), None);
        let stderr = attempt.is_refused_in_words(&["--no-assume"], refusal);
        assert!(stderr.contains("20 min"), "{stderr}");
    }
}

/// `config/client` for Vault's three ways to choose the STS that it asks, and
/// the regions whose signatures it then can use.
fn sts_modes() -> [(&'static str, Value, &'static [&'static str]); 3] {
    let config = |endpoint: &str, region: &str, from_client: bool| {
        json!({
            "sts_endpoint": endpoint,
            "sts_region": region,
            "use_sts_region_from_client": from_client,
        })
    };
    let regional = "https://sts.eu-west-1.amazonaws.com";
    [
        ("client", config("", "", true), &["us-east-1", "eu-west-1"]),
        (
            "regional",
            config(regional, "eu-west-1", false),
            &["eu-west-1"],
        ),
        ("global", config("", "", false), &["us-east-1"]),
    ]
}

/// Ways to say what is to be signed, and the region that it comes to.
const SIGNED_FOR: [(&[&str], &str); 6] = [
    (&["--region", "us-east-1"], "us-east-1"),
    (&["--region", "eu-west-1"], "eu-west-1"),
    (&["--region", "eu-west-1", "--sts", "global"], "us-east-1"),
    (&["--region", "eu-west-1", "--sts", "regional"], "eu-west-1"),
    (
        &["--sts", "regional", "--sts-region", "eu-west-1"],
        "eu-west-1",
    ),
    (
        &["--region", "eu-west-1", "--sts-region", "us-east-1"],
        "us-east-1",
    ),
];

/// The refusal of a signature for another region than Vault asks.
const OTHER_REGION: Refusal = ("login", "sts-via-vault", 5, "SIG401");

#[test]
fn every_signing_region_meets_each_of_vaults_sts_modes() {
    let article = servers().article();
    let attempt = Attempt::on_kongs_instance(&article);
    for (mode, config, usable) in sts_modes() {
        let path = format!("auth/{}/config/client", article.auth_mount);
        write_to_vault(&path, &config);
        for (words, region) in SIGNED_FOR {
            if usable.contains(&region) {
                attempt.comes_through(words);
                continue;
            }
            let document = attempt.is_refused(words, OTHER_REGION);
            let finding = &document["findings"][0];
            assert_eq!(finding["confidence"], "certain", "{mode} {words:?}");
            let evidence = finding["evidence"].as_array().unwrap();
            let is_region = |fact: &Value| fact["fact"] == "region" && fact["value"] == region;
            assert!(evidence.iter().any(is_region), "{mode} {document:#}");
        }
    }
    attempt.is_refused_in_words(&["--region", "eu-west-1"], OTHER_REGION);
}
