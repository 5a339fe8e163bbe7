//! The lab's `aws`: calls of IAM and STS, made from the command line as the AWS
//! command makes them.

mod answer;
mod parameters;
mod request;

use serde_json::Value;

use super::{Refused, block_on, end};
use crate::output::Streams;
use crate::settings::Environment;

use parameters::Parameters;
use request::Lab;

/// Runs `aws` with the words behind the program's name.
pub fn run(typed: &[String], environment: &Environment, streams: &Streams) -> u8 {
    let outcome = Lab::of(environment).and_then(|lab| block_on(call(typed, &lab)));
    end(outcome, streams)
}

async fn call(typed: &[String], lab: &Lab) -> Result<String, Refused> {
    let [service, verb, flags @ ..] = typed else {
        let words = "usage: aws iam|sts COMMAND [--PARAMETER VALUE]…";
        return Err(Refused::new(2, words));
    };
    let mut parameters = parameters::read(flags)?;
    let query = parameters.remove("Query");
    let output = parameters.remove("Output");
    let operation = parameters::camel(verb);
    let answered = lab.call(service, &operation, &parameters).await?;
    let result = answer::result(&operation, &answered);
    let found = match query {
        Some(path) => find(&result, &path)?,
        None if result.is_null() => return Ok(String::new()),
        None => result,
    };
    match (found, output.as_deref()) {
        (found, None | Some("json")) => Ok(format!("{found:#}\n")),
        (Value::String(text), Some("text")) => Ok(text + "\n"),
        _ => {
            let words = "the lab's small client prints json, and one value as text";
            Err(Refused::new(252, words))
        }
    }
}

/// What lies at `Role.RoleId`, or at several names: `Role.[Arn,RoleId]`.
fn find(answer: &Value, path: &str) -> Result<Value, Refused> {
    let several = path
        .strip_suffix(']')
        .and_then(|path| path.split_once(".["));
    let (path, names) = match several {
        Some((path, names)) => (path, Some(names)),
        None => (path, None),
    };
    if path.contains(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '.')) {
        let words = format!("the lab's small client takes a path of names as --query, not {path}");
        return Err(Refused::new(252, words));
    }
    let found = path.split('.').fold(answer, |found, name| &found[name]);
    Ok(match names {
        Some(names) => names
            .split(',')
            .map(|name| found[name.trim()].clone())
            .collect(),
        None => found.clone(),
    })
}
