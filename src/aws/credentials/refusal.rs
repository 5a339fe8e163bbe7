//! What it means that a provider gave no credentials: it has none and the chain
//! goes on, or it was meant and cannot. Decided by what was asked and answered,
//! by the types of the errors and by what the profile says; not by their words.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsError;
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::{Provider, ROLE_PATH};
use crate::aws::classify;
use crate::aws::profile::{Profile, Source, Unusable};
use crate::fault::{Cause, CredentialProblem, Fault, Side, Transport};
use crate::http::sdk::{Exchange, ExchangeResult};
use crate::settings::AwsSettings;
use crate::trace::StepId;

/// A provider that gave nothing, and all that is known of why.
pub(super) struct Refused<'a> {
    pub(super) provider: Provider,
    pub(super) settings: &'a AwsSettings,
    /// What the profile says, where the provider is the profile.
    pub(super) reading: Option<&'a Result<Profile, Unusable>>,
    pub(super) error: &'a CredentialsError,
    pub(super) exchanges: &'a [Exchange],
}

/// A fault of a provider.
pub(super) fn fault(provider: Provider, problem: CredentialProblem, said: &str) -> Box<Fault> {
    Box::new(Fault::new(
        StepId::Credentials,
        provider.side(),
        "credential chain",
        provider.name(),
        Cause::Credentials(problem),
        said,
    ))
}

/// Decides whether a provider's refusal ends the chain. `None`: it has nothing,
/// go on.
pub(super) fn refusal(refused: &Refused<'_>) -> Option<Box<Fault>> {
    let absent = matches!(refused.error, CredentialsError::CredentialsNotLoaded(_));
    let simple = |problem| Some(fault(refused.provider, problem, &words(refused)));
    match (refused.provider, refused.reading) {
        (Provider::Profile, Some(Err(unusable))) => of_unusable(refused, unusable),
        (Provider::Profile, Some(Ok(profile))) => Some(of_profile(refused, profile)),
        (Provider::InstanceMetadata, _) => simple(of_metadata(refused.exchanges)?),
        _ if absent => None,
        (Provider::WebIdentity, _) => {
            let named = refused.settings.web_identity.as_ref();
            let role = named.map_or("", |named| named.role_arn.as_str());
            let file = named.map(|named| named.token_file.display().to_string());
            Some(of_web_identity(refused, role, &file.unwrap_or_default()))
        }
        (Provider::Container, _) => Some(of_container(refused)),
        (Provider::Environment | Provider::Profile, _) => simple(CredentialProblem::Other),
    }
}

/// A profile that cannot be used. Whoever names a profile means it: another
/// identity must not step in for one that is not there.
fn of_unusable(refused: &Refused<'_>, unusable: &Unusable) -> Option<Box<Fault>> {
    let settings = refused.settings;
    let problem = match unusable {
        Unusable::Absent {
            referenced_by: None,
            ..
        } => {
            settings.profile.as_ref()?;
            CredentialProblem::NoSuchProfile
        }
        // On an instance a profile that only names a region is well used.
        Unusable::Empty { .. } if !settings.profile_is_explicit => return None,
        _ => CredentialProblem::Profile,
    };
    Some(fault(refused.provider, problem, &words(refused)))
}

/// A profile that names a source and yet gave nothing.
fn of_profile(refused: &Refused<'_>, profile: &Profile) -> Box<Fault> {
    if let Some(error) = cause::<SdkError<AssumeRoleError, HttpResponse>>(refused.error) {
        let role = assumed_in_vain(profile, refused.exchanges);
        let operation = "sts:AssumeRole";
        let exchanges = refused.exchanges;
        return classify::fault(StepId::Credentials, operation, role, error, exchanges);
    }
    let simple = |problem| fault(refused.provider, problem, &words(refused));
    match &profile.source {
        Source::WebIdentity {
            role_arn,
            token_file,
        } => of_web_identity(refused, role_arn, token_file),
        Source::Sso => of_sso(refused),
        Source::Process { .. } => simple(CredentialProblem::Process),
        Source::ConsoleLogin => simple(CredentialProblem::ConsoleLogin),
        Source::Container => of_container(refused),
        Source::InstanceMetadata => match of_metadata(refused.exchanges) {
            Some(problem) => fault(Provider::InstanceMetadata, problem, &words(refused)),
            None => simple(CredentialProblem::Profile),
        },
        Source::AccessKeys | Source::Environment => simple(CredentialProblem::Profile),
    }
}

