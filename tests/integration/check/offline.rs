//! What needs no server: the list, and words that are not understood.

use serde_json::Value;

use crate::help::refusal;
use crate::vaultiam::Vaultiam;

#[test]
fn the_list_needs_neither_settings_nor_servers() {
    let run = Vaultiam::bare();
    let broken = run.file("broken.yaml", "nothing: [like it\n");
    let run = run.env("VAULTIAM_CONFIG", broken.display().to_string());
    let ended = run.run(&["check", "--list"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ended.stdout);
    let ended = run.run(&["check", "--list", "-o", "json"]);
    let document = ended.json();
    assert_eq!(document["schema"], "vaultiam/v1/checks");
    let checks = document["checks"].as_array().unwrap();
    let of = |id: &str| checks.iter().find(|check| check["id"] == id).unwrap();
    assert_eq!(of("aws.trust")["title"], "VaultRole trusts KongRole");
    let needs = of("aws.trust")["needs"].as_array().unwrap();
    assert!(needs.contains(&Value::from("aws.login-role")));
    for check in checks {
        for need in check["needs"].as_array().unwrap() {
            of(need.as_str().unwrap());
        }
    }
}

#[test]
fn wrong_words_are_answered_in_one_sentence() {
    let run = Vaultiam::bare();
    let cases: [&[&str]; 8] = [
        &["check", "--only", "aws.trsut"],
        &["check", "--skip", "nothing-of-the-kind"],
        &["check", "--only", "kv", "--skip", "kv"],
        &["check", "--wait", "soon"],
        &["check", "--wait", "0s"],
        &["check", "kv/kong/db#password"],
        &["check", "--list", "-o", "sarif"],
        &["check", "--list", "--strict"],
    ];
    let said: Vec<String> = cases.iter().map(|words| refusal(&run, words)).collect();
    insta::assert_snapshot!(said.join("\n"));
}
