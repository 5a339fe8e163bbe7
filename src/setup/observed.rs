//! What is there, on both sides. Data only.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::aws::roles::{ProfileSeen, RoleSeen};
use crate::vault::admin::{AuthMountSeen, SecretsMountSeen};

/// Everything that a set-up looks at. What is not there is absent.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// By the name of the role.
    pub roles: BTreeMap<String, RoleSeen>,
    /// By the name of the instance profile.
    pub profiles: BTreeMap<String, ProfileSeen>,
    pub auth_mount: Option<AuthMountSeen>,
    pub client_config: Option<Map<String, Value>>,
    pub auth_role: Option<Map<String, Value>>,
    /// All roles of the auth method, the wanted one among them if it is there.
    pub auth_roles: Vec<String>,
    pub policy: Option<String>,
    pub kv_mount: Option<SecretsMountSeen>,
}
