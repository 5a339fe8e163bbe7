//! Who may do what: the policies of a token, through the library's evaluator.

use super::call::Operation;
use super::state::State;
use super::tokens::Token;
use crate::vault::acl::{
    Asked, Capability, Held, Rights, Verdict, capabilities, decide, grants_below,
};

/// Paths that take `sudo` beside the right itself; a slash at the end stands for all
/// that is below.
const SUDO: [&str; 5] = [
    "sys/auth/",
    "sys/audit",
    "sys/audit/",
    "sys/seal",
    "auth/token/accessors/",
];

/// The policies of a token.
pub(super) fn held(state: &State, token: &Token) -> Vec<Held> {
    let policies = token.policies.iter();
    policies
        .map(|name| match state.policies.get(name) {
            Some(text) => Held::from_text("", name, text),
            None => Held::Absent { name: name.clone() },
        })
        .collect()
}

/// Tells whether the policies allow a request. `exists` tells whether the thing is
/// there; `None` on a path where that does not matter.
pub(super) fn is_allowed(
    held: &[Held],
    operation: Operation,
    path: &str,
    exists: Option<bool>,
) -> bool {
    let capability = match operation {
        Operation::Read | Operation::Help => Capability::Read,
        Operation::List => Capability::List,
        Operation::Delete => Capability::Delete,
        Operation::Patch => Capability::Patch,
        Operation::Write if exists == Some(false) => Capability::Create,
        Operation::Write => Capability::Update,
    };
    // What a policy makes depend on more than the path is not granted.
    let grants = |capability| {
        let asked = Asked {
            namespace: "",
            path,
            capability,
        };
        decide(held, asked).verdict == Verdict::Allowed
    };
    grants(capability) && (!needs_sudo(path) || grants(Capability::Sudo))
}

fn needs_sudo(path: &str) -> bool {
    let is_below = |root: &&str| root.ends_with('/') && path.starts_with(*root);
    SUDO.iter().any(|root| is_below(root) || path == *root)
}

/// The words of `sys/capabilities` for a path.
pub(super) fn words(held: &[Held], path: &str) -> Vec<String> {
    match capabilities(held, "", path) {
        Rights::Denied => vec!["deny".to_owned()],
        Rights::Granted(granted) => {
            let mut words: Vec<String> = granted.iter().map(ToString::to_string).collect();
            words.sort();
            words
        }
    }
}

/// Tells whether the policies allow anything at all below a path.
pub(super) fn reaches(held: &[Held], path: &str) -> bool {
    !grants_below(held, path).is_empty()
}
