//! The KV engine, version 1: what is written replaces what was there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::call::{Call, Operation};
use super::fields;
use super::reply::{Outcome, Refusal, Reply};

/// The secrets by their paths.
#[derive(Default)]
pub(super) struct Kv1(pub(super) BTreeMap<String, Map<String, Value>>);

impl Kv1 {
    pub(super) fn handle(&mut self, path: &str, call: &Call, default_lease: u64) -> Outcome {
        match call.operation {
            Operation::Read => {
                relative(path)
                    .map_err(|error| Refusal::listed(400, &format!("read failed: {error}")))?;
                let secret = self.0.get(path).ok_or_else(Refusal::absent)?;
                let mut reply = Reply::data(Value::Object(secret.clone()));
                reply.lease_duration = lease(secret).unwrap_or(default_lease);
                Ok(reply)
            }
            Operation::List => Reply::keys(children(self.0.keys(), path)),
            Operation::Write => {
                if path.is_empty() {
                    return Err(Refusal::bad("missing path"));
                }
                if call.fields.is_empty() {
                    return Err(Refusal::bad("missing data fields"));
                }
                self.0.insert(path.to_owned(), call.fields.clone());
                Ok(Reply::nothing())
            }
            Operation::Delete => {
                self.0.remove(path);
                Ok(Reply::nothing())
            }
            _ => Err(Refusal::unsupported_operation()),
        }
    }
}

/// How long a reader may keep it, if the secret says so itself.
fn lease(secret: &Map<String, Value>) -> Option<u64> {
    let said = secret.get("ttl").or_else(|| secret.get("lease"))?;
    u64::try_from(fields::duration(said).ok()?).ok()
}

fn relative(path: &str) -> Result<(), &'static str> {
    if path.contains("..") {
        Err("relative paths not supported")
    } else {
        Ok(())
    }
}

/// What lies directly below a path that ends in a slash; directories end in one.
pub(super) fn children<'k>(keys: impl Iterator<Item = &'k String>, path: &str) -> Vec<String> {
    let mut names: Vec<String> = keys
        .filter_map(|key| key.strip_prefix(path))
        .filter(|rest| !rest.is_empty())
        .map(|rest| match rest.split_once('/') {
            Some((directory, _)) => format!("{directory}/"),
            None => rest.to_owned(),
        })
        .collect();
    names.sort();
    names.dedup();
    names
}
