//! What must never be shown, and how text is made safe to show.
//!
//! A secret is wrapped at birth in [`Secret`] and exposed on the last line
//! before the wire. [`Redactor`] is the second net: every text on its way out,
//! except the answer that was asked for, passes through it.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;

/// A text that is zeroized when dropped and masked in `Debug`.
pub type Secret = secrecy::SecretString;

/// What stands where a secret stood.
pub const MASK: &str = "[redacted]";

/// The most of a service's message that is kept, in bytes.
const MESSAGE_LIMIT: usize = 2048;

/// Shorter values are not searched for: masking every `a` helps nobody.
const SHORTEST_SEARCHED: usize = 6;

/// Remembers the secrets of this run and removes them from text, in every
/// encoding in which they travel: plain, URL-encoded, JSON-escaped, and base64
/// at each of its three alignments.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Arc<Mutex<Vec<Secret>>>,
}

impl Redactor {
    /// Adds a secret to those that [`Redactor::clean`] removes.
    pub fn learn(&self, secret: &Secret) {
        self.learn_text(secret.expose_secret());
    }

    /// Adds the secret value `text`.
    pub fn learn_text(&self, text: &str) {
        if text.len() < SHORTEST_SEARCHED {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for form in encodings(text) {
            if !known.iter().any(|old| old.expose_secret() == form) {
                known.push(Secret::from(form));
            }
        }
        // The longest first, so that no part of a longer form is left over.
        known.sort_by_key(|form| std::cmp::Reverse(form.expose_secret().len()));
    }

    /// Returns `text` without any secret that was learned.
    pub fn clean(&self, text: &str) -> String {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cleaned = text.to_owned();
        for form in known.iter() {
            if cleaned.contains(form.expose_secret()) {
                cleaned = cleaned.replace(form.expose_secret(), MASK);
            }
        }
        cleaned
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Redactor")
    }
}

/// Every form of `text` that could stand in a message or a recorded file.
fn encodings(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    // A token file often ends in a newline; without it the value is as secret.
    let trimmed = text.trim();
    if trimmed != text && trimmed.len() >= SHORTEST_SEARCHED {
        forms.push(trimmed.to_owned());
    }
    forms.push(utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
    let json = serde_json::Value::from(text).to_string();
    forms.push(json.trim_matches('"').to_owned());
    for offset in 0..3 {
        for engine in [&STANDARD, &URL_SAFE] {
            let encoded = engine.encode([&vec![0; offset], text.as_bytes()].concat());
            let inner = whole_characters(&encoded, offset, text.len());
            if inner.len() >= SHORTEST_SEARCHED {
                forms.push(inner.to_owned());
            }
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

/// The characters of a base64 text that depend on nothing but the `length`
/// bytes which begin `offset` bytes in: the ends are shared with neighbours.
fn whole_characters(encoded: &str, offset: usize, length: usize) -> &str {
    let first = (offset * 8).div_ceil(6);
    let last = (offset + length) * 8 / 6;
    encoded.get(first..last).unwrap_or_default()
}

/// Makes a service's own words fit to be kept: known shapes of secrets are
/// masked (signatures, session tokens, Vault tokens, secret keys) and the text
/// is cut to 2 KiB.
pub fn keep_message(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(MESSAGE_LIMIT));
    let mut rest = text.trim();
    while let Some((before, word, after)) = next_word(rest) {
        kept.push_str(before);
        if let Some(scope) = scope_after_foreign_key(word) {
            kept.push_str(MASK);
            kept.push_str(scope);
        } else {
            kept.push_str(if looks_secret(word) { MASK } else { word });
        }
        rest = after;
    }
    kept.push_str(rest);
    let mut kept = mask_parameters(&kept);
    if kept.len() > MESSAGE_LIMIT {
        let end = (0..=MESSAGE_LIMIT)
            .rev()
            .find(|index| kept.is_char_boundary(*index))
            .unwrap_or(0);
        kept.truncate(end);
        kept.push('…');
    }
    kept
}

/// Splits `text` into what stands before the next run of base64 and token
/// characters, that run, and the rest.
fn next_word(text: &str) -> Option<(&str, &str, &str)> {
    let in_word = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=' | '_' | '-' | '.')
    };
    let start = text.find(in_word)?;
    let length = text[start..]
        .find(|character| !in_word(character))
        .unwrap_or(text.len() - start);
    Some((
        &text[..start],
        &text[start..start + length],
        &text[start + length..],
    ))
}

/// The `/20260101/us-east-1/...` behind a credential whose first part is no key
/// id: STS echoes it when key id and secret were swapped, the secret with it.
fn scope_after_foreign_key(word: &str) -> Option<&str> {
    let scope = word
        .match_indices('/')
        .map(|(position, _)| &word[position..])
        .find(|rest| {
            let date = rest.get(1..9).unwrap_or_default();
            date.len() == 8
                && date.bytes().all(|byte| byte.is_ascii_digit())
                && rest.get(9..10) == Some("/")
        })?;
    let key = &word[..word.len() - scope.len()];
    let is_key_id = key.starts_with("AKIA") || key.starts_with("ASIA");
    (!is_key_id && key.len() > SHORTEST_SEARCHED).then_some(scope)
}

/// Tells whether a word has the shape of a secret: a Vault token, an AWS
/// secret access key (40 characters of base64), or a long base64 run.
fn looks_secret(word: &str) -> bool {
    let token_prefix = ["hvs.", "hvb.", "hvr.", "s.", "b."]
        .iter()
        .any(|prefix| word.starts_with(prefix) && word.len() >= prefix.len() + 20);
    let base64_only = word
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '='));
    let mixed = word.contains(|character: char| character.is_ascii_uppercase())
        && word.contains(|character: char| character.is_ascii_lowercase())
        && word.contains(|character: char| character.is_ascii_digit());
    token_prefix || (base64_only && mixed && (word.len() == 40 || word.len() > 100))
}

/// Masks the values of the parameters and headers that carry a signature, a
/// credential or a token, in URLs, header dumps and JSON.
fn mask_parameters(text: &str) -> String {
    const NAMES: [&str; 6] = [
        "x-amz-signature",
        "x-amz-security-token",
        "x-vault-token",
        "authorization",
        "signature=",
        "x-amz-credential",
    ];
    let lower = text.to_ascii_lowercase();
    let mut spans = Vec::new();
    for name in NAMES {
        for (position, _) in lower.match_indices(name) {
            let start = position + name.len();
            let rest = &text[start..];
            let value =
                rest.trim_start_matches(['=', ':', ' ', '"', '\\', '[', '\'', '%', '3', 'D']);
            let begin = start + rest.len() - value.len();
            let end = value
                .find(['&', '"', '\'', '\n', ']', '\\', '>', '<'])
                .map_or(text.len(), |index| begin + index);
            // A name without a value ("missing Authorization header") is no secret.
            if end > begin + SHORTEST_SEARCHED
                && !value.starts_with("header")
                && begin > start - usize::from(name.ends_with('='))
            {
                spans.push(begin..end);
            }
        }
    }
    spans.sort_by_key(|span| span.start);
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        if span.start < done {
            continue;
        }
        masked.push_str(&text[done..span.start]);
        masked.push_str(MASK);
        done = span.end;
    }
    masked.push_str(&text[done..]);
    masked
}

