//! Vaults that answer nobody yet, or not any more.

use serde_json::json;
use vaultiam::lab::vault::Seal;

use super::compare::Differences;
use super::sides::{Lab, Sent, Server, Side as _};
use crate::servers::servers;

const REQUESTS: [(&str, &str, &str); 12] = [
    ("GET", "sys/health", ""),
    ("GET", "sys/health?standbyok=true&perfstandbyok=true", ""),
    ("GET", "sys/health?sealedcode=200&uninitcode=299", ""),
    ("HEAD", "sys/health", ""),
    ("GET", "sys/seal-status", ""),
    ("GET", "sys/leader", ""),
    ("GET", "sys/init", ""),
    ("POST", "auth/aws/login", "{}"),
    ("POST", "auth/aws/login", "{"),
    ("GET", "kv/data/app", ""),
    ("GET", "sys/internal/ui/mounts/kv", ""),
    ("GET", "auth/token/lookup-self", ""),
];

/// Compares what both say; tells how many requests that were.
pub(super) fn run(differences: &mut Differences) -> usize {
    let mut compared = 0;
    for (state, seal) in [
        ("uninitialised", Seal::Uninitialised),
        ("sealed", Seal::Sealed),
        ("active", Seal::Unsealed),
    ] {
        let made = servers().control("POST", "vaults", &json!({ "state": state }));
        let real = Server::at(made["address"].as_str().unwrap());
        let lab = Lab::new();
        lab.vault.set_seal(seal);
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
