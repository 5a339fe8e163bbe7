//! What policies grant, below a path and beyond what is needed.

use std::collections::BTreeSet;

use super::capability::{Capability, Rights};
use super::decide::{Held, known};
use super::pattern::Pattern;
use super::policy::Policy;
use super::rules::{Rules, Source, full_path};

/// A rule that grants something below a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Seen from the root namespace.
    pub path: String,
    pub sources: Vec<Source>,
    pub capabilities: BTreeSet<Capability>,
    pub reach: Reach,
}

/// How far a rule reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Every path it is for lies below the prefix.
    Within,
    /// Some lie below it, and others do not; or only the caller's identity tells.
    Beyond,
}

/// What is needed: capabilities on everything below a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Seen from the root namespace, with the slash: `kv/data/kong/`.
    pub prefix: String,
    pub capabilities: BTreeSet<Capability>,
}

/// A path on which more is granted than any need asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// Seen from the root namespace.
    pub path: String,
    pub sources: Vec<Source>,
    /// What is granted and not needed there.
    pub capabilities: BTreeSet<Capability>,
    /// At least one.
    pub kinds: BTreeSet<ExcessKind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExcessKind {
    /// `path "*"`, or another that any path fits.
    Everywhere,
    Sudo,
    /// Something that changes what is there.
    Writes,
    /// Paths that lie below no prefix.
    Outside,
    /// Where it ends depends on the caller's identity.
    Templated,
    /// Any other capability that is not needed.
    Other,
}

/// What the known policies grant below a prefix, which ends in a slash and is seen
/// from the root namespace. That a more specific rule takes back a part of it is
/// not counted.
pub fn grants_below(held: &[Held], prefix: &str) -> Vec<Grant> {
    let found = granted(&known(held)).into_iter().filter_map(|granted| {
        let pattern = granted.pattern();
        let reach = if pattern.head().starts_with(prefix) {
            Reach::Within
        } else if pattern.reaches_below(prefix) {
            Reach::Beyond
        } else {
            return None;
        };
        Some(Grant {
            path: granted.path,
            sources: granted.sources,
            capabilities: granted.capabilities,
            reach,
        })
    });
    found.collect()
}

/// What the known policies grant beyond the needs. A path that is denied grants
/// nothing; that a more specific rule takes back a part of it is not counted.
pub fn excess(held: &[Held], needs: &[Need]) -> Vec<Excess> {
    let granted = granted(&known(held)).into_iter();
    granted
        .filter_map(|granted| beyond(needs, granted))
        .collect()
}

/// A path with capabilities.
struct Granted {
    path: String,
    capabilities: BTreeSet<Capability>,
    sources: Vec<Source>,
}

impl Granted {
    /// The paths it is for; whatever Vault puts into a template.
    fn pattern(&self) -> Pattern {
        match self.path.split_once("{{") {
            Some((head, _)) => Pattern::new(&format!("{head}*")),
            None => Pattern::new(&self.path),
        }
    }
}

/// All paths on which something is granted, in the sequence of their texts.
fn granted(policies: &[&Policy]) -> Vec<Granted> {
    let rules = Rules::new(policies);
    let plain = rules.all().map(|matched| {
        let rule = matched.rule();
        (rule.path, rule.rights, rule.sources)
    });
    let templated = policies.iter().flat_map(|policy| {
        let stanzas = policy.stanzas.iter();
        let stanzas = stanzas.filter(|stanza| stanza.is_templated());
        stanzas.map(|stanza| {
            let path = full_path(&policy.namespace, &stanza.path);
            let source = Source::new(policy, stanza);
            (path, stanza.rights.clone(), vec![source])
        })
    });
    let all = plain.chain(templated);
    let mut all: Vec<Granted> = all
        .filter_map(|(path, rights, sources)| match rights {
            Rights::Granted(capabilities) if !capabilities.is_empty() => Some(Granted {
                path,
                capabilities,
                sources,
            }),
            _ => None,
        })
        .collect();
    all.sort_by(|one, other| (&one.path, &one.sources).cmp(&(&other.path, &other.sources)));
    all
}

fn beyond(needs: &[Need], granted: Granted) -> Option<Excess> {
    let pattern = granted.pattern();
    // To list a path, its slash need not be written.
    let only_lists = granted.capabilities.iter().eq(&[Capability::List]);
    let needed = needs.iter().filter(|need| {
        let without_slash = need.prefix.strip_suffix('/').filter(|_| only_lists);
        pattern.head().starts_with(&need.prefix)
            || (pattern.is_exact() && without_slash == Some(pattern.text()))
    });
    let needed: Vec<&Need> = needed.collect();
    let mut capabilities = granted.capabilities;
    for need in &needed {
        capabilities.retain(|one| !need.capabilities.contains(one));
    }
    if capabilities.is_empty() {
        return None;
    }
    let mut kinds = BTreeSet::new();
    if needed.is_empty() {
        kinds.insert(ExcessKind::Outside);
        if pattern.head().is_empty() {
            kinds.insert(ExcessKind::Everywhere);
        }
    }
    if granted.path.contains("{{") {
        kinds.insert(ExcessKind::Templated);
    }
    for capability in &capabilities {
        use Capability::{Create, Delete, List, Patch, Read, Recover, Subscribe, Sudo, Update};
        let kind = match capability {
            Sudo => ExcessKind::Sudo,
            Create | Update | Delete | Patch | Recover => ExcessKind::Writes,
            Read | List | Subscribe => ExcessKind::Other,
        };
        kinds.insert(kind);
    }
    if kinds.len() > 1 {
        kinds.remove(&ExcessKind::Other);
    }
    Some(Excess {
        path: granted.path,
        sources: granted.sources,
        capabilities,
        kinds,
    })
}
