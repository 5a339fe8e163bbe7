//! Canary secrets through setup and teardown at full verbosity, with failures
//! in between: none may be seen.

use std::process::Command;

use serde_json::{Value, json};

use crate::get::wait_until;
use crate::secrecy::{Canary, assert_unseen};
use crate::servers::{Nothing, servers};
use crate::teardown::{run_with, with_file};
use crate::vaultiam::{Ended, Vaultiam};

const SETTINGS: &str = "stack: kong\n";
const STATIC_KEY: &str = "AKIAQUIETSTATICKEY42";
const STATIC_SECRET: &str = "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";
const STORED: &str = "c4nary-stored-in-kv";

/// An account and a Vault with secrets of every kind, and a session of the
/// operator, whose keys and token are secrets too.
fn with_canaries(nothing: &Nothing) -> (Vaultiam, Vec<Canary>) {
    let get = ["sts", "get-session-token"];
    let session = nothing.aws(&get)["Credentials"].clone();
    let word = |name: &str| session[name].as_str().unwrap().to_owned();
    let run = nothing
        .as_operator()
        .env("AWS_ACCESS_KEY_ID", word("AccessKeyId"))
        .env("AWS_SECRET_ACCESS_KEY", word("SecretAccessKey"))
        .env("AWS_SESSION_TOKEN", word("SessionToken"));
    let canary = |name, value: &str| Canary {
        name,
        value: value.to_owned(),
    };
    let canaries = vec![
        canary("secret key", &word("SecretAccessKey")),
        canary("session token", &word("SessionToken")),
        canary("operator's secret key", &nothing.operator.1),
        canary("Vault's token", &nothing.vault_token),
        canary("static secret key", STATIC_SECRET),
        canary("static key id", STATIC_KEY),
        canary("stored secret", STORED),
    ];
    (run, canaries)
}

fn assert_quiet(canaries: &[Canary], what: &str, ended: &Ended) {
    assert_unseen(canaries, &format!("stdout of {what}"), &ended.stdout);
    assert_unseen(canaries, &format!("stderr of {what}"), &ended.stderr);
}

/// Runs a command in each form that tells the most.
fn run_loudly(run: &Vaultiam, canaries: &[Canary], settings: &str, typed: &[&str]) -> Vec<i32> {
    [&["--explain", "-v"][..], &["--explain", "-v", "-o", "json"]]
        .iter()
        .map(|flags| {
            let all = [typed, flags].concat();
            let ended = run_with(run, settings, &all);
            assert_quiet(canaries, &all.join(" "), &ended);
            ended.code
        })
        .collect()
}

fn store_secret(nothing: &Nothing) {
    let body = json!({ "data": { "password": STORED } });
    nothing.vault_api("POST", "kv/data/kong/db", &body);
}

fn write_static_keys(nothing: &Nothing) {
    let keys = json!({ "access_key": STATIC_KEY, "secret_key": STATIC_SECRET });
    let written = nothing.vault_api("POST", "auth/aws/config/client", &keys);
    assert_eq!(written.0, 204, "{}", written.1);
}

#[test]
fn no_secret_is_seen_from_the_first_plan_to_the_end() {
    let nothing = servers().nothing();
    let (run, canaries) = with_canaries(&nothing);
    let loudly = |settings: &str, typed: &[&str]| run_loudly(&run, &canaries, settings, typed);
    assert_eq!(loudly(SETTINGS, &["setup", "--plan"]), [3, 3]);
    // Refused in the middle, in the first form; gone on with in the second.
    let error = json!({ "status": 500, "code": "ServiceFailure", "message": "no" });
    nothing.tell_aws("PutRolePolicy", 1, &json!({ "error": error }));
    let denied =
        json!({ "status": 403, "code": "AccessDenied", "message": "User: x is not authorized" });
    nothing.tell_aws("CreateRole", 1, &json!({ "error": denied }));
    assert_eq!(loudly(SETTINGS, &["setup", "--yes"]), [4, 0]);
    store_secret(&nothing);
    write_static_keys(&nothing);
    let changed = "stack: kong\nvault: { sts: regional, ttl: 2h }\n";
    assert_eq!(loudly(changed, &["setup", "--plan"]), [3, 3]);
    loudly(changed, &["setup", "--yes"]);
    assert_eq!(loudly("stack: other\n", &["setup", "--yes"]), [9, 9]);
    assert_eq!(loudly(SETTINGS, &["teardown", "--plan"]), [3, 3]);
    nothing.tell_aws("DeleteRole", 1, &json!({ "error": denied }));
    let delete = ["teardown", "--yes", "--delete-secrets", "kv"];
    assert_eq!(loudly(SETTINGS, &delete), [4, 0]);
}

