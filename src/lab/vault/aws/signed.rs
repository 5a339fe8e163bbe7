//! The signed request of a login, taken apart and judged before it is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::config::{ClientConfig, canonical};
use crate::lab::vault::fields::{Fields, Validation};
use crate::lab::vault::go;
use crate::lab::vault::json;
use crate::lab::vault::reply::Refusal;

/// A header's canonical name, and its values.
pub(super) type Header = (String, Vec<String>);

const SERVER_ID: &str = "X-Vault-AWS-IAM-Server-ID";

/// The headers of AWS's that a request may have.
const ALLOWED: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-Signedheaders",
    "X-Amz-User-Agent",
];

/// What the client signed.
pub(super) struct Signed {
    pub(super) method: http::Method,
    /// With the port, if one is written; empty for a relative reference.
    pub(super) host: String,
    /// Path and query.
    pub(super) uri: String,
    query: String,
    pub(super) body: String,
    pub(super) headers: Vec<Header>,
}

/// What a login's fields say, once they are of the right types.
pub(super) struct Given {
    pub(super) role: String,
    method: Option<String>,
    url: Option<String>,
    body: Option<String>,
    headers: Option<Vec<Header>>,
    is_ec2: bool,
}

pub(super) fn read(given: &Map<String, Value>) -> Result<Given, Refusal> {
    let fields = Fields::new(given, Validation::First);
    let has = |name| Ok(fields.text(name)?.is_some_and(|text| !text.is_empty()));
    Ok(Given {
        role: fields.text("role")?.unwrap_or_default(),
        method: fields.text("iam_http_request_method")?,
        url: fields.text("iam_request_url")?,
        body: fields.text("iam_request_body")?,
        headers: fields.read("iam_request_headers", headers)?,
        is_ec2: has("pkcs7")? || (has("identity")? && has("signature")?),
    })
}

impl Given {
    /// Puts the parts together.
    ///
    /// # Errors
    ///
    /// The first thing that is not as it must be.
    pub(super) fn assemble(self) -> Result<Signed, Refusal> {
        let missing = || Refusal::bad("didn't supply required authentication values");
        let is_iam = [&self.method, &self.url, &self.body]
            .iter()
            .any(|field| field.is_some())
            || self.headers.is_some();
        if self.is_ec2 && is_iam {
            let words = "supplied auth values for both ec2 and iam auth types";
            return Err(Refusal::bad(words));
        }
        let method = self.method.ok_or_else(missing)?;
        let url = self.url.ok_or_else(missing)?;
        let body = self.body.ok_or_else(missing)?;
        let headers = self.headers.ok_or_else(missing)?;
        let method = match method.as_str() {
            "" => return Err(Refusal::bad("missing iam_http_request_method")),
            "GET" => http::Method::GET,
            "POST" => http::Method::POST,
            _ => {
                let words = "invalid iam_http_request_method; currently only 'GET' and 'POST' are supported";
                return Err(Refusal::bad(words));
            }
        };
        if url.is_empty() {
            return Err(Refusal::bad("missing iam_request_url"));
        }
        let url = decode(&url, "iam_request_url")?;
        let (host, uri) = take_apart(&url)?;
        let query = uri.split_once('?').map_or("", |(_, query)| query);
        check_query(&method, query)?;
        if body.is_empty() && method == http::Method::POST {
            let words = "missing iam_request_body which is required for POST requests";
            return Err(Refusal::bad(words));
        }
        let body = decode(&body, "iam_request_body")?;
        check_body(&body)?;
        if headers.is_empty() {
            return Err(Refusal::bad("missing iam_request_headers"));
        }
        Ok(Signed {
            method,
            query: query.to_owned(),
            host,
            uri,
            body,
            headers,
        })
    }
}

