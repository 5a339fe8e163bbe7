//! Vault's own calls of AWS: who it is, and who others are.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, HeaderName, Method};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use super::arn::Entity;
use super::config::{ClientConfig, StsRole};
use super::outbound::{Outgoing, Unsent, lasting, send};
use super::xml;
use crate::http::date::from_rfc3339;
use crate::lab::clock::epoch_seconds;
use crate::lab::vault::Vault;

/// Whom AWS takes Vault for.
pub(super) struct Own {
    account: String,
    credentials: Credentials,
}

/// Vault as a client of AWS, configured as a mount of the method is.
pub(super) struct Client<'v> {
    vault: &'v Vault,
    mount: &'v str,
    config: ClientConfig,
}

/// Who asks whom for what.
pub(super) struct Question<'q> {
    pub(super) credentials: &'q Credentials,
    pub(super) service: &'static str,
    /// With the scheme.
    pub(super) endpoint: &'q str,
    pub(super) region: &'q str,
    pub(super) parameters: &'q [(&'q str, &'q str)],
}

/// The region of all that AWS has once.
const GLOBAL: &str = "us-east-1";

const STS_VERSION: (&str, &str) = ("Version", "2011-06-15");
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

impl<'v> Client<'v> {
    pub(super) fn new(vault: &'v Vault, mount: &'v str) -> Self {
        let state = vault.state();
        let method = state.aws(mount);
        let config = method.and_then(|method| method.client.clone());
        Client {
            vault,
            mount,
            config: config.unwrap_or_else(ClientConfig::initial),
        }
    }

    /// The unique id behind an ARN.
    ///
    /// # Errors
    ///
    /// The method's words for why there is none.
    pub(super) async fn unique_id(&self, arn: &str) -> Result<String, String> {
        let entity = Entity::parse(arn)?;
        check_partition(&entity)?;
        let (action, parameter, id) = match entity.kind.as_str() {
            "user" => ("GetUser", "UserName", "UserId"),
            "role" => ("GetRole", "RoleName", "RoleId"),
            other => return Err(format!("unrecognized error type {other:?}")),
        };
        let credentials = self.credentials(&entity.account).await?;
        let name = (parameter, entity.name.as_str());
        let answer = self.ask_iam(&credentials, action, name).await;
        let answer = answer.map_err(|error| match error.starts_with("Throttling") {
            true => format!("2 errors occurred:\n\t* {error}\n\t* upstream rate limited\n\n"),
            false => error,
        })?;
        xml::text(&answer, id).ok_or_else(|| format!("nil response from {action}"))
    }

    /// The ARN of a principal with its path, as IAM tells it.
    ///
    /// # Errors
    ///
    /// The method's words for why it is not told.
    pub(super) async fn full_arn(&self, entity: &Entity) -> Result<String, String> {
        check_partition(entity)?;
        let credentials = self.credentials(&entity.account).await;
        let credentials =
            credentials.map_err(|error| format!("error creating IAM client: {error}"))?;
        let (action, parameter, what) = match entity.kind.as_str() {
            "user" => ("GetUser", "UserName", "user"),
            "role" | "assumed-role" => ("GetRole", "RoleName", "role"),
            other => return Err(format!("unrecognized entity type: {other}")),
        };
        let name = &entity.name;
        let answer = self.ask_iam(&credentials, action, (parameter, name)).await;
        let answer = answer.map_err(|error| format!("error fetching {what} {name:?}: {error}"))?;
        xml::text(&answer, "Arn").ok_or_else(|| format!("nil response from {action}"))
    }

    async fn ask_iam(
        &self,
        credentials: &Credentials,
        action: &str,
        name: (&str, &str),
    ) -> Result<String, String> {
        let question = Question {
            credentials,
            service: "iam",
            endpoint: non_empty(&self.config.iam_endpoint, "https://iam.amazonaws.com"),
            region: GLOBAL,
            parameters: &[("Action", action), name, ("Version", "2010-05-08")],
        };
        self.ask(&question).await
    }

