//! The signed request of a login, taken apart and judged before it is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Uri};
use serde_json::{Map, Value};

use super::config::{ClientConfig, canonical};
use crate::lab::vault::fields::Fields;
use crate::lab::vault::reply::Refusal;

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
    pub(super) method: Method,
    /// With the port, if one is written.
    pub(super) host: String,
    /// Path and query.
    pub(super) uri: String,
    query: Vec<(String, String)>,
    pub(super) body: String,
    /// By canonical names, each value by itself.
    pub(super) headers: Vec<(String, String)>,
}

impl Signed {
    /// Puts it together from the fields of a login.
    ///
    /// # Errors
    ///
    /// The first thing that is not as it must be.
    pub(super) fn read(fields: Fields<'_>) -> Result<Self, Refusal> {
        let method = fields.text("iam_http_request_method")?;
        let url = fields.text("iam_request_url")?;
        let body = fields.text("iam_request_body")?;
        let headers = fields.read("iam_request_headers", headers)?;
        if fields.text("pkcs7")?.is_some() && method.is_some() {
            let words = "supplied auth values for both ec2 and iam auth types";
            return Err(Refusal::bad(words));
        }
        let (Some(method), Some(url), Some(body), Some(headers)) = (method, url, body, headers)
        else {
            let words = "didn't supply required authentication values";
            return Err(Refusal::bad(words));
        };
        let method = match method.as_str() {
            "" => return Err(Refusal::bad("missing iam_http_request_method")),
            "GET" => Method::GET,
            "POST" => Method::POST,
            _ => {
                let words = "invalid iam_http_request_method; currently only 'GET' and 'POST' are supported";
                return Err(Refusal::bad(words));
            }
        };
        if url.is_empty() {
            return Err(Refusal::bad("missing iam_request_url"));
        }
        let url = decode(&url, "iam_request_url")?.parse::<Uri>();
        let url = url.map_err(|_| Refusal::bad("error parsing iam_request_url"))?;
        let query = url.query().unwrap_or_default();
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        match method {
            Method::GET => check_action(&query)?,
            _ if url.query().is_some() => return Err(Refusal::bad("invalid request")),
            _ if body.is_empty() => {
                let words = "missing iam_request_body which is required for POST requests";
                return Err(Refusal::bad(words));
            }
            _ => {}
        }
        let body = decode(&body, "iam_request_body")?;
        check_body(&body)?;
        if headers.is_empty() {
            return Err(Refusal::bad("missing iam_request_headers"));
        }
        let uri = url.path_and_query().map_or("/", |path| path.as_str());
        Ok(Signed {
            method,
            host: url.authority().map(ToString::to_string).unwrap_or_default(),
            uri: uri.to_owned(),
            query,
            body,
            headers,
        })
    }

    /// The values of a header, by its canonical name.
    fn header(&self, name: &str) -> String {
        let named = self.headers.iter().filter(|(header, _)| header == name);
        let values: Vec<&str> = named.map(|(_, value)| value.as_str()).collect();
        values.join(",")
    }

    /// Judges the headers by the configuration.
    ///
    /// # Errors
    ///
    /// The server id is missing, wrong or not signed, or a header of AWS's is
    /// not allowed.
    pub(super) fn check(&self, config: &ClientConfig) -> Result<(), Refusal> {
        let wanted = &config.iam_server_id_header_value;
        if !wanted.is_empty() {
            self.check_server_id(wanted).map_err(|error| {
                Refusal::bad(format!("error validating {SERVER_ID} header: {error}"))
            })?;
        }
        let allowed = config.allowed_sts_header_values.iter().flatten();
        let is_refused = |name: &&str| {
            canonical(name).starts_with("X-Amz-")
                && !ALLOWED.contains(name)
                && !allowed.clone().any(|allowed| allowed == name)
        };
        let mut headers = self.headers.iter().map(|(name, _)| name.as_str());
        if let Some(name) = headers.find(is_refused) {
            return Err(Refusal::bad(format!("invalid request header: {name}")));
        }
        // Here the case counts, and one name is written in another one.
        let query = self.query.iter().map(|(name, _)| name.as_str());
        let mut query = query.filter(|name| *name != "X-Amz-SignedHeaders");
        match query.find(is_refused) {
            Some(name) => Err(Refusal::bad(format!("invalid request query param: {name}"))),
            None => Ok(()),
        }
    }

