//! What AWS's answers say, by code and structure. The one place, for AWS, that
//! looks at error codes.

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::fault::{Cause, Fault, Side, Transport};
use crate::http::sdk::{Exchange, ExchangeResult, SdkHttp};
use crate::trace::StepId;

/// A request as its fault will name it.
pub struct Call<'a> {
    pub http: &'a SdkHttp,
    pub step: StepId,
    /// `iam:GetRole`: service and action.
    pub operation: &'static str,
    pub target: &'a str,
}

/// Awaits the answer to `request`.
///
/// # Errors
///
/// The service's refusal, or that it could not be reached.
pub async fn answer<T, E: ProvideErrorMetadata>(
    call: &Call<'_>,
    request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, Box<Fault>> {
    let mark = call.http.mark();
    request.await.map_err(|error| {
        let exchanges = call.http.since(mark);
        fault(call.step, call.operation, call.target, &error, &exchanges)
    })
}

/// Turns an SDK error into a fault of `step`. `exchanges` are the requests that
/// were made for it, and maybe beside it: they know the transport's failure by
/// type.
pub fn fault<E: ProvideErrorMetadata>(
    step: StepId,
    operation: &str,
    target: &str,
    error: &SdkError<E, HttpResponse>,
    exchanges: &[Exchange],
) -> Box<Fault> {
    let raw = error.raw_response();
    let failure = exchanges
        .iter()
        .rev()
        .find_map(|exchange| match &exchange.result {
            ExchangeResult::Failed { kind, words } => Some((*kind, words)),
            ExchangeResult::Answered { .. } => None,
        });
    let new =
        |side, cause, message: &str| Fault::new(step, side, operation, target, cause, message);
    let mut fault = match (error.as_service_error(), raw, failure) {
        (Some(service), _, _) => {
            let message = service
                .message()
                .unwrap_or("the answer carries no AWS error");
            let mut fault = new(side(operation), Cause::Answered, message);
            fault.code = service.code().map(str::to_owned);
            fault
        }
        (None, Some(_), _) => new(side(operation), Cause::Answered, "the answer is not AWS's"),
        (None, None, Some((kind, words))) => new(Side::Network, Cause::Transport(kind), words),
        (None, None, None) => new(
            Side::Local,
            Cause::Transport(Transport::Other),
            &innermost(error),
        ),
    };
    fault.status = raw.map(|response| response.status().as_u16());
    fault.request_id = raw
        .and_then(|response| response.headers().get("x-amzn-requestid"))
        .map(str::to_owned);
    Box::new(fault)
}

/// The side that answers `operation`.
fn side(operation: &str) -> Side {
    match operation.split(':').next() {
        Some("iam") => Side::Iam,
        Some("sso") => Side::Sso,
        _ => Side::Sts,
    }
}

/// Tells whether IAM does not know what the request names.
pub fn is_absent(fault: &Fault) -> bool {
    has_code(fault, &["NoSuchEntity"])
}

/// Tells whether what was to be made is there already.
pub fn is_already_there(fault: &Fault) -> bool {
    has_code(fault, &["EntityAlreadyExists"])
}

/// Tells whether what was to be deleted still holds something, or is held.
pub fn is_in_use(fault: &Fault) -> bool {
    has_code(fault, &["DeleteConflict"])
}

/// Tells whether IAM does not know an ARN that the policy trusts, as happens for
/// some seconds after the principal was created.
///
/// `MalformedPolicyDocument` is IAM's code for every fault of a document. What
/// tells this one is the element that it quotes: `Invalid principal in policy:
/// "AWS":"arn:…"`. A service that it does not know (`"SERVICE":"…"`) stays so.
pub fn is_unknown_principal(fault: &Fault) -> bool {
    has_code(fault, &["MalformedPolicyDocument"]) && fault.message.contains(r#""AWS":""#)
}

/// Tells whether a policy refused the request, or one that is missing.
pub fn is_access_denied(fault: &Fault) -> bool {
    has_code(fault, &["AccessDenied", "AccessDeniedException"])
}

/// Tells whether the service does not know the access key, as it says of a key of
/// another partition and in a region that is not enabled, too.
pub fn is_unknown_key(fault: &Fault) -> bool {
    has_code(
        fault,
        &["InvalidClientTokenId", "UnrecognizedClientException"],
    )
}

/// Tells whether AWS asked for fewer requests; the SDK has tried again by then.
pub fn is_throttled(fault: &Fault) -> bool {
    has_code(
        fault,
        &[
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "RequestLimitExceeded",
            "TooManyRequestsException",
        ],
    )
}

/// Tells whether somebody else changed the same thing at the same moment.
///
/// Source: the errors of CreateRole and TagRole in the IAM API reference;
/// `EntityTemporarilyUnmodifiable` is a thing that was just made.
pub fn is_concurrent(fault: &Fault) -> bool {
    has_code(
        fault,
        &["ConcurrentModification", "EntityTemporarilyUnmodifiable"],
    )
}

fn has_code(fault: &Fault, codes: &[&str]) -> bool {
    fault
        .code
        .as_deref()
        .is_some_and(|code| codes.contains(&code))
}

/// Tells whether STS found session policy and tags together too large.
pub fn is_policy_too_large(error: &SdkError<AssumeRoleError, HttpResponse>) -> bool {
    error
        .as_service_error()
        .is_some_and(AssumeRoleError::is_packed_policy_too_large_exception)
}

fn innermost<E>(error: &SdkError<E, HttpResponse>) -> String {
    let text = match error {
        SdkError::ConstructionFailure(_) => "the request could not be built",
        SdkError::TimeoutError(_) => "the time limit of the request passed",
        SdkError::DispatchFailure(failure) if !failure.is_io() && !failure.is_user() => {
            "no answer came in time"
        }
        _ => "the request could not be sent",
    };
    text.to_owned()
}

/// The layer of policies that an AccessDenied names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    Identity,
    /// For AssumeRole: the trust policy.
    Resource,
    ServiceControl,
    ResourceControl,
    Boundary,
    Session,
    VpcEndpoint,
}

/// What an AccessDenied says of its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// No policy of this layer allows it.
    NotAllowedBy(Layer),
    /// A policy of this layer denies it.
    DeniedBy(Layer),
    /// The short form: the reason is not visible.
    Unexplained,
}

