//! Logins, and what is wrong with them.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use vaultiam::aws::sign::{Scope, sign_for_vault};

use super::sides::Sent;

/// Keys by the names under which the tables use them.
pub(super) type Keys = BTreeMap<String, Credentials>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// Whose keys sign it.
    r#as: String,
    role: Option<String>,
    #[serde(default = "aws")]
    mount: String,
    #[serde(default = "region")]
    region: String,
    #[serde(default = "url")]
    url: String,
    server_id: Option<String>,
    /// When it is signed, in seconds from now.
    #[serde(default)]
    at: i64,
    /// Fields as they are sent; null leaves one out.
    #[serde(default)]
    set: Map<String, Value>,
    /// Headers that are added after the signing; null takes one away.
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    form: Form,
    token: Option<String>,
}

/// How the headers are sent.
#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Form {
    #[default]
    Base64,
    Object,
    Text,
}

fn aws() -> String {
    "aws".to_owned()
}

fn region() -> String {
    "us-east-1".to_owned()
}

fn url() -> String {
    "https://sts.amazonaws.com/".to_owned()
}

impl Login {
    pub(super) fn sent(&self, keys: &Keys) -> Sent {
        let scope = Scope {
            region: self.region.clone(),
            url: self.url.clone(),
        };
        let distance = Duration::from_secs(self.at.unsigned_abs());
        let time = if self.at < 0 {
            SystemTime::now() - distance
        } else {
            SystemTime::now() + distance
        };
        let keys = &keys[&self.r#as];
        let server_id = self.server_id.as_deref();
        let signed = sign_for_vault(&scope, keys, server_id, time).unwrap();
        let mut headers = Map::new();
        for (name, value) in &signed.headers {
            headers.insert(name.clone(), json!([value.expose_secret()]));
        }
        change(&mut headers, &self.headers);
        let headers = match self.form {
            Form::Base64 => json!(STANDARD.encode(Value::Object(headers).to_string())),
            Form::Object => Value::Object(headers),
            Form::Text => json!(Value::Object(headers).to_string()),
        };
        let mut body = Map::from_iter([
            ("iam_http_request_method".to_owned(), json!(signed.method)),
            (
                "iam_request_url".to_owned(),
                json!(STANDARD.encode(&signed.url)),
            ),
            (
                "iam_request_body".to_owned(),
                json!(STANDARD.encode(signed.body)),
            ),
            ("iam_request_headers".to_owned(), headers),
        ]);
        if let Some(role) = &self.role {
            body.insert("role".to_owned(), json!(role));
        }
        change(&mut body, &self.set);
        let token = self.token.iter();
        Sent {
            method: "POST".to_owned(),
            target: format!("/v1/auth/{}/login", self.mount),
            headers: token
                .map(|token| ("X-Vault-Token".to_owned(), token.clone()))
                .collect(),
            body: Value::Object(body).to_string().into_bytes(),
        }
    }

    /// As a difference names it.
    pub(super) fn label(&self) -> String {
        let role = self.role.as_deref().unwrap_or("none");
        let set = Value::Object(self.set.clone());
        let headers = Value::Object(self.headers.clone());
        format!(
            "login as {} role {role} region {} url {} set {set} headers {headers}",
            self.r#as, self.region, self.url
        )
    }
}

fn change(entries: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, value) in changes {
        match value {
            Value::Null => entries.remove(name),
            Value::String(word) if word == "<null>" => entries.insert(name.clone(), Value::Null),
            value => entries.insert(name.clone(), value.clone()),
        };
    }
}