impl Signed {
    fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(header, _)| header == name);
        named
            .flat_map(|(_, values)| values.iter().map(String::as_str))
            .collect()
    }

    fn query(&self) -> impl Iterator<Item = (String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes()).into_owned()
    }

    /// Judges the headers by the configuration, if there is one.
    ///
    /// # Errors
    ///
    /// The server id is missing, wrong or not signed, or a header of AWS's is
    /// not allowed.
    pub(super) fn check(&self, config: Option<&ClientConfig>) -> Result<(), Refusal> {
        let Some(config) = config else { return Ok(()) };
        if !config.server_id.is_empty() {
            self.check_server_id(&config.server_id).map_err(|error| {
                Refusal::bad(format!("error validating {SERVER_ID} header: {error}"))
            })?;
        }
        let allowed = config.allowed_headers.as_deref().unwrap_or_default();
        let is_allowed =
            |name: &str| ALLOWED.contains(&name) || allowed.iter().any(|allowed| allowed == name);
        for (name, _) in &self.headers {
            let name = canonical(name);
            if name.starts_with("X-Amz-") && !is_allowed(&name) {
                return Err(Refusal::bad(format!("invalid request header: {name}")));
            }
        }
        if self.method == http::Method::GET {
            for (name, _) in self.query() {
                let is_of_aws = canonical(&name).starts_with("X-Amz-");
                // Here the case counts, and this name is written in another one.
                let is_known = is_allowed(&name) && name != "X-Amz-Signedheaders"
                    || name == "X-Amz-SignedHeaders";
                if is_of_aws && !is_known {
                    let words = format!("invalid request query param: {name}");
                    return Err(Refusal::bad(words));
                }
            }
        }
        Ok(())
    }

    fn check_server_id(&self, wanted: &str) -> Result<(), String> {
        let given = self.values(&canonical(SERVER_ID)).join(",");
        if given.is_empty() {
            return Err(format!("missing header {}", go::quote(SERVER_ID)));
        }
        if given != wanted {
            let (wanted, given) = (go::quote(wanted), go::quote(&given));
            return Err(format!("expected {wanted} but got {given}"));
        }
        let signed = if self.method == http::Method::GET {
            let mut query = self.query();
            query
                .find(|(name, _)| name == "X-Amz-SignedHeaders")
                .map(|(_, names)| names)
                .unwrap_or_default()
        } else {
            let authorization = self.values("Authorization").join(",");
            if authorization.is_empty() {
                return Err("missing Authorization header".to_owned());
            }
            let behind = authorization.split_once("SignedHeaders=");
            let names = behind.and_then(|(_, rest)| rest.split(',').next());
            names.unwrap_or_default().to_owned()
        };
        let name = SERVER_ID.to_ascii_lowercase();
        if signed.split(';').any(|signed| signed.trim() == name) {
            Ok(())
        } else {
            Err("vault header wasn't signed".to_owned())
        }
    }

    /// The region of the credential scope.
    pub(super) fn region(&self) -> Option<String> {
        let authorization = self.values("Authorization").join(",");
        let mut words = authorization.split_whitespace();
        let scope = words.find_map(|word| word.strip_prefix("Credential="))?;
        let region = scope.split('/').nth(2)?;
        Some(region.to_owned())
    }
}

fn decode(text: &str, field: &str) -> Result<String, Refusal> {
    let text: String = text
        .chars()
        .filter(|character| !matches!(character, '\r' | '\n'))
        .collect();
    let decoded = STANDARD.decode(text);
    let decoded = decoded.map_err(|_| Refusal::bad(format!("failed to base64 decode {field}")))?;
    Ok(String::from_utf8_lossy(&decoded).into_owned())
}

/// The host, and path and query.
fn take_apart(url: &str) -> Result<(String, String), Refusal> {
    let malformed = || Refusal::bad("error parsing iam_request_url");
    if url.chars().any(|character| character.is_ascii_control()) || has_bad_escape(url) {
        return Err(malformed());
    }
    let url = url.split('#').next().unwrap_or_default();
    let (host, rest) = match url.split_once("://") {
        Some((scheme, behind)) => {
            if scheme.is_empty() {
                return Err(malformed());
            }
            let end = behind.find(['/', '?']).unwrap_or(behind.len());
            let (host, rest) = behind.split_at(end);
            if host.contains(' ') {
                return Err(malformed());
            }
            (host, rest)
        }
        None => {
            let first = url.split(['/', '?']).next().unwrap_or_default();
            if first.starts_with(':') {
                return Err(malformed());
            }
            ("", url)
        }
    };
    let uri = if rest.starts_with('/') {
        rest.to_owned()
    } else {
        format!("/{rest}")
    };
    Ok((host.to_owned(), uri))
}