/// Reads the reason at the end of an AccessDenied message.
///
/// Source: "Troubleshoot access denied error messages" in the IAM user guide.
pub fn denial(message: &str) -> Denial {
    const LAYERS: [(&str, Layer); 7] = [
        ("identity-based policy", Layer::Identity),
        ("resource-based policy", Layer::Resource),
        ("service control policy", Layer::ServiceControl),
        ("resource control policy", Layer::ResourceControl),
        ("permissions boundary", Layer::Boundary),
        ("session policy", Layer::Session),
        ("VPC endpoint policy", Layer::VpcEndpoint),
    ];
    let layer = |text: &str| {
        LAYERS
            .iter()
            .find(|(name, _)| text.contains(name))
            .map(|(_, layer)| *layer)
    };
    if let Some((_, reason)) = message.split_once("with an explicit deny in ")
        && let Some(layer) = layer(reason)
    {
        return Denial::DeniedBy(layer);
    }
    if let Some((_, reason)) = message.split_once(" because no ")
        && let Some(layer) = layer(reason)
    {
        return Denial::NotAllowedBy(layer);
    }
    Denial::Unexplained
}

/// The caller that an AccessDenied names: `User: arn:… is not authorized …`.
pub fn denied_caller(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("User: ")?;
    let caller = rest.split_whitespace().next()?;
    caller.starts_with("arn:").then_some(caller)
}

/// The action that an AccessDenied names: `… to perform: sts:TagSession on …`.
pub fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    rest.split_whitespace().next()
}

