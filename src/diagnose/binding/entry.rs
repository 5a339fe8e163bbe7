//! One bound ARN against one principal.

use super::{By, Missing, Principal, Reason, WildcardProblem};
use crate::aws::identity::{PrincipalArn, PrincipalKind};

/// What an entry says to a principal.
pub(super) enum Verdict {
    Bound(By),
    Refused(Reason),
    Missing(Missing),
}

/// Judges one entry. `bound_id` is the unique id that Vault holds for it; that it
/// is not the principal's own was seen before.
pub(super) fn judge(
    entry: &str,
    bound_id: Option<&str>,
    resolves_ids: bool,
    who: &Principal,
) -> Verdict {
    if entry.ends_with('*') {
        return judge_wildcard(entry, who);
    }
    let likeness = likeness(entry, who);
    // IAM is asked for the name alone, so a star in the path is lost with it.
    let is_found = resolves_ids && matches!(likeness, Likeness::Same { .. });
    if entry.contains('*') && !is_found {
        return Verdict::Refused(Reason::Wildcard(problem(entry, who)));
    }
    match likeness {
        Likeness::Same { has_path } if !resolves_ids => {
            if has_path {
                Verdict::Refused(Reason::PathWithoutIds)
            } else {
                Verdict::Bound(By::Arn(entry.to_owned()))
            }
        }
        // IAM finds a role by its name, whatever path and capitals are asked for.
        Likeness::Same { .. } | Likeness::Capitals if resolves_ids && who.unique_id.is_none() => {
            Verdict::Missing(Missing::UniqueId {
                entry: entry.to_owned(),
                bound_id: bound_id.map(str::to_owned),
            })
        }
        Likeness::Same { .. } => Verdict::Refused(Reason::OtherId(bound_id.map(str::to_owned))),
        Likeness::Capitals => Verdict::Refused(Reason::Capitals),
        Likeness::SessionOf => Verdict::Refused(Reason::SessionArn),
        Likeness::OtherAccount => Verdict::Refused(Reason::OtherAccount),
        Likeness::OtherPartition => Verdict::Refused(Reason::OtherPartition),
        Likeness::OtherKind => Verdict::Refused(Reason::OtherKind),
        Likeness::None => Verdict::Refused(Reason::OtherPrincipal),
    }
}

/// Tells whether an entry names the principal, whatever its path and its id.
pub(super) fn names(entry: &str, who: &Principal) -> bool {
    if entry == "*" {
        return false;
    }
    if entry.contains('*') {
        return match judge_wildcard(entry, who) {
            Verdict::Bound(_) => true,
            Verdict::Refused(reason) => reason == Reason::SessionArn,
            Verdict::Missing(_) => matches_somehow(entry, &who.bindable_arn(), who),
        };
    }
    matches!(
        likeness(entry, who),
        Likeness::Same { .. } | Likeness::SessionOf
    )
}

/// How an ARN without a star resembles that of a principal.
enum Likeness {
    Same { has_path: bool },
    SessionOf,
    OtherAccount,
    OtherPartition,
    OtherKind,
    Capitals,
    None,
}

fn likeness(entry: &str, who: &Principal) -> Likeness {
    let Some(arn) = PrincipalArn::parse(entry) else {
        return Likeness::None;
    };
    let (own_kind, own_name) = who.name();
    let (kind, name, has_path) = match &arn.kind {
        PrincipalKind::Role { path, name } => ("role", name, path != "/"),
        PrincipalKind::User { path, name } => ("user", name, path != "/"),
        PrincipalKind::AssumedRole { role, .. } => ("session", role, false),
        PrincipalKind::Root | PrincipalKind::Other(_) => return Likeness::None,
    };
    let is_here = arn.partition == who.arn.partition && arn.account == who.arn.account;
    if name != own_name {
        let is_same_kind = kind == own_kind;
        return if is_here && is_same_kind && name.eq_ignore_ascii_case(own_name) {
            Likeness::Capitals
        } else {
            Likeness::None
        };
    }
    match (kind, is_here) {
        ("session", true) if own_kind == "role" => Likeness::SessionOf,
        ("session", false) if own_kind == "role" => elsewhere(&arn, who),
        (kind, true) if kind == own_kind => Likeness::Same { has_path },
        (kind, false) if kind == own_kind => elsewhere(&arn, who),
        (_, true) => Likeness::OtherKind,
        (_, false) => Likeness::None,
    }
}

fn elsewhere(arn: &PrincipalArn, who: &Principal) -> Likeness {
    if arn.partition == who.arn.partition {
        Likeness::OtherAccount
    } else {
        Likeness::OtherPartition
    }
}

/// An entry that ends in a star is compared with the ARN with its path.
fn judge_wildcard(entry: &str, who: &Principal) -> Verdict {
    if is_session_pattern(entry, who) {
        return Verdict::Refused(Reason::SessionArn);
    }
    let fits = match &who.full_arn {
        Some(arn) => Some(vault_matches(entry, arn)),
        None => matches_at_any_path(entry, who),
    };
    match fits {
        Some(true) => Verdict::Bound(By::Wildcard(entry.to_owned())),
        Some(false) => Verdict::Refused(Reason::Wildcard(problem(entry, who))),
        None => Verdict::Missing(Missing::Path {
            entry: entry.to_owned(),
        }),
    }
}