    fn check_server_id(&self, wanted: &str) -> Result<(), String> {
        let given = self.header(&canonical(SERVER_ID));
        if given.is_empty() {
            return Err(format!("missing header {SERVER_ID:?}"));
        }
        if given != wanted {
            return Err(format!("expected {wanted:?} but got {given:?}"));
        }
        let authorization = self.header("Authorization");
        let mut query = self.query.iter();
        let signed = if self.method == Method::GET {
            let signed = query.find(|(name, _)| name == "X-Amz-SignedHeaders");
            signed.map(|(_, names)| names.as_str())
        } else if authorization.is_empty() {
            return Err("missing Authorization header".to_owned());
        } else {
            let behind = authorization.split_once("SignedHeaders=");
            behind.and_then(|(_, rest)| rest.split(',').next())
        };
        let mut signed = signed.unwrap_or_default().split(';');
        if signed.any(|name| name.eq_ignore_ascii_case(SERVER_ID)) {
            Ok(())
        } else {
            Err("vault header wasn't signed".to_owned())
        }
    }

    /// The region of the credential scope.
    pub(super) fn region(&self) -> Option<String> {
        let authorization = self.header("Authorization");
        let mut words = authorization.split_whitespace();
        let scope = words.find_map(|word| word.strip_prefix("Credential="))?;
        scope.split('/').nth(2).map(str::to_owned)
    }
}

fn decode(text: &str, field: &str) -> Result<String, Refusal> {
    let decoded = STANDARD.decode(text);
    let decoded = decoded.map_err(|_| Refusal::bad(format!("failed to base64 decode {field}")))?;
    Ok(String::from_utf8_lossy(&decoded).into_owned())
}

fn check_action(query: &[(String, String)]) -> Result<(), Refusal> {
    let actions = query.iter().filter(|(name, _)| name == "Action");
    let actions: Vec<&str> = actions.map(|(_, value)| value.as_str()).collect();
    let words = match actions[..] {
        ["GetCallerIdentity"] => return Ok(()),
        [] => "no action found in request".to_owned(),
        [action] => format!("unexpected action parameter, {action}"),
        _ => "found multiple actions".to_owned(),
    };
    Err(Refusal::bad(words))
}

fn check_body(body: &str) -> Result<(), Refusal> {
    if body.contains(';') {
        return Err(Refusal::bad("invalid semicolon separator in query"));
    }
    let digits = |part: &&str| part.bytes().take(2).filter(u8::is_ascii_hexdigit).count();
    if let Some(part) = body.split('%').skip(1).find(|part| digits(part) < 2) {
        let escape: String = part.chars().take(2).collect();
        return Err(Refusal::bad(format!("invalid URL escape \"%{escape}\"")));
    }
    let is_right = |name: &str, value: &str| match name {
        "Action" => value == "GetCallerIdentity",
        name => name == "Version",
    };
    let mut pairs = url::form_urlencoded::parse(body.as_bytes());
    if pairs.all(|(name, value)| is_right(&name, &value)) {
        Ok(())
    } else {
        Err(Refusal::bad("iam request body is invalid"))
    }
}

/// Headers come as a JSON object, in base64 or not.
fn headers(value: &Value) -> Result<Vec<(String, String)>, String> {
    let entries = match value {
        Value::String(text) => {
            let decoded = STANDARD.decode(text);
            let decoded = decoded.unwrap_or_else(|_| text.clone().into_bytes());
            serde_json::from_slice(&decoded).map_err(|error| error.to_string())?
        }
        Value::Object(entries) => entries.clone(),
        _ => Map::new(),
    };
    let mut headers = Vec::new();
    for (name, value) in entries {
        let values = match value {
            Value::Array(items) => items,
            one => vec![one],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                other => return Err(format!("unrecognized type for {other}")),
            };
            headers.push((canonical(&name), text));
        }
    }
    Ok(headers)
}
