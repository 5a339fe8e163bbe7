//! What the settings ask for, on both sides. Pure.

mod roles;
#[cfg(test)]
pub(in crate::setup) mod tests;
mod vault;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::plan::Resource;
use crate::settings::{
    KvVersion, Settings, SettingsError, SettingsProblem, StsMode, Topology, Workload,
};
use roles::{Names, kong_role, login_role, server_role};
use vault::vault;

/// What is ours in a role that may be somebody else's, and that several stacks
/// may share: statements by their ids, one inline policy by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnNames {
    pub assume_sid: String,
    pub server_sid: String,
    pub policy: String,
}

impl OwnNames {
    /// The names of a stack. The default stack's are bare.
    pub fn of(stack: &str) -> Self {
        let (sid, name) = if stack == DEFAULT_STACK {
            (String::new(), String::new())
        } else {
            (sid_of(stack), format!("-{stack}"))
        };
        OwnNames {
            assume_sid: format!("VaultiamAssume{sid}"),
            server_sid: format!("VaultiamServer{sid}"),
            policy: format!("vaultiam{name}"),
        }
    }

    /// Tells whether a statement id is one of ours.
    pub fn has_sid(&self, sid: &str) -> bool {
        sid == self.assume_sid || sid == self.server_sid
    }
}

/// The name of a stack in the letters and digits that a statement id may hold:
/// two stacks never share one.
fn sid_of(stack: &str) -> String {
    let mut sid = String::new();
    for character in stack.chars() {
        match character {
            '-' => sid.push_str("ZD"),
            '_' => sid.push_str("ZU"),
            '.' => sid.push_str("ZP"),
            'Z' => sid.push_str("ZZ"),
            _ => sid.push(character),
        }
    }
    sid
}

/// The stack that nobody named.
const DEFAULT_STACK: &str = "kong";

/// The tags that mark what is ours in AWS: what made it, and for which set-up.
pub const MANAGED_BY: (&str, &str) = ("managed-by", "vaultiam");
pub const STACK_TAG: &str = "vaultiam:stack";

/// Everything that a set-up wants to be there.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    pub roles: Vec<DesiredRole>,
    /// Instance profiles, each named as its role.
    pub profiles: Vec<DesiredProfile>,
    pub vault: DesiredVault,
}

/// What a role is to the set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Kong runs with it.
    Kong,
    /// It is assumed for the login, and Vault binds it.
    Login,
    /// Vault's servers run with it.
    Server,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredRole {
    pub part: Part,
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    pub arn: String,
    pub trust: Value,
    /// The names of what is ours in it.
    pub own: OwnNames,
    /// Our inline policy; `None` where the role needs no permission.
    pub policy: Option<Value>,
    pub tags: BTreeMap<String, String>,
    pub permissions_boundary: Option<String>,
}

/// An instance profile that holds the role of its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredProfile {
    pub name: String,
    pub path: String,
    pub arn: String,
    pub tags: BTreeMap<String, String>,
}

/// Vault's side.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredVault {
    /// Of the auth method and the policy.
    pub namespace: Option<String>,
    pub kv_namespace: Option<String>,
    pub auth_mount: String,
    pub auth_type: String,
    /// The mark of what is ours: a mount's description.
    pub description: String,
    /// Every field of `config/client` that we own. Writes merge, so each stands
    /// there whether it is set or not.
    pub client_config: Map<String, Value>,
    pub role_name: String,
    /// The ARN of the role that Vault binds.
    pub bound_arn: String,
    /// Every field of the role that we own, likewise.
    pub role: Map<String, Value>,
    pub policy_name: String,
    pub policy: String,
    pub kv_mount: String,
    /// What the policy lets be read, below the mount.
    pub kv_prefix: String,
    pub kv_version: KvVersion,
}

/// What the settings may leave open and the run found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The account of the roles for which the settings name none.
    pub account: String,
    pub region: String,
    pub sts: StsMode,
}

/// Works out what the settings ask for.
///
/// # Errors
///
/// The settings contradict themselves, or leave out what is needed.
pub fn desired(settings: &Settings, ground: &Ground) -> Result<Desired, SettingsError> {
    refuse_fractions(settings)?;
    let names = Names::of(settings, &ground.account, &ground.region)?;
    let mut roles = vec![kong_role(settings, &names)?];
    if settings.topology != Topology::Direct {
        roles.push(login_role(settings, &names));
    }
    let has_server_role = match settings.topology {
        Topology::Article => false,
        Topology::Separate => true,
        Topology::Direct => settings.provision.server_role.is_some(),
    };
    if has_server_role {
        roles.push(server_role(settings, &names));
    }
    let profiles = roles
        .iter()
        .filter(|role| has_instance_profile(role.part, settings))
        .map(DesiredRole::profile)
        .collect();
    Ok(Desired {
        roles,
        profiles,
        vault: vault(settings, &names, ground)?,
    })
}

