//! What the login of an aws method tells anybody, without a token. None of these
//! requests can succeed, none counts against anybody, and only
//! [`sts_choice`] may reach STS.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::client::{Reply, Request, VaultClient};
use super::login_refusal::{Unrouted, unrouted};
use crate::fault::{Cause, Fault, Side, Transport};
use crate::trace::StepId;

/// The header by which Vault tells requests meant for it from those for others.
const SERVER_ID: &str = "X-Vault-AWS-IAM-Server-ID";

/// A value of it that nobody uses.
const NO_SERVER_ID: &str = "vaultiam-asks";

/// A region that no SDK knows, with the form of one.
const NO_REGION: &str = "xx-nowhere-1";

/// What answers at `auth/<mount>/login`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answerer {
    /// An aws method.
    Aws,
    /// Another method; what it shows of itself.
    Other(String),
    /// Nothing with a login is mounted there, in this namespace.
    Nothing,
}

/// Whether a server id is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    No,
    /// Vault quotes the id that it expects.
    Yes(Option<String>),
}

/// A login's path and namespace.
pub struct Door<'a> {
    pub client: &'a VaultClient,
    pub mount: &'a str,
    pub namespace: Option<&'a str>,
}

impl Door<'_> {
    /// Asks for the help of the login, and sends an empty one where that says
    /// nothing: a gateway may hide the help. `None` where neither tells.
    ///
    /// # Errors
    ///
    /// Nobody answered, or what answered is not Vault.
    pub async fn answerer(&self) -> Result<Option<Answerer>, Box<Fault>> {
        let path = self.path();
        let request = Request {
            query: &[("help", "1")],
            ..Request::get(StepId::Login, &path)
        };
        let help = self.client.send(request.namespace(self.namespace)).await?;
        if help.is_success()
            && let Some(help) = help.json::<Value>()
            && let Some(text) = help.get("help").and_then(Value::as_str)
        {
            return Ok(Some(if text.contains("iam_request_url") {
                Answerer::Aws
            } else {
                Answerer::Other(synopsis(text))
            }));
        }
        let reply = self.post(json!({})).await?;
        let words = reply.errors().join("\n");
        if let Some(how) = unrouted(&words) {
            return Ok(Some(match how {
                Unrouted::NothingMounted | Unrouted::TokenWanted => Answerer::Nothing,
                Unrouted::NoLogin => Answerer::Other(words),
            }));
        }
        Ok(match reply.status {
            400 if words.contains("required authentication values") => Some(Answerer::Aws),
            403 => Some(Answerer::Nothing),
            // So says AppRole, whose help cannot be asked for either.
            500 if words.contains("alias name from login request") => Some(Answerer::Other(words)),
            _ => None,
        })
    }

    /// Sends headers that Vault refuses before it looks at the signature, once it
    /// is content with the server id; `None` where the answer tells neither.
    ///
    /// # Errors
    ///
    /// Nobody answered, or what answered is not Vault.
    pub async fn server_id(&self) -> Result<Option<Wanted>, Box<Fault>> {
        let headers = json!({ SERVER_ID: [NO_SERVER_ID], "X-Amz-Nothing": ["1"] });
        let reply = self.post(login_with(&headers)).await?;
        let words = reply.errors().join("\n");
        if words.contains(SERVER_ID) || words.contains(NO_SERVER_ID) {
            return Ok(Some(Wanted::Yes(expected_id(&words))));
        }
        // The next check, and where there is no list of headers STS itself.
        let is_past_it = words.contains("X-Amz-Nothing") || words.contains("upstream request");
        Ok(is_past_it.then_some(Wanted::No))
    }

    /// Tells whether Vault asks the STS of the region that was signed for: then
    /// it knows none for a region that does not exist. `None` where the answer
    /// tells neither. Where Vault always asks the same STS, that refuses the
    /// request, which is signed by nobody.
    ///
    /// # Errors
    ///
    /// Nobody answered, or what answered is not Vault.
    pub async fn asks_region_of_client(
        &self,
        server_id: Option<&str>,
    ) -> Result<Option<bool>, Box<Fault>> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20150830/{NO_REGION}/sts/aws4_request, SignedHeaders=host;{}, Signature=00",
            SERVER_ID.to_ascii_lowercase()
        );
        let mut headers = json!({ "Authorization": [authorization] });
        if let (Some(id), Some(headers)) = (server_id, headers.as_object_mut()) {
            headers.insert(SERVER_ID.to_owned(), json!([id]));
        }
        let reply = self.post(login_with(&headers)).await?;
        let words = reply.errors().join("\n");
        if words.contains(NO_REGION) && !words.contains("<Error") {
            return Ok(Some(true));
        }
        Ok(words.contains("upstream request").then_some(false))
    }

    /// The address from which this machine speaks to Vault. Behind NAT or a load
    /// balancer Vault sees another. Nothing is sent.
    ///
    /// # Errors
    ///
    /// There is no way to Vault's host.
    pub async fn own_address(&self) -> Result<String, Box<Fault>> {
        let address = self.client.address();
        let fault = |words: String| {
            Box::new(Fault::new(
                StepId::Login,
                Side::Network,
                "route",
                address,
                Cause::Transport(Transport::Other),
                words,
            ))
        };
        let url = url::Url::parse(address).map_err(|error| fault(error.to_string()))?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = url.port_or_known_default().unwrap_or_default();
        let ask = async {
            let mut targets = tokio::net::lookup_host((host, port)).await?;
            let target = targets.next().ok_or(std::io::ErrorKind::NotFound)?;
            let any = if target.is_ipv4() {
                "0.0.0.0:0"
            } else {
                "[::]:0"
            };
            let socket = tokio::net::UdpSocket::bind(any).await?;
            socket.connect(target).await?;
            socket.local_addr()
        };
        let own = ask.await.map_err(|error| fault(error.to_string()))?;
        Ok(own.ip().to_string())
    }

    fn path(&self) -> String {
        format!("auth/{}/login", self.mount)
    }

    async fn post(&self, body: Value) -> Result<Reply, Box<Fault>> {
        let path = self.path();
        let body = Zeroizing::new(body.to_string().into_bytes());
        let request = Request::post(StepId::Login, &path, body).namespace(self.namespace);
        self.client.send(request).await
    }
}

