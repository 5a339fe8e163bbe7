//! What is there, on both sides. Data only.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::aws::roles::{ProfileSeen, RoleSeen};
use crate::vault::admin::{AuthMountSeen, SecretsMountSeen};

/// What was looked at; a side that was not is `None`.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    pub aws: Option<AwsObserved>,
    pub vault: Option<VaultObserved>,
}

/// AWS's side. What is not there is absent.
#[derive(Debug, Clone, Default)]
pub struct AwsObserved {
    /// By the name of the role.
    pub roles: BTreeMap<String, RoleSeen>,
    /// By the name of the instance profile.
    pub profiles: BTreeMap<String, ProfileSeen>,
    /// By the name of the role: the names of all instance profiles that hold
    /// it. Looked at only where a role is to go.
    pub holders: BTreeMap<String, Vec<String>>,
    /// The unique ids of others that Vault's role binds, by ARN, as far as this
    /// account has them.
    pub others_bound: BTreeMap<String, String>,
}

impl Observed {
    /// Tells whether the auth method's configuration holds static AWS keys.
    pub fn has_static_keys(&self) -> bool {
        let config = self
            .vault
            .as_ref()
            .and_then(|vault| vault.client_config.as_ref());
        let key = config.and_then(|config| config.get("access_key"));
        key.and_then(Value::as_str)
            .is_some_and(|key| !key.is_empty())
    }
}

/// Vault's side. What is not there is absent.
#[derive(Debug, Clone, Default)]
pub struct VaultObserved {
    pub auth_mount: Option<AuthMountSeen>,
    /// A mount above or below, where the wanted one is not there.
    pub auth_blocker: Option<String>,
    pub client_config: Option<Map<String, Value>>,
    pub auth_role: Option<Map<String, Value>>,
    /// All roles of the auth method, the wanted one among them if it is there.
    pub auth_roles: Vec<String>,
    pub policy: Option<String>,
    pub kv_mount: Option<SecretsMountSeen>,
    /// The same for the KV mount.
    pub kv_blocker: Option<String>,
}
