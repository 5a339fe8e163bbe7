//! What AWS would refuse in a document, found before it is sent.
//!
//! Where the user guide is silent, the rule is what IAM was seen to answer: the
//! `MalformedPolicyDocument` messages quoted beside the rules. What AWS accepts
//! and is merely unwise is not for here.

mod conditions;
mod names;
mod principals;
mod resources;
mod rules;

use super::document::{Problem, json, read};

pub use names::{
    check_instance_profile_name, check_path, check_policy_name, check_role_name, check_session_name,
};

/// What a document is to be used as: that decides what may stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The trust policy of a role.
    Trust,
    /// An inline policy of a role.
    Identity,
    /// A managed policy; a permissions boundary is one.
    Managed,
    /// The policy that is handed to AssumeRole.
    Session,
}

impl Kind {
    /// The most characters, and whether white space counts.
    ///
    /// Source: "IAM and AWS STS quotas": "IAM does not count white space". The
    /// limit of a trust policy can be raised by AWS; that of a session policy is
    /// the length of the parameter `Policy` of AssumeRole, so all of it counts.
    fn limit(self) -> (usize, WhiteSpace) {
        match self {
            Kind::Trust => (2048, WhiteSpace::Free),
            Kind::Identity => (INLINE_LIMIT, WhiteSpace::Free),
            Kind::Managed => (6144, WhiteSpace::Free),
            Kind::Session => (2048, WhiteSpace::Counts),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Trust => "a trust policy",
            Kind::Identity => "an inline policy",
            Kind::Managed => "a managed policy",
            Kind::Session => "a session policy",
        }
    }
}

/// For all inline policies of a role together.
const INLINE_LIMIT: usize = 10_240;

#[derive(Clone, Copy, PartialEq, Eq)]
enum WhiteSpace {
    Free,
    Counts,
}

/// Everything that AWS would refuse in `text` as a policy of this kind.
pub fn lint(text: &str, kind: Kind) -> Vec<Problem> {
    let mut problems: Vec<Problem> = check_characters(text).into_iter().collect();
    problems.extend(check_size(text, kind));
    match json::parse(text) {
        Ok(json) => {
            let draft = read::read(&json);
            problems.extend(rules::check(&draft, kind));
            problems.extend(draft.problems);
        }
        Err(problem) => problems.push(problem),
    }
    problems
}

/// Checks the length of a document alone: for one that also holds what others
/// wrote, which is theirs to answer for.
pub fn check_size(text: &str, kind: Kind) -> Option<Problem> {
    let (limit, white_space) = kind.limit();
    too_large("document", kind.name(), count(text, white_space), limit)
}

fn too_large(place: &str, name: &str, size: usize, limit: usize) -> Option<Problem> {
    (size > limit).then(|| {
        Problem::new(
            place,
            format!("has {size} characters, and {name} may have {limit}"),
            "shorten it: fewer statements, or wildcards in place of long lists",
        )
    })
}

fn count(text: &str, white_space: WhiteSpace) -> usize {
    text.chars()
        .filter(|character| white_space == WhiteSpace::Counts || !character.is_whitespace())
        .count()
}

/// Source: "IAM name requirements": tab, line feed, carriage return, and from
/// U+0020 to U+00FF.
fn check_characters(text: &str) -> Option<Problem> {
    for (index, line) in text.split('\n').enumerate() {
        let refused = line
            .char_indices()
            .find(|(_, character)| !matches!(character, '\t' | '\r' | '\u{20}'..='\u{ff}'));
        if let Some((column, character)) = refused {
            return Some(Problem::new(
                format!("line {}, column {}", index + 1, column + 1),
                format!("holds {character:?}, which no policy may hold"),
                "keep to characters up to U+00FF",
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests;