/// What a path's help says it is for: the line behind the path itself.
fn synopsis(help: &str) -> String {
    let lines = help.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut told = lines.filter(|line| {
        !line.starts_with("Request:")
            && !line.starts_with("Matching Route:")
            && *line != "<no synopsis>"
    });
    match told.next() {
        Some(line) if !line.starts_with('#') => line.to_owned(),
        _ => "its help names no iam_request_url".to_owned(),
    }
}

/// What stands in double quotes, in its order.
pub(super) fn quoted(words: &str) -> impl Iterator<Item = &str> {
    words.split('"').skip(1).step_by(2)
}

/// The id in `expected "x" but got "vaultiam-asks"`.
fn expected_id(words: &str) -> Option<String> {
    quoted(words)
        .filter(|text| !text.is_empty() && *text != NO_SERVER_ID)
        .find(|text| !text.eq_ignore_ascii_case(SERVER_ID))
        .map(str::to_owned)
}

/// A login with these headers, and no role.
fn login_with(headers: &Value) -> Value {
    json!({
        "role": "",
        "iam_http_request_method": "POST",
        "iam_request_url": STANDARD.encode("https://sts.amazonaws.com/"),
        "iam_request_body": STANDARD.encode("Action=GetCallerIdentity&Version=2011-06-15"),
        "iam_request_headers": headers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_known_by_its_help() {
        let cases = [
            (
                "Request:        login\nMatching Route: ^login$\n\nAuthenticates to Vault using a JWT (or OIDC) token.\n\n## PARAMETERS\n",
                "Authenticates to Vault using a JWT (or OIDC) token.",
            ),
            (
                "Request:        login\nMatching Route: ^login$\n\n<no synopsis>\n\n## PARAMETERS\n",
                "its help names no iam_request_url",
            ),
            ("", "its help names no iam_request_url"),
        ];
        for (help, expected) in cases {
            assert_eq!(synopsis(help), expected);
        }
    }

    #[test]
    fn the_expected_id_is_the_quoted_one_that_is_not_ours() {
        let cases = [
            (
                r#"error validating X-Vault-AWS-IAM-Server-ID header: expected "vault.example.com" but got "vaultiam-asks""#,
                Some("vault.example.com"),
            ),
            (
                r#"error validating X-Vault-AWS-IAM-Server-ID header: missing header "X-Vault-AWS-IAM-Server-ID""#,
                None,
            ),
            ("", None),
        ];
        for (words, expected) in cases {
            assert_eq!(expected_id(words).as_deref(), expected, "{words}");
        }
    }
}
