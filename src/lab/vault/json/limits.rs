//! The look at a body's size and form that comes before reading it. It sees less
//! than a reader does, and calls some things by other names.

use std::collections::HashSet;

const MAX_DEPTH: usize = 300;
const MAX_TEXT: usize = 1024 * 1024;
const MAX_ENTRIES: usize = 10_000;

/// What is open.
struct Container {
    closes: u8,
    keys: HashSet<Vec<u8>>,
    values: usize,
    /// What was seen last in it.
    last: Last,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Opening,
    Key,
    Value,
    Comma,
}

/// Looks at a body that begins as an object or a list; others are not looked at.
pub(super) fn check(body: &[u8]) -> Result<(), String> {
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace());
    let first = start.and_then(|start| body.get(start));
    if !matches!(first, Some(b'{' | b'[')) {
        return Ok(());
    }
    let mut open: Vec<Container> = Vec::new();
    let mut at = start.unwrap_or_default();
    while let Some(&byte) = body.get(at) {
        at += 1;
        if byte.is_ascii_whitespace() {
            continue;
        }
        let Some(container) = open.last_mut() else {
            if at == start.unwrap_or_default() + 1 {
                open.push(Container::new(byte));
                continue;
            }
            return Err(unexpected(byte, "after top-level value"));
        };
        match byte {
            b'{' | b'[' => {
                container.value()?;
                if open.len() >= MAX_DEPTH {
                    return Err("JSON input exceeds allowed nesting depth".to_owned());
                }
                open.push(Container::new(byte));
            }
            b'}' | b']' => {
                container.may_close(byte)?;
                open.pop();
            }
            b',' => container.last = Last::Comma,
            b':' => {}
            b'"' => {
                let text = text(body, at)?;
                at += text.len() + 1;
                if container.wants_key() {
                    container.key(text)?;
                } else {
                    container.value()?;
                }
            }
            b'-' | b'0'..=b'9' => {
                at = number(body, at - 1)?;
                container.value()?;
            }
            b't' | b'f' | b'n' if !container.wants_key() => {
                let rest = body.get(at..).unwrap_or_default();
                at += rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_lowercase())
                    .count();
                container.value()?;
            }
            _ => return Err(unexpected(byte, "looking for beginning of value")),
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err("malformed JSON, unclosed containers".to_owned())
    }
}

impl Container {
    fn new(opens: u8) -> Self {
        Container {
            closes: if opens == b'{' { b'}' } else { b']' },
            keys: HashSet::new(),
            values: 0,
            last: Last::Opening,
        }
    }

    fn is_object(&self) -> bool {
        self.closes == b'}'
    }

    fn wants_key(&self) -> bool {
        self.is_object() && self.last != Last::Key
    }

    fn key(&mut self, key: &[u8]) -> Result<(), String> {
        self.last = Last::Key;
        if !self.keys.insert(key.to_vec()) {
            let key = String::from_utf8_lossy(key);
            return Err(format!("duplicate key '{key}' in object"));
        }
        if self.keys.len() > MAX_ENTRIES {
            return Err("JSON object exceeds allowed entry count".to_owned());
        }
        Ok(())
    }

    fn value(&mut self) -> Result<(), String> {
        self.last = Last::Value;
        self.values += 1;
        if !self.is_object() && self.values > MAX_ENTRIES {
            return Err("JSON array exceeds allowed element count".to_owned());
        }
        Ok(())
    }

    fn may_close(&self, byte: u8) -> Result<(), String> {
        if byte != self.closes {
            let closing = char::from(byte);
            return Err(format!(
                "malformed JSON: mismatched closing delimiter '{closing}'"
            ));
        }
        match (self.last, self.is_object()) {
            (Last::Key, _) => Err(unexpected(byte, "after object key")),
            (Last::Comma, true) => Err(unexpected(byte, "after object key-value pair")),
            (Last::Comma, false) => Err(unexpected(byte, "after array element")),
            _ => Ok(()),
        }
    }
}

/// The text that begins at a place, up to its closing quote.
fn text(body: &[u8], start: usize) -> Result<&[u8], String> {
    let mut at = start;
    while let Some(&byte) = body.get(at) {
        match byte {
            b'"' => {
                let text = body.get(start..at).unwrap_or_default();
                if text.len() > MAX_TEXT {
                    return Err("JSON string value exceeds allowed length".to_owned());
                }
                return Ok(text);
            }
            b'\\' => {
                at += 1;
                match body.get(at) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                    Some(b'u') => {
                        for _ in 0..4 {
                            at += 1;
                            match body.get(at) {
                                Some(digit) if digit.is_ascii_hexdigit() => {}
                                Some(&other) => return Err(in_escape(other)),
                                None => break,
                            }
                        }
                    }
                    Some(&other) => return Err(in_escape(other)),
                    None => break,
                }
            }
            _ => {}
        }
        at += 1;
    }
    Err("malformed JSON, unclosed string".to_owned())
}

/// Where the number ends that begins at a place.
fn number(body: &[u8], start: usize) -> Result<usize, String> {
    let rest = body.get(start..).unwrap_or_default();
    let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = rest.iter().take_while(is_part).count();
    let text = rest.get(..length).unwrap_or_default();
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if let [b'0', next @ b'0'..=b'9', ..] = digits {
        return Err(unexpected(*next, "after top-level value"));
    }
    if !text
        .last()
        .is_some_and(|last| last.is_ascii_digit() || *last == b'.')
    {
        let text = String::from_utf8_lossy(text);
        return Err(format!(
            "malformed JSON, invalid number syntax for '{text}'"
        ));
    }
    Ok(start + length)
}

fn in_escape(byte: u8) -> String {
    unexpected(byte, "in string escape code")
}

/// Unlike a reader, this puts every character between quotes as it is.
fn unexpected(byte: u8, place: &str) -> String {
    format!("invalid character '{}' {place}", char::from(byte))
}
