//! One request to Vault: sending, trying again, and telling an answer of Vault
//! from an answer of something else. With its siblings the one place, for
//! Vault, that looks at statuses and error texts.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, HOST, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use url::Url;
use zeroize::Zeroizing;

use crate::fault::{Cause, Fault, LocalProblem, Side, Transport};
use crate::http::{self, BodyError, VaultHttp, transport};
use crate::secret::Secret;
use crate::settings::VaultSettings;
use crate::trace::{Retry, StepId};

/// What must be escaped in a path, beside its slashes.
const IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The first wait before a request is tried again; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// A Vault, as one command talks to it.
pub struct VaultClient {
    http: VaultHttp,
    address: Url,
    allow_http: bool,
    max_retries: u32,
    deadline: Option<Duration>,
}

/// A request, before it is sent.
pub struct Request<'a> {
    pub step: StepId,
    pub method: Method,
    /// Below `/v1/`.
    pub path: &'a str,
    pub query: &'a [(&'a str, &'a str)],
    pub namespace: Option<&'a str>,
    pub token: Option<&'a Secret>,
    pub body: Option<Zeroizing<Vec<u8>>>,
}

impl<'a> Request<'a> {
    /// A GET of `path` without a token.
    pub fn get(step: StepId, path: &'a str) -> Self {
        Request {
            step,
            method: Method::GET,
            path,
            query: &[],
            namespace: None,
            token: None,
            body: None,
        }
    }

    /// A POST of `body` to `path` without a token.
    pub fn post(step: StepId, path: &'a str, body: Zeroizing<Vec<u8>>) -> Self {
        Request {
            method: Method::POST,
            body: Some(body),
            ..Request::get(step, path)
        }
    }

    /// Adds the token.
    pub fn token(self, token: &'a Secret) -> Self {
        Request {
            token: Some(token),
            ..self
        }
    }

    /// Adds the namespace, if there is one.
    pub fn namespace(self, namespace: Option<&'a str>) -> Self {
        Request { namespace, ..self }
    }
}

/// An answer of Vault, whatever its status.
pub struct Reply {
    pub status: u16,
    pub request_id: Option<String>,
    /// Vault's clock minus ours, in milliseconds.
    pub clock_skew_ms: Option<i64>,
    pub retries: Vec<Retry>,
    body: Zeroizing<Vec<u8>>,
}

#[derive(Deserialize, Default)]
struct Envelope {
    #[serde(default)]
    errors: Option<Vec<String>>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    #[serde(default)]
    request_id: Option<String>,
}

impl Reply {
    /// The body as `T`, if it is that.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The texts in `errors`.
    pub fn errors(&self) -> Vec<String> {
        self.envelope().errors.unwrap_or_default()
    }

    /// The texts in `warnings`.
    pub fn warnings(&self) -> Vec<String> {
        self.envelope().warnings.unwrap_or_default()
    }

    /// Tells whether the request was carried out.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn envelope(&self) -> Envelope {
        self.json().unwrap_or_default()
    }

    /// Tells whether there is no namespace of the name that the request had, in
    /// OpenBao's words.
    pub fn is_unknown_namespace(&self) -> bool {
        let errors = self.errors();
        self.status == 404 && errors.iter().any(|error| error == "namespace not found")
    }

    /// Tells whether a listener refused the request because of the address that a load
    /// balancer should have put on it: no other refusal of Vault names that header.
    fn is_of_listener(&self) -> bool {
        let names_header = |error: &String| error.to_ascii_lowercase().contains("x-forwarded-for");
        self.status == 400 && self.errors().iter().any(names_header)
    }

    /// Tells whether the token ends in the mark of a namespace that is not there:
    /// no other attempt would end otherwise.
    pub fn is_of_unplaced_token(&self) -> bool {
        let marks = |error: &String| error.contains("failed to look up namespace from the token");
        self.status == 500 && self.errors().iter().any(marks)
    }

    /// Tells whether something between here and Vault refuses, in a form of its own:
    /// Vault's refusals have a list of errors, or its own envelope or health.
    pub fn is_of_another(&self) -> bool {
        if self.status < 400 || self.body.is_empty() {
            return false;
        }
        let of_vault = ["errors", "warnings", "data", "request_id", "initialized"];
        self.json::<BTreeMap<String, IgnoredAny>>()
            .is_none_or(|members| !of_vault.iter().any(|name| members.contains_key(*name)))
    }

    /// A fault that keeps this answer's status, id and words. Where the namespace
    /// is unknown, or somebody else answered, that is the cause, whatever was asked.
    pub fn fault(
        &self,
        step: StepId,
        side: Side,
        operation: &str,
        target: &str,
        cause: Cause,
    ) -> Box<Fault> {
        let errors = self.errors();
        let message = if errors.is_empty() {
            self.warnings().join("\n")
        } else {
            errors.join("\n")
        };
        let message = if self.is_of_another() {
            format!("status {}, in JSON that is not Vault's", self.status)
        } else if message.is_empty() {
            format!("status {}, without a reason", self.status)
        } else {
            message
        };
        let cause = if self.is_unknown_namespace() {
            Cause::UnknownNamespace
        } else if self.is_of_another() {
            Cause::Transport(Transport::NotVault)
        } else {
            cause
        };
        let mut fault = Fault::new(step, side, operation, target, cause, message);
        fault.status = Some(self.status);
        fault.request_id.clone_from(&self.request_id);
        Box::new(fault)
    }
}

