//! Whether a token may do a thing at a path, and who says so.

use super::capability::{Capability, Rights};
use super::near::{self, NearMiss};
use super::pattern::Pattern;
use super::policy::{Limit, Policy, Stanza};
use super::rules::{Look, Matched, Rule, Rules, Source, full_path};
use crate::vault::namespace::canonical;

/// A policy by the name under which a token has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Its text was read.
    Known(Policy),
    /// Vault has no policy of this name: it grants nothing.
    Absent { name: String },
    /// It may be there; why its text is not known.
    Unseen { name: String, because: String },
    /// A policy in Sentinel's language (Enterprise): it can only refuse.
    Sentinel { name: String },
}

impl Held {
    /// A policy whose text was read. One that cannot be understood here is there
    /// all the same, since Vault took it.
    pub fn from_text(namespace: &str, name: &str, text: &str) -> Self {
        match Policy::parse(namespace, name, text) {
            Ok(policy) => Held::Known(policy),
            Err(malformed) => Held::Unseen {
                name: name.to_lowercase(),
                because: malformed.to_string(),
            },
        }
    }
}

/// What is to be done where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The namespace of the request; empty for the root namespace.
    pub namespace: &'a str,
    /// The API path in it: `kv/data/kong/db-password`.
    pub path: &'a str,
    /// A write of a secret that is not there wants `create`, else `update`.
    pub capability: Capability,
}

/// What the policies say about one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    /// What the verdict would be without the doubts; never undecided.
    pub visible: Verdict,
    pub decider: Decider,
    /// What keeps the verdict open. Empty unless it is undecided.
    pub doubts: Vec<Doubt>,
    /// Stanzas that nearly would have allowed it, unless it is allowed.
    pub near: Vec<NearMiss>,
    /// The policies that do not exist.
    pub absent: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Allowed,
    /// No stanza matches, or the one that decides lacks the capability.
    Denied,
    /// The stanza that decides says `deny`.
    ExplicitDeny,
    /// It depends on what is not seen here.
    Undecided,
}

/// Who decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decider {
    /// The policy `root`, to which everything is allowed.
    Root,
    /// The most specific rule, with the stanzas that grant or deny it, or with
    /// all of them where none names the capability.
    Rule(Rule),
    /// No stanza matches.
    Nothing,
}

/// Why a verdict is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// A stanza whose path Vault completes with the caller's identity.
    Templated {
        source: Source,
        rights: Rights,
    },
    Unseen {
        policy: String,
        because: String,
    },
    /// It is granted, and this may still refuse it.
    Limited {
        source: Source,
        limit: Limit,
    },
    Sentinel {
        policy: String,
    },
}

/// Decides whether a token with these policies may do it. The policies' own
/// sequence does not matter.
pub fn decide(held: &[Held], asked: Asked<'_>) -> Decision {
    let absent = held.iter().filter_map(|held| match held {
        Held::Absent { name } => Some(name.clone()),
        _ => None,
    });
    let absent: Vec<String> = absent.collect();
    if is_root(held) {
        return Decision {
            verdict: Verdict::Allowed,
            visible: Verdict::Allowed,
            decider: Decider::Root,
            doubts: Vec::new(),
            near: Vec::new(),
            absent,
        };
    }
    let policies = known(held);
    let rules = Rules::new(&policies);
    let path = asked.full_path();
    let matched = rules.deciding(&path, asked.look());
    let visible = verdict(matched.map(Matched::rights), asked.capability);
    let doubts = doubts(held, &policies, matched, &path, asked);
    let near = match visible {
        Verdict::Allowed => Vec::new(),
        _ => near::misses(&policies, &rules, &path, asked),
    };
    Decision {
        verdict: if doubts.is_empty() {
            visible
        } else {
            Verdict::Undecided
        },
        visible,
        decider: matched.map_or(Decider::Nothing, |matched| {
            Decider::Rule(matched.rule_for(asked.capability))
        }),
        doubts,
        near,
        absent,
    }
}

/// What `sys/capabilities` answers for a path, as far as the policies are known:
/// Vault looks there as for `list`, and does not complete the path with a slash.
pub fn capabilities(held: &[Held], namespace: &str, path: &str) -> Rights {
    if is_root(held) {
        return Rights::Granted(Capability::ALL.into());
    }
    let policies = known(held);
    let rules = Rules::new(&policies);
    let path = full_path(namespace, path.trim_start_matches('/'));
    match rules.deciding(&path, Look::Listing).map(Matched::rights) {
        Some(Rights::Granted(granted)) if !granted.is_empty() => Rights::Granted(granted.clone()),
        _ => Rights::Denied,
    }
}

