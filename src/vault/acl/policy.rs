//! A policy as stanzas.

mod attributes;

use super::capability::{Capability, Rights};
use super::syntax::{Item, Malformed, Node, Place, Value, Word, parse};
use attributes::Attributes;

/// A policy, by the name that a token has it under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    /// Where it lies, and its paths begin; empty for the root namespace.
    pub namespace: String,
    pub stanzas: Vec<Stanza>,
}

/// One `path "…" { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    /// As it is written, without a slash before it.
    pub path: String,
    /// Where the path is written.
    pub place: Place,
    pub rights: Rights,
    /// What refuses a request in spite of the capability; none beside `deny`.
    pub limits: Vec<Limit>,
}

/// What `sys/capabilities` does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// The request must have these parameters.
    RequiredParameters(Vec<String>),
    /// It may have no others than these.
    AllowedParameters(Vec<String>),
    /// It must not have these.
    DeniedParameters(Vec<String>),
    /// The answer must be wrapped: `min_wrapping_ttl` or `max_wrapping_ttl`.
    Wrapping,
    /// Others must agree (Enterprise).
    ControlGroup,
    /// A second factor is wanted (Enterprise).
    Mfa(Vec<String>),
    /// Only these events can be subscribed to.
    EventTypes(Vec<String>),
}

impl Policy {
    /// Reads a policy's text, HCL or JSON.
    ///
    /// # Errors
    ///
    /// The first thing for which Vault would refuse it. (A control group is
    /// noted and not looked into.)
    pub fn parse(namespace: &str, name: &str, text: &str) -> Result<Self, Malformed> {
        let mut stanzas = Vec::new();
        for item in parse(text)? {
            match item.key.text.as_str() {
                "path" => stanzas.push(stanza(item)?),
                "name" if item.labels.is_empty() => {
                    attributes::text(&item.value)?;
                }
                other => {
                    let what = format!("has '{other}' where only 'path' and 'name' can stand");
                    return Err(Malformed::new(item.key.place, what));
                }
            }
        }
        Ok(Policy {
            // Vault knows them in small letters only.
            name: name.to_lowercase(),
            namespace: namespace.to_owned(),
            stanzas,
        })
    }
}

impl Stanza {
    /// Tells whether Vault puts something of the caller's identity into the path.
    pub fn is_templated(&self) -> bool {
        self.path.contains("{{")
    }
}

impl Limit {
    /// Tells whether it can refuse a request of this kind. A read is taken as one
    /// without parameters.
    pub(super) fn concerns(&self, capability: Capability) -> bool {
        use Capability::{Create, Patch, Read, Subscribe, Update};
        match self {
            // Vault asks for them where it reads, too; not where it lists.
            Limit::RequiredParameters(_) => matches!(capability, Read | Create | Update | Patch),
            Limit::AllowedParameters(_) | Limit::DeniedParameters(_) => {
                matches!(capability, Create | Update | Patch)
            }
            Limit::EventTypes(_) => capability == Subscribe,
            Limit::Wrapping | Limit::ControlGroup | Limit::Mfa(_) => true,
        }
    }
}

fn stanza(item: Item) -> Result<Stanza, Malformed> {
    // Without a name the word itself is the path; further names mean nothing.
    let Word { text, place } = item.labels.into_iter().next().unwrap_or(item.key);
    let path = text.strip_prefix('/').unwrap_or(&text).to_owned();
    let attributes = Attributes::read(item.value)?;
    if path.contains("+*") {
        let what = format!("has the path '{path}': nothing can follow '+' but the next '/'");
        return Err(Malformed::new(place, what));
    }
    if !is_balanced(&path) {
        let what = format!("has the path '{path}' with an odd '{{{{' or '}}}}'");
        return Err(Malformed::new(place, what));
    }
    let rights = attributes.rights()?;
    let limits = match rights {
        Rights::Denied => Vec::new(),
        Rights::Granted(_) => attributes.limits()?,
    };
    Ok(Stanza {
        path,
        place,
        rights,
        limits,
    })
}

/// Tells whether every `{{` of a template has its `}}`.
fn is_balanced(path: &str) -> bool {
    let mut parts = path.split("{{");
    let is_before_plain = parts.next().is_none_or(|before| !before.contains("}}"));
    is_before_plain && parts.all(|part| part.matches("}}").count() == 1)
}
