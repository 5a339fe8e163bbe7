//! A request's body: how Vault looks at it before it reads it, and what it says
//! of one that it cannot read.

mod limits;
mod scan;

use serde_json::{Map, Value};

pub(super) use scan::complaint;

/// Why a body is no set of fields.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Vault's look before it reads found it (500).
    Malformed(String),
    /// Its reader found it (400).
    NoObject(String),
}

/// Reads the fields of a body. No body, blanks, and `null` have none.
///
/// # Errors
///
/// The body is no JSON object.
pub(super) fn fields(body: &[u8]) -> Result<Map<String, Value>, Unreadable> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    limits::check(body).map_err(Unreadable::Malformed)?;
    let no_object = |words: &str| {
        Unreadable::NoObject(format!(
            "error parsing JSON: failed to parse JSON input: {words}"
        ))
    };
    let kind = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(fields)) => return Ok(fields),
        Ok(Value::Null) => return Ok(Map::new()),
        Ok(Value::Array(_)) => "array",
        Ok(Value::String(_)) => "string",
        Ok(Value::Number(_)) => "number",
        Ok(Value::Bool(_)) => "bool",
        Err(error) => {
            let words = complaint(body).unwrap_or_else(|| error.to_string());
            return Err(no_object(&words));
        }
    };
    Err(no_object(&format!(
        "json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
    )))
}

/// Reads the fields of a form.
pub(super) fn form(body: &[u8]) -> Map<String, Value> {
    let pairs = url::form_urlencoded::parse(body);
    pairs
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}
