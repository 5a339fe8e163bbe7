//! Who we are on both sides, and what the settings ask for here.

use std::sync::Arc;

use crate::aws::Aws;
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::aws::roles::{Access, Iam, IamReader, IamWriter};
use crate::fault::{Cause, Fault, LocalProblem, SetupProblem, Side};
use crate::login::token_source;
use crate::login::{self, Observations, Operator};
use crate::secret::Secret;
use crate::settings::{AssumeTarget, Settings, SettingsError, SettingsProblem, TokenSource};
use crate::setup::apply::{VaultWriters, Writers};
use crate::setup::desired::{Desired, Ground, desired};
use crate::setup::lint;
use crate::setup::observe::{Readers, VaultReaders};
use crate::setup::plan::Resource;
use crate::setup::teardown::DeleteSecrets;
use crate::trace::StepId;
use crate::vault::admin::{VaultReader, VaultWriter};
use crate::vault::client::VaultClient;
use crate::vault::sys::{is_too_old, sts_mode};

use super::{Context, Goal, ProvisionArguments, Report, Sides};

/// Everything that a set-up works with.
pub(super) struct Prepared {
    pub(super) desired: Desired,
    pub(super) readers: Readers,
    pub(super) writers: Writers,
    /// The ARN of the user or role behind the credentials, where it is known.
    pub(super) principal: Option<String>,
    pub(super) seen: Observations,
}

impl Prepared {
    /// Who makes the changes where, in one line.
    pub(super) fn who(&self, settings: &Settings) -> String {
        let aws = self.readers.iam.as_ref().and(self.seen.caller.as_ref());
        let vault = self.readers.vault.as_ref().map(|_| {
            let namespace = settings.vault.namespace.as_ref();
            let namespace = namespace.map(|name| format!(", namespace {name}"));
            format!(
                "a token of Vault at {}{}",
                settings.vault.address,
                namespace.unwrap_or_default()
            )
        });
        let sides = [aws.cloned(), vault];
        sides
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" and ")
    }
}

/// Finds out who we are, whether Vault can be used, and what is wanted.
pub(super) async fn prepare(
    arguments: &ProvisionArguments,
    context: &Context,
) -> Result<Prepared, Box<Report>> {
    let mut seen = Observations::default();
    let standing = ground(arguments, context, &mut seen).await;
    for warning in &seen.warnings {
        context.warn(warning);
    }
    let ground = match standing {
        Ok(ground) => ground,
        Err(fault) => {
            let mut report = Report::of_faults(context, &seen, vec![*fault]);
            if !arguments.sides.has_aws() && seen.caller.is_none() {
                report.name_account();
            }
            return Err(Box::new(report));
        }
    };
    let settings = &context.run.settings;
    if let (Goal::SetUp(_), Some(fault)) = (&arguments.goal, too_old(settings, &seen)) {
        return Err(Box::new(Report::of_faults(context, &seen, vec![*fault])));
    }
    let mut desired =
        desired(settings, &ground.found).map_err(|error| Box::new(Report::of_settings(&error)))?;
    if matches!(arguments.goal, Goal::TearDown(_)) {
        desired.add_profiles();
    }
    if let Some(operator) = &ground.operator {
        let account = &operator.caller.account;
        let elsewhere = desired.keep_account(account);
        if desired.roles.is_empty() {
            let wanted = elsewhere.first().and_then(|arn| arn.split(':').nth(4));
            let fault = other_account(&operator.caller.arn, account, wanted.unwrap_or_default());
            return Err(Box::new(Report::of_faults(context, &seen, vec![*fault])));
        }
        for arn in elsewhere {
            context.inform(&format!(
                "{arn} lies in another account: set it up with credentials of that account, --only aws"
            ));
        }
    }
    let refused = lint::check(&desired);
    if !refused.is_empty() {
        return Err(Box::new(Report::of_lint(&refused)));
    }
    let iam = match &ground.operator {
        Some(operator) => Some(ground.iam(settings, operator).await),
        None => None,
    };
    let principal = match (&ground.operator, &iam) {
        (Some(operator), Some(iam)) => principal(&operator.caller.arn, iam).await,
        _ => None,
    };
    refuse_unknown_names(&arguments.goal, &desired)?;
    Ok(Prepared {
        desired,
        readers: Readers {
            iam: iam.as_ref().map(IamReader::new),
            vault: ground.vault.as_ref().map(|vault| VaultReaders {
                auth: vault.reader(settings.vault.namespace.clone()),
                kv: vault.reader(settings.kv.namespace.clone()),
            }),
        },
        writers: Writers {
            iam: iam.as_ref().map(IamWriter::new),
            vault: ground.vault.as_ref().map(|vault| VaultWriters {
                auth: vault.writer(settings.vault.namespace.clone()),
                kv: vault.writer(settings.kv.namespace.clone()),
            }),
        },
        principal,
        seen,
    })
}