/// What STS says of a signature that it does not accept. The code is the same for
/// all; only its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureProblem {
    /// Signed too long ago.
    TooOld,
    /// Signed for a time that is still to come.
    TooEarly,
    /// Signed for another region.
    Region,
    /// Signed with another key, or something else than what came.
    Mismatch,
    /// Words that are not known.
    Unread,
}

/// Reads what is wrong with a signature.
pub fn signature_problem(message: &str) -> SignatureProblem {
    if message.contains("Signature expired") {
        SignatureProblem::TooOld
    } else if message.contains("not yet current") {
        SignatureProblem::TooEarly
    } else if message.contains("scoped to a valid region") {
        SignatureProblem::Region
    } else if message.contains("signature we calculated") {
        SignatureProblem::Mismatch
    } else {
        SignatureProblem::Unread
    }
}

/// Finds AWS's error in the words of a program that uses AWS's SDK for Go:
/// `AccessDenied: User: … is not authorized …`, and behind it the status.
pub fn sdk_error(text: &str) -> Option<QueryError> {
    let is_code = |word: &str| {
        word.len() > 4
            && word.starts_with(|first: char| first.is_ascii_uppercase())
            && word
                .chars()
                .skip(1)
                .any(|character| character.is_ascii_uppercase())
            && word
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '.')
            || word == "Throttling"
    };
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(": ") {
        let word = before.rsplit([' ', '\n', '\t']).next().unwrap_or_default();
        if is_code(word) {
            let message = after.split("\n\tstatus code:").next().unwrap_or_default();
            return Some(QueryError {
                code: word.to_owned(),
                message: message.trim().to_owned(),
            });
        }
        rest = after;
    }
    None
}

/// An error of the Query API: code and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    pub code: String,
    pub message: String,
}

