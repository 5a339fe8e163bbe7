//! A secret that is refused: with the run's own rights, and with an
//! administrator's token, which makes the cause certain.

use serde_json::{Value, json};

use crate::servers::{Article, servers};
use crate::vaultiam::{Ended, Vaultiam};

/// What a run says of a failed read.
struct Verdict {
    code: String,
    confidence: String,
    alternatives: Vec<String>,
    commands: Vec<String>,
    document: Value,
}

fn verdict(ended: &Ended) -> Verdict {
    let document = ended.json();
    let finding = &document["failed"][0]["findings"][0];
    let texts = |value: &Value| -> Vec<String> {
        let items = value.as_array().cloned().unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    Verdict {
        code: finding["code"].as_str().unwrap_or_default().to_owned(),
        confidence: finding["confidence"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        alternatives: texts(&finding["alternatives"]),
        commands: finding["remedies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|remedy| remedy["command"].as_str().map(str::to_owned))
            .collect(),
        document,
    }
}

/// Reads with an explanation, as whoever logs in.
fn with_own_rights(article: &Article, path: &str, more: &[&str]) -> Verdict {
    let mut words = vec!["get", path, "--explain", "-o", "json"];
    words.extend(more);
    verdict(&article.on_kongs_instance().run(&words))
}

/// The same, with an administrator's token to look with.
fn with_admin(article: &Article, path: &str, more: &[&str]) -> Verdict {
    let mut words = vec!["get", path, "--explain", "--admin", "-o", "json"];
    words.extend(more);
    verdict(&admin(article).run(&words))
}

fn admin(article: &Article) -> Vaultiam {
    let token = servers().get("VAULT_TOKEN");
    article.on_kongs_instance().env("VAULT_TOKEN", token)
}

/// Replaces the policy that the role of the article hands out.
fn set_policy(article: &Article, rules: &str) {
    let path = format!("sys/policies/acl/kong-policy-{}", article.account);
    let (status, _) = servers().vault("PUT", &path, &json!({ "policy": rules }));
    assert_eq!(status, 204);
}

#[test]
fn a_policy_without_data_is_proved_by_the_tokens_own_capabilities() {
    let article = servers().article();
    let mount = &article.kv_mount;
    set_policy(
        &article,
        &format!("path \"{mount}/kong/*\" {{ capabilities = [\"read\"] }}"),
    );
    let seen = with_own_rights(&article, &article.secret_path, &[]);
    assert_eq!(
        (seen.code.as_str(), seen.confidence.as_str()),
        ("VLT703", "certain"),
        "{:#}",
        seen.document
    );
    assert!(seen.alternatives.is_empty());
    // Another path, which the policy grants in neither form.
    let other = with_own_rights(&article, &format!("{mount}/other/secret"), &[]);
    assert_ne!(
        (other.code.as_str(), other.confidence.as_str()),
        ("VLT703", "certain")
    );
    // Mount and version are named, so the engine was not looked up.
    let unseen = with_own_rights(
        &article,
        "kong/db-password",
        &["--kv-mount", mount, "--kv-version", "2"],
    );
    assert_eq!(
        (unseen.code.as_str(), unseen.confidence.as_str()),
        ("VLT703", "likely"),
        "{:#}",
        unseen.document
    );
}

#[test]
fn what_the_looks_exclude_is_told_and_no_alternative_any_more() {
    let article = servers().article();
    let mount = &article.kv_mount;
    let ruled_out = |verdict: &Verdict| -> Vec<String> {
        let finding = &verdict.document["failed"][0]["findings"][0];
        let causes = finding["ruled_out"].as_array().into_iter().flatten();
        let codes = causes.filter_map(|cause| cause["code"].as_str());
        codes.map(str::to_owned).collect()
    };
    let path = format!("{mount}/other/secret");
    let engine = ["VLT712", "VLT713", "VLT714", "VLT718"];
    // The token sees what it may do, and not what its policies say.
    let own = with_own_rights(&article, &path, &[]);
    assert_eq!(
        (own.code.as_str(), own.confidence.as_str()),
        ("VLT702", "likely")
    );
    let seen = [&engine[..], &["VLT703", "VLT705", "VLT725"]].concat();
    assert_eq!(ruled_out(&own), seen, "{:#}", own.document);
    assert_eq!(own.alternatives, ["VLT706", "VLT704"]);
    let admin = with_admin(&article, &path, &[]);
    assert_eq!(
        (admin.code.as_str(), admin.confidence.as_str()),
        ("VLT702", "certain")
    );
    let all = ["VLT703", "VLT704", "VLT705", "VLT706", "VLT725"];
    let all = [&engine[..], &all].concat();
    assert_eq!(ruled_out(&admin), all, "{:#}", admin.document);
    // A right of another kind on the path: then no rule can deny it.
    set_policy(
        &article,
        &format!(
            "path \"{mount}/data/other/*\" {{ capabilities = [\"list\"] }}\n\
             path \"{mount}/data/{{{{identity.entity.name}}}}\" {{ capabilities = [\"read\"] }}"
        ),
    );
    let list = with_admin(&article, &path, &[]);
    assert_eq!(
        (list.code.as_str(), list.confidence.as_str()),
        ("VLT702", "certain")
    );
    assert!(
        ruled_out(&list).contains(&"VLT706".to_owned()),
        "{:#}",
        list.document
    );
    // A person reads the same.
    let ended = article
        .on_kongs_instance()
        .run(&["get", &path, "--explain"]);
    let told = "it is not:\n  VLT712 no engine is mounted at this path: ";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
}

#[test]
fn an_engine_that_is_not_there_is_certain_with_an_administrators_token() {
    let article = servers().article();
    let path = format!("{}/kong/db-password", article.kv_mount.to_uppercase());
    let own = with_own_rights(&article, &path, &[]);
    assert_eq!(own.code, "VLT722", "{:#}", own.document);
    assert_eq!(own.confidence, "likely");
    assert!(own.alternatives.contains(&"VLT712".to_owned()));
    let seen = with_admin(&article, &path, &[]);
    assert_eq!(
        (seen.code.as_str(), seen.confidence.as_str()),
        ("VLT712", "certain"),
        "{:#}",
        seen.document
    );
    let right = format!("vaultiam get {}", article.secret_path);
    assert_eq!(seen.commands.first(), Some(&right));
    // What is printed works.
    let words: Vec<&str> = right.split(' ').skip(1).collect();
    let ended = article.on_kongs_instance().run(&words);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[test]
fn an_engine_of_another_version_is_certain_with_an_administrators_token() {
    let article = servers().article();
    let mount = format!("kv1-{}", article.account);
    servers().vault(
        "POST",
        &format!("sys/mounts/{mount}"),
        &json!({ "type": "kv", "options": { "version": "1" } }),
    );
    servers().vault(
        "POST",
        &format!("{mount}/kong/old"),
        &json!({ "value": "v" }),
    );
    set_policy(
        &article,
        &format!("path \"{mount}/kong/*\" {{ capabilities = [\"read\"] }}"),
    );
    let path = format!("{mount}/kong/old");
    let named = ["--kv-mount", &mount, "--kv-version", "2"];
    let own = with_own_rights(&article, "kong/old", &named);
    assert_eq!(
        (own.code.as_str(), own.confidence.as_str()),
        ("VLT703", "likely"),
        "{:#}",
        own.document
    );
    assert!(own.alternatives.contains(&"VLT714".to_owned()));
    let seen = with_admin(&article, "kong/old", &named);
    assert_eq!(
        (seen.code.as_str(), seen.confidence.as_str()),
        ("VLT714", "certain"),
        "{:#}",
        seen.document
    );
    let again = format!("vaultiam get {path} --kv-version 1");
    assert_eq!(seen.commands, std::slice::from_ref(&again));
    let words: Vec<&str> = again.split(' ').skip(1).collect();
    assert_eq!(article.on_kongs_instance().run(&words).code, 0);
}

#[test]
fn a_policy_that_does_not_exist_and_none_but_default() {
    let article = servers().article();
    let role = format!("auth/{}/role/kong-role", article.auth_mount);
    let set = |policies: Value| {
        let (status, _) = servers().vault("POST", &role, &json!({ "token_policies": policies }));
        assert!(status < 300, "{status}");
    };
    set(json!(["kong-polcy"]));
    let own = with_own_rights(&article, &article.secret_path, &[]);
    assert_eq!(
        (own.code.as_str(), own.confidence.as_str()),
        ("VLT722", "likely"),
        "{:#}",
        own.document
    );
    let seen = with_admin(&article, &article.secret_path, &[]);
    assert_eq!(
        (seen.code.as_str(), seen.confidence.as_str()),
        ("VLT704", "certain"),
        "{:#}",
        seen.document
    );
    set(json!([]));
    let none = with_own_rights(&article, &article.secret_path, &[]);
    assert_eq!(
        (none.code.as_str(), none.confidence.as_str()),
        ("VLT705", "certain"),
        "{:#}",
        none.document
    );
}

#[test]
fn the_texts_of_the_policies_decide_and_what_is_printed_puts_them_right() {
    let article = servers().article();
    let mount = &article.kv_mount;
    let policy = |rule: String| {
        format!("# keep this line\n{rule}\npath \"sys/health\" {{ capabilities = [\"read\"] }}\n")
    };
    let read = |path: &str| {
        policy(format!(
            "path \"{mount}/{path}\" {{ capabilities = [\"read\"] }}"
        ))
    };
    let cases = [
        (read("kong/*"), "VLT703"),
        (read("data/kong"), "VLT702"),
        (read("data/other/*"), "VLT702"),
        (read("data/*/db-password"), "VLT702"),
        (
            policy(format!(
                "path \"{mount}/data/kong/*\" {{ capabilities = [\"deny\"] }}"
            )),
            "VLT706",
        ),
    ];
    for (text, code) in cases {
        set_policy(&article, &text);
        let seen = with_admin(&article, &article.secret_path, &[]);
        assert_eq!(
            (seen.code.as_str(), seen.confidence.as_str()),
            (code, "certain"),
            "{text}\n{:#}",
            seen.document
        );
        assert!(seen.alternatives.is_empty());
        admin(&article)
            // A person who finds that the rule was to grant.
            .env("EDITOR", "sed -i s/deny/read/")
            .paste(&seen.commands[0]);
        let ended = article
            .on_kongs_instance()
            .run(&["get", &article.secret_path, "-f", "value"]);
        assert_eq!(
            ended.stdout, article.secret_value,
            "{text}\n{}",
            ended.stderr
        );
        let name = format!("sys/policies/acl/kong-policy-{}", article.account);
        let (_, now) = servers().vault("GET", &name, &Value::Null);
        let now = now["data"]["policy"].as_str().unwrap();
        assert!(
            now.contains("# keep this line") && now.contains("sys/health"),
            "{now}"
        );
    }
}
