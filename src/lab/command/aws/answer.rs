//! AWS's XML as the JSON that the AWS command prints.

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use super::parameters::Output;

/// An element that has not ended yet.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

/// Elements that are lists, also where nothing is in them.
const LISTS: [&str; 8] = [
    "AttachedPolicies",
    "InstanceProfiles",
    "PolicyNames",
    "Roles",
    "Tags",
    "EvaluationResults",
    "Users",
    "AccessKeyMetadata",
];

/// Elements that hold a policy as escaped JSON.
const DOCUMENTS: [&str; 2] = ["AssumeRolePolicyDocument", "PolicyDocument"];

/// The result of an operation: what the element `…Result` holds.
pub(super) fn result(operation: &str, xml: &str) -> Value {
    let mut document = parse(xml);
    let response = document[format!("{operation}Response")].take();
    let mut result = response[format!("{operation}Result")].clone();
    if let Some(fields) = result.as_object_mut() {
        // The command reads page after page, and shows none of it.
        fields.retain(|name, _| name != "IsTruncated");
    }
    match result {
        Value::String(empty) if empty.is_empty() => Value::Null,
        result => result,
    }
}

/// The code and the words of a refusal.
pub(super) fn error(xml: &str) -> Option<(String, String)> {
    let document = parse(xml);
    let mut errors = [
        &document["ErrorResponse"]["Error"],
        &document["Response"]["Errors"]["Error"],
    ]
    .into_iter();
    let error = errors.find(|error| error.is_object())?;
    let word = |name: &str| error[name].as_str().map(str::to_owned);
    Some((word("Code")?, word("Message").unwrap_or_default()))
}

/// The answer as the command prints it.
pub(super) fn shown(answer: &Value, output: Output) -> String {
    match (output, answer) {
        (_, Value::Null) => String::new(),
        (Output::Text, Value::String(text)) => format!("{text}\n"),
        (Output::Text, Value::Array(items)) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| {
                    item.as_str()
                        .map_or_else(|| item.to_string(), str::to_owned)
                })
                .collect();
            format!("{}\n", items.join("\t"))
        }
        (Output::Text, other) => format!("{other}\n"),
        (Output::Json, other) => {
            let text = serde_json::to_string_pretty(&other).unwrap_or_default();
            format!("{text}\n")
        }
    }
}

/// The document as one value; what is no XML is `null`.
fn parse(xml: &str) -> Value {
    let mut reader = Reader::from_str(xml);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => open.push(Element {
                name: String::from_utf8_lossy(start.local_name().as_ref()).into_owned(),
                ..Element::default()
            }),
            Ok(Event::Empty(start)) => {
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                let value = value_of(Element {
                    name: name.clone(),
                    ..Element::default()
                });
                if let Some(parent) = open.last_mut() {
                    parent.children.push((name, value));
                }
            }
            Ok(Event::Text(text)) => {
                if let (Some(element), Ok(text)) = (open.last_mut(), text.decode()) {
                    element.text.push_str(&text);
                }
            }
            Ok(Event::GeneralRef(reference)) => {
                let named = reference.decode().ok();
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    _ => named
                        .and_then(|name| quick_xml::escape::resolve_predefined_entity(&name))
                        .map(str::to_owned),
                };
                if let (Some(element), Some(character)) = (open.last_mut(), character) {
                    element.text.push_str(&character);
                }
            }
            Ok(Event::End(_)) => {
                if let Some(element) = open.pop()
                    && let Some(parent) = open.last_mut()
                {
                    let name = element.name.clone();
                    parent.children.push((name, value_of(element)));
                }
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => return Value::Null,
        }
    }
    open.pop().map_or(Value::Null, value_of)
}

fn value_of(element: Element) -> Value {
    let is_list = LISTS.contains(&element.name.as_str());
    if element.children.is_empty() {
        if is_list {
            return Value::Array(Vec::new());
        }
        return leaf(&element.name, &element.text);
    }
    if is_list || element.children.iter().all(|(name, _)| name == "member") {
        return element
            .children
            .into_iter()
            .map(|(_, value)| value)
            .collect();
    }
    Value::Object(element.children.into_iter().collect::<Map<_, _>>())
}

fn leaf(name: &str, text: &str) -> Value {
    if DOCUMENTS.contains(&name) {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        return serde_json::from_str(&decoded).unwrap_or_else(|_| Value::String(decoded.into()));
    }
    match (name, text) {
        ("MaxSessionDuration", number) => number
            .parse::<u64>()
            .map_or_else(|_| text.into(), Value::from),
        (_, "true") => Value::Bool(true),
        (_, "false") => Value::Bool(false),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROLE: &str = r#"<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetRoleResult><Role><RoleName>KongRole</RoleName><Tags/><MaxSessionDuration>3600</MaxSessionDuration>
    <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>
  </Role></GetRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetRoleResponse>"#;

    #[test]
    fn an_answer_is_what_the_aws_command_prints() {
        assert_eq!(
            result("GetRole", ROLE),
            json!({ "Role": {
                "RoleName": "KongRole", "Tags": [], "MaxSessionDuration": 3600,
                "AssumeRolePolicyDocument": { "Version": "2012-10-17" },
            } })
        );
        let names = "<ListRolePoliciesResponse><ListRolePoliciesResult><IsTruncated>false</IsTruncated><PolicyNames><member>a</member></PolicyNames></ListRolePoliciesResult></ListRolePoliciesResponse>";
        assert_eq!(
            result("ListRolePolicies", names),
            json!({ "PolicyNames": ["a"] })
        );
        let nothing = "<DeleteRoleResponse><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DeleteRoleResponse>";
        assert_eq!(shown(&result("DeleteRole", nothing), Output::Json), "");
    }

    #[test]
    fn a_refusal_has_a_code_and_words() {
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>The role with name &quot;a&quot; &#38; b</Message></Error></ErrorResponse>";
        let expected = (
            "NoSuchEntity".to_owned(),
            "The role with name \"a\" & b".to_owned(),
        );
        assert_eq!(error(xml), Some(expected));
        assert_eq!(error("<html>"), None);
    }
}
