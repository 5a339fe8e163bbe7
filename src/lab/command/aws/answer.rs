//! AWS's XML as the JSON that the AWS command prints.

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// The result of an operation: what the element `…Result` holds.
pub(super) fn result(operation: &str, xml: &str) -> Value {
    let document = parse(xml);
    let result = &document[format!("{operation}Response")][format!("{operation}Result")];
    let mut result = result.clone();
    if let Some(fields) = result.as_object_mut() {
        // The command reads page after page, and shows none of it.
        fields.shift_remove("IsTruncated");
    }
    result
}

/// The code and the words of a refusal.
pub(super) fn error(xml: &str) -> Option<(String, String)> {
    let document = parse(xml);
    let error = &document["ErrorResponse"]["Error"];
    let word = |name: &str| error[name].as_str().map(str::to_owned);
    Some((word("Code")?, word("Message")?))
}

/// The document as one value; what is no XML is `null`.
fn parse(xml: &str) -> Value {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    content(&mut reader, "").unwrap_or_default()
}

/// What is within an element, which is read to its end.
fn content(reader: &mut Reader<&[u8]>, name: &str) -> Option<Value> {
    let mut text = String::new();
    let mut children = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                let value = content(reader, &name)?;
                children.push((name, value));
            }
            Event::Text(part) => text += &part.decode().ok()?,
            Event::GeneralRef(reference) => {
                let reference = format!("&{};", reference.decode().ok()?);
                text += &unescape(&reference).ok()?;
            }
            Event::End(_) | Event::Eof => break,
            _ => {}
        }
    }
    Some(value_of(name, text, children))
}

/// Names of several things are lists, also where nothing is in them.
fn value_of(name: &str, text: String, children: Vec<(String, Value)>) -> Value {
    let is_list = children.iter().all(|(name, _)| name == "member");
    if children.is_empty() && !name.ends_with('s') {
        return leaf(name, text);
    }
    if is_list {
        return children.into_iter().map(|(_, value)| value).collect();
    }
    Value::Object(children.into_iter().collect::<Map<_, _>>())
}

fn leaf(name: &str, text: String) -> Value {
    match (name, text.as_str()) {
        ("AssumeRolePolicyDocument" | "PolicyDocument", text) => {
            let decoded = percent_decode_str(text).decode_utf8_lossy();
            serde_json::from_str(&decoded).unwrap_or_default()
        }
        ("MaxSessionDuration", text) => text.parse::<u64>().map_or(Value::Null, Value::from),
        (_, "true") => Value::Bool(true),
        _ => Value::String(text),
    }
}
