//! The HTTP server of the lab: on loopback, for whoever names it by a loopback
//! name, and patient with nobody.
//!
//! A page on the internet can make a browser send requests to this machine, by a
//! host name of its own that leads here: such requests are refused.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::request::Parts;
use http::uri::Scheme;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// What a client may send, and how long it may take for it.
const HEADER_BYTES: usize = 64 * 1024;
const HEADERS: usize = 100;
const BODY_BYTES: usize = 1024 * 1024;
/// Also how long a connection may be idle.
const HEADER_TIME: Duration = Duration::from_secs(10);
const BODY_TIME: Duration = Duration::from_secs(10);

/// The most connections at a time; who comes then waits.
const CONNECTIONS: usize = 128;

/// Answers requests.
pub trait Service: Send + Sync + 'static {
    fn answer(&self, request: Request<Bytes>) -> impl Future<Output = Response<Bytes>> + Send;

    /// Tells whether requests to `host` are answered too, as by a proxy.
    fn stands_for(&self, _host: &str) -> bool {
        false
    }
}

/// A server that listens until it is dropped; its connections end with it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Starts to listen on a port of 127.0.0.1; port 0 is a free one.
    ///
    /// # Errors
    ///
    /// The port is taken, or none may be opened.
    pub async fn start(service: impl Service, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(service);
        Ok(Server {
            address,
            accepting: tokio::spawn(accept(listener, address, service)),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept<S: Service>(listener: TcpListener, address: SocketAddr, service: Arc<S>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(serve(stream, address, Arc::clone(&service)));
            }
            // No file is left for another connection, say.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve<S: Service>(stream: TcpStream, address: SocketAddr, service: Arc<S>) {
    let answer = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move {
            let answer = answer(request, address, &*service).await;
            Ok::<_, Infallible>(answer.map(Full::new))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(HEADERS)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), answer);
    // A client that breaks off or is no HTTP client is nobody's failure.
    drop(connection.await);
}

async fn answer<S: Service>(
    request: Request<Incoming>,
    address: SocketAddr,
    service: &S,
) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    if let Some(refusal) = refuse_target(&parts, address, service) {
        return refusal;
    }
    let body = Limited::new(body, BODY_BYTES).collect();
    match timeout(BODY_TIME, body).await {
        Ok(Ok(body)) => {
            let request = Request::from_parts(parts, body.to_bytes());
            service.answer(request).await
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than the lab takes",
        ),
        Ok(Err(_)) => plain(StatusCode::BAD_REQUEST, "the body cannot be read"),
        Err(_) => plain(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
    }
}

/// Refuses what is not meant for this server.
fn refuse_target<S: Service>(
    parts: &Parts,
    address: SocketAddr,
    service: &S,
) -> Option<Response<Bytes>> {
    if let Some(authority) = parts.uri.authority() {
        // As to a proxy: `POST http://HOST/ HTTP/1.1`.
        let is_http = parts.uri.scheme() == Some(&Scheme::HTTP);
        let is_usual = matches!(authority.port_u16(), None | Some(80));
        let is_played =
            is_own(authority.as_str(), address) || is_usual && service.stands_for(authority.host());
        return (!(is_http && is_played)).then(|| {
            let words = "the lab does not play this host, and nothing leaves this machine";
            plain(StatusCode::FORBIDDEN, words)
        });
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    match (hosts.next().map(HeaderValue::to_str), hosts.next()) {
        // A port that is forwarded to this one is another.
        (Some(Ok(host)), None) if port_of_loopback(host).is_some() => None,
        (Some(Ok(_)), None) => Some(plain(
            StatusCode::MISDIRECTED_REQUEST,
            "the lab answers by the name 127.0.0.1 or localhost with a port, and by no other",
        )),
        _ => Some(plain(StatusCode::BAD_REQUEST, "one Host header is needed")),
    }
}

/// Whether `name` is this server: a loopback name with its port.
fn is_own(name: &str, own: SocketAddr) -> bool {
    port_of_loopback(name) == Some(own.port())
}

/// The port behind a name of loopback.
fn port_of_loopback(name: &str) -> Option<u16> {
    let (host, port) = name.rsplit_once(':')?;
    let is_loopback = host == "127.0.0.1" || host.eq_ignore_ascii_case("localhost");
    is_loopback.then(|| port.parse().ok()).flatten()
}

/// An answer of the lab itself.
fn plain(status: StatusCode, words: &str) -> Response<Bytes> {
    let response = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(Bytes::from(format!("{words}\n")));
    response.unwrap_or_default()
}