impl VaultClient {
    /// A client for the Vault that the settings name.
    ///
    /// # Errors
    ///
    /// The address is malformed or plain http where that is not allowed, or a
    /// TLS file cannot be used.
    pub fn new(settings: &VaultSettings) -> Result<Self, Box<Fault>> {
        let address = parse_address(&settings.address)?;
        let host = address.host_str().unwrap_or_default();
        if address.scheme() == "http" && !http::is_loopback(host) && !settings.allow_http {
            return Err(local(
                LocalProblem::PlainHttp,
                &settings.address,
                "a login sent over plain http can be read and used by anybody on the way",
            ));
        }
        let http = http::vault_client(&settings.connection, &address).map_err(|error| {
            local(
                LocalProblem::TlsFiles,
                &settings.address,
                &error.to_string(),
            )
        })?;
        Ok(VaultClient {
            http,
            address,
            allow_http: settings.allow_http,
            max_retries: settings.connection.max_retries,
            deadline: settings.connection.timeout,
        })
    }

    /// The address as it was given, without a trailing slash.
    pub fn address(&self) -> &str {
        self.address.as_str().trim_end_matches('/')
    }

    /// Sends a request; tries again when Vault says that it may help.
    ///
    /// # Errors
    ///
    /// Nobody answered, or what answered is not Vault. An answer of Vault is a
    /// [`Reply`], whatever its status.
    pub async fn send(&self, request: Request<'_>) -> Result<Reply, Box<Fault>> {
        let begun = Instant::now();
        let mut retries = Vec::new();
        let mut wait = FIRST_WAIT;
        loop {
            let mut reply = self.send_once(&request).await?;
            let again = self.max_retries as usize > retries.len()
                && is_worth_another_try(&request.method, &reply)
                && self
                    .deadline
                    .is_none_or(|deadline| begun.elapsed() + wait < deadline);
            if !again {
                reply.retries = retries;
                return Ok(reply);
            }
            // Many clients that were refused together must not come back together.
            let jittered = wait.mul_f64(0.5 + fastrand::f64());
            tokio::time::sleep(jittered).await;
            retries.push(Retry {
                because: format!("status {}", reply.status),
                waited: jittered,
            });
            wait *= 2;
        }
    }

