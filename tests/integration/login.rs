//! `vaultiam login` where all is well.

use serde_json::{Value, json};

use crate::servers::{request, servers};

/// The steps of a document, as id and outcome.
fn steps(document: &Value) -> Vec<(String, String)> {
    let word = |step: &Value, name: &str| step[name].as_str().unwrap_or_default().to_owned();
    document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (word(step, "id"), word(step, "outcome")))
        .collect()
}

#[test]
fn an_instance_without_any_key_logs_in_and_every_step_is_shown() {
    let article = servers().article();
    let run = article.on_kongs_instance();
    let ended = run.run(&["login", "--explain", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let document = ended.json();
    assert_eq!(document["schema"], "vaultiam/v1/login");
    assert_eq!(document["outcome"], "succeeded");
    let ids: Vec<String> = steps(&document)
        .into_iter()
        .map(|(id, outcome)| format!("{id} {outcome}"))
        .collect();
    assert_eq!(
        ids,
        [
            "settings succeeded",
            "credentials succeeded",
            "caller succeeded",
            "vault succeeded",
            "assume succeeded",
            "sign succeeded",
            "login succeeded",
            "token succeeded",
        ]
    );
    for id in [
        "settings",
        "credentials",
        "caller",
        "vault",
        "assume",
        "sign",
        "login",
        "token",
    ] {
        assert!(
            ended.stderr.contains(&format!("ok    {id}")),
            "{id}\n{}",
            ended.stderr
        );
    }
    let fact = |id: &str, name: &str| {
        let all = document["steps"].as_array().unwrap();
        all.iter().find(|step| step["id"] == id).unwrap()["facts"][name].clone()
    };
    assert_eq!(fact("credentials", "provider"), "instance metadata");
    assert_eq!(fact("caller", "account"), article.account.as_str());
    assert_eq!(fact("assume", "role_arn"), article.login_role_arn.as_str());
    assert_eq!(fact("assume", "session_policy"), "deny-all");
    assert_eq!(fact("sign", "host"), "sts.us-east-1.amazonaws.com");
    assert_eq!(
        fact("sign", "signed_headers"),
        json!([
            "content-length",
            "content-type",
            "host",
            "x-amz-date",
            "x-amz-security-token"
        ])
    );
    assert_eq!(fact("vault", "version"), "1.21.2");
    assert_eq!(document["token"]["client_token"], Value::Null);
    assert_eq!(document["token"]["ttl_seconds"], 3600);
    assert_eq!(document["token"]["revoked"], "no");
    let stored = run.home().join(".vault-token");
    assert_eq!(document["token"]["stored_in"], stored.display().to_string());
}

#[test]
fn the_stored_token_can_do_exactly_what_it_should() {
    let servers = servers();
    let article = servers.article();
    let run = article.on_kongs_instance();
    assert_eq!(run.run(&["login"]).code, 0);
    let token = std::fs::read_to_string(run.home().join(".vault-token")).unwrap();
    let url = format!(
        "{}/v1/sys/internal/ui/resultant-acl",
        servers.get("VAULT_ADDR")
    );
    let (status, acl) = request("GET", &url, &[("X-Vault-Token", &token)], &Value::Null);
    assert_eq!(status, 200, "{acl}");
    let data = &acl["data"];
    assert_eq!(data["root"], false);
    let globs = data["glob_paths"].as_object().unwrap();
    let kong: Vec<(&String, &Value)> = globs
        .iter()
        .filter(|(path, _)| path.contains("kv"))
        .collect();
    let path = format!("{}/data/kong/", article.kv_mount);
    assert_eq!(kong, [(&path, &json!({ "capabilities": ["read"] }))]);
    // All that is left is what Vault's own policy "default" gives everybody.
    let exact = data["exact_paths"].as_object().unwrap();
    let others: Vec<&String> = exact
        .keys()
        .chain(globs.keys())
        .filter(|path| !path.contains("kv"))
        .collect();
    let is_default = |path: &&String| {
        ["auth/token/", "cubbyhole/", "identity/", "sys/"]
            .iter()
            .any(|prefix| path.starts_with(prefix))
    };
    assert!(others.iter().all(is_default), "{others:?}");
    assert!(exact.keys().all(|path| !path.contains("kv")), "{exact:?}");
}