/// Where we stand: account and region, the operator, Vault and its token.
struct Standing {
    found: Ground,
    aws: Aws,
    /// `None` where AWS's side is left alone.
    operator: Option<Operator>,
    vault: Option<VaultAccess>,
}

impl Standing {
    async fn iam(&self, settings: &Settings, operator: &Operator) -> Iam {
        Iam::new(&Access {
            http: &self.aws.http,
            profile: settings.aws.profile.as_deref(),
            region: &operator.region,
            credentials: &operator.base.credentials,
        })
        .await
    }
}

struct VaultAccess {
    client: Arc<VaultClient>,
    token: Secret,
}

impl VaultAccess {
    fn reader(&self, namespace: Option<String>) -> VaultReader {
        VaultReader::new(Arc::clone(&self.client), namespace, self.token.clone())
    }

    fn writer(&self, namespace: Option<String>) -> VaultWriter {
        VaultWriter::new(Arc::clone(&self.client), namespace, self.token.clone())
    }
}

/// AWS and Vault are asked at the same time.
async fn ground(
    arguments: &ProvisionArguments,
    context: &Context,
    seen: &mut Observations,
) -> Result<Standing, Box<Fault>> {
    let run = &context.run;
    let settings = &run.settings;
    let aws = Aws::new(&settings.aws);
    let named_account = match arguments.sides {
        // Vault's half needs the login role alone.
        Sides::Vault => account_of(settings).or_else(|| login_account_of(settings)),
        Sides::Both | Sides::Aws => account_of(settings),
    };
    let mut of_vault = Observations::default();
    let (who, vault) = tokio::join!(
        async {
            if arguments.sides.has_aws() || named_account.is_none() {
                let operator = login::identify(run, &aws, seen).await?;
                Ok::<_, Box<Fault>>((operator.region.clone(), Some(operator)))
            } else {
                Ok((login::find_region(run, &aws, seen).await?, None))
            }
        },
        async {
            if arguments.sides.has_vault() {
                vault_access(context, &mut of_vault).await.map(Some)
            } else {
                Ok(None)
            }
        },
    );
    seen.vault_answered = of_vault.vault_answered;
    seen.vault_version = of_vault.vault_version;
    seen.vault_skew_ms = of_vault.vault_skew_ms;
    let (region, operator) = who?;
    let vault = vault?;
    let account = named_account
        .or_else(|| {
            operator
                .as_ref()
                .map(|operator| operator.caller.account.clone())
        })
        .unwrap_or_default();
    Ok(Standing {
        found: Ground {
            account,
            region,
            sts: sts_mode(settings.vault.sts, seen.vault_version.as_deref()),
        },
        aws,
        operator: operator.filter(|_| arguments.sides.has_aws()),
        vault,
    })
}

/// The account that the settings themselves name.
fn account_of(settings: &Settings) -> Option<String> {
    settings.aws.account_id.clone()
}

/// The account of the login role, where the settings name it.
fn login_account_of(settings: &Settings) -> Option<String> {
    match &settings.aws.assume {
        AssumeTarget::Arn(arn) => Some(PrincipalArn::parse(arn)?.account),
        AssumeTarget::LoginRole { account } => account.clone(),
        AssumeTarget::None => None,
    }
}

