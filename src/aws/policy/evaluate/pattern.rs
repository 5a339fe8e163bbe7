//! Texts of a policy with wildcards and variables in them, and what they match.
//!
//! Source: "IAM JSON policy elements: Resource", "… Condition operators" and
//! "IAM policy elements: Variables and tags".

use super::Request;
use super::context::Value;
use crate::aws::policy::document::Version;

/// A text of a policy, ready to be compared.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`
    One(Reach),
    /// `*`
    Many(Reach),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Everything,
    /// Not over the next colon.
    Segment,
}

/// Whether `*` and `?` stand for other characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    Active,
    Literal,
}

/// A variable that cannot be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// It is not known what the key holds.
    Unknown(String),
    /// The key is absent, or holds several values.
    NoValue,
}

/// The pattern of a text that cannot hold variables.
pub(super) fn plain(text: &str, wildcards: Wildcards) -> Pattern {
    Pattern(tokens(text, wildcards).collect())
}

/// The pattern of a text with its variables replaced.
///
/// What a variable is replaced by is text, even where it holds an asterisk.
/// Under the old version of the language, `${…}` is text too.
pub(super) fn expand(
    text: &str,
    wildcards: Wildcards,
    language: Version,
    request: &Request,
) -> Result<Pattern, Unresolved> {
    if language == Version::Old {
        return Ok(plain(text, wildcards));
    }
    let mut pattern = Vec::new();
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once("${") {
        let Some((variable, after)) = opened.split_once('}') else {
            break;
        };
        pattern.extend(tokens(before, wildcards));
        pattern.extend(value_of(variable, request)?.chars().map(Token::Literal));
        rest = after;
    }
    pattern.extend(tokens(rest, wildcards));
    Ok(Pattern(pattern))
}

fn tokens(text: &str, wildcards: Wildcards) -> impl Iterator<Item = Token> {
    text.chars().map(move |character| match character {
        '*' if wildcards == Wildcards::Active => Token::Many(Reach::Everything),
        '?' if wildcards == Wildcards::Active => Token::One(Reach::Everything),
        character => Token::Literal(character),
    })
}

/// What stands for `${variable}`: a special character, the key's value, or the
/// default behind it, as in `${aws:PrincipalTag/team, 'none'}`.
fn value_of(variable: &str, request: &Request) -> Result<String, Unresolved> {
    if matches!(variable, "*" | "?" | "$") {
        return Ok(variable.to_owned());
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            let quoted = default
                .strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''));
            (key, quoted)
        }
        None => (variable, None),
    };
    let key = key.trim();
    match request.value(key) {
        Value::Values(values) => match values.as_slice() {
            [value] => Ok(value.clone()),
            _ => Err(Unresolved::NoValue),
        },
        Value::Absent => default.map(str::to_owned).ok_or(Unresolved::NoValue),
        Value::Unknown => Err(Unresolved::Unknown(key.to_owned())),
    }
}

impl Pattern {
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        // How much of the text the tokens so far can have taken.
        let mut taken = vec![false; text.len() + 1];
        if let Some(start) = taken.first_mut() {
            *start = true;
        }
        for token in &self.0 {
            taken = token.step(&taken, &text);
        }
        taken.last().is_some_and(|is_taken| *is_taken)
    }

    /// The same pattern for the ARN of a resource. In the parts before the
    /// resource itself a wildcard stays within its part, unless it ends it: "If
    /// a * wildcard is the last character of a resource ARN segment, it can
    /// expand to match beyond the colon boundaries."
    pub(super) fn of_resource(mut self) -> Self {
        let mut colons = 0;
        let ends: Vec<bool> = (1..=self.0.len())
            .map(|next| matches!(self.0.get(next), None | Some(Token::Literal(':'))))
            .collect();
        for (token, is_end) in self.0.iter_mut().zip(ends) {
            match token {
                Token::Literal(':') => colons += 1,
                Token::One(reach) if colons < RESOURCE_PART => *reach = Reach::Segment,
                Token::Many(reach) if colons < RESOURCE_PART && !is_end => {
                    *reach = Reach::Segment;
                }
                _ => {}
            }
        }
        self
    }

    /// The parts of an ARN; `None` where there are fewer than six.
    pub(super) fn arn_parts(&self) -> Option<Vec<Pattern>> {
        let parts = self
            .0
            .splitn(RESOURCE_PART + 1, |token| *token == Token::Literal(':'));
        let parts: Vec<Pattern> = parts.map(|part| Pattern(part.to_vec())).collect();
        (parts.len() == RESOURCE_PART + 1).then_some(parts)
    }

    /// Whether a wildcard ends it.
    pub(super) fn ends_open(&self) -> bool {
        matches!(self.0.last(), Some(Token::Many(_)))
    }

    /// The text of a pattern without wildcards in it.
    pub(super) fn text(&self) -> String {
        let characters = self.0.iter().map(|token| match token {
            Token::Literal(character) => *character,
            Token::One(_) => '?',
            Token::Many(_) => '*',
        });
        characters.collect()
    }
}

/// The last of the six parts of an ARN, counted from zero.
const RESOURCE_PART: usize = 5;

impl Token {
    fn step(self, taken: &[bool], text: &[char]) -> Vec<bool> {
        let mut next = Vec::with_capacity(taken.len());
        match self {
            Token::Literal(_) | Token::One(_) => {
                next.push(false);
                let pairs = taken.iter().zip(text);
                next.extend(pairs.map(|(is_taken, character)| *is_taken && self.takes(*character)));
            }
            Token::Many(_) => {
                let mut is_open = false;
                let characters = std::iter::once(None).chain(text.iter().map(Some));
                for (is_taken, before) in taken.iter().zip(characters) {
                    is_open = is_open && before.is_none_or(|before| self.takes(*before));
                    is_open = is_open || *is_taken;
                    next.push(is_open);
                }
            }
        }
        next
    }

    fn takes(self, character: char) -> bool {
        match self {
            Token::Literal(literal) => literal == character,
            Token::One(reach) | Token::Many(reach) => {
                reach == Reach::Everything || character != ':'
            }
        }
    }
}
