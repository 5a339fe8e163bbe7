//! Stanzas that were meant to allow it, and do not.
//!
//! Each is tried in other spellings, as people mistake them; a spelling under
//! which it would match names the mistake.

use super::decide::Asked;
use super::pattern::Pattern;
use super::policy::{Policy, Stanza};
use super::rules::{Rules, Source, full_path};
use crate::vault::namespace::{below, canonical};

/// A stanza that has the capability and does not decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    pub source: Source,
    pub near: Near,
    /// How its path would have to be written to match.
    pub written: String,
}

/// What is wrong with the stanza's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Near {
    /// It matches, and the rule for this path is more specific.
    Outweighed { by: String },
    /// KV version 2 wants a part behind the mount: `data`, or `metadata`.
    PartMissing { part: String },
    /// It has such a part and the request has none: KV version 1.
    PartTooMuch { part: String },
    /// It is for another of those parts.
    OtherPart { written: String, wanted: String },
    /// Without `*` at the end it is for this path alone.
    NoWildcard,
    /// `*` counts at the end only; for a part between slashes it is `+`.
    StarInside,
    /// It begins with `v1/`, which belongs to the address.
    ApiVersion,
    /// It names the policy's own namespace, in which its paths begin anyway.
    NamespaceTooMuch,
    /// The request is for a namespace below the policy's, which it does not name.
    NamespaceMissing,
    /// Capital and small letters differ.
    Case,
    /// Only the slash at the end differs.
    Slash,
}

/// What KV version 2 has behind the mount.
const PARTS: [&str; 6] = [
    "data", "metadata", "delete", "undelete", "destroy", "subkeys",
];

/// The near misses for a request that is not allowed, the policies in the
/// sequence of their names.
pub(super) fn misses(
    policies: &[&Policy],
    rules: &Rules<'_>,
    path: &str,
    asked: Asked<'_>,
) -> Vec<NearMiss> {
    let deciding = rules.deciding(path, asked.look());
    let mut misses: Vec<NearMiss> = policies
        .iter()
        .flat_map(|policy| policy.stanzas.iter().map(move |stanza| (*policy, stanza)))
        .filter(|(_, stanza)| stanza.rights.grants(asked.capability))
        .filter_map(|(policy, stanza)| {
            let full = full_path(&policy.namespace, &stanza.path);
            let pattern = Pattern::new(&full);
            let (near, written) = if asked.spellings(path).any(|path| pattern.matches(path)) {
                // One with the rule's own path is a part of the rule.
                let by = deciding.map(|rule| rule.pattern().text().to_owned())?;
                (by != full).then_some((Near::Outweighed { by }, stanza.path.clone()))?
            } else {
                respelled(policy, stanza, path, asked)?
            };
            Some(NearMiss {
                source: Source::new(policy, stanza),
                near,
                written,
            })
        })
        .collect();
    misses.sort_by(|one, other| one.source.cmp(&other.source));
    misses
}

/// The first other spelling under which a stanza matches.
fn respelled(
    policy: &Policy,
    stanza: &Stanza,
    path: &str,
    asked: Asked<'_>,
) -> Option<(Near, String)> {
    let matches = |written: &str| {
        let pattern = Pattern::new(&full_path(&policy.namespace, written));
        asked.spellings(path).any(|path| pattern.matches(path))
    };
    let own = full_path(&policy.namespace, "");
    // Another namespace's path begins otherwise.
    let path_there = path.strip_prefix(own.as_str())?;
    let spellings = parts(&stanza.path, path_there).into_iter().chain(simple(
        policy,
        &stanza.path,
        path_there,
        asked,
    ));
    spellings.into_iter().find(|(_, written)| matches(written))
}

/// Spellings with another part of KV version 2, or with none.
fn parts(written: &str, path: &str) -> Vec<(Near, String)> {
    let own: Vec<&str> = written.split('/').collect();
    let wanted: Vec<&str> = path.split('/').collect();
    let mut spellings = Vec::new();
    // The mount comes first.
    for (place, part) in wanted.iter().enumerate().skip(1) {
        if PARTS.contains(part) && place <= own.len() {
            let (before, behind) = own.split_at(place);
            let with = [before, &[*part], behind].concat().join("/");
            spellings.push((
                Near::PartMissing {
                    part: (*part).to_owned(),
                },
                with,
            ));
        }
    }
    // What stands behind the end of the path cannot be what is wrong.
    let own_parts = own.iter().enumerate().take(wanted.len()).skip(1);
    for (place, part) in own_parts.filter(|(_, part)| PARTS.contains(part)) {
        let (before, behind) = own.split_at(place);
        let behind = behind.get(1..).unwrap_or_default();
        if let Some(other) = wanted.get(place).filter(|other| PARTS.contains(other)) {
            let near = Near::OtherPart {
                written: (*part).to_owned(),
                wanted: (*other).to_owned(),
            };
            spellings.push((near, [before, &[*other], behind].concat().join("/")));
        }
        let near = Near::PartTooMuch {
            part: (*part).to_owned(),
        };
        spellings.push((near, [before, behind].concat().join("/")));
    }
    spellings
}

fn simple(policy: &Policy, written: &str, path: &str, asked: Asked<'_>) -> Vec<(Near, String)> {
    let mut spellings = Vec::new();
    if let Some(rest) = written.strip_prefix("v1/") {
        spellings.push((Near::ApiVersion, rest.to_owned()));
    }
    let own = canonical(Some(&policy.namespace));
    if !own.is_empty()
        && let Some(rest) = written.strip_prefix(own)
        && let Some(rest) = rest.strip_prefix('/')
    {
        spellings.push((Near::NamespaceTooMuch, rest.to_owned()));
    }
    if let Some(below) = below(Some(own), Some(asked.namespace)).filter(|below| !below.is_empty()) {
        spellings.push((Near::NamespaceMissing, format!("{below}{written}")));
    }
    spellings.push((Near::Slash, format!("{written}/")));
    if let Some(rest) = written.strip_suffix('/') {
        spellings.push((Near::Slash, rest.to_owned()));
    }
    if !written.ends_with('*') {
        // Only below it: `kv/data/kong` is not meant for `kv/data/kongress`.
        let all = format!("{}/*", written.trim_end_matches('/'));
        spellings.push((Near::NoWildcard, all));
    }
    let inside = star_inside(written);
    if inside != written {
        spellings.push((Near::StarInside, inside));
    }
    // Compared without regard to case, and written as it was asked for.
    if Pattern::new(&written.to_lowercase()).matches(&path.to_lowercase()) {
        spellings.push((Near::Case, path.to_owned()));
    }
    spellings
}

/// Every part that is `*`, but the last, as `+`.
fn star_inside(written: &str) -> String {
    match written.rsplit_once('/') {
        None => written.to_owned(),
        Some((before, last)) => {
            let parts = before
                .split('/')
                .map(|part| if part == "*" { "+" } else { part });
            format!("{}/{last}", parts.collect::<Vec<&str>>().join("/"))
        }
    }
}
