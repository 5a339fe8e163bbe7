//! What many logins leave in the lab.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::up::Up;
use super::{Asked, Keys, exchange};

const LOGINS: usize = 10_000;
/// Until then it may grow: buffers, connections, what is made once.
const FIRST: usize = 2_000;
/// Kong keeps a session for as long as it lives.
const LOGINS_OF_A_SESSION: usize = 100;

/// Eight thousand tokens that were kept would be several times as much.
const GROWTH: u64 = 1024 * 1024;

impl Up {
    /// The keys of Kong's instance.
    fn kongs_keys(&self) -> Keys {
        let ask = |method: &str, path: &str, header: &str| {
            let host = self.metadata;
            let text = format!(
                "{method} /latest/{path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\nConnection: close\r\n\r\n"
            );
            exchange(host, text.as_bytes()).fine().body
        };
        let lifetime = "X-aws-ec2-metadata-token-ttl-seconds: 60";
        let token = format!(
            "X-aws-ec2-metadata-token: {}",
            ask("PUT", "api/token", lifetime)
        );
        let path = "meta-data/iam/security-credentials/KongRole";
        let keys: Value = serde_json::from_str(&ask("GET", path, &token)).unwrap();
        let word = |name: &str| keys[name].as_str().unwrap().to_owned();
        Keys {
            access_key_id: word("AccessKeyId"),
            secret_access_key: word("SecretAccessKey"),
            session_token: Some(word("Token")),
        }
    }

    fn assume(&self, kong: &Keys) -> Keys {
        let role = format!("arn:aws:iam::{}:role/VaultRole", super::ACCOUNT);
        let parameters = [
            ("Action", "AssumeRole"),
            ("RoleArn", role.as_str()),
            ("RoleSessionName", "kong"),
            ("DurationSeconds", "900"),
        ];
        let asked = Asked::of(kong, "sts", "2011-06-15", &parameters);
        self.send(&asked).fine().keys()
    }
}

/// The body of a login: `GetCallerIdentity`, signed for STS.
fn login(session: &Keys) -> Value {
    let asked = Asked::who(session);
    let host = "sts.us-east-1.amazonaws.com";
    let headers: Map<String, Value> = asked
        .signature(host)
        .into_iter()
        .chain([
            ("Host".to_owned(), host.to_owned()),
            ("Content-Type".to_owned(), super::FORM.to_owned()),
        ])
        .map(|(name, value)| (name, json!([value])))
        .collect();
    json!({
        "role": "kong-role",
        "iam_http_request_method": "POST",
        "iam_request_url": STANDARD.encode(format!("https://{host}/")),
        "iam_request_body": STANDARD.encode(&asked.body),
        "iam_request_headers": STANDARD.encode(Value::Object(headers).to_string()),
    })
}

#[test]
fn ten_thousand_logins_leave_nothing_behind() {
    let lab = Up::start(&[]);
    let vault = ureq::Agent::new_with_defaults();
    let url = format!("http://{}/v1/auth", lab.vault);
    let kong = lab.kongs_keys();
    let mut session = lab.assume(&kong);
    let mut first = 0;
    for number in 0..LOGINS {
        if number == FIRST {
            first = lab.memory();
        }
        if number % LOGINS_OF_A_SESSION == 0 {
            session = lab.assume(&kong);
        }
        let answer = vault
            .post(format!("{url}/aws/login"))
            .send_json(login(&session));
        let granted: Value = answer.unwrap().body_mut().read_json().unwrap();
        let token = granted["auth"]["client_token"].as_str().unwrap();
        let revoked = vault
            .post(format!("{url}/token/revoke-self"))
            .header("X-Vault-Token", token)
            .send_empty();
        assert_eq!(revoked.unwrap().status(), 204);
    }
    let last = lab.memory();
    assert!(
        last < first + GROWTH,
        "it grew from {first} to {last} bytes"
    );
    lab.assert_unharmed();
}
