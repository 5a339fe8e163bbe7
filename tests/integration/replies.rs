//! Every refusal that a real Vault was heard to give, word for word, and some that
//! people reported in public (their ids begin with T): a stub gives it again where
//! this program would meet it, and each has the code that it stands for, with nothing
//! but the words to go by.

use serde_json::{Value, json};

use crate::servers::servers;
use crate::setup::{set_up, with_settings};
use crate::vaultiam::Vaultiam;

/// A recorder in front of a Vault, and the requests to which it gives the replies.
struct Stage {
    rules: String,
    url: String,
    matching: Value,
}

impl Stage {
    fn new(target: Option<&str>, matching: Value) -> Self {
        let wanted = match target {
            Some(target) => json!({ "target": target }),
            None => json!({}),
        };
        let relay = servers().control("POST", "relays", &wanted);
        Stage {
            rules: format!("relays/{}/rules", relay["id"].as_str().unwrap()),
            url: relay["url"].as_str().unwrap().to_owned(),
            matching,
        }
    }

    /// Runs the program once for each reply; all must end with their codes, and none
    /// that stands for several causes may be certain.
    fn play(&self, replies: &[Value], run: &Vaultiam, words: &[&str]) {
        let mut wrong = Vec::new();
        for reply in replies {
            let body = match &reply["error"] {
                Value::Null => reply["body"].to_string(),
                error => json!({ "errors": [error] }).to_string(),
            };
            let headers = json!({ "content-type": "application/json" });
            let answer = json!({ "status": reply["status"], "headers": headers, "body": body });
            let rule = json!({ "match": self.matching, "do": { "reply": answer } });
            servers().control("POST", &self.rules, &rule);
            let ended = run.run(words);
            servers().control("DELETE", &self.rules, &Value::Null);
            let document = ended.json();
            let finding = match &document["findings"][0] {
                Value::Null => &document["failed"][0]["findings"][0],
                finding => finding,
            };
            let has_others = finding["alternatives"] != json!([]);
            let is_honest = has_others != (finding["confidence"] == "certain");
            if finding["code"] != reply["code"] || !is_honest {
                wrong.push(format!(
                    "{}: {} ({}) and not {}: {body}",
                    reply["id"], finding["code"], finding["confidence"], reply["code"]
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The replies to one kind of request.
fn others(kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("replies/others.json")).unwrap();
    let replies = all[kind].as_array().unwrap();
    assert!(replies.len() > 10, "{kind}");
    replies.clone()
}

#[test]
fn each_refusal_of_a_login_has_its_code() {
    let article = servers().article();
    let replies: Vec<Value> = serde_json::from_str(include_str!("replies/login.json")).unwrap();
    assert!(replies.len() > 80);
    let stage = Stage::new(None, json!({ "path": ".*/login" }));
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", &stage.url)
        .env("VAULT_MAX_RETRIES", "0")
        // The name that the words quote.
        .env("VAULTIAM_AUTH_ROLE", "kong");
    stage.play(&replies, &run, &["login", "--no-store", "-o", "json"]);
}

#[test]
fn each_refusal_of_a_read_or_a_write_has_its_code() {
    let article = servers().article();
    let path = article.secret_path.as_str();
    let api = format!(".*/{}/data/.*", article.kv_mount);
    let get = Stage::new(None, json!({ "path": api }));
    let run = |stage: &Stage| {
        article
            .on_kongs_instance()
            .env("VAULT_ADDR", &stage.url)
            .env("VAULT_MAX_RETRIES", "0")
    };
    get.play(&others("read"), &run(&get), &["get", path, "-o", "json"]);
    let put = Stage::new(None, json!({ "path": api, "method": "POST" }));
    let as_writer = run(&put).env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    put.play(
        &others("write"),
        &as_writer,
        &["put", path, "value=new", "-o", "json"],
    );
}

#[test]
fn each_refusal_of_a_role_or_a_configuration_has_its_code() {
    let nothing = servers().nothing();
    let settings = "topology: separate\n";
    crate::setup::set_vaults_role(&nothing, "VaultServerRole");
    set_up(&nothing, settings);
    let words = ["setup", "--yes", "--only", "vault", "-o", "json"];
    let target = Some(nothing.vault_address.as_str());
    for (kind, path, changed) in [
        ("role", ".*/auth/aws/role/.*", "vault: { ttl: 2h }\n"),
        (
            "config",
            ".*/auth/aws/config/client",
            "vault: { sts: regional, sts_region: eu-west-1 }\n",
        ),
    ] {
        let stage = Stage::new(target, json!({ "path": path, "method": "POST|PUT" }));
        let run = nothing
            .as_operator()
            .env("VAULT_ADDR", &stage.url)
            .env("VAULT_MAX_RETRIES", "0");
        let run = with_settings(run, &format!("{settings}{changed}"));
        stage.play(&others(kind), &run, &words);
    }
}
