//! The IAM login, step by step.
//!
//! [`login`] lists the steps; each stands in a function of its own, records
//! itself in the trace and notes what it saw for the diagnosis.

mod cleanup;
mod step;
pub mod store;
pub mod token_source;
pub mod token_store;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_credential_types::Credentials;
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::aws::assume::Caller;
use crate::aws::credentials::{Found, Provider, Tried};
use crate::aws::profile::Profile;
use crate::aws::web_identity::Claims;
use crate::fault::Fault;
use crate::secret::Redactor;
use crate::settings::{Settings, StsMode};
use crate::trace::Trace;
use crate::vault::aws_auth::Issued;
use crate::vault::client::VaultClient;

pub use cleanup::{Cleanup, Ending};

/// What a command hands to everything it calls.
#[derive(Clone)]
pub struct Run {
    pub settings: Arc<Settings>,
    pub trace: Trace,
    pub redactor: Redactor,
    pub cleanup: Cleanup,
    /// Whether the steps that only explain are done too.
    pub depth: Depth,
    /// Takes what is said at once, and only to those who asked for more (`-v`).
    pub aside: Aside,
}

/// Takes a line for a person.
pub type Aside = Arc<dyn Fn(&str) + Send + Sync>;

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// No request more than the login needs.
    Needed,
    /// Also who we are, and what the token may do.
    Explained,
}

/// What the steps saw: the evidence for a diagnosis. A recorded trace holds it
/// as it stands here, without the keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Observations {
    pub region: Option<String>,
    pub tried: Vec<Tried>,
    /// Who gave the base credentials.
    pub provider: Option<Provider>,
    /// The AWS profile that was looked at.
    pub profile: Option<Profile>,
    /// What a web identity token claims that was refused.
    pub web_identity: Option<Claims>,
    /// The ARN of the base credentials, as STS says.
    pub caller: Option<String>,
    /// The ARN of the role that was, or was to be, assumed.
    pub assumed_role: Option<String>,
    /// The ARN of the assumed session.
    pub session: Option<String>,
    /// The unique id of the role or user that logs in.
    pub unique_id: Option<String>,
    /// AWS's clock minus ours.
    pub aws_skew_ms: Option<i64>,
    /// Vault's clock minus ours.
    pub vault_skew_ms: Option<i64>,
    /// Vault answered, so what is at its address is a Vault.
    pub vault_answered: bool,
    /// It told its health; a gateway may hide that.
    pub vault_told_health: bool,
    pub vault_version: Option<String>,
    pub sts_mode: Option<StsMode>,
    /// Region and URL that were signed for.
    pub signed_for: Option<(String, String)>,
    /// What is odd about the secret key's form, in words that tell nothing of it.
    pub secret_key_oddity: Option<String>,
    /// The base credentials are those of a user, without an end.
    pub has_long_term_keys: bool,
    /// STS took the base credentials in this run.
    pub keys_accepted: bool,
    /// The policies of the token that the login gave, those of its identity too.
    pub token_policies: Option<Vec<String>>,
    /// How often that token may be used, if not as often as one likes.
    pub token_uses: Option<u64>,
    /// What the token may do, by API path, as Vault says.
    pub capabilities: BTreeMap<String, Vec<String>>,
    /// Lines that the person should see although all went well.
    pub warnings: Vec<String>,
    /// The credentials themselves, for whoever looks for the cause of a failure.
    #[serde(skip)]
    pub keys: Keys,
}

/// The credentials of a run, as far as it came to have them.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    pub base: Option<Credentials>,
    /// Of the assumed session.
    pub session: Option<Credentials>,
}

/// Who runs the command, as AWS sees it.
#[derive(Debug)]
pub struct Operator {
    pub region: String,
    pub base: Found,
    pub caller: Caller,
}

/// Finds out where we are and whose credentials we have: the steps `settings`,
/// `credentials` and `caller`.
///
/// # Errors
///
/// The fault of the step that failed.
pub async fn identify(
    run: &Run,
    aws: &Aws,
    seen: &mut Observations,
) -> Result<Operator, Box<Fault>> {
    let region = step::region(run, aws, seen).await?;
    let base = step::credentials(run, aws, &region, seen).await?;
    let caller = step::caller(run, aws, &region, &base, seen).await?;
    Ok(Operator {
        region,
        base,
        caller,
    })
}

