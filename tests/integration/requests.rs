//! How many requests a command makes, and what runs beside what.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::servers::{Article, servers};

/// A recorder in front of Vault.
struct Relay {
    id: String,
    url: String,
}

impl Relay {
    fn start() -> Self {
        let made = servers().control("POST", "relays", &json!({}));
        let word = |name: &str| made[name].as_str().unwrap().to_owned();
        Relay {
            id: word("id"),
            url: word("url"),
        }
    }

    fn entries(&self) -> Vec<Value> {
        let log = servers().control("GET", &format!("relays/{}/log", self.id), &Value::Null);
        log["entries"].as_array().cloned().unwrap()
    }

    /// How often each kind of request came.
    fn counts(&self, article: &Article) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for entry in self
            .entries()
            .iter()
            .filter(|entry| entry["event"] == "request")
        {
            let path = entry["path"].as_str().unwrap();
            let kind = match path {
                "/v1/sys/health" => "health",
                path if path == format!("/v1/auth/{}/login", article.auth_mount) => "login",
                "/v1/auth/token/revoke-self" => "revoke",
                path if path.starts_with("/v1/sys/internal/ui/mounts/") => "preflight",
                path if path.starts_with(&format!("/v1/{}/data/", article.kv_mount)) => "read",
                other => panic!("an unexpected request: {other}"),
            };
            *counts.entry(kind).or_insert(0) += 1;
        }
        counts
    }
}

