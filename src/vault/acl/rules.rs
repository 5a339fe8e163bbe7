//! The stanzas of all policies together, by path.

use std::collections::BTreeMap;
use std::fmt;

use super::capability::{Capability, Rights};
use super::pattern::Pattern;
use super::policy::{Limit, Policy, Stanza};
use super::syntax::Place;
use crate::vault::namespace::canonical;

/// What the policies say about one path of a stanza. Stanzas with the same path
/// are one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Seen from the root namespace.
    pub path: String,
    pub rights: Rights,
    /// Where it is said, at least once.
    pub sources: Vec<Source>,
}

/// A stanza, to be named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    pub policy: String,
    /// As it is written there, without a slash before it.
    pub path: String,
    pub place: Place,
}

/// How Vault looks for a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As for `list`: the path without its last slash counts, too.
    Listing,
    Plain,
}

/// All rules, without templated ones.
pub(super) struct Rules<'p> {
    by_path: BTreeMap<String, Entry<'p>>,
}

struct Entry<'p> {
    pattern: Pattern,
    rights: Rights,
    stanzas: Vec<(&'p Policy, &'p Stanza)>,
}

impl<'p> Rules<'p> {
    pub(super) fn new(policies: &[&'p Policy]) -> Self {
        let mut rules = Rules {
            by_path: BTreeMap::new(),
        };
        let stanzas = policies
            .iter()
            .flat_map(|policy| policy.stanzas.iter().map(move |stanza| (*policy, stanza)));
        for (policy, stanza) in stanzas.filter(|(_, stanza)| !stanza.is_templated()) {
            let path = full_path(&policy.namespace, &stanza.path);
            let entry = rules.by_path.entry(path).or_insert_with_key(|path| Entry {
                pattern: Pattern::new(path),
                rights: Rights::Granted([].into()),
                stanzas: Vec::new(),
            });
            let rights = std::mem::replace(&mut entry.rights, Rights::Denied);
            entry.rights = rights.merge(&stanza.rights);
            entry.stanzas.push((policy, stanza));
        }
        rules
    }

    /// The rule that decides about a path.
    ///
    /// Where Vault lists, the path without its last slash comes first among the
    /// wildcards, and even a `deny` that only fits with the slash comes too late.
    /// That is nowhere documented.
    pub(super) fn deciding(&self, path: &str, look: Look) -> Option<Matched<'_, 'p>> {
        let trimmed = path.strip_suffix('/').filter(|_| look == Look::Listing);
        self.exact(path)
            .or_else(|| trimmed.and_then(|path| self.exact(path)))
            .or_else(|| trimmed.and_then(|path| self.most_specific(path)))
            .or_else(|| self.most_specific(path))
    }

    /// Every rule.
    pub(super) fn all(&self) -> impl Iterator<Item = Matched<'_, 'p>> {
        self.by_path.values().map(Matched)
    }

    fn exact(&self, path: &str) -> Option<Matched<'_, 'p>> {
        let entry = self.by_path.get(path)?;
        entry.pattern.is_exact().then_some(Matched(entry))
    }

    fn most_specific(&self, path: &str) -> Option<Matched<'_, 'p>> {
        self.by_path
            .values()
            .filter(|entry| !entry.pattern.is_exact() && entry.pattern.matches(path))
            .max_by(|one, other| one.pattern.compare_priority(&other.pattern))
            .map(Matched)
    }
}

/// A rule, not yet copied out of the policies.
#[derive(Clone, Copy)]
pub(super) struct Matched<'r, 'p>(&'r Entry<'p>);

impl<'r, 'p> Matched<'r, 'p> {
    pub(super) fn pattern(self) -> &'r Pattern {
        &self.0.pattern
    }

    pub(super) fn rights(self) -> &'r Rights {
        &self.0.rights
    }

    /// Every limit of its stanzas: for one path Vault puts them together.
    pub(super) fn limits(self) -> impl Iterator<Item = (&'p Policy, &'p Stanza, &'p Limit)> {
        self.0.stanzas.iter().flat_map(|&(policy, stanza)| {
            stanza
                .limits
                .iter()
                .map(move |limit| (policy, stanza, limit))
        })
    }

    pub(super) fn rule(self) -> Rule {
        self.rule_of(|_| true)
    }

    /// The rule with those stanzas alone that decide about a capability.
    pub(super) fn rule_for(self, capability: Capability) -> Rule {
        match self.rights() {
            Rights::Denied => self.rule_of(|rights| *rights == Rights::Denied),
            rights if rights.grants(capability) => self.rule_of(|rights| rights.grants(capability)),
            Rights::Granted(_) => self.rule(),
        }
    }

    fn rule_of(self, is_wanted: impl Fn(&Rights) -> bool) -> Rule {
        let stanzas = self.0.stanzas.iter();
        let mut sources: Vec<Source> = stanzas
            .filter(|(_, stanza)| is_wanted(&stanza.rights))
            .map(|(policy, stanza)| Source::new(policy, stanza))
            .collect();
        sources.sort();
        Rule {
            path: self.0.pattern.text().to_owned(),
            rights: self.0.rights.clone(),
            sources,
        }
    }
}

impl Source {
    pub(super) fn new(policy: &Policy, stanza: &Stanza) -> Self {
        Source {
            policy: policy.name.clone(),
            path: stanza.path.clone(),
            place: stanza.place,
        }
    }
}

/// `policy kong, line 3`.
impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "policy {}, line {}",
            self.policy, self.place.line
        )
    }
}

/// A path as it is seen from the root namespace.
pub(super) fn full_path(namespace: &str, path: &str) -> String {
    match canonical(Some(namespace)) {
        "" => path.to_owned(),
        namespace => format!("{namespace}/{path}"),
    }
}
