//! Every refusal of a login that a real Vault was heard to give, word for word:
//! a stub gives it again, and each has the code that it stands for, with nothing
//! but the words to go by.

use serde_json::{Value, json};

use crate::servers::servers;

#[test]
fn each_refusal_of_a_login_has_its_code() {
    let article = servers().article();
    let replies: Vec<Value> = serde_json::from_str(include_str!("replies/login.json")).unwrap();
    assert!(replies.len() > 80);
    let relay = servers().control("POST", "relays", &json!({}));
    let rules = format!("relays/{}/rules", relay["id"].as_str().unwrap());
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", relay["url"].as_str().unwrap())
        .env("VAULT_MAX_RETRIES", "0")
        // The name that the words quote.
        .env("VAULTIAM_AUTH_ROLE", "kong");
    let mut wrong = Vec::new();
    for reply in &replies {
        let body = json!({ "errors": [reply["error"]] }).to_string();
        let headers = json!({ "content-type": "application/json" });
        let answer = json!({ "status": reply["status"], "headers": headers, "body": body });
        let rule = json!({ "match": { "path": ".*/login" }, "do": { "reply": answer } });
        servers().control("POST", &rules, &rule);
        let ended = run.run(&["login", "--no-store", "-o", "json"]);
        servers().control("DELETE", &rules, &Value::Null);
        let document = ended.json();
        let finding = &document["findings"][0];
        if finding["code"] != reply["code"] {
            wrong.push(format!(
                "{}: {} ({}) and not {}: {}",
                reply["id"], finding["code"], finding["confidence"], reply["code"], reply["error"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
