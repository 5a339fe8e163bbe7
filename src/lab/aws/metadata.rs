//! EC2's instance metadata service, version 2, of one instance.

use std::future::pending;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, SERVER};
use http::{Method, Request, Response, StatusCode};
use serde_json::json;

use super::Aws;
use super::identity::no_policies;
use super::state::{
    Delivered, Instance, MetadataState, Role, Session, State, identifier, session_token,
};
use crate::aws::policy::evaluate::{
    Caller, CallerKind, Context, Policies, Request as Asked, Verdict, evaluate,
};
use crate::lab::clock::rfc3339;
use crate::lab::server::Service;

const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const TOKEN_SECONDS: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
const ROLES: &str = "/latest/meta-data/iam/security-credentials";

/// How long the keys of an instance last.
const LIFE: Duration = Duration::from_secs(6 * 3600);

/// The metadata service of an instance.
pub struct Metadata {
    pub(super) aws: Aws,
    pub(super) instance: String,
}

impl Service for Metadata {
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let now = self.aws.now();
        let answer = answer(&mut self.aws.state(), &self.instance, &request, now);
        match answer {
            Ok(response) => response,
            Err(Some(status)) => text(status, status.canonical_reason().unwrap_or_default()),
            // What goes further than it may is lost on its way.
            Err(None) => pending().await,
        }
    }
}

/// What is told, or with which status nothing is; without one when the answer
/// does not reach the client.
fn answer(
    state: &mut State,
    id: &str,
    request: &Request<Bytes>,
    now: SystemTime,
) -> Result<Response<Bytes>, Option<StatusCode>> {
    let instance = state.instances.get_mut(id);
    let instance = instance.ok_or(StatusCode::NOT_FOUND)?;
    if instance.metadata == MetadataState::Disabled {
        return Err(Some(StatusCode::FORBIDDEN));
    }
    let path = request.uri().path();
    if path == "/latest/api/token" {
        return match (request.method(), instance.metadata) {
            (&Method::PUT, MetadataState::TooFar) => Err(None),
            (&Method::PUT, _) => new_token(instance, request, now),
            _ => Err(Some(StatusCode::METHOD_NOT_ALLOWED)),
        };
    }
    let token = request.headers().get(TOKEN).map(HeaderValue::to_str);
    let ends = token.and_then(|token| instance.tokens.get(token.ok()?));
    if ends.is_none_or(|ends| *ends <= now) {
        return Err(Some(StatusCode::UNAUTHORIZED));
    }
    let known = match path {
        "/latest/meta-data/placement/region" => Some(instance.region.clone()),
        "/latest/dynamic/instance-identity/document" => {
            let region = &instance.region;
            let document =
                json!({ "accountId": state.account, "instanceId": id, "region": region });
            Some(document.to_string())
        }
        path => {
            let rest = path.strip_prefix(ROLES);
            rest.and_then(|rest| role(state, id, rest.trim_matches('/'), now))
        }
    };
    let known = known.ok_or(StatusCode::NOT_FOUND)?;
    Ok(text(StatusCode::OK, &known))
}

fn new_token(
    instance: &mut Instance,
    request: &Request<Bytes>,
    now: SystemTime,
) -> Result<Response<Bytes>, Option<StatusCode>> {
    let header = request.headers().get(TOKEN_SECONDS);
    let seconds = header.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let seconds = seconds.filter(|seconds| (1..=21_600).contains(seconds));
    let seconds = seconds.ok_or(StatusCode::BAD_REQUEST)?;
    instance.tokens.retain(|_, ends| *ends > now);
    let token = identifier("AQAEA", 51);
    let ends = now + Duration::from_secs(seconds);
    let mut response = text(StatusCode::OK, &token);
    response.headers_mut().insert(TOKEN_SECONDS, seconds.into());
    instance.tokens.insert(token, ends);
    Ok(response)
}

/// The name of the instance's role, or its keys when the role is named.
fn role(state: &mut State, id: &str, wanted: &str, now: SystemTime) -> Option<String> {
    let profile = state.instances.get(id)?.profile.as_deref()?;
    let role = state.profiles.get(profile)?.role.as_deref()?;
    let role = state.roles.get(role)?.clone();
    if wanted.is_empty() {
        return Some(role.name);
    }
    if wanted != role.name {
        return None;
    }
    if !trusts_ec2(state, &role, now) {
        let message = format!(
            "EC2 cannot assume the role {}. Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html.",
            role.name
        );
        let document = json!({
            "Code": "AssumeRoleUnauthorizedAccess",
            "Message": message,
            "LastUpdated": rfc3339(now),
        });
        return Some(format!("{document:#}"));
    }
    keys(state, id, &role, now)
}

fn trusts_ec2(state: &State, role: &Role, now: SystemTime) -> bool {
    let policies = Policies {
        trust: role.trust.in_force(state),
        ..no_policies()
    };
    let principal = "ec2.amazonaws.com".to_owned();
    let asked = Asked {
        caller: Caller {
            kind: CallerKind::Service { principal },
            unique_id: None,
        },
        action: "sts:AssumeRole".to_owned(),
        resource: role.arn.clone(),
        context: Context::closed().with("aws:CurrentTime", &rfc3339(now)),
    };
    evaluate(&asked, &policies).verdict == Verdict::Allowed
}

/// The keys that the instance has, or new ones.
fn keys(state: &mut State, id: &str, role: &Role, now: SystemTime) -> Option<String> {
    if let Some(delivered) = &state.instances.get(id)?.delivered
        && delivered.role_id == role.unique_id
        && delivered.expires > now
    {
        return Some(delivered.document.clone());
    }
    let expires = now + LIFE;
    let keys = state.issue_session(Session {
        role: role.name.clone(),
        role_id: role.unique_id.clone(),
        name: id.to_owned(),
        token: session_token(),
        issued: now,
        expires,
        policy: None,
    });
    let document = json!({
        "Code": "Success",
        "LastUpdated": rfc3339(now),
        "Type": "AWS-HMAC",
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "Token": keys.session_token,
        "Expiration": rfc3339(expires),
    });
    let document = format!("{document:#}");
    state.instances.get_mut(id)?.delivered = Some(Delivered {
        role_id: role.unique_id.clone(),
        expires,
        document: document.clone(),
    });
    Some(document)
}

fn text(status: StatusCode, words: &str) -> Response<Bytes> {
    let response = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/plain")
        .header(SERVER, "EC2ws")
        .body(Bytes::from(words.to_owned()));
    response.unwrap_or_default()
}
