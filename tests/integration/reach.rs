//! Vault out of reach: nobody there, no answer, the wrong thing, an unwell
//! Vault, an address that must not be used.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::refusals::{Attempt, Refusal};
use crate::servers::{Article, servers};

/// Something that listens, or does not, where Vault is expected.
pub(crate) fn stranger(kind: &str) -> String {
    let made = servers().control("POST", "strangers", &json!({ "kind": kind }));
    made["url"].as_str().unwrap().to_owned()
}

/// Kong's instance, which is told that Vault is at `address`.
pub(crate) fn with_vault_at(article: &Article, address: &str) -> Attempt {
    Attempt::on_kongs_instance(article).env("VAULT_ADDR", address)
}

/// Is refused at Vault's door; told to programs and to people, explained and not.
pub(crate) fn is_turned_away(
    attempt: &Attempt,
    words: &[&str],
    side: &'static str,
    code: &'static str,
) {
    let refusal: Refusal = ("vault", side, 8, code);
    attempt.is_refused(words, refusal);
    attempt.is_refused_in_words(&[&["--explain"], words].concat(), refusal);
}

#[test]
fn nobody_is_at_the_address() {
    let article = servers().article();
    let attempt = with_vault_at(&article, &stranger("closed"));
    is_turned_away(&attempt, &[], "network", "VLT502");
}

#[test]
fn the_name_does_not_resolve() {
    let article = servers().article();
    // The proxy would be asked to resolve it.
    let attempt = with_vault_at(&article, "https://vault.invalid:8200")
        .env("NO_PROXY", "127.0.0.1,vault.invalid");
    is_turned_away(&attempt, &[], "network", "VLT501");
}

#[test]
fn the_proxy_refuses_to_go_there() {
    let article = servers().article();
    let attempt = with_vault_at(&article, "https://vault.invalid:8200");
    is_turned_away(&attempt, &[], "network", "VLT518");
}

#[test]
fn sts_is_out_of_reach() {
    let article = servers().article();
    let attempt = Attempt::on_kongs_instance(&article).env("HTTPS_PROXY", &stranger("closed"));
    attempt.is_refused(&[], ("assume", "network", 8, "AWS215"));
    attempt.is_refused_in_words(&["--explain"], ("caller", "network", 8, "AWS215"));
}

#[test]
fn no_answer_comes_within_the_time_limit() {
    let article = servers().article();
    let silent = stranger("silent");
    for address in [silent.clone(), silent.replacen("http:", "https:", 1)] {
        let attempt = with_vault_at(&article, &address);
        let begun = Instant::now();
        is_turned_away(&attempt, &["--timeout", "1s"], "network", "VLT503");
        let elapsed = begun.elapsed();
        assert!(elapsed >= Duration::from_secs(2), "two runs: {elapsed:?}");
        assert!(elapsed < Duration::from_secs(20), "{elapsed:?}");
    }
}

