//! Canary secrets through every command at full verbosity: none may be seen,
//! in no encoding, except where it was asked for.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::servers::servers;
use crate::vaultiam::Ended;

/// A secret and where it may be seen.
pub(crate) struct Canary {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

/// Every form in which a value could stand in an output.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![
        value.to_owned(),
        utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
        Value::from(value).to_string().trim_matches('"').to_owned(),
    ];
    for offset in 0..3 {
        for engine in [&STANDARD, &URL_SAFE] {
            let encoded = engine.encode([&vec![b'x'; offset], value.as_bytes()].concat());
            // What neighbours share is cut off at both ends.
            let first = (offset * 8).div_ceil(6);
            let last = (offset + value.len()) * 8 / 6;
            forms.push(encoded[first..last].to_owned());
        }
    }
    forms
}

pub(crate) fn assert_unseen(canaries: &[Canary], place: &str, text: &str) {
    for canary in canaries {
        for form in forms(&canary.value) {
            assert!(
                !text.contains(&form),
                "{} is seen in {place}:\n{text}",
                canary.name
            );
        }
    }
}

fn assert_unseen_in(canaries: &[Canary], what: &str, ended: &Ended) {
    // The token that Vault issued meanwhile is known by its beginning.
    assert!(
        !ended.stdout.contains("hvs.") && !ended.stderr.contains("hvs."),
        "{what}"
    );
    assert_unseen(canaries, &format!("stdout of {what}"), &ended.stdout);
    assert_unseen(canaries, &format!("stderr of {what}"), &ended.stderr);
}

#[test]
fn the_search_itself_finds_each_form() {
    let canary = "Canary+/Value=1";
    for form in forms(canary) {
        let text = format!("before {form} after");
        let found = std::panic::catch_unwind(|| {
            assert_unseen(
                &[Canary {
                    name: "test",
                    value: canary.to_owned(),
                }],
                "text",
                &text,
            );
        });
        assert!(found.is_err(), "{form}");
    }
}

#[test]
fn no_secret_is_seen_in_any_output() {
    let article = servers().article();
    let (key, secret, session) = article.kong_keys();
    let canaries = vec![
        Canary {
            name: "secret key",
            value: secret.clone(),
        },
        Canary {
            name: "session token",
            value: session.clone(),
        },
        Canary {
            name: "secret value",
            value: article.secret_value.clone(),
        },
        Canary {
            name: "admin token",
            value: servers().get("VAULT_TOKEN").to_owned(),
        },
    ];
    let run = || {
        article
            .on_kongs_instance()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ACCESS_KEY_ID", &key)
            .env("AWS_SECRET_ACCESS_KEY", &secret)
            .env("AWS_SESSION_TOKEN", &session)
    };
    let path = article.secret_path.as_str();
    let commands: [&[&str]; 10] = [
        &["login", "--explain", "-v", "--no-store"],
        &["login", "--explain", "-v", "--no-store", "-o", "json"],
        &["login", "--explain", "-v", "--role", "nope", "-o", "json"],
        &["login", "--explain", "-v", "--no-assume"],
        &[
            "login",
            "--explain",
            "-v",
            "--no-store",
            "--external-id",
            "canary-id",
        ],
        &[
            "login",
            "--explain",
            "-v",
            "--address",
            "https://127.0.0.1:1",
        ],
        &["get", "--explain", "-v", "kv/none", "-o", "json"],
        &["get", "-v", &format!("{path}#nope"), "-o", "json"],
        &["get", "-q", &format!("{path}@9")],
        &["kong", "render", "-v", "--topology", "direct"],
    ];
    for words in commands {
        assert_unseen_in(&canaries, &words.join(" "), &run().run(words));
    }
    let admin = run().env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    for words in [
        ["get", "-v", "kv/none/x", "-o"],
        ["get", "-v", &format!("{path}#nope"), "-o"],
    ] {
        let mut words = words.to_vec();
        words.push("json");
        assert_unseen_in(&canaries, &words.join(" "), &admin.run(&words));
    }
    for form in ["human", "json", "junit", "sarif", "prometheus"] {
        let words = ["check", "--admin", "-v", path, "-o", form];
        assert_unseen_in(&canaries, &words.join(" "), &admin.run(&words));
        let words = ["check", "-v", path, "-o", form];
        assert_unseen_in(&canaries, &words.join(" "), &run().run(&words));
    }
    // The trace that support is sent.
    let recorded = run();
    let file = recorded.home().join("trace.json");
    let name = file.display().to_string();
    let with_admin = ["--admin", "--record", &name];
    let value = format!("value={}", article.secret_value);
    let runs: [&[&str]; 6] = [
        &["login", "--explain", "--no-store", "--role", "nope"],
        &["login", "--explain", "--no-store"],
        &["get", "--explain", path],
        &["get", "--explain", path, "kv/none", &format!("{path}#nope")],
        &["put", "--explain", "--token-source", "aws", path, &value],
        &["put", "--explain", path, &value, "--cas", "99"],
    ];
    for words in runs {
        recorded.run(&[words, &["--record", &name]].concat());
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("vaultiam/v1/trace"), "{text}");
        assert_unseen(&canaries, "the recorded trace", &text);
        assert!(!text.contains("hvs."), "{words:?}\n{text}");
        // The admin's token is used for the looks.
        let run = run().env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
        run.run(&[words, &with_admin].concat());
        let text = std::fs::read_to_string(&file).unwrap();
        assert_unseen(&canaries, "the recorded trace", &text);
        assert!(!text.contains("hvs."), "{words:?}\n{text}");
    }
}

