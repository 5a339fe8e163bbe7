//! `vaultiam put`: what is written where, what is never guessed, what vanishes.

mod asking;
mod guarded;
mod sources;

use serde_json::{Value, json};

use crate::servers::{Article, servers};
use crate::vaultiam::{Ended, Vaultiam};

/// Rights on both engines of a state, as of somebody who writes secrets.
const ALL: &str = r#""create", "read", "update", "patch", "delete""#;

/// A state with an engine of each version, and a token that may write both.
struct State {
    article: Article,
    /// Its version is 1.
    old_mount: String,
    token: String,
}

impl State {
    fn new() -> Self {
        let article = servers().article();
        let old_mount = format!("kv1-{}", article.account);
        let body = json!({ "type": "kv", "options": { "version": "1" } });
        let made = servers().vault("POST", &format!("sys/mounts/{old_mount}"), &body);
        assert_eq!(made.0, 204, "{}", made.1);
        let rules = format!(
            "path \"{}/*\" {{ capabilities = [{ALL}] }}\npath \"{old_mount}/*\" {{ capabilities = [{ALL}] }}\n",
            article.kv_mount
        );
        let token = token_with(&article, "writer", &rules);
        State {
            article,
            old_mount,
            token,
        }
    }

    /// The program with a token that may write.
    fn writer(&self) -> Vaultiam {
        self.holding(&self.token)
    }

    /// The program with a token and no way to AWS.
    fn holding(&self, token: &str) -> Vaultiam {
        Vaultiam::bare()
            .env("VAULT_ADDR", servers().get("VAULT_ADDR"))
            .env("VAULT_TOKEN", token)
    }

    /// A path in the engine of version 2.
    fn path(&self, name: &str) -> String {
        format!("{}/kong/{name}", self.article.kv_mount)
    }

    /// A path in the engine of version 1.
    fn old_path(&self, name: &str) -> String {
        format!("{}/kong/{name}", self.old_mount)
    }

    /// The fields that Vault holds at a path of version 2, and their version.
    fn held(&self, name: &str) -> (Value, Value) {
        let api = format!("{}/data/kong/{name}", self.article.kv_mount);
        let (_, answer) = servers().vault("GET", &api, &Value::Null);
        let data = &answer["data"];
        (data["data"].clone(), data["metadata"]["version"].clone())
    }

    /// Whatever Vault holds at a path of version 1.
    fn held_in_old(&self, path: &str) -> Value {
        let api = format!("{}/{path}", self.old_mount);
        servers().vault("GET", &api, &Value::Null).1["data"].clone()
    }
}

/// A token with a policy of its own.
fn token_with(article: &Article, name: &str, rules: &str) -> String {
    let name = format!("{name}-{}", article.account);
    let policy = format!("sys/policies/acl/{name}");
    let written = servers().vault("PUT", &policy, &json!({ "policy": rules }));
    assert_eq!(written.0, 204, "{}", written.1);
    let (_, made) = servers().vault(
        "POST",
        "auth/token/create",
        &json!({ "policies": [name], "ttl": "10m" }),
    );
    made["auth"]["client_token"].as_str().unwrap().to_owned()
}

