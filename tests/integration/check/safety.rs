//! What is not safe is found; what a person may have chosen is a note and no more.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{
    ALL_RIGHTS, SOUND, as_auditor, check_of, checked, code_of, ids, whole, with_all_rights,
};
use crate::servers::servers;
use crate::setup::{put_secret, set_up, with_settings};

#[test]
fn the_articles_shared_identity_is_a_note_that_fails_nothing() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    put_secret(&nothing, "kv/kong/db-password", "s3cret of Kong");
    let run = with_all_rights(&nothing, "");
    let (ended, outcomes) = checked(&run, &[&ALL_RIGHTS[..], &["--strict"]].concat());
    let found = ended.json();
    assert_eq!(ended.code, 0, "{found:#}");
    assert!(
        outcomes.values().all(|outcome| outcome == "passed"),
        "{found:#}"
    );
    assert_eq!(code_of(&found, "sec.identity"), "SEC002");
    assert_eq!(
        check_of(&found, "sec.identity")["findings"][0]["severity"],
        "note"
    );
    assert_eq!(code_of(&found, "sec.server-id"), "SEC007");
}

#[test]
fn a_root_token_and_a_missing_audit_log_are_warned_of() {
    let nothing = whole(SOUND);
    let run = with_settings(nothing.as_operator(), SOUND);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    assert_eq!(ids(&outcomes, "warned"), ["sec.root"], "{}", ended.stdout);
    assert_eq!(code_of(&ended.json(), "sec.root"), "SEC009");
    let devices = nothing.vault(&["audit", "list"]);
    for path in devices.as_object().unwrap().keys() {
        let path = format!("sys/audit/{}", path.trim_end_matches('/'));
        let (status, said) = nothing.vault_api("DELETE", &path, &json!({}));
        assert!(status < 300, "{said}");
    }
    let run = as_auditor(&nothing, SOUND);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    assert_eq!(ids(&outcomes, "warned"), ["sec.audit"], "{}", ended.stdout);
    assert_eq!(code_of(&ended.json(), "sec.audit"), "SEC010");
    assert_eq!(ended.code, 9);
}

#[test]
fn the_way_to_vault_and_the_token_file_are_looked_at() {
    let run = crate::vaultiam::Vaultiam::bare()
        .env("AWS_REGION", "us-east-1")
        .env("VAULT_MAX_RETRIES", "0")
        .env("VAULT_CLIENT_TIMEOUT", "1");
    let file = run.file(".vault-token", "hvs.secret-of-nobody");
    let set = |mode| {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o644);
    let words = [
        "--only",
        "sec.http",
        "--only",
        "sec.tls",
        "--only",
        "sec.files",
    ];
    let address = ["--address", "http://vault.invalid:8200"];
    let (ended, outcomes) = checked(&run, &[&words[..], &address].concat());
    let found = ended.json();
    assert_eq!(
        ids(&outcomes, "failed"),
        ["sec.files", "sec.http"],
        "{found:#}"
    );
    assert_eq!(code_of(&found, "sec.http"), "SEC004");
    assert_eq!(code_of(&found, "sec.files"), "SEC011");
    assert_eq!(ended.code, 9);
    assert!(!ended.stdout.contains("hvs.secret"), "{}", ended.stdout);

    set(0o600);
    let more = [
        "--address",
        "http://vault.invalid:8200",
        "--allow-http",
        "--skip-verify",
    ];
    let (ended, outcomes) = checked(&run, &[&words[..], &more].concat());
    assert_eq!(
        ids(&outcomes, "warned"),
        ["sec.http", "sec.tls"],
        "{}",
        ended.stdout
    );
    assert_eq!(outcomes["sec.files"], "passed");
    assert_eq!(code_of(&ended.json(), "sec.tls"), "SEC005");

    // Where plain http is not allowed nothing is sent.
    let (ended, outcomes) = checked(&run, &address);
    let because = check_of(&ended.json(), "vault.reachable")["because"].to_string();
    assert!(because.contains("sec.http"), "{because}");
    assert_eq!(outcomes["auth.method"], "skipped");
}
