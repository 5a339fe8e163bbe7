//! A real OpenBao, whose aws auth method is a plugin with a name of its own, in
//! its root namespace and in others.

mod namespaces;
mod page;
mod reading;
mod refusals;
mod tokens;
mod whole;
mod writing;

use serde_json::{Value, json};

use crate::servers::{Nothing, Software, servers};
use crate::vaultiam::{Ended, Vaultiam};

/// The settings that every OpenBao needs.
const PLUGIN: &str = "openbao-plugin-auth-aws";

/// An OpenBao in which nothing is set up.
fn openbao() -> Nothing {
    servers().nothing_on(Software::OpenBao)
}

/// An OpenBao with namespaces, the parents first.
fn with_namespaces(paths: &[&str]) -> Nothing {
    let nothing = openbao();
    for path in paths {
        let (within, name) = path.rsplit_once('/').unwrap_or(("", path));
        let within = format!("-namespace={within}");
        nothing.vault(&["namespace", "create", &within, name]);
    }
    nothing
}

/// A settings file of an OpenBao: the plugin's name, and what a test adds.
fn settings(vault: &str, more: &str) -> String {
    format!("vault: {{ auth_type: {PLUGIN}{vault} }}\n{more}")
}

/// Runs a command with a settings file.
fn run_with(run: Vaultiam, settings: &str, words: &[&str]) -> Ended {
    let file = run.file("settings/vaultiam.yaml", settings);
    run.env("VAULTIAM_CONFIG", file.display().to_string())
        .run(words)
}

/// Runs a command as the operator, which must end well.
fn done(nothing: &Nothing, settings: &str, words: &[&str]) -> Value {
    let words = [words, &["-o", "json"]].concat();
    let ended = run_with(nothing.as_operator(), settings, &words);
    assert_eq!(
        ended.code, 0,
        "{words:?}\n{}\n{}",
        ended.stdout, ended.stderr
    );
    ended.json()
}

/// The plan of `setup`.
fn plan(nothing: &Nothing, settings: &str) -> Value {
    let words = ["setup", "--plan", "-o", "json"];
    run_with(nothing.as_operator(), settings, &words).json()
}

/// Asserts that nothing is left to do.
fn assert_in_place(nothing: &Nothing, settings: &str) {
    let document = plan(nothing, settings);
    assert_eq!(document["exit_code"], 0, "{document:#}");
    assert_eq!(document["changes"], json!([]));
}

/// Writes what Kong is to read.
fn put_secret(nothing: &Nothing, namespace: &str, path: &str, value: &str) {
    let namespace = format!("-namespace={namespace}");
    let value = format!("value={value}");
    nothing.vault(&["kv", "put", &namespace, path, &value]);
}

/// What OpenBao holds in a namespace: mounts, policies, and what lies behind the
/// aws method.
fn held(nothing: &Nothing, namespace: &str) -> Value {
    let at = |path: &str| match namespace {
        "" => path.to_owned(),
        namespace => format!("{namespace}/{path}"),
    };
    let ask = |method: &str, path: &str| {
        let (_, answer) = nothing.vault_api(method, &at(path), &Value::Null);
        answer["data"].clone()
    };
    json!({
        "auth": ask("GET", "sys/auth"),
        "mounts": ask("GET", "sys/mounts"),
        "policies": ask("LIST", "sys/policies/acl")["keys"],
        "config": ask("GET", "auth/aws/config/client"),
        "roles": ask("LIST", "auth/aws/roles")["keys"],
    })
}