/// Shows enough of an identifier to recognise it: `ASIAEXAMPLEK3QD` becomes
/// `ASIA…K3QD`.
pub fn mask_middle(identifier: &str) -> String {
    let characters: Vec<char> = identifier.chars().collect();
    if characters.len() < 12 {
        return MASK.to_owned();
    }
    let head: String = characters[..4].iter().collect();
    let tail: String = characters[characters.len() - 4..].iter().collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_removed_in_every_encoding() {
        let value = "p@ss/wörd \"quoted\" 0123";
        let redactor = Redactor::default();
        redactor.learn_text(value);
        for padding in ["", "a", "ab", "abc"] {
            let encoded = STANDARD.encode(format!("{padding}{value}tail"));
            let cleaned = redactor.clean(&encoded);
            assert!(cleaned.contains(MASK), "{padding}: {cleaned}");
        }
        for text in [
            value.to_owned(),
            utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
            serde_json::json!({ "a": value }).to_string(),
        ] {
            assert!(redactor.clean(&text).contains(MASK), "{text}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::from("canary-value".to_owned());
        let redactor = Redactor::default();
        redactor.learn(&secret);
        assert!(!format!("{secret:?} {redactor:?}").contains("canary"));
    }

    #[test]
    fn shapes_of_secrets_in_messages_are_masked() {
        let cases = [
            "got 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYa1/20260101/us-east-1'",
            "token hvs.CAESIJaaaaaaaaaaaaaaaaaaaaaaaaaa was bad",
            "Post \"https://sts/?X-Amz-Signature=abcdef0123456789&X-Amz-Date=1\"",
            "{\"X-Amz-Security-Token\":[\"IQoJb3JpZ2luX2VjEXAMPLE\"]}",
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/2026, Signature=0123456789abcdef",
        ];
        for case in cases {
            let kept = keep_message(case);
            assert!(kept.contains(MASK), "{kept}");
            for secret in [
                "wJalrXUtn",
                "CAESIJ",
                "abcdef0123",
                "IQoJb3",
                "0123456789abcdef",
            ] {
                assert!(!kept.contains(secret), "{kept}");
            }
        }
    }

    #[test]
    fn ordinary_messages_are_left_alone() {
        let messages = [
            "User: arn:aws:sts::123456789012:assumed-role/KongRole/i-0123456789abcdef0 is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/VaultRole",
            "error validating X-Vault-AWS-IAM-Server-ID header: missing Authorization header",
            "IAM Principal \"arn:aws:sts::1:assumed-role/A/b\" does not belong to the role \"kong-role\"",
        ];
        for message in messages {
            assert_eq!(keep_message(message), message);
        }
    }

    #[test]
    fn long_messages_are_cut_at_a_character() {
        let kept = keep_message(&"ü ".repeat(4000));
        assert!(kept.len() <= MESSAGE_LIMIT + '…'.len_utf8());
    }

    #[test]
    fn identifiers_are_masked_in_the_middle() {
        assert_eq!(mask_middle("ASIAEXAMPLEEXAMPK3QD"), "ASIA…K3QD");
        assert_eq!(mask_middle("short"), MASK);
    }
}
