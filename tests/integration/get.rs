//! `vaultiam get`: values in their forms, what is not there, what is left behind.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::servers::{Article, servers};
use crate::vaultiam::{Ended, Vaultiam, ended};

/// A KV engine of the article's account with a secret, and a policy to read it.
fn version_one(article: &Article) -> String {
    let servers = servers();
    let mount = format!("kv1-{}", article.account);
    servers.vault(
        "POST",
        &format!("sys/mounts/{mount}"),
        &json!({ "type": "kv", "options": { "version": "1" } }),
    );
    servers.vault(
        "POST",
        &format!("{mount}/kong/old"),
        &json!({ "value": "from-version-one" }),
    );
    allow(
        article,
        &[
            format!("{mount}/kong/*"),
            format!("{}/data/kong/*", article.kv_mount),
        ],
    );
    mount
}

/// Lets the article's role read `paths`.
fn allow(article: &Article, paths: &[String]) {
    let rules: String = paths
        .iter()
        .map(|path| format!("path \"{path}\" {{ capabilities = [\"read\"] }}\n"))
        .collect();
    let policy = format!("sys/policies/acl/kong-policy-{}", article.account);
    assert_eq!(
        servers()
            .vault("PUT", &policy, &json!({ "policy": rules }))
            .0,
        204
    );
}

/// Writes a secret of the article's engine, of version 2.
fn write(article: &Article, path: &str, fields: Value) {
    let api = format!("{}/data/{path}", article.kv_mount);
    assert_eq!(
        servers().vault("POST", &api, &json!({ "data": fields })).0,
        200
    );
}

fn code_and_finding(ended: &Ended) -> (i32, String) {
    (ended.code, ended.finding())
}

#[test]
fn a_value_is_read_with_neither_token_nor_keys() {
    let article = servers().article();
    let ended = article
        .on_kongs_instance()
        .run(&["get", &article.secret_path, "-f", "value"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, article.secret_value.as_str()),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stderr, "");
}

#[test]
fn several_paths_come_in_the_order_asked_and_one_failure_hides_nothing() {
    let article = servers().article();
    write(&article, "kong/b", json!({ "user": "kong", "port": 5432 }));
    let path = |name: &str| format!("{}/kong/{name}", article.kv_mount);
    let ended = article.on_kongs_instance().run(&[
        "get",
        &path("b"),
        &path("nope"),
        &article.secret_path,
        "-o",
        "json",
    ]);
    let document = ended.json();
    assert_eq!(ended.code, 7, "{}", ended.stdout);
    let paths: Vec<&str> = document["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|secret| secret["path"].as_str())
        .collect();
    assert_eq!(paths, [path("b"), article.secret_path.clone()]);
    assert_eq!(
        document["secrets"][0]["fields"],
        json!({ "user": "kong", "port": 5432 })
    );
    assert_eq!(document["secrets"][0]["kv_version"], 2);
    assert_eq!(document["failed"][0]["path"], path("nope"));
    assert_eq!(document["failed"][0]["findings"][0]["code"], "VLT707");
    assert_eq!(document["token_source"], "aws");
}

#[test]
fn the_forms_of_a_path_and_of_the_answer() {
    let article = servers().article();
    write(&article, "kong/form", json!({ "db-password": "it's $x" }));
    write(&article, "kong/form", json!({ "db-password": "new" }));
    let mount = &article.kv_mount;
    let whole = format!("{mount}/kong/form");
    let mount_flag = format!("-mount={mount}");
    let cases: [(&[&str], &str); 8] = [
        (&[&format!("{whole}#db-password")], "new"),
        (
            &[&format!("{mount}/data/kong/form"), "--field", "db-password"],
            "new",
        ),
        (&[&format!("{whole}@1#db-password")], "it's $x"),
        (&[&whole, "--version", "1", "-o", "raw"], "it's $x"),
        (&["kong/form", &mount_flag, "-field=db-password"], "new"),
        (
            &[
                "kong/form",
                "--kv-mount",
                mount,
                "--kv-version",
                "2",
                "-o",
                "raw",
            ],
            "new",
        ),
        (
            &[&format!("{whole}@1"), "-o", "shell"],
            "export DB_PASSWORD=\"it's \"'$x'\n",
        ),
        (&[&whole, "-o", "yaml"], "db-password: new\n"),
    ];
    for (arguments, expected) in cases {
        let mut words = vec!["get"];
        words.extend(arguments);
        let ended = article.on_kongs_instance().run(&words);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (0, expected),
            "{arguments:?}\n{}",
            ended.stderr
        );
    }
}