#[test]
fn a_cold_get_makes_no_request_more_than_needed() {
    let article = servers().article();
    let relay = Relay::start();
    let run = article.on_kongs_instance().env("VAULT_ADDR", &relay.url);
    let before = servers().aws_requests(&article.account).len();
    let ended = run.run(&["get", &article.secret_path, "-f", "value"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let expected = BTreeMap::from([
        ("health", 1),
        ("login", 1),
        ("preflight", 1),
        ("read", 1),
        ("revoke", 1),
    ]);
    assert_eq!(relay.counts(&article), expected);
    // What else the front saw is Vault replaying the signed request, twice.
    let actions: Vec<String> = servers()
        .aws_requests(&article.account)
        .iter()
        .skip(before)
        .map(|request| {
            format!(
                "{} {}",
                request["action"].as_str().unwrap_or_default(),
                is_vaults(request)
            )
        })
        .collect();
    assert_eq!(
        actions,
        [
            "AssumeRole ours",
            "GetCallerIdentity vaults",
            "GetCallerIdentity vaults"
        ]
    );
}

/// Vault forwards with the user agent of Go's HTTP client.
fn is_vaults(request: &Value) -> &'static str {
    let agent = request["user_agent"].as_str().unwrap_or_default();
    if agent.starts_with("Go-http-client") {
        "vaults"
    } else {
        "ours"
    }
}

#[test]
fn a_get_with_mount_and_version_named_asks_for_nothing_else() {
    let article = servers().article();
    let relay = Relay::start();
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", &relay.url)
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    let path = article.secret_path.strip_prefix(&article.kv_mount).unwrap();
    let ended = run.run(&[
        "get",
        path,
        "--kv-mount",
        &article.kv_mount,
        "--kv-version",
        "2",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(relay.counts(&article), BTreeMap::from([("read", 1)]));
}

#[test]
fn a_get_with_a_token_makes_one_read_and_one_look_up() {
    let article = servers().article();
    let relay = Relay::start();
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", &relay.url)
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    let before = servers().aws_requests(&article.account).len();
    let paths = [
        article.secret_path.clone(),
        format!("{}@1", article.secret_path),
    ];
    let ended = run.run(&["get", &paths[0], &paths[1], "-o", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(
        relay.counts(&article),
        BTreeMap::from([("read", 2), ("preflight", 1)])
    );
    assert_eq!(servers().aws_requests(&article.account).len(), before);
}

#[test]
fn vaults_connection_is_open_before_sts_answers() {
    let article = servers().article();
    let relay = Relay::start();
    let rule = json!({ "match": { "account": article.account, "action": "AssumeRole" }, "do": { "delay_ms": 500 } });
    servers().control("POST", "rules", &rule);
    let run = article.on_kongs_instance().env("VAULT_ADDR", &relay.url);
    let ended = run.run(&["get", &article.secret_path, "-f", "value", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let document = ended.json();
    let steps = document["steps"].as_array().unwrap();
    let step = |id: &str| steps.iter().find(|step| step["id"] == id).unwrap();
    let number = |id: &str, name: &str| step(id)[name].as_f64().unwrap();
    let assumed_at = number("assume", "started_ms") + number("assume", "duration_ms");
    assert!(number("assume", "duration_ms") >= 500.0);
    assert!(
        number("vault", "started_ms") + number("vault", "duration_ms") < assumed_at,
        "{document}"
    );
    // By the clocks of the servers: the connection was there, and health was
    // answered over it, before STS's answer was out.
    let time = |entry: &Value| entry["time"].as_f64().unwrap();
    let sts = servers()
        .aws_requests(&article.account)
        .into_iter()
        .rfind(|request| request["action"] == "AssumeRole")
        .unwrap();
    let entries = relay.entries();
    let opened_at = entries
        .iter()
        .find(|entry| entry["event"] == "open")
        .map(time)
        .unwrap();
    let health = entries
        .iter()
        .find(|entry| entry["path"] == "/v1/sys/health")
        .unwrap();
    assert!(
        opened_at < time(&sts) && time(health) < time(&sts),
        "{health} {sts}"
    );
    // The login went over the connection that the health check had opened.
    let opened = |path: &str| {
        let entries = relay.entries();
        let request = entries.iter().find(|entry| {
            entry["path"]
                .as_str()
                .is_some_and(|found| found.ends_with(path))
        });
        request.unwrap_or_else(|| panic!("no request for {path}"))["opened"].clone()
    };
    assert_eq!(opened("/sys/health"), opened("/login"));
}

#[test]
fn throttling_is_waited_out_and_told() {
    let article = servers().article();
    let rule = json!({ "match": { "account": article.account, "action": "AssumeRole" }, "times": 1, "do": { "answer": "throttling" } });
    servers().control("POST", "rules", &rule);
    let ended =
        article
            .on_kongs_instance()
            .run(&["login", "--explain", "--no-store", "-o", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let document = ended.json();
    let assume = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["id"] == "assume")
        .cloned()
        .unwrap();
    assert_eq!(assume["retries"].as_array().unwrap().len(), 1, "{assume}");
    assert!(
        ended.stderr.contains("tried again after"),
        "{}",
        ended.stderr
    );
}

/// Passes connections on to Vault's TLS port, and counts them.
fn counting_tunnel() -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::Ordering;

    let target = servers()
        .get("VAULTIAM_VAULT_TLS")
        .trim_start_matches("https://")
        .to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&count);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            let client = client.unwrap();
            let vault = TcpStream::connect(&target).unwrap();
            let ways = [
                (client.try_clone().unwrap(), vault.try_clone().unwrap()),
                (vault, client),
            ];
            for (mut from, mut to) in ways {
                std::thread::spawn(move || {
                    // Either end may hang up at any time.
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    (address, count)
}

#[test]
fn many_secrets_over_tls_share_the_connections_of_the_first_two() {
    let article = servers().article();
    let (address, connections) = counting_tunnel();
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", address)
        .env("VAULT_CACERT", servers().get("VAULTIAM_VAULT_CA"))
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    let path = article.secret_path.as_str();
    let many = vec![path; 60];
    let ended = run.run(&[&["get", "-o", "json"], many.as_slice()].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(ended.json()["secrets"].as_array().unwrap().len(), 60);
    let opened = connections.load(std::sync::atomic::Ordering::Relaxed);
    assert!((1..=2).contains(&opened), "{opened} connections");
}

#[test]
fn several_paths_that_fail_are_looked_into_at_once() {
    let article = servers().article();
    let mount = &article.kv_mount;
    let relay = Relay::start();
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", &relay.url)
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    let denied: Vec<String> = (1..=5)
        .map(|number| format!("{mount}/other/{number}"))
        .collect();
    let mut words = vec![
        "get",
        "--explain",
        "--admin",
        "-o",
        "json",
        "nomount/kong/secret",
    ];
    words.extend(denied.iter().map(String::as_str));
    let ended = run.run(&words);
    let document = ended.json();
    let failed = document["failed"].as_array().unwrap();
    assert_eq!(failed.len(), 6, "{document:#}");
    // Each is explained with what its own path shows.
    assert_eq!(failed[0]["findings"][0]["code"], "VLT712");
    for (path, failure) in denied.iter().zip(&failed[1..]) {
        let finding = &failure["findings"][0];
        assert_eq!(
            (&finding["code"], &finding["confidence"]),
            (&json!("VLT702"), &json!("certain"))
        );
        let evidence = finding["evidence"].as_array().unwrap();
        let of_path = |fact: &&Value| fact["source"] == "sys/capabilities-self";
        let paths: Vec<&Value> = evidence
            .iter()
            .filter(of_path)
            .map(|fact| &fact["fact"])
            .collect();
        let api = path.replacen("/other/", "/data/other/", 1);
        assert_eq!(paths, [&json!(api), &json!(path)], "{finding:#}");
    }
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for entry in relay.entries() {
        let path = entry["path"].as_str().unwrap_or_default();
        let is_look = path.starts_with("/v1/sys/") || path.starts_with("/v1/auth/token/look");
        let is_of_read = path.contains("/internal/ui/") || path.ends_with("/health");
        if entry["event"] == "request" && is_look && !is_of_read {
            *asked.entry(path.to_owned()).or_default() += 1;
        }
    }
    let policy = format!("/v1/sys/policies/acl/kong-policy-{}", article.account);
    let once = |path: &str| (path.to_owned(), 1);
    // The login's own step asks about the token, too.
    let expected = BTreeMap::from([
        ("/v1/sys/capabilities-self".to_owned(), 2),
        once("/v1/auth/token/lookup-self"),
        once("/v1/sys/mounts"),
        once("/v1/sys/policies/acl/default"),
        once(&policy),
    ]);
    assert_eq!(asked, expected);
}
