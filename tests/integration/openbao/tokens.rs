//! Tokens: OpenBao has the same words for one that is dead as for one that may
//! not be used from here.

use serde_json::{Value, json};

use super::{done, openbao, put_secret, run_with, settings, with_namespaces};
use crate::servers::Nothing;
use crate::vaultiam::Vaultiam;

/// An OpenBao that is set up, with a secret.
fn set_up() -> Nothing {
    let nothing = openbao();
    done(&nothing, &settings("", ""), &["setup", "--yes"]);
    put_secret(&nothing, "", "kv/kong/a", "found");
    nothing
}

fn create_token(nothing: &Nothing, path: &str, wanted: &Value) -> String {
    let (status, made) = nothing.vault_api("POST", &format!("auth/token/{path}"), wanted);
    assert_eq!(status, 200, "{made}");
    made["auth"]["client_token"].as_str().unwrap().to_owned()
}

/// A token that was alive once.
fn dead_token(nothing: &Nothing) -> String {
    let token = create_token(nothing, "create", &json!({ "policies": ["default"] }));
    let body = json!({ "token": token });
    assert_eq!(nothing.vault_api("POST", "auth/token/revoke", &body).0, 204);
    token
}

/// A token that may be used from another address only.
fn token_of_elsewhere(nothing: &Nothing) -> String {
    let bound = json!({ "token_bound_cidrs": ["192.0.2.1"] });
    let written = nothing.vault_api("POST", "auth/token/roles/elsewhere", &bound);
    assert_eq!(written.0, 204, "{}", written.1);
    create_token(
        nothing,
        "create/elsewhere",
        &json!({ "policies": ["default"] }),
    )
}

/// A token whose entity is disabled.
fn token_of_nobody(nothing: &Nothing) -> String {
    let aliased = json!({ "allowed_entity_aliases": "*" });
    let written = nothing.vault_api("POST", "auth/token/roles/aliased", &aliased);
    assert_eq!(written.0, 204, "{}", written.1);
    let wanted = json!({ "policies": ["default"], "entity_alias": "somebody" });
    let token = create_token(nothing, "create/aliased", &wanted);
    let (_, seen) = nothing.vault_api("POST", "auth/token/lookup", &json!({ "token": token }));
    let entity = format!(
        "identity/entity/id/{}",
        seen["data"]["entity_id"].as_str().unwrap()
    );
    let disabled = nothing.vault_api("POST", &entity, &json!({ "disabled": true }));
    assert_eq!(disabled.0, 204, "{}", disabled.1);
    token
}

fn stored(run: &Vaultiam) -> String {
    std::fs::read_to_string(run.home().join(".vault-token")).unwrap()
}

#[test]
fn a_token_that_is_refused_is_told_as_one() {
    let nothing = set_up();
    let others = json!(["VLT720", "VLT617", "VLT619"]);
    for token in [
        dead_token(&nothing),
        token_of_elsewhere(&nothing),
        token_of_nobody(&nothing),
    ] {
        for words in [
            &["get", "kv/kong/a", "-o", "json"][..],
            &["setup", "--plan", "-o", "json"],
        ] {
            let run = nothing.as_operator().env("BAO_TOKEN", &token);
            let ended = run_with(run, &settings("", ""), words);
            let document = ended.json();
            assert_eq!(
                (ended.code, ended.finding().as_str()),
                (6, "VLT701"),
                "{document:#}"
            );
            let findings = match &document["failed"][0]["findings"] {
                Value::Null => &document["findings"],
                findings => findings,
            };
            assert_eq!(findings[0]["alternatives"], others, "{document:#}");
        }
    }
}

#[test]
fn a_stored_token_that_is_refused_gives_way_to_a_login() {
    let nothing = set_up();
    for token in [dead_token(&nothing), token_of_elsewhere(&nothing)] {
        let run = nothing.on_kongs_instance();
        run.file(".vault-token", &token);
        let ended = run.run(&["get", "kv/kong/a", "-o", "json"]);
        assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.json()["token_source"], "aws");
        assert!(
            ended.stderr.contains("logging in through AWS"),
            "{}",
            ended.stderr
        );
        assert_eq!(stored(&run), token);
    }
}

