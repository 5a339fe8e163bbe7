//! What Kong cannot be told is refused, where it was said.

use crate::help::refusal;
use crate::vaultiam::Vaultiam;

const START: &str = "aws: { region: us-east-1, account_id: \"123456789012\" }\nvault: { address: \"https://vault.internal\" }\n";

fn refused(settings: &str, more: &[&str]) -> String {
    let run = Vaultiam::bare();
    run.file("vaultiam.yaml", settings);
    let words = ["kong", "render", "--config", "vaultiam.yaml"];
    refusal(&run, &[&words[..], more].concat())
}

#[test]
fn wrong_flags_and_settings_are_answered_in_one_sentence() {
    let cases: [&[&str]; 22] = [
        &["--kong-prefix", "my_vault"],
        &["--kong-prefix", "aws"],
        &["--format", "kic"],
        &["--format", "kong.conf", "--auth-role", "0123456"],
        &["--format", "env", "--auth-role", "12e3"],
        &["--format", "env", "--auth-role", "two words"],
        &["--format", "kong.conf", "--auth-role", "kong\\"],
        &["--format", "kong.conf", "--auth-role", "a_blank_b"],
        &["--format", "kong.conf", "--auth-role", " kong"],
        &["--auth-role", "${{ env \"DECK_ROLE\" }}"],
        &["--address", "https://vault.internal/team"],
        &["--address", "vault.internal:8200"],
        &["--kv-mount", "k v"],
        &["--namespace", "a", "--kv-namespace", "b"],
        &["--sts-region", "somewhere"],
        &["--assume-role-arn", "VaultRole"],
        &[
            "--topology",
            "direct",
            "--assume-role-arn",
            "arn:aws:iam::123456789012:role/VaultRole",
        ],
        &["kv/kong/db-password"],
        &["other/kong/db-password#value"],
        &["kv/kong/db@2#value", "--kv-version", "1"],
        &[""],
        &["--server-id", "vault.internal"],
    ];
    let said = cases.map(|words| refused(START, words));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_file_that_cannot_be_rendered_is_named_by_its_key() {
    let with = |more: &str| refused(&format!("{START}{more}"), &[]);
    let said = [
        with("kong: { enabled: false }\n"),
        with("kong: { prefix: hcv }\n"),
        with("kong: { session_name: \"two words\" }\n"),
        refused("aws: { region: us-east-1 }\n", &[]),
        refused("aws: { account_id: \"123456789012\" }\n", &[]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn plain_http_is_refused_until_it_is_allowed() {
    let address = ["--address", "http://vault.internal:8200"];
    let ended = super::run(START, &address);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(ended.stderr);
    let as_json = super::run(START, &[&address[..], &["-o", "json"]].concat());
    assert_eq!(as_json.finding(), "SEC004");
    let allowed = super::run(START, &[&address[..], &["--allow-http"]].concat());
    assert_eq!(allowed.code, 0, "{}", allowed.stderr);
    let note =
        "Plain http: whoever is on the way to Vault can read Kong's logins and every secret.";
    assert!(allowed.stdout.contains(&format!("# Note: {note}\n")));
    assert!(allowed.stderr.contains(&format!("warning: {note}\n")));
}

#[test]
fn a_variable_that_kong_cannot_follow_is_named() {
    for (variable, message) in [
        (
            "VAULTIAM_SERVER_ID",
            "CFG905 VAULTIAM_SERVER_ID: Kong cannot send a server id, so its login would be refused; unset it",
        ),
        (
            "VAULTIAM_EXTERNAL_ID",
            "CFG905 VAULTIAM_EXTERNAL_ID: Kong cannot send an external id, so its login would be refused; unset it",
        ),
    ] {
        let run = Vaultiam::bare().env(variable, "x");
        run.file("vaultiam.yaml", START);
        let words = ["kong", "render", "--config", "vaultiam.yaml"];
        assert_eq!(refusal(&run, &words), message);
    }
}
