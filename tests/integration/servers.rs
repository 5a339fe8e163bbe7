//! The real servers: one instance for all tests, an AWS account with its own
//! mounts for each, or an account and a Vault of its own. The lab can stand in
//! their place.

mod lab;
mod nothing;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::vaultiam::Vaultiam;

use lab::Lab;
pub(crate) use nothing::{Keys, Nothing, Software};

/// The servers that this test run started.
pub(crate) struct Servers {
    variables: BTreeMap<String, String>,
    lab: Option<Lab>,
}

/// The article's state in an account of its own.
pub(crate) struct Article {
    pub(crate) account: String,
    pub(crate) auth_mount: String,
    pub(crate) kv_mount: String,
    pub(crate) secret_path: String,
    pub(crate) secret_value: String,
    pub(crate) metadata_id: String,
    pub(crate) kong_role_arn: String,
    pub(crate) login_role_arn: String,
    /// Key id and secret key of an administrator of the account.
    pub(crate) operator: (String, String),
    metadata_endpoint: String,
}

/// Starts the servers, once. They end with this process.
pub(crate) fn servers() -> &'static Servers {
    static SERVERS: OnceLock<Servers> = OnceLock::new();
    SERVERS.get_or_init(|| {
        let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers"))
            .args(["up", "--json", "--owner", &std::process::id().to_string()])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut variables: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        let lab = lab::is_wanted().then(Lab::start);
        if let Some(lab) = &lab {
            let shared = lab.shared();
            variables.insert("VAULT_ADDR".to_owned(), shared.address());
            variables.insert("VAULT_TOKEN".to_owned(), shared.token.clone());
        }
        Servers { variables, lab }
    })
}

impl Servers {
    /// A variable of `tests/servers up`.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.variables
            .get(name)
            .map_or_else(|| panic!("{name} is not exported"), String::as_str)
    }

    /// The variables by which a program in an account finds AWS.
    pub(crate) fn ways_to_aws(&self, account: &str) -> BTreeMap<&str, String> {
        if let Some(lab) = &self.lab {
            // The real command wants a region beside the address of an endpoint.
            let region = ("AWS_DEFAULT_REGION", "us-east-1".to_owned());
            return [("AWS_ENDPOINT_URL", lab.aws_url(account)), region].into();
        }
        ["AWS_CA_BUNDLE", "HTTPS_PROXY", "NO_PROXY"]
            .into_iter()
            .map(|name| (name, self.get(name).to_owned()))
            .collect()
    }

    /// Calls the control API.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}/{path}", self.get("VAULTIAM_CONTROL"));
        let mut body = body.clone();
        if self.lab.is_some() && path == "relays" && body["target"].is_null() {
            body["target"] = json!(self.get("VAULT_ADDR"));
        }
        request(method, &url, &[], &body).1
    }

    /// Calls Vault with the admin's token.
    pub(crate) fn vault(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/v1/{path}", self.get("VAULT_ADDR"));
        request(
            method,
            &url,
            &[("X-Vault-Token", self.get("VAULT_TOKEN"))],
            body,
        )
    }

    /// Puts the article's state into an account that no other test uses.
    pub(crate) fn article(&self) -> Article {
        let account = new_account();
        if let Some(lab) = &self.lab {
            return lab.article(&account);
        }
        let made = self.control("POST", "article", &json!({ "account": account }));
        let word = |value: &Value| {
            value
                .as_str()
                .unwrap_or_else(|| panic!("{made}"))
                .to_owned()
        };
        Article {
            auth_mount: word(&made["auth_mount"]),
            kv_mount: word(&made["kv_mount"]),
            secret_path: word(&made["secret"]["path"]),
            secret_value: word(&made["secret"]["value"]),
            metadata_id: word(&made["imds"]["id"]),
            metadata_endpoint: word(&made["imds"]["endpoint"]),
            kong_role_arn: word(&made["kong_role_arn"]),
            login_role_arn: word(&made["login_role_arn"]),
            operator: (
                word(&made["operator"]["access_key_id"]),
                word(&made["operator"]["secret_access_key"]),
            ),
            account,
        }
    }

    /// The requests that AWS's front saw from an account.
    pub(crate) fn aws_requests(&self, account: &str) -> Vec<Value> {
        if let Some(lab) = &self.lab {
            return lab.aws_requests(account);
        }
        let log = self.control("GET", &format!("log/front?account={account}"), &Value::Null);
        log["entries"].as_array().cloned().unwrap_or_default()
    }

    /// The accessors of all living tokens.
    pub(crate) fn accessors(&self) -> Vec<String> {
        let (_, answer) = self.vault("LIST", "auth/token/accessors", &Value::Null);
        let mut all: Vec<String> = serde_json::from_value(answer["data"]["keys"].clone()).unwrap();
        all.sort();
        all
    }
}

impl Article {
    /// The program on Kong's instance: no key, no token, the instance profile.
    pub(crate) fn on_kongs_instance(&self) -> Vaultiam {
        let servers = servers();
        let mut run = Vaultiam::bare().without("AWS_EC2_METADATA_DISABLED");
        for (name, value) in servers.ways_to_aws(&self.account) {
            run = run.env(name, value);
        }
        run.env("VAULT_ADDR", servers.get("VAULT_ADDR"))
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &self.metadata_endpoint)
            .env("VAULTIAM_AUTH_MOUNT", &self.auth_mount)
    }

    /// The program with an administrator's keys, which no trust policy names.
    pub(crate) fn as_operator(&self) -> Vaultiam {
        self.on_kongs_instance()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ACCESS_KEY_ID", &self.operator.0)
            .env("AWS_SECRET_ACCESS_KEY", &self.operator.1)
    }

    /// Where Kong's instance asks for its credentials.
    pub(crate) fn metadata_endpoint(&self) -> &str {
        &self.metadata_endpoint
    }

    /// Temporary keys of KongRole, as the instance has them.
    pub(crate) fn kong_keys(&self) -> (String, String, String) {
        let token_url = format!("{}/latest/api/token", self.metadata_endpoint);
        let token = ureq::put(&token_url)
            .header("x-aws-ec2-metadata-token-ttl-seconds", "60")
            .send_empty()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        let ask = |path: &str| {
            ureq::get(format!(
                "{}/latest/meta-data/iam/security-credentials/{path}",
                self.metadata_endpoint
            ))
            .header("x-aws-ec2-metadata-token", &token)
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap()
        };
        let keys: Value = serde_json::from_str(&ask(ask("").trim())).unwrap();
        let word = |name: &str| keys[name].as_str().unwrap().to_owned();
        (word("AccessKeyId"), word("SecretAccessKey"), word("Token"))
    }
}

/// An account that no other test uses.
pub(crate) fn new_account() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("5{:011}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Sends JSON and reads JSON; any status is an answer.
pub(crate) fn request(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .allow_non_standard_methods(true)
        .build()
        .into();
    let mut builder = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let text = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let request = builder
        .header("content-type", "application/json")
        .body(text)
        .unwrap();
    let mut response = agent.run(request).unwrap();
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}
