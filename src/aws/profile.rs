//! What the lines of an AWS profile say: where its credentials come from, and
//! which roles are assumed with them.
//!
//! The SDK reads the same files and decides for itself. This tells a person what
//! it decided on, because neither its credentials nor its errors do.

use std::borrow::Cow;

use aws_config::profile::{Profile as Section, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use serde::{Deserialize, Serialize};

/// A profile that names a source of credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub name: String,
    pub source: Source,
    /// The profile in which the source stands: another one than `name` where
    /// `source_profile` leads to it.
    pub source_profile: String,
    /// The ARNs of the roles that are assumed, in that order.
    pub roles: Vec<String>,
    /// The device whose code the profile asks for. The SDK sends none.
    pub mfa_serial: Option<String>,
}

/// Where the first credentials of a profile come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    AccessKeys,
    /// A program of the user's, without its arguments, which may be secret.
    Process {
        program: String,
    },
    Sso,
    /// `aws login`.
    ConsoleLogin,
    WebIdentity {
        role_arn: String,
        token_file: String,
    },
    /// `credential_source = Environment`, and so on.
    Environment,
    InstanceMetadata,
    Container,
}

impl Source {
    /// The name used in documents and on the screen.
    pub fn name(&self) -> &'static str {
        match self {
            Source::AccessKeys => "access keys",
            Source::Process { .. } => "credential_process",
            Source::Sso => "SSO",
            Source::ConsoleLogin => "console login",
            Source::WebIdentity { .. } => "web identity token",
            Source::Environment => "environment",
            Source::InstanceMetadata => "instance metadata",
            Source::Container => "container endpoint",
        }
    }
}

/// Why a profile gives no credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It stands in no file; `referenced_by` names it as its source.
    Absent {
        name: String,
        referenced_by: Option<String>,
    },
    /// It is there and says nothing of credentials.
    Empty { name: String },
    /// It names a source, and something is missing or too much.
    Incomplete { name: String, words: String },
    /// A file cannot be read or understood.
    Unreadable { words: String },
}

/// Reads the profile `name`, or the one that AWS_PROFILE names, or `default`.
///
/// # Errors
///
/// What is wrong with the profile, or with the files.
pub async fn read(name: Option<&str>) -> Result<Profile, Unusable> {
    let name = name.map(|name| Cow::Owned(name.to_owned()));
    read_with(&Fs::default(), &Env::default(), name).await
}

async fn read_with(
    files: &Fs,
    environment: &Env,
    name: Option<Cow<'static, str>>,
) -> Result<Profile, Unusable> {
    let places = EnvConfigFiles::default();
    match aws_config::profile::load(files, environment, &places, name).await {
        Ok(profiles) => follow(&profiles),
        Err(error) => Err(Unusable::Unreadable {
            words: chain_words(&error),
        }),
    }
}

/// Follows `source_profile` to where the credentials come from.
///
/// Source: "Assume role credentials" in the AWS SDKs and Tools reference guide,
/// and the order in which this SDK looks at the lines.
fn follow(profiles: &ProfileSet) -> Result<Profile, Unusable> {
    let selected = profiles.selected_profile();
    let mut visited: Vec<&str> = Vec::new();
    let mut roles = Vec::new();
    let mut mfa_serial = None;
    let mut name = selected;
    let (section, source) = loop {
        let Some(section) = profiles.get_profile(name) else {
            return Err(Unusable::Absent {
                name: name.to_owned(),
                referenced_by: visited.last().map(|name| (*name).to_owned()),
            });
        };
        if visited.contains(&name) {
            let circle = [visited.as_slice(), &[name]].concat().join(" → ");
            return incomplete(
                selected,
                format!("the source_profile lines lead in a circle: {circle}"),
            );
        }
        visited.push(name);
        // Behind `source_profile`, keys go before everything else.
        if visited.len() > 1 && has_keys(section) {
            break (section, Source::AccessKeys);
        }
        let role = section
            .get("role_arn")
            .filter(|_| section.get("web_identity_token_file").is_none());
        let Some(role) = role else {
            break (section, source(profiles, section)?);
        };
        roles.push(role.to_owned());
        mfa_serial = mfa_serial.or_else(|| section.get("mfa_serial").map(str::to_owned));
        match (
            section.get("source_profile"),
            section.get("credential_source"),
        ) {
            (Some(_), Some(_)) => {
                return incomplete(
                    name,
                    "it has both source_profile and credential_source; only one of them may be there",
                );
            }
            (None, None) => {
                return incomplete(
                    name,
                    "it has a role_arn, and neither source_profile nor credential_source says with whose credentials to assume it",
                );
            }
            (Some(next), None) if next != name => name = next,
            _ => break (section, source(profiles, section)?),
        }
    };
    roles.reverse();
    Ok(Profile {
        name: selected.to_owned(),
        source,
        source_profile: section.name().to_owned(),
        roles,
        mfa_serial,
    })
}

