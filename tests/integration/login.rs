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

/// Everything that a token may do.
fn resultant_acl(token: &str) -> Value {
    let url = format!(
        "{}/v1/sys/internal/ui/resultant-acl",
        servers().get("VAULT_ADDR")
    );
    let (status, acl) = request("GET", &url, &[("X-Vault-Token", token)], &Value::Null);
    assert_eq!(status, 200, "{acl}");
    acl["data"].clone()
}

#[test]
fn the_stored_token_can_do_exactly_what_it_should() {
    let servers = servers();
    let article = servers.article();
    let run = article.on_kongs_instance();
    assert_eq!(run.run(&["login"]).code, 0);
    let token = std::fs::read_to_string(run.home().join(".vault-token")).unwrap();
    // What Vault's own policy "default" gives everybody, and one path beside it.
    let body = json!({ "policies": ["default"], "no_parent": true, "ttl": "5m" });
    let (_, made) = servers.vault("POST", "auth/token/create", &body);
    let mut expected = resultant_acl(made["auth"]["client_token"].as_str().unwrap());
    let path = format!("{}/data/kong/", article.kv_mount);
    expected["glob_paths"][path] = json!({ "capabilities": ["read"] });
    // "default" also lets each entity look at itself; an admin's token has none.
    let (_, seen) = servers.vault("POST", "auth/token/lookup", &json!({ "token": token }));
    let entity = seen["data"]["entity_id"].as_str().unwrap();
    let (_, named) = servers.vault("GET", &format!("identity/entity/id/{entity}"), &Value::Null);
    for own in [
        format!("id/{entity}"),
        format!("name/{}", named["data"]["name"].as_str().unwrap()),
    ] {
        expected["exact_paths"][format!("identity/entity/{own}")] =
            json!({ "capabilities": ["read"] });
    }
    assert_eq!(resultant_acl(&token), expected);
}

