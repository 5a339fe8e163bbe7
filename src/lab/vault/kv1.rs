//! The KV engine, version 1: what is written replaces what was there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::call::{Call, Operation};
use super::reply::{Outcome, Refusal, Reply};

/// The secrets by their paths.
#[derive(Default)]
pub(super) struct Kv1(pub(super) BTreeMap<String, Map<String, Value>>);

impl Kv1 {
    pub(super) fn handle(&mut self, path: &str, call: &Call, lease: u64) -> Outcome {
        match call.operation {
            Operation::Read => {
                let secret = self.0.get(path).ok_or_else(Refusal::absent)?;
                Ok(Reply::data(Value::Object(secret.clone())).leased(lease))
            }
            Operation::List => Reply::keys(children(self.0.keys(), path)),
            Operation::Write if path.is_empty() => Err(Refusal::bad("missing path")),
            Operation::Write if call.fields.is_empty() => Err(Refusal::bad("missing data fields")),
            Operation::Write => {
                self.0.insert(path.to_owned(), call.fields.clone());
                Ok(Reply::nothing(204))
            }
            Operation::Delete => {
                self.0.remove(path);
                Ok(Reply::nothing(204))
            }
            _ => Err(Refusal::unsupported_operation()),
        }
    }
}

/// What lies directly below a path that ends in a slash; directories end in one.
pub(super) fn children<'k>(keys: impl Iterator<Item = &'k String>, path: &str) -> Vec<String> {
    let below = keys.filter_map(|key| key.strip_prefix(path));
    let mut names: Vec<String> = below
        .filter_map(|rest| rest.split_inclusive('/').next())
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}
