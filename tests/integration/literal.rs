//! What no server of the tests says by itself, in the services' own words: a stub
//! in front of them gives the literal reply.

use serde_json::{Value, json};

use crate::refusals::{Attempt, add_rule, write_to_vault};
use crate::servers::{Article, servers};
use crate::vaultiam::{Ended, Vaultiam};

/// Kong's instance, with something in front of Vault that answers one path.
fn behind(article: &Article, path: &str, status: u16, body: &Value) -> Vaultiam {
    let reply = json!({
        "status": status,
        "headers": { "content-type": "application/json" },
        "body": body.to_string(),
    });
    let rules = json!([{ "match": { "path": path }, "do": { "reply": reply } }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    article
        .on_kongs_instance()
        .env("VAULT_ADDR", relay["url"].as_str().unwrap())
}

fn errors(words: &str) -> Value {
    json!({ "errors": [words] })
}

/// Code, confidence and exit code of the first finding, wherever it stands.
fn ending(ended: &Ended) -> (String, String, i32) {
    let document = ended.json();
    let finding = match &document["findings"][0] {
        Value::Null => document["failed"][0]["findings"][0].clone(),
        finding => finding.clone(),
    };
    let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("confidence"), ended.code)
}

#[test]
fn what_aws_says_of_a_call_that_no_policy_here_refuses() {
    let cases = [
        ("signature_mismatch", "AWS108", "likely"),
        ("denied_by_scp", "AWS209", "certain"),
        ("duration_max_session", "AWS212", "certain"),
        ("duration_chaining", "AWS213", "certain"),
        ("denied_by_rcp", "AWS223", "certain"),
        ("denied_tag_session", "AWS222", "certain"),
    ];
    for (answer, code, confidence) in cases {
        let article = servers().article();
        add_rule(&article, "AssumeRole", &json!({ "answer": answer }));
        let attempt = Attempt::on_kongs_instance(&article);
        for words in [&[][..], &["--explain"]] {
            let document = attempt.is_refused(words, ("assume", "sts", 4, code));
            assert_eq!(
                document["findings"][0]["confidence"], confidence,
                "{answer} {words:?}"
            );
        }
    }
}

#[test]
fn a_session_policy_that_sts_finds_too_large_with_and_without_it() {
    let article = servers().article();
    add_rule(
        &article,
        "AssumeRole",
        &json!({ "answer": "packed_policy_too_large" }),
    );
    let attempt = Attempt::on_kongs_instance(&article);
    let document = attempt.is_refused(&[], ("assume", "sts", 4, "AWS220"));
    assert_eq!(document["findings"][0]["confidence"], "certain");
}

#[test]
fn the_root_user_may_assume_no_role() {
    let article = servers().article();
    add_rule(
        &article,
        "AssumeRole",
        &json!({ "answer": "denied_to_root" }),
    );
    let run = article
        .as_operator()
        .env("AWS_ACCESS_KEY_ID", &article.account)
        .env("AWS_SECRET_ACCESS_KEY", "test");
    let attempt = Attempt::new(run, &[]);
    let document = attempt.is_refused(&["--explain"], ("assume", "sts", 4, "AWS115"));
    assert_eq!(document["findings"][0]["confidence"], "certain");
}

#[test]
fn states_of_a_server_that_has_no_active_node_or_is_behind() {
    let article = servers().article();
    let health = |more: Value| {
        let mut health = json!({
            "initialized": true, "sealed": false, "standby": true, "version": "1.21.2",
        });
        for (name, value) in more.as_object().unwrap() {
            health[name] = value.clone();
        }
        health
    };
    let cases = [
        (".*/sys/health", 474, health(json!({})), "VLT513", 8),
        (
            ".*/sys/health",
            472,
            health(json!({ "replication_dr_mode": "secondary" })),
            "VLT514",
            8,
        ),
        (
            ".*/login",
            412,
            errors("required index state not present"),
            "VLT522",
            10,
        ),
    ];
    for (path, status, body, code, exit) in cases {
        let run = behind(&article, path, status, &body).env("VAULT_MAX_RETRIES", "0");
        let ended = run.run(&["login", "--explain", "--no-store", "-o", "json"]);
        assert_eq!(
            ending(&ended),
            (code.to_owned(), "certain".to_owned(), exit),
            "{}",
            ended.stdout
        );
    }
}

#[test]
fn a_server_that_says_how_it_stands_is_taken_at_its_word() {
    let article = servers().article();
    let data = format!(".*/{}/data/.*", article.kv_mount);
    let login = ["login", "--no-store", "-o", "json"];
    let get = ["get", article.secret_path.as_str(), "-o", "json"];
    let leader = "local node not active but active cluster node not found";
    let sent_on = "error during forwarding RPC request";
    let behind = "error performing token check: failed to persist lease entry: cannot write to readonly storage";
    let cases = [
        (".*/sys/health", &login[..], leader, "VLT513", "certain", 8),
        (".*/login", &login, leader, "VLT513", "certain", 8),
        (".*/login", &login, sent_on, "VLT513", "likely", 8),
        (
            ".*/login",
            &login,
            "Vault is in standby mode",
            "VLT513",
            "certain",
            8,
        ),
        (&data, &get, behind, "VLT522", "likely", 10),
    ];
    for (path, words, said, code, confidence, exit) in cases {
        let run = behind_words(&article, path, 500, said);
        let ended = run.run(words);
        let expected = (code.to_owned(), confidence.to_owned(), exit);
        assert_eq!(ending(&ended), expected, "{said} {}", ended.stdout);
    }
}

/// Kong's instance, with a Vault that says this to all requests of one path.
fn behind_words(article: &Article, path: &str, status: u16, words: &str) -> Vaultiam {
    behind(article, path, status, &errors(words)).env("VAULT_MAX_RETRIES", "0")
}

#[test]
fn a_token_whose_namespace_is_unknown_is_told_as_the_tokens_fault_and_not_tried_again() {
    let article = servers().article();
    let words =
        "error performing token check: failed to look up namespace from the token: no namespace";
    let path = format!(".*/{}/.*", article.kv_mount);
    let run = behind(&article, &path, 500, &errors(words));
    let get = ["get", article.secret_path.as_str(), "-o", "json"];
    // Vault gives the token in this run, so its namespace is there.
    let of_login = run.run(&get);
    assert_eq!(ending(&of_login).0, "VLT522", "{}", of_login.stdout);
    let all = "(?!/v1/sys/health).*";
    let given = behind(&article, all, 500, &errors(words)).env("VAULT_TOKEN", "hvs.x.abcde");
    let ended = given.run(&get);
    let expected = ("VLT701".to_owned(), "likely".to_owned(), 6);
    assert_eq!(ending(&ended), expected, "{}", ended.stdout);
    assert_eq!(ended.json()["steps"][0]["retries"], json!([]));
    let ended = given.run(&["setup", "--plan", "--only", "vault", "-o", "json"]);
    assert_eq!(ending(&ended).0, "VLT701", "{}", ended.stdout);
}

#[test]
fn a_rule_beside_the_policies_is_named_and_no_policy_is_to_be_changed() {
    let article = servers().article();
    let path = format!(".*/{}/data/.*", article.kv_mount);
    let sentinel = errors(
        "2 errors occurred:\n\t* egp standard policy \"root/cidr-check\" evaluation resulted in denial.\n\nThe specific error was:\n<nil>\n\nA trace of the execution for policy \"root/cidr-check\" is available:\n\nResult: false\n\t* permission denied\n\n",
    );
    let group = json!({
        "request_id": "r", "data": null, "auth": null,
        "wrap_info": {
            "token": "hvs.canary-of-the-wrap", "accessor": "a", "ttl": 3600,
            "creation_path": article.secret_path,
        },
    });
    for (status, body, command) in [
        (403, sentinel, "vault read sys/policies/egp/cidr-check"),
        (200, group, "vault policy read"),
    ] {
        let run = behind(&article, &path, status, &body);
        let ended = run.run(&["get", &article.secret_path, "-o", "json"]);
        let expected = ("VLT725".to_owned(), "certain".to_owned(), 6);
        assert_eq!(ending(&ended), expected, "{}", ended.stdout);
        assert!(!ended.stdout.contains("canary"), "{}", ended.stdout);
        let remedy = &ended.json()["failed"][0]["findings"][0]["remedies"][0];
        let printed = remedy["command"].as_str().unwrap();
        assert!(printed.starts_with(command), "{printed}");
    }
}

#[test]
fn an_engine_that_is_being_upgraded_comes_back_by_itself() {
    let article = servers().article();
    let words = "Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.";
    let path = format!(".*/{}/data/.*", article.kv_mount);
    let run = behind(&article, &path, 400, &errors(words));
    let ended = run.run(&["get", &article.secret_path, "-o", "json"]);
    assert_eq!(
        ending(&ended),
        ("VLT717".to_owned(), "certain".to_owned(), 1),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_refusal_in_words_of_vaults_own() {
    let article = servers().article();
    let path = format!(".*/{}/data/.*", article.kv_mount);
    let run = behind(&article, &path, 400, &errors("the answer is no"));
    let ended = run.run(&["get", &article.secret_path, "-o", "json"]);
    assert_eq!(ending(&ended).0, "VLT723", "{}", ended.stdout);
}

#[test]
fn what_the_policies_grant_and_vault_refuses() {
    let article = servers().article();
    let path = format!(".*/{}/data/.*", article.kv_mount);
    let words = "1 error occurred:\n\t* permission denied\n\n";
    let run = behind(&article, &path, 403, &errors(words));
    let ended = run.run(&["get", &article.secret_path, "--explain", "-o", "json"]);
    assert_eq!(
        ending(&ended),
        ("VLT725".to_owned(), "likely".to_owned(), 6),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_token_that_may_be_used_once_is_spent_by_the_first_of_two_reads() {
    let article = servers().article();
    let role = format!("auth/{}/role/kong-role", article.auth_mount);
    write_to_vault(&role, &json!({ "token_num_uses": 1 }));
    let path = article.secret_path.as_str();
    let words = ["get", path, path, "-o", "json"];
    let ended = article.on_kongs_instance().run(&words);
    assert_eq!(
        ending(&ended),
        ("VLT720".to_owned(), "likely".to_owned(), 1),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.json()["secrets"].as_array().map(Vec::len), Some(1));
    write_to_vault(&role, &json!({ "token_num_uses": 0 }));
    let ended = article.on_kongs_instance().run(&words);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
}
