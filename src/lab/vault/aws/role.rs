//! A role of the method: whom it takes, and what token it gives.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::lab::random;
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

/// A role; the fields have the names that Vault gives them.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Role {
    /// In small letters.
    #[serde(skip)]
    pub(super) name: String,
    pub(super) role_id: String,
    pub(super) auth_type: String,
    /// The lists of [`BOUND`]; one of them is nothing until it is written.
    #[serde(flatten)]
    pub(super) bound: BTreeMap<&'static str, Option<Vec<String>>>,
    /// The unique ids of the principals that are no wildcards.
    pub(super) bound_iam_principal_id: Vec<String>,
    pub(super) resolve_aws_unique_ids: bool,
    pub(super) inferred_entity_type: String,
    pub(super) inferred_aws_region: String,
    pub(super) token_bound_cidrs: Vec<String>,
    pub(super) token_explicit_max_ttl: u64,
    pub(super) token_max_ttl: u64,
    pub(super) token_no_default_policy: bool,
    pub(super) token_num_uses: i64,
    pub(super) token_period: u64,
    pub(super) token_policies: Vec<String>,
    pub(super) token_ttl: u64,
    pub(super) token_type: TokenType,
    // Of roles of the type `ec2`; nobody here sets them.
    role_tag: String,
    disallow_reauthentication: bool,
    allow_instance_migration: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TokenType {
    #[default]
    Default,
    Service,
    Batch,
}

impl Role {
    pub(super) fn new(name: &str) -> Self {
        let bound = BOUND.map(|list| (list, Some(Vec::new())));
        let mut bound = BTreeMap::from(bound);
        bound.insert("bound_ec2_instance_id", None);
        Role {
            name: name.to_owned(),
            auth_type: "iam".to_owned(),
            role_id: random::uuid(),
            bound,
            resolve_aws_unique_ids: true,
            ..Role::default()
        }
    }

    pub(super) fn bound_to(&self, list: &str) -> &[String] {
        let bound = self.bound.get(list).and_then(Option::as_deref);
        bound.unwrap_or_default()
    }

    pub(super) fn principals(&self) -> &[String] {
        self.bound_to("bound_iam_principal_arn")
    }

    /// Whether sessions are taken for EC2 instances.
    pub(super) fn infers(&self) -> bool {
        !self.inferred_entity_type.is_empty()
    }

    /// How long its tokens live.
    pub(super) fn lifetime(&self, leases: Asked) -> Asked {
        Asked {
            ttl: self.token_ttl,
            max_ttl: self.token_max_ttl,
            explicit_max_ttl: self.token_explicit_max_ttl,
            period: self.token_period,
            ..leases
        }
    }
}

/// An address, or a range of them.
pub(super) fn range(cidr: &str) -> Option<IpNet> {
    let range = cidr.parse::<IpNet>();
    range
        .or_else(|_| cidr.parse::<IpAddr>().map(IpNet::from))
        .ok()
}

/// Tells whether ranges, none of which means all, hold the address from which the
/// lab is asked.
pub(in crate::lab::vault) fn holds_loopback(cidrs: &[String]) -> bool {
    let holds = |range: IpNet| range.contains(&IpAddr::from(Ipv4Addr::LOCALHOST));
    cidrs.is_empty() || cidrs.iter().filter_map(|cidr| range(cidr)).any(holds)
}
