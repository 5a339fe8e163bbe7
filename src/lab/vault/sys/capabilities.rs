//! What a token may do: `sys/capabilities`, for oneself or another.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use crate::lab::vault::access;
use crate::lab::vault::fields::{Fields, Validation};
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::lab::vault::state::State;
use crate::lab::vault::tokens::Token;

pub(super) fn handle(
    state: &mut State,
    path: &str,
    given: &Map<String, Value>,
    caller: &Token,
    now: SystemTime,
) -> Outcome {
    let fields = Fields::new(given, Validation::First);
    let paths = match fields.list("paths")?.filter(|paths| !paths.is_empty()) {
        Some(paths) => paths,
        None => fields.list("path")?.unwrap_or_default(),
    };
    if paths.is_empty() {
        return Err(Refusal::bad("paths must be supplied"));
    }
    let token = match path {
        "capabilities" => {
            let token = fields.text("token")?.unwrap_or_default();
            let found = state.tokens.get(&token, now).cloned();
            found.ok_or_else(|| Refusal::listed(400, "invalid token"))?
        }
        "capabilities-accessor" => {
            let accessor = fields.text("accessor")?.unwrap_or_default();
            let found = state.tokens.by_accessor(&accessor, now).cloned();
            found.ok_or_else(|| Refusal::listed(400, "invalid accessor"))?
        }
        _ => caller.clone(),
    };
    let held = access::held(state, &token);
    let mut told = Map::new();
    for path in &paths {
        let words = if token.is_root() {
            vec!["root".to_owned()]
        } else {
            access::words(&held, path)
        };
        told.insert(path.clone(), json!(words));
    }
    if let [path] = paths.as_slice() {
        let words = told.get(path).cloned().unwrap_or_default();
        told.insert("capabilities".to_owned(), words);
    }
    Ok(Reply::flat(Value::Object(told)))
}