/// Finds the `<Error>` of an STS or IAM answer inside `text`, which may be the
/// words of another service around it.
pub fn query_error(text: &str) -> Option<QueryError> {
    let start = text
        .find("<ErrorResponse")
        .or_else(|| text.find("<Error>"))?;
    let mut reader = Reader::from_str(&text[start..]);
    let mut element = Vec::new();
    let mut code = None;
    let mut message = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => element = tag.local_name().as_ref().to_vec(),
            Ok(Event::Text(content)) => {
                let content = content.decode().ok()?;
                match element.as_slice() {
                    b"Code" => code = Some(content.trim().to_owned()),
                    b"Message" => message.push_str(&content),
                    _ => {}
                }
            }
            Ok(Event::GeneralRef(reference)) if element == b"Message" => {
                message.push_str(match reference.as_ref() {
                    b"quot" => "\"",
                    b"apos" | b"#39" => "'",
                    b"amp" => "&",
                    b"lt" => "<",
                    b"gt" => ">",
                    _ => "",
                });
            }
            Ok(Event::End(tag)) => {
                if tag.local_name().as_ref() == b"Error" {
                    break;
                }
                element.clear();
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    Some(QueryError {
        code: code?,
        message: message.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_denial_is_read() {
        let base = "User: arn:aws:sts::123456789012:assumed-role/A/b is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/V";
        let cases = [
            ("", Denial::Unexplained),
            (
                " because no identity-based policy allows the sts:AssumeRole action",
                Denial::NotAllowedBy(Layer::Identity),
            ),
            (
                " because no resource-based policy allows the sts:AssumeRole action",
                Denial::NotAllowedBy(Layer::Resource),
            ),
            (
                " because no permissions boundary allows the sts:AssumeRole action",
                Denial::NotAllowedBy(Layer::Boundary),
            ),
            (
                " with an explicit deny in an identity-based policy",
                Denial::DeniedBy(Layer::Identity),
            ),
            (
                " with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1",
                Denial::DeniedBy(Layer::ServiceControl),
            ),
        ];
        for (suffix, expected) in cases {
            assert_eq!(denial(&format!("{base}{suffix}")), expected, "{suffix}");
        }
        assert_eq!(
            denied_caller(base),
            Some("arn:aws:sts::123456789012:assumed-role/A/b")
        );
        assert_eq!(denied_caller("User:  is not authorized"), None);
        assert_eq!(denied_action(base), Some("sts:AssumeRole"));
        assert_eq!(denied_action("Access denied"), None);
    }

    #[test]
    fn iams_refusals_are_told_apart() {
        let kinds = |code: &str, message: &str| {
            let mut fault = Fault::new(
                StepId::Change,
                Side::Iam,
                "iam:CreateRole",
                "KongRole",
                Cause::Answered,
                message,
            );
            fault.code = Some(code.to_owned());
            [
                is_absent(&fault),
                is_unknown_principal(&fault),
                is_throttled(&fault),
                is_concurrent(&fault),
            ]
        };
        let document = "MalformedPolicyDocument";
        let arn = r#"Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/K""#;
        let service = r#"Invalid principal in policy: "SERVICE":"ec3.amazonaws.com""#;
        let cases = [
            ("NoSuchEntity", "", [true, false, false, false]),
            (document, arn, [false, true, false, false]),
            (document, service, [false; 4]),
            (document, "Syntax errors in policy.", [false; 4]),
            ("ValidationError", arn, [false; 4]),
            ("Throttling", "Rate exceeded", [false, false, true, false]),
            ("ConcurrentModification", "", [false, false, false, true]),
            (
                "EntityTemporarilyUnmodifiable",
                "",
                [false, false, false, true],
            ),
            ("AccessDenied", "", [false; 4]),
        ];
        for (code, message, expected) in cases {
            assert_eq!(kinds(code, message), expected, "{code} {message}");
        }
    }

    #[test]
    fn an_error_in_the_words_of_the_sdk_is_found() {
        let cases = [
            (
                "error fetching role \"V\": AccessDenied: User: arn:aws:iam::1:user/v is not authorized to perform: iam:GetRole\n\tstatus code: 403, request id: 1",
                Some((
                    "AccessDenied",
                    "User: arn:aws:iam::1:user/v is not authorized to perform: iam:GetRole",
                )),
            ),
            (
                "unable to fetch current caller: NoCredentialProviders: no valid providers in chain. Deprecated.",
                Some((
                    "NoCredentialProviders",
                    "no valid providers in chain. Deprecated.",
                )),
            ),
            (
                "error fetching role \"V\": Throttling: Rate exceeded\n\tstatus code: 400",
                Some(("Throttling", "Rate exceeded")),
            ),
            (
                "instance ID \"kong\": InvalidInstanceID.Malformed: Invalid id",
                Some(("InvalidInstanceID.Malformed", "Invalid id")),
            ),
            ("no STS configuration found for account ID \"1\"", None),
            (
                "error creating IAM client: static AWS client credentials",
                None,
            ),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = sdk_error(text);
            let found = found
                .as_ref()
                .map(|error| (error.code.as_str(), error.message.as_str()));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn an_answer_within_an_answer_is_found() {
        let text = "error making upstream request: received error code 403 from STS: <ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>SignatureDoesNotMatch</Code>\n    <Message>Credential should be scoped to a valid region, not &apos;us-east-1&apos;. </Message>\n  </Error>\n  <RequestId>1</RequestId>\n</ErrorResponse>\n";
        assert_eq!(
            query_error(text),
            Some(QueryError {
                code: "SignatureDoesNotMatch".into(),
                message: "Credential should be scoped to a valid region, not 'us-east-1'.".into(),
            })
        );
        for text in [
            "",
            "<ErrorResponse>",
            "<ErrorResponse><Error><Message>x</Message></Error>",
            "no xml",
            "<Error><Code",
        ] {
            assert_eq!(query_error(text), None, "{text}");
        }
    }
}
