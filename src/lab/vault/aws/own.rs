//! Vault's own calls of AWS: who it is, and who others are.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, HeaderName, Method};
use secrecy::ExposeSecret as _;

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

/// Who is asked for what.
pub(super) struct Question<'q> {
    pub(super) service: &'static str,
    /// With the scheme.
    pub(super) endpoint: String,
    pub(super) region: &'q str,
    pub(super) parameters: &'q [(&'q str, &'q str)],
}

/// The region of all that AWS has once.
const GLOBAL: &str = "us-east-1";

const STS_VERSION: (&str, &str) = ("Version", "2011-06-15");
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// The unique id behind an ARN.
///
/// # Errors
///
/// The method's words for why there is none.
pub(super) async fn unique_id(vault: &Vault, mount: &str, arn: &str) -> Result<String, String> {
    let entity = Entity::parse(arn)?;
    check_partition(&entity)?;
    let (action, id) = match entity.kind.as_str() {
        "user" => ("GetUser", "UserId"),
        "role" => ("GetRole", "RoleId"),
        other => return Err(format!("unrecognized error type {other:?}")),
    };
    let credentials = client(vault, mount, &entity.account).await?;
    let answer = ask_iam(vault, mount, &credentials, action, &entity.name).await;
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
pub(super) async fn full_arn(
    vault: &Vault,
    mount: &str,
    entity: &Entity,
) -> Result<String, String> {
    check_partition(entity)?;
    let credentials = client(vault, mount, &entity.account).await;
    let credentials = credentials.map_err(|error| format!("error creating IAM client: {error}"))?;
    let (action, what) = match entity.kind.as_str() {
        "user" => ("GetUser", "user"),
        "role" | "assumed-role" => ("GetRole", "role"),
        other => return Err(format!("unrecognized entity type: {other}")),
    };
    let name = &entity.name;
    let answer = ask_iam(vault, mount, &credentials, action, name).await;
    let answer = answer.map_err(|error| format!("error fetching {what} {name:?}: {error}"))?;
    xml::text(&answer, "Arn").ok_or_else(|| {
        format!("got empty string back when looking up full ARN for entity {entity}")
    })
}

fn check_partition(entity: &Entity) -> Result<(), String> {
    match entity.partition.as_str() {
        "aws" => Ok(()),
        other => Err(format!("unable to resolve partition {other:?} to a region")),
    }
}

/// Asks IAM for a principal of this name.
async fn ask_iam(
    vault: &Vault,
    mount: &str,
    credentials: &Credentials,
    action: &str,
    name: &str,
) -> Result<String, String> {
    let endpoint = config_of(vault, mount).iam_endpoint;
    let question = Question {
        service: "iam",
        endpoint: non_empty(endpoint, "https://iam.amazonaws.com"),
        region: GLOBAL,
        parameters: &[
            ("Action", action),
            (
                match action {
                    "GetUser" => "UserName",
                    _ => "RoleName",
                },
                name,
            ),
            ("Version", "2010-05-08"),
        ],
    };
    ask(vault, mount, credentials, &question).await
}

fn config_of(vault: &Vault, mount: &str) -> ClientConfig {
    let state = vault.state();
    let method = state.aws(mount);
    let config = method.and_then(|method| method.client.clone());
    config.unwrap_or_default()
}

fn non_empty(text: String, otherwise: &str) -> String {
    if text.is_empty() {
        otherwise.to_owned()
    } else {
        text
    }
}

/// The keys to look into an account with.
///
/// # Errors
///
/// There are none, or they are another account's.
pub(super) async fn client(
    vault: &Vault,
    mount: &str,
    account: &str,
) -> Result<Credentials, String> {
    let (role, known) = {
        let state = vault.state();
        let method = state.aws(mount);
        let own = method.and_then(|method| method.own.as_ref());
        (
            method.and_then(|method| method.sts.get(account).cloned()),
            own.map(|own| (own.account.clone(), own.credentials.clone())),
        )
    };
    if let Some(role) = role {
        return assume(vault, mount, &role).await;
    }
    let now = vault.clock.now();
    match known {
        Some((own_account, _)) if own_account != account => {
            return Err(format!(
                "no STS configuration found for account ID {account:?}"
            ));
        }
        Some((_, keys)) if keys.expiry().is_none_or(|expiry| expiry > now) => return Ok(keys),
        _ => {}
    }
    let credentials = own_credentials(vault, mount).await?;
    let parameters = [("Action", "GetCallerIdentity"), STS_VERSION];
    let answer = ask_sts(vault, mount, &credentials, &parameters).await;
    let answer = answer.map_err(|error| format!("unable to fetch current caller: {error}"))?;
    let own_account = xml::text(&answer, "Account").unwrap_or_default();
    if let Some(method) = vault.state().aws_mut(mount) {
        method.own = Some(Own {
            account: own_account.clone(),
            credentials: credentials.clone(),
        });
    }
    if own_account == account {
        return Ok(credentials);
    }
    Err(format!(
        "unable to fetch client for account ID {account:?} -- default client is for account {own_account:?}"
    ))
}

async fn ask_sts(
    vault: &Vault,
    mount: &str,
    credentials: &Credentials,
    parameters: &[(&str, &str)],
) -> Result<String, String> {
    let config = config_of(vault, mount);
    // Without an endpoint of its own the region does not matter.
    let (endpoint, region) = match config.sts_endpoint.as_str() {
        "" => ("https://sts.amazonaws.com", ""),
        endpoint => (endpoint, config.sts_region.as_str()),
    };
    let question = Question {
        service: "sts",
        endpoint: endpoint.to_owned(),
        region: if region.is_empty() { GLOBAL } else { region },
        parameters,
    };
    ask(vault, mount, credentials, &question).await
}

/// Takes on the role that looks into another account.
async fn assume(vault: &Vault, mount: &str, role: &StsRole) -> Result<Credentials, String> {
    let own = own_credentials(vault, mount).await?;
    let session = epoch_seconds(vault.clock.now()).to_string();
    let mut parameters = vec![
        ("Action", "AssumeRole"),
        ("DurationSeconds", "900"),
        ("RoleArn", role.sts_role.as_str()),
        ("RoleSessionName", session.as_str()),
        STS_VERSION,
    ];
    if !role.external_id.is_empty() {
        parameters.push(("ExternalId", &role.external_id));
    }
    let answer = ask_sts(vault, mount, &own, &parameters).await?;
    let text = |name: &str| xml::text(&answer, name);
    let keys = keys(text, ["SecretAccessKey", "SessionToken"]);
    keys.ok_or_else(|| "SerializationError: failed decoding Query response".to_owned())
}

/// Reads keys: `text` tells what stands under a name.
fn keys(text: impl Fn(&str) -> Option<String>, names: [&str; 2]) -> Option<Credentials> {
    let [secret, token] = names;
    let expiry: Option<SystemTime> = text("Expiration").and_then(|time| from_rfc3339(&time));
    Some(Credentials::new(
        text("AccessKeyId")?,
        text(secret)?,
        text(token),
        expiry,
        "lab",
    ))
}

/// The keys of `config/client`, or those of the instance that Vault runs on.
async fn own_credentials(vault: &Vault, mount: &str) -> Result<Credentials, String> {
    let config = config_of(vault, mount);
    let (id, secret) = (config.access_key, config.secret_key.expose_secret());
    match (id.is_empty(), secret.is_empty()) {
        (false, false) => Ok(Credentials::new(id, secret, None, None, "lab")),
        (true, true) => of_instance(vault).await.ok_or_else(|| {
            "unable to fetch current caller: NoCredentialProviders: no valid providers in chain. Deprecated.\n\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors".to_owned()
        }),
        _ => Err("static AWS client credentials haven't been properly configured (the access key or secret key were provided but not both)".to_owned()),
    }
}

/// Asks the metadata service, version 2.
async fn of_instance(vault: &Vault) -> Option<Credentials> {
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let lifetime = ("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    let token = ask_metadata(vault, Method::PUT, "/latest/api/token", lifetime).await?;
    let token = ("x-aws-ec2-metadata-token", token.as_str());
    let listed = ask_metadata(vault, Method::GET, ROLES, token).await?;
    let path = format!("{ROLES}{}", listed.lines().next()?);
    let told = ask_metadata(vault, Method::GET, &path, token).await?;
    let told: serde_json::Value = serde_json::from_str(&told).ok()?;
    let text = |name: &str| Some(told.get(name)?.as_str()?.to_owned());
    keys(text, ["SecretAccessKey", "Token"])
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

/// Asks AWS, again where it is busy.
///
/// # Errors
///
/// What AWS says, or what kept it from being asked, as the SDK puts it.
pub(super) async fn ask(
    vault: &Vault,
    mount: &str,
    credentials: &Credentials,
    question: &Question<'_>,
) -> Result<String, String> {
    let mut wait = Duration::from_millis(30);
    let mut tries_left = config_of(vault, mount).retries();
    loop {
        let refused = match ask_once(vault, credentials, question).await {
            Ok(answer) => return Ok(answer),
            Err(refused) => refused,
        };
        if !refused.is_worth_another_try || tries_left == 0 {
            return Err(refused.words);
        }
        tries_left -= 1;
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
}

async fn ask_once(
    vault: &Vault,
    credentials: &Credentials,
    question: &Question<'_>,
) -> Result<String, Unsent> {
    let request = signed(credentials, question, vault.clock.now());
    let request = request.map_err(|error| lasting(error.to_string()))?;
    let answer = send(&vault.outside(), &request).await;
    let answer = answer.map_err(|unsent| Unsent {
        words: format!(
            "RequestError: send request failed\ncaused by: Post {:?}: {}",
            request.url, unsent.words
        ),
        ..unsent
    })?;
    let text = |name| xml::text(answer.body(), name).unwrap_or_default();
    let status = answer.status().as_u16();
    // EC2 writes the name in another way.
    let request_id = [text("RequestId"), text("RequestID"), text("requestId")].concat();
    if status == 200 && request_id.is_empty() {
        return Err(lasting(
            "SerializationError: failed decoding Query response\n\tstatus code: 200, request id: \ncaused by: XML syntax error on line 1: unexpected EOF",
        ));
    }
    if status == 200 {
        return Ok(answer.into_body());
    }
    let (code, message) = (text("Code"), text("Message"));
    let message = message.trim();
    Err(Unsent {
        words: format!("{code}: {message}\n\tstatus code: {status}, request id: {request_id}"),
        is_worth_another_try: code.contains("Throttl") || status >= 500,
    })
}

fn signed(
    credentials: &Credentials,
    question: &Question<'_>,
    now: SystemTime,
) -> Result<Outgoing, Box<dyn std::error::Error>> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(question.parameters)
        .finish();
    let url = format!("{}/", question.endpoint.trim_end_matches('/'));
    let identity = credentials.clone().into();
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