#[test]
fn a_login_replaces_what_is_refused_and_leaves_what_is_alive() {
    let nothing = set_up();
    for token in [dead_token(&nothing), token_of_elsewhere(&nothing)] {
        let run = nothing.on_kongs_instance();
        run.file(".vault-token", &token);
        let ended = run.run(&["login", "-o", "json"]);
        assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
        assert_ne!(stored(&run), token);
        assert_eq!(ended.json()["token"]["revoked"], "no");
        // The program's own token is replaced, too.
        let first = stored(&run);
        assert_eq!(run.run(&["login"]).code, 0);
        assert_ne!(stored(&run), first);
    }
    let admins = create_token(&nothing, "create", &json!({ "policies": ["default"] }));
    let run = nothing.on_kongs_instance();
    run.file(".vault-token", &admins);
    let ended = run.run(&["login", "-o", "json"]);
    assert_eq!(ended.json()["token"]["revoked"], "yes", "{}", ended.stdout);
    assert!(
        ended.stderr.contains("it was left there"),
        "{}",
        ended.stderr
    );
    assert_eq!(stored(&run), admins);
}

#[test]
fn a_token_whose_uses_are_spent_is_no_reason_for_a_warning() {
    let nothing = openbao();
    let file = settings(", num_uses: 1", "");
    done(&nothing, &file, &["setup", "--yes"]);
    put_secret(&nothing, "", "kv/kong/a", "found");
    // Looking up the mount is none, the read is one.
    let words = ["get", "kv/kong/a", "-o", "json"];
    let ended = run_with(nothing.on_kongs_instance(), &file, &words);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (0, ""),
        "{}",
        ended.stdout
    );
    let document = ended.json();
    let steps = document["steps"].as_array().unwrap();
    let revoke = steps.iter().find(|step| step["id"] == "revoke").unwrap();
    assert_eq!(revoke["outcome"], "skipped", "{revoke}");
}

#[test]
fn nothing_that_is_shown_holds_a_token_of_openbaos() {
    let nothing = set_up();
    let run = nothing.on_kongs_instance();
    for words in [
        &["login", "--explain", "-v"][..],
        &["login", "--explain", "-v", "-o", "json"],
        &["get", "kv/kong/a", "--explain", "-v"],
    ] {
        let ended = run.run(words);
        assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
        let shown = format!("{}{}", ended.stdout, ended.stderr);
        let token = stored(&run);
        assert!(token.starts_with("s."), "{token}");
        for secret in [token.as_str(), " s.", "\"s.", "Signature=", "eyJ"] {
            assert!(!shown.contains(secret), "{words:?} shows {secret}\n{shown}");
        }
    }
}

#[test]
fn openbaos_variables_are_heard_after_vaults() {
    let nothing = with_namespaces(&["team"]);
    let file = settings(", namespace: team", "");
    done(&nothing, &file, &["setup", "--yes"]);
    put_secret(&nothing, "team", "kv/kong/a", "found");
    let login = |run: Vaultiam| run.run(&["login", "--no-store", "-o", "json"]);
    let kong = || nothing.on_kongs_instance();
    assert_eq!(login(kong()).finding(), "VLT631");
    assert_eq!(login(kong().env("BAO_NAMESPACE", "team")).code, 0);
    let both = kong()
        .env("BAO_NAMESPACE", "nowhere")
        .env("VAULT_NAMESPACE", "team");
    assert_eq!(login(both).code, 0);
    let elsewhere = kong().env("VAULT_ADDR", "http://127.0.0.1:1");
    assert_eq!(login(elsewhere).finding(), "VLT502");

    // A root token reads without a login; VAULT_TOKEN goes first.
    let words = ["get", "kv/kong/a", "-o", "json"];
    let as_root = || {
        kong()
            .env("BAO_NAMESPACE", "team")
            .env("BAO_TOKEN", &nothing.vault_token)
    };
    let ended = as_root().run(&words);
    assert_eq!(ended.json()["token_source"], "env", "{}", ended.stdout);
    assert_eq!(ended.code, 0);
    let ended = as_root().env("VAULT_TOKEN", "none").run(&words);
    assert_eq!((ended.code, ended.finding().as_str()), (6, "VLT701"));

    // What changes something is not decided by a variable that contradicts.
    let run = nothing.as_operator().env("BAO_NAMESPACE", "elsewhere");
    let ended = run_with(run, &file, &["setup", "--yes", "-o", "json"]);
    assert_eq!((ended.code, ended.finding().as_str()), (2, "CFG905"));
}