/// The role of the profile that was not given: those before it were.
fn assumed_in_vain<'a>(profile: &'a Profile, exchanges: &[Exchange]) -> &'a str {
    let sts = exchanges.last().map(|exchange| &exchange.endpoint);
    let is_given =
        |exchange: &&Exchange| Some(&exchange.endpoint) == sts && exchange.status() == Some(200);
    let given = exchanges.iter().filter(is_given).count();
    let first = usize::from(matches!(profile.source, Source::WebIdentity { .. }));
    let roles = &profile.roles;
    let role = roles.get(given.saturating_sub(first)).or(roles.last());
    role.map_or("", String::as_str)
}

fn of_web_identity(refused: &Refused<'_>, role: &str, token_file: &str) -> Box<Fault> {
    type Refusal = SdkError<AssumeRoleWithWebIdentityError, HttpResponse>;
    if let Some(error) = cause::<Refusal>(refused.error) {
        let operation = "sts:AssumeRoleWithWebIdentity";
        let exchanges = refused.exchanges;
        return classify::fault(StepId::Credentials, operation, role, error, exchanges);
    }
    if let Some(error) = cause::<io::Error>(refused.error) {
        return unreadable_token(token_file, error);
    }
    fault(
        refused.provider,
        CredentialProblem::WebIdentity,
        &words(refused),
    )
}

fn of_sso(refused: &Refused<'_>) -> Box<Fault> {
    let Some(error) = cause::<SdkError<GetRoleCredentialsError, HttpResponse>>(refused.error)
    else {
        // Nothing was asked of the portal: no login that holds lies in the cache.
        return fault(refused.provider, CredentialProblem::Sso, &words(refused));
    };
    let mut fault = classify::fault(
        StepId::Credentials,
        "sso:GetRoleCredentials",
        refused.provider.name(),
        error,
        refused.exchanges,
    );
    match fault.status {
        Some(401) => fault.cause = Cause::Credentials(CredentialProblem::Sso),
        Some(400..=404) => fault.cause = Cause::Credentials(CredentialProblem::SsoRole),
        _ => {}
    }
    fault
}

fn of_container(refused: &Refused<'_>) -> Box<Fault> {
    let file = refused.settings.container_token_file.as_ref();
    if let (Some(error), Some(file)) = (cause::<io::Error>(refused.error), file)
        && refused.exchanges.is_empty()
    {
        return unreadable_token(&file.display().to_string(), error);
    }
    let problem = CredentialProblem::Container;
    fault(Provider::Container, problem, &words(refused))
}

fn unreadable_token(file: &str, error: &io::Error) -> Box<Fault> {
    Box::new(Fault::new(
        StepId::Credentials,
        Side::Local,
        "token file",
        file,
        Cause::Credentials(CredentialProblem::TokenFile),
        format!("{file} cannot be read: {error}"),
    ))
}

