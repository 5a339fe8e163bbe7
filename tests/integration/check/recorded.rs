//! The checks of a recorded run are judged again from the file alone. That each run of
//! these tests is judged alike is seen to where they are run (`record`).

use serde_json::{Value, json};

use super::{ALL_RIGHTS, SOUND, as_auditor, bind, whole, with_all_rights};
use crate::vaultiam::Vaultiam;

/// A run that is recorded, and what the file holds.
fn recorded(run: &Vaultiam, words: &[&str]) -> (crate::vaultiam::Ended, String) {
    let file = run.home().join("trace.json");
    let more = ["--record", file.to_str().unwrap()];
    let ended = run.run(&[&["check"], words, &more].concat());
    (ended, std::fs::read_to_string(file).unwrap())
}

/// What a file tells where nothing is known: no settings, no variables, no network.
fn told(text: &str, more: &[&str]) -> String {
    let run = Vaultiam::bare();
    run.file("trace.json", text);
    let ended = run.run(&[&["explain", "trace.json"], more].concat());
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (0, ""),
        "{}",
        ended.stdout
    );
    ended.stdout
}

#[test]
fn the_support_engineer_reads_what_the_operator_read() {
    let nothing = whole(SOUND);
    bind(&nothing, "KongRole");
    let run = with_all_rights(&nothing, SOUND);
    let (live, text) = recorded(&run, &ALL_RIGHTS);
    assert_eq!(live.code, 9, "{}", live.stderr);
    assert!(live.stdout.contains("error[VLT605]"), "{}", live.stdout);
    let shown = told(&text, &[]);
    let (heading, report) = shown.split_once("\n\n").unwrap();
    assert!(heading.starts_with("vaultiam check, at "), "{heading}");
    assert!(heading.contains("exit code 9"), "{heading}");
    assert_eq!(report, live.stdout);
    let quiet = told(&text, &["-q"]);
    assert!(quiet.starts_with("error[VLT605]: "), "{quiet}");
    assert!(told(&text, &["-v"]).contains("checks that a region is known"));
}

#[test]
fn a_selection_and_a_path_are_judged_again_as_they_were() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND);
    let words = ["--admin", "--only", "policy", "--only", "kv", "kv/other/x"];
    let (live, text) = recorded(&run, &[&words[..], &["-o", "json"]].concat());
    let live = live.json();
    let offline: Value = serde_json::from_str(&told(&text, &["-o", "json"])).unwrap();
    assert_eq!(live["checks"].as_array().unwrap().len(), 3);
    for key in ["checks", "paths", "kong_can_read"] {
        assert_eq!(offline["check"][key], live[key], "{key}");
    }
    // A path is no part of what holds for all: the answer is not drawn.
    assert_eq!(live["kong_can_read"], Value::Null);
}

#[test]
fn with_wait_the_last_round_is_kept() {
    let nothing = whole(SOUND);
    let absent = format!("{SOUND}vault: {{ auth_role: nobody }}\n");
    let run = as_auditor(&nothing, &absent);
    let words = ["--admin", "--only", "auth.role", "--wait", "3s"];
    let (live, text) = recorded(&run, &words);
    assert_eq!(live.code, 9);
    let shown = told(&text, &[]);
    assert!(shown.ends_with(&live.stdout), "{shown}\n{}", live.stdout);
    assert_eq!(shown.matches("  FAIL  auth.role").count(), 1, "{shown}");
}

#[test]
fn no_secret_stands_in_it_and_what_lacks_asks_nobody() {
    const CANARY: &str = "canary0of/the+secret";
    let nothing = whole(SOUND);
    let run = with_all_rights(&nothing, SOUND);
    let (ended, text) = recorded(&run, &ALL_RIGHTS);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    let token = super::auditor(&nothing);
    let (_, secret) = &nothing.operator;
    for word in [
        secret.as_str(),
        &nothing.vault_token,
        "hvs.",
        &token,
        "s3cret of Kong",
    ] {
        assert!(!text.contains(word), "{word}");
    }
    let unreachable = Vaultiam::bare()
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", CANARY)
        .env("AWS_SESSION_TOKEN", format!("session-{CANARY}"))
        .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("VAULT_ADDR", format!("http://me:{CANARY}@127.0.0.1:1"))
        .env("VAULT_MAX_RETRIES", "0")
        .env("VAULT_TOKEN", format!("hvs.{CANARY}"));
    let (ended, text) = recorded(&unreachable, &["--admin"]);
    assert_eq!(ended.code, 9);
    assert!(
        !text.contains("canary0") && !ended.stdout.contains("canary0"),
        "{text}"
    );

    // Without what was seen the checks are skipped; nothing is looked at instead.
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["evidence"]["check"]["sights"] = json!({});
    document["evidence"]["check"]["checks"][0][0] = json!("moon.phase");
    document["settings"]["vault.address"]["value"] = json!("http://127.0.0.1:9");
    let shown = told(&document.to_string(), &[]);
    assert!(shown.contains("it was not recorded"), "{shown}");
    assert!(
        shown.contains("checks that this version knows: moon.phase"),
        "{shown}"
    );
    assert!(!shown.contains("VLT502"), "{shown}");
}
