//! Which source goes before which, and that it is said.

use serde_json::json;

use super::{Person, may_assume, step};
use crate::servers::servers;

#[test]
fn keys_in_the_environment_go_before_aws_profile_and_it_is_said() {
    let person = Person::new();
    let (key, secret, token) = person.article.kong_keys();
    let lines = person.operators_lines();
    let person = person
        .secret(&secret)
        .secret(&token)
        .credentials(&format!("[admin]\n{lines}"))
        .env("AWS_PROFILE", "admin")
        .env("AWS_ACCESS_KEY_ID", &key)
        .env("AWS_SECRET_ACCESS_KEY", &secret)
        .env("AWS_SESSION_TOKEN", &token);
    let path = person.article.secret_path.clone();
    let ended = person.watched(&["get", &path, "-f", "value"]);
    assert_eq!(ended.stdout, person.article.secret_value);
    let warning = "warning: AWS_ACCESS_KEY_ID is set and goes before AWS_PROFILE=admin";
    assert!(ended.stderr.starts_with(warning), "{}", ended.stderr);
    let ended = person.watched(&["login", "--no-store", "-o", "json"]);
    assert!(ended.stderr.starts_with(warning), "{}", ended.stderr);
    let document = ended.json();
    assert_eq!(
        step(&document, "credentials")["facts"]["provider"],
        "environment"
    );
    // Whoever changes something is told too.
    let ended = person.watched(&["setup", "--plan", "--only", "aws"]);
    assert!(ended.stderr.contains(warning), "{}", ended.stderr);
    // A flag means the profile, and then there is nothing to be said.
    let refusal = ("assume", "sts", 4, "AWS219");
    let flags = ["--profile", "admin"];
    let document = person.is_refused_and_explained(&flags, refusal, "AWS114");
    assert_eq!(step(&document, "credentials")["facts"]["profile"], "admin");
    // Half a pair in the environment does not matter to it either.
    let person = person.without("AWS_SECRET_ACCESS_KEY");
    person.is_refused_and_explained(&flags, refusal, "AWS114");
    person.is_refused(&[], ("credentials", "local", 4, "AWS110"));
}

#[test]
fn a_default_profile_goes_before_what_a_container_has() {
    let person = Person::new();
    let (key, secret, token) = person.article.kong_keys();
    let wanted = json!({ "account": person.article.account, "role": "KongRole" });
    let made = servers().control("POST", "containers", &wanted);
    let endpoint = made["endpoint"].as_str().unwrap();
    let container = may_assume(&json!({ "Service": "ecs-tasks.amazonaws.com" }));
    person.trust("KongRole", &json!([container]));
    let person = person
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{endpoint}/creds"))
        .credentials(&format!(
            "[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
        ));
    let facts = json!({ "provider": "profile", "profile": "default" });
    person.reads_the_secret(&facts, "profile default (access keys)");
    let person = person.credentials("");
    let facts = json!({ "provider": "container endpoint" });
    person.reads_the_secret(&facts, "container endpoint, key ASIA");
}
