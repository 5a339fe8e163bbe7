//! What stands between the braces of a stanza.

use std::collections::BTreeSet;

use super::{Capability, Limit, Malformed, Node, Place, Rights, Value};
use crate::vault::acl::duration;

/// The attributes of one stanza, each of the type that Vault wants.
#[derive(Default)]
pub(super) struct Attributes {
    /// The old form of `capabilities`.
    policy: Option<(String, Place)>,
    capabilities: Vec<(String, Place)>,
    allowed: Option<Vec<String>>,
    denied: Option<Vec<String>>,
    required: Vec<String>,
    min_wrapping_ttl: Option<Value>,
    max_wrapping_ttl: Option<Value>,
    mfa_methods: Vec<String>,
    has_control_group: bool,
    event_types: Vec<String>,
}

impl Attributes {
    pub(super) fn read(value: Value) -> Result<Self, Malformed> {
        let place = value.place;
        let Node::Block(items) = value.node else {
            let what = format!(
                "is {} where a block in braces must stand",
                value.node.kind()
            );
            return Err(Malformed::new(place, what));
        };
        let mut read = Attributes::default();
        for item in items {
            let (value, place) = (item.value, item.key.place);
            match item.labels.first() {
                None => read.attribute(&item.key.text, place, value)?,
                Some(label) => read.labelled(&item.key.text, place, &label.text)?,
            }
        }
        Ok(read)
    }

    fn attribute(&mut self, name: &str, place: Place, value: Value) -> Result<(), Malformed> {
        match name {
            "comment" => {}
            "policy" => self.policy = Some((text(&value)?, value.place)),
            "capabilities" => self.capabilities.extend(texts(&value)?),
            "allowed_parameters" => self.allowed = Some(parameters(&value)?),
            "denied_parameters" => self.denied = Some(parameters(&value)?),
            "required_parameters" => self.required.extend(words(&value)?),
            "min_wrapping_ttl" => self.min_wrapping_ttl = Some(value),
            "max_wrapping_ttl" => self.max_wrapping_ttl = Some(value),
            "mfa_methods" => self.mfa_methods.extend(words(&value)?),
            "subscribe_event_types" => self.event_types.extend(words(&value)?),
            "control_group" => self.has_control_group = is_control_group(&value)?,
            other => return Err(unknown(other, place)),
        }
        Ok(())
    }

    /// An attribute with a name behind its own, which only a map can have.
    fn labelled(&mut self, name: &str, place: Place, label: &str) -> Result<(), Malformed> {
        match name {
            "comment" => {}
            "allowed_parameters" => self
                .allowed
                .get_or_insert_default()
                .push(label.to_lowercase()),
            "denied_parameters" => self
                .denied
                .get_or_insert_default()
                .push(label.to_lowercase()),
            // So JSON writes it, where all of it is objects.
            "control_group" if label == "factor" => self.has_control_group = true,
            other => {
                let what = format!("has a second name behind '{other}'");
                return Err(Malformed::new(place, what));
            }
        }
        Ok(())
    }

    pub(super) fn rights(&self) -> Result<Rights, Malformed> {
        use Capability::{Create, Delete, List, Read, Sudo, Update};
        let mut granted = BTreeSet::new();
        if let Some((word, place)) = &self.policy {
            match word.as_str() {
                "" => {}
                "deny" => return Ok(Rights::Denied),
                "read" => granted.extend([Read, List]),
                "write" => granted.extend([Create, Read, Update, Delete, List]),
                "sudo" => granted.extend([Create, Read, Update, Delete, List, Sudo]),
                other => {
                    let what = format!(
                        "has the policy '{other}', which is none of deny, read, write and sudo"
                    );
                    return Err(Malformed::new(*place, what));
                }
            }
        }
        for (word, place) in &self.capabilities {
            if word == "deny" {
                // Vault does not read on.
                return Ok(Rights::Denied);
            }
            let Some(capability) = Capability::from_word(word) else {
                let what = format!("names '{word}', which is no capability");
                return Err(Malformed::new(*place, what));
            };
            granted.insert(capability);
        }
        Ok(Rights::Granted(granted))
    }

