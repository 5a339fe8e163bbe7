//! What Vault answers, before and as it goes out.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::random;

/// What came of a request.
pub(super) type Outcome = Result<Reply, Refusal>;

/// A request that was carried out, or that found nothing.
#[derive(Default)]
pub(super) struct Reply {
    status: u16,
    pub(super) data: Option<Map<String, Value>>,
    pub(super) auth: Option<Value>,
    pub(super) warnings: Vec<String>,
    pub(super) lease_duration: u64,
    /// Repeats the data beside the envelope, as old paths do.
    is_flat: bool,
    /// The whole body, where there is no envelope.
    bare: Option<Value>,
    /// The engine that answered, where the answer names it.
    pub(super) mount_type: &'static str,
}

/// A request that was not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) errors: Vec<String>,
}

impl Reply {
    /// Nothing to say (204).
    pub(super) fn nothing() -> Self {
        Reply {
            status: 204,
            ..Reply::default()
        }
    }

    pub(super) fn data(data: Value) -> Self {
        Reply {
            status: 200,
            data: object(data),
            ..Reply::default()
        }
    }

    /// Data that stands beside the envelope, too.
    pub(super) fn flat(data: Value) -> Self {
        Reply {
            is_flat: true,
            ..Reply::data(data)
        }
    }

    pub(super) fn keys(mut keys: Vec<String>) -> Outcome {
        if keys.is_empty() {
            return Err(Refusal::absent());
        }
        keys.sort();
        Ok(Reply::data(json!({ "keys": keys })))
    }

    pub(super) fn auth(auth: Value) -> Self {
        Reply {
            status: 200,
            auth: Some(auth),
            ..Reply::default()
        }
    }

    /// Nothing but remarks, with a status.
    pub(super) fn remark(status: u16, warning: impl Into<String>) -> Self {
        Reply {
            status,
            warnings: vec![warning.into()],
            ..Reply::default()
        }
    }

    /// A body of its own.
    pub(super) fn bare(status: u16, body: Value) -> Self {
        Reply {
            status,
            bare: Some(body),
            ..Reply::default()
        }
    }

    /// What is said of something that is not there any more (404).
    pub(super) fn gone(data: Value) -> Self {
        Reply {
            status: 404,
            ..Reply::data(data)
        }
    }

    /// Not there, and nothing is said of it (404).
    pub(super) fn gone_silently() -> Self {
        Reply {
            status: 404,
            bare: Some(Value::Null),
            ..Reply::default()
        }
    }

    /// Names the fields that are not `known`, if the reply has a body.
    pub(super) fn note_unknown(mut self, given: &Map<String, Value>, known: &[&str]) -> Self {
        let mut unknown: Vec<&str> = given
            .keys()
            .map(String::as_str)
            .filter(|name| !known.contains(name))
            .collect();
        unknown.sort_unstable();
        if !unknown.is_empty() && self.status != 204 {
            let unknown = unknown.join(" ");
            self.warnings.push(format!(
                "Endpoint ignored these unrecognized parameters: [{unknown}]"
            ));
        }
        self
    }

    fn body(self) -> Option<Value> {
        if let Some(body) = self.bare {
            return Some(body).filter(|body| !body.is_null());
        }
        if self.status == 204 {
            return None;
        }
        let mut body = Map::new();
        if let (true, Some(data)) = (self.is_flat, &self.data) {
            body.extend(data.clone());
        }
        let is_found = self.status != 404;
        let warnings = Some(self.warnings).filter(|warnings| !warnings.is_empty());
        for (name, value) in [
            ("request_id", json!(random::uuid())),
            ("lease_id", json!("")),
            ("renewable", json!(false)),
            ("lease_duration", json!(self.lease_duration)),
            ("data", json!(self.data)),
            ("wrap_info", Value::Null),
            ("warnings", json!(warnings)),
            ("auth", json!(self.auth)),
            (
                "mount_type",
                json!(if is_found { self.mount_type } else { "" }),
            ),
        ] {
            body.insert(name.to_owned(), value);
        }
        Some(Value::Object(body))
    }
}

impl Refusal {
    pub(super) fn new(status: u16, error: impl Into<String>) -> Self {
        Refusal {
            status,
            errors: vec![error.into()],
        }
    }

    /// Vault did not take it (400).
    pub(super) fn bad(error: impl Into<String>) -> Self {
        Refusal::new(400, error)
    }

    /// Not there (404).
    pub(super) fn absent() -> Self {
        Refusal {
            status: 404,
            errors: Vec::new(),
        }
    }

    /// A status without a word.
    pub(super) fn silent(status: u16) -> Self {
        Refusal {
            status,
            errors: Vec::new(),
        }
    }

    /// In the form that Vault gives an error of its core.
    pub(super) fn listed(status: u16, error: &str) -> Self {
        Refusal::new(status, format!("1 error occurred:\n\t* {error}\n\n"))
    }

    pub(super) fn unsupported_path() -> Self {
        Refusal::listed(404, "unsupported path")
    }

    pub(super) fn unsupported_operation() -> Self {
        Refusal::listed(405, "unsupported operation")
    }

    /// No token, or one that may not be used here.
    pub(super) fn denied() -> Self {
        Refusal::new(403, "permission denied")
    }

    /// The token is good, and its policies do not allow it.
    pub(super) fn denied_by_policy() -> Self {
        Refusal::listed(403, "permission denied")
    }

    /// The token is wrong, expired, revoked or used up.
    pub(super) fn denied_to_token() -> Self {
        let words = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n";
        Refusal::new(403, words)
    }
}

/// An outcome as it goes out.
pub(super) fn respond(outcome: Outcome) -> Response<Bytes> {
    match outcome {
        Ok(reply) => {
            let status = reply.status;
            json_response(status, reply.body())
        }
        Err(refusal) => json_response(refusal.status, Some(json!({ "errors": refusal.errors }))),
    }
}

/// A redirect, as Go's server writes it.
pub(super) fn redirect(target: &str) -> Response<Bytes> {
    let escaped = target.replace('&', "&amp;");
    let body = format!("<a href=\"{escaped}\">Temporary Redirect</a>.\n\n");
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if let Ok(target) = HeaderValue::from_str(target) {
        headers.insert(LOCATION, target);
    }
    response
}

/// A redirect to another node, which says nothing else.
pub(super) fn sent_on(target: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(target) = HeaderValue::from_str(target) {
        response.headers_mut().insert(LOCATION, target);
    }
    response
}

fn json_response(status: u16, body: Option<Value>) -> Response<Bytes> {
    let body = body.map(|body| go_text(&body) + "\n").unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// JSON as Go writes it: such that it may stand in a page.
fn go_text(body: &Value) -> String {
    let mut text = body.to_string();
    for (character, escape) in [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ] {
        if text.contains(character) {
            text = text.replace(character, escape);
        }
    }
    text
}

/// An object with one entry more, or another one.
pub(super) fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(entries) = object.as_object_mut() {
        entries.insert(name.to_owned(), value);
    }
    object
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match sorted(value) {
        Value::Object(entries) => Some(entries),
        _ => None,
    }
}

/// Go writes the entries of a map by their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<(String, Value)> = entries.into_iter().collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            let entries = entries.into_iter();
            Value::Object(entries.map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
