//! Answers in the form of the Query API.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use quick_xml::escape::escape;

use super::endpoint::AwsService;
use super::refusal::Refusal;
use crate::lab::clock::http_date;

/// `<NAME>TEXT</NAME>`
pub(super) fn leaf(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// An element around others.
pub(super) fn node(name: &str, children: impl IntoIterator<Item = String>) -> String {
    let children: String = children.into_iter().collect();
    format!("<{name}>{children}</{name}>")
}

/// What a request is answered, by which service, and when by AWS's clock.
pub(super) struct Answered<'a> {
    pub(super) service: AwsService,
    pub(super) action: &'a str,
    /// What is within the element of the result, or why there is none.
    pub(super) result: Result<String, Refusal>,
    pub(super) at: SystemTime,
}

impl Answered<'_> {
    pub(super) fn response(self) -> Response<Bytes> {
        let id = request_id();
        let namespace = self.service.namespace();
        let action = self.action;
        let (status, name, content) = match self.result {
            Ok(result) => {
                let result = if result.is_empty() {
                    result
                } else {
                    node(&format!("{action}Result"), [result])
                };
                let metadata = node("ResponseMetadata", [leaf("RequestId", &id)]);
                let name = format!("{action}Response");
                (StatusCode::OK, name, result + &metadata)
            }
            Err(refusal) => {
                let error = [
                    leaf("Type", side_to_blame(refusal.status)),
                    leaf("Code", refusal.code),
                    leaf("Message", &refusal.message),
                ];
                let content = node("Error", error) + &leaf("RequestId", &id);
                (refusal.status, "ErrorResponse".to_owned(), content)
            }
        };
        let body = format!("<{name} xmlns=\"{namespace}\">{content}</{name}>\n");
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        for (name, value) in [
            (HeaderName::from_static("x-amzn-requestid"), id),
            (DATE, http_date(self.at)),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

fn side_to_blame(status: StatusCode) -> &'static str {
    if status.is_server_error() {
        "Receiver"
    } else {
        "Sender"
    }
}

/// A random UUID, of version 4.
fn request_id() -> String {
    let random = fastrand::u128(..) & !(0xf << 76 | 0b11 << 62) | 4 << 76 | 0b10 << 62;
    let random = format!("{random:032x}");
    let (first, rest) = random.split_at(8);
    let (second, rest) = rest.split_at(4);
    let (third, rest) = rest.split_at(4);
    let (fourth, fifth) = rest.split_at(4);
    format!("{first}-{second}-{third}-{fourth}-{fifth}")
}
