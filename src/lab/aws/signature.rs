//! Whose request it is: signatures are verified as AWS verifies them.

use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, StatusCode};
use scratchstack_aws_signature::errors::ServiceError as _;
use scratchstack_aws_signature::principal::{SessionData, SessionValue};
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS,
    SignatureError, SignatureOptions, service_for_signing_key_fn, sigv4_validate_request,
};

use super::Aws;
use super::endpoint::Host;
use super::refusal::Refusal;
use super::state::{KeyOwner, State};
use crate::lab::clock::utc;

/// What the verifier hands back: whose key it was.
const KEY_ID: &str = "access-key-id";

/// Verifies the signature of a request to `host`, and returns the owner of the
/// key that it was made with.
pub(super) async fn verify(
    request: Request<Bytes>,
    host: &Host,
    aws: &Aws,
    now: SystemTime,
) -> Result<KeyOwner, Refusal> {
    let keys = aws.clone();
    let find = move |asked: GetSigningKeyRequest| {
        let answer = signing_key(&keys.state(), &asked, now);
        async move { Ok(answer?) }
    };
    let verified = sigv4_validate_request(
        request,
        &host.region,
        host.service.name(),
        &mut service_for_signing_key_fn(find),
        utc(now),
        &NO_ADDITIONAL_SIGNED_HEADERS,
        SignatureOptions::default(),
    )
    .await;
    let (_, _, answer) = verified.map_err(|error| refusal(&SignatureError::from(error)))?;
    let owner = match answer.session_data().get(KEY_ID) {
        Some(SessionValue::String(id)) => aws.state().keys.get(id).map(|key| key.owner.clone()),
        _ => None,
    };
    owner.ok_or_else(Refusal::unknown_key)
}

/// Finds the key of a request whose time and scope are right.
fn signing_key(
    state: &State,
    asked: &GetSigningKeyRequest,
    now: SystemTime,
) -> Result<GetSigningKeyResponse, SignatureError> {
    let unknown = || SignatureError::InvalidClientTokenId(Refusal::unknown_key().message);
    let key = state.keys.get(asked.access_key()).ok_or_else(unknown)?;
    match (&key.owner, asked.session_token()) {
        (KeyOwner::Session(session), Some(token)) if session.token == token => {
            if session.expires <= now {
                let words = "The security token included in the request is expired";
                return Err(SignatureError::ExpiredToken(words.to_owned()));
            }
        }
        (KeyOwner::User(_), None) => {}
        _ => return Err(unknown()),
    }
    let secret: KSecretKey = key.secret.parse().map_err(|_| unknown())?;
    let signing_key = secret.to_ksigning(asked.request_date(), asked.region(), asked.service());
    let mut whose = SessionData::new();
    whose.insert(KEY_ID, SessionValue::from(asked.access_key()));
    GetSigningKeyResponse::builder()
        .session_data(whose)
        .signing_key(signing_key)
        .build()
        .map_err(|_| unknown())
}

/// The verifier's error as STS and IAM tell it.
fn refusal(error: &SignatureError) -> Refusal {
    let mut message = error.to_string();
    // AWS ends these, and no others, in a blank.
    if message.starts_with("Credential should be scoped") {
        message.push(' ');
    }
    let status = match error {
        SignatureError::MissingAuthenticationToken(_) => StatusCode::FORBIDDEN,
        other => other.http_status(),
    };
    Refusal {
        status,
        code: error.error_code(),
        message,
    }
}