fn done(ended: &Ended) {
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn a_secret_of_version_two_gets_a_version_and_is_read_back() {
    let state = State::new();
    let run = state.writer();
    run.file("password.txt", "of-a-file");
    let path = state.path("new");
    let words = ["put", &path, "value=@password.txt", "-o", "json"];
    let ended = run.run(&words);
    done(&ended);
    let document = ended.json();
    assert_eq!(document["schema"], "vaultiam/v1/written");
    assert_eq!(document["outcome"], "written");
    assert_eq!(document["path"], path);
    assert_eq!(document["mount"], state.article.kv_mount);
    assert_eq!(
        (&document["kv_version"], &document["version"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(document["fields_removed"], json!([]));
    assert_eq!(document["token_source"], "env");
    assert_eq!(
        state.held("new"),
        (json!({ "value": "of-a-file" }), json!(1))
    );
    let read = state.writer().run(&["get", &path, "-f", "value"]);
    assert_eq!(read.stdout, "of-a-file");

    let ended = run.run(&["put", &path, "value=@password.txt"]);
    done(&ended);
    let expected = format!("written {path}\nversion 2\nfields  value\n");
    let words: Vec<&str> = ended.stdout.split_whitespace().collect();
    assert_eq!(words, expected.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn version_one_is_found_and_written_as_it_is() {
    let state = State::new();
    let run = state.writer();
    run.file("password.txt", "old-form");
    let path = state.old_path("db");
    let ended = run.run(&["put", &path, "value=@password.txt", "-o", "json"]);
    done(&ended);
    let document = ended.json();
    assert_eq!(
        (&document["kv_version"], &document["version"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(state.held_in_old("kong/db"), json!({ "value": "old-form" }));
}

#[test]
fn a_write_costs_one_look_at_both_and_one_request() {
    let state = State::new();
    let relay = servers().control("POST", "relays", &json!({}));
    let run = state
        .writer()
        .env("VAULT_ADDR", relay["url"].as_str().unwrap());
    run.file("v", "x");
    done(&run.run(&["put", &state.path("counted"), "value=@v"]));
    let log = format!("relays/{}/log", relay["id"].as_str().unwrap());
    let log = servers().control("GET", &log, &Value::Null);
    let mut asked: Vec<String> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["event"] == "request")
        .map(|entry| {
            let word = |name: &str| entry[name].as_str().unwrap().to_owned();
            format!("{} {}", word("method"), word("path"))
        })
        .collect();
    asked.sort();
    let api = format!("/v1/{}/data/kong/counted", state.article.kv_mount);
    let mount = format!("/v1/sys/internal/ui/mounts/{}", state.path("counted"));
    assert_eq!(
        asked,
        [
            format!("GET {api}"),
            format!("GET {mount}"),
            format!("POST {api}")
        ]
    );
}

#[test]
fn each_step_is_shown_with_the_command_that_does_it_by_hand() {
    let state = State::new();
    let run = state.writer();
    run.file("v", "canary-of-a-file");
    let path = state.path("shown");
    let ended = run.run(&["put", &path, "value=@v", "--explain", "-v"]);
    done(&ended);
    let shown = &ended.stderr;
    let at = |text: &str| {
        shown
            .find(text)
            .unwrap_or_else(|| panic!("no {text}:\n{shown}"))
    };
    assert!(at("skip  read") < at("ok    write"), "{shown}");
    let mount = &state.article.kv_mount;
    at(&format!(
        "$ vault kv put -mount={mount} kong/shown value=@FILE"
    ));
    at("there is no secret at this path yet");
    assert!(!shown.contains("canary"), "{shown}");
    let document = run
        .run(&["put", &path, "value=@v", "--explain", "-o", "json"])
        .json();
    let ids: Vec<&str> = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|step| step["id"].as_str())
        .collect();
    assert_eq!(ids, ["read", "write"]);
    assert_eq!(document["steps"][1]["facts"]["version"], 2);
}

#[test]
fn without_a_token_it_logs_in_and_leaves_none() {
    let state = State::new();
    let rules = format!(
        "path \"{}/*\" {{ capabilities = [{ALL}] }}",
        state.article.kv_mount
    );
    let policy = format!("sys/policies/acl/kong-policy-{}", state.article.account);
    servers().vault("PUT", &policy, &json!({ "policy": rules }));
    let run = state.article.on_kongs_instance();
    run.file("v", "of-kong");
    // A stored token that Vault does not know is no reason to fail.
    run.file(".vault-token", "hvs.notatokenofthisvault");
    let words = [
        "put",
        &state.path("mine"),
        "value=@v",
        "--explain",
        "-o",
        "json",
    ];
    let ended = run.run(&words);
    done(&ended);
    assert!(
        ended.stderr.contains("logging in through AWS"),
        "{}",
        ended.stderr
    );
    let document = ended.json();
    assert_eq!(document["token_source"], "aws");
    let token = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["id"] == "token");
    let api = format!("{}/data/kong/mine", state.article.kv_mount);
    assert!(
        token.unwrap()["facts"]["capabilities"][api].is_array(),
        "{document}"
    );
    assert_eq!(state.held("mine").0, json!({ "value": "of-kong" }));
    assert_eq!(crate::get::tokens_of(&state.article), Vec::<String>::new());
}
