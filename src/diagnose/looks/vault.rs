//! What was seen in Vault.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Look;

/// Looks at Vault.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VaultLooks {
    /// What an empty login is told, which takes no token.
    pub login_kind: Look<LoginKind>,
    /// Whether a server id is wanted, seen without a token.
    pub server_id: Look<ServerId>,
    /// Which STS Vault asks, seen without a token.
    pub sts: Look<StsChoice>,
    /// The address from which this machine speaks to Vault. NAT changes it.
    pub own_address: Look<String>,
    /// The auth methods: path (without slash) and type.
    pub auth_mounts: Look<BTreeMap<String, String>>,
    pub auth_role: Look<Option<AuthRole>>,
    pub auth_roles: Look<Vec<String>>,
    /// `config/client`; keys are masked.
    pub client_config: Look<Option<Map<String, Value>>>,
    /// The entity that stands behind this login.
    pub entity: Look<Option<Entity>>,
    /// The namespaces below the one in which the login was tried.
    pub namespaces: Look<Vec<String>>,
    /// The accounts that have a `config/sts`.
    pub sts_accounts: Look<Vec<String>>,
    /// The secrets engines: path (without slash) and type; `kv1`, `kv2` for KV.
    pub secrets_mounts: Look<BTreeMap<String, String>>,
    /// The versions of secrets that can be read, the oldest first, by path.
    pub versions: BTreeMap<String, Look<Vec<u64>>>,
    /// Texts of ACL policies by name; `None` for one that does not exist.
    pub policies: BTreeMap<String, Look<Option<String>>>,
    /// The policies of the token that was refused.
    pub token_policies: Look<Vec<String>>,
    /// What that token may do, by API path.
    pub capabilities: Look<BTreeMap<String, Vec<String>>>,
}

/// What answers at the login's path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginKind {
    /// An aws auth method.
    Aws,
    /// An auth method of another type; what it shows of itself.
    Other(String),
    /// 403: no method with a login is mounted there, in this namespace.
    Nothing,
}

/// Whom Vault takes several logins for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    pub id: String,
    pub disabled: bool,
}

/// Whether Vault wants a server id header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerId {
    NotWanted,
    /// The id itself, where Vault told it: it is no secret.
    Wanted(Option<String>),
}

/// Which STS Vault hands the signed request to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StsChoice {
    /// That of the region that the client signed for.
    OfClient,
    /// Always the same one, whatever was signed for.
    Fixed,
}

/// A role of Vault's aws auth method, as Vault shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthRole(pub Map<String, Value>);

impl AuthRole {
    /// `iam` or `ec2`.
    pub fn auth_type(&self) -> &str {
        self.text("auth_type")
    }

    /// `bound_iam_principal_arn`.
    pub fn bound_arns(&self) -> Vec<&str> {
        self.texts("bound_iam_principal_arn")
    }

    /// `bound_iam_principal_id`: what is compared where ids are resolved.
    pub fn bound_ids(&self) -> Vec<&str> {
        self.texts("bound_iam_principal_id")
    }

    /// `resolve_aws_unique_ids`.
    pub fn resolves_ids(&self) -> bool {
        self.0
            .get("resolve_aws_unique_ids")
            .and_then(Value::as_bool)
            == Some(true)
    }

    /// `inferred_entity_type`: `ec2_instance`, or empty.
    pub fn inferred_entity(&self) -> &str {
        self.text("inferred_entity_type")
    }

    /// `inferred_aws_region`.
    pub fn inferred_region(&self) -> &str {
        self.text("inferred_aws_region")
    }

    /// What is bound of an EC2 instance: names and values of the fields that are
    /// set.
    pub fn instance_bounds(&self) -> Vec<(&'static str, Vec<&str>)> {
        const FIELDS: [&str; 7] = [
            "bound_account_id",
            "bound_ami_id",
            "bound_ec2_instance_id",
            "bound_iam_instance_profile_arn",
            "bound_iam_role_arn",
            "bound_subnet_id",
            "bound_vpc_id",
        ];
        let all = FIELDS.into_iter().map(|name| (name, self.texts(name)));
        all.filter(|(_, values)| !values.is_empty()).collect()
    }

    /// `token_bound_cidrs`.
    pub fn bound_cidrs(&self) -> Vec<&str> {
        self.texts("token_bound_cidrs")
    }

    /// The policies that the role hands out beside `default`.
    pub fn token_policies(&self) -> Vec<&str> {
        self.texts("token_policies")
    }

    /// A field of seconds.
    pub fn seconds(&self, name: &str) -> u64 {
        self.0.get(name).and_then(Value::as_u64).unwrap_or_default()
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A list; Vault writes an empty one as null at times.
    fn texts(&self, name: &str) -> Vec<&str> {
        let items = self.0.get(name).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }
}
