//! The data of a write: `key=value`, `key=@FILE`, `key=-`, or JSON from stdin.

use serde_json::{Map, Value};

use crate::lab::command::Refused;
use crate::output::Streams;

/// More than any policy or secret of a lab.
const STDIN_LIMIT: u64 = 1024 * 1024;

/// Reads pairs into one object. A key that is given twice becomes a list.
pub(super) fn read(pairs: &[String], streams: &Streams) -> Result<Value, Refused> {
    let mut fields = Map::new();
    for pair in pairs {
        if let Some(source) = whole_document(pair) {
            let text = source.read(streams)?;
            let document: Value = serde_json::from_str(&text)
                .map_err(|error| Refused::new(1, format!("Failed to parse K=V data: {error}")))?;
            let Value::Object(document) = document else {
                return Err(Refused::new(1, "Failed to parse K=V data: no object"));
            };
            fields.extend(document);
            continue;
        }
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            Refused::new(
                1,
                format!("Failed to parse K=V data: invalid key/value pair {pair:?}: format must be key=value"),
            )
        })?;
        let value = Value::String(value_of(value, streams)?);
        match fields.get_mut(key) {
            None => {
                fields.insert(key.to_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(Value::Object(fields))
}

/// Where a text stands that was not typed.
enum Source<'a> {
    Stdin,
    File(&'a str),
}

impl Source<'_> {
    fn read(&self, streams: &Streams) -> Result<String, Refused> {
        match self {
            Source::Stdin => {
                let bytes = streams
                    .read_to_end(STDIN_LIMIT)
                    .map_err(|error| Refused::new(1, format!("stdin cannot be read: {error}")))?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            Source::File(name) => std::fs::read_to_string(name)
                .map_err(|error| Refused::new(1, format!("error reading file: {name}: {error}"))),
        }
    }
}

fn whole_document(pair: &str) -> Option<Source<'_>> {
    match pair {
        "-" => Some(Source::Stdin),
        _ => pair.strip_prefix('@').map(Source::File),
    }
}

fn value_of(value: &str, streams: &Streams) -> Result<String, Refused> {
    match value {
        "-" => Source::Stdin.read(streams),
        _ => match value.strip_prefix('@') {
            Some(name) => Source::File(name).read(streams),
            None => Ok(value.strip_prefix('\\').unwrap_or(value).to_owned()),
        },
    }
}

/// The text of a file, or of stdin where the file is `-`.
pub(super) fn text_of(file: &str, streams: &Streams) -> Result<String, Refused> {
    match file {
        "-" => Source::Stdin.read(streams),
        name => Source::File(name).read(streams),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use serde_json::json;

    use super::*;

    fn streams(stdin: &'static str) -> Streams {
        let sink = || Box::new(io::sink());
        Streams::new(sink(), sink(), false, false).reading(Box::new(stdin.as_bytes()), false)
    }

    fn read_words(words: &[&str], stdin: &'static str) -> Result<Value, u8> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        read(&words, &streams(stdin)).map_err(|refused| refused.code)
    }

    #[test]
    fn pairs_become_fields_and_a_key_that_comes_twice_a_list() {
        assert_eq!(
            read_words(&["a=1", "b=x=y", "c=", "a=2", "a=3"], ""),
            Ok(json!({ "a": ["1", "2", "3"], "b": "x=y", "c": "" }))
        );
    }

    #[test]
    fn a_value_or_the_whole_comes_from_stdin() {
        assert_eq!(
            read_words(&["a=-", "b=\\@c"], "from\nstdin"),
            Ok(json!({ "a": "from\nstdin", "b": "@c" }))
        );
        assert_eq!(read_words(&["-"], "{\"a\": [1]}"), Ok(json!({ "a": [1] })));
        assert_eq!(read_words(&["-"], "[]"), Err(1));
        assert_eq!(read_words(&["a"], ""), Err(1));
    }
}
