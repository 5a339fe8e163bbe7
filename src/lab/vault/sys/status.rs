//! What Vault says of itself to anybody, sealed or not.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::http::date;
use crate::lab::vault::Vault;
use crate::lab::vault::call::{is_read, is_true, query};
use crate::lab::vault::go;
use crate::lab::vault::mount::VERSION;
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::lab::vault::state::{Node, Seal, State};

/// Tells whether a node answers a path by itself, whatever it is.
pub(in crate::lab::vault) fn is_told_by_all(path: &str) -> bool {
    matches!(
        path,
        "sys/health" | "sys/seal-status" | "sys/leader" | "sys/init"
    )
}

/// Answers, if it is one of these paths.
pub(in crate::lab::vault) fn handle(
    vault: &Vault,
    path: &str,
    request: &Request<Bytes>,
) -> Option<Outcome> {
    let state = vault.state();
    let body = match path {
        "sys/health" if is_read(request.method()) => {
            return Some(health(&state, request, go::unix(vault.clock.now())));
        }
        "sys/seal-status" => seal_status(&state),
        "sys/leader" => leader(&state),
        "sys/init" => json!({ "initialized": state.seal != Seal::Uninitialised }),
        "sys/health" => Value::Null,
        _ => return None,
    };
    Some(if is_read(request.method()) {
        Ok(Reply::bare(200, body))
    } else {
        Err(Refusal::silent(405))
    })
}

fn health(state: &State, request: &Request<Bytes>, now: u64) -> Outcome {
    let query = query(request);
    let given = |name: &str| {
        let mut all = query.iter();
        all.find(|(key, _)| key == name).map(|(_, value)| value)
    };
    let flag = |name| match given(name).map(String::as_str) {
        None | Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
        Some(text) if text.is_empty() || is_true(text) => Ok(true),
        Some(_) => Err(Refusal::silent(400)),
    };
    let code = |name, otherwise| match given(name) {
        Some(text) => text.parse().map_err(|_| Refusal::silent(400)),
        None => Ok(otherwise),
    };
    let standby_is_well = flag("standbyok")?;
    flag("perfstandbyok")?;
    let active = code("activecode", 200)?;
    let standby = code("standbycode", 429)?;
    let sealed = code("sealedcode", 503)?;
    let uninitialised = code("uninitcode", 501)?;
    let is_standby = state.node != Node::Alone;
    let status = match (state.seal, &state.node) {
        (Seal::Uninitialised, _) => uninitialised,
        (Seal::Sealed, _) => sealed,
        (Seal::Unsealed, Node::Alone) => active,
        (Seal::Unsealed, _) if standby_is_well => active,
        (Seal::Unsealed, Node::Standby) => standby,
        (Seal::Unsealed, Node::StandbyAlone { .. }) => code("haunhealthycode", 474)?,
    };
    let is_open = state.seal == Seal::Unsealed;
    let replication = if is_open && state.node != Node::Standby {
        "disabled"
    } else {
        "unknown"
    };
    let mut body = json!({
        "initialized": state.seal != Seal::Uninitialised,
        "sealed": !is_open,
        "standby": !is_open || is_standby,
        "performance_standby": false,
        "replication_performance_mode": replication,
        "replication_dr_mode": replication,
        "server_time_utc": now,
        "version": VERSION,
        "enterprise": false,
    });
    if is_open {
        add(&mut body, &cluster(state));
    }
    add(
        &mut body,
        &json!({
            "echo_duration_ms": 0,
            "clock_skew_ms": 0,
            "replication_primary_canary_age_ms": 0,
        }),
    );
    if is_open && is_standby {
        add(&mut body, &json!({ "removed_from_cluster": false }));
    }
    if is_open && matches!(state.node, Node::StandbyAlone { .. }) {
        let alone = json!({
            "ha_connection_healthy": false,
            "last_request_forwarding_heartbeat_ms": 30_000,
        });
        add(&mut body, &alone);
    }
    Ok(Reply::bare(status, body))
}

fn seal_status(state: &State) -> Value {
    let shares = u8::from(state.seal != Seal::Uninitialised);
    let mut body = json!({
        "type": "shamir",
        "initialized": state.seal != Seal::Uninitialised,
        "sealed": state.seal != Seal::Unsealed,
        "t": shares,
        "n": shares,
        "progress": 0,
        "nonce": "",
        "version": VERSION,
        "build_date": date::rfc3339(state.built),
        "migration": false,
    });
    if state.seal == Seal::Unsealed {
        add(&mut body, &cluster(state));
    }
    add(
        &mut body,
        &json!({ "recovery_seal": false, "storage_type": "inmem" }),
    );
    body
}

fn leader(state: &State) -> Value {
    let active = match &state.node {
        Node::StandbyAlone { active } => active,
        Node::Alone | Node::Standby => "",
    };
    json!({
        "ha_enabled": state.node != Node::Alone,
        "is_self": false,
        "active_time": "0001-01-01T00:00:00Z",
        "leader_address": active,
        "leader_cluster_address": "",
        "performance_standby": false,
        "performance_standby_last_remote_wal": 0,
    })
}

fn cluster(state: &State) -> Value {
    json!({ "cluster_name": state.cluster_name, "cluster_id": state.cluster_id })
}

fn add(body: &mut Value, more: &Value) {
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
}
