//! The grammar of HCL, version 1.

use std::collections::BTreeSet;

use super::scan::{Scanner, Token};
use super::{Malformed, Place};

/// How deep brackets may lie in each other. Policies need five; the limit keeps
/// a hostile text from exhausting the stack.
pub(super) const DEEPEST: usize = 64;

/// `path "kv/*" { … }` or `capabilities = […]`: at least one key, and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault::acl) struct Item {
    pub(in crate::vault::acl) key: Word,
    /// What stands between the key and the value.
    pub(in crate::vault::acl) labels: Vec<Word>,
    pub(in crate::vault::acl) value: Value,
}

/// A key or a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault::acl) struct Word {
    pub(in crate::vault::acl) text: String,
    pub(in crate::vault::acl) place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault::acl) struct Value {
    pub(in crate::vault::acl) node: Node,
    pub(in crate::vault::acl) place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault::acl) enum Node {
    Text(String),
    /// As it was written.
    Number(String),
    Bool,
    List(Vec<Value>),
    Block(Vec<Item>),
}

impl Node {
    /// What it is, for "is a list, not a text".
    pub(in crate::vault::acl) fn kind(&self) -> &'static str {
        match self {
            Node::Text(_) => "a text",
            Node::Number(_) => "a number",
            Node::Bool => "a Boolean",
            Node::List(_) => "a list",
            Node::Block(_) => "a block",
        }
    }
}

/// A scanner with one token in advance.
struct Reader<'s, 't> {
    scanner: &'s mut Scanner<'t>,
    token: Token,
    place: Place,
}

pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Vec<Item>, Malformed> {
    let (token, place) = scanner.next()?;
    let mut reader = Reader {
        scanner,
        token,
        place,
    };
    items(&mut reader, &Token::End, DEEPEST)
}

/// Items up to `end`, which is left to be taken.
fn items(reader: &mut Reader, end: &Token, depth: usize) -> Result<Vec<Item>, Malformed> {
    let mut items = Vec::new();
    let mut assigned = BTreeSet::new();
    while reader.token != *end {
        // Vault compares the names as they are written, quotation marks and all.
        let is_bare = matches!(reader.token, Token::Name(_));
        let key = reader.key()?;
        let mut labels = Vec::new();
        while matches!(reader.token, Token::Name(_) | Token::Text(_)) {
            labels.push(reader.key()?);
        }
        if reader.token == Token::Sign('=') {
            if let Some(label) = labels.first() {
                return Err(Malformed::new(
                    label.place,
                    "has a second name before '='; write '{' instead of '=' or leave it out",
                ));
            }
            if !assigned.insert((is_bare, key.text.clone())) {
                let what = format!("sets '{}' a second time", key.text);
                return Err(Malformed::new(key.place, what));
            }
            reader.advance()?;
            if reader.token == Token::End && *end == Token::End {
                // Vault drops what gets no value before the end.
                break;
            }
        } else if reader.token != Token::Sign('{') {
            let what = format!(
                "has {} where '{{' or '=' must follow '{}'",
                reader.found(),
                key.text
            );
            return Err(Malformed::new(reader.place, what));
        }
        let value = value(reader, depth)?;
        items.push(Item { key, labels, value });
        if reader.token == Token::Sign(',') {
            reader.advance()?;
        }
    }
    Ok(items)
}

fn value(reader: &mut Reader, depth: usize) -> Result<Value, Malformed> {
    let place = reader.place;
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Malformed::new(place, "lies too deep in other brackets"));
    };
    let node = match reader.token {
        Token::Sign('{') => {
            reader.advance()?;
            let items = items(reader, &Token::Sign('}'), depth)?;
            reader.advance()?;
            Node::Block(items)
        }
        Token::Sign('[') => list(reader, depth)?,
        _ => match reader.advance()? {
            Token::Text(text) | Token::Lines(text) => Node::Text(text),
            Token::Number(number) => Node::Number(number),
            Token::Bool => Node::Bool,
            Token::Name(name) => {
                let what = format!(
                    "has the name '{name}' where a value must stand; texts want quotation marks"
                );
                return Err(Malformed::new(place, what));
            }
            other => {
                let what = format!("has {} where a value must stand", describe(&other));
                return Err(Malformed::new(place, what));
            }
        },
    };
    Ok(Value { node, place })
}

/// A list: its values stand between commas, which may be several.
fn list(reader: &mut Reader, depth: usize) -> Result<Node, Malformed> {
    reader.advance()?;
    let mut values: Vec<Value> = Vec::new();
    let mut needs_comma = false;
    loop {
        match reader.token {
            Token::Sign(']') => {
                reader.advance()?;
                return Ok(Node::List(values));
            }
            Token::Sign(',') => {
                reader.advance()?;
                needs_comma = false;
            }
            _ if needs_comma => {
                let what = format!("has {} where ',' or ']' must stand", reader.found());
                return Err(Malformed::new(reader.place, what));
            }
            _ => {
                let value = value(reader, depth)?;
                // A list in a list ends without a comma, too.
                needs_comma = !matches!(value.node, Node::List(_));
                values.push(value);
            }
        }
    }
}

impl Reader<'_, '_> {
    fn key(&mut self) -> Result<Word, Malformed> {
        let place = self.place;
        match self.advance()? {
            Token::Name(text) | Token::Text(text) => Ok(Word { text, place }),
            other => {
                let what = format!("has {} where a name must stand", describe(&other));
                Err(Malformed::new(place, what))
            }
        }
    }

    /// Hands out the token and looks at the next one.
    fn advance(&mut self) -> Result<Token, Malformed> {
        let (token, place) = self.scanner.next()?;
        self.place = place;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn found(&self) -> String {
        describe(&self.token)
    }
}

/// A token in words.
pub(super) fn describe(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("the name '{name}'"),
        Token::Text(_) | Token::Lines(_) => "a text".to_owned(),
        Token::Number(number) => format!("the number {number}"),
        Token::Bool => "a Boolean".to_owned(),
        Token::Null => "null".to_owned(),
        Token::Sign(sign) => format!("'{sign}'"),
        Token::End => "its end".to_owned(),
    }
}
