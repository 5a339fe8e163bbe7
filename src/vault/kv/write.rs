//! Writing the KV engine, version 1 and 2.
//!
//! Every write replaces the secret, or, with version 2, merges into it with an
//! HTTP PATCH (a JSON merge patch). Source: Vault's API documentation of the KV
//! engines.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Fields, Location, fault, is_of_version_two, is_upgrading, is_wrapped, refused};
use crate::fault::{CasProblem, Cause, Fault, KvProblem, MountSeen};
use crate::secret::Secret;
use crate::settings::KvVersion;
use crate::trace::StepId;
use crate::vault::client::{Reply, Request, VaultClient};

/// How what is written meets what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// What is not written is gone.
    Replace,
    /// Fields that are not written stay (version 2 only).
    Merge,
}

#[derive(Serialize)]
struct V2Body<'a> {
    data: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<V2Options>,
}

#[derive(Serialize)]
struct V2Options {
    cas: u64,
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

/// A write, before it is sent.
pub struct Write<'a> {
    pub location: &'a Location,
    pub fields: &'a Fields,
    pub manner: Manner,
    /// The version that is to be replaced, 0 for none. Version 1 of the engine
    /// knows no such check.
    pub cas: Option<u64>,
}

/// Sends a write. Its answer is judged by [`written`].
///
/// # Errors
///
/// Nobody answered, or what answered is not Vault. Whether it was written is
/// then unknown, unless the fault came before anything was sent.
pub async fn send(
    client: &VaultClient,
    write: &Write<'_>,
    namespace: Option<&str>,
    token: &Secret,
) -> Result<Reply, Box<Fault>> {
    let data = &write.fields.0;
    let options = write.cas.map(|cas| V2Options { cas });
    let body = match write.location.kv_version {
        KvVersion::One => serde_json::to_vec(data),
        KvVersion::Two => serde_json::to_vec(&V2Body { data, options }),
    };
    let body = Zeroizing::new(body.unwrap_or_default());
    let path = write.location.api_path();
    let mut request = Request::post(StepId::Write, &path, body);
    if write.manner == Manner::Merge {
        request.method = Method::PATCH;
    }
    client.send(request.token(token).namespace(namespace)).await
}

/// The version that a write made; `None` with version 1 of the engine.
///
/// # Errors
///
/// Vault did not write.
pub fn written(
    reply: &Reply,
    location: &Location,
    mount: MountSeen,
) -> Result<Option<u64>, Box<Fault>> {
    if is_wrapped(reply) {
        let cause = Cause::Kv(KvProblem::Wrapped);
        return Err(fault(reply, StepId::Write, location, cause));
    }
    if reply.is_success() {
        let made = reply.json::<Answer>().and_then(|answer| answer.data);
        return Ok(made.map(|made| made.version));
    }
    let cause = problem(reply, location, mount).map_or(Cause::Answered, Cause::Kv);
    Err(fault(reply, StepId::Write, location, cause))
}

fn check_and_set(problem: CasProblem) -> KvProblem {
    KvProblem::CheckAndSet {
        problem,
        current: None,
    }
}

/// Tells whether Vault refused a body before it looked at the request: it has limits
/// for what JSON may hold, and refuses what it cannot read.
fn is_about_json(words: &str) -> bool {
    let of_limit = words.starts_with("JSON ") && words.contains(" exceeds allowed ");
    let of_form = ["malformed JSON", "invalid character ", "duplicate key "];
    of_limit || of_form.iter().any(|start| words.starts_with(start))
}

fn problem(reply: &Reply, location: &Location, mount: MountSeen) -> Option<KvProblem> {
    let words = reply.errors().join("\n");
    match reply.status {
        400 if words.contains("check-and-set parameter required") => {
            Some(check_and_set(CasProblem::Required))
        }
        400 if words.contains("check-and-set parameter did not match") => {
            Some(check_and_set(CasProblem::Mismatch))
        }
        400 if is_upgrading(reply) => Some(KvProblem::Upgrading),
        // Vault gives its limits for JSON the status of its own failures.
        500 if is_about_json(&words) => Some(KvProblem::BodyRefused),
        404 if words.contains("no handler for route") => Some(KvProblem::NoEngine),
        404 if is_of_version_two(reply, location) => Some(KvProblem::V1PathOnV2),
        // Only a merge needs something that is there.
        404 => Some(KvProblem::NoSecret { asked: None, mount }),
        _ => refused(reply, location, mount),
    }
}
