//! Looking at both sides. Reads only; whatever can be asked at once is, and
//! every look is a step of the trace.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all, join3};

use serde_json::{Map, Value};

use super::desired::{Desired, DesiredVault};
use super::diff::vault::bound_ids;
use super::observed::{AwsObserved, Observed, VaultObserved};
use crate::aws::identity::bare_name;
use crate::aws::roles::IamReader;
use crate::fault::{Fault, Side};
use crate::trace::{StepId, Trace};
use crate::vault::admin::VaultReader;
use crate::vault::namespace::with_variable;

/// The readers of the sides that are looked at.
pub struct Readers {
    pub iam: Option<IamReader>,
    pub vault: Option<VaultReaders>,
}

/// Vault, and its KV engine, which may lie in another namespace.
pub struct VaultReaders {
    pub auth: VaultReader,
    pub kv: VaultReader,
}

/// What a role hangs on is looked at only where it is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    SetUp,
    TearDown,
}

/// Looks at everything that is wanted.
///
/// # Errors
///
/// Every look that was refused or not answered: at least one.
pub async fn observe(
    readers: &Readers,
    desired: &Desired,
    purpose: Purpose,
    trace: &Trace,
) -> Result<Observed, Vec<Fault>> {
    let (aws, vault) = join(
        async {
            match &readers.iam {
                Some(iam) => Some(aws(iam, desired, purpose, trace).await),
                None => None,
            }
        },
        async {
            match &readers.vault {
                Some(readers) => Some(vault(readers, &desired.vault, trace).await),
                None => None,
            }
        },
    )
    .await;
    let mut faults = Vec::new();
    let mut observed = Observed {
        aws: aws.map(|(seen, refused)| {
            faults.extend(refused);
            seen
        }),
        vault: vault.map(|(seen, refused)| {
            faults.extend(refused);
            seen
        }),
    };
    if let (Some(iam), Some(aws), Some(vault)) = (&readers.iam, &mut observed.aws, &observed.vault)
        && let Some(role) = &vault.auth_role
    {
        aws.others_bound = others_bound(iam, desired, role, trace).await;
    }
    if faults.is_empty() {
        Ok(observed)
    } else {
        Err(faults)
    }
}

/// Looks at the other roles that Vault's role binds: writing its list makes Vault
/// look all of them up again. A look that is refused leaves one unknown.
async fn others_bound(
    iam: &IamReader,
    desired: &Desired,
    role: &Map<String, Value>,
    trace: &Trace,
) -> BTreeMap<String, String> {
    let account = desired
        .roles
        .first()
        .and_then(|role| role.arn.split(':').nth(4));
    let bound = bound_ids(role);
    let others = bound
        .keys()
        .filter(|arn| **arn != desired.vault.bound_arn && arn.split(':').nth(4) == account);
    let looks = others.map(async |arn| {
        let name = bare_name(arn);
        let command = ["aws", "iam", "get-role", "--role-name", name];
        let command = crate::shell::command(command);
        let answer = iam.get_role_identity(name);
        look(trace, Side::Iam, arn.clone(), command, answer).await
    });
    let seen = join_all(looks).await;
    let seen = seen.into_iter().filter_map(|answer| answer.ok().flatten());
    seen.map(|role| (role.arn, role.unique_id)).collect()
}

/// What was seen, and the looks that failed.
type Seen<T> = (T, Vec<Fault>);

async fn aws(
    iam: &IamReader,
    desired: &Desired,
    purpose: Purpose,
    trace: &Trace,
) -> Seen<AwsObserved> {
    let roles = join_all(desired.roles.iter().map(|role| {
        let resource = role.resource();
        let command = ["aws", "iam", "get-role", "--role-name", &role.name];
        look(
            trace,
            Side::Iam,
            resource.name(),
            crate::shell::command(command),
            iam.get_role(&role.name),
        )
    }));
    let profiles = join_all(desired.profiles.iter().map(|profile| {
        let command = [
            "aws",
            "iam",
            "get-instance-profile",
            "--instance-profile-name",
            &profile.name,
        ];
        look(
            trace,
            Side::Iam,
            profile.arn.clone(),
            crate::shell::command(command),
            iam.get_instance_profile(&profile.name),
        )
    }));
    let holders = join_all(desired.roles.iter().map(async |role| match purpose {
        Purpose::SetUp => Ok(Vec::new()),
        Purpose::TearDown => iam.list_instance_profiles_for_role(&role.name).await,
    }));
    let (roles, profiles, holders) = join3(roles, profiles, holders).await;
    let mut faults = Vec::new();
    let roles = kept(roles, &mut faults);
    let profiles = kept(profiles, &mut faults);
    let holders = kept(
        holders.into_iter().map(|answer| answer.map(Some)),
        &mut faults,
    );
    let holders: BTreeMap<String, Vec<String>> = desired
        .roles
        .iter()
        .zip(holders)
        .map(|(role, profiles)| {
            let names = profiles.into_iter().map(|profile| profile.name);
            (role.name.clone(), names.collect())
        })
        .collect();
    let seen = AwsObserved {
        roles: roles
            .into_iter()
            .map(|role| (role.name.clone(), role))
            .collect(),
        profiles: profiles
            .into_iter()
            .map(|profile| (profile.name.clone(), profile))
            .collect(),
        holders,
        others_bound: BTreeMap::new(),
    };
    (seen, faults)
}

