//! The token of a pod or a CI job that STS exchanges for credentials: what it
//! claims, for a person to compare with the trust policy. It is not verified
//! here; STS does that.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// A token as it lay in its file.
#[derive(Debug)]
pub struct WebIdentity {
    pub token: Secret,
    pub claims: Claims,
}

/// What a token says of itself; nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub token_file: PathBuf,
    pub issuer: Option<String>,
    pub subject: Option<String>,
    pub audience: Option<String>,
    #[serde(with = "crate::http::date::as_text")]
    pub expires_at: Option<SystemTime>,
}

/// The claims of RFC 7519 that trust policies speak of.
#[derive(Deserialize, Default)]
struct Payload {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl WebIdentity {
    /// Reads the token in `file`; `None` if it cannot be read.
    pub fn read(file: &Path) -> Option<Self> {
        let token = Secret::from(std::fs::read_to_string(file).ok()?);
        let payload = payload(&token).unwrap_or_default();
        let claims = Claims {
            token_file: file.to_owned(),
            issuer: payload.iss,
            subject: payload.sub,
            audience: payload.aud.map(|audience| match audience {
                Audience::One(one) => one,
                Audience::Several(all) => all.join(", "),
            }),
            expires_at: payload.exp.and_then(|seconds| {
                SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
            }),
        };
        Some(WebIdentity { token, claims })
    }
}

/// The middle part of a JSON Web Token.
fn payload(token: &Secret) -> Option<Payload> {
    let part = token.expose_secret().trim().split('.').nth(1)?;
    let decoded = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims_of(payload: &str) -> Option<Claims> {
        let directory = tempfile::tempdir().ok()?;
        let file = directory.path().join("token");
        let part = URL_SAFE_NO_PAD.encode(payload);
        std::fs::write(&file, format!("eyJh.{part}.c2ln\n")).ok()?;
        WebIdentity::read(&file).map(|found| found.claims)
    }

    #[test]
    fn the_claims_that_trust_policies_speak_of_are_read() {
        let claims = claims_of(
            r#"{"iss":"https://i.example","sub":"repo:o/r","aud":["a","b"],"exp":1,"x":{}}"#,
        );
        let claims = claims.expect("the token was just written");
        assert_eq!(claims.issuer.as_deref(), Some("https://i.example"));
        assert_eq!(claims.subject.as_deref(), Some("repo:o/r"));
        assert_eq!(claims.audience.as_deref(), Some("a, b"));
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        assert_eq!(claims.expires_at, Some(end));
    }

    #[test]
    fn what_is_no_token_claims_nothing() {
        for payload in ["", "[]", "{\"iss\":1}", "{\"exp\":99999999999999999999}"] {
            let claims = claims_of(payload).expect("the token was just written");
            let all = (claims.issuer, claims.subject, claims.audience);
            assert_eq!(all, (None, None, None), "{payload}");
        }
        assert!(WebIdentity::read(Path::new("/no/such/file")).is_none());
    }
}