/// As Vault matches: a star counts at the end and at the beginning, and one alone
/// stands for itself.
fn vault_matches(entry: &str, arn: &str) -> bool {
    let Some(text) = entry.strip_suffix('*').filter(|text| !text.is_empty()) else {
        return entry == arn;
    };
    match text.strip_prefix('*') {
        Some(middle) => arn.contains(middle),
        None => arn.starts_with(text),
    }
}

/// Tells whether all stars of an entry stand where they count.
fn is_pattern_of_vault(entry: &str) -> bool {
    let text = entry.strip_suffix('*');
    let text = text.map(|text| text.strip_prefix('*').unwrap_or(text));
    text.is_some_and(|text| !text.is_empty() && !text.contains('*'))
}

/// The same for a session, whose path is not known; `None` where it depends on it.
fn matches_at_any_path(entry: &str, who: &Principal) -> Option<bool> {
    let (kind, name) = who.name();
    let before_path = format!("arn:{}:iam::{}:{kind}/", who.arn.partition, who.arn.account);
    let text = entry.strip_suffix('*').unwrap_or(entry);
    if text.is_empty() {
        return Some(false);
    }
    if let Some(middle) = text.strip_prefix('*') {
        let is_always_there = before_path.contains(middle) || name.contains(middle);
        return is_always_there.then_some(true);
    }
    if before_path.starts_with(text) {
        return Some(true);
    }
    match text.strip_prefix(&before_path) {
        // A star of another place stands for itself, and no path has one.
        Some(rest) if rest.contains('*') => Some(false),
        Some(_) => None,
        None => Some(false),
    }
}

/// Tells whether a pattern is about sessions of the principal's role.
fn is_session_pattern(entry: &str, who: &Principal) -> bool {
    let (kind, name) = who.name();
    let sessions = format!(
        "arn:{}:sts::{}:assumed-role/",
        who.arn.partition, who.arn.account
    );
    let Some(rest) = entry.strip_prefix(&sessions).filter(|_| kind == "role") else {
        return false;
    };
    let role = rest.split_once('/').map_or(rest, |(role, _)| role);
    globs(role, name)
}

/// Why a pattern does not match. What comes nearest is said.
pub(super) fn problem(entry: &str, who: &Principal) -> WildcardProblem {
    if entry == "*" {
        return WildcardProblem::StarAlone;
    }
    let fits = |pattern: &str| {
        let full = who.full_arn.as_deref();
        full.is_some_and(|arn| globs(pattern, arn)) || globs(pattern, &who.bindable_arn())
    };
    let full = who.full_arn.clone().unwrap_or_else(|| who.bindable_arn());
    if globs(entry, &full) {
        // A star at the end does count: what fits is the name, without its path.
        return if is_pattern_of_vault(entry) {
            WildcardProblem::Path
        } else {
            WildcardProblem::StarInside
        };
    }
    if globs(&entry.to_ascii_lowercase(), &full.to_ascii_lowercase()) {
        return WildcardProblem::Capitals;
    }
    if matches_somehow(entry, &full, who) {
        return WildcardProblem::Path;
    }
    if fits(&with_part(entry, 4, &who.arn.account)) {
        return WildcardProblem::OtherAccount;
    }
    let elsewhere = with_part(entry, 1, &who.arn.partition);
    if fits(&elsewhere) || fits(&with_part(&elsewhere, 4, &who.arn.account)) {
        return WildcardProblem::OtherPartition;
    }
    WildcardProblem::OtherText
}

/// Tells whether a pattern would match but for the path.
fn matches_somehow(entry: &str, arn: &str, who: &Principal) -> bool {
    let bare = who.bindable_arn();
    globs(entry, arn) || globs(entry, &bare) || globs(&without_path(entry), &bare)
}

/// The pattern without the path of its resource.
fn without_path(entry: &str) -> String {
    let kind_end = entry.find(":role/").or_else(|| entry.find(":user/"));
    match (kind_end, entry.rfind('/')) {
        (Some(start), Some(end)) => format!("{}/{}", &entry[..start + 5], &entry[end + 1..]),
        _ => entry.to_owned(),
    }
}

/// The ARN with one of its parts replaced.
fn with_part(entry: &str, place: usize, text: &str) -> String {
    let mut parts: Vec<&str> = entry.splitn(6, ':').collect();
    if let Some(part) = parts.get_mut(place) {
        *part = text;
    }
    parts.join(":")
}

/// Matches as people mean it: a star anywhere stands for anything.
fn globs(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_as_people_mean_it() {
        let cases = [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("a*a", "a", false),
            ("*", "", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(globs(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn vault_takes_a_star_at_the_ends_only() {
        let arn = "arn:aws:iam::123456789012:role/team/VaultRole";
        let cases = [
            ("arn:aws:iam::123456789012:role/team/*", true),
            ("arn:aws:iam::123456789012:*", true),
            ("*:role/team/*", true),
            ("**", true),
            ("*", false),
            ("arn:aws:iam::*:role/team/*", false),
            ("arn:aws:iam::123456789012:role/Team/*", false),
        ];
        for (entry, expected) in cases {
            assert_eq!(vault_matches(entry, arn), expected, "{entry}");
        }
    }
}
