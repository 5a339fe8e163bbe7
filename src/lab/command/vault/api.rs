//! Requests to Vault, and what is said where it refuses.

use std::path::Path;

use reqwest::{Client, Method};
use serde_json::Value;
use url::Url;

use crate::lab::command::{Refused, address, client, exchange};
use crate::settings::Environment;

/// Where Vault is, and with whose token it is asked.
pub(super) struct Vault {
    client: Client,
    base: Url,
    headers: Vec<(&'static str, String)>,
}

/// The token of the variable, or that which a login stored.
fn token(environment: &Environment) -> Option<String> {
    if let Some(token) = environment.get("VAULT_TOKEN") {
        return Some(token.to_owned());
    }
    let file = Path::new(environment.get("HOME")?).join(".vault-token");
    let text = std::fs::read_to_string(file).ok()?;
    Some(text.trim().to_owned()).filter(|token| !token.is_empty())
}

impl Vault {
    pub(super) fn of(environment: &Environment) -> Result<Self, Refused> {
        let namespace = environment.get("VAULT_NAMESPACE").map(str::to_owned);
        let headers = [
            ("X-Vault-Token", token(environment)),
            ("X-Vault-Namespace", namespace),
        ];
        let headers = headers.into_iter();
        let headers = headers.filter_map(|(header, value)| Some((header, value?)));
        Ok(Vault {
            client: client()?,
            base: address(environment, "VAULT_ADDR")?,
            headers: headers.collect(),
        })
    }

    /// Reads; what is not there is `None`.
    pub(super) async fn get(&self, path: &str) -> Result<Option<Value>, Refused> {
        self.send(Method::GET, path, None).await
    }

    /// Writes, and returns what Vault answered, if it did.
    pub(super) async fn write(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        let reply = self.send(Method::PUT, path, Some(body)).await?;
        Ok(reply.unwrap_or_default())
    }

    pub(super) async fn delete(&self, path: &str) -> Result<(), Refused> {
        self.send(Method::DELETE, path, None).await.map(drop)
    }

    /// Sends a request. To a GET an answer with 404 is none, unless it has data, as
    /// that of a deleted version, or words.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Option<Value>, Refused> {
        let url = format!("{}v1/{}", self.base, path.trim_start_matches('/'));
        let mut request = self.client.request(method.clone(), &url);
        request = request.header("X-Vault-Request", "true");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let reply = exchange(request).await?;
        let answer: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        match reply.status {
            ..300 => return Ok(Some(answer)),
            404 if !answer["data"].is_null() => return Ok(Some(answer)),
            404 if errors.is_empty() && method == Method::GET => return Ok(None),
            _ => {}
        }
        let doing = match method {
            Method::GET => "reading",
            Method::DELETE => "deleting",
            _ => "writing data to",
        };
        let errors = errors.iter().filter_map(Value::as_str);
        let errors: String = errors.map(|words| format!("\n* {words}")).collect();
        Err(Refused::new(
            2,
            format!(
                "Error {doing} {path}: Error making API request.\n\nURL: {method} {url}\nCode: {}. Errors:\n{errors}",
                reply.status
            ),
        ))
    }
}
