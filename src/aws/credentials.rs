//! The credential chain, composed from the SDK's public providers in the SDK's
//! own order, so that it can say which one answered and what the others said.

mod refusal;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use serde::{Deserialize, Serialize};

use super::Aws;
use super::profile::{self, Profile, Source, Unusable};
use super::web_identity::WebIdentity;
use crate::fault::{Cause, CredentialProblem, Fault, LocalProblem, Side};
use crate::http::sdk::Exchange;
use crate::settings::AwsSettings;
use crate::trace::StepId;
use refusal::{Refused, fault, refusal, words};

/// The metadata path whose last part is the name of the instance's role.
const ROLE_PATH: &str = "/latest/meta-data/iam/security-credentials/";

/// The length of a secret access key.
const SECRET_KEY_LENGTH: usize = 40;

/// A source of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    Environment,
    Profile,
    WebIdentity,
    Container,
    InstanceMetadata,
}

impl Provider {
    /// The name used in documents and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Provider::Environment => "environment",
            Provider::Profile => "profile",
            Provider::WebIdentity => "web identity token",
            Provider::Container => "container endpoint",
            Provider::InstanceMetadata => "instance metadata",
        }
    }

    /// Where its credentials come from.
    pub fn side(self) -> Side {
        match self {
            Provider::Environment | Provider::Profile => Side::Local,
            Provider::WebIdentity => Side::Sts,
            Provider::Container | Provider::InstanceMetadata => Side::Metadata,
        }
    }
}

/// A provider that had nothing, and its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    pub provider: Provider,
    pub said: String,
}

/// What the chain gave.
#[derive(Debug)]
pub struct Found {
    pub provider: Provider,
    pub credentials: Credentials,
    /// The role that instance metadata named.
    pub instance_role: Option<String>,
    /// The ARN of the role of which these are a session, where the profile or
    /// the environment names it.
    pub role_arn: Option<String>,
}

/// The end of the chain, with everything that was tried before.
pub struct ChainResult {
    pub tried: Vec<Tried>,
    pub found: Result<Found, Box<Fault>>,
    /// The metadata or container endpoint, or the service, that was asked last.
    pub endpoint: Option<String>,
    /// What the profile says, if it was looked at.
    pub profile: Option<Profile>,
    /// The web identity token that was refused.
    pub web_identity: Option<WebIdentity>,
}

/// What is odd about a secret key, in words that tell nothing of it: AWS's own are 40
/// characters of Base64.
pub fn secret_key_oddity(secret_key: &str) -> Option<String> {
    let is_usual = |character: char| character.is_ascii_alphanumeric() || "+/=".contains(character);
    let length = secret_key.chars().count();
    if secret_key.trim() != secret_key {
        Some("it begins or ends with a blank or a line end".to_owned())
    } else if secret_key.contains(['"', '\'']) {
        Some("it holds a quotation mark".to_owned())
    } else if !secret_key.chars().all(is_usual) {
        Some("it holds a character that no secret key of AWS has".to_owned())
    } else if length != SECRET_KEY_LENGTH {
        Some(format!(
            "it has {length} characters, and AWS's have {SECRET_KEY_LENGTH}"
        ))
    } else {
        None
    }
}

/// Walks the chain until a provider has credentials or refuses. `before_program`
/// is told of a program in the user's configuration before it is run.
pub async fn find(
    aws: &Aws,
    settings: &AwsSettings,
    region: Option<&str>,
    before_program: &dyn Fn(&Profile, &str),
) -> ChainResult {
    let http = &aws.http;
    let mark = http.mark();
    let mut result = ChainResult {
        tried: Vec::new(),
        found: Err(nothing_found(&[])),
        endpoint: None,
        profile: None,
        web_identity: None,
    };
    if let Some(missing) = settings.missing_key_half
        && !settings.profile_is_explicit
    {
        result.found = Err(fault(
            Provider::Environment,
            CredentialProblem::HalfKeyPair,
            &format!("{missing} is not set while its other half is"),
        ));
        return result;
    }
    let mut end = None;
    for (provider, source) in chain(aws, settings, region) {
        let mut reading = None;
        if provider == Provider::Profile {
            let read = profile::read(settings.profile.as_deref()).await;
            if let Ok(profile) = &read {
                if let Source::Process { program } = &profile.source {
                    before_program(profile, program);
                }
                result.profile = Some(profile.clone());
            }
            reading = Some(read);
        }
        match source.provide_credentials().await {
            Ok(credentials) => {
                let session = Session {
                    role_arn: role_of(provider, settings, result.profile.as_ref()),
                    is_of_process: is_of_process(provider, result.profile.as_ref()),
                };
                end = Some(checked(provider, credentials, session, &http.since(mark)));
                break;
            }
            Err(error) => {
                let exchanges = http.since(mark);
                let asked = Refused {
                    provider,
                    settings,
                    reading: reading.as_ref(),
                    error: &error,
                    exchanges: &exchanges,
                };
                let refusal = refusal(&asked);
                let said = match &refusal {
                    Some(fault) => fault.message.clone(),
                    None => words(&asked),
                };
                result.tried.push(Tried { provider, said });
                if let Some(fault) = refusal {
                    result.web_identity = web_identity(provider, settings, reading.as_ref());
                    end = Some(Err(fault));
                    break;
                }
            }
        }
    }
    result.found = end.unwrap_or_else(|| Err(nothing_found(&result.tried)));
    result.endpoint = http
        .since(mark)
        .last()
        .map(|exchange| exchange.endpoint.clone());
    result
}

