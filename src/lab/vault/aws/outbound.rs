//! Vault's requests to the outside: to AWS through the proxy that stands for its
//! hosts, to loopback directly, and to nobody else.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderValue};
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::regions::is_aws;
use crate::lab::vault::Outside;

/// How long an answer is waited for.
const DEADLINE: Duration = Duration::from_secs(90);

/// How much of an answer is read.
const MAX_ANSWER: usize = 1024 * 1024;

/// A request, before it is sent.
pub(super) struct Outgoing {
    pub(super) method: Method,
    /// Goes out as it is written; `//` stays what it is.
    pub(super) url: String,
    /// `Host` is the URL's where none is given.
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// Why nothing came back.
#[derive(Debug)]
pub(super) struct Unsent {
    /// In Go's words.
    pub(super) words: String,
    pub(super) is_worth_another_try: bool,
}

/// Sends a request. Nothing is redirected.
///
/// # Errors
///
/// Nothing came back.
pub(super) async fn send(
    outside: &Outside,
    request: &Outgoing,
) -> Result<Response<String>, Unsent> {
    let uri = request.url.parse::<Uri>().unwrap_or_default();
    let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        let scheme = uri.scheme_str().unwrap_or_default();
        return Err(lasting(format!("unsupported protocol scheme {scheme:?}")));
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = authority.host();
    let is_tls = uri.scheme_str() == Some("https");
    let (address, target) = if is_aws(host) {
        (outside.aws, format!("http://{host}{path}"))
    } else {
        let port = authority
            .port_u16()
            .unwrap_or(if is_tls { 443 } else { 80 });
        (loopback(host, port), path.to_owned())
    };
    let address =
        address.ok_or_else(|| passing(format!("dial tcp: lookup {host}: no such host")))?;
    let stream = TcpStream::connect(address).await.map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "connect: connection refused".to_owned(),
            _ => error.to_string(),
        };
        passing(format!("dial tcp {address}: {why}"))
    })?;
    if is_tls && !is_aws(host) {
        let words = "tls: first record does not look like a TLS handshake";
        return Err(lasting(words));
    }
    let mut outgoing = Request::new(Full::new(Bytes::from(request.body.clone())));
    *outgoing.method_mut() = request.method.clone();
    *outgoing.uri_mut() = target.parse().map_err(|_| lasting("invalid URL"))?;
    let mut headers = request.headers.clone();
    // The client counts by itself.
    headers.remove(CONTENT_LENGTH);
    if let Ok(authority) = HeaderValue::from_str(authority.as_str()) {
        headers.entry(HOST).or_insert(authority);
    }
    *outgoing.headers_mut() = headers;
    let exchanged = tokio::time::timeout(DEADLINE, exchange(stream, outgoing)).await;
    let exchanged = exchanged.map_err(|_| lasting("context canceled"))?;
    exchanged.map_err(|_| passing("EOF"))
}

async fn exchange(
    stream: TcpStream,
    request: Request<Full<Bytes>>,
) -> Result<Response<String>, Box<dyn std::error::Error + Send + Sync>> {
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await?;
    // It ends with the sender.
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Response::from_parts(head, body))
}

fn loopback(host: &str, port: u16) -> Option<SocketAddr> {
    let address = match host {
        "localhost" => IpAddr::from(Ipv4Addr::LOCALHOST),
        _ => host.trim_matches(['[', ']']).parse().ok()?,
    };
    address
        .is_loopback()
        .then_some(SocketAddr::new(address, port))
}

fn passing(words: impl Into<String>) -> Unsent {
    Unsent {
        words: words.into(),
        is_worth_another_try: true,
    }
}

pub(super) fn lasting(words: impl Into<String>) -> Unsent {
    Unsent {
        words: words.into(),
        is_worth_another_try: false,
    }
}