fn has_keys(section: &Section) -> bool {
    section.get("aws_access_key_id").is_some() && section.get("aws_secret_access_key").is_some()
}

/// The source that the lines of one profile name.
fn source(profiles: &ProfileSet, section: &Section) -> Result<Source, Unusable> {
    let name = section.name();
    if let Some(source) = section.get("credential_source") {
        return match source.to_ascii_lowercase().as_str() {
            "environment" => Ok(Source::Environment),
            "ec2instancemetadata" => Ok(Source::InstanceMetadata),
            "ecscontainer" => Ok(Source::Container),
            _ => incomplete(
                name,
                format!(
                    "credential_source must be Environment, Ec2InstanceMetadata or EcsContainer, not {source}"
                ),
            ),
        };
    }
    match (
        section.get("role_arn"),
        section.get("web_identity_token_file"),
    ) {
        (Some(role_arn), Some(token_file)) => {
            return Ok(Source::WebIdentity {
                role_arn: role_arn.to_owned(),
                token_file: token_file.to_owned(),
            });
        }
        (None, Some(_)) => return incomplete(name, "web_identity_token_file without role_arn"),
        _ => {}
    }
    if let Some(sso) = sso(profiles, section) {
        return sso;
    }
    if section.get("login_session").is_some() {
        return Ok(Source::ConsoleLogin);
    }
    if let Some(command) = section.get("credential_process") {
        return Ok(Source::Process {
            program: program_of(command),
        });
    }
    match (
        section.get("aws_access_key_id"),
        section.get("aws_secret_access_key"),
    ) {
        (Some(_), Some(_)) => Ok(Source::AccessKeys),
        (None, None) if section.get("aws_session_token").is_none() => Err(Unusable::Empty {
            name: name.to_owned(),
        }),
        (None, _) => incomplete(name, "missing: aws_access_key_id"),
        (Some(_), None) => incomplete(name, "missing: aws_secret_access_key"),
    }
}

/// The SSO lines of a profile, if it has any.
fn sso(profiles: &ProfileSet, section: &Section) -> Option<Result<Source, Unusable>> {
    const LINES: [&str; 5] = [
        "sso_session",
        "sso_account_id",
        "sso_role_name",
        "sso_region",
        "sso_start_url",
    ];
    if LINES.iter().all(|line| section.get(line).is_none()) {
        return None;
    }
    let refuse = |words: String| Some(incomplete(section.name(), words));
    let own = (section.get("sso_region"), section.get("sso_start_url"));
    let (region, start_url) = match section.get("sso_session") {
        Some(session) => match (profiles.sso_session(session), own) {
            (Some(found), (None, None)) => (found.get("sso_region"), found.get("sso_start_url")),
            (Some(_), _) => {
                return refuse(format!(
                    "sso_region and sso_start_url belong into the section [sso-session {session}]"
                ));
            }
            (None, _) => {
                return refuse(format!("there is no section [sso-session {session}]"));
            }
        },
        None => own,
    };
    let needed = [
        ("sso_account_id", section.get("sso_account_id")),
        ("sso_role_name", section.get("sso_role_name")),
        ("sso_region", region),
        ("sso_start_url", start_url),
    ];
    let missing: Vec<&str> = needed
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(line, _)| *line)
        .collect();
    if missing.is_empty() {
        Some(Ok(Source::Sso))
    } else {
        refuse(format!("missing: {}", missing.join(", ")))
    }
}

/// The program of a command line, as far as it is surely no secret.
fn program_of(command: &str) -> String {
    let words = shlex::split(command).unwrap_or_default();
    match words.first() {
        Some(word) if !word.contains('=') => word.clone(),
        _ => "a command".to_owned(),
    }
}

/// An error and what caused it, on one line.
fn chain_words(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    words
        .join(": ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn incomplete<T>(name: &str, words: impl Into<String>) -> Result<T, Unusable> {
    Err(Unusable::Incomplete {
        name: name.to_owned(),
        words: words.into(),
    })
}

#[cfg(test)]
mod tests;