/// Vault, and the operator's token: VAULT_TOKEN or the stored one. A login as
/// Kong would have no rights here.
async fn vault_access(
    context: &Context,
    seen: &mut Observations,
) -> Result<VaultAccess, Box<Fault>> {
    let settings = &context.run.settings.vault;
    let client = Arc::new(VaultClient::new(settings)?);
    let source = match settings.token_source {
        TokenSource::Aws => TokenSource::Auto,
        source => source,
    };
    let ready = token_source::find(settings, source)
        .await
        .map_err(|error| {
            Box::new(Fault::local(
                StepId::Vault,
                LocalProblem::NoToken,
                "token",
                error.to_string(),
            ))
        })?;
    let Some(ready) = ready else {
        return Err(Box::new(Fault::new(
            StepId::Vault,
            Side::Local,
            "token",
            "VAULT_TOKEN",
            Cause::Local(LocalProblem::NoToken),
            "no token of an operator of Vault: neither VAULT_TOKEN nor a stored one",
        )));
    };
    context.run.redactor.learn(&ready.token);
    login::check_vault(&context.run, &client, seen).await?;
    Ok(VaultAccess {
        client,
        token: ready.token,
    })
}

/// The user or role behind a caller: what AWS's simulator takes. The path of a
/// role is not in a session's ARN, so the role is asked for.
async fn principal(caller: &str, iam: &Iam) -> Option<String> {
    match PrincipalArn::parse(caller)?.kind {
        PrincipalKind::User { .. } => Some(caller.to_owned()),
        PrincipalKind::AssumedRole { role, .. } => {
            let identity = IamReader::new(iam).get_role_identity(&role).await;
            Some(identity.ok()??.arn)
        }
        _ => None,
    }
}

/// What is to be adopted or deleted must be something of this set-up: a slip of
/// the fingers must not pass for a decision.
fn refuse_unknown_names(goal: &Goal, desired: &Desired) -> Result<(), Box<Report>> {
    let wrong = |flag: &str, words: String| {
        let error = SettingsError::new(SettingsProblem::Usage, flag, words);
        Err(Box::new(Report::of_settings(&error)))
    };
    match goal {
        Goal::SetUp(decisions) => {
            let known: Vec<String> = desired.resources().iter().map(Resource::name).collect();
            match decisions.adopt.iter().find(|name| !known.contains(*name)) {
                None => Ok(()),
                Some(name) => wrong(
                    "--adopt",
                    format!(
                        "'{name}' is nothing that this set-up wants; it wants {}",
                        known.join(", ")
                    ),
                ),
            }
        }
        Goal::TearDown(DeleteSecrets(Some(named)))
            if named.trim_matches('/') != desired.vault.kv_mount =>
        {
            wrong(
                "--delete-secrets",
                format!(
                    "'{named}' is not the KV engine of this set-up, which is {}; --kv-mount names another",
                    desired.vault.kv_mount
                ),
            )
        }
        Goal::TearDown(_) => Ok(()),
    }
}

/// An old Vault drops a field that it does not know without a word.
fn too_old(settings: &Settings, seen: &Observations) -> Option<Box<Fault>> {
    let version = seen.vault_version.as_deref()?;
    let mode = settings.vault.sts?;
    is_too_old(mode, Some(version)).then(|| {
        Box::new(Fault::new(
            StepId::Vault,
            Side::Vault,
            "vault.sts",
            version,
            Cause::Setup(SetupProblem::VaultTooOld),
            format!(
                "Vault {version} cannot ask the STS of the client's region (vault.sts: {}), which Vault can from 1.15 on",
                mode.name()
            ),
        ))
    })
}

/// The credentials belong to an account in which nothing is to be done.
fn other_account(arn: &str, account: &str, wanted: &str) -> Box<Fault> {
    Box::new(Fault::new(
        StepId::Caller,
        Side::Local,
        "caller",
        arn,
        Cause::Setup(SetupProblem::OtherAccount),
        format!("{arn} is in the account {account}; the settings name roles in {wanted}"),
    ))
}
