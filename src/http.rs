//! The one HTTP stack: how clients are built, how failures are told apart, and
//! the bridge over which the AWS SDK runs on the same stack.
//!
//! Vault's TLS options never reach an AWS client: each has a builder of its own.

pub mod date;
mod opening;
pub mod sdk;
mod tls;
pub mod transport;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Proxy};
use url::Url;

use crate::settings::ConnectionSettings;

use opening::Opening;
use tls::ClientCertificateWanted;

/// How long a TCP or TLS connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that could not be built: the file or setting, and why.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ClientError {
    pub place: String,
    pub message: String,
}

impl ClientError {
    fn new(place: impl ToString, message: impl ToString) -> Self {
        ClientError {
            place: place.to_string(),
            message: message.to_string(),
        }
    }
}

/// A client for Vault and the URL it is to be asked at.
pub struct VaultHttp {
    pub client: Client,
    /// Where requests go. Its host is the server name that the certificate
    /// must carry, which may differ from the host that is dialled.
    pub base: Url,
    /// The Host header, where it is not the URL's own.
    pub host: Option<String>,
    pub client_certificate_wanted: ClientCertificateWanted,
    /// Where a connection may serve many requests at once.
    pub opening: Option<Opening>,
}

/// Builds the client for the Vault at `address`.
///
/// # Errors
///
/// Names the TLS file that cannot be read or used.
pub fn vault_client(
    settings: &ConnectionSettings,
    address: &Url,
) -> Result<VaultHttp, ClientError> {
    let mut builder = base_client().connect_timeout(CONNECT_TIMEOUT);
    if let Some(timeout) = settings.timeout {
        builder = builder
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout));
    }
    if let Some(proxy) = &settings.proxy {
        let proxy = Proxy::all(proxy)
            .map_err(|error| ClientError::new("VAULT_PROXY_ADDR", error.without_url()))?;
        builder = builder.proxy(proxy);
    } else if is_loopback(address.host_str().unwrap_or_default()) {
        // As Go's programs do: a proxy of the environment is not for this host.
        builder = builder.no_proxy();
    }
    let (mut tls, client_certificate_wanted) = tls::vault_config(settings)?;
    let mut base = address.clone();
    let mut host = None;
    tls.alpn_protocols = both_versions();
    let is_direct = settings.proxy.is_none()
        && (settings.environment_proxy.is_none()
            || is_loopback(address.host_str().unwrap_or_default()));
    // Where the certificate's name can also be the one that is asked for (SNI),
    // it is: some gateways choose by it. Else it is only checked.
    if let Some(name) = settings.tls_server_name.as_deref()
        && address.scheme() == "https"
        && is_direct
        && name.parse::<IpAddr>().is_err()
        && let Some(dialled) = address.host_str()
    {
        // Over HTTP/2 the certificate's name would go out as the host.
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        builder = builder.http1_only().dns_resolver(Arc::new(Alias {
            name: name.to_ascii_lowercase(),
            dialled: dialled.trim_matches(['[', ']']).to_owned(),
        }));
        host = Some(match address.port() {
            Some(port) => format!("{dialled}:{port}"),
            None => dialled.to_owned(),
        });
        base.set_host(Some(name))
            .map_err(|error| ClientError::new("vault.tls_server_name", error))?;
    }
    let is_multiplexed = address.scheme() == "https" && tls.alpn_protocols.len() > 1;
    let opening = is_multiplexed.then(Opening::new);
    if let Some(opening) = &opening {
        builder = builder.connector_layer(opening.clone());
    }
    let client = build(
        builder.tls_backend_preconfigured(tls),
        "the client for Vault",
    )?;
    Ok(VaultHttp {
        client,
        opening,
        base,
        host,
        client_certificate_wanted,
    })
}

/// Builds a client for AWS: the environment's proxies, AWS_CA_BUNDLE.
///
/// # Errors
///
/// When the bundle cannot be read or holds no certificate.
pub fn aws_client(bundle: Option<&Path>, connect_timeout: Duration) -> Result<Client, ClientError> {
    let mut tls = tls::aws_config(bundle)?;
    tls.alpn_protocols = both_versions();
    let builder = base_client()
        .connect_timeout(connect_timeout)
        .tls_backend_preconfigured(tls);
    build(builder, "the client for AWS")
}

/// Builds a client for metadata services: plain http, never through a proxy.
///
/// # Errors
///
/// None that a user can cause.
pub fn metadata_client(connect_timeout: Duration) -> Result<Client, ClientError> {
    let builder = base_client()
        .connect_timeout(connect_timeout)
        .no_proxy()
        .tls_backend_preconfigured(tls::no_config()?);
    build(builder, "the client for the metadata service")
}

/// HTTP/2 where the server has it.
fn both_versions() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec(), b"http/1.1".to_vec()]
}

/// What all clients have in common. A signed request must not follow a
/// redirect; Vault's one is followed where the rules for it are known.
fn base_client() -> ClientBuilder {
    Client::builder()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
}

fn build(builder: ClientBuilder, what: &str) -> Result<Client, ClientError> {
    builder
        .build()
        .map_err(|error| ClientError::new(what, transport::chain_text(&error)))
}

/// The most of an answer that is read. Vault's own limit for a request is the
/// same; nothing that we ask for comes near it.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the answer is longer than {} MiB", BODY_LIMIT / 1024 / 1024)]
    TooLong,
    #[error(transparent)]
    Cut(#[from] reqwest::Error),
}

/// Reads the body of an answer, up to a limit.
///
/// # Errors
///
/// The connection ended early, or the body does not end.
pub async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(BodyError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Tells whether `host` is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Resolves the certificate's name to the address of the host that is meant.
struct Alias {
    name: String,
    dialled: String,
}

impl Resolve for Alias {
    fn resolve(&self, name: Name) -> Resolving {
        let host = if name.as_str() == self.name {
            self.dialled.clone()
        } else {
            name.as_str().to_owned()
        };
        Box::pin(async move {
            let addresses: Vec<_> = tokio::net::lookup_host((host, 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        for host in [
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["vault.internal", "10.0.0.1", "localhost.example.com", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
