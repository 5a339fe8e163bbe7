//! A request as Vault's core sees it.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

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
}

pub(super) struct Call {
    pub(super) operation: Operation,
    /// Below `/v1/`; a list's ends in a slash.
    pub(super) path: String,
    /// Those of the body, and of a read's query.
    pub(super) fields: Map<String, Value>,
    pub(super) token: Option<String>,
}

impl Call {
    /// Reads a request to `path`, which lies below `/v1/`.
    ///
    /// # Errors
    ///
    /// No path knows the method, or the body is no JSON object.
    pub(super) fn read(request: &Request<Bytes>, path: &str) -> Result<Self, Refusal> {
        let query = request.uri().query().unwrap_or_default();
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let asks = |name: &str| {
            let mut query = query.iter();
            query.any(|(key, value)| key == name && matches!(&**value, "1" | "true"))
        };
        let operation = match request.method().as_str() {
            "GET" if asks("help") => Operation::Help,
            "GET" if asks("list") => Operation::List,
            "GET" => Operation::Read,
            "LIST" => Operation::List,
            "POST" | "PUT" => Operation::Write,
            "PATCH" => Operation::Patch,
            "DELETE" => Operation::Delete,
            _ => return Err(Refusal::silent(405)),
        };
        let mut path = path.to_owned();
        if operation == Operation::List && !path.ends_with('/') {
            path.push('/');
        }
        let mut fields = fields(request.body())?;
        if operation == Operation::Read {
            let query = query.into_iter();
            fields.extend(query.map(|(name, value)| (name.into(), Value::String(value.into()))));
        }
        let token = request.headers().get("x-vault-token");
        let token = token.and_then(|token| token.to_str().ok());
        Ok(Call {
            operation,
            path,
            fields,
            token: token.filter(|token| !token.is_empty()).map(str::to_owned),
        })
    }
}

fn fields(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let fields = serde_json::from_slice::<Option<Map<_, _>>>(body);
    let fields =
        fields.map_err(|error| Refusal::bad(format!("error parsing JSON: the body is {error}")))?;
    Ok(fields.unwrap_or_default())
}
