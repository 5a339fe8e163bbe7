//! Looking at both sides. Reads only; whatever can be asked at once is.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::desired::{Desired, DesiredVault};
use super::observed::Observed;
use crate::aws::roles::{IamReader, ProfileSeen, RoleSeen};
use crate::fault::Fault;
use crate::vault::admin::VaultReader;

/// The readers of the sides that are looked at.
pub struct Readers<'a> {
    pub iam: Option<&'a IamReader>,
    pub vault: Option<&'a VaultReader>,
    /// For the KV engine, which may lie in another namespace.
    pub kv: Option<&'a VaultReader>,
}

/// Looks at everything that is wanted. What is not looked at counts as absent.
///
/// # Errors
///
/// The first look that was refused or not answered.
pub async fn observe(readers: &Readers<'_>, desired: &Desired) -> Result<Observed, Box<Fault>> {
    let ((roles, profiles), vault, kv_mount) = tokio::try_join!(
        async {
            match readers.iam {
                Some(iam) => aws(iam, desired).await,
                None => Ok(Default::default()),
            }
        },
        async {
            match readers.vault {
                Some(reader) => vault(reader, &desired.vault).await,
                None => Ok(Observed::default()),
            }
        },
        async {
            match readers.kv {
                Some(reader) => reader.get_secrets_mount(&desired.vault.kv_mount).await,
                None => Ok(None),
            }
        },
    )?;
    Ok(Observed {
        roles,
        profiles,
        kv_mount,
        ..vault
    })
}

type Aws = (BTreeMap<String, RoleSeen>, BTreeMap<String, ProfileSeen>);

async fn aws(iam: &IamReader, desired: &Desired) -> Result<Aws, Box<Fault>> {
    let roles = try_join_all(desired.roles.iter().map(|role| iam.get_role(&role.name)));
    let profiles = try_join_all(
        desired
            .profiles
            .iter()
            .map(|profile| iam.get_instance_profile(&profile.name)),
    );
    let (roles, profiles) = tokio::try_join!(roles, profiles)?;
    let by_name = |role: RoleSeen| (role.name.clone(), role);
    let profile_by_name = |profile: ProfileSeen| (profile.name.clone(), profile);
    Ok((
        roles.into_iter().flatten().map(by_name).collect(),
        profiles
            .into_iter()
            .flatten()
            .map(profile_by_name)
            .collect(),
    ))
}

async fn vault(reader: &VaultReader, wanted: &DesiredVault) -> Result<Observed, Box<Fault>> {
    let (auth_mount, policy) = tokio::try_join!(
        reader.get_auth_mount(&wanted.auth_mount),
        reader.get_policy(&wanted.policy_name)
    )?;
    let mut observed = Observed {
        auth_mount,
        policy,
        ..Observed::default()
    };
    // Behind a mount that is not there, or is another method, nothing is asked.
    let is_wanted_kind = observed
        .auth_mount
        .as_ref()
        .is_some_and(|mount| mount.kind == wanted.auth_type);
    if is_wanted_kind {
        let (client_config, auth_role, auth_roles) = tokio::try_join!(
            reader.get_client_config(&wanted.auth_mount),
            reader.get_auth_role(&wanted.auth_mount, &wanted.role_name),
            reader.list_auth_roles(&wanted.auth_mount)
        )?;
        observed.client_config = client_config.map(|config| config.0);
        observed.auth_role = auth_role;
        observed.auth_roles = auth_roles;
    }
    Ok(observed)
}
