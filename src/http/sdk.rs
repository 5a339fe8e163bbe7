//! The bridge: the AWS SDK's requests over our own HTTP stack.
//!
//! Every exchange is noted (host, path, status, time, never a body), because
//! the SDK's errors do not tell what was asked of whom.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use reqwest::Client;

use super::{BodyError, transport};
use crate::fault::Transport;

/// Used where the SDK sets no limit of its own.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Hosts of the metadata services: EC2, ECS and EKS, in both address families.
const METADATA_HOSTS: [&str; 5] = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "[fd00:ec2::254]",
    "[fd00:ec2::23]",
];

/// One request that the SDK made, and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Scheme, host and port.
    pub endpoint: String,
    pub path: String,
    pub sent: SystemTime,
    pub received: SystemTime,
    pub result: ExchangeResult,
}

/// How an exchange ended.
#[derive(Debug, Clone)]
pub enum ExchangeResult {
    Answered {
        status: u16,
        date: Option<SystemTime>,
        request_id: Option<String>,
        /// `Code` of a metadata service's JSON, `Success` when all is well.
        metadata_code: Option<String>,
    },
    Failed {
        kind: Transport,
        words: String,
    },
}

impl Exchange {
    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self.result {
            ExchangeResult::Answered { status, .. } => Some(status),
            ExchangeResult::Failed { .. } => None,
        }
    }

    /// The service's clock minus ours, in milliseconds, if it told the time.
    pub fn clock_skew_ms(&self) -> Option<i64> {
        match self.result {
            ExchangeResult::Answered {
                date: Some(date), ..
            } => Some(super::date::clock_skew_ms(date, self.sent, self.received)),
            _ => None,
        }
    }
}

/// The SDK's HTTP client. Clones share connections and the notes.
#[derive(Clone)]
pub struct SdkHttp {
    shared: Arc<Shared>,
    purpose: Purpose,
}

/// Whom a client talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Purpose {
    /// AWS's own endpoints.
    Services,
    /// Metadata services and whoever stands in for them: asked directly. A
    /// proxy would answer for its own machine, or not at all.
    Metadata,
}

struct Shared {
    bundle: Option<PathBuf>,
    clients: Mutex<HashMap<(Purpose, Duration), Client>>,
    exchanges: Mutex<Vec<Exchange>>,
}

impl SdkHttp {
    /// A client that trusts the authorities in `bundle` (AWS_CA_BUNDLE), or
    /// those of the system.
    pub fn new(bundle: Option<PathBuf>) -> Self {
        SdkHttp {
            shared: Arc::new(Shared {
                bundle,
                clients: Mutex::new(HashMap::new()),
                exchanges: Mutex::new(Vec::new()),
            }),
            purpose: Purpose::Services,
        }
    }

    /// The same notes, but for metadata services: never through a proxy.
    pub fn for_metadata(&self) -> Self {
        SdkHttp {
            shared: Arc::clone(&self.shared),
            purpose: Purpose::Metadata,
        }
    }

    /// How many exchanges were made so far: a mark for [`SdkHttp::since`].
    pub fn mark(&self) -> usize {
        self.notes().len()
    }

