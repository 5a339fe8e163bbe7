//! The JSON of Vault's policies, brought into the form of HCL.
//!
//! Vault's reader takes less care than others. An object ends with the first
//! sign that does not go on with it, be it the end of the text; text behind the
//! last brace is not looked at; a Boolean in a list is passed over, and so is the
//! opening of a list in a list.

use super::scan::{Scanner, Token};
use super::tree::{DEEPEST, Item, Node, Value, Word, describe};
use super::{Malformed, Place};

/// Why reading stops.
enum Halt {
    /// A closing brace or the end, which end the object around it.
    End,
    Malformed(Malformed),
}

impl From<Malformed> for Halt {
    fn from(malformed: Malformed) -> Self {
        Halt::Malformed(malformed)
    }
}

pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Vec<Item>, Malformed> {
    scanner.next()?;
    let mut left = REPEATED;
    flatten(object(scanner, DEEPEST)?, &mut left)
}

/// The rest of an object whose brace is open.
fn object(scanner: &mut Scanner, depth: usize) -> Result<Vec<Item>, Malformed> {
    let mut items = Vec::new();
    loop {
        match item(scanner, depth) {
            Ok(item) => items.push(item),
            Err(Halt::End) => return Ok(items),
            Err(Halt::Malformed(malformed)) => return Err(malformed),
        }
        if scanner.next()?.0 != Token::Sign(',') {
            return Ok(items);
        }
    }
}

/// `"name": value`, or several names before the colon.
fn item(scanner: &mut Scanner, depth: usize) -> Result<Item, Halt> {
    let mut words = Vec::new();
    loop {
        let (token, place) = scanner.next()?;
        match token {
            Token::Text(text) => words.push(Word { text, place }),
            Token::Sign(':') if !words.is_empty() => break,
            token => return Err(unexpected(&token, place, "a name, and ':' behind it,")),
        }
    }
    let key = words.remove(0);
    let (token, place) = scanner.next()?;
    Ok(Item {
        key,
        labels: words,
        value: value(scanner, token, place, depth)?,
    })
}

fn value(scanner: &mut Scanner, token: Token, place: Place, depth: usize) -> Result<Value, Halt> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Malformed::new(place, "lies too deep in other brackets").into());
    };
    let node = match token {
        Token::Text(text) => Node::Text(text),
        Token::Null => Node::Text(String::new()),
        Token::Number(number) => Node::Number(number),
        Token::Bool => Node::Bool,
        Token::Sign('{') => Node::Block(object(scanner, depth)?),
        Token::Sign('[') => Node::List(list(scanner, depth)?),
        token => return Err(unexpected(&token, place, "a value")),
    };
    Ok(Value { node, place })
}

fn list(scanner: &mut Scanner, depth: usize) -> Result<Vec<Value>, Halt> {
    let mut values = Vec::new();
    loop {
        let (token, place) = scanner.next()?;
        match token {
            Token::Sign(']') => return Ok(values),
            Token::Sign(',' | '[') | Token::Bool => {}
            Token::Text(_) | Token::Number(_) | Token::Sign('{') => {
                values.push(value(scanner, token, place, depth)?);
            }
            Token::Sign('}') => return Err(Halt::End),
            token => {
                let what = format!("has {} where a value or ']' must stand", describe(&token));
                return Err(Malformed::new(place, what).into());
            }
        }
    }
}

fn unexpected(token: &Token, place: Place, wanted: &str) -> Halt {
    match token {
        Token::Sign('}') | Token::End => Halt::End,
        token => {
            let what = format!("has {} where {wanted} must stand", describe(token));
            Halt::Malformed(Malformed::new(place, what))
        }
    }
}

/// How much text flattening may repeat: names of objects are repeated for all
/// that lies in them, and a hostile text would fill the memory so.
const REPEATED: usize = 4 << 20;

/// Writes `{"path": {"kv/*": {…}}}` as `path "kv/*" {…}`: where all values of an
/// object are objects, their names become labels.
fn flatten(items: Vec<Item>, left: &mut usize) -> Result<Vec<Item>, Malformed> {
    let mut flat = Vec::new();
    let mut open: Vec<Item> = items.into_iter().rev().collect();
    while let Some(mut item) = open.pop() {
        let head = Head {
            key: item.key.clone(),
            labels: item.labels.clone(),
        };
        match item.value.node {
            Node::Block(inner) if !inner.is_empty() && inner.iter().all(holds_block) => {
                for inner in inner.into_iter().rev() {
                    let labels = [vec![inner.key], inner.labels].concat();
                    open.push(head.item(labels, inner.value, left)?);
                }
            }
            Node::List(values) if !values.is_empty() && values.iter().all(is_block) => {
                for value in values.into_iter().rev() {
                    open.push(head.item(Vec::new(), value, left)?);
                }
            }
            Node::Block(inner) => {
                item.value.node = Node::Block(flatten(inner, left)?);
                flat.push(item);
            }
            node => {
                item.value.node = node;
                flat.push(item);
            }
        }
    }
    Ok(flat)
}

/// What stands before the values of an object.
struct Head {
    key: Word,
    labels: Vec<Word>,
}

impl Head {
    fn item(&self, more: Vec<Word>, value: Value, left: &mut usize) -> Result<Item, Malformed> {
        let words = self.labels.iter().chain([&self.key]);
        let repeated: usize = words.map(|word| word.text.len() + 1).sum();
        *left = left
            .checked_sub(repeated)
            .ok_or_else(|| Malformed::new(self.key.place, "holds too much to be read"))?;
        Ok(Item {
            key: self.key.clone(),
            labels: [self.labels.clone(), more].concat(),
            value,
        })
    }
}

fn holds_block(item: &Item) -> bool {
    is_block(&item.value)
}

fn is_block(value: &Value) -> bool {
    matches!(value.node, Node::Block(_))
}