fn has_bad_escape(text: &str) -> bool {
    bad_escape(text).is_some()
}

/// The first percent sign without two digits behind it.
fn bad_escape(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    parts.next();
    parts
        .find(|part| {
            let digits = part.bytes().take(2);
            digits.filter(u8::is_ascii_hexdigit).count() < 2
        })
        .map(|part| format!("%{}", part.chars().take(2).collect::<String>()))
}

fn check_query(method: &http::Method, query: &str) -> Result<(), Refusal> {
    if *method == http::Method::POST {
        return if query.is_empty() {
            Ok(())
        } else {
            Err(Refusal::bad("invalid request"))
        };
    }
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let actions: Vec<String> = pairs
        .filter(|(name, _)| name == "Action")
        .map(|(_, value)| value.into_owned())
        .collect();
    match actions.as_slice() {
        [] => Err(Refusal::bad("no action found in request")),
        [action] if action == "GetCallerIdentity" => Ok(()),
        [action] => Err(Refusal::bad(format!(
            "unexpected action parameter, {action}"
        ))),
        _ => Err(Refusal::bad("found multiple actions")),
    }
}

fn check_body(body: &str) -> Result<(), Refusal> {
    if body.contains(';') {
        return Err(Refusal::bad("invalid semicolon separator in query"));
    }
    if let Some(escape) = bad_escape(body) {
        let escape = go::quote(&escape);
        return Err(Refusal::bad(format!("invalid URL escape {escape}")));
    }
    let mut actions = 0;
    for (name, value) in url::form_urlencoded::parse(body.as_bytes()) {
        let is_right = match &*name {
            "Action" => {
                actions += 1;
                actions == 1 && value == "GetCallerIdentity"
            }
            "Version" => true,
            _ => false,
        };
        if !is_right {
            return Err(Refusal::bad("iam request body is invalid"));
        }
    }
    Ok(())
}

/// Headers come as JSON, in base64 or not, as an object, or as a list of
/// `name:value`.
fn headers(value: &Value) -> Result<Vec<Header>, String> {
    match value {
        Value::String(text) if text.is_empty() => Err("'data' being decoded is nil".to_owned()),
        Value::String(text) => {
            let decoded = STANDARD.decode(text);
            let decoded = decoded.unwrap_or_else(|_| text.clone().into_bytes());
            let parsed = serde_json::from_slice::<Value>(&decoded);
            let parsed = parsed
                .map_err(|error| json::complaint(&decoded).unwrap_or_else(|| error.to_string()))?;
            match parsed {
                Value::Object(entries) => of_object(&entries),
                Value::Null => Ok(Vec::new()),
                other => Err(format!(
                    "json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                    kind(&other)
                )),
            }
        }
        Value::Object(entries) => of_object(entries),
        Value::Null => Ok(Vec::new()),
        other => {
            let items = match other {
                Value::Array(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            let mut headers = Vec::new();
            for item in items {
                let pair = item.as_str().and_then(|text| text.split_once(':'));
                let (name, value) = pair.ok_or_else(|| "invalid key pair \"\"".to_owned())?;
                add(&mut headers, name.trim(), value.trim().to_owned());
            }
            Ok(headers)
        }
    }
}

fn of_object(entries: &Map<String, Value>) -> Result<Vec<Header>, String> {
    let mut headers = Vec::new();
    for (name, value) in entries {
        let values = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in values {
            let text = match item {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ if value.is_array() => {
                    return Err(format!(
                        "received non-string value for header key:{name}, val:{}",
                        verb_s(value)
                    ));
                }
                other => return Err(format!("unrecognized type for {}", verb_s(other))),
            };
            add(&mut headers, name, text);
        }
    }
    Ok(headers)
}

fn add(headers: &mut Vec<Header>, name: &str, value: String) {
    let name = canonical(name);
    match headers.iter_mut().find(|(known, _)| *known == name) {
        Some((_, values)) => values.push(value),
        None => headers.push((name, vec![value])),
    }
}

/// A value as `%s` prints it.
fn verb_s(value: &Value) -> String {
    match value {
        Value::Bool(truth) => format!("%!s(bool={truth})"),
        Value::Null => "%!s(<nil>)".to_owned(),
        other => go::plain(other),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
        Value::Object(_) | Value::Null => "object",
    }
}