#[test]
fn a_living_token_of_somebody_else_is_left_where_it_lies() {
    let article = servers().article();
    let admin = servers().get("VAULT_TOKEN");
    let run = article.on_kongs_instance();
    let file = run.file(".vault-token", admin);
    let ended = run.run(&["login", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), admin);
    let document = ended.json();
    assert_eq!(document["token"]["stored_in"], Value::Null);
    assert_eq!(document["token"]["revoked"], "yes");
    assert!(
        ended.stderr.contains("--force replaces"),
        "{}",
        ended.stderr
    );
    let forced = run.run(&["login", "--force"]);
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    let own = std::fs::read_to_string(&file).unwrap();
    assert!(own.starts_with("hvs."));
    // Our own token, and one that is dead, are replaced without a word.
    for old in [own.as_str(), "hvs.dead"] {
        std::fs::write(&file, old).unwrap();
        let ended = run.run(&["login"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        assert_ne!(std::fs::read_to_string(&file).unwrap(), old);
    }
}

#[test]
fn a_token_helper_is_used_as_vault_uses_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let article = servers().article();
    let run = article.on_kongs_instance().env("PATH", "/usr/bin:/bin");
    let kept = run.home().join("kept");
    let script = format!(
        "#!/bin/sh\ncase $1 in get) cat '{0}' 2>/dev/null || true;; store) cat >'{0}';; *) exit 1;; esac\n",
        kept.display()
    );
    let helper = run.file("helper", &script);
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    run.file(
        ".vault",
        &format!("token_helper = \"{}\"\n", helper.display()),
    );
    let ended = run.run(&["login"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(std::fs::read_to_string(&kept).unwrap().starts_with("hvs."));
    assert!(!run.home().join(".vault-token").exists());
    let read = run.run(&["get", &article.secret_path, "-o", "json"]);
    assert_eq!(read.json()["token_source"], "stored");
}

#[test]
fn a_variable_that_shadows_the_stored_token_is_named() {
    let article = servers().article();
    let run = article.on_kongs_instance().env("VAULT_TOKEN", "hvs.old");
    let ended = run.run(&["login"]);
    assert_eq!(ended.code, 0);
    assert!(ended.stderr.contains("warning[VLT721]"), "{}", ended.stderr);
    assert_eq!(run.run(&["login", "-o", "json"]).finding(), "VLT721");
}

#[test]
fn a_store_that_cannot_be_written_leaves_no_token_alive() {
    let article = servers().article();
    let run = article
        .on_kongs_instance()
        .env("BAO_TOKEN_PATH", "/nowhere/token");
    let ended = run.run(&["login", "-o", "json"]);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (2, "CFG908"),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.json()["token"]["revoked"], "yes");
}

#[test]
fn the_role_is_not_assumed_twice() {
    let article = servers().article();
    // The instance has the login role itself, as Vault's own server does.
    let body = json!({ "profile": "VaultRole" });
    servers().control("PATCH", &format!("imds/{}", article.metadata_id), &body);
    for more in [&[][..], &["--explain"]] {
        let mut words = vec!["login", "--no-store", "-o", "json"];
        words.extend(more);
        let ended = article.on_kongs_instance().run(&words);
        assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
        assert!(
            steps(&ended.json()).contains(&("assume".into(), "skipped".into())),
            "{}",
            ended.stdout
        );
    }
}

#[test]
fn the_recorded_trace_is_the_document_with_more_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let article = servers().article();
    let run = article.on_kongs_instance();
    let ended = run.run(&[
        "login",
        "--explain",
        "--no-store",
        "--record",
        "trace.json",
        "-o",
        "json",
    ]);
    let file = run.home().join("trace.json");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(recorded["schema"], "vaultiam/v1/trace");
    for name in ["program_version", "recorded_at", "settings"] {
        assert!(!recorded[name].is_null(), "{name}");
    }
    for (name, value) in ended.json().as_object().unwrap() {
        if name != "schema" {
            assert_eq!(recorded.get(name), Some(value), "{name}");
        }
    }
    let refused = run.run(&[
        "login",
        "--no-store",
        "--record",
        "/nowhere/trace.json",
        "-o",
        "json",
    ]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
}

#[test]
fn a_session_policy_that_is_too_large_with_the_tags_is_left_out_once() {
    let servers = servers();
    let article = servers.article();
    let rule = json!({
        "match": { "account": article.account, "action": "AssumeRole" },
        "times": 1,
        "do": { "answer": "packed_policy_too_large" },
    });
    servers.control("POST", "rules", &rule);
    let ended = article
        .on_kongs_instance()
        .run(&["login", "--no-store", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(
        ended.stderr.contains("without the deny-all policy"),
        "{}",
        ended.stderr
    );
    let document = ended.json();
    let assume = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["id"] == "assume")
        .cloned()
        .unwrap();
    assert_eq!(assume["facts"]["session_policy"], "none");
}

#[test]
fn without_an_account_it_is_found_and_every_request_is_shown() {
    let article = servers().article();
    let keys = article.kong_keys();
    // Kong's keys in the environment: no metadata service knows the account.
    let run = article
        .on_kongs_instance()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", keys.0)
        .env("AWS_SECRET_ACCESS_KEY", keys.1)
        .env("AWS_SESSION_TOKEN", keys.2);
    let document = run.run(&["login", "--no-store", "-o", "json"]).json();
    let ids: Vec<String> = steps(&document).into_iter().map(|(id, _)| id).collect();
    assert_eq!(
        ids,
        [
            "settings",
            "credentials",
            "caller",
            "vault",
            "assume",
            "sign",
            "login",
            "revoke"
        ]
    );
    let given = run
        .run(&[
            "login",
            "--no-store",
            "-o",
            "json",
            "--account-id",
            &article.account,
        ])
        .json();
    assert!(!steps(&given).iter().any(|(id, _)| id == "caller"));
}

#[test]
fn a_token_that_may_not_read_what_kong_reads_is_warned_of() {
    let servers = servers();
    let article = servers.article();
    let words = ["login", "--explain", "--no-store", "-o", "json"];
    // Its engine is not at kv/, where Kong's path is taken to be.
    let ended = article.on_kongs_instance().run(&words);
    assert!(
        ended
            .stderr
            .contains("warning: the token may not read kv/data/kong/"),
        "{}",
        ended.stderr
    );
    let run = article.on_kongs_instance();
    let file = format!("kv: {{ mount: {} }}\n", article.kv_mount);
    let file = run.file("settings.yaml", &file);
    let ended = run.run(&[&words[..], &["--config", &file.display().to_string()]].concat());
    assert_eq!(ended.code, 0);
    assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
}
