//! The audit devices, which write nowhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::call::{Call, Operation};
use super::super::fields::Fields;
use super::super::reply::{Outcome, Refusal, Reply};

/// What each is, by its path, which ends in a slash.
pub(in super::super) type Devices = BTreeMap<String, Value>;

const TYPES: [&str; 3] = ["file", "socket", "syslog"];

pub(super) fn handle(devices: &mut Devices, name: &str, call: &Call) -> Outcome {
    use Operation::{Delete, Read, Write};
    let path = format!("{name}/");
    match call.operation {
        Read if name.is_empty() => Ok(Reply::flat(json!(devices))),
        Write if !name.is_empty() => {
            let fields = Fields::new(&call.fields);
            let kind = fields.text("type")?.unwrap_or_default();
            if devices.contains_key(&path) {
                return Err(Refusal::bad("path already in use: invalid configuration"));
            }
            if !TYPES.contains(&kind.as_str()) {
                return Err(Refusal::bad(format!(
                    "unknown backend type: {kind:?}: invalid configuration"
                )));
            }
            let device = json!({
                "type": kind,
                "description": fields.text("description")?.unwrap_or_default(),
                "options": call.fields.get("options"),
                "local": false,
                "path": path,
            });
            devices.insert(path, device);
            Ok(Reply::nothing(204))
        }
        Delete if !name.is_empty() => {
            devices.remove(&path);
            Ok(Reply::nothing(204))
        }
        _ => Err(Refusal::unsupported_operation()),
    }
}