/// Vault counts lifetimes in whole seconds, and takes none for its own default.
fn refuse_fractions(settings: &Settings) -> Result<(), SettingsError> {
    let lifetimes = [
        ("vault.ttl", settings.provision.ttl),
        ("vault.max_ttl", settings.provision.max_ttl),
    ];
    match lifetimes.iter().find(|(_, time)| time.subsec_nanos() > 0) {
        None => Ok(()),
        Some((place, _)) => Err(SettingsError::new(
            SettingsProblem::WrongValue,
            *place,
            "must be whole seconds",
        )),
    }
}

impl Desired {
    /// Leaves out what lies in other accounts than `account`: one run changes
    /// one account. Returns the ARNs of the roles that were left out.
    pub fn keep_account(&mut self, account: &str) -> Vec<String> {
        let is_here = |arn: &str| arn.split(':').nth(4) == Some(account);
        let (here, elsewhere) = std::mem::take(&mut self.roles)
            .into_iter()
            .partition(|role| is_here(&role.arn));
        self.roles = here;
        self.profiles.retain(|profile| is_here(&profile.arn));
        elsewhere.into_iter().map(|role| role.arn).collect()
    }

    /// Adds the instance profile of every role's name: another topology may have
    /// made one, and what is ours of it is to go too.
    pub fn add_profiles(&mut self) {
        for role in &self.roles {
            if !self
                .profiles
                .iter()
                .any(|profile| profile.name == role.name)
            {
                self.profiles.push(role.profile());
            }
        }
    }

    /// Everything that is wanted, by name.
    pub fn resources(&self) -> Vec<Resource> {
        let vault = &self.vault;
        let mut all: Vec<Resource> = self
            .roles
            .iter()
            .flat_map(|role| {
                let policy = role.policy.as_ref().map(|_| role.policy_resource());
                [Some(role.resource()), policy].into_iter().flatten()
            })
            .collect();
        all.extend(self.profiles.iter().map(DesiredProfile::resource));
        all.extend([
            vault.auth_mount_resource(),
            vault.client_config_resource(),
            vault.policy_resource(),
            vault.kv_mount_resource(),
            vault.auth_role_resource(),
        ]);
        all
    }
}

impl DesiredRole {
    /// The instance profile of its name.
    fn profile(&self) -> DesiredProfile {
        DesiredProfile {
            name: self.name.clone(),
            path: self.path.clone(),
            arn: self.arn.replacen(":role/", ":instance-profile/", 1),
            tags: self.tags.clone(),
        }
    }

    pub fn resource(&self) -> Resource {
        Resource::Role {
            arn: self.arn.clone(),
        }
    }

    pub fn policy_resource(&self) -> Resource {
        Resource::InlinePolicy {
            role_arn: self.arn.clone(),
            name: self.own.policy.clone(),
        }
    }
}

impl DesiredProfile {
    pub fn resource(&self) -> Resource {
        Resource::InstanceProfile {
            arn: self.arn.clone(),
        }
    }
}

impl DesiredVault {
    pub fn auth_mount_resource(&self) -> Resource {
        Resource::AuthMount {
            namespace: self.namespace.clone(),
            path: self.auth_mount.clone(),
        }
    }

    pub fn client_config_resource(&self) -> Resource {
        Resource::ClientConfig {
            namespace: self.namespace.clone(),
            mount: self.auth_mount.clone(),
        }
    }

    pub fn auth_role_resource(&self) -> Resource {
        Resource::AuthRole {
            namespace: self.namespace.clone(),
            mount: self.auth_mount.clone(),
            name: self.role_name.clone(),
        }
    }

    pub fn policy_resource(&self) -> Resource {
        Resource::Policy {
            namespace: self.namespace.clone(),
            name: self.policy_name.clone(),
        }
    }

    pub fn kv_mount_resource(&self) -> Resource {
        Resource::KvMount {
            namespace: self.kv_namespace.clone(),
            path: self.kv_mount.clone(),
        }
    }
}

/// Kong's instance needs a profile; so does Vault's own. Where Vault's servers
/// have a role already they have a profile too: then none is planned.
fn has_instance_profile(part: Part, settings: &Settings) -> bool {
    match part {
        Part::Kong => settings.provision.workload == Workload::Ec2,
        Part::Login => settings.topology == Topology::Article,
        Part::Server => true,
    }
}
