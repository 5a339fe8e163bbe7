//! The context keys of a request: what they hold, that they are not there, or
//! that it is not known.

use std::collections::BTreeMap;

/// What is known of one context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One value, or several of a key that takes several.
    Values(Vec<String>),
    /// The request does not have the key.
    Absent,
    /// The request may have it; AWS knows.
    Unknown,
}

impl Value {
    pub fn one(value: &str) -> Self {
        Value::Values(vec![value.to_owned()])
    }

    /// AWS takes a key without a value for one that is not there.
    pub(super) fn several(values: Vec<String>) -> Self {
        if values.is_empty() {
            Value::Absent
        } else {
            Value::Values(values)
        }
    }
}

/// The context keys of a request. Keys are the same in any case of their
/// letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<String, Value>,
    /// By how the key begins.
    families: BTreeMap<String, Value>,
    rest: Value,
}

impl Context {
    /// Nothing is known but what is added.
    pub fn open() -> Self {
        Context {
            keys: BTreeMap::new(),
            families: BTreeMap::new(),
            rest: Value::Unknown,
        }
    }

    /// The request has no key but those that are added, and those that follow
    /// from its caller.
    pub fn closed() -> Self {
        Context {
            rest: Value::Absent,
            ..Context::open()
        }
    }

    #[must_use]
    pub fn with(self, key: &str, value: &str) -> Self {
        self.set(key, Value::one(value))
    }

    /// With none, the key is absent.
    #[must_use]
    pub fn with_all(self, key: &str, values: Vec<String>) -> Self {
        self.set(key, Value::several(values))
    }

    #[must_use]
    pub fn without(self, key: &str) -> Self {
        self.set(key, Value::Absent)
    }

    #[must_use]
    pub fn unknown(self, key: &str) -> Self {
        self.set(key, Value::Unknown)
    }

    /// Without all keys that begin so, except those that are added by name.
    #[must_use]
    pub fn without_family(mut self, start: &str) -> Self {
        self.families
            .insert(start.to_ascii_lowercase(), Value::Absent);
        self
    }

    /// These keys, and what `other` says of the ones that are not among them.
    #[must_use]
    pub fn or(mut self, other: &Context) -> Self {
        for (key, value) in &other.keys {
            self.keys
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
        for (start, value) in &other.families {
            self.families
                .entry(start.clone())
                .or_insert_with(|| value.clone());
        }
        if self.rest == Value::Unknown {
            self.rest = other.rest.clone();
        }
        self
    }

    fn set(mut self, key: &str, value: Value) -> Self {
        self.keys.insert(key.to_ascii_lowercase(), value);
        self
    }

    /// What was said of a key in small letters, by its own name or its family's.
    pub(super) fn stated(&self, key: &str) -> Option<&Value> {
        self.keys.get(key).or_else(|| {
            let mut families = self.families.iter();
            families
                .find(|(start, _)| key.starts_with(start.as_str()))
                .map(|(_, value)| value)
        })
    }

    pub(super) fn rest(&self) -> &Value {
        &self.rest
    }
}