/// Something before a Vault that is well: what it does to some of the requests.
fn before_vault(path: &str, what: &Value) -> String {
    let rules = json!([{ "match": { "path": path }, "do": what }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    relay["url"].as_str().unwrap().to_owned()
}

/// What the first finding says and has one do.
fn said(document: &Value) -> String {
    let finding = &document["findings"][0];
    format!(
        "{} {} {}",
        finding["cause"], finding["evidence"], finding["remedies"]
    )
}

#[test]
fn a_redirect_to_a_node_that_is_not_there_is_told_with_its_address() {
    let article = servers().article();
    let dead = stranger("closed");
    for (target, more) in [
        (dead.as_str(), &[][..]),
        ("http://vault-0.invalid:8200", &["--allow-http"]),
        (&stranger("html"), &[]),
    ] {
        let headers = json!({ "location": format!("{target}/v1/auth/x/login") });
        let reply = json!({ "status": 307, "headers": headers, "body": "" });
        let address = before_vault(".*/login", &json!({ "reply": reply }));
        let attempt = with_vault_at(&article, &address).env("NO_PROXY", "127.0.0.1,.invalid");
        let ended = attempt
            .vaultiam()
            .run(&[&["login", "-o", "json"], more].concat());
        assert_eq!(
            (ended.code, ended.finding().as_str()),
            (8, "VLT513"),
            "{}",
            ended.stdout
        );
        let said = said(&ended.json());
        assert!(said.contains(target) && said.contains("api_addr"), "{said}");
        assert!(said.contains(&format!("{address}/v1/sys/leader")), "{said}");
        assert!(!said.contains("VAULT_ADDR"), "{said}");
    }
}

#[test]
fn a_login_that_hangs_after_vaults_health_is_no_firewall() {
    let article = servers().article();
    let address = before_vault(".*/login", &json!({ "stall": true }));
    let attempt = with_vault_at(&article, &address);
    let words = ["--timeout", "2s"];
    let document = attempt.is_refused(&words, ("login", "network", 8, "VLT503"));
    let said = said(&document);
    assert!(said.contains("--timeout 100s"), "{said}");
    assert!(!said.contains("firewall"), "{said}");
    let alternatives = &document["findings"][0]["alternatives"];
    assert_eq!(*alternatives, json!(["VLT620", "VLT519"]));
}

#[test]
fn what_answers_in_vaults_place_is_not_taken_for_a_wrong_address() {
    let article = servers().article();
    let html = json!({ "content-type": "text/html" });
    let json_form = json!({ "content-type": "application/json" });
    let page = "<html><body>Gateway</body></html>";
    let forbidden = r#"{"message":"Forbidden"}"#;
    let cases = [
        (504, &html, page, "VLT503"),
        (502, &html, page, "VLT519"),
        (503, &html, page, "VLT519"),
        (403, &html, page, "VLT510"),
        (403, &json_form, forbidden, "VLT510"),
    ];
    for (status, headers, body, code) in cases {
        let reply = json!({ "status": status, "headers": headers, "body": body });
        let address = before_vault(".*/login", &json!({ "reply": reply }));
        let attempt = with_vault_at(&article, &address).env("VAULT_MAX_RETRIES", "0");
        for words in [&[][..], &["--explain"]] {
            let document = attempt.is_refused(words, ("login", "vault", 8, code));
            assert_eq!(document["findings"][0]["confidence"], "likely", "{status}");
            let said = said(&document);
            assert!(!said.contains("check VAULT_ADDR"), "{status} {said}");
        }
    }
    // Where no Vault was seen, it may be that none is there.
    let reply = json!({ "status": 503, "headers": html, "body": page });
    let address = before_vault(".*", &json!({ "reply": reply }));
    let document =
        with_vault_at(&article, &address).is_refused(&[], ("vault", "vault", 8, "VLT510"));
    assert_eq!(document["findings"][0]["confidence"], "likely");
}

#[test]
fn a_listener_that_takes_the_requests_of_a_load_balancer_alone_is_known_by_its_words() {
    let article = servers().article();
    let listener = servers().get("VAULTIAM_VAULT_BALANCED");
    let attempt = with_vault_at(&article, listener);
    is_turned_away(&attempt, &[], "vault", "VLT523");
    // Whatever is asked of it, and before Vault looks at it.
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", listener)
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    let path = article.secret_path.as_str();
    let put = ["put", path, "value=new", "-o", "json"];
    for words in [
        &["get", path, "-o", "json"][..],
        &put,
        &["setup", "--plan", "-o", "json"],
    ] {
        let ended = run.run(words);
        assert_eq!(
            (ended.code, ended.finding().as_str()),
            (8, "VLT523"),
            "{}",
            ended.stdout
        );
    }
    let (status, secret) = servers().vault(
        "GET",
        &format!("{}/data/kong/db-password", article.kv_mount),
        &Value::Null,
    );
    assert_eq!(status, 200, "{secret}");
    assert_eq!(
        secret["data"]["data"]["value"],
        article.secret_value.as_str()
    );
    // What a load balancer's header spoils is the same listener's trouble.
    for words in [
        "client address not authorized for x-forwarded-for and configured to reject connection",
        "malformed x-forwarded-for configuration or request, hops to skip (3) would skip before earliest chain link (chain length 1)",
        "malformed x-forwarded-for IP address bogus",
    ] {
        let headers = json!({ "content-type": "application/json" });
        let body = json!({ "errors": [words] }).to_string();
        let reply = json!({ "status": 400, "headers": headers, "body": body });
        let rules = json!([{ "match": {}, "do": { "reply": reply } }]);
        let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
        let attempt = with_vault_at(&article, relay["url"].as_str().unwrap());
        attempt.is_refused(&[], ("vault", "vault", 8, "VLT523"));
    }
}

#[test]
fn something_else_answers() {
    let article = servers().article();
    let cases = [
        ("html", "vault", "VLT510"),
        ("json", "vault", "VLT510"),
        ("garbage", "network", "VLT510"),
        ("hangup", "network", "VLT510"),
        ("redirect", "vault", "VLT517"),
    ];
    for (kind, side, code) in cases {
        is_turned_away(&with_vault_at(&article, &stranger(kind)), &[], side, code);
    }
}

#[test]
fn vault_is_sealed_or_not_initialised() {
    let article = servers().article();
    for (state, code) in [("sealed", "VLT511"), ("uninitialised", "VLT512")] {
        let made = servers().control("POST", "vaults", &json!({ "state": state }));
        let attempt = with_vault_at(&article, made["address"].as_str().unwrap());
        is_turned_away(&attempt, &[], "vault", code);
        let path = format!("vaults/{}", made["id"].as_str().unwrap());
        servers().control("DELETE", &path, &Value::Null);
    }
}

#[test]
fn an_unreachable_vault_outweighs_a_refusal_of_aws() {
    let article = servers().article();
    let attempt = Attempt::as_operator(&article).env("VAULT_ADDR", &stranger("closed"));
    for words in [&[][..], &["--explain"]] {
        let document = attempt.is_refused(words, ("vault", "network", 8, "VLT502"));
        let steps = document["steps"].as_array().unwrap();
        let failed: Vec<&Value> = steps
            .iter()
            .filter(|step| step["outcome"] == "failed")
            .map(|step| &step["id"])
            .collect();
        assert!(failed.contains(&&json!("assume")), "{failed:?}");
    }
}

/// How many requests the front was asked to pass on to `path`: a URL, or host
/// and port of a tunnel.
pub(crate) fn requests_through_the_proxy(path: &str) -> usize {
    let query = format!("log/front?path={path}");
    let log = servers().control("GET", &query, &Value::Null);
    log["entries"].as_array().unwrap().len()
}

#[test]
fn a_login_is_never_sent_over_plain_http_to_another_machine() {
    let servers = servers();
    let article = servers.article();
    let before = servers.aws_requests(&article.account).len();
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", "http://vault.invalid:8200")
        .env("VAULT_PROXY_ADDR", servers.get("HTTPS_PROXY"));
    let attempt = Attempt::new(run, &[]);
    let refusal = ("vault", "local", 2, "SEC004");
    attempt.is_refused(&[], refusal);
    attempt.is_refused_in_words(&["--explain"], refusal);
    assert_eq!(servers.aws_requests(&article.account).len(), before);
    let metadata = format!("imds/{}/log", article.metadata_id);
    let metadata = servers.control("GET", &metadata, &Value::Null);
    assert_eq!(metadata["entries"], json!([]));
    let path = "http://vault.invalid:8200/v1/sys/health";
    assert_eq!(requests_through_the_proxy(path), 0);
    // Who insists is let: the proxy sees the request, and refuses it.
    attempt.is_refused(&["--allow-http"], ("vault", "vault", 8, "VLT510"));
    assert_eq!(requests_through_the_proxy(path), 1);
}

#[test]
fn an_address_of_the_wrong_form_is_refused_here() {
    let servers = servers();
    let article = servers.article();
    let before = servers.aws_requests(&article.account).len();
    for address in [
        "vault",
        "127.0.0.1:8200",
        "ftp://vault.invalid",
        "https://a?b=c",
        "https://a/v1",
        "https://a:8200/ui/",
    ] {
        let run = article.on_kongs_instance().env("VAULT_ADDR", address);
        is_turned_away(&Attempt::new(run, &[]), &[], "local", "VLT520");
    }
    assert_eq!(servers.aws_requests(&article.account).len(), before);
}
