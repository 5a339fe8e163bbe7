//! Vault's own calls of AWS: who it is, and who others are.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::Method;
use secrecy::ExposeSecret as _;

use super::arn::Entity;
use super::config::ClientConfig;
use super::outbound::{Outgoing, send};
use super::regions::{Partition, own_sts};
use super::xml;
use crate::http::date::from_rfc3339;
use crate::lab::vault::{Vault, go};

/// What a mount learned of AWS.
#[derive(Default)]
pub(super) struct Caches {
    /// Whose credentials Vault has by itself.
    default_account: Option<String>,
    /// The keys for looking into an account, by account and role.
    clients: HashMap<(String, String), Credentials>,
    /// The ARNs, with their paths, of principals by their unique ids. They stay
    /// when the configuration changes.
    pub(super) full_arns: HashMap<String, String>,
}

impl Caches {
    pub(super) fn forget_clients(&mut self) {
        self.default_account = None;
        self.clients.clear();
    }
}

/// Who asks which service for what.
pub(super) struct Question<'q> {
    pub(super) service: &'static str,
    /// With the scheme.
    pub(super) endpoint: String,
    pub(super) region: String,
    pub(super) credentials: &'q Credentials,
    pub(super) parameters: Vec<(&'q str, &'q str)>,
}

const STS: &str = "2011-06-15";
const IAM: &str = "2010-05-08";

/// The unique id behind an ARN.
///
/// # Errors
///
/// The method's words for why there is none.
pub(super) async fn resolve_id(vault: &Vault, mount: &str, arn: &str) -> Result<String, String> {
    let entity = Entity::parse(arn)?;
    let partition = partition(&entity)?;
    let (action, parameter, id) = match entity.kind.as_str() {
        "user" => ("GetUser", "UserName", "UserId"),
        "role" => ("GetRole", "RoleName", "RoleId"),
        "instance-profile" => (
            "GetInstanceProfile",
            "InstanceProfileName",
            "InstanceProfileId",
        ),
        other => {
            let other = go::quote(other);
            return Err(format!("unrecognized error type {other}"));
        }
    };
    let credentials = client(vault, mount, &entity.account).await?;
    let config = client_config(vault, mount);
    let question = about_principal(&config, partition, &credentials, action, parameter, &entity);
    let answer = ask(vault, &config, question).await.map_err(|error| {
        if error.starts_with("Throttling") {
            format!("2 errors occurred:\n\t* {error}\n\t* upstream rate limited\n\n")
        } else {
            error
        }
    })?;
    xml::text(&answer, id)
        .filter(|id| !id.is_empty())
        .ok_or_else(|| format!("nil response from {action}"))
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
    let partition = partition(entity)?;
    let credentials = client(vault, mount, &entity.account)
        .await
        .map_err(|error| format!("error creating IAM client: {error}"))?;
    let (action, parameter, what) = match entity.kind.as_str() {
        "user" => ("GetUser", "UserName", "user"),
        "role" | "assumed-role" => ("GetRole", "RoleName", "role"),
        other => return Err(format!("unrecognized entity type: {other}")),
    };
    let config = client_config(vault, mount);
    let question = about_principal(&config, partition, &credentials, action, parameter, entity);
    let answer = ask(vault, &config, question).await.map_err(|error| {
        let name = go::quote(&entity.name);
        format!("error fetching {what} {name}: {error}")
    })?;
    let arn = xml::text(&answer, "Arn").unwrap_or_default();
    if arn.is_empty() {
        return Err(format!(
            "got empty string back when looking up full ARN for entity {entity}"
        ));
    }
    Ok(arn)
}

fn partition(entity: &Entity) -> Result<&'static Partition, String> {
    Partition::named(&entity.partition).ok_or_else(|| {
        let name = go::quote(&entity.partition);
        format!("unable to resolve partition {name} to a region")
    })
}

fn about_principal<'q>(
    config: &ClientConfig,
    partition: &Partition,
    credentials: &'q Credentials,
    action: &'q str,
    parameter: &'q str,
    entity: &'q Entity,
) -> Question<'q> {
    let (host, region) = partition.iam();
    let endpoint = if config.iam_endpoint.is_empty() {
        format!("https://{host}")
    } else {
        config.iam_endpoint.clone()
    };
    Question {
        service: "iam",
        endpoint,
        region: region.to_owned(),
        credentials,
        parameters: vec![
            ("Action", action),
            (parameter, &entity.name),
            ("Version", IAM),
        ],
    }
}