/// Finds out where we are, without any credentials: the step `settings`.
///
/// # Errors
///
/// No region, or one that is none.
pub async fn find_region(
    run: &Run,
    aws: &Aws,
    seen: &mut Observations,
) -> Result<String, Box<Fault>> {
    step::region(run, aws, seen).await
}

/// Looks at Vault's health: the step `vault`.
///
/// # Errors
///
/// Vault cannot be reached, or is sealed or not initialised.
pub async fn check_vault(
    run: &Run,
    vault: &VaultClient,
    seen: &mut Observations,
) -> Result<(), Box<Fault>> {
    let health = step::vault(run, vault).await;
    step::note_health(&health, seen);
    health.map(drop)
}

/// Logs in to Vault with AWS credentials. The token is registered with the
/// run's [`Cleanup`], so an interrupt revokes it; whoever keeps it says so
/// there. `wanted` are API paths whose capabilities are shown when explaining.
///
/// # Errors
///
/// The fault of the step that failed. What was seen until then is in `seen`.
pub async fn login(
    run: &Run,
    vault: &Arc<VaultClient>,
    wanted: &[String],
    seen: &mut Observations,
) -> Result<Arc<Issued>, Box<Fault>> {
    let aws = Aws::new(&run.settings.aws);
    let region = step::region(run, &aws, seen).await?;
    let base = step::credentials(run, &aws, &region, seen).await?;
    seen.keys.base = Some(base.credentials.clone());
    seen.provider = Some(base.provider);
    seen.has_long_term_keys = base.credentials.access_key_id().starts_with("AKIA");
    let caller = match run.depth {
        Depth::Explained => Some(step::caller(run, &aws, &region, &base, seen).await?),
        Depth::Needed => None,
    };
    let role = step::role_to_assume(run, &aws, &region, &base, caller, seen).await?;
    seen.assumed_role.clone_from(&role);
    let (health, mut assumed) = tokio::join!(
        step::vault(run, vault),
        step::assume(run, &aws, &region, &base, role.as_deref()),
    );
    step::note_assumed(run, &mut assumed, seen);
    step::note_health(&health, seen);
    health?;
    seen.keys.session = assumed.result?;
    let identity = seen.keys.session.clone().unwrap_or(base.credentials);
    let issued = login_as(run, vault, &identity, &region, seen).await?;
    if run.depth == Depth::Explained {
        step::token(run, vault, &issued, wanted, seen).await?;
    }
    Ok(issued)
}

/// Gets a session of the login role for an operator who is known already: the step
/// `assume`. `None` where the operator's own credentials are to log in.
///
/// # Errors
///
/// STS's refusal, or that it could not be reached.
pub async fn assume(
    run: &Run,
    aws: &Aws,
    operator: &Operator,
    seen: &mut Observations,
) -> Result<Option<Credentials>, Box<Fault>> {
    let Operator {
        region,
        base,
        caller,
    } = operator;
    seen.keys.base = Some(base.credentials.clone());
    let role = step::role_to_assume(run, aws, region, base, Some(caller.clone()), seen).await?;
    seen.assumed_role.clone_from(&role);
    let mut assumed = step::assume(run, aws, region, base, role.as_deref()).await;
    step::note_assumed(run, &mut assumed, seen);
    seen.keys.session = assumed.result?;
    Ok(seen.keys.session.clone())
}

/// Logs in with credentials that are at hand to a Vault whose health was seen: the
/// steps `sign` and `login`. The token is registered with the run's [`Cleanup`].
///
/// # Errors
///
/// The fault of the step that failed.
pub async fn login_as(
    run: &Run,
    vault: &Arc<VaultClient>,
    identity: &Credentials,
    region: &str,
    seen: &mut Observations,
) -> Result<Arc<Issued>, Box<Fault>> {
    let signed = step::sign(run, identity, region, seen)?;
    let issued = step::login(run, vault, signed, seen).await?;
    seen.warnings.extend(issued.warnings.iter().cloned());
    let policies = [&issued.token_policies[..], &issued.identity_policies].concat();
    seen.token_policies = Some(policies);
    seen.token_uses = issued.uses;
    Ok(issued)
}
