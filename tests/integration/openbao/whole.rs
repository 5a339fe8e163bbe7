//! From nothing to a login and a secret, and back to nothing.

use serde_json::{Value, json};

use super::{
    assert_in_place, done, held, openbao, plan, put_secret, run_with, settings, with_namespaces,
};
use crate::servers::Nothing;

/// Sets up, reads as Kong does, drifts and heals, and takes all of it down.
fn from_nothing_to_nothing(nothing: &Nothing, settings: &str, auth: &str, kv: &str) {
    let before = (held(nothing, auth), held(nothing, kv), roles(nothing));
    let made = done(nothing, settings, &["setup", "--yes"]);
    assert_eq!(made["done"].as_array().unwrap().len(), 11, "{made:#}");
    assert_in_place(nothing, settings);
    let between = (held(nothing, auth), held(nothing, kv), roles(nothing));
    assert_eq!(between.0["roles"], json!(["kong-role"]));
    assert_eq!(between.1["mounts"]["kv/"]["type"], "kv");
    assert_ne!(between.2, before.2);

    put_secret(nothing, kv, "kv/kong/db-password", "s3cret of Kong");
    let words = ["login", "--explain", "--no-store", "-o", "json"];
    let login = run_with(nothing.on_kongs_instance(), settings, &words);
    assert_eq!(login.code, 0, "{}\n{}", login.stdout, login.stderr);
    let words = ["get", "kv/kong/db-password", "-f", "value"];
    let read = run_with(nothing.on_kongs_instance(), settings, &words);
    assert_eq!(
        (read.code, read.stdout.as_str()),
        (0, "s3cret of Kong"),
        "{}",
        read.stderr
    );
    let words = ["get", "kv/other", "-o", "json"];
    let other = run_with(nothing.on_kongs_instance(), settings, &words);
    assert_eq!(other.code, 6, "{}", other.stdout);

    let namespace = format!("-namespace={auth}");
    let drift = [
        "write",
        &namespace,
        "auth/aws/role/kong-role",
        "token_ttl=2h",
    ];
    nothing.vault(&drift);
    let planned = plan(nothing, settings);
    let fields = json!([{ "name": "token_ttl", "before": 7200, "after": 3600 }]);
    assert_eq!(
        planned["changes"].as_array().unwrap().len(),
        1,
        "{planned:#}"
    );
    assert_eq!(planned["changes"][0]["fields"], fields);
    done(nothing, settings, &["setup", "--yes"]);
    assert_in_place(nothing, settings);

    done(
        nothing,
        settings,
        &["teardown", "--yes", "--delete-secrets", "kv"],
    );
    let after = (held(nothing, auth), held(nothing, kv), roles(nothing));
    assert_eq!(after, before);
}

/// The IAM roles of the account.
fn roles(nothing: &Nothing) -> Value {
    nothing.aws(&["iam", "list-roles"])["Roles"].clone()
}

#[test]
fn in_the_root_namespace() {
    from_nothing_to_nothing(&openbao(), &settings("", ""), "", "");
}

#[test]
fn in_a_namespace() {
    let nothing = with_namespaces(&["team"]);
    let settings = settings(", namespace: team", "");
    let root = held(&nothing, "");
    from_nothing_to_nothing(&nothing, &settings, "team", "team");
    assert_eq!(held(&nothing, ""), root);
}

#[test]
fn with_the_secrets_in_a_namespace_below() {
    let nothing = with_namespaces(&["team", "team/apps"]);
    let settings = settings(", namespace: team/", "kv: { namespace: team/apps }\n");
    from_nothing_to_nothing(&nothing, &settings, "team", "team/apps");
}

#[test]
fn with_the_secrets_below_the_root_namespace() {
    let nothing = with_namespaces(&["team"]);
    let settings = settings("", "kv: { namespace: team }\n");
    from_nothing_to_nothing(&nothing, &settings, "", "team");
}
