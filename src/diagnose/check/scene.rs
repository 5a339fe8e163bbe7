//! What the checks look at. Each look is made when the first check wants it, and
//! once; all others get the same.
//!
//! Whose rights a look takes: AWS is asked with the credentials of the run, and
//! with those of the profile that was named for it. Vault's documents are read
//! with the token that was allowed for it, else with that of the run's own login.

mod aws;
mod kv;
mod session;
mod vault;

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::aws::Aws;
use crate::aws::identity::PrincipalArn;
use crate::diagnose::looks::Rights;
use crate::diagnose::probe::AwsHand;
use crate::diagnose::{Evidence, Finding, Looks, explain};
use crate::fault::Fault;
use crate::login::{self, Observations, Operator, Run};
use crate::secret::Secret;
use crate::secrets::SecretPath;
use crate::settings::{AssumeTarget, Settings, SettingsError};
use crate::setup::desired::{Desired, DesiredRole, Ground, Part, desired};
use crate::vault::client::VaultClient;
use crate::vault::sys::sts_mode;

pub(super) use kv::{Engine, EngineSeen, Reach, Wanted};
pub(super) use session::{OwnLogin, OwnSession, Who};

/// The rights of an administrator that may be used.
#[derive(Default)]
pub struct Admin {
    pub token: Option<Secret>,
    pub aws: Option<AwsHand>,
}

/// Everything that can be looked at.
pub struct Scene {
    pub(super) run: Run,
    paths: Vec<SecretPath>,
    admin: Admin,
    aws: Aws,
    client: Result<Arc<VaultClient>, Box<Fault>>,
    standing: OnceCell<Standing>,
    setup: OnceCell<Result<Names, SettingsError>>,
    of_aws: aws::Cells,
    of_vault: vault::Cells,
    of_session: session::Cells,
    of_kv: kv::Cells,
}

/// Who runs this, and where.
pub(super) struct Standing {
    pub(super) operator: Result<Operator, Box<Fault>>,
    pub(super) seen: Observations,
}

/// What the settings ask for, and by which names.
pub(super) struct Names {
    pub(super) desired: Desired,
    /// The account was made up: nothing tells it.
    pub(super) account_is_unknown: bool,
}

/// Stands for an account that nothing tells: what does not hang on it can still be
/// looked at.
const NO_ACCOUNT: &str = "000000000000";

impl Scene {
    /// A scene in which nothing was looked at yet. Without `paths` it is about
    /// everything below the prefix.
    pub fn new(run: Run, paths: Vec<SecretPath>) -> Self {
        let aws = Aws::new(&run.settings.aws);
        let client = VaultClient::new(&run.settings.vault).map(Arc::new);
        Scene {
            run,
            paths,
            admin: Admin::default(),
            aws,
            client,
            standing: OnceCell::new(),
            setup: OnceCell::new(),
            of_aws: aws::Cells::default(),
            of_vault: vault::Cells::default(),
            of_session: session::Cells::default(),
            of_kv: kv::Cells::default(),
        }
    }

    /// Lets an administrator's rights be used.
    #[must_use]
    pub fn with_admin(self, admin: Admin) -> Self {
        Scene { admin, ..self }
    }

    /// The region in force, where one is known.
    pub async fn region(&self) -> Option<String> {
        self.standing().await.seen.region.clone()
    }

    /// What is to be read, as a person writes it.
    pub fn shown_paths(&self) -> Vec<String> {
        self.guessed().iter().map(Wanted::shown).collect()
    }

    /// What was typed behind `check` and is no setting.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.paths.iter().map(SecretPath::to_string).collect();
        if self.admin.token.is_some() {
            words.push("--admin".to_owned());
        }
        if let Some(Rights::AdminProfile(name)) = self.admin.aws.as_ref().map(|hand| &hand.rights) {
            words.extend(["--admin-profile".to_owned(), name.clone()]);
        }
        words
    }

    /// Tells whether it is about paths that were named.
    pub(super) fn has_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    pub(super) fn settings(&self) -> &Arc<Settings> {
        &self.run.settings
    }

    /// Vault's client; the fault says what is wrong with the address or with the
    /// TLS files.
    pub(super) fn client(&self) -> Result<&Arc<VaultClient>, &Fault> {
        self.client.as_ref().map_err(|fault| &**fault)
    }

    pub(super) async fn standing(&self) -> &Standing {
        let look = || async {
            let mut seen = Observations::default();
            let operator = login::identify(&self.run, &self.aws, &mut seen).await;
            Standing { operator, seen }
        };
        self.standing.get_or_init(look).await
    }

    /// What the settings ask for.
    pub(super) async fn names(&self) -> Result<&Names, &SettingsError> {
        let look = || async {
            let account = self.account().await;
            let account_is_unknown = account.is_none();
            let ground = Ground {
                account: account.unwrap_or_else(|| NO_ACCOUNT.to_owned()),
                region: self.region().await.unwrap_or_default(),
                sts: sts_mode(self.settings().vault.sts, self.vault_version().await),
            };
            Ok(Names {
                desired: desired(self.settings(), &ground)?,
                account_is_unknown,
            })
        };
        self.setup.get_or_init(look).await.as_ref()
    }

    /// The account of the roles: as the settings say, else that of whoever asks.
    async fn account(&self) -> Option<String> {
        let named = match &self.settings().aws.assume {
            AssumeTarget::Arn(arn) => PrincipalArn::parse(arn).map(|arn| arn.account),
            AssumeTarget::LoginRole { .. } | AssumeTarget::None => None,
        };
        let settings = self.settings().aws.account_id.clone().or(named);
        if settings.is_some() {
            return settings;
        }
        if let Ok(operator) = &self.standing().await.operator {
            return Some(operator.caller.account.clone());
        }
        self.admin_account().await
    }

    /// What a fault means, with what was seen until now.
    pub(super) fn explained(&self, fault: &Fault, seen: &Observations) -> Vec<Finding> {
        self.explained_with(fault, seen, Looks::default())
    }

    pub(super) fn explained_with(
        &self,
        fault: &Fault,
        seen: &Observations,
        looks: Looks,
    ) -> Vec<Finding> {
        let evidence = Evidence {
            settings: Arc::clone(self.settings()),
            seen: seen.clone(),
            looks,
            foreign_token: false,
        };
        explain(fault, &evidence)
    }
}

impl Names {
    /// A role of the set-up; none where this topology does without.
    pub(super) fn role(&self, part: Part) -> Option<&DesiredRole> {
        self.desired.roles.iter().find(|role| role.part == part)
    }

    /// KongRole's ARN.
    pub(super) fn kong(&self) -> &str {
        self.role(Part::Kong)
            .map(|role| role.arn.as_str())
            .unwrap_or_default()
    }

    /// The ARN of the role that logs in, and that Vault binds.
    pub(super) fn bound(&self) -> &str {
        &self.desired.vault.bound_arn
    }

    /// The ARN of the role that is assumed for the login; none where KongRole
    /// logs in itself.
    pub(super) fn login(&self) -> Option<&str> {
        self.role(Part::Login).map(|role| role.arn.as_str())
    }
}
