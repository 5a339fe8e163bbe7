//! EC2's instance metadata service, version 2, of one instance.

use std::future::pending;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, SERVER};
use http::{Method, Request, Response, StatusCode};
use serde_json::json;

use super::permit::no_policies;
use super::state::{
    Instance, KeyOwner, MetadataState, Role, Session, State, identifier, session_token,
};
use super::{Aws, locked};
use crate::aws::policy::evaluate::{
    Caller, CallerKind, Context, Policy, Request as Asked, Sight, Verdict, evaluate,
};
use crate::lab::clock::rfc3339;
use crate::lab::server::Service;

const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const TOKEN_SECONDS: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
const ROLES: &str = "/latest/meta-data/iam/security-credentials";

/// How long the keys of an instance last, and how long before their end it gets
/// others.
const LIFE: Duration = Duration::from_secs(6 * 3600);
const RENEWAL: Duration = Duration::from_secs(300);

/// The most session tokens that an instance keeps.
const TOKENS: usize = 100;

/// The metadata service of an instance.
#[derive(Debug, Clone)]
pub struct Metadata {
    pub(super) aws: Aws,
    pub(super) instance: String,
}

impl Service for Metadata {
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let now = self.aws.clock.now();
        let answer = {
            let mut state = locked(&self.aws.state);
            answer(&mut state, &self.instance, &request, now)
        };
        match answer {
            Some(response) => response,
            // What comes from too far away is lost on its way back.
            None => pending().await,
        }
    }
}

/// `None` when the answer does not reach the client.
fn answer(
    state: &mut State,
    id: &str,
    request: &Request<Bytes>,
    now: SystemTime,
) -> Option<Response<Bytes>> {
    let Some(instance) = state.instances.get_mut(id) else {
        return Some(text(StatusCode::NOT_FOUND, "Not Found"));
    };
    if instance.metadata == MetadataState::Disabled {
        return Some(text(StatusCode::FORBIDDEN, "Forbidden"));
    }
    if request.uri().path() == "/latest/api/token" {
        if request.method() != Method::PUT {
            return Some(text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"));
        }
        // The hop limit is that of this answer's packets.
        return (instance.hops <= instance.hop_limit).then(|| new_token(instance, request, now));
    }
    let token = request.headers().get(TOKEN).map(HeaderValue::to_str);
    let ends = token.and_then(|token| instance.tokens.get(token.ok()?));
    if ends.is_none_or(|ends| *ends <= now) {
        return Some(text(StatusCode::UNAUTHORIZED, "Unauthorized"));
    }
    let known = match request.uri().path() {
        "/latest/meta-data/instance-id" => Some(id.to_owned()),
        "/latest/meta-data/placement/region" => Some(instance.region.clone()),
        "/latest/dynamic/instance-identity/document" => Some(
            json!({
                "accountId": instance.account, "instanceId": id, "region": instance.region,
                "availabilityZone": format!("{}a", instance.region), "version": "2017-09-30",
            })
            .to_string(),
        ),
        path => path
            .strip_prefix(ROLES)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .and_then(|rest| role(state, id, rest.trim_matches('/'), now)),
    };
    Some(match known {
        Some(known) => text(StatusCode::OK, &known),
        None => text(StatusCode::NOT_FOUND, "Not Found"),
    })
}

fn new_token(
    instance: &mut Instance,
    request: &Request<Bytes>,
    now: SystemTime,
) -> Response<Bytes> {
    let header = request.headers().get(TOKEN_SECONDS);
    let seconds = header.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let Some(seconds) = seconds.filter(|seconds| (1..=21_600).contains(seconds)) else {
        return text(StatusCode::BAD_REQUEST, "Bad Request");
    };
    instance.tokens.retain(|_, ends| *ends > now);
    if instance.tokens.len() >= TOKENS {
        instance.tokens.pop_first();
    }
    let token = identifier("AQAEA", 51);
    let ends = now + Duration::from_secs(seconds);
    instance.tokens.insert(token.clone(), ends);
    let mut response = text(StatusCode::OK, &token);
    response.headers_mut().insert(TOKEN_SECONDS, seconds.into());
    response
}

/// The name of the instance's role, or its keys when the role is named.
fn role(state: &mut State, id: &str, wanted: &str, now: SystemTime) -> Option<String> {
    let instance = state.instances.get(id)?;
    let account = instance.account.clone();
    let profile = state.profile(&account, instance.profile.as_deref()?).ok()?;
    let role = state.role(&account, profile.role.as_deref()?).ok()?.clone();
    if wanted.is_empty() {
        return Some(role.name);
    }
    if wanted != role.name {
        return None;
    }
    let document = if trusts_ec2(state, &role, now) {
        keys(state, id, &account, &role, now)?
    } else {
        json!({
            "Code": "AssumeRoleUnauthorizedAccess",
            "Message": format!("EC2 cannot assume the role {}. Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html.", role.name),
            "LastUpdated": rfc3339(now),
        })
    };
    Some(format!("{document:#}"))
}

fn trusts_ec2(state: &State, role: &Role, now: SystemTime) -> bool {
    let trust = role.trust.in_force(state).map(|document| Policy {
        name: "trust".to_owned(),
        document,
    });
    let mut policies = no_policies();
    policies.trust = Sight::Seen(trust.into_iter().collect());
    let caller = Caller {
        kind: CallerKind::Service {
            principal: "ec2.amazonaws.com".to_owned(),
        },
        unique_id: None,
    };
    let asked = Asked {
        caller,
        action: "sts:AssumeRole".to_owned(),
        resource: role.arn.clone(),
        context: Context::closed().with("aws:CurrentTime", &rfc3339(now)),
    };
    evaluate(&asked, &policies).verdict == Verdict::Allowed
}

/// The keys that the instance has, or new ones.
fn keys(
    state: &mut State,
    id: &str,
    account: &str,
    role: &Role,
    now: SystemTime,
) -> Option<serde_json::Value> {
    let delivered = state.instances.get(id)?.delivered.as_ref();
    let delivered = delivered.filter(|(_, role_id)| *role_id == role.unique_id);
    let lasts = |key: &String| match &state.keys.get(key)?.owner {
        KeyOwner::Session(session) => (session.expires > now + RENEWAL).then(|| key.clone()),
        KeyOwner::Root { .. } | KeyOwner::User { .. } => None,
    };
    let key = match delivered.and_then(|(key, _)| lasts(key)) {
        Some(key) => key,
        None => {
            let session = Session {
                account: account.to_owned(),
                role: role.name.clone(),
                role_id: role.unique_id.clone(),
                name: id.to_owned(),
                token: session_token(),
                issued: now,
                expires: now + LIFE,
                policy: None,
                tags: Default::default(),
                transitive: Default::default(),
                source_identity: None,
            };
            let key = state.issue_session(session).access_key_id;
            let delivered = Some((key.clone(), role.unique_id.clone()));
            state.instances.get_mut(id)?.delivered = delivered;
            key
        }
    };
    let owned = state.keys.get(&key)?;
    let KeyOwner::Session(session) = &owned.owner else {
        return None;
    };
    Some(json!({
        "Code": "Success",
        "LastUpdated": rfc3339(session.issued),
        "Type": "AWS-HMAC",
        "AccessKeyId": key,
        "SecretAccessKey": owned.secret,
        "Token": session.token,
        "Expiration": rfc3339(session.expires),
    }))
}

fn text(status: StatusCode, words: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(words.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(SERVER, HeaderValue::from_static("EC2ws"));
    response
}
