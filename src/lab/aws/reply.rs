//! Answers in the form of the Query API.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE};
use http::{Response, StatusCode};
use quick_xml::escape::escape;

use super::endpoint::AwsService;
use super::refusal::Refusal;
use crate::lab::clock::http_date;
use crate::lab::random;

/// `<NAME>TEXT</NAME>`
pub(super) fn leaf(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// An element around others.
pub(super) fn node(name: &str, children: impl IntoIterator<Item = String>) -> String {
    let children: String = children.into_iter().collect();
    format!("<{name}>{children}</{name}>")
}

/// The answer of a service to an action, from what is within the element of the
/// result, at a time by AWS's clock.
pub(super) fn response(
    service: AwsService,
    action: &str,
    result: Result<String, Refusal>,
    at: SystemTime,
) -> Response<Bytes> {
    let id = random::uuid();
    let (status, name, content) = match result {
        Ok(mut result) => {
            if !result.is_empty() {
                result = node(&format!("{action}Result"), [result]);
            }
            let metadata = node("ResponseMetadata", [leaf("RequestId", &id)]);
            (
                StatusCode::OK,
                format!("{action}Response"),
                result + &metadata,
            )
        }
        Err(refusal) => {
            let error = [
                leaf("Type", "Sender"),
                leaf("Code", refusal.code),
                leaf("Message", &refusal.message),
            ];
            let content = node("Error", error) + &leaf("RequestId", &id);
            (refusal.status, "ErrorResponse".to_owned(), content)
        }
    };
    let (service, version) = (service.name(), service.version());
    let namespace = format!("https://{service}.amazonaws.com/doc/{version}/");
    let body = format!("<{name} xmlns=\"{namespace}\">{content}</{name}>\n");
    let response = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/xml")
        .header("x-amzn-requestid", id)
        .header(DATE, http_date(at))
        .body(Bytes::from(body));
    response.unwrap_or_default()
}