    async fn send_once(&self, request: &Request<'_>) -> Result<Reply, Box<Fault>> {
        let mut url = self.http.base.clone();
        let path = format!(
            "{}/v1/{}",
            url.path().trim_end_matches('/'),
            utf8_percent_encode(request.path.trim_start_matches('/'), IN_PATH)
        );
        url.set_path(&path);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(request.query);
        }
        let sent = SystemTime::now();
        let response = self
            .execute(request, url.clone(), self.http.host.as_deref())
            .await?;
        // A standby that cannot forward sends to the active node.
        if !response.status().is_redirection() {
            return self.read(request, response, sent).await;
        }
        let target = self.redirect_target(request, &url, &response)?;
        let address = target.origin().ascii_serialization();
        let followed = async {
            let response = self.execute(request, target, None).await?;
            if response.status().is_redirection() {
                let words = "redirected twice";
                return Err(self.fault(request, Side::Vault, Transport::Redirect, words));
            }
            self.read(request, response, sent).await
        };
        followed.await.map_err(|fault| redirected(fault, address))
    }

    async fn execute(
        &self,
        request: &Request<'_>,
        url: Url,
        host: Option<&str>,
    ) -> Result<Response, Box<Fault>> {
        let mut builder = self.http.client.request(request.method.clone(), url);
        // Keeps a Vault agent from answering a request that a browser was
        // tricked into making.
        builder = builder.header("X-Vault-Request", "true");
        if let Some(host) = host {
            builder = builder.header(HOST, host);
        }
        if let Some(namespace) = request.namespace {
            builder = builder.header("X-Vault-Namespace", namespace);
        }
        if let Some(token) = request.token {
            let mut value = HeaderValue::from_str(token.expose_secret().trim()).map_err(|_| {
                Box::new(Fault::local(
                    request.step,
                    LocalProblem::MalformedToken,
                    "the Vault token",
                    "the token holds characters that no token has, such as a line break",
                ))
            })?;
            value.set_sensitive(true);
            builder = builder.header("X-Vault-Token", value);
        }
        if let Some(body) = &request.body {
            // Vault takes a PATCH in this form alone.
            let form = if request.method == Method::PATCH {
                "application/merge-patch+json"
            } else {
                "application/json"
            };
            builder = builder.header(CONTENT_TYPE, form).body(body.to_vec());
        }
        let _turn = match &self.http.opening {
            Some(opening) => Some(opening.turn().await),
            None => None,
        };
        builder.send().await.map_err(|error| {
            let (kind, words) = transport::classify(&error);
            // The server's alert is often lost with the connection.
            let kind = match kind {
                Transport::Reset | Transport::Other | Transport::OtherTls
                    if self.http.client_certificate_wanted.get() =>
                {
                    Transport::ClientCertificateWanted
                }
                _ => kind,
            };
            let mut fault = self.fault(request, Side::Network, kind, &words);
            fault.peer.certificate_names = transport::certificate_names(&error);
            fault
        })
    }

    /// Where a redirect leads, if it may be followed: never to plain http,
    /// never to the web interface.
    fn redirect_target(
        &self,
        request: &Request<'_>,
        from: &Url,
        response: &Response,
    ) -> Result<Url, Box<Fault>> {
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| from.join(value.to_str().ok()?).ok());
        let fault = |words: &str| self.fault(request, Side::Vault, Transport::Redirect, words);
        let Some(target) = location else {
            return Err(fault("a redirect without a target"));
        };
        let why_not = if from.scheme() == "https" && target.scheme() != "https" {
            "a redirect from https to plain http is not followed"
        } else if !self.may_speak_http(&target) {
            "a redirect to plain http on another machine is not followed"
        } else if !target.path().starts_with("/v1/") {
            "a redirect to something that is not Vault's API is not followed"
        } else {
            return Ok(target);
        };
        // A query may hold anything.
        let place = format!("{}{}", target.origin().ascii_serialization(), target.path());
        Err(redirected(fault(why_not), place))
    }

    async fn read(
        &self,
        request: &Request<'_>,
        response: Response,
        sent: SystemTime,
    ) -> Result<Reply, Box<Fault>> {
        let status = response.status().as_u16();
        let skew = http::date::date_of(response.headers())
            .map(|date| http::date::clock_skew_ms(date, sent, SystemTime::now()));
        let says_json = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/json"));
        let has_retry_after = response.headers().contains_key(RETRY_AFTER);
        let body = http::read_body(response).await.map_err(|error| {
            let (side, (kind, words)) = match error {
                BodyError::Cut(error) => (Side::Network, transport::classify(&error)),
                BodyError::TooLong => (Side::Vault, (Transport::NotVault, error.to_string())),
            };
            self.fault(request, side, kind, &words)
        })?;
        let is_json = serde_json::from_slice::<IgnoredAny>(&body).is_ok();
        let is_vault =
            is_json || (body.is_empty() && (says_json || status == 204 || has_retry_after));
        if !is_vault {
            // Go's server answers so when http is spoken to its TLS port.
            let wants_tls = self.http.base.scheme() == "http"
                && status == 400
                && body.starts_with(b"Client sent an HTTP request to an HTTPS server");
            let (kind, words) = if wants_tls {
                (
                    Transport::WantsTls,
                    "plain http was spoken to a port that wants TLS".to_owned(),
                )
            } else {
                (
                    Transport::NotVault,
                    format!("status {status} and no JSON: what answers is not Vault"),
                )
            };
            let mut fault = self.fault(request, Side::Vault, kind, &words);
            fault.status = Some(status);
            return Err(fault);
        }
        let mut reply = Reply {
            status,
            request_id: None,
            clock_skew_ms: skew,
            retries: Vec::new(),
            body: Zeroizing::new(body),
        };
        reply.request_id = reply.envelope().request_id.filter(|id| !id.is_empty());
        if reply.is_of_listener() {
            let words = reply.errors().join("\n");
            let mut fault = self.fault(request, Side::Vault, Transport::NotForwarded, &words);
            fault.status = Some(status);
            return Err(fault);
        }
        Ok(reply)
    }

    /// Plain http only to this machine, or where it was allowed.
    fn may_speak_http(&self, target: &Url) -> bool {
        target.scheme() == "https"
            || self.allow_http
            || http::is_loopback(target.host_str().unwrap_or_default())
    }

    fn fault(&self, request: &Request<'_>, side: Side, kind: Transport, words: &str) -> Box<Fault> {
        let operation = format!("{} {}", request.method, request.path);
        Box::new(Fault::new(
            request.step,
            side,
            operation,
            self.address(),
            Cause::Transport(kind),
            words,
        ))
    }
}

