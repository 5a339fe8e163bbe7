//! What Vault answers, before and as it goes out.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::random;

/// What came of a request.
pub(super) type Outcome = Result<Reply, Refusal>;

/// A request that was carried out, or that found nothing.
#[derive(Default)]
pub(super) struct Reply {
    status: u16,
    data: Value,
    auth: Value,
    pub(super) warnings: Vec<String>,
    pub(super) lease_duration: u64,
    /// Repeats the data beside the envelope, as old paths do.
    is_flat: bool,
    /// The whole body, where there is no envelope; null for none.
    bare: Option<Value>,
    /// The engine that answered, where the answer names it.
    pub(super) mount_type: &'static str,
}

/// A request that was not carried out.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    errors: Vec<String>,
}

impl Reply {
    /// Nothing to say (204).
    pub(super) fn nothing() -> Self {
        Reply::bare(204, Value::Null)
    }

    pub(super) fn data(data: Value) -> Self {
        Reply {
            status: 200,
            data,
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

    /// The keys of a list; none are not there.
    pub(super) fn keys(keys: Vec<String>) -> Outcome {
        if keys.is_empty() {
            return Err(Refusal::absent());
        }
        Ok(Reply::data(json!({ "keys": keys })))
    }

    pub(super) fn auth(auth: Value) -> Self {
        Reply {
            status: 200,
            auth,
            ..Reply::default()
        }
    }

    /// Nothing but a remark, with a status.
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

    fn body(self) -> Value {
        if let Some(body) = self.bare {
            return body;
        }
        let mut body = match &self.data {
            Value::Object(data) if self.is_flat => data.clone(),
            _ => Map::new(),
        };
        let warnings = Some(self.warnings).filter(|warnings| !warnings.is_empty());
        let is_found = self.status != 404;
        for (name, value) in [
            ("request_id", json!(random::uuid())),
            ("lease_id", json!("")),
            ("renewable", json!(false)),
            ("lease_duration", json!(self.lease_duration)),
            ("data", self.data),
            ("wrap_info", Value::Null),
            ("warnings", json!(warnings)),
            ("auth", self.auth),
            (
                "mount_type",
                json!(if is_found { self.mount_type } else { "" }),
            ),
        ] {
            body.insert(name.to_owned(), value);
        }
        Value::Object(body)
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
        Ok(reply) => (reply.status, reply.body()),
        Err(refusal) => (refusal.status, json!({ "errors": refusal.errors })),
    };
    let body = match body {
        Value::Null => String::new(),
        body => format!("{body}\n"),
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
