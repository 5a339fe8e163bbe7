//! The login of the aws auth method (type iam).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::client::{Reply, Request, VaultClient};
use super::login_refusal::is_look_up;
use crate::fault::{Cause, Fault, Side, Transport};
use crate::secret::{Redactor, Secret, keep_message};
use crate::signed_request::SignedRequest;
use crate::trace::StepId;

/// Where and as what to log in.
#[derive(Debug, Clone)]
pub struct LoginTarget {
    pub mount: String,
    pub role: String,
    pub namespace: Option<String>,
}

impl LoginTarget {
    /// The API path of the login.
    pub fn path(&self) -> String {
        format!("auth/{}/login", self.mount)
    }
}

/// The token that a login gave.
#[derive(Debug)]
pub struct Issued {
    pub token: Secret,
    /// Batch tokens have none.
    pub accessor: Option<String>,
    pub token_policies: Vec<String>,
    pub identity_policies: Vec<String>,
    pub ttl_seconds: u64,
    pub renewable: bool,
    /// `service` or `batch`.
    pub kind: String,
    /// How often the token may be used; `None` for as often as one likes.
    pub uses: Option<u64>,
    pub entity_id: Option<String>,
    /// What Vault remarked: a lifetime that it cut, say.
    pub warnings: Vec<String>,
}

#[derive(Deserialize)]
struct LoginAnswer {
    auth: Option<Auth>,
}

/// What matters most is the token: whatever else has an unexpected form must
/// not keep it from being known, and revoked.
#[derive(Deserialize)]
struct Auth {
    #[serde(default)]
    client_token: Option<Secret>,
    #[serde(default)]
    mfa_requirement: Option<Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Auth {
    fn text(&self, name: &str) -> Option<String> {
        let text = self.rest.get(name)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let items = self.rest.get(name).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    }
}

/// Sends the signed request to Vault.
///
/// # Errors
///
/// Vault's refusal, with the side that stands behind it, or that nobody
/// answered.
pub async fn login(
    client: &VaultClient,
    target: &LoginTarget,
    signed: &SignedRequest,
    redactor: &Redactor,
) -> Result<(Issued, Reply), Box<Fault>> {
    let path = target.path();
    let body = login_body(&target.role, signed, redactor);
    let request = Request::post(StepId::Login, &path, body).namespace(target.namespace.as_deref());
    let reply = client.send(request).await?;
    if !reply.is_success() {
        return Err(refusal(&reply, &path, &target.role));
    }
    let fault = |cause| reply.fault(StepId::Login, Side::Vault, &path, &target.role, cause);
    let Some(auth) = reply.json::<LoginAnswer>().and_then(|answer| answer.auth) else {
        let mut fault = fault(Cause::Transport(Transport::NotVault));
        fault.message = "a success without a token: the answer's 'auth' is empty".to_owned();
        return Err(fault);
    };
    let token = auth
        .client_token
        .as_ref()
        .filter(|token| !token.expose_secret().is_empty());
    let Some(token) = token.cloned() else {
        // Accepted, but a second factor is asked for.
        return Err(fault(match auth.mfa_requirement {
            Some(Value::Object(_)) => Cause::Answered,
            _ => Cause::Transport(Transport::NotVault),
        }));
    };
    redactor.learn(&token);
    let issued = Issued {
        token,
        accessor: auth.text("accessor"),
        token_policies: auth.texts("token_policies"),
        identity_policies: auth.texts("identity_policies"),
        ttl_seconds: auth
            .rest
            .get("lease_duration")
            .and_then(Value::as_u64)
            .unwrap_or_default(),
        renewable: auth.rest.get("renewable").and_then(Value::as_bool) == Some(true),
        kind: auth.text("token_type").unwrap_or_default(),
        uses: auth
            .rest
            .get("num_uses")
            .and_then(Value::as_u64)
            .filter(|uses| *uses > 0),
        entity_id: auth.text("entity_id"),
        warnings: reply
            .warnings()
            .iter()
            .map(|words| keep_message(words))
            .collect(),
    };
    Ok((issued, reply))
}

/// The JSON body of a login. It and its parts log in by themselves, so the
/// redactor learns them.
fn login_body(role: &str, signed: &SignedRequest, redactor: &Redactor) -> Zeroizing<Vec<u8>> {
    let mut headers = serde_json::Map::new();
    for (name, value) in &signed.headers {
        headers.insert(name.clone(), serde_json::json!([value.expose_secret()]));
        if matches!(name.as_str(), "Authorization" | "X-Amz-Security-Token") {
            redactor.learn(value);
        }
        if let Some((_, signature)) = value.expose_secret().rsplit_once("Signature=") {
            redactor.learn_text(signature);
        }
    }
    let headers = Zeroizing::new(serde_json::Value::Object(headers).to_string());
    let encoded_headers = Zeroizing::new(STANDARD.encode(headers.as_bytes()));
    redactor.learn_text(&headers);
    redactor.learn_text(&encoded_headers);
    let body = serde_json::json!({
        "role": role,
        "iam_http_request_method": signed.method,
        "iam_request_url": STANDARD.encode(&signed.url),
        "iam_request_body": STANDARD.encode(signed.body),
        "iam_request_headers": encoded_headers.as_str(),
    });
    Zeroizing::new(body.to_string().into_bytes())
}

/// The fault behind a refused login. Vault hands on what STS or IAM told it.
fn refusal(reply: &Reply, path: &str, role: &str) -> Box<Fault> {
    let words = reply.errors().join("\n");
    let upstream = words
        .find("<ErrorResponse")
        .or_else(|| words.find("<Error>"))
        .map(|start| words[start..].to_owned());
    let side = if upstream.is_some() || words.contains("upstream request") {
        Side::StsViaVault
    } else if is_look_up(&words) {
        Side::IamViaVault
    } else {
        Side::Vault
    };
    let mut fault = reply.fault(StepId::Login, side, path, role, Cause::Answered);
    fault.upstream = upstream.map(|text| keep_message(&text));
    fault
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn the_redactor_knows_the_body_and_its_parts() {
        let signed = SignedRequest {
            method: "POST",
            url: "https://sts.amazonaws.com/".into(),
            body: "Action=GetCallerIdentity&Version=2011-06-15",
            headers: vec![
                (
                    "Authorization".into(),
                    Secret::from(
                        "AWS4-HMAC-SHA256 Credential=A/B, Signature=canarysignature".to_owned(),
                    ),
                ),
                (
                    "X-Amz-Security-Token".into(),
                    Secret::from("canarysession".to_owned()),
                ),
            ],
            signed_headers: vec![],
            region: "us-east-1".into(),
            valid_until: SystemTime::UNIX_EPOCH,
        };
        let redactor = Redactor::default();
        let body = login_body("kong-role", &signed, &redactor);
        let text = String::from_utf8_lossy(&body).into_owned();
        let cleaned = redactor.clean(&text);
        let headers: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let encoded = headers["iam_request_headers"].as_str().unwrap_or_default();
        assert!(!encoded.is_empty());
        assert!(!cleaned.contains(encoded));
        assert!(
            !redactor
                .clean("a canarysignature b canarysession")
                .contains("canary")
        );
    }
}
