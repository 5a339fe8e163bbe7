//! A role of the method: whom it takes, and what token it gives.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::lab::vault::RoleChange;
use crate::lab::vault::mount::Mount;
use crate::lab::vault::random;
use crate::lab::vault::tokens::Asked;

/// The lists that bind a role, in the order in which they are judged.
pub(super) const BOUND: [&str; 9] = [
    "bound_account_id",
    "bound_region",
    "bound_ami_id",
    "bound_iam_instance_profile_arn",
    "bound_ec2_instance_id",
    "bound_iam_role_arn",
    "bound_iam_principal_arn",
    "bound_vpc_id",
    "bound_subnet_id",
];

#[derive(Debug, Clone)]
pub(in crate::lab::vault) struct Role {
    pub(super) role_id: String,
    pub(super) auth_type: String,
    /// The lists of [`BOUND`] that were written.
    pub(super) bound: BTreeMap<&'static str, Vec<String>>,
    /// The unique ids of the principals that are no wildcards.
    pub(super) principal_ids: Vec<String>,
    pub(super) resolves_ids: bool,
    pub(super) inferred_entity_type: String,
    pub(super) inferred_aws_region: String,
    pub(super) role_tag: String,
    pub(super) disallow_reauthentication: bool,
    pub(super) allow_instance_migration: bool,
    pub(super) token: TokenSettings,
    /// Fields under their older names, which are shown where they were written.
    pub(super) old_names: Map<String, Value>,
}

/// What token a login gives.
#[derive(Debug, Clone, Default)]
pub(super) struct TokenSettings {
    pub(super) bound_cidrs: Vec<String>,
    pub(super) explicit_max_ttl: u64,
    pub(super) max_ttl: u64,
    pub(super) no_default_policy: bool,
    pub(super) num_uses: i64,
    pub(super) period: u64,
    pub(super) policies: Vec<String>,
    pub(super) ttl: u64,
    pub(super) kind: TokenKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum TokenKind {
    #[default]
    Default,
    Service,
    Batch,
}

impl TokenKind {
    fn name(self) -> &'static str {
        match self {
            TokenKind::Default => "default",
            TokenKind::Service => "service",
            TokenKind::Batch => "batch",
        }
    }
}

impl Role {
    pub(super) fn new() -> Self {
        Role {
            role_id: random::uuid(),
            auth_type: String::new(),
            bound: BTreeMap::new(),
            principal_ids: Vec::new(),
            resolves_ids: true,
            inferred_entity_type: String::new(),
            inferred_aws_region: String::new(),
            role_tag: String::new(),
            disallow_reauthentication: false,
            allow_instance_migration: false,
            token: TokenSettings::default(),
            old_names: Map::new(),
        }
    }

    /// Changes it as nobody can who asks Vault.
    pub(in crate::lab::vault) fn change(&mut self, change: RoleChange) {
        match change {
            RoleChange::BoundTo { arns, unique_ids } => {
                self.resolves_ids = !unique_ids.is_empty();
                self.bound.insert("bound_iam_principal_arn", arns);
                self.principal_ids = unique_ids;
            }
            RoleChange::OfTypeEc2 => "ec2".clone_into(&mut self.auth_type),
            RoleChange::Infers { region } => {
                "ec2_instance".clone_into(&mut self.inferred_entity_type);
                self.inferred_aws_region = region;
            }
            RoleChange::Policies(policies) => self.token.policies = policies,
            RoleChange::BoundCidrs(cidrs) => self.token.bound_cidrs = cidrs,
            RoleChange::Ttl(seconds) => self.token.ttl = seconds,
            RoleChange::Uses(uses) => self.token.num_uses = i64::from(uses),
        }
    }

    pub(super) fn bound_to(&self, list: &str) -> &[String] {
        self.bound.get(list).map_or(&[], Vec::as_slice)
    }

    pub(super) fn principals(&self) -> &[String] {
        self.bound_to("bound_iam_principal_arn")
    }

    /// How long its tokens live.
    pub(super) fn lifetime(&self, mount: Option<&Mount>) -> Asked {
        Asked {
            ttl: self.token.ttl,
            max_ttl: self.token.max_ttl,
            explicit_max_ttl: self.token.explicit_max_ttl,
            period: self.token.period,
            default_lease: mount.map_or(0, Mount::default_lease),
            max_lease: mount.map_or(0, Mount::max_lease),
        }
    }

    pub(super) fn shown(&self) -> Value {
        let token = &self.token;
        let mut shown = json!({
            "allow_instance_migration": self.allow_instance_migration,
            "auth_type": self.auth_type,
            "bound_iam_principal_id": self.principal_ids,
            "disallow_reauthentication": self.disallow_reauthentication,
            "inferred_aws_region": self.inferred_aws_region,
            "inferred_entity_type": self.inferred_entity_type,
            "resolve_aws_unique_ids": self.resolves_ids,
            "role_id": self.role_id,
            "role_tag": self.role_tag,
            "token_bound_cidrs": token.bound_cidrs,
            "token_explicit_max_ttl": token.explicit_max_ttl,
            "token_max_ttl": token.max_ttl,
            "token_no_default_policy": token.no_default_policy,
            "token_num_uses": token.num_uses,
            "token_period": token.period,
            "token_policies": token.policies,
            "token_ttl": token.ttl,
            "token_type": token.kind.name(),
        });
        if let Some(shown) = shown.as_object_mut() {
            for list in BOUND {
                let written = self.bound.get(list);
                let value = match written {
                    // This one alone is nothing until it is written.
                    None if list == "bound_ec2_instance_id" => Value::Null,
                    _ => json!(self.bound_to(list)),
                };
                shown.insert(list.to_owned(), value);
            }
            shown.extend(self.old_names.clone());
        }
        shown
    }
}