#[test]
fn a_token_is_shown_only_where_it_was_asked_for() {
    let article = servers().article();
    let run = article.on_kongs_instance();
    let only = run.run(&["login", "--token-only", "--explain", "-v"]);
    assert_eq!(only.code, 0, "{}", only.stderr);
    let token = only.stdout.clone();
    assert!(
        token.starts_with("hvs.") && !token.contains('\n'),
        "{token}"
    );
    assert_unseen(
        &[Canary {
            name: "token",
            value: token,
        }],
        "stderr",
        &only.stderr,
    );
    assert!(!run.home().join(".vault-token").exists());
    let stored = run.run(&["login", "--explain", "-v", "-o", "json"]);
    let token = std::fs::read_to_string(run.home().join(".vault-token")).unwrap();
    assert_unseen_in(
        &[Canary {
            name: "token",
            value: token,
        }],
        "login",
        &stored,
    );
    let shown = run.run(&["login", "--show-token", "-o", "json", "--force"]);
    assert!(
        shown.json()["token"]["client_token"]
            .as_str()
            .is_some_and(|token| token.starts_with("hvs."))
    );
}

/// A stand-in for Vault releases of long ago, which put a login body that they
/// could not read into their error: no server of today does that. Returns its
/// address, and the body once it came.
fn echoing_vault() -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let request = http_request(&mut stream);
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            let (status, answer) = if head.contains("/sys/health") {
                (
                    200,
                    json!({ "initialized": true, "sealed": false, "version": "1.3.0" }).to_string(),
                )
            } else {
                sender.send(body.to_owned()).unwrap();
                (
                    400,
                    json!({ "errors": [format!("error converting input {body} for field"), head] })
                        .to_string(),
                )
            };
            let length = answer.len();
            let text = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
            );
            stream.write_all(text.as_bytes()).unwrap();
        }
    });
    (address, receiver)
}

/// Reads one request with its body.
fn http_request(stream: &mut std::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length:")
                        .map(|length| length.trim().parse().unwrap())
                })
                .unwrap_or(0);
            if body.len() >= length || count == 0 {
                return text;
            }
        }
    }
}

#[test]
fn the_login_body_and_its_parts_are_masked_even_when_vault_echoes_them() {
    let article = servers().article();
    for words in [
        &["login", "--explain", "-v"][..],
        &["login", "-o", "json"],
        &["login", "--record", "trace.json"],
    ] {
        let (address, bodies) = echoing_vault();
        let run = article.on_kongs_instance().env("VAULT_ADDR", address);
        let ended = run.run(words);
        let body = bodies.recv().unwrap();
        let parsed: Value = serde_json::from_str(&body).unwrap();
        let encoded = parsed["iam_request_headers"].as_str().unwrap().to_owned();
        let headers = String::from_utf8(STANDARD.decode(&encoded).unwrap()).unwrap();
        let parsed: Value = serde_json::from_str(&headers).unwrap();
        let header = |name: &str| parsed[name][0].as_str().unwrap().to_owned();
        let authorization = header("Authorization");
        let signature = authorization
            .rsplit_once("Signature=")
            .unwrap()
            .1
            .to_owned();
        let canaries = [
            Canary {
                name: "header map",
                value: encoded,
            },
            Canary {
                name: "headers",
                value: headers,
            },
            Canary {
                name: "authorization",
                value: authorization,
            },
            Canary {
                name: "signature",
                value: signature,
            },
            Canary {
                name: "session token",
                value: header("X-Amz-Security-Token"),
            },
        ];
        assert_eq!(ended.code, 5, "{}", ended.stderr);
        assert_unseen_in(&canaries, &words.join(" "), &ended);
        let recorded = std::fs::read_to_string(run.home().join("trace.json")).unwrap_or_default();
        assert_unseen(&canaries, "the recorded trace", &recorded);
    }
}

#[test]
fn what_a_service_echoes_is_masked() {
    let article = servers().article();
    let (key, secret, session) = article.kong_keys();
    // STS echoes a credential that it cannot take apart, and Vault its input.
    let echo = format!("got '{secret}/20260101/us-east-1/sts/aws4_request' and {session}");
    let rule = json!({
        "match": { "account": article.account, "action": "AssumeRole" },
        "do": { "error": { "status": 400, "code": "IncompleteSignature", "message": echo } },
    });
    servers().control("POST", "rules", &rule);
    let canaries = [
        Canary {
            name: "secret key",
            value: secret.clone(),
        },
        Canary {
            name: "session token",
            value: session.clone(),
        },
    ];
    let run = article
        .on_kongs_instance()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", &key)
        .env("AWS_SECRET_ACCESS_KEY", &secret)
        .env("AWS_SESSION_TOKEN", &session);
    for words in [
        &["login", "--explain", "-v"][..],
        &["login", "-o", "json"],
        &["login", "-q"],
    ] {
        let ended = run.run(words);
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        assert_unseen_in(&canaries, &words.join(" "), &ended);
        assert!(
            ended.stdout.contains("[redacted]")
                || ended.stderr.contains("[redacted]")
                || words.contains(&"-q")
        );
    }
}