    /// The exchanges that were made after `mark`.
    pub fn since(&self, mark: usize) -> Vec<Exchange> {
        self.notes().iter().skip(mark).cloned().collect()
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Vec<Exchange>> {
        self.shared
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The client for a kind of host: reqwest has a connect timeout per client,
    /// the SDK one per request.
    fn client(
        &self,
        purpose: Purpose,
        connect_timeout: Duration,
    ) -> Result<Client, super::ClientError> {
        let mut clients = self
            .shared
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(purpose, connect_timeout)) {
            return Ok(client.clone());
        }
        let client = match purpose {
            Purpose::Metadata => super::metadata_client(connect_timeout)?,
            Purpose::Services => super::aws_client(self.shared.bundle.as_deref(), connect_timeout)?,
        };
        clients.insert((purpose, connect_timeout), client.clone());
        Ok(client)
    }

    async fn send(
        &self,
        request: HttpRequest,
        limits: Limits,
    ) -> Result<HttpResponse, ConnectorError> {
        let request = request
            .try_into_http1x()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let uri = request.uri().clone();
        let note = Note {
            endpoint: format!(
                "{}://{}",
                uri.scheme_str().unwrap_or("https"),
                uri.authority().map_or("", |authority| authority.as_str())
            ),
            path: uri.path().to_owned(),
            sent: SystemTime::now(),
        };
        let purpose = self.purpose_of(uri.host().unwrap_or_default(), uri.scheme_str());
        let client = self
            .client(purpose, limits.connect)
            .map_err(|error| ConnectorError::user(error.into()))?;
        let (parts, body) = request.into_parts();
        let bytes = body
            .bytes()
            .map(<[u8]>::to_vec)
            .ok_or_else(|| ConnectorError::user("the request's body is a stream".into()))?;
        let outgoing = client
            .request(parts.method, uri.to_string())
            .headers(parts.headers)
            .body(bytes)
            .timeout(limits.connect + limits.read)
            .build()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let answer = match client.execute(outgoing).await {
            Ok(response) => collect(response).await,
            Err(error) => Err(error.into()),
        };
        match answer {
            Ok(response) => {
                self.note(note, answered(&response, purpose));
                HttpResponse::try_from(response.map(SdkBody::from))
                    .map_err(|error| ConnectorError::other(error.into(), None))
            }
            Err(BodyError::Cut(error)) => {
                let (kind, words) = transport::classify(&error);
                self.note(note, ExchangeResult::Failed { kind, words });
                Err(connector_error(error, kind))
            }
            Err(error @ BodyError::TooLong) => {
                let (kind, words) = (Transport::NotHttp, error.to_string());
                self.note(note, ExchangeResult::Failed { kind, words });
                Err(ConnectorError::user(error.into()))
            }
        }
    }

    /// The profile's providers share the services' client, so metadata hosts are
    /// told by their addresses too; and a container endpoint may be any https
    /// host, whose certificate must be checked.
    fn purpose_of(&self, host: &str, scheme: Option<&str>) -> Purpose {
        let is_metadata =
            METADATA_HOSTS.contains(&host) || (scheme == Some("http") && super::is_loopback(host));
        match scheme {
            _ if is_metadata => Purpose::Metadata,
            Some("https") => Purpose::Services,
            _ => self.purpose,
        }
    }

    fn note(&self, note: Note, result: ExchangeResult) {
        self.notes().push(Exchange {
            endpoint: note.endpoint,
            path: note.path,
            sent: note.sent,
            received: SystemTime::now(),
            result,
        });
    }
}

struct Note {
    endpoint: String,
    path: String,
    sent: SystemTime,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    connect: Duration,
    read: Duration,
}

async fn collect(response: reqwest::Response) -> Result<http::Response<Vec<u8>>, BodyError> {
    let mut collected = http::Response::new(Vec::new());
    *collected.status_mut() = response.status();
    *collected.headers_mut() = response.headers().clone();
    *collected.body_mut() = super::read_body(response).await?;
    Ok(collected)
}

fn answered(response: &http::Response<Vec<u8>>, purpose: Purpose) -> ExchangeResult {
    let headers = response.headers();
    let request_id = ["x-amzn-requestid", "x-amz-request-id"]
        .iter()
        .find_map(|name| Some(headers.get(*name)?.to_str().ok()?.to_owned()));
    let metadata_code = (purpose == Purpose::Metadata)
        .then(|| serde_json::from_slice::<serde_json::Value>(response.body()).ok())
        .flatten()
        .and_then(|body| Some(body.get("Code")?.as_str()?.to_owned()));
    ExchangeResult::Answered {
        status: response.status().as_u16(),
        date: super::date::date_of(headers),
        request_id,
        metadata_code,
    }
}

/// The kinds by which the SDK decides whether to try again.
fn connector_error(error: reqwest::Error, kind: Transport) -> ConnectorError {
    match kind {
        Transport::TimedOut | Transport::ConnectTimedOut => ConnectorError::timeout(error.into()),
        _ if error.is_timeout() => ConnectorError::timeout(error.into()),
        _ if error.is_connect() || kind == Transport::Reset => ConnectorError::io(error.into()),
        _ => ConnectorError::other(error.into(), None),
    }
}

impl fmt::Debug for SdkHttp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SdkHttp")
    }
}

#[derive(Debug)]
struct Connector {
    http: SdkHttp,
    limits: Limits,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let http = self.http.clone();
        let limits = self.limits;
        HttpConnectorFuture::new(async move { http.send(request, limits).await })
    }
}

impl HttpClient for SdkHttp {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            http: self.clone(),
            limits: Limits {
                connect: settings.connect_timeout().unwrap_or(CONNECT_TIMEOUT),
                read: settings.read_timeout().unwrap_or(READ_TIMEOUT),
            },
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("reqwest", None))
    }
}
