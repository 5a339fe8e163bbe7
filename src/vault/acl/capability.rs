//! What a stanza can allow.

use std::collections::BTreeSet;
use std::fmt;

/// What can be done at a path. `deny` is not among them: see [`Rights`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    Create,
    Read,
    Update,
    Delete,
    List,
    Patch,
    Sudo,
    Subscribe,
    Recover,
}

/// What a stanza, or several for one path, say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rights {
    /// `deny`, which nothing beside it outweighs.
    Denied,
    /// These; there may be none.
    Granted(BTreeSet<Capability>),
}

impl Capability {
    pub const ALL: [Capability; 9] = [
        Capability::Create,
        Capability::Read,
        Capability::Update,
        Capability::Delete,
        Capability::List,
        Capability::Patch,
        Capability::Sudo,
        Capability::Subscribe,
        Capability::Recover,
    ];

    /// The word for it in a policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Capability::Create => "create",
            Capability::Read => "read",
            Capability::Update => "update",
            Capability::Delete => "delete",
            Capability::List => "list",
            Capability::Patch => "patch",
            Capability::Sudo => "sudo",
            Capability::Subscribe => "subscribe",
            Capability::Recover => "recover",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Capability::ALL
            .into_iter()
            .find(|capability| capability.as_str() == word)
    }
}

impl Rights {
    pub fn grants(&self, capability: Capability) -> bool {
        match self {
            Rights::Denied => false,
            Rights::Granted(granted) => granted.contains(&capability),
        }
    }

    /// Both together, for two stanzas with one path.
    pub(super) fn merge(self, other: &Rights) -> Rights {
        match (self, other) {
            (Rights::Granted(mut granted), Rights::Granted(more)) => {
                granted.extend(more);
                Rights::Granted(granted)
            }
            _ => Rights::Denied,
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The words, with commas between them.
impl fmt::Display for Rights {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rights::Denied => formatter.write_str("deny"),
            Rights::Granted(granted) if granted.is_empty() => formatter.write_str("nothing"),
            Rights::Granted(granted) => {
                let words: Vec<&str> = granted.iter().map(|one| one.as_str()).collect();
                formatter.write_str(&words.join(", "))
            }
        }
    }
}
