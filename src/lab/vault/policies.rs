//! The ACL policies, and the names that are more than a policy's.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::call::Operation;
use super::fields::{Fields, Validation};
use super::go;
use super::reply::{Outcome, Refusal, Reply};
use super::state::State;
use crate::vault::acl::Policy;

/// What every token may do that is not made without it: the same paths as in
/// Vault, without its remarks.
const DEFAULT: &str = include_str!("policies/default.hcl");

/// The name of that policy.
const DEFAULT_NAME: &str = "default";

/// What a token may do that holds an answer kept for somebody.
const RESPONSE_WRAPPING: &str = include_str!("policies/response-wrapping.hcl");

/// Policies that only Vault itself gives out.
const INTERNAL: [&str; 2] = ["response-wrapping", "control-group"];

/// Policies that nobody writes.
const IMMUTABLE: [&str; 3] = ["root", "response-wrapping", "control-group"];

/// Whether a token gets the policy that all have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Default {
    Added,
    /// Only if it is named.
    Left,
}

/// The policies of a new Vault.
pub(super) fn first() -> BTreeMap<String, String> {
    [
        (DEFAULT_NAME, DEFAULT),
        ("root", ""),
        ("response-wrapping", RESPONSE_WRAPPING),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect()
}

pub(super) fn exists(state: &State, name: &str) -> bool {
    state.policies.contains_key(name)
}

/// Names as a token has them: each once, in small letters and in order.
pub(super) fn tidied(names: Vec<String>, default: Default) -> Vec<String> {
    let mut names: Vec<String> = names
        .into_iter()
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    // Beside root nothing counts.
    if names.iter().any(|name| name == "root") {
        return vec!["root".to_owned()];
    }
    if default == Default::Added {
        names.push(DEFAULT_NAME.to_owned());
    }
    names.sort();
    names.dedup();
    names
}

/// Refuses names that no token gets.
pub(super) fn check_assignable(names: &[String]) -> Result<(), Refusal> {
    let internal = names.iter().find(|name| INTERNAL.contains(&name.as_str()));
    match internal {
        Some(name) => Err(Refusal::bad(format!(
            "cannot assign policy {}",
            go::quote(name)
        ))),
        None => Ok(()),
    }
}

/// Answers below `sys/policies/acl/`.
pub(super) fn handle(
    state: &mut State,
    operation: Operation,
    name: &str,
    given: &Map<String, Value>,
) -> Outcome {
    use Operation::{Delete, List, Read, Write};
    let small = name.to_lowercase();
    match operation {
        List if name.is_empty() => Reply::keys(names(state)),
        Read if !name.is_empty() => {
            let policy = state.policies.get(&small).ok_or_else(Refusal::absent)?;
            Ok(Reply::data(json!({ "name": small, "policy": policy })))
        }
        Write if !name.is_empty() => {
            let text = text(given)?;
            if IMMUTABLE.contains(&small.as_str()) {
                let words = format!("cannot update {} policy", go::quote(&small));
                return Err(Refusal::bad(words));
            }
            state.policies.insert(small.clone(), text);
            if small == name {
                return Ok(Reply::nothing());
            }
            let words = format!("policy name was converted to {small}");
            Ok(Reply::remark(200, words))
        }
        Delete if !name.is_empty() => {
            if small == DEFAULT_NAME {
                return Err(Refusal::bad("cannot delete default policy"));
            }
            if IMMUTABLE.contains(&small.as_str()) {
                let words = format!("cannot delete {} policy", go::quote(&small));
                return Err(Refusal::bad(words));
            }
            state.policies.remove(&small);
            Ok(Reply::nothing())
        }
        _ => Err(Refusal::unsupported_operation()),
    }
}

/// Answers below `sys/policy`, the older form.
pub(super) fn handle_old(state: &State, operation: Operation, name: &str) -> Outcome {
    let small = name.to_lowercase();
    match (operation, name) {
        (Operation::Read | Operation::List, "") => {
            let keys = names(state);
            Ok(Reply::flat(json!({ "keys": keys, "policies": keys })))
        }
        (Operation::Read, _) => {
            let policy = state.policies.get(&small).ok_or_else(Refusal::absent)?;
            Ok(Reply::flat(json!({ "name": small, "rules": policy })))
        }
        _ => Err(Refusal::unsupported_operation()),
    }
}

fn names(state: &State) -> Vec<String> {
    let names = state.policies.keys();
    names
        .filter(|name| !INTERNAL.contains(&name.as_str()))
        .cloned()
        .collect()
}

/// The text of a policy, which may come as base64.
fn text(given: &Map<String, Value>) -> Result<String, Refusal> {
    use base64::Engine as _;
    let text = Fields::new(given, Validation::First).text("policy")?;
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Err(Refusal::bad("'policy' parameter not supplied or empty"));
    };
    let decoded = base64::engine::general_purpose::STANDARD.decode(&text);
    let decoded = decoded.ok().and_then(|text| String::from_utf8(text).ok());
    let text = decoded.unwrap_or(text);
    match Policy::parse("", "policy", &text) {
        Ok(_) => Ok(text),
        Err(malformed) => Err(Refusal::bad(format!(
            "failed to parse policy: At {}:{}: {}",
            malformed.place.line, malformed.place.column, malformed.what
        ))),
    }
}