/// Throttled, not caught up, or ill for a moment. What a gateway says of a
/// server behind it leaves open whether that carried the request out, so only a
/// read is sent again then.
fn is_worth_another_try(method: &Method, reply: &Reply) -> bool {
    match reply.status {
        412 | 429 => true,
        503 => !reply.errors().iter().any(|error| error.contains("sealed")),
        500 | 502 | 504 => *method == Method::GET && !reply.is_of_unplaced_token(),
        _ => false,
    }
}

/// Reads the address of a Vault.
///
/// # Errors
///
/// It is malformed; the words do not repeat it.
pub fn parse_address(address: &str) -> Result<Url, Box<Fault>> {
    let malformed = |words: &str| local(LocalProblem::MalformedAddress, address, words);
    let example = "an address looks like https://vault.example.com:8200";
    let url = Url::parse(address).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => {
            malformed(&format!("it does not begin with https://; {example}"))
        }
        _ => malformed(&format!("{error}; {example}")),
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(malformed(&format!("neither http nor https; {example}")));
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(malformed(&format!(
            "it must hold no user, query or fragment; {example}"
        )));
    }
    // Requests begin with /v1/ by themselves; a proxy may put Vault below other paths.
    let path = url.path().trim_end_matches('/');
    if path == "/v1" || path == "/ui" || path.starts_with("/ui/") {
        return Err(malformed(&format!("{path} is no part of it; {example}")));
    }
    Ok(url)
}

/// A fault that was met where the request was sent on to.
fn redirected(mut fault: Box<Fault>, to: String) -> Box<Fault> {
    fault.peer.redirected_to = Some(to);
    fault
}

fn local(problem: LocalProblem, target: &str, message: &str) -> Box<Fault> {
    Box::new(Fault::local(StepId::Vault, problem, target, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_addresses_are_refused() {
        for address in [
            "",
            "vault",
            "vault:8200",
            "127.0.0.1:8200",
            "ftp://vault",
            "https://",
            "https://u:p@vault",
            "https://:p@vault",
            "https://vault?x=1",
            "https://vault/v1",
            "https://vault/v1/",
            "https://vault/ui/vault/secrets",
        ] {
            let refused = parse_address(address).err().map(|fault| fault.cause);
            assert_eq!(
                refused,
                Some(Cause::Local(LocalProblem::MalformedAddress)),
                "{address}"
            );
        }
        for address in [
            "https://vault.example.com:8200/",
            "https://example.com/vault",
            "https://example.com/team/v1",
        ] {
            assert!(parse_address(address).is_ok(), "{address}");
        }
    }
}
