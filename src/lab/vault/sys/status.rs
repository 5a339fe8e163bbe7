//! What Vault says of itself to anybody, sealed or not.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::lab::clock::{epoch_seconds, rfc3339};
use crate::lab::vault::mount::VERSION;
use crate::lab::vault::reply::{Outcome, Reply, with};
use crate::lab::vault::state::State;

/// Answers a reading request, if it is for one of these paths.
pub(in crate::lab::vault) fn handle(state: &State, path: &str, now: SystemTime) -> Option<Outcome> {
    let (status, body) = match path {
        "sys/health" if state.is_sealed => (503, health(state, now)),
        "sys/health" => (200, health(state, now)),
        "sys/seal-status" => (200, seal_status(state, now)),
        "sys/leader" => (200, leader()),
        _ => return None,
    };
    Some(Ok(Reply::bare(status, body)))
}

fn health(state: &State, now: SystemTime) -> Value {
    let replication = if state.is_sealed {
        "unknown"
    } else {
        "disabled"
    };
    let body = json!({
        "initialized": true,
        "sealed": state.is_sealed,
        "standby": state.is_sealed,
        "performance_standby": false,
        "replication_performance_mode": replication,
        "replication_dr_mode": replication,
        "server_time_utc": epoch_seconds(now),
        "version": VERSION,
        "enterprise": false,
        "echo_duration_ms": 0,
        "clock_skew_ms": 0,
        "replication_primary_canary_age_ms": 0,
    });
    with_cluster(body, state)
}

fn seal_status(state: &State, now: SystemTime) -> Value {
    let body = json!({
        "type": "shamir",
        "initialized": true,
        "sealed": state.is_sealed,
        "t": 1,
        "n": 1,
        "progress": 0,
        "nonce": "",
        "version": VERSION,
        // This program is always new.
        "build_date": rfc3339(now),
        "migration": false,
        "recovery_seal": false,
        "storage_type": "inmem",
    });
    with_cluster(body, state)
}

fn with_cluster(body: Value, state: &State) -> Value {
    if state.is_sealed {
        return body;
    }
    let body = with(body, "cluster_name", json!(state.cluster_name));
    with(body, "cluster_id", json!(state.cluster_id))
}

fn leader() -> Value {
    json!({
        "ha_enabled": false,
        "is_self": false,
        "active_time": "0001-01-01T00:00:00Z",
        "leader_address": "",
        "leader_cluster_address": "",
        "performance_standby": false,
        "performance_standby_last_remote_wal": 0,
    })
}
