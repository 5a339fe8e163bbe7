//! What Vault answers, before and as it goes out.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::lab::random;

/// What came of a request.
pub(super) type Outcome = Result<Reply, Refusal>;

/// A request that was carried out, or that found nothing.
pub(super) struct Reply {
    status: u16,
    /// Empty for none.
    body: Map<String, Value>,
}

/// A request that was not carried out.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    errors: Vec<String>,
}

impl Reply {
    /// Nothing to say, where that is what the status means.
    pub(super) fn nothing(status: u16) -> Self {
        Reply::bare(status, json!({}))
    }

    /// A body of its own.
    pub(super) fn bare(status: u16, body: Value) -> Self {
        let body = body.as_object().cloned().unwrap_or_default();
        Reply { status, body }
    }

    fn enveloped(status: u16, mut data: Value, auth: Value) -> Self {
        // As Vault writes a map.
        data.sort_all_objects();
        let envelope = json!({
            "request_id": random::uuid(),
            "lease_id": "",
            "renewable": false,
            "lease_duration": 0,
            "data": data,
            "wrap_info": null,
            "warnings": null,
            "auth": auth,
            "mount_type": "",
        });
        Reply::bare(status, envelope)
    }

    pub(super) fn data(data: Value) -> Self {
        Reply::enveloped(200, data, Value::Null)
    }

    /// Data that stands beside the envelope, too, as with old paths.
    pub(super) fn flat(data: Value) -> Self {
        let mut body = data.as_object().cloned().unwrap_or_default();
        let mut reply = Reply::data(data);
        body.append(&mut reply.body);
        Reply { body, ..reply }
    }

    /// The keys of a list; none are not there.
    pub(super) fn keys(keys: Vec<String>) -> Outcome {
        if keys.is_empty() {
            return Err(Refusal::absent());
        }
        Ok(Reply::data(json!({ "keys": keys })))
    }

    pub(super) fn auth(auth: Value) -> Self {
        Reply::enveloped(200, Value::Null, auth)
    }

    /// What is said of something that is not there any more.
    pub(super) fn gone(data: Value) -> Self {
        Reply::enveloped(404, data, Value::Null)
    }

    /// Nothing but a remark.
    pub(super) fn remark(status: u16, words: impl Into<String>) -> Self {
        Reply::enveloped(status, Value::Null, Value::Null).warned(vec![words.into()])
    }

    pub(super) fn warned(mut self, warnings: Vec<String>) -> Self {
        if !warnings.is_empty() {
            self.body.insert("warnings".to_owned(), json!(warnings));
        }
        self
    }

    /// Names the time for which it holds.
    pub(super) fn leased(mut self, seconds: u64) -> Self {
        self.body
            .insert("lease_duration".to_owned(), json!(seconds));
        self
    }

    /// Names the engine that answers, where the answer does.
    pub(super) fn of_engine(mut self, kind: &str) -> Self {
        if let (200, Some(engine)) = (self.status, self.body.get_mut("mount_type")) {
            *engine = json!(kind);
        }
        self
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

    /// A status without a word.
    pub(super) fn silent(status: u16) -> Self {
        Refusal {
            status,
            errors: Vec::new(),
        }
    }

    /// Not there (404).
    pub(super) fn absent() -> Self {
        Refusal::silent(404)
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
    let (status, body) = match outcome {
        Ok(reply) => (reply.status, Value::Object(reply.body)),
        Err(refusal) => (refusal.status, json!({ "errors": refusal.errors })),
    };
    let body = match body.as_object() {
        Some(body) if body.is_empty() => String::new(),
        _ => format!("{body}\n"),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// An object with one entry more, or another one.
pub(super) fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(entries) = object.as_object_mut() {
        entries.insert(name.to_owned(), value);
    }
    object
}