    pub(super) fn limits(self) -> Result<Vec<Limit>, Malformed> {
        let mut limits = Vec::new();
        let listed = |list: Vec<String>, limit: fn(Vec<String>) -> Limit| {
            (!list.is_empty()).then(|| limit(list))
        };
        limits.extend(listed(self.required, Limit::RequiredParameters));
        limits.extend(listed(
            self.allowed.unwrap_or_default(),
            Limit::AllowedParameters,
        ));
        limits.extend(listed(
            self.denied.unwrap_or_default(),
            Limit::DeniedParameters,
        ));
        let shortest = wrapping_ttl(self.min_wrapping_ttl.as_ref())?;
        let longest = wrapping_ttl(self.max_wrapping_ttl.as_ref())?;
        if let Some(value) = &self.max_wrapping_ttl
            && longest > 0.0
            && shortest > longest
        {
            let what = "has a max_wrapping_ttl below min_wrapping_ttl";
            return Err(Malformed::new(value.place, what));
        }
        // Vault refuses what is not wrapped for the one as for the other.
        if shortest > 0.0 || longest > 0.0 {
            limits.push(Limit::Wrapping);
        }
        if self.has_control_group {
            limits.push(Limit::ControlGroup);
        }
        limits.extend(listed(self.mfa_methods, Limit::Mfa));
        limits.extend(listed(self.event_types, Limit::EventTypes));
        Ok(limits)
    }
}

/// A text, or a number for one.
pub(super) fn text(value: &Value) -> Result<String, Malformed> {
    match &value.node {
        Node::Text(text) | Node::Number(text) => Ok(text.clone()),
        other => {
            let what = format!("has {} where a text must stand", other.kind());
            Err(Malformed::new(value.place, what))
        }
    }
}

/// A list of texts, each with its place.
fn texts(value: &Value) -> Result<Vec<(String, Place)>, Malformed> {
    let items = match &value.node {
        Node::List(items) => items.as_slice(),
        Node::Block(items) if items.is_empty() => &[],
        other => {
            let what = format!("has {} where a list must stand", other.kind());
            return Err(Malformed::new(value.place, what));
        }
    };
    let texts = items.iter().map(|item| Ok((text(item)?, item.place)));
    texts.collect()
}

fn words(value: &Value) -> Result<Vec<String>, Malformed> {
    Ok(texts(value)?.into_iter().map(|(text, _)| text).collect())
}

/// The names in a map of lists. Vault takes no notice of their case.
fn parameters(value: &Value) -> Result<Vec<String>, Malformed> {
    let Node::Block(items) = &value.node else {
        let what = format!(
            "has {} where a block in braces must stand",
            value.node.kind()
        );
        return Err(Malformed::new(value.place, what));
    };
    let names = items.iter().map(|item| match item.value.node {
        Node::List(_) | Node::Block(_) => Ok(item.key.text.to_lowercase()),
        _ => {
            let what = format!("has {} where a list must stand", item.value.node.kind());
            Err(Malformed::new(item.value.place, what))
        }
    });
    names.collect()
}

fn is_control_group(value: &Value) -> Result<bool, Malformed> {
    let has_factor = match &value.node {
        Node::Block(items) => items
            .iter()
            .any(|item| item.key.text == "factor" && !item.labels.is_empty()),
        _ => false,
    };
    if has_factor {
        Ok(true)
    } else {
        Err(Malformed::new(
            value.place,
            "has a control group without a factor",
        ))
    }
}

fn wrapping_ttl(value: Option<&Value>) -> Result<f64, Malformed> {
    let Some(value) = value else {
        return Ok(0.0);
    };
    let wrong = || {
        Malformed::new(
            value.place,
            "has something that is no duration, as \"5m\" is one",
        )
    };
    duration::seconds(&value.node).ok_or_else(wrong)
}

fn unknown(name: &str, place: Place) -> Malformed {
    Malformed::new(place, format!("has '{name}', which no stanza knows"))
}
