//! What the checks look at. Each look is made when the first check wants it, and
//! once; all others get the same.
//!
//! Whose rights a look takes: AWS is asked with the credentials of the run, and
//! with those of the profile that was named for it. Vault's documents are read
//! with the token that was allowed for it, else with that of the run's own login.

mod after;
mod aws;
mod kv;
mod local;
mod once;
mod session;
mod vault;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use once::Once;

use crate::aws::Aws;
use crate::aws::credentials::Provider;
use crate::aws::identity::PrincipalArn;
use crate::diagnose::looks::Rights;
use crate::diagnose::probe::AwsHand;
use crate::diagnose::{Evidence, Finding, Looks, explain};
use crate::fault::{Cause, Fault, LocalProblem, Side};
use crate::login::{self, Cleanup, Depth, Observations, Operator, Run};
use crate::secret::{Redactor, Secret, mask_middle};
use crate::secrets::SecretPath;
use crate::settings::{AssumeTarget, Settings, SettingsError, Workload};
use crate::setup::desired::{Desired, DesiredRole, Ground, Part, desired};
use crate::trace::{StepId, Trace};
use crate::vault::client::VaultClient;
use crate::vault::sys::sts_mode;

pub use kv::shown_paths;
pub(super) use kv::{Engine, EngineSeen, Reach, Wanted};
pub(super) use local::KeptToken;
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
    /// What was typed behind `check` and is no setting.
    words: Vec<String>,
    admin: Admin,
    aws: Aws,
    client: Result<Arc<VaultClient>, Box<Fault>>,
    setup: OnceCell<Result<Names, SettingsError>>,
    /// The credentials of the run.
    own_hand: OnceCell<AwsHand>,
    sights: Sights,
}

/// What was seen, as a recorded run keeps it. Keys and tokens are no part of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sights {
    standing: Once<Standing>,
    kept_token: Once<KeptToken>,
    aws: aws::Cells,
    vault: vault::Cells,
    session: session::Cells,
    kv: kv::Cells,
}

/// Who runs this, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Standing {
    pub(super) who: Result<Asker, Box<Fault>>,
    pub(super) seen: Observations,
    /// With the keys; not where it was recorded.
    #[serde(skip)]
    operator: Option<Arc<Operator>>,
}

/// Whoever runs this.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Asker {
    pub(super) provider: Provider,
    /// Its key, masked.
    pub(super) key: String,
    /// The credentials are those of the instance this runs on.
    pub(super) has_instance_role: bool,
    pub(super) arn: String,
    pub(super) account: String,
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
        let client = VaultClient::new(&run.settings.vault).map(Arc::new);
        Scene::with(run, paths, client, Sights::default())
    }

    /// What was recorded of a run: nothing is looked at.
    pub fn recorded(
        settings: Arc<Settings>,
        paths: Vec<SecretPath>,
        words: Vec<String>,
        mut sights: Sights,
    ) -> Self {
        let not_recorded = || {
            let words = "it was not recorded";
            let cause = Cause::Local(LocalProblem::MalformedSetting);
            Box::new(Fault::new(
                StepId::Settings,
                Side::Local,
                "",
                "",
                cause,
                words,
            ))
        };
        if sights.standing.get().is_none() {
            sights.standing = Once::of(Some(Standing {
                who: Err(not_recorded()),
                seen: Observations::default(),
                operator: None,
            }));
        }
        if sights.kept_token.get().is_none() {
            let unseen = KeptToken::Unseen(not_recorded().message);
            sights.kept_token = Once::of(Some(unseen));
        }
        let run = Run {
            settings,
            trace: Trace::new(Box::new(|_| ())),
            redactor: Redactor::default(),
            cleanup: Cleanup::default(),
            depth: Depth::Needed,
            aside: Arc::new(|_| ()),
        };
        Scene {
            words,
            ..Scene::with(run, paths, Err(not_recorded()), sights)
        }
    }

    fn with(
        run: Run,
        paths: Vec<SecretPath>,
        client: Result<Arc<VaultClient>, Box<Fault>>,
        sights: Sights,
    ) -> Self {
        Scene {
            words: paths.iter().map(SecretPath::to_string).collect(),
            aws: Aws::new(&run.settings.aws),
            run,
            paths,
            admin: Admin::default(),
            client,
            setup: OnceCell::new(),
            own_hand: OnceCell::new(),
            sights,
        }
    }

    /// Lets an administrator's rights be used.
    #[must_use]
    pub fn with_admin(mut self, admin: Admin) -> Self {
        if admin.token.is_some() {
            self.words.push("--admin".to_owned());
        }
        if let Some(Rights::AdminProfile(name)) = admin.aws.as_ref().map(|hand| &hand.rights) {
            self.words
                .extend(["--admin-profile".to_owned(), name.clone()]);
        }
        Scene { admin, ..self }
    }

    /// What was seen until now.
    pub fn sights(&self) -> &Sights {
        &self.sights
    }

    /// What was typed behind `check` and is no setting.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The region in force, where one is known.
    pub async fn region(&self) -> Option<String> {
        self.standing().await.seen.region.clone()
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
            let (who, operator) = match operator {
                Ok(operator) => (Ok(Asker::of(&operator)), Some(Arc::new(operator))),
                Err(fault) => (Err(fault), None),
            };
            Standing {
                who,
                seen,
                operator,
            }
        };
        self.sights.standing.get_or_init(look).await
    }

    /// What the settings ask for.
    pub(super) async fn names(&self) -> Result<&Names, &SettingsError> {
        let look = || async {
            let account = self.account().await;
            let account_is_unknown = account.is_none();
            let ground = Ground {
                account: account.unwrap_or_else(|| NO_ACCOUNT.to_owned()),
                region: self.region().await.unwrap_or_default(),
                // Vault's version would tell, and AWS's side does not wait for Vault.
                sts: sts_mode(self.settings().vault.sts, None),
            };
            // The trust of a role for IRSA is nothing that a set-up can make; all else is.
            let mut settings = Settings::clone(self.settings());
            if settings.provision.workload == Workload::Irsa {
                settings.provision.workload = Workload::Ec2;
            }
            Ok(Names {
                desired: desired(&settings, &ground)?,
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
        if let Ok(who) = &self.standing().await.who {
            return Some(who.account.clone());
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

/// Said where the account of the roles is not known.
pub(super) const ACCOUNT_UNKNOWN: &str = "nothing tells the AWS account: name it with aws.account_id, or give credentials that STS takes";

impl Asker {
    fn of(operator: &Operator) -> Self {
        let Operator { base, caller, .. } = operator;
        Asker {
            provider: base.provider,
            key: mask_middle(base.credentials.access_key_id()),
            has_instance_role: base.instance_role.is_some(),
            arn: caller.arn.clone(),
            account: caller.account.clone(),
        }
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