    async fn ask_sts(
        &self,
        credentials: &Credentials,
        parameters: &[(&str, &str)],
    ) -> Result<String, String> {
        // Without an endpoint of its own the region does not matter.
        let (endpoint, region) = match self.config.sts_endpoint.as_str() {
            "" => ("https://sts.amazonaws.com", GLOBAL),
            endpoint => (endpoint, non_empty(&self.config.sts_region, GLOBAL)),
        };
        let question = Question {
            credentials,
            service: "sts",
            endpoint,
            region,
            parameters,
        };
        self.ask(&question).await
    }

    /// The keys to look into an account with.
    ///
    /// # Errors
    ///
    /// There are none, or they are another account's.
    pub(super) async fn credentials(&self, account: &str) -> Result<Credentials, String> {
        if let Some(keys) = self.known_credentials(account)? {
            return Ok(keys);
        }
        let role = {
            let state = self.vault.state();
            let method = state.aws(self.mount);
            method.and_then(|method| method.sts.get(account).cloned())
        };
        let own = self.own_credentials().await?;
        if let Some(role) = role {
            return self.assume(&own, &role).await;
        }
        let parameters = [("Action", "GetCallerIdentity"), STS_VERSION];
        let answer = self.ask_sts(&own, &parameters).await;
        let answer = answer.map_err(|error| format!("unable to fetch current caller: {error}"))?;
        let own_account = xml::text(&answer, "Account").unwrap_or_default();
        if let Some(method) = self.vault.state().aws_mut(self.mount) {
            method.own = Some(Own {
                account: own_account.clone(),
                credentials: own.clone(),
            });
        }
        if own_account == account {
            return Ok(own);
        }
        Err(format!(
            "unable to fetch client for account ID {account:?} -- default client is for account {own_account:?}"
        ))
    }

    /// The keys that Vault has already for an account, unless a role is there for it.
    fn known_credentials(&self, account: &str) -> Result<Option<Credentials>, String> {
        let state = self.vault.state();
        let Some(method) = state.aws(self.mount) else {
            return Ok(None);
        };
        let own = method.own.as_ref();
        let own = own.filter(|_| !method.sts.contains_key(account));
        if own.is_some_and(|own| own.account != account) {
            return Err(format!(
                "no STS configuration found for account ID {account:?}"
            ));
        }
        let now = self.vault.clock.now();
        let keys = own.map(|own| own.credentials.clone());
        Ok(keys.filter(|keys| keys.expiry().is_none_or(|expiry| expiry > now)))
    }

    /// Takes on the role that looks into another account.
    async fn assume(&self, own: &Credentials, role: &StsRole) -> Result<Credentials, String> {
        let session = epoch_seconds(self.vault.clock.now()).to_string();
        let mut parameters = vec![
            ("Action", "AssumeRole"),
            ("RoleArn", role.sts_role.as_str()),
            ("RoleSessionName", session.as_str()),
            STS_VERSION,
        ];
        if !role.external_id.is_empty() {
            parameters.push(("ExternalId", &role.external_id));
        }
        let answer = self.ask_sts(own, &parameters).await?;
        let text = |name: &str| xml::text(&answer, name);
        let keys = keys(text, "SessionToken");
        keys.ok_or_else(|| "SerializationError: failed decoding Query response".to_owned())
    }

    /// The keys of `config/client`, or those of the instance that Vault runs on.
    async fn own_credentials(&self) -> Result<Credentials, String> {
        let id = self.config.access_key.as_str();
        let secret = self.config.secret_key.expose_secret();
        match (id, secret.is_empty()) {
            ("", true) => of_instance(self.vault).await.ok_or_else(|| {
                "unable to fetch current caller: NoCredentialProviders: no valid providers in chain. Deprecated.\n\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors".to_owned()
            }),
            ("", false) | (_, true) => Err("static AWS client credentials haven't been properly configured (the access key or secret key were provided but not both)".to_owned()),
            (id, false) => Ok(Credentials::new(id, secret, None, None, "lab")),
        }
    }

