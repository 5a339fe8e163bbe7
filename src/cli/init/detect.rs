//! What can be found out without a question: the region and the account.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::aws::Aws;
use crate::aws::assume::{Sts, get_caller_identity};
use crate::aws::credentials::{self, Found, Provider};
use crate::aws::identity::is_region;
use crate::cli::Context;
use crate::fault::{Cause, CredentialProblem, Fault};
use crate::settings::AwsSettings;
use crate::settings::value::is_account;

/// How long all of it may take. Off EC2 nobody answers for the metadata service.
const LIMIT: Duration = Duration::from_secs(4);

/// How much of it may go to the region, which the account waits for.
const REGION_LIMIT: Duration = Duration::from_secs(2);

/// A value that was found, and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) value: String,
    pub(super) origin: &'static str,
    /// What more is to be said of it.
    pub(super) note: String,
}

/// What was found, and why the rest was not.
#[derive(Debug, Default)]
pub(super) struct Detected {
    pub(super) region: Option<Seen>,
    pub(super) account: Option<Seen>,
    pub(super) hints: Vec<String>,
}

/// Looks for the region and the account, where the settings do not have them.
pub(super) async fn detect(context: &Context) -> Detected {
    let settings = &context.run.settings.aws;
    let mut detected = Detected::default();
    if settings.region.is_some() && settings.account_id.is_some() {
        return detected;
    }
    let begun = Instant::now();
    let deadline = begun + LIMIT;
    let aws = Aws::new(settings);
    let by_credentials = async {
        let region = find_region(&aws, settings, begun + REGION_LIMIT).await;
        let account = match settings.account_id {
            Some(_) => Account::Known,
            None => {
                let name = settings.region.as_deref();
                let name = name.or(region.as_ref().map(|seen| seen.value.as_str()));
                timeout_at(deadline, of_credentials(context, &aws, name))
                    .await
                    .unwrap_or_else(|_| Account::Unknown("nobody answered in time".to_owned()))
            }
        };
        (region, account)
    };
    let by_instance = async {
        if settings.metadata_disabled || settings.account_id.is_some() {
            return None;
        }
        let asked = timeout_at(deadline, aws.find_instance_account());
        asked.await.ok().flatten()
    };
    // Both at once; the instance is waited for only where its word decides.
    tokio::pin!(by_credentials, by_instance);
    let mut of_instance = None;
    let (region, account) = loop {
        tokio::select! {
            found = &mut by_credentials => break found,
            account = &mut by_instance, if of_instance.is_none() => of_instance = Some(account),
        }
    };
    detected.region = region;
    let (found, why_not) = match account {
        Account::Known => (None, None),
        Account::Seen(seen) => (Some(seen), None),
        Account::Unknown(why) => (None, Some(why)),
        Account::OfInstance(why) => {
            let account = match of_instance {
                Some(account) => account,
                None => by_instance.await,
            };
            let seen = account.map(|value| Seen {
                value,
                origin: "instance metadata",
                note: "of this instance".to_owned(),
            });
            (seen, Some(why))
        }
    };
    match found {
        Some(seen) if is_account(&seen.value) => detected.account = Some(seen),
        _ => detected.hints.extend(
            why_not.map(|why| format!("aws.account_id is not known: {why}; --account-id sets it")),
        ),
    }
    detected
}

async fn find_region(aws: &Aws, settings: &AwsSettings, deadline: Instant) -> Option<Seen> {
    if settings.region.is_some() {
        return None;
    }
    let (region, _) = timeout_at(deadline, aws.find_region(settings))
        .await
        .ok()?
        .ok()?;
    is_region(&region).then(|| Seen {
        value: region,
        origin: "profile or instance metadata",
        note: "of the profile or this instance".to_owned(),
    })
}

/// The account of the credentials, or where else it is to be looked for.
enum Account {
    /// It was given.
    Known,
    Seen(Seen),
    /// The instance's, as the credentials are its own or there are none; the
    /// words say why it is not known if the instance does not name it.
    OfInstance(String),
    Unknown(String),
}

/// The account of the credentials, as a login would find it: keys of another
/// account go before the instance that they are used on.
async fn of_credentials(context: &Context, aws: &Aws, region: Option<&str>) -> Account {
    let settings = &context.run.settings.aws;
    let base = match credentials::find(aws, settings, region, &|profile, program| {
        let words = credentials::running(profile, program);
        (context.run.aside)(&words);
    })
    .await
    .found
    {
        Ok(base) => base,
        Err(fault) if is_absence(&fault) => {
            return Account::OfInstance("there are no AWS credentials here".to_owned());
        }
        Err(fault) => return Account::Unknown(fault.message.clone()),
    };
    learn(context, &base);
    if let Some(account) = base.credentials.account_id() {
        return Account::Seen(Seen {
            value: account.as_str().to_owned(),
            origin: "credentials",
            note: "of the AWS credentials".to_owned(),
        });
    }
    if base.provider == Provider::InstanceMetadata {
        let why = "instance metadata does not name it";
        return Account::OfInstance(why.to_owned());
    }
    let Some(region) = region else {
        return Account::Unknown("without a region STS cannot be asked".to_owned());
    };
    let sts = Sts {
        http: &aws.http,
        profile: settings.profile.as_deref(),
        region,
        credentials: &base.credentials,
    };
    match get_caller_identity(&sts).await.1 {
        Ok(caller) => Account::Seen(Seen {
            value: caller.account,
            origin: "sts",
            note: format!("asked of STS, as {}", caller.arn),
        }),
        Err(fault) => Account::Unknown(format!("STS was asked: {}", fault.message)),
    }
}

fn is_absence(fault: &Fault) -> bool {
    matches!(
        fault.cause,
        Cause::Credentials(
            CredentialProblem::NoneFound
                | CredentialProblem::NoInstanceProfile
                | CredentialProblem::RoleNotTrustingEc2
                | CredentialProblem::MetadataUnreachable
        )
    )
}

fn learn(context: &Context, base: &Found) {
    let redactor = &context.run.redactor;
    redactor.learn_text(base.credentials.secret_access_key());
    if let Some(token) = base.credentials.session_token() {
        redactor.learn_text(token);
    }
}
