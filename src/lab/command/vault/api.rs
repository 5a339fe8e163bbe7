//! Requests to Vault, and what is said where it refuses.

use reqwest::{Client, Method};
use serde_json::Value;
use url::Url;

use crate::lab::command::{Refused, Reply, address, client, exchange};
use crate::output::Streams;
use crate::settings::Environment;

/// Where Vault is, with whose token it is asked, and what stdin holds.
pub(super) struct Vault<'a> {
    client: Client,
    base: Url,
    token: Option<String>,
    namespace: Option<String>,
    pub(super) streams: &'a Streams,
}

impl<'a> Vault<'a> {
    pub(super) fn of(environment: &Environment, streams: &'a Streams) -> Result<Self, Refused> {
        let own = |name: &str| environment.get(name).map(str::to_owned);
        Ok(Vault {
            client: client()?,
            base: address(environment, "VAULT_ADDR")?,
            token: own("VAULT_TOKEN"),
            namespace: own("VAULT_NAMESPACE"),
            streams,
        })
    }

    /// Reads; what is not there is `None`.
    pub(super) async fn get(&self, path: &str, doing: &str) -> Result<Option<Value>, Refused> {
        let reply = self.ask(Method::GET, path, None).await?;
        if reply.status == 404 && is_bare(&reply) {
            return Ok(None);
        }
        let subject = format!("{doing} {path}");
        self.taken(&reply, "GET", path, &subject).map(Some)
    }

    /// The keys below a path; `None` where there are none.
    pub(super) async fn list(&self, path: &str) -> Result<Option<Value>, Refused> {
        let path = format!("{path}?list=true");
        self.get(&path, "listing").await
    }

    /// Writes, and returns what Vault answered, if it did.
    pub(super) async fn write(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        let reply = self.ask(Method::PUT, path, Some(body)).await?;
        self.taken(&reply, "PUT", path, &format!("writing data to {path}"))
    }

    /// The same with POST, which mounts want.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        let reply = self.ask(Method::POST, path, Some(body)).await?;
        self.taken(&reply, "POST", path, &format!("writing data to {path}"))
    }

    pub(super) async fn delete(&self, path: &str) -> Result<(), Refused> {
        let reply = self.ask(Method::DELETE, path, None).await?;
        self.taken(&reply, "DELETE", path, &format!("deleting {path}"))?;
        Ok(())
    }

    /// An answer that is no refusal; with 404, as `kv` takes it, one that has data.
    pub(super) async fn get_whatever(&self, path: &str) -> Result<Value, Refused> {
        let reply = self.ask(Method::GET, path, None).await?;
        if reply.status == 404 {
            return Ok(parsed(&reply));
        }
        self.taken(&reply, "GET", path, &format!("reading {path}"))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, Refused> {
        let mut request = self
            .client
            .request(method, self.url(path))
            .header("X-Vault-Request", "true");
        if let Some(token) = &self.token {
            request = request.header("X-Vault-Token", token);
        }
        if let Some(namespace) = &self.namespace {
            request = request.header("X-Vault-Namespace", namespace);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        exchange(request).await
    }

    fn url(&self, path: &str) -> String {
        let base = self.base.as_str().trim_end_matches('/');
        format!("{base}/v1/{}", path.trim_start_matches('/'))
    }

    /// The body of an answer that is no refusal.
    fn taken(
        &self,
        reply: &Reply,
        method: &str,
        path: &str,
        doing: &str,
    ) -> Result<Value, Refused> {
        if reply.status < 300 {
            return Ok(parsed(reply));
        }
        let errors = parsed(reply);
        let errors = errors["errors"].as_array().cloned().unwrap_or_default();
        let listed: String = errors
            .iter()
            .filter_map(Value::as_str)
            .map(|words| format!("\n* {words}"))
            .collect();
        Err(Refused::new(
            2,
            format!(
                "Error {doing}: Error making API request.\n\nURL: {method} {}\nCode: {}. Errors:\n{listed}",
                self.url(path),
                reply.status
            ),
        ))
    }
}

fn parsed(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or(Value::Null)
}

/// An answer that says nothing: there is nothing at that path.
fn is_bare(reply: &Reply) -> bool {
    let body = parsed(reply);
    body["data"].is_null() && body["errors"].as_array().is_none_or(Vec::is_empty)
}
