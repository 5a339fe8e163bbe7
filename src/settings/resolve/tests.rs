//! Where each value comes from, and what cannot both be meant.

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn resolved(flags: &[(Id, &str)], pairs: &[(&str, &str)], file: &str) -> Result<Settings, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join("f.yaml");
    std::fs::write(&path, file).map_err(|error| error.to_string())?;
    let flags = flags
        .iter()
        .map(|(id, text)| (*id, (*text).to_owned()))
        .collect();
    resolve(&flags, &environment(pairs), Some(&path)).map_err(|error| {
        format!("{:?} {error}", error.problem).replace(&path.display().to_string(), "f.yaml")
    })
}

fn region(flags: &[(Id, &str)], pairs: &[(&str, &str)], file: &str) -> (Option<String>, String) {
    let settings = resolved(flags, pairs, file);
    settings.map_or_else(
        |error| (None, error),
        |settings| {
            let origin = settings
                .origins
                .get(&Id::Region)
                .map(|(_, origin)| origin.to_string());
            (settings.aws.region, origin.unwrap_or_default())
        },
    )
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let file = "aws: { region: eu-west-1 }\n";
    let variables = [
        ("AWS_DEFAULT_REGION", "eu-west-2"),
        ("AWS_REGION", "eu-west-3"),
    ];
    assert_eq!(region(&[], &[], ""), (None, String::new()));
    assert_eq!(
        region(&[], &[], file),
        (Some("eu-west-1".into()), "file".into())
    );
    assert_eq!(
        region(&[], &variables, file),
        (Some("eu-west-3".into()), "AWS_REGION".into())
    );
    assert_eq!(
        region(&[(Id::Region, "us-east-2")], &variables, file),
        (Some("us-east-2".into()), "--region".into())
    );
    // Set to nothing is not set.
    assert_eq!(
        region(&[], &[("AWS_REGION", "")], file),
        (Some("eu-west-1".into()), "file".into())
    );
}

#[test]
fn what_the_environment_says_against_the_file_is_kept() {
    let ambient = |flags: &[(Id, &str)], pairs: &[(&str, &str)]| {
        let file = "aws: { region: eu-west-1 }\nvault: { address: \"https://v:8200\" }\n";
        resolved(flags, pairs, file).map(|settings| {
            let errors = settings.ambient.iter();
            errors.map(ToString::to_string).collect::<Vec<_>>()
        })
    };
    let same = [
        ("AWS_REGION", "eu-west-1"),
        ("VAULT_ADDR", "https://v:8200/"),
    ];
    assert_eq!(ambient(&[], &same), Ok(vec![]));
    let other = [("AWS_REGION", "us-east-1"), ("VAULTIAM_STACK", "blue")];
    let words = "AWS_REGION: says us-east-1, and the settings file says eu-west-1 for aws.region; decide with --region, or unset AWS_REGION";
    assert_eq!(ambient(&[], &other), Ok(vec![words.to_owned()]));
    assert_eq!(ambient(&[(Id::Region, "us-east-1")], &other), Ok(vec![]));
}

#[test]
fn the_session_name_is_one_that_sts_takes() {
    let settings = resolved(&[], &[("USER", "Jürgen Müller/ops")], "");
    assert_eq!(
        settings.map(|settings| settings.aws.session_name),
        Ok("vaultiam-J-rgen-M-ller-ops".to_owned())
    );
}

#[test]
fn what_kong_cannot_send_is_refused_where_kong_uses_it() {
    let refused = resolved(&[], &[], "vault: { server_id: vault.example.com }\n");
    assert!(refused.is_err_and(|error| error.starts_with("Contradiction vault.server_id")));
    assert!(
        resolved(
            &[],
            &[],
            "vault: { server_id: x }\nkong: { enabled: false }\n"
        )
        .is_ok()
    );
    // A login by hand may send one.
    assert!(resolved(&[(Id::ServerId, "x")], &[], "").is_ok());
}

#[test]
fn the_direct_topology_assumes_nothing() {
    let target = |file: &str| resolved(&[], &[], file).map(|settings| settings.aws.assume);
    assert_eq!(target("topology: direct\n"), Ok(AssumeTarget::None));
    assert_eq!(
        target("aws: { account_id: \"123456789012\" }\n"),
        Ok(AssumeTarget::LoginRole {
            account: Some("123456789012".into())
        })
    );
    assert_eq!(
        target("aws: { account_id: \"123456789012\", login_account_id: \"210987654321\" }\n"),
        Ok(AssumeTarget::LoginRole {
            account: Some("210987654321".into())
        })
    );
}

#[test]
fn a_variable_of_the_wrong_form_is_named() {
    let refused = resolved(&[], &[("VAULT_SKIP_VERIFY", "maybe")], "");
    assert_eq!(
        refused.err().as_deref(),
        Some("WrongValue VAULT_SKIP_VERIFY: must be true or false, not 'maybe'")
    );
}

#[test]
fn secrets_of_the_environment_are_in_no_debug_text() {
    let settings = resolved(
        &[],
        &[
            ("VAULT_TOKEN", "canary-token"),
            ("VAULT_PROXY_ADDR", "http://u:canary-password@p:1"),
        ],
        "",
    );
    let environment = environment(&[("VAULT_TOKEN", "canary-token")]);
    let shown = format!("{settings:?} {environment:?}");
    assert!(!shown.contains("canary-token"), "{shown}");
}