    /// Asks AWS, again where it is busy.
    ///
    /// # Errors
    ///
    /// What AWS says, or what kept it from being asked, as the SDK puts it.
    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<String, String> {
        let mut wait = Duration::from_millis(30);
        let mut tries_left = self.config.retries();
        loop {
            match self.ask_once(question).await {
                Ok(answer) => return Ok(answer),
                Err(refused) if !refused.is_worth_another_try || tries_left == 0 => {
                    return Err(refused.words);
                }
                Err(_) => {}
            }
            tries_left -= 1;
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }

    async fn ask_once(&self, question: &Question<'_>) -> Result<String, Unsent> {
        let request = signed(question, self.vault.clock.now());
        let request = request.map_err(|error| lasting(error.to_string()))?;
        let answer = send(&self.vault.outside(), &request).await;
        let answer = answer.map_err(|unsent| Unsent {
            words: format!(
                "RequestError: send request failed\ncaused by: Post {:?}: {}",
                request.url, unsent.words
            ),
            ..unsent
        })?;
        let text = |name| xml::text(answer.body(), name).unwrap_or_default();
        let (code, message) = (text("Code"), text("Message"));
        // EC2 writes the name in another way.
        let request_id = text("RequestId") + &text("RequestID");
        match answer.status().as_u16() {
            200 if request_id.is_empty() => Err(lasting(
                "SerializationError: failed decoding Query response\n\tstatus code: 200, request id: \ncaused by: XML syntax error on line 1: unexpected EOF",
            )),
            200 => Ok(answer.into_body()),
            status => Err(Unsent {
                words: format!(
                    "{code}: {}\n\tstatus code: {status}, request id: {request_id}",
                    message.trim()
                ),
                is_worth_another_try: code.contains("Throttl") || status >= 500,
            }),
        }
    }
}

fn check_partition(entity: &Entity) -> Result<(), String> {
    match entity.partition.as_str() {
        "aws" => Ok(()),
        other => Err(format!("unable to resolve partition {other:?} to a region")),
    }
}

fn non_empty<'t>(text: &'t str, otherwise: &'t str) -> &'t str {
    if text.is_empty() { otherwise } else { text }
}

/// Reads keys: `text` tells what stands under a name.
fn keys(text: impl Fn(&str) -> Option<String>, token: &str) -> Option<Credentials> {
    let expiry: Option<SystemTime> = text("Expiration").and_then(|time| from_rfc3339(&time));
    let (id, secret) = (text("AccessKeyId")?, text("SecretAccessKey")?);
    Some(Credentials::new(id, secret, text(token), expiry, "lab"))
}

/// Asks the metadata service, version 2, for the keys of Vault's instance.
async fn of_instance(vault: &Vault) -> Option<Credentials> {
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let lifetime = ("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    let token = ask_metadata(vault, Method::PUT, "/latest/api/token", lifetime).await?;
    let token = ("x-aws-ec2-metadata-token", token.as_str());
    let listed = ask_metadata(vault, Method::GET, ROLES, token).await?;
    let path = format!("{ROLES}{}", listed.lines().next()?);
    let told = ask_metadata(vault, Method::GET, &path, token).await?;
    let told: Map<String, Value> = serde_json::from_str(&told).ok()?;
    keys(|name| Some(told.get(name)?.as_str()?.to_owned()), "Token")
}

async fn ask_metadata(
    vault: &Vault,
    method: Method,
    path: &str,
    (name, value): (&'static str, &str),
) -> Option<String> {
    let outside = vault.outside();
    let mut headers = HeaderMap::new();
    headers.insert(name, value.parse().ok()?);
    let request = Outgoing {
        method,
        url: format!("{}{path}", outside.metadata.as_ref()?),
        headers,
        body: String::new(),
    };
    let answer = send(&outside, &request).await.ok()?;
    (answer.status() == 200).then(|| answer.into_body())
}

fn signed(
    question: &Question<'_>,
    now: SystemTime,
) -> Result<Outgoing, Box<dyn std::error::Error>> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(question.parameters)
        .finish();
    let url = format!("{}/", question.endpoint.trim_end_matches('/'));
    let identity = question.credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(question.region)
        .name(question.service)
        .time(now)
        .settings(SigningSettings::default());
    let parameters = parameters.build().map_err(|error| error.to_string())?;
    let header = [("content-type", FORM)].into_iter();
    let signable = SignableBody::Bytes(body.as_bytes());
    let signable = SignableRequest::new("POST", url.as_str(), header, signable)?;
    let (instructions, _) = sign(signable, &parameters.into())?.into_parts();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    for (name, value) in instructions.headers() {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    Ok(Outgoing {
        method: Method::POST,
        url,
        headers,
        body,
    })
}
