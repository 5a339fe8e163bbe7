//! The ACL policies, and the names that are more than a policy's.

use std::collections::BTreeMap;

use serde_json::json;

use super::call::{Call, Operation};
use super::fields::Fields;
use super::reply::{Outcome, Refusal, Reply};
use crate::vault::acl::Policy;

/// The policies by their names.
pub(super) type Policies = BTreeMap<String, String>;

/// What every token may do that is not made without it.
const DEFAULT: &str = include_str!("policies/default.hcl");

/// Policies that only Vault itself gives out.
const INTERNAL: [&str; 2] = ["response-wrapping", "control-group"];

/// The policies of a new Vault.
pub(super) fn first() -> Policies {
    let policies = [("default", DEFAULT), ("root", "")];
    policies
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into()
}

/// Names as a token has them: each once, in small letters and in order.
pub(super) fn tidied(names: &[String]) -> Vec<String> {
    let names = names.iter().map(|name| name.trim().to_lowercase());
    let mut names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    // Beside root nothing counts.
    if names.iter().any(|name| name == "root") {
        return vec!["root".to_owned()];
    }
    names.sort();
    names.dedup();
    names
}

/// Refuses names that no token gets.
pub(super) fn check_assignable(names: &[String]) -> Result<(), Refusal> {
    let internal = names.iter().find(|name| INTERNAL.contains(&name.as_str()));
    match internal {
        Some(name) => Err(Refusal::bad(format!("cannot assign policy {name:?}"))),
        None => Ok(()),
    }
}

/// Answers below `sys/policies/acl/`.
pub(super) fn handle(policies: &mut Policies, typed: &str, call: &Call) -> Outcome {
    use Operation::{Delete, List, Read, Write};
    let name = typed.to_lowercase();
    match call.operation {
        List if name.is_empty() => Reply::keys(policies.keys().cloned().collect()),
        _ if name.is_empty() => Err(Refusal::unsupported_operation()),
        Read => {
            let policy = policies.get(&name).ok_or_else(Refusal::absent)?;
            Ok(Reply::data(json!({ "name": name, "policy": policy })))
        }
        Write => {
            let text = Fields::new(&call.fields)
                .text("policy")?
                .unwrap_or_default();
            if text.is_empty() {
                return Err(Refusal::bad("'policy' parameter not supplied or empty"));
            }
            Policy::parse("", "policy", &text).map_err(|malformed| {
                let (place, what) = (malformed.place, malformed.what);
                Refusal::bad(format!(
                    "failed to parse policy: At {}:{}: {what}",
                    place.line, place.column
                ))
            })?;
            if name == "root" {
                return Err(Refusal::bad("cannot update \"root\" policy"));
            }
            let remark = format!("policy name was converted to {name}");
            let is_converted = name != typed;
            policies.insert(name, text);
            Ok(if is_converted {
                Reply::remark(200, remark)
            } else {
                Reply::nothing(204)
            })
        }
        Delete => match name.as_str() {
            "default" => Err(Refusal::bad("cannot delete default policy")),
            "root" => Err(Refusal::bad("cannot delete \"root\" policy")),
            name => {
                policies.remove(name);
                Ok(Reply::nothing(204))
            }
        },
        _ => Err(Refusal::unsupported_operation()),
    }
}
