//! Looking for the cause of a failure: read-only questions to both sides, asked
//! at once and within a short time, with the run's own rights or, where it was
//! allowed, an administrator's.
//!
//! A probe changes nothing, reads no secret and makes no attempt that counts.

mod aws;
mod vault;
mod wanted;

use std::sync::Arc;
use std::time::Duration;

use super::looks::{Look, Looks, Refused, Rights};
use crate::aws::assume::Sts;
use crate::aws::roles::{Access, Iam, IamReader};
use crate::fault::Fault;
use crate::http::sdk::SdkHttp;
use crate::login::Observations;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::vault::client::VaultClient;
use crate::vault::kv::Location;

pub use aws::{look_at_role, look_whether_may_assume};
pub use vault::Asking;
pub(super) use vault::{look_at_policies, with_token, without_token};
pub use wanted::{Question, questions};

/// How long a look may take. Vault and IAM answer in a fraction of it, and a
/// person waits for the whole.
const DEADLINE: Duration = Duration::from_secs(5);

/// With what the probes ask.
pub struct Hands {
    pub settings: Arc<Settings>,
    pub vault: Option<Arc<VaultClient>>,
    /// The token that was refused something, or that the login gave.
    pub own_token: Option<Secret>,
    pub admin_token: Option<Secret>,
    pub own_aws: Option<AwsHand>,
    pub admin_aws: Option<AwsHand>,
}

/// AWS credentials, and whose they are.
pub struct AwsHand {
    pub http: SdkHttp,
    pub region: String,
    pub profile: Option<String>,
    pub credentials: aws_credential_types::Credentials,
    /// Of the session that signed for Vault, where a role was assumed.
    pub session: Option<aws_credential_types::Credentials>,
    pub rights: Rights,
}

impl AwsHand {
    /// IAM, as these credentials may read it.
    pub async fn iam(&self) -> IamReader {
        let access = Access {
            http: &self.http,
            profile: self.profile.as_deref(),
            region: &self.region,
            credentials: &self.credentials,
        };
        IamReader::new(&Iam::new(&access).await)
    }

    /// STS, asked with these credentials.
    fn sts(&self) -> Sts<'_> {
        Sts {
            http: &self.http,
            profile: self.profile.as_deref(),
            region: &self.region,
            credentials: &self.credentials,
        }
    }

    /// STS, asked as whoever signs for Vault.
    fn signer(&self) -> Sts<'_> {
        Sts {
            credentials: self.session.as_ref().unwrap_or(&self.credentials),
            ..self.sts()
        }
    }
}

impl Hands {
    /// The AWS credentials with which most can be seen.
    pub fn best_aws(&self) -> Option<&AwsHand> {
        self.admin_aws.as_ref().or(self.own_aws.as_ref())
    }

    /// The token with which most can be seen.
    pub fn best_token(&self) -> Option<(&Secret, Rights)> {
        let admin = self
            .admin_token
            .as_ref()
            .map(|token| (token, Rights::AdminToken));
        admin.or(self.own_token.as_ref().map(|token| (token, Rights::Own)))
    }
}

/// Looks for what could explain the faults of a run, in their order. What several of
/// them want is looked at once.
pub async fn gather(hands: &Hands, faults: &[&Fault], seen: &Observations) -> Vec<Looks> {
    let mut asked: Vec<Question> = Vec::new();
    for question in faults.iter().flat_map(|fault| questions(fault)) {
        if !asked.contains(&question) {
            asked.push(question);
        }
    }
    let wanted = faults.iter().filter(|fault| wants_capabilities(fault));
    let paths: Vec<&str> = wanted.map(|fault| fault.operation.as_str()).collect();
    let secrets = faults.iter().filter(|fault| wants_versions(fault));
    let secrets: Vec<Location> = secrets
        .filter_map(|fault| Location::of_version_two(&fault.operation, &fault.target))
        .collect();
    let all = look(hands, &asked, (&paths, &secrets), seen).await;
    faults.iter().map(|fault| of_fault(&all, fault)).collect()
}

/// Looks for some of what could explain a fault.
pub(super) async fn gather_of(
    hands: &Hands,
    asked: &[Question],
    fault: &Fault,
    seen: &Observations,
) -> Looks {
    look(hands, asked, (&[&fault.operation], &[]), seen).await
}

/// Makes the looks, all at once: those at the capabilities on some paths, and at the
/// versions of some secrets, among them.
async fn look(
    hands: &Hands,
    asked: &[Question],
    (paths, secrets): (&[&str], &[Location]),
    seen: &Observations,
) -> Looks {
    let (aws, vault) = tokio::join!(
        aws::gather(hands, asked, seen),
        vault::gather(hands, asked, paths, secrets, seen),
    );
    Looks { aws, vault }
}

fn wants_capabilities(fault: &Fault) -> bool {
    questions(fault).contains(&Question::Capabilities)
}

fn wants_versions(fault: &Fault) -> bool {
    questions(fault).contains(&Question::Versions)
}

/// The looks that one of the faults is about: the capabilities and the versions are
/// those of its path.
fn of_fault(all: &Looks, fault: &Fault) -> Looks {
    if questions(fault).is_empty() {
        return Looks::default();
    }
    let mut looks = all.clone();
    let versions = &mut looks.vault.versions;
    versions.retain(|path, _| *path == fault.target && wants_versions(fault));
    match &mut looks.vault.capabilities {
        Look::Seen { value, .. } if wants_capabilities(fault) => {
            let forms = vault::forms(&fault.operation);
            value.retain(|path, _| forms.contains(path));
        }
        seen if !wants_capabilities(fault) => *seen = Look::NotMade,
        _ => {}
    }
    looks
}

/// Waits for a look, for a while.
pub(super) async fn within<T>(
    rights: &Rights,
    action: &str,
    target: &str,
    look: impl Future<Output = Result<T, Box<Fault>>>,
) -> Look<T> {
    let refused = |by: &str, because: String| {
        Look::Refused(Refused {
            action: action.to_owned(),
            target: target.to_owned(),
            by: by.to_owned(),
            because,
            with: rights.clone(),
        })
    };
    match tokio::time::timeout(DEADLINE, look).await {
        Ok(Ok(value)) => Look::Seen {
            value,
            with: rights.clone(),
        },
        Ok(Err(fault)) => refused(fault.side.name(), fault.message.clone()),
        Err(_) => refused(
            "network",
            format!("no answer within {} s", DEADLINE.as_secs()),
        ),
    }
}