pub(super) fn client_config(vault: &Vault, mount: &str) -> ClientConfig {
    let state = vault.state();
    let method = state.aws(mount);
    method
        .and_then(|method| method.client.clone())
        .unwrap_or_default()
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
    let now = vault.clock.now();
    let (sts_role, default_account, cached) = {
        let state = vault.state();
        let method = state.aws(mount);
        let sts_role = method.and_then(|method| method.sts.get(account)).cloned();
        let caches = method.map(|method| &method.caches);
        let role = sts_role.as_ref().map_or("", |role| role.role.as_str());
        let key = (account.to_owned(), role.to_owned());
        (
            sts_role,
            caches.and_then(|caches| caches.default_account.clone()),
            caches.and_then(|caches| caches.clients.get(&key).cloned()),
        )
    };
    if sts_role.is_none()
        && default_account
            .as_deref()
            .is_some_and(|known| known != account)
    {
        let account = go::quote(account);
        return Err(format!(
            "no STS configuration found for account ID {account}"
        ));
    }
    let is_good = |keys: &Credentials| keys.expiry().is_none_or(|expiry| expiry > now);
    if let Some(cached) = cached.filter(is_good) {
        return Ok(cached);
    }
    let config = client_config(vault, mount);
    let own = own_credentials(vault, &config).await?;
    let (credentials, role) = match sts_role {
        Some(role) => {
            let assumed = assume(vault, &config, &own, &role.role, &role.external_id).await?;
            (assumed, role.role)
        }
        None => {
            let own_account = own_account(vault, mount, &config, &own).await?;
            if own_account != account {
                return Err(format!(
                    "unable to fetch client for account ID {} -- default client is for account {}",
                    go::quote(account),
                    go::quote(&own_account)
                ));
            }
            (own, String::new())
        }
    };
    if let Some(method) = vault.state().aws_mut(mount) {
        let key = (account.to_owned(), role);
        method.caches.clients.insert(key, credentials.clone());
    }
    Ok(credentials)
}

/// Asks AWS whose the keys are, and remembers the account.
async fn own_account(
    vault: &Vault,
    mount: &str,
    config: &ClientConfig,
    own: &Credentials,
) -> Result<String, String> {
    let question = of_sts(
        config,
        own,
        vec![("Action", "GetCallerIdentity"), ("Version", STS)],
    );
    let answer = ask(vault, config, question)
        .await
        .map_err(|error| format!("unable to fetch current caller: {error}"))?;
    let account = xml::text(&answer, "Account").unwrap_or_default();
    if let Some(method) = vault.state().aws_mut(mount) {
        let known = &mut method.caches.default_account;
        known.get_or_insert_with(|| account.clone());
    }
    Ok(account)
}

fn of_sts<'q>(
    config: &ClientConfig,
    credentials: &'q Credentials,
    parameters: Vec<(&'q str, &'q str)>,
) -> Question<'q> {
    let wanted = if config.sts_region.is_empty() {
        "us-east-1"
    } else {
        &config.sts_region
    };
    let (endpoint, region) = if config.sts_endpoint.is_empty() {
        let (host, region) = own_sts(wanted);
        (format!("https://{host}"), region)
    } else {
        (config.sts_endpoint.clone(), wanted.to_owned())
    };
    Question {
        service: "sts",
        endpoint,
        region,
        credentials,
        parameters,
    }
}

async fn assume(
    vault: &Vault,
    config: &ClientConfig,
    own: &Credentials,
    role: &str,
    external_id: &str,
) -> Result<Credentials, String> {
    check_assume(role, external_id)?;
    let session = go::unix(vault.clock.now()).to_string();
    let mut parameters = vec![
        ("Action", "AssumeRole"),
        ("DurationSeconds", "900"),
        ("RoleArn", role),
        ("RoleSessionName", session.as_str()),
        ("Version", STS),
    ];
    if !external_id.is_empty() {
        parameters.push(("ExternalId", external_id));
    }
    let answer = ask(vault, config, of_sts(config, own, parameters)).await?;
    keys(
        xml::text(&answer, "AccessKeyId"),
        xml::text(&answer, "SecretAccessKey"),
        xml::text(&answer, "SessionToken"),
        xml::text(&answer, "Expiration"),
    )
    .ok_or_else(|| "SerializationError: failed decoding Query response".to_owned())
}

/// What the SDK refuses before it asks.
fn check_assume(role: &str, external_id: &str) -> Result<(), String> {
    let mut wrong = String::new();
    let mut count = 0;
    for (name, value, least) in [("ExternalId", external_id, 2), ("RoleArn", role, 20)] {
        let is_given = name == "RoleArn" || !value.is_empty();
        if is_given && value.len() < least {
            count += 1;
            wrong.push_str(&format!(
                "- minimum field size of {least}, AssumeRoleInput.{name}.\n"
            ));
        }
    }
    if count == 0 {
        return Ok(());
    }
    Err(format!(
        "InvalidParameter: {count} validation error(s) found.\n{wrong}"
    ))
}

fn keys(
    id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    expiration: Option<String>,
) -> Option<Credentials> {
    let expiry: Option<SystemTime> = expiration.and_then(|text| from_rfc3339(&text));
    Some(Credentials::new(id?, secret?, token, expiry, "lab"))
}

