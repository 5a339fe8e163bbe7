//! `vaultiam init` where something can be found out: on an instance, and with
//! an administrator's keys.

use serde_json::{Value, json};

use crate::servers::servers;
use crate::vaultiam::{Ended, Vaultiam};

fn settings(run: &Vaultiam) -> (Ended, Value) {
    let ended = run.run(&["init", "--force", "-o", "json"]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (0, ""),
        "{}",
        ended.stdout
    );
    let settings = ended.json()["settings"].clone();
    (ended, settings)
}

/// What the program asked AWS; Vault asks with another SDK.
fn asked(account: &str) -> Vec<String> {
    let requests = servers().aws_requests(account);
    let word = |request: &Value, name: &str| request[name].as_str().unwrap_or_default().to_owned();
    requests
        .iter()
        .filter(|request| !word(request, "user_agent").starts_with("aws-sdk-go"))
        .map(|request| word(request, "action"))
        .collect()
}

#[test]
fn an_instance_names_its_region_and_its_account() {
    let article = servers().article();
    let run = article.on_kongs_instance().without("AWS_REGION");
    let (_, found) = settings(&run);
    assert_eq!(
        found["aws.region"],
        json!({ "value": "us-east-1", "origin": "profile or instance metadata" })
    );
    assert_eq!(
        found["aws.account_id"],
        json!({ "value": article.account, "origin": "instance metadata" })
    );
    // STS need not be asked.
    assert_eq!(asked(&article.account), Vec::<String>::new());
    let told = run.run(&["init", "--force"]).stderr;
    let lines = format!(
        "found aws.region: us-east-1, of the profile or this instance\n\
         found aws.account_id: {}, of this instance\n",
        article.account
    );
    assert!(told.starts_with(&lines), "{told}");
}

#[test]
fn with_keys_sts_is_asked_once_and_said_so() {
    let article = servers().article();
    // On Kong's instance, but with keys of their own: those decide.
    let other = servers().article();
    let run = article
        .on_kongs_instance()
        .env("AWS_ACCESS_KEY_ID", &other.operator.0)
        .env("AWS_SECRET_ACCESS_KEY", &other.operator.1);
    let (_, found) = settings(&run);
    assert_eq!(
        found["aws.account_id"],
        json!({ "value": other.account, "origin": "sts" })
    );
    assert_eq!(asked(&other.account), ["GetCallerIdentity"]);
    let told = run.run(&["init", "--force"]).stderr;
    let begin = format!(
        "found aws.account_id: {}, asked of STS, as arn:aws:iam::{}:user/",
        other.account, other.account
    );
    assert!(told.starts_with(&begin), "{told}");
}

#[test]
fn what_was_given_is_not_looked_for() {
    let article = servers().article();
    let run = article
        .as_operator()
        .env("VAULTIAM_ACCOUNT_ID", "123456789012");
    let (_, found) = settings(&run);
    assert_eq!(
        found["aws.account_id"],
        json!({ "value": "123456789012", "origin": "VAULTIAM_ACCOUNT_ID" })
    );
    assert_eq!(asked(&article.account), Vec::<String>::new());
}

#[test]
fn a_refusal_is_a_hint_and_the_file_is_written() {
    let article = servers().article();
    let run = article.as_operator().env(
        "AWS_SECRET_ACCESS_KEY",
        "wrong/secret/key/of/forty/characters/xxx",
    );
    let ended = run.run(&["init"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let hint = "hint: aws.account_id is not known: STS was asked: ";
    assert!(ended.stderr.starts_with(hint), "{}", ended.stderr);
}