/// What is wrong with the metadata service. `None`: there is none.
fn of_metadata(exchanges: &[Exchange]) -> Option<CredentialProblem> {
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

/// What is to be said of a provider that gave nothing.
pub(super) fn words(refused: &Refused<'_>) -> String {
    match refused.reading {
        Some(Err(unusable)) => return unusable_words(unusable, refused.settings),
        Some(Ok(profile)) => match &profile.source {
            Source::Process { program } => {
                return process_words(program, &chain_words(refused.error));
            }
            Source::Environment if refused.exchanges.is_empty() => {
                return format!(
                    "profile '{}' takes its keys from the environment (credential_source), where AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set",
                    profile.source_profile
                );
            }
            _ => {}
        },
        None => {}
    }
    let asks = matches!(refused.provider, Provider::Container | Provider::Profile);
    match refused.exchanges.last() {
        Some(last) if asks => match &last.result {
            ExchangeResult::Failed { words, .. } => format!("{}: {words}", last.endpoint),
            ExchangeResult::Answered { status: 200, .. } => {
                format!("{}: {}", last.endpoint, chain_words(refused.error))
            }
            ExchangeResult::Answered { status, .. } => {
                format!("{} answered with status {status}", last.endpoint)
            }
        },
        _ => chain_words(refused.error),
    }
}

fn unusable_words(unusable: &Unusable, settings: &AwsSettings) -> String {
    let files: Vec<String> = settings
        .shared_files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    if settings.profile.is_none()
        && matches!(unusable, Unusable::Absent { name, referenced_by: None } if name == "default")
    {
        return "none is named, and there is no profile 'default'".to_owned();
    }
    let nowhere = format!("stands neither in {}", files.join(" nor in "));
    match unusable {
        Unusable::Absent {
            name,
            referenced_by: Some(by),
        } => format!("profile '{by}' has the source_profile '{name}', which {nowhere}"),
        Unusable::Absent { name, .. } => format!("profile '{name}' {nowhere}"),
        Unusable::Empty { name } => {
            format!("profile '{name}' is there, and no line of it says where credentials come from")
        }
        Unusable::Incomplete { name, words } => format!("profile '{name}': {words}"),
        Unusable::Unreadable { words } => words.clone(),
    }
}

/// What a program of the user's did, without a word of what it printed: that may
/// be a key. Of the SDK's text nothing but the exit status is taken, and that
/// only where it is one.
fn process_words(program: &str, text: &str) -> String {
    let status = text
        .split_once("exited with code ")
        .and_then(|(_, rest)| rest.split_once(". Stderr: "))
        .map(|(status, _)| status)
        .filter(|status| is_exit_status(status));
    match status {
        Some("exit status: 126") => format!("{program} may not be run (exit status: 126)"),
        Some("exit status: 127") => format!("{program} was not found (exit status: 127)"),
        Some(status) => format!("{program} failed ({status})"),
        None => format!("{program} gave no credentials as JSON"),
    }
}

/// `exit status: 3`, `signal: 9 (SIGKILL)`.
fn is_exit_status(text: &str) -> bool {
    let number = text
        .strip_prefix("exit status: ")
        .or_else(|| text.strip_prefix("signal: "));
    number.is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_digit())
            && rest.len() <= 40
            && rest
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || " ()".contains(character))
    })
}

/// The words of an error and its causes, without the provider's own frame.
fn chain_words(error: &CredentialsError) -> String {
    let words: Vec<String> = causes(error)
        .filter(|cause| cause.downcast_ref::<CredentialsError>().is_none())
        .map(ToString::to_string)
        .collect();
    if words.is_empty() {
        error.to_string()
    } else {
        words.join(": ")
    }
}

/// Finds a cause by its type.
fn cause<T: Error + 'static>(error: &CredentialsError) -> Option<&T> {
    causes(error).find_map(|cause| cause.downcast_ref::<T>())
}

fn causes(error: &CredentialsError) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |error| (*error).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_program_printed_is_said() {
        let exited = |status: &str, said: &str| {
            process_words(
                "creds",
                &format!(
                    "Error retrieving credentials: external process exited with code {status}. Stderr: {said}"
                ),
            )
        };
        let cases = [
            (
                exited("exit status: 3", "s3cr3t"),
                "creds failed (exit status: 3)",
            ),
            (
                exited("exit status: 127", "s3cr3t"),
                "creds was not found (exit status: 127)",
            ),
            (
                exited("signal: 9 (SIGKILL)", "s3cr3t"),
                "creds failed (signal: 9 (SIGKILL))",
            ),
            (
                exited("s3cr3t", "exited with code exit status: 1. Stderr: "),
                "creds gave no credentials as JSON",
            ),
            (
                process_words("creds", "could not parse response: s3cr3t"),
                "creds gave no credentials as JSON",
            ),
        ];
        for (said, expected) in cases {
            assert_eq!(said, expected);
        }
    }
}
