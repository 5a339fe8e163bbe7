//! Vaults that answer nobody yet, and what one tells anybody.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::compare::Differences;
use super::sides::{Lab, Sent, Server, Side as _};
use crate::servers::servers;

const REQUESTS: [(&str, &str, &str); 8] = [
    ("GET", "sys/health", ""),
    ("GET", "sys/health?standbyok=true&perfstandbyok=true", ""),
    ("GET", "sys/seal-status", ""),
    ("GET", "sys/leader", ""),
    ("POST", "auth/aws/login", "{}"),
    ("GET", "kv/data/app", ""),
    ("GET", "sys/internal/ui/mounts/kv", ""),
    ("GET", "auth/token/lookup-self", ""),
];

/// Compares what both say; tells how many requests that were.
pub(super) fn run(differences: &mut Differences) -> usize {
    let mut compared = 0;
    for state in ["sealed", "active"] {
        let made = servers().control("POST", "vaults", &json!({ "state": state }));
        let real = Server::at(made["address"].as_str().unwrap());
        let lab = Lab::new();
        if state == "sealed" {
            let token = lab.vault.make_root_token();
            let token = token.expose_secret().to_owned();
            lab.ask(&Sent {
                method: "POST".to_owned(),
                target: "/v1/sys/seal".to_owned(),
                headers: vec![("X-Vault-Token".to_owned(), token)],
                body: Vec::new(),
            });
        }
        for (method, path, body) in REQUESTS {
            let sent = Sent {
                method: method.to_owned(),
                target: format!("/v1/{path}"),
                headers: Vec::new(),
                body: body.as_bytes().to_vec(),
            };
            let place = format!("states: {state}: {method} {path}");
            differences.compare(&place, &real.ask(&sent), &lab.ask(&sent), ("none", "none"));
            compared += 1;
        }
        let id = made["id"].as_str().unwrap();
        servers().control("DELETE", &format!("vaults/{id}"), &serde_json::Value::Null);
    }
    compared
}
