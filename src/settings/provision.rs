//! What only the commands that set something up want to know.

use std::collections::BTreeMap;
use std::time::Duration;

use super::file::FileValue;
use super::resolve::{Resolver, trim_slashes};
use super::table::Id;
use super::value;

/// What Kong runs on: it decides who may assume KongRole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    Ec2,
    Ecs,
    EksPodIdentity,
    /// IAM roles for service accounts, over the cluster's OIDC provider.
    Irsa,
}

/// The type of the token that a login gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    Service,
    Batch,
}

impl TokenType {
    /// Vault's word.
    pub fn name(self) -> &'static str {
        match self {
            TokenType::Service => "service",
            TokenType::Batch => "batch",
        }
    }
}

/// The settings of a set-up.
#[derive(Debug, Clone)]
pub struct ProvisionSettings {
    /// Marks what belongs to this set-up.
    pub stack: String,
    pub workload: Workload,
    /// The IAM role that Vault's servers run with, where it is not the login
    /// role itself.
    pub server_role: Option<String>,
    pub permissions_boundary: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub auth_type: String,
    pub policy: String,
    pub ttl: Duration,
    pub max_ttl: Duration,
    pub bound_cidrs: Vec<String>,
    pub token_type: TokenType,
    pub num_uses: u32,
    /// Whether Vault binds the role's unique id beside its name.
    pub resolve_unique_ids: bool,
    pub aws_iam_endpoint: Option<String>,
    /// The mount of the KV engine that is made.
    pub kv_mount: String,
}

impl Resolver<'_> {
    /// The settings of a set-up.
    pub(super) fn provision(&self) -> ProvisionSettings {
        let seconds = |id| value::duration(&self.word(id)).unwrap_or_default();
        let (bound_cidrs, tags) = (self.values.get(&Id::BoundCidrs), self.values.get(&Id::Tags));
        ProvisionSettings {
            stack: self.word(Id::Stack),
            workload: match self.word(Id::Workload).as_str() {
                "ecs" => Workload::Ecs,
                "eks-pod-identity" => Workload::EksPodIdentity,
                "irsa" => Workload::Irsa,
                _ => Workload::Ec2,
            },
            server_role: self.text(Id::ServerRole),
            permissions_boundary: self.text(Id::PermissionsBoundary),
            tags: match tags {
                Some(FileValue::Map(tags)) => tags.clone(),
                _ => BTreeMap::new(),
            },
            auth_type: self.word(Id::AuthType),
            policy: self.word(Id::Policy),
            ttl: seconds(Id::Ttl),
            max_ttl: seconds(Id::MaxTtl),
            bound_cidrs: match bound_cidrs {
                Some(FileValue::List(cidrs)) => cidrs.clone(),
                _ => Vec::new(),
            },
            token_type: match self.word(Id::TokenType).as_str() {
                "batch" => TokenType::Batch,
                _ => TokenType::Service,
            },
            num_uses: self.word(Id::NumUses).parse().unwrap_or_default(),
            resolve_unique_ids: self.flag(Id::ResolveUniqueIds),
            aws_iam_endpoint: self.text(Id::AwsIamEndpoint),
            kv_mount: trim_slashes(&self.word(Id::KvMount)),
        }
    }
}
