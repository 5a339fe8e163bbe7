//! The benchmark in its smallest form, so that it cannot rot: every client does
//! its work once. Times are not judged here; the requests that a client makes
//! are what they are.

use std::process::Command;

use serde_json::Value;

/// Runs the benchmark once, with few secrets, and returns its figures.
fn figures() -> Value {
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/benchmark"))
        .args(["--runs", "1", "--secrets", "3", "--json"])
        .args(["--binary", env!("CARGO_BIN_EXE_vaultiam")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("Traceback"), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How many requests went to AWS, and which kinds to Vault.
fn requests(figures: &Value, task: &str, contender: &str) -> (usize, Vec<String>) {
    let all = figures["requests"].as_array().unwrap();
    let found = all
        .iter()
        .find(|entry| entry["task"] == task && entry["contender"] == contender)
        .unwrap_or_else(|| panic!("no {contender} at {task}"));
    let mut kinds: Vec<String> = found["vault"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| kind(path.as_str().unwrap()))
        .collect();
    kinds.sort();
    (found["aws"].as_array().unwrap().len(), kinds)
}

fn kind(path: &str) -> String {
    let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    match parts.as_slice() {
        ["sys", "health"] => "health",
        ["sys", "internal", ..] => "look-up",
        ["auth", "token", "revoke-self"] => "revoke",
        ["auth", _, "login"] => "login",
        [_, "data", ..] => "read",
        other => panic!("an unexpected request: {other:?}"),
    }
    .to_owned()
}

#[test]
fn every_client_reads_every_secret_and_asks_no_more_than_it_did() {
    let figures = figures();
    let read = |count: usize| vec!["read"; count];
    let with = |mut kinds: Vec<&'static str>, more: &[&'static str]| {
        kinds.extend(more);
        kinds.sort_unstable();
        kinds
    };
    let own = ["health", "login", "look-up", "revoke"];
    let cases = [
        ("token", "vaultiam", 0, with(read(1), &["look-up"])),
        ("token", "curl", 0, read(1)),
        ("token", "vault kv get", 0, with(read(1), &["look-up"])),
        ("token", "bao kv get", 0, with(read(1), &["look-up"])),
        ("token", "hvac", 0, read(1)),
        ("login", "vaultiam", 1, with(read(1), &own)),
        ("login", "hvac + boto3", 1, with(read(1), &["login"])),
        (
            "login",
            "aws + vault",
            1,
            with(read(1), &["login", "look-up"]),
        ),
        ("many", "vaultiam", 0, with(read(3), &["look-up"])),
        ("many", "curl", 0, read(3)),
        ("many", "vault kv get", 0, with(read(3), &["look-up"; 3])),
        ("many", "hvac", 0, read(3)),
        ("login_many", "vaultiam", 1, with(read(3), &own)),
        ("login_many", "hvac + boto3", 1, with(read(3), &["login"])),
        (
            "login_many",
            "aws + vault",
            1,
            with(read(3), &["login", "look-up", "look-up", "look-up"]),
        ),
    ];
    for (task, contender, aws, vault) in cases {
        let vault = vault.iter().map(|kind| (*kind).to_owned()).collect();
        let asked = requests(&figures, task, contender);
        assert_eq!(asked, (aws, vault), "{contender} at {task}");
    }
    let measured = figures["measured"].as_array().unwrap();
    assert_eq!(measured.len(), 2 * (5 + 3 + 5 + 3));
    assert!(measured.iter().all(|one| one["runs"] == 1));
    // What is 20 ms away cannot be there before one round trip.
    let far = measured.iter().filter(|one| one["round_trip_ms"] == 20);
    assert!(
        far.clone()
            .all(|one| one["wall_ms"].as_f64().unwrap() > 60.0)
    );
    assert_eq!(far.count(), measured.len() / 2);
    assert_eq!(figures["goals"].as_array().unwrap().len(), 8);
}

#[test]
fn the_page_has_its_marks_and_every_goal() {
    let page = include_str!("../../docs/benchmarks.md");
    let (_, rest) = page
        .split_once("<!-- figures of tests/benchmark -->\n")
        .unwrap();
    let (figures, _) = rest.split_once("<!-- end of figures -->\n").unwrap();
    let goals = figures
        .lines()
        .filter(|line| line.ends_with("| met |") || line.ends_with("| **missed** |"));
    assert_eq!(goals.count(), 8);
}
