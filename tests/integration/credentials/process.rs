//! `credential_process`: a program of the user's.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{Person, may_assume, remedy, step};

/// A person whose profile runs a script, and the script's name.
fn with_script(person: Person, script: &str) -> (Person, String) {
    let file = person.file("creds.sh", script).display().to_string();
    let person = person.env("AWS_PROFILE", "kong").config(&format!(
        "[profile kong]\ncredential_process = sh {file} --secret canary-argument\n"
    ));
    (person.secret("canary-argument"), file)
}

fn time(from_now: i64) -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let then = Duration::from_secs(now.as_secs().checked_add_signed(from_now).unwrap());
    vaultiam::http::date::rfc3339(SystemTime::UNIX_EPOCH + then)
}

fn document(keys: &(String, String, String), expiration: &str) -> Value {
    json!({
        "Version": 1, "AccessKeyId": keys.0, "SecretAccessKey": keys.1,
        "SessionToken": keys.2, "Expiration": expiration,
    })
}

#[test]
fn a_program_gives_credentials_and_is_named_before_it_runs() {
    let person = Person::new();
    let keys = person.article.kong_keys();
    let end = time(3600);
    let script = format!("echo '{}'\n", document(&keys, &end));
    let (person, _) = with_script(person.secret(&keys.1).secret(&keys.2), &script);
    let facts = json!({
        "provider": "profile", "profile": "kong", "profile_source": "credential_process",
        "program": "sh", "expires_at": end,
    });
    let line = "profile kong (credential_process sh), key ASIA";
    let shown = person.reads_the_secret(&facts, line);
    let command = step(&shown, "credentials")["command"].as_str().unwrap();
    assert_eq!(command, "aws configure export-credentials --profile kong");
    let path = person.article.secret_path.clone();
    let told = "running sh, the credential_process of profile 'kong'\n";
    assert_eq!(
        person.watched(&["get", "-v", &path, "-f", "value"]).stderr,
        told
    );
    let explained = person.watched(&["login", "--explain", "-v", "--no-store"]);
    let (before, _) = explained.stderr.split_once("credentials").unwrap();
    assert!(before.contains(told.trim()), "{}", explained.stderr);
    // JSON has a field for it, and stderr stays silent.
    let ended = person.watched(&["get", "-v", &path, "-o", "json"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_eq!(step(&ended.json(), "credentials")["facts"]["program"], "sh");
}

#[test]
fn a_role_is_assumed_with_what_the_program_gave() {
    let person = Person::new();
    let operator = may_assume(&json!({ "AWS": person.operator_arn() }));
    person.trust("KongRole", &json!([operator]));
    let (key, secret) = person.article.operator.clone();
    let printed = json!({ "Version": 1, "AccessKeyId": key, "SecretAccessKey": secret });
    let (person, file) = with_script(person, &format!("echo '{printed}'\n"));
    let role = person.article.kong_role_arn.clone();
    let person = person.config(&format!(
        "[profile kong]\nrole_arn = {role}\nsource_profile = me\n[profile me]\ncredential_process = sh {file}\n"
    ));
    let line = "profile kong (credential_process sh, then role KongRole)";
    person.reads_the_secret(&json!({ "assumed_roles": [role] }), line);
    let path = person.article.secret_path.clone();
    let told = person.watched(&["get", "-v", &path]).stderr;
    assert!(told.contains("of profile 'me'"), "{told}");
}

#[test]
fn a_program_that_gives_nothing_is_told_without_a_word_of_what_it_printed() {
    let keys = (
        "ASIAEXAMPLEEXAMPLE22".to_owned(),
        "k".repeat(40),
        "canary-token".to_owned(),
    );
    let past = time(-60);
    let cases = [
        (
            "echo canary-out; echo canary-err >&2; exit 3".to_owned(),
            "failed (exit status: 3)",
        ),
        ("kill -9 $$".to_owned(), "failed (exit status: 137)"),
        ("echo canary-out".to_owned(), "gave no credentials as JSON"),
        (
            r#"echo '{"Version": 2, "AccessKeyId": "canary-out"}'"#.to_owned(),
            "gave no credentials as JSON",
        ),
        (String::new(), "gave no credentials as JSON"),
        (
            format!("echo '{}'", document(&keys, &past)),
            "past their expiry",
        ),
    ];
    let mut person = Person::new();
    for canary in ["canary-out", "canary-err", "canary-token", &keys.1] {
        person = person.secret(canary);
    }
    let refusal = ("credentials", "local", 4, "AWS117");
    for (script, words) in cases {
        (person, _) = with_script(person, &script);
        person.is_surely_refused(&[], refusal, &[words]);
    }
    let person = person.config("[profile kong]\ncredential_process = /no/such/creds\n");
    let words = ["/no/such/creds was not found (exit status: 127)"];
    person.is_surely_refused(&[], refusal, &words);
    let document = person.is_refused(&[], refusal);
    let command = "aws configure export-credentials --profile kong > /dev/null";
    assert_eq!(remedy(&document), command);
}