/// The keys of `config/client`, or those of the instance that Vault runs on.
pub(super) async fn own_credentials(
    vault: &Vault,
    config: &ClientConfig,
) -> Result<Credentials, String> {
    let secret = config.secret_key.expose_secret();
    match (config.access_key.is_empty(), secret.is_empty()) {
        (false, false) => {
            let id = config.access_key.clone();
            Ok(Credentials::new(id, secret, None, None, "lab"))
        }
        (true, true) => of_instance(vault).await.ok_or_else(|| {
            "unable to fetch current caller: NoCredentialProviders: no valid providers in chain. Deprecated.\n\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors".to_owned()
        }),
        _ => Err("static AWS client credentials haven't been properly configured (the access key or secret key were provided but not both)".to_owned()),
    }
}

/// Asks the metadata service, version 2.
async fn of_instance(vault: &Vault) -> Option<Credentials> {
    let outside = vault.outside();
    let base = outside.metadata.clone()?;
    let request = |method: Method, path: String, header: (&str, &str)| Outgoing {
        method,
        url: format!("{base}{path}"),
        host: None,
        headers: vec![(header.0.to_owned(), header.1.to_owned())],
        body: String::new(),
    };
    let lifetime = ("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    let ask = request(Method::PUT, "/latest/api/token".to_owned(), lifetime);
    let token = send(&outside, &ask).await.ok()?;
    let token = Some(token).filter(|token| token.status == 200)?.body;
    let credential = ("X-aws-ec2-metadata-token", token.as_str());
    let roles = "/latest/meta-data/iam/security-credentials/";
    let ask = request(Method::GET, roles.to_owned(), credential);
    let listed = send(&outside, &ask).await.ok()?;
    let listed = Some(listed).filter(|listed| listed.status == 200)?.body;
    let role = listed.lines().next()?;
    let ask = request(Method::GET, format!("{roles}{role}"), credential);
    let answer = send(&outside, &ask).await.ok()?;
    let answer = Some(answer).filter(|answer| answer.status == 200)?;
    let told: serde_json::Value = serde_json::from_str(&answer.body).ok()?;
    let text = |name: &str| told.get(name)?.as_str().map(str::to_owned);
    keys(
        text("AccessKeyId"),
        text("SecretAccessKey"),
        text("Token"),
        text("Expiration"),
    )
}

/// Asks AWS, again where it is busy.
///
/// # Errors
///
/// What AWS says, or what kept it from being asked, as the SDK puts it.
pub(super) async fn ask(
    vault: &Vault,
    config: &ClientConfig,
    question: Question<'_>,
) -> Result<String, String> {
    let mut wait = Duration::from_millis(30);
    let mut tries_left = config.retries();
    loop {
        let refused = match ask_once(vault, &question).await {
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
    question: &Question<'_>,
) -> Result<String, super::outbound::Unsent> {
    use super::outbound::Unsent;
    let request = signed(vault, question).map_err(|words| Unsent {
        words,
        is_worth_another_try: false,
    })?;
    let outside = vault.outside();
    let answer = send(&outside, &request).await.map_err(|unsent| Unsent {
        words: format!(
            "RequestError: send request failed\ncaused by: Post {}: {}",
            go::quote(&request.url),
            unsent.words
        ),
        ..unsent
    })?;
    if answer.status == 200 {
        if xml::text(&answer.body, "RequestId").is_some()
            || xml::text(&answer.body, "requestId").is_some()
        {
            return Ok(answer.body);
        }
        return Err(Unsent {
            words: "SerializationError: failed decoding Query response\n\tstatus code: 200, request id: \ncaused by: XML syntax error on line 1: unexpected EOF".to_owned(),
            is_worth_another_try: false,
        });
    }
    let text = |name| {
        let text = xml::text(&answer.body, name).unwrap_or_default();
        text.trim().to_owned()
    };
    let (code, message) = (text("Code"), text("Message"));
    // EC2 writes the name in another way.
    let request_id = [text("RequestId"), text("RequestID")].concat();
    let status = answer.status;
    let is_busy = code.contains("Throttl") || code == "RequestLimitExceeded" || status >= 500;
    Err(Unsent {
        words: format!("{code}: {message}\n\tstatus code: {status}, request id: {request_id}"),
        is_worth_another_try: is_busy,
    })
}

fn signed(vault: &Vault, question: &Question<'_>) -> Result<Outgoing, String> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&question.parameters)
        .finish();
    let url = format!("{}/", question.endpoint.trim_end_matches('/'));
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let mut headers = vec![("Content-Type".to_owned(), kind.to_owned())];
    let identity = question.credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&question.region)
        .name(question.service)
        .time(vault.clock.now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let signable = SignableRequest::new(
        "POST",
        url.as_str(),
        headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(body.as_bytes()),
    );
    let signable = signable.map_err(|error| error.to_string())?;
    let signed = sign(signable, &parameters).map_err(|error| error.to_string())?;
    let (instructions, _) = signed.into_parts();
    let added = instructions
        .headers()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    headers.extend(added.collect::<Vec<_>>());
    Ok(Outgoing {
        method: Method::POST,
        url,
        host: None,
        headers,
        body,
    })
}
