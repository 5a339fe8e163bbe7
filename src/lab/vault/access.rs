//! Who may do what: the policies of a token, through the library's evaluator.

use serde_json::{Map, Value};

use super::call::Operation;
use super::state::State;
use super::tokens::Token;
use crate::vault::acl::{
    Asked, Capability, Decision, Doubt, Held, Limit, Policy, Rights, Verdict, capabilities, decide,
    grants_below,
};

/// Paths that take `sudo` beside the right itself. Source: "Root-protected API
/// endpoints" in Vault's "Policies", as far as these paths are served.
const SUDO: [&str; 7] = [
    "sys/auth/",
    "sys/audit",
    "sys/audit/",
    "sys/raw",
    "sys/seal",
    "auth/token/accessors",
    "auth/token/create-orphan",
];

/// The policies of a token, with what is put into their paths.
pub(super) fn held(state: &State, token: &Token) -> Vec<Held> {
    let policies = token.policies.iter();
    policies
        .map(|name| match state.policies.get(name) {
            Some(text) => completed(Held::from_text("", name, text), state, token),
            None => Held::Absent { name: name.clone() },
        })
        .collect()
}

/// Puts the caller's entity into the paths that ask for it. A path for which
/// there is nothing to put in is for nobody.
fn completed(held: Held, state: &State, token: &Token) -> Held {
    let Held::Known(mut policy) = held else {
        return held;
    };
    let entity = state.entities.get(&token.entity);
    complete(
        &mut policy,
        entity.map(|entity| (&*entity.id, &*entity.name)),
    );
    Held::Known(policy)
}

fn complete(policy: &mut Policy, entity: Option<(&str, &str)>) {
    if let Some((id, name)) = entity {
        for stanza in &mut policy.stanzas {
            for (template, value) in [
                ("{{identity.entity.id}}", id),
                ("{{identity.entity.name}}", name),
            ] {
                if stanza.path.contains(template) {
                    stanza.path = stanza.path.replace(template, value);
                }
            }
        }
    }
    policy.stanzas.retain(|stanza| !stanza.is_templated());
}

/// A request, as policies look at it.
pub(super) struct Wanted<'r> {
    pub(super) operation: Operation,
    pub(super) path: &'r str,
    pub(super) fields: &'r Map<String, Value>,
    /// Whether the thing is there; `None` on a path where that does not matter.
    pub(super) exists: Option<bool>,
}

/// Tells whether the policies allow a request.
pub(super) fn is_allowed(held: &[Held], wanted: &Wanted<'_>) -> bool {
    let capability = match wanted.operation {
        Operation::Read | Operation::Help | Operation::Other => Capability::Read,
        Operation::List => Capability::List,
        Operation::Delete => Capability::Delete,
        Operation::Patch => Capability::Patch,
        Operation::Write if wanted.exists == Some(false) => Capability::Create,
        Operation::Write => Capability::Update,
    };
    let decide = |capability| {
        let asked = Asked {
            namespace: "",
            path: wanted.path,
            capability,
        };
        decide(held, asked)
    };
    grants(&decide(capability), wanted.fields)
        && (!needs_sudo(wanted.path) || grants(&decide(Capability::Sudo), wanted.fields))
}

fn needs_sudo(path: &str) -> bool {
    let bare = path.trim_end_matches('/');
    SUDO.iter().any(|root| match root.strip_suffix('/') {
        Some(above) => bare.len() > above.len() && path.starts_with(root),
        None => bare == *root,
    })
}

/// What the evaluator leaves open is decided by the request itself.
fn grants(decision: &Decision, fields: &Map<String, Value>) -> bool {
    match decision.verdict {
        Verdict::Allowed => true,
        Verdict::Denied | Verdict::ExplicitDeny => false,
        Verdict::Undecided => {
            decision.visible == Verdict::Allowed
                && decision.doubts.iter().all(|doubt| match doubt {
                    Doubt::Limited { limit, .. } => is_within(limit, fields),
                    _ => false,
                })
        }
    }
}

/// Tells whether a request keeps to a limit. The evaluator knows the names of
/// parameters and not the values that are allowed.
fn is_within(limit: &Limit, fields: &Map<String, Value>) -> bool {
    let named = |names: &[String], field: &str| {
        let mut names = names.iter();
        names.any(|name| name == "*" || name.eq_ignore_ascii_case(field))
    };
    match limit {
        Limit::RequiredParameters(names) => names.iter().all(|name| {
            let mut fields = fields.keys();
            fields.any(|field| field.eq_ignore_ascii_case(name))
        }),
        Limit::AllowedParameters(names) => fields.keys().all(|field| named(names, field)),
        Limit::DeniedParameters(names) => !fields.keys().any(|field| named(names, field)),
        // Nothing here is wrapped, agreed to by others, or confirmed.
        Limit::Wrapping | Limit::ControlGroup | Limit::Mfa(_) | Limit::EventTypes(_) => false,
    }
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