/// Says that a program of the user's is run.
pub fn running(profile: &Profile, program: &str) -> String {
    format!(
        "running {program}, the credential_process of profile '{}'",
        profile.source_profile
    )
}

fn chain(
    aws: &Aws,
    settings: &AwsSettings,
    region: Option<&str>,
) -> Vec<(Provider, Box<dyn ProvideCredentials>)> {
    let config = super::provider_config(&aws.http, region);
    let metadata = super::provider_config(&aws.http.for_metadata(), region);
    let mut profile = ProfileFileCredentialsProvider::builder().configure(&config);
    if let Some(name) = &settings.profile {
        profile = profile.profile_name(name);
    }
    let profile: (Provider, Box<dyn ProvideCredentials>) =
        (Provider::Profile, Box::new(profile.build()));
    if settings.profile_is_explicit {
        return vec![profile];
    }
    let web_identity = WebIdentityTokenCredentialsProvider::builder().configure(&config);
    let container = EcsCredentialsProvider::builder().configure(&metadata);
    let instance = ImdsCredentialsProvider::builder()
        .configure(&config)
        .imds_client(aws.metadata.clone());
    vec![
        (
            Provider::Environment,
            Box::new(EnvironmentVariableCredentialsProvider::new()),
        ),
        profile,
        (Provider::WebIdentity, Box::new(web_identity.build())),
        (Provider::Container, Box::new(container.build())),
        (Provider::InstanceMetadata, Box::new(instance.build())),
    ]
}

fn nothing_found(tried: &[Tried]) -> Box<Fault> {
    let said: Vec<String> = tried
        .iter()
        .map(|tried| format!("{}: {}", tried.provider.name(), tried.said))
        .collect();
    Box::new(Fault::new(
        StepId::Credentials,
        Side::Local,
        "credential chain",
        "every provider",
        Cause::Credentials(CredentialProblem::NoneFound),
        said.join("; "),
    ))
}

/// The role that the profile's or the environment's own words lead to.
fn role_of(
    provider: Provider,
    settings: &AwsSettings,
    profile: Option<&Profile>,
) -> Option<String> {
    match (provider, profile) {
        (Provider::WebIdentity, _) => Some(settings.web_identity.as_ref()?.role_arn.clone()),
        (Provider::Profile, Some(profile)) => match (profile.roles.last(), &profile.source) {
            (Some(role), _) => Some(role.clone()),
            (None, Source::WebIdentity { role_arn, .. }) => Some(role_arn.clone()),
            (None, _) => None,
        },
        _ => None,
    }
}

fn is_of_process(provider: Provider, profile: Option<&Profile>) -> bool {
    let is_program = |profile: &Profile| matches!(profile.source, Source::Process { .. });
    provider == Provider::Profile && profile.is_some_and(is_program)
}

/// The token that was to be exchanged for credentials.
fn web_identity(
    provider: Provider,
    settings: &AwsSettings,
    reading: Option<&Result<Profile, Unusable>>,
) -> Option<WebIdentity> {
    match (provider, reading) {
        (Provider::WebIdentity, _) => {
            WebIdentity::read(&settings.web_identity.as_ref()?.token_file)
        }
        (Provider::Profile, Some(Ok(profile))) => match &profile.source {
            Source::WebIdentity { token_file, .. } => WebIdentity::read(token_file.as_ref()),
            _ => None,
        },
        _ => None,
    }
}

/// What is known of credentials beside themselves.
struct Session {
    role_arn: Option<String>,
    is_of_process: bool,
}

/// Refuses credentials of which it is plain that no service will take them.
fn checked(
    provider: Provider,
    credentials: Credentials,
    session: Session,
    exchanges: &[Exchange],
) -> Result<Found, Box<Fault>> {
    let key = credentials.access_key_id();
    let refuse = |problem, message: &str| {
        Err(Box::new(Fault::local(
            StepId::Credentials,
            problem,
            provider.name(),
            message,
        )))
    };
    let swapped = key.len() == SECRET_KEY_LENGTH
        || !key.bytes().all(|byte| byte.is_ascii_alphanumeric())
        || is_key_id(credentials.secret_access_key());
    if swapped {
        return refuse(
            LocalProblem::MalformedKeyId,
            "the access key id does not have the form of one; key id and secret key may be swapped",
        );
    }
    if key.starts_with("ASIA") && credentials.session_token().is_none_or(str::is_empty) {
        return refuse(
            LocalProblem::TemporaryKeyWithoutToken,
            "the key id begins with ASIA: it is a temporary key, and its session token is missing",
        );
    }
    if let Some(expiry) = credentials.expiry()
        && expiry < std::time::SystemTime::now()
    {
        let words = format!(
            "the credentials are past their expiry, {}",
            crate::http::date::rfc3339(expiry)
        );
        return if session.is_of_process {
            Err(fault(provider, CredentialProblem::Process, &words))
        } else {
            refuse(LocalProblem::CredentialsExpired, &words)
        };
    }
    let instance_role = exchanges
        .iter()
        .filter_map(|exchange| exchange.path.strip_prefix(ROLE_PATH))
        .rfind(|name| !name.is_empty())
        .map(str::to_owned);
    Ok(Found {
        provider,
        credentials,
        instance_role,
        role_arn: session.role_arn,
    })
}

fn is_key_id(text: &str) -> bool {
    text.len() == 20 && (text.starts_with("AKIA") || text.starts_with("ASIA"))
}
