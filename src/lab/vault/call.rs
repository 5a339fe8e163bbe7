//! A request as Vault's core sees it.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use serde_json::{Map, Value};

use super::go;
use super::json::{self, Unreadable};
use super::reply::Refusal;

/// What is to be done at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Read,
    List,
    Write,
    Patch,
    Delete,
    Help,
    /// One that no path knows.
    Other,
}

pub(super) struct Call {
    pub(super) operation: Operation,
    /// Below `/v1/`; a list's ends in a slash.
    pub(super) path: String,
    pub(super) fields: Map<String, Value>,
    pub(super) token: Option<String>,
}

impl Call {
    /// Reads a request to `path`, which lies below `/v1/`.
    ///
    /// # Errors
    ///
    /// What Vault says before it looks who asks.
    pub(super) fn read(request: &Request<Bytes>, path: &str) -> Result<Self, Refusal> {
        let query = query(request);
        let has = |name: &str| {
            query
                .iter()
                .any(|(key, value)| key == name && is_true(value))
        };
        let operation = match request.method().as_str() {
            "GET" | "HEAD" if query.iter().any(|(key, _)| key == "help") => Operation::Help,
            "GET" if has("list") => Operation::List,
            "GET" | "HEAD" => Operation::Read,
            "LIST" => Operation::List,
            "POST" | "PUT" => Operation::Write,
            "PATCH" => Operation::Patch,
            "DELETE" => Operation::Delete,
            "OPTIONS" => Operation::Other,
            _ => return Err(Refusal::silent(405)),
        };
        let mut path = path.to_owned();
        match operation {
            Operation::Write if path.ends_with('/') => {
                return Err(Refusal::bad("cannot write to a path ending in '/'"));
            }
            Operation::List if !path.ends_with('/') => path.push('/'),
            _ => {}
        }
        let headers = request.headers();
        if operation == Operation::Patch {
            check_patch(headers)?;
        }
        let mut fields = read_fields(headers, request.body())?;
        if operation == Operation::Read {
            let query = query.into_iter();
            fields.extend(query.map(|(name, value)| (name, Value::String(value))));
        }
        if let Some(wrapping) = text(headers, "x-vault-wrap-ttl")
            && let Err(error) = go::parse_duration(wrapping)
        {
            let words = format!("error parsing X-Vault-Wrap-TTL header: {error}");
            return Err(Refusal::bad(words));
        }
        Ok(Call {
            operation,
            path,
            fields,
            token: token(headers),
        })
    }
}

/// The names and values behind a request's `?`.
pub(super) fn query(request: &Request<Bytes>) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn read_fields(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let kind = text(headers, "content-type").unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(json::form(body));
    }
    json::fields(body).map_err(|unreadable| match unreadable {
        Unreadable::Malformed(words) => Refusal::new(500, words),
        Unreadable::NoObject(words) => Refusal::bad(words),
    })
}

fn check_patch(headers: &HeaderMap) -> Result<(), Refusal> {
    const WANTED: &str = "application/merge-patch+json";
    let kind = text(headers, "content-type").unwrap_or_default();
    match kind.split(';').next().map(str::trim) {
        None | Some("") => Err(Refusal::bad("mime: no media type")),
        Some(WANTED) => Ok(()),
        Some(other) => Err(Refusal::new(
            415,
            format!("PATCH requires Content-Type of {WANTED}, provided {other}"),
        )),
    }
}

/// The token, wherever it stands.
fn token(headers: &HeaderMap) -> Option<String> {
    let own = text(headers, "x-vault-token").map(str::to_owned);
    let bearer = || {
        let value = text(headers, http::header::AUTHORIZATION.as_str())?;
        Some(value.strip_prefix("Bearer ")?.to_owned())
    };
    own.or_else(bearer).filter(|token| !token.is_empty())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// As Go reads a truth.
pub(super) fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// Tells a method apart from one that reads only.
pub(super) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}
