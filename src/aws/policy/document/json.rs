//! JSON as it was written: a key that is there twice is there twice.
//!
//! serde_json's own value keeps the last one in silence, and IAM refuses such a
//! document ("Individual elements must not contain multiple instances of the
//! same key", "Grammar of the IAM JSON policy language").

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::Problem;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As text: that is how it is compared.
    Integer(String),
    /// A number with a fraction or an exponent, or one too large. Its text is
    /// lost while it is read (`0.10` and `0.1` would become one).
    Decimal,
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Reads JSON text.
pub(crate) fn parse(text: &str) -> Result<Json, Problem> {
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

impl Json {
    /// What it is, for "is a list, not a string".
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a Boolean",
            Json::Integer(_) | Json::Decimal => "a number",
            Json::Text(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) if number.is_f64() => Json::Decimal,
            Value::Number(number) => Json::Integer(number.to_string()),
            Value::String(text) => Json::Text(text.clone()),
            Value::Array(items) => Json::List(items.iter().map(Json::from).collect()),
            Value::Object(map) => Json::Object(
                map.iter()
                    .map(|(key, value)| (key.clone(), Json::from(value)))
                    .collect(),
            ),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Integer(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Integer(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Decimal)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Object(entries))
    }
}

/// Says why `text` is no JSON.
fn explain(text: &str, error: &serde_json::Error) -> Problem {
    let place = format!("line {}, column {}", error.line(), error.column());
    if text.trim().is_empty() {
        return Problem::new("document", "is empty", "write a policy document in JSON");
    }
    if stands_at_comment(text, error) {
        return Problem::new(
            place,
            "is a comment, and JSON has none",
            "remove it; say it in the statement's Sid or beside the document",
        );
    }
    let closing_too_early = matches!(
        text_at(text, error).and_then(|rest| rest.first()),
        Some(b'}' | b']')
    );
    if (error.classify() == Category::Eof || closing_too_early)
        && let Some(open) = unclosed(text)
    {
        return Problem::new(
            place,
            format!(
                "is reached while the '{}' of line {}, column {} is still open",
                open.bracket, open.line, open.column
            ),
            format!("add the missing '{}'", open.partner()),
        );
    }
    let words = error.to_string();
    let words = words
        .rsplit_once(" at line ")
        .map_or(words.as_str(), |(words, _)| words);
    Problem::new(
        place,
        format!("is no JSON: {words}"),
        "write plain JSON: names and texts in double quotes, no comma before a closing bracket",
    )
}

/// Tells whether the reader stopped at a comment.
fn stands_at_comment(text: &str, error: &serde_json::Error) -> bool {
    text_at(text, error).is_some_and(|rest| {
        [&b"//"[..], b"/*", b"#"]
            .iter()
            .any(|mark| rest.starts_with(mark))
    })
}

/// What follows in the line from where the reader stopped, as bytes: its
/// columns are bytes, counted from one.
fn text_at<'a>(text: &'a str, error: &serde_json::Error) -> Option<&'a [u8]> {
    let line = text.split('\n').nth(error.line().checked_sub(1)?)?;
    line.as_bytes().get(error.column().checked_sub(1)?..)
}

struct Bracket {
    bracket: char,
    line: usize,
    column: usize,
}

impl Bracket {
    fn partner(&self) -> char {
        if self.bracket == '{' { '}' } else { ']' }
    }
}

/// The first bracket that is closed by the wrong partner, or else the last one
/// that is not closed at all.
fn unclosed(text: &str) -> Option<Bracket> {
    let mut open: Vec<Bracket> = Vec::new();
    let (mut line, mut column) = (1, 0);
    let (mut in_text, mut escaped) = (false, false);
    for character in text.chars() {
        column += 1;
        match character {
            '\n' => (line, column) = (line + 1, 0),
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '{' | '[' => open.push(Bracket {
                bracket: character,
                line,
                column,
            }),
            '}' | ']' => match open.pop() {
                Some(bracket) if bracket.partner() == character => {}
                other => return other,
            },
            _ => {}
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_there_twice() {
        let one = |number: &str| ("a".to_owned(), Json::Integer(number.to_owned()));
        assert_eq!(
            parse(r#"{"a": 1, "a": 2}"#),
            Ok(Json::Object(vec![one("1"), one("2")]))
        );
    }

    #[test]
    fn what_is_no_json_is_explained_with_its_place() {
        let cases = [
            ("", "document is empty"),
            (
                "{\n  \"Version\": \"2012-10-17\", // the version\n}",
                "line 2, column 28 is a comment",
            ),
            ("{ /* c */ }", "line 1, column 3 is a comment"),
            ("{\"a\": 1 # c\n}", "line 1, column 9 is a comment"),
            (
                "{\n \"a\": [1, {\n",
                "line 3, column 0 is reached while the '{' of line 2, column 11 is still open; add the missing '}'",
            ),
            (
                "{\"Statement\": [{\"Effect\": \"Allow\"]}",
                "line 1, column 34 is reached while the '{' of line 1, column 16 is still open; add the missing '}'",
            ),
            ("{\"a\": 1,}", "line 1, column 9 is no JSON: trailing comma"),
            (
                "{'a': 1}",
                "line 1, column 2 is no JSON: key must be a string",
            ),
            ("{} {}", "line 1, column 4 is no JSON: trailing characters"),
        ];
        for (text, expected) in cases {
            let problem = parse(text).map_err(|problem| problem.to_string());
            let problem = problem.expect_err(text);
            assert!(problem.starts_with(expected), "{text:?}\n{problem}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).is_err());
    }

    #[test]
    fn brackets_in_texts_do_not_count() {
        assert!(unclosed(r#"{"a": "}]\"{"}"#).is_none());
        assert_eq!(unclosed(r#"{"a": "}"#).map(|open| open.column), Some(1));
    }
}