impl Asked<'_> {
    /// The path as Vault's policies see it, from the root namespace. A request
    /// that lists always ends in a slash there.
    fn full_path(&self) -> String {
        let mut path = full_path(self.namespace, self.path.trim_start_matches('/'));
        if self.capability == Capability::List && !path.ends_with('/') {
            path.push('/');
        }
        path
    }

    /// The spellings of that path under which Vault looks for it.
    pub(super) fn spellings<'p>(&self, path: &'p str) -> impl Iterator<Item = &'p str> {
        let trimmed = path
            .strip_suffix('/')
            .filter(|_| self.look() == Look::Listing);
        [Some(path), trimmed].into_iter().flatten()
    }

    pub(super) fn look(&self) -> Look {
        match self.capability {
            Capability::List => Look::Listing,
            _ => Look::Plain,
        }
    }
}

pub(super) fn known(held: &[Held]) -> Vec<&Policy> {
    let known = held.iter().filter_map(|held| match held {
        Held::Known(policy) => Some(policy),
        _ => None,
    });
    known.collect()
}

/// `root` is more than a name in the root namespace, where alone Vault has it;
/// whether its text was asked for does not matter, there is none.
fn is_root(held: &[Held]) -> bool {
    held.iter().any(|held| match held {
        Held::Known(policy) => {
            policy.name == "root" && canonical(Some(&policy.namespace)).is_empty()
        }
        Held::Absent { name } | Held::Unseen { name, .. } => name == "root",
        Held::Sentinel { .. } => false,
    })
}

fn verdict(rights: Option<&Rights>, capability: Capability) -> Verdict {
    match rights {
        Some(Rights::Denied) => Verdict::ExplicitDeny,
        Some(rights) if rights.grants(capability) => Verdict::Allowed,
        Some(_) | None => Verdict::Denied,
    }
}

/// What can make it another verdict than the visible one.
fn doubts(
    held: &[Held],
    policies: &[&Policy],
    matched: Option<Matched<'_, '_>>,
    path: &str,
    asked: Asked<'_>,
) -> Vec<Doubt> {
    let visible = verdict(matched.map(Matched::rights), asked.capability);
    // Nothing outweighs a rule for exactly this path, only what joins it.
    let exact =
        matched.filter(|matched| matched.pattern().text() == path && matched.pattern().is_exact());
    if exact.is_some() && visible == Verdict::ExplicitDeny {
        return Vec::new();
    }
    let mut doubts: Vec<Doubt> = policies
        .iter()
        .flat_map(|policy| policy.stanzas.iter().map(move |stanza| (*policy, stanza)))
        .filter(|(policy, stanza)| stanza.is_templated() && may_match(policy, stanza, path))
        // What ends in `*` or has a `+` never is for exactly this path.
        .filter(|(_, stanza)| exact.is_none() || may_be_exact(stanza))
        .filter(|(_, stanza)| {
            let alone = stanza.rights.clone();
            let rights = exact.map_or(alone, |exact| exact.rights().clone().merge(&stanza.rights));
            let mut limits = stanza.limits.iter();
            match verdict(Some(&rights), asked.capability) {
                Verdict::Allowed if visible == Verdict::Allowed => {
                    limits.any(|limit| limit.concerns(asked.capability))
                }
                other => other != visible,
            }
        })
        .map(|(policy, stanza)| Doubt::Templated {
            source: Source::new(policy, stanza),
            rights: stanza.rights.clone(),
        })
        .collect();
    doubts.extend(held.iter().filter_map(|held| match held {
        Held::Unseen { name, because } => Some(Doubt::Unseen {
            policy: name.clone(),
            because: because.clone(),
        }),
        Held::Sentinel { name } if visible == Verdict::Allowed => Some(Doubt::Sentinel {
            policy: name.clone(),
        }),
        _ => None,
    }));
    if visible == Verdict::Allowed {
        let limits = matched.into_iter().flat_map(Matched::limits);
        let limits = limits.filter(|(_, _, limit)| limit.concerns(asked.capability));
        doubts.extend(limits.map(|(policy, stanza, limit)| Doubt::Limited {
            source: Source::new(policy, stanza),
            limit: limit.clone(),
        }));
    }
    doubts
}

/// Tells whether a templated stanza can come to match the path. What Vault puts
/// in may be anything, a slash and a wildcard too.
fn may_match(policy: &Policy, stanza: &Stanza, path: &str) -> bool {
    let full = full_path(&policy.namespace, &stanza.path);
    let (before, rest) = full.split_once("{{").unwrap_or((&full, ""));
    let behind = rest.rsplit_once("}}").map_or("", |(_, behind)| behind);
    let is_end_sure = !behind.ends_with('*') && !behind.contains('+');
    // From a `+` on the text before is not sure either.
    let before = before.split_once('+').map_or(before, |(before, _)| before);
    // Where it lists, a path also counts without its last slash.
    [path, path.strip_suffix('/').unwrap_or(path)]
        .into_iter()
        .filter_map(|path| path.strip_prefix(before))
        .any(|rest| !is_end_sure || rest.ends_with(behind))
}

fn may_be_exact(stanza: &Stanza) -> bool {
    !stanza.path.ends_with('*') && !Pattern::new(&stanza.path).has_segments()
}