#[test]
fn the_keys_of_others_config_are_not_shown() {
    let nothing = servers().nothing();
    let (run, canaries) = with_canaries(&nothing);
    nothing.vault(&["auth", "enable", "aws"]);
    write_static_keys(&nothing);
    nothing.vault(&["secrets", "enable", "-path=kv", "-version=2", "kv"]);
    store_secret(&nothing);
    let loudly = |typed: &[&str]| run_loudly(&run, &canaries, SETTINGS, typed);
    assert_eq!(loudly(&["setup", "--plan"]), [9, 9]);
    assert_eq!(loudly(&["setup", "--yes"]), [9, 9]);
    let adopt = ["--adopt", "vault:auth/aws/config/client"];
    assert_eq!(loudly(&[&["setup", "--plan"][..], &adopt].concat()), [3, 3]);
    loudly(&[&["setup", "--yes"][..], &adopt].concat());
    loudly(&["teardown", "--yes"]);
    loudly(&["teardown", "--yes", "--delete-secrets", "kv"]);
}

#[test]
fn what_a_service_echoes_is_masked() {
    let nothing = servers().nothing();
    let (run, canaries) = with_canaries(&nothing);
    let all: Vec<&str> = canaries[..4]
        .iter()
        .map(|canary| canary.value.as_str())
        .collect();
    // Only what this run holds can be known to be a secret.
    let echo = format!("got '{}' with '{}'", all[0], all[1]);
    let error = json!({ "status": 400, "code": "ValidationError", "message": echo });
    nothing.tell_aws("CreateRole", 2, &json!({ "error": error }));
    run_loudly(&run, &canaries, SETTINGS, &["setup", "--yes"]);
    let body = json!({ "errors": [format!("no policy for {}", all[3])] }).to_string();
    let rules = json!([{
        "match": { "path": "/v1/sys/auth.*", "method": "GET" },
        "do": { "reply": { "status": 403, "body": body } },
    }]);
    let (id, url) = nothing.relay(&rules);
    let run = run.env("VAULT_ADDR", url);
    let codes = run_loudly(&run, &canaries, SETTINGS, &["setup", "--yes"]);
    assert_eq!(codes, [6, 6]);
    servers().control("DELETE", &format!("relays/{id}"), &Value::Null);
}

#[test]
fn no_secret_stands_on_a_command_line() {
    let nothing = servers().nothing();
    let (run, canaries) = with_canaries(&nothing);
    nothing.tell_aws("CreateRole", 1, &json!({ "stall": true }));
    let config = with_file(&run, SETTINGS);
    let config: Vec<&str> = config.iter().map(String::as_str).collect();
    let mut child = run.spawn(&[&["setup", "--yes"][..], &config].concat());
    let requests = || servers().aws_requests(&nothing.account);
    wait_until("the first change", || {
        requests()
            .iter()
            .any(|request| request["action"] == "CreateRole")
    });
    let pid = child.id().to_string();
    let lines = command_lines(&pid);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lines.contains("setup"), "{lines}");
    assert_unseen(&canaries, "command lines", &lines);
}

/// The command lines of a process and of those that it started.
fn command_lines(pid: &str) -> String {
    let output = Command::new("ps")
        .args(["-o", "args=", "--pid", pid, "--ppid", pid])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