#[test]
fn what_is_not_there_is_told_apart() {
    let article = servers().article();
    let old_mount = version_one(&article);
    let mount = &article.kv_mount;
    write(&article, "kong/gone", json!({ "value": "1" }));
    servers().vault("DELETE", &format!("{mount}/data/kong/gone"), &Value::Null);
    write(&article, "kong/burnt", json!({ "value": "1" }));
    servers().vault(
        "PUT",
        &format!("{mount}/destroy/kong/burnt"),
        &json!({ "versions": [1] }),
    );
    let in_mount = |path: &str| format!("{mount}/kong/{path}");
    let cases: [(&[&str], i32, &str); 15] = [
        (&[&in_mount("nope")], 7, "VLT707"),
        (&[&in_mount("gone")], 7, "VLT709"),
        (&[&in_mount("burnt")], 7, "VLT710"),
        (&[&format!("{}@7", article.secret_path)], 7, "VLT711"),
        (&[&format!("{}#nope", article.secret_path)], 7, "VLT708"),
        (&[&format!("{old_mount}/data/kong/old")], 7, "VLT714"),
        (&[&format!("{old_mount}/kong/old@1")], 2, "CFG906"),
        // The token may read none of these.
        (
            &[&format!("{mount}/data/data/kong/db-password")],
            7,
            "VLT715",
        ),
        (&[&format!("{mount}/{mount}/kong/db-password")], 7, "VLT715"),
        (
            &[&format!("{mount}/kong/db-password"), "--kv-mount", mount],
            7,
            "VLT715",
        ),
        (&[&format!("{mount}/other/secret")], 6, "VLT702"),
        (&["nomount/kong/secret"], 6, "VLT722"),
        (
            &[&format!("{old_mount}/kong/old"), "--kv-version", "2"],
            7,
            "VLT714",
        ),
        (&[&in_mount("nope"), "--kv-version", "1"], 7, "VLT713"),
        (&[&format!("{old_mount}/kong/old#nope")], 7, "VLT708"),
    ];
    for (arguments, code, finding) in cases {
        let mut words = vec!["get", "-o", "json"];
        words.extend(arguments);
        let ended = article.on_kongs_instance().run(&words);
        assert_eq!(
            code_and_finding(&ended),
            (code, finding.to_owned()),
            "{arguments:?}\n{}",
            ended.stdout
        );
    }
}