async fn vault(
    readers: &VaultReaders,
    wanted: &DesiredVault,
    trace: &Trace,
) -> Seen<VaultObserved> {
    let mount = wanted.auth_mount_resource();
    let policy = wanted.policy_resource();
    let kv_mount = wanted.kv_mount_resource();
    let reader = &readers.auth;
    let namespace = wanted.namespace.as_deref();
    let (auth_mount, policy, kv_mount) = join3(
        look(
            trace,
            Side::Vault,
            mount.name(),
            with_variable(namespace, "vault auth list -detailed".to_owned()),
            reader.get_auth_mount(&wanted.auth_mount),
        ),
        look(
            trace,
            Side::Vault,
            policy.name(),
            with_variable(
                namespace,
                crate::shell::command(["vault", "policy", "read", &wanted.policy_name]),
            ),
            reader.get_policy(&wanted.policy_name),
        ),
        look(
            trace,
            Side::Vault,
            kv_mount.name(),
            with_variable(
                wanted.kv_namespace.as_deref(),
                "vault secrets list -detailed".to_owned(),
            ),
            readers.kv.get_secrets_mount(&wanted.kv_mount),
        ),
    )
    .await;
    let mut faults = Vec::new();
    let mut seen = VaultObserved {
        auth_mount: kept_one(auth_mount, &mut faults),
        policy: kept_one(policy, &mut faults),
        kv_mount: kept_one(kv_mount, &mut faults),
        ..VaultObserved::default()
    };
    if seen.auth_mount.is_none() {
        let blocker = reader.get_auth_blocker(&wanted.auth_mount).await;
        seen.auth_blocker = kept_one(blocker, &mut faults);
    }
    if seen.kv_mount.is_none() {
        let blocker = readers.kv.get_secrets_blocker(&wanted.kv_mount).await;
        seen.kv_blocker = kept_one(blocker, &mut faults);
    }
    // Behind a mount that is not there, or is another method, nothing is asked.
    let is_wanted_kind = seen
        .auth_mount
        .as_ref()
        .is_some_and(|mount| mount.kind == wanted.auth_type);
    if is_wanted_kind {
        behind_the_mount(reader, wanted, trace, &mut seen, &mut faults).await;
    }
    (seen, faults)
}

async fn behind_the_mount(
    reader: &VaultReader,
    wanted: &DesiredVault,
    trace: &Trace,
    seen: &mut VaultObserved,
    faults: &mut Vec<Fault>,
) {
    let mount = &wanted.auth_mount;
    let config = wanted.client_config_resource();
    let role = wanted.auth_role_resource();
    let ask = |verb: &str, path: &str| {
        let command = crate::shell::command(["vault", verb, path]);
        with_variable(wanted.namespace.as_deref(), command)
    };
    let list = format!("auth/{mount}/roles");
    let (config, role, roles) = join3(
        look(
            trace,
            Side::Vault,
            config.name(),
            ask("read", &format!("auth/{mount}/config/client")),
            reader.get_client_config(mount),
        ),
        look(
            trace,
            Side::Vault,
            role.name(),
            ask("read", &format!("auth/{mount}/role/{}", wanted.role_name)),
            reader.get_auth_role(mount, &wanted.role_name),
        ),
        look(
            trace,
            Side::Vault,
            format!("vault:{list}"),
            ask("list", &list),
            async { reader.list_auth_roles(mount).await.map(Some) },
        ),
    )
    .await;
    seen.client_config = kept_one(config, faults).map(|config| config.shown());
    seen.auth_role = kept_one(role, faults);
    seen.auth_roles = kept_one(roles, faults).unwrap_or_default();
}

/// Looks at one resource, as a step.
async fn look<T>(
    trace: &Trace,
    side: Side,
    resource: String,
    command: String,
    answer: impl Future<Output = Result<Option<T>, Box<Fault>>>,
) -> Result<Option<T>, Box<Fault>> {
    let mut step = trace.begin(StepId::Observe, side);
    step.fact("resource", resource);
    step.command(command);
    let answer = answer.await;
    match &answer {
        Ok(found) => {
            step.fact("found", found.is_some());
            step.succeed();
        }
        Err(fault) => {
            step.side(fault.side);
            step.request_id(fault.request_id.clone());
            step.fail(&fault.message);
        }
    }
    answer
}

fn kept<T>(
    answers: impl IntoIterator<Item = Result<Option<T>, Box<Fault>>>,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    answers
        .into_iter()
        .filter_map(|answer| kept_one(answer, faults))
        .collect()
}

fn kept_one<T>(answer: Result<Option<T>, Box<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    answer.unwrap_or_else(|fault| {
        faults.push(*fault);
        None
    })
}
