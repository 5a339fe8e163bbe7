//! What AWS refuses, by code and in its own words.

use http::StatusCode;

/// An error of the Query API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Refusal {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::FORBIDDEN, code, message)
    }

    pub(super) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::CONFLICT, code, message)
    }

    pub(super) fn no_such_entity(message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::NOT_FOUND, "NoSuchEntity", message)
    }

    pub(super) fn malformed_policy(message: impl Into<String>) -> Self {
        Refusal::bad("MalformedPolicyDocument", message)
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Refusal::bad("ValidationError", message)
    }

    /// The words in which every service of AWS tells which limit of a parameter
    /// was broken.
    pub(super) fn constraint(value: &str, place: &str, broken: &str) -> Self {
        Refusal::validation(format!(
            "1 validation error detected: Value {value} at '{place}' failed to satisfy constraint: {broken}"
        ))
    }

    /// Of a temporary key without its token too.
    pub(super) fn unknown_key() -> Self {
        let words = "The security token included in the request is invalid.";
        Refusal::forbidden("InvalidClientTokenId", words)
    }

    pub(super) fn throttled() -> Self {
        Refusal::bad("Throttling", "Rate exceeded")
    }
}