/// The command of the first remedy of the first path that was not read.
fn first_command(ended: &Ended) -> String {
    let remedy = &ended.json()["failed"][0]["findings"][0]["remedies"][0];
    remedy["command"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_printed_for_a_path_or_a_field_reads_the_secret() {
    let article = servers().article();
    let old_mount = version_one(&article);
    let mount = &article.kv_mount;
    let good = article.secret_value.as_str();
    let cases = [
        (format!("{mount}/data/data/kong/db-password#value"), good),
        (format!("{mount}/{mount}/kong/db-password#value"), good),
        (format!("{mount}/{mount}/data/kong/db-password#value"), good),
        (format!("{mount}/kong/db-password#Value"), good),
        (format!("{mount}/kong/db-password#valeu"), good),
        (
            format!("{old_mount}/data/kong/old#value"),
            "from-version-one",
        ),
    ];
    for (path, value) in cases {
        for more in [&[][..], &["--explain"]] {
            let run = article.on_kongs_instance();
            let ended = run.run(&[&["get", &path, "-o", "json"], more].concat());
            assert_eq!(ended.code, 7, "{path} {}", ended.stdout);
            let command = first_command(&ended);
            let words: Vec<String> = shlex::split(&command).unwrap();
            let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            let ended = run.run(&words);
            assert_eq!(ended.stdout, value, "{path}: {command} {}", ended.stderr);
        }
    }
}

#[test]
fn the_newest_version_that_can_be_read_is_looked_for() {
    let article = servers().article();
    let mount = &article.kv_mount;
    for number in ["1", "2", "3"] {
        write(&article, "kong/worn", json!({ "value": number }));
    }
    let destroy = json!({ "versions": [3] });
    servers().vault("PUT", &format!("{mount}/destroy/kong/worn"), &destroy);
    let path = format!("{mount}/kong/worn");
    let words = ["get", &path, "--explain", "--admin", "-o", "json"];
    let run = article
        .on_kongs_instance()
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    let ended = run.run(&words);
    assert_eq!(
        code_and_finding(&ended),
        (7, "VLT710".to_owned()),
        "{}",
        ended.stdout
    );
    assert_eq!(first_command(&ended), format!("vaultiam get {path}@2"));
    // Whoever may not look is told where to.
    let ended = article
        .on_kongs_instance()
        .run(&["get", &path, "--explain", "-o", "json"]);
    assert_eq!(
        first_command(&ended),
        format!("vault kv metadata get {path}")
    );
    let never = format!("{path}@9");
    let ended = run.run(&["get", &never, "--explain", "--admin", "-o", "json"]);
    assert_eq!(
        code_and_finding(&ended),
        (7, "VLT711".to_owned()),
        "{}",
        ended.stdout
    );
    assert_eq!(
        ended.json()["failed"][0]["findings"][0]["confidence"],
        "certain"
    );
}

#[test]
fn with_every_right_the_answer_tells_more() {
    let article = servers().article();
    let old_mount = version_one(&article);
    let mount = &article.kv_mount;
    servers().vault(
        "POST",
        &format!("sys/mounts/db-{}", article.account),
        &json!({ "type": "pki" }),
    );
    let admin = |words: &[&str]| {
        let mut all = vec!["get", "-o", "json"];
        all.extend(words);
        article
            .on_kongs_instance()
            .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"))
            .run(&all)
    };
    let cases: [(&[&str], i32, &str); 7] = [
        (&["nomount/kong/secret"], 7, "VLT712"),
        (
            &[&format!("{old_mount}/kong/old"), "--kv-version", "2"],
            7,
            "VLT714",
        ),
        (
            &[&format!("{mount}/kong/db-password"), "--kv-version", "1"],
            7,
            "VLT713",
        ),
        (&[&format!("{old_mount}/data/kong/old")], 7, "VLT714"),
        (
            &[&format!("{mount}/data/data/kong/db-password")],
            7,
            "VLT715",
        ),
        (&[&format!("{mount}/{mount}/kong/db-password")], 7, "VLT715"),
        (
            &[&format!("db-{}/kong/secret", article.account)],
            7,
            "VLT718",
        ),
    ];
    for (arguments, code, finding) in cases {
        let ended = admin(arguments);
        assert_eq!(
            code_and_finding(&ended),
            (code, finding.to_owned()),
            "{arguments:?}\n{}",
            ended.stdout
        );
        assert_eq!(ended.json()["token_source"], "env");
    }
}

#[test]
fn version_one_is_found_without_being_named() {
    let article = servers().article();
    let mount = version_one(&article);
    for version in [&["-o", "json"][..], &["-o", "json", "--kv-version", "1"]] {
        let path = format!("{mount}/kong/old");
        let mut words = vec!["get", path.as_str()];
        words.extend(version);
        let document = article.on_kongs_instance().run(&words).json();
        assert_eq!(
            document["secrets"][0]["fields"]["value"], "from-version-one",
            "{document}"
        );
        assert_eq!(document["secrets"][0]["kv_version"], 1);
        assert_eq!(document["secrets"][0]["version"], Value::Null);
    }
}

#[test]
fn the_source_of_the_token_is_chosen_as_documented() {
    let article = servers().article();
    let admin = servers().get("VAULT_TOKEN");
    let source = |run: &Vaultiam, more: &[&str]| {
        let mut words = vec!["get", &article.secret_path, "-o", "json"];
        words.extend(more);
        let ended = run.run(&words);
        let document = ended.json();
        (
            document["token_source"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            ended.code,
            ended.stderr,
        )
    };
    let environment = article.on_kongs_instance().env("VAULT_TOKEN", admin);
    assert_eq!(source(&environment, &[]), ("env".into(), 0, String::new()));
    assert_eq!(source(&environment, &["--token-source", "aws"]).0, "aws");
    let stored = article.on_kongs_instance();
    stored.file(".vault-token", admin);
    assert_eq!(source(&stored, &[]), ("stored".into(), 0, String::new()));
    assert_eq!(
        source(&stored, &["--token-source", "env"]),
        (String::new(), 2, String::new())
    );
    // A stored token that Vault does not take falls through, and that is said.
    let stale = article.on_kongs_instance();
    stale.file(".vault-token", "hvs.stale");
    let (name, code, words) = source(&stale, &[]);
    assert_eq!((name.as_str(), code), ("aws", 0));
    assert!(
        words.contains("Vault does not take the token in"),
        "{words}"
    );
    // One that was named does not.
    assert_eq!(source(&stale, &["--token-source", "stored"]).1, 6);
    assert_eq!(
        source(
            &article.on_kongs_instance().env("VAULT_TOKEN", "hvs.stale"),
            &[]
        )
        .1,
        6
    );
}

/// Waits until `done` holds.
pub(crate) fn wait_until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "waited in vain for {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The living tokens that the article's auth method issued.
pub(crate) fn tokens_of(article: &Article) -> Vec<String> {
    let prefix = format!("{}-", article.auth_mount);
    let servers = servers();
    let is_ours = |accessor: &String| {
        let (_, answer) = servers.vault(
            "POST",
            "auth/token/lookup-accessor",
            &json!({ "accessor": accessor }),
        );
        answer["data"]["display_name"]
            .as_str()
            .is_some_and(|name| name.starts_with(&prefix))
    };
    servers.accessors().into_iter().filter(is_ours).collect()
}

#[test]
fn no_living_token_is_left_behind() {
    let article = servers().article();
    for arguments in [vec![article.secret_path.as_str()], vec!["nomount/x"]] {
        let mut words = vec!["get"];
        words.extend(arguments);
        article.on_kongs_instance().run(&words);
        assert_eq!(tokens_of(&article), Vec::<String>::new());
    }
    assert_eq!(
        article
            .on_kongs_instance()
            .run(&["login", "--no-store"])
            .code,
        0
    );
    assert_eq!(tokens_of(&article), Vec::<String>::new());
}

#[test]
fn an_interrupt_during_a_stalled_read_leaves_no_token() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let article = servers().article();
        let rules = json!([{ "match": { "path": ".*/data/.*" }, "do": { "stall": true } }]);
        let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
        let run = article
            .on_kongs_instance()
            .env("VAULT_ADDR", relay["url"].as_str().unwrap());
        let child = run.spawn(&["get", &article.secret_path, "-o", "json"]);
        wait_until("the login", || tokens_of(&article).len() == 1);
        let pid = child.id().to_string();
        assert!(
            std::process::Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        let ended = ended(child);
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert_eq!(ended.json()["secrets"], json!([]));
        assert!(
            ended.stderr.contains("no token is left"),
            "{}",
            ended.stderr
        );
        assert_eq!(tokens_of(&article), Vec::<String>::new());
    }
}

#[test]
fn an_interrupt_during_the_login_awaits_its_token_and_revokes_it() {
    let article = servers().article();
    let rules = json!([{ "match": { "path": ".*/login" }, "do": { "delay_ms": 1500 } }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    let relay_log = format!("relays/{}/log", relay["id"].as_str().unwrap());
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", relay["url"].as_str().unwrap());
    let child = run.spawn(&["get", &article.secret_path]);
    // AssumeRole has answered, so the login is on its way.
    wait_until("AssumeRole", || {
        let requests = servers().aws_requests(&article.account);
        requests
            .iter()
            .any(|request| request["action"] == "AssumeRole" && request["access_key"] != "")
            && requests
                .iter()
                .filter(|request| request["action"] == "AssumeRole")
                .count()
                >= 1
    });
    std::thread::sleep(Duration::from_millis(300));
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let ended = ended(child);
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    let log = servers().control("GET", &relay_log, &Value::Null);
    let paths: Vec<&str> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["path"].as_str())
        .collect();
    assert!(
        paths.iter().any(|path| path.ends_with("/login")),
        "{paths:?}"
    );
    assert!(
        paths.iter().any(|path| path.ends_with("/revoke-self")),
        "{paths:?}"
    );
    assert_eq!(tokens_of(&article), Vec::<String>::new());
}

#[test]
fn yaml_means_the_same_to_readers_of_yaml_1_1() {
    let article = servers().article();
    let fields = json!({
        "no": "no", "on": "on", "yes": "y", "number": "0123", "exponent": "12e3", "time": "12:34:56",
        "date": "2026-01-01", "equals": "=", "tilde": "~", "empty": "", "lines": "a\n b\n", "real": 12, "deep": { "off": ["null"] },
    });
    write(&article, "kong/yaml", fields.clone());
    let path = format!("{}/kong/yaml", article.kv_mount);
    let ended = article
        .on_kongs_instance()
        .run(&["get", &path, "-o", "yaml"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(
        crate::kong::readers::read_by_yaml_1_1(&ended.stdout),
        fields
    );
}
