//! The credential chain, composed from the SDK's public providers in the SDK's
//! own order, so that it can say which one answered and what the others said.

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::Aws;
use crate::fault::{Cause, CredentialProblem, Fault, LocalProblem, Side, Transport};
use crate::http::sdk::{Exchange, ExchangeResult};
use crate::settings::AwsSettings;
use crate::trace::StepId;

/// The metadata path whose last part is the name of the instance's role.
const ROLE_PATH: &str = "/latest/meta-data/iam/security-credentials/";

/// The length of a secret access key.
const SECRET_KEY_LENGTH: usize = 40;

/// A source of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// The problem that its refusal stands for, if nothing more is known.
    fn problem(self) -> CredentialProblem {
        match self {
            Provider::Environment => CredentialProblem::Other,
            Provider::Profile => CredentialProblem::Profile,
            Provider::WebIdentity => CredentialProblem::WebIdentity,
            Provider::Container => CredentialProblem::Container,
            Provider::InstanceMetadata => CredentialProblem::MetadataUnreachable,
        }
    }
}

/// A provider that had nothing, and its words.
#[derive(Debug, Clone)]
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
}

/// The end of the chain, with everything that was tried before.
pub struct ChainResult {
    pub tried: Vec<Tried>,
    pub found: Result<Found, Box<Fault>>,
    /// The metadata or container endpoint that was asked last.
    pub endpoint: Option<String>,
}

/// Walks the chain until a provider has credentials or refuses.
pub async fn find(aws: &Aws, settings: &AwsSettings, region: Option<&str>) -> ChainResult {
    let http = &aws.http;
    let mark = http.mark();
    let mut tried = Vec::new();
    if let Some(missing) = settings.missing_key_half
        && !settings.profile_is_explicit
    {
        let fault = fault(
            Provider::Environment,
            CredentialProblem::HalfKeyPair,
            &format!("{missing} is not set while its other half is"),
        );
        return ChainResult {
            tried,
            found: Err(Box::new(fault)),
            endpoint: None,
        };
    }
    let config = super::provider_config(http, region);
    let metadata = super::provider_config(&http.for_metadata(), region);
    let mut profile = ProfileFileCredentialsProvider::builder().configure(&config);
    if let Some(name) = &settings.profile {
        profile = profile.profile_name(name);
    }
    let chain: Vec<(Provider, Box<dyn ProvideCredentials>)> = if settings.profile_is_explicit {
        vec![(Provider::Profile, Box::new(profile.build()))]
    } else {
        vec![
            (
                Provider::Environment,
                Box::new(EnvironmentVariableCredentialsProvider::new()),
            ),
            (Provider::Profile, Box::new(profile.build())),
            (
                Provider::WebIdentity,
                Box::new(
                    WebIdentityTokenCredentialsProvider::builder()
                        .configure(&config)
                        .build(),
                ),
            ),
            (
                Provider::Container,
                Box::new(
                    EcsCredentialsProvider::builder()
                        .configure(&metadata)
                        .build(),
                ),
            ),
            (
                Provider::InstanceMetadata,
                Box::new(
                    ImdsCredentialsProvider::builder()
                        .configure(&config)
                        .imds_client(aws.metadata.clone())
                        .build(),
                ),
            ),
        ]
    };
    let mut found = None;
    for (provider, source) in chain {
        match source.provide_credentials().await {
            Ok(credentials) => {
                found = Some(checked(provider, credentials, &http.since(mark)));
                break;
            }
            Err(error) => {
                let said = words(&error);
                let absent = matches!(error, CredentialsError::CredentialsNotLoaded(_));
                // Whoever names a profile means it: another identity must not
                // step in for one that is not there.
                let is_named = provider == Provider::Profile && settings.profile.is_some();
                let problem = if is_named && absent && !profile_exists(settings).await {
                    Some(CredentialProblem::NoSuchProfile)
                } else {
                    problem(provider, absent, &http.since(mark))
                };
                tried.push(Tried {
                    provider,
                    said: said.clone(),
                });
                if let Some(problem) = problem {
                    found = Some(Err(Box::new(fault(provider, problem, &said))));
                    break;
                }
            }
        }
    }
    let found = found.unwrap_or_else(|| {
        let said: Vec<String> = tried
            .iter()
            .map(|tried| format!("{}: {}", tried.provider.name(), tried.said))
            .collect();
        Err(Box::new(Fault::new(
            StepId::Credentials,
            Side::Local,
            "credential chain",
            "every provider",
            Cause::Credentials(CredentialProblem::NoneFound),
            said.join("; "),
        )))
    });
    let endpoint = http
        .since(mark)
        .last()
        .map(|exchange| exchange.endpoint.clone());
    ChainResult {
        tried,
        found,
        endpoint,
    }
}

/// Refuses credentials of which it is plain that no service will take them.
fn checked(
    provider: Provider,
    credentials: Credentials,
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
    if credentials
        .expiry()
        .is_some_and(|expiry| expiry < std::time::SystemTime::now())
    {
        return refuse(
            LocalProblem::CredentialsExpired,
            "the credentials are past their expiry",
        );
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
    })
}

fn is_key_id(text: &str) -> bool {
    text.len() == 20 && (text.starts_with("AKIA") || text.starts_with("ASIA"))
}

/// Decides whether a provider's refusal ends the chain, from what was asked and
/// answered rather than from its words. `None`: it has nothing, go on.
fn problem(provider: Provider, absent: bool, exchanges: &[Exchange]) -> Option<CredentialProblem> {
    if provider != Provider::InstanceMetadata {
        return (!absent).then(|| provider.problem());
    }
    let last = exchanges.last()?;
    match &last.result {
        ExchangeResult::Answered {
            metadata_code: Some(code),
            ..
        } if code == "AssumeRoleUnauthorizedAccess" => Some(CredentialProblem::RoleNotTrustingEc2),
        ExchangeResult::Answered { status: 404, .. } if last.path.starts_with(ROLE_PATH) => {
            Some(CredentialProblem::NoInstanceProfile)
        }
        ExchangeResult::Answered { .. } => Some(CredentialProblem::MetadataUnreachable),
        // Connected, and then silence: the answer to the token request is
        // dropped on its way when it has one hop too many to go.
        ExchangeResult::Failed {
            kind: Transport::TimedOut,
            ..
        } => Some(CredentialProblem::HopLimit),
        // Nobody there: this is no instance, as on any laptop.
        ExchangeResult::Failed { .. } => None,
    }
}

fn fault(provider: Provider, problem: CredentialProblem, said: &str) -> Fault {
    Fault::new(
        StepId::Credentials,
        provider.side(),
        "credential chain",
        provider.name(),
        Cause::Credentials(problem),
        said,
    )
}

/// Tells whether the profile that was named stands in the AWS files.
async fn profile_exists(settings: &AwsSettings) -> bool {
    let Some(name) = &settings.profile else {
        return false;
    };
    let files = EnvConfigFiles::default();
    let sections = aws_config::profile::load(&Fs::default(), &Env::default(), &files, None).await;
    sections.is_ok_and(|sections| sections.profiles().any(|profile| profile == name))
}

/// The innermost words of a provider's error.
fn words(error: &CredentialsError) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
