//! Vault's requests to the outside: to AWS through the proxy that stands for its
//! hosts, to loopback directly, and to nobody else.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

use super::regions::is_aws;
use crate::lab::vault::{Outside, go};

/// How long Vault works on a request of its client's.
const DEADLINE: Duration = Duration::from_secs(90);

/// How much of an answer is read.
const MAX_ANSWER: usize = 1024 * 1024;

/// A request, before it is sent.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: String,
    /// The `Host` header, where it is not the URL's.
    pub(super) host: Option<String>,
    /// Names as they were given: some cannot be sent.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

pub(super) struct Incoming {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsent {
    /// In Go's words.
    pub(super) words: String,
    /// Whether it is tried again.
    pub(super) is_worth_another_try: bool,
}

/// Sends a request. Nothing is redirected.
///
/// # Errors
///
/// Nothing came back.
pub(super) async fn send(outside: &Outside, request: &Outgoing) -> Result<Incoming, Unsent> {
    let sent = tokio::time::timeout(DEADLINE, send_patiently(outside, request));
    sent.await
        .unwrap_or_else(|_| Err(lasting("context canceled")))
}

async fn send_patiently(outside: &Outside, request: &Outgoing) -> Result<Incoming, Unsent> {
    let headers = headers(request)?;
    let scheme = request.url.split_once("://").map(|(scheme, _)| scheme);
    if !matches!(scheme, Some("http" | "https")) {
        let scheme = go::quote(scheme.unwrap_or_default());
        return Err(lasting(format!("unsupported protocol scheme {scheme}")));
    }
    let url = Url::parse(&request.url).map_err(|error| lasting(error.to_string()))?;
    let host = url.host_str().unwrap_or_default();
    let (stream, target) = if is_aws(host) {
        let proxy = outside.aws.ok_or_else(|| unknown_host(host))?;
        let stream = connect(proxy).await.map_err(|unsent| Unsent {
            words: format!("proxyconnect tcp: {}", unsent.words),
            ..unsent
        })?;
        let target = format!("http://{host}{}", path_of(&request.url));
        (stream, target)
    } else {
        let address = loopback(&url).ok_or_else(|| unknown_host(host))?;
        let stream = connect(address).await?;
        if url.scheme() == "https" {
            let words = "tls: first record does not look like a TLS handshake";
            return Err(lasting(words));
        }
        (stream, path_of(&request.url))
    };
    exchange(stream, target, headers, request, &url).await
}

async fn connect(address: SocketAddr) -> Result<TcpStream, Unsent> {
    TcpStream::connect(address).await.map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "connect: connection refused".to_owned(),
            _ => error.to_string(),
        };
        passing(format!("dial tcp {address}: {why}"))
    })
}

async fn exchange(
    stream: TcpStream,
    target: String,
    mut headers: HeaderMap,
    request: &Outgoing,
    url: &Url,
) -> Result<Incoming, Unsent> {
    let ended = |_| passing("EOF");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(ended)?;
    let connection = tokio::spawn(connection);
    let host = request.host.clone().unwrap_or_else(|| authority(url));
    let host = HeaderValue::from_str(&host).map_err(|_| lasting("invalid Host header"))?;
    headers.insert(http::header::HOST, host);
    let mut outgoing = Request::new(Full::new(Bytes::from(request.body.clone())));
    *outgoing.method_mut() = request.method.clone();
    *outgoing.uri_mut() = target.parse().map_err(|_| lasting("invalid URL"))?;
    *outgoing.headers_mut() = headers;
    let outcome = async {
        let response = sender.send_request(outgoing).await.map_err(ended)?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await;
        let body = body.map_err(|_| passing("unexpected EOF"))?.to_bytes();
        Ok(Incoming {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    };
    let outcome = outcome.await;
    connection.abort();
    outcome
}

/// What Go's client sends; it refuses names and values that are none.
fn headers(request: &Outgoing) -> Result<HeaderMap, Unsent> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name_sent = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            let name = go::quote(name);
            lasting(format!("net/http: invalid header field name {name}"))
        })?;
        let value = HeaderValue::from_str(value).map_err(|_| {
            let name = go::quote(name);
            lasting(format!("net/http: invalid header field value for {name}"))
        })?;
        // The client writes these two itself.
        if !matches!(name_sent.as_str(), "host" | "content-length") {
            headers.append(name_sent, value);
        }
    }
    Ok(headers)
}

/// Path and query as they are written; `//` stays what it is.
fn path_of(url: &str) -> String {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    match behind.find('/') {
        Some(start) => behind.split_at(start).1.to_owned(),
        None => "/".to_owned(),
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn loopback(url: &Url) -> Option<SocketAddr> {
    let port = url.port_or_known_default()?;
    let address = match url.host()? {
        url::Host::Domain("localhost") => [127, 0, 0, 1].into(),
        url::Host::Domain(_) => return None,
        url::Host::Ipv4(address) => address.into(),
        url::Host::Ipv6(address) => std::net::IpAddr::from(address),
    };
    address
        .is_loopback()
        .then_some(SocketAddr::new(address, port))
}

fn unknown_host(host: &str) -> Unsent {
    passing(format!("dial tcp: lookup {host}: no such host"))
}

fn passing(words: impl Into<String>) -> Unsent {
    Unsent {
        words: words.into(),
        is_worth_another_try: true,
    }
}

fn lasting(words: impl Into<String>) -> Unsent {
    Unsent {
        words: words.into(),
        is_worth_another_try: false,
    }
}
