//! Partitions, regions and the ARNs of principals.

use std::fmt;

/// One of AWS's separate clouds.
///
/// Source: the AWS partitions file that the SDKs ship (`partitions.json`) and
/// "IAM identifiers" in the IAM user guide.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// What stands behind `arn:`.
    pub name: &'static str,
    /// A region that every account has.
    pub first_region: &'static str,
    /// What service hosts end in.
    pub dns_suffix: &'static str,
    /// How the partition's regions begin; empty for the commercial one.
    region_prefix: &'static str,
}

/// The partitions; the commercial one is last because it takes the rest.
const PARTITIONS: [Partition; 8] = [
    Partition {
        name: "aws-cn",
        first_region: "cn-north-1",
        dns_suffix: "amazonaws.com.cn",
        region_prefix: "cn-",
    },
    Partition {
        name: "aws-us-gov",
        first_region: "us-gov-west-1",
        dns_suffix: "amazonaws.com",
        region_prefix: "us-gov-",
    },
    Partition {
        name: "aws-eusc",
        first_region: "eusc-de-east-1",
        dns_suffix: "amazonaws.eu",
        region_prefix: "eusc-",
    },
    Partition {
        name: "aws-iso-b",
        first_region: "us-isob-east-1",
        dns_suffix: "sc2s.sgov.gov",
        region_prefix: "us-isob-",
    },
    Partition {
        name: "aws-iso-e",
        first_region: "eu-isoe-west-1",
        dns_suffix: "cloud.adc-e.uk",
        region_prefix: "eu-isoe-",
    },
    Partition {
        name: "aws-iso-f",
        first_region: "us-isof-south-1",
        dns_suffix: "csp.hci.ic.gov",
        region_prefix: "us-isof-",
    },
    Partition {
        name: "aws-iso",
        first_region: "us-iso-east-1",
        dns_suffix: "c2s.ic.gov",
        region_prefix: "us-iso-",
    },
    Partition {
        name: "aws",
        first_region: "us-east-1",
        dns_suffix: "amazonaws.com",
        region_prefix: "",
    },
];

impl Partition {
    /// The partition that `region` belongs to.
    pub fn of_region(region: &str) -> &'static Partition {
        PARTITIONS
            .iter()
            .find(|partition| region.starts_with(partition.region_prefix))
            .unwrap_or(&PARTITIONS[PARTITIONS.len() - 1])
    }

    /// The host of STS in `region`.
    pub fn sts_host(&self, region: &str) -> String {
        format!("sts.{region}.{}", self.dns_suffix)
    }
}

/// Tells whether `region` has the form of a region name: `us-east-1`,
/// `us-gov-west-1`, `eusc-de-east-1`.
pub fn is_region(region: &str) -> bool {
    let parts: Vec<&str> = region.split('-').collect();
    let (Some(number), true) = (parts.last(), parts.len() >= 3) else {
        return false;
    };
    number.parse::<u8>().is_ok()
        && parts[..parts.len() - 1]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// An IAM or STS principal's ARN, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalArn {
    pub partition: String,
    pub account: String,
    pub kind: PrincipalKind,
}

/// What kind of principal an ARN names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// `path` begins and ends with a slash.
    Role {
        path: String,
        name: String,
    },
    User {
        path: String,
        name: String,
    },
    /// A session of a role; its path is not in the ARN.
    AssumedRole {
        role: String,
        session: String,
    },
    Root,
    /// Federated users and what else there is.
    Other(String),
}

impl PrincipalArn {
    /// Takes an ARN apart; `None` when it is not the ARN of a principal.
    pub fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [prefix, partition, service, "", account, resource] = parts.as_slice() else {
            return None;
        };
        if *prefix != "arn" || partition.is_empty() || !crate::settings::value::is_account(account)
        {
            return None;
        }
        let kind = match (*service, resource.split_once('/')) {
            ("iam", None) if *resource == "root" => PrincipalKind::Root,
            ("iam", Some((kind @ ("role" | "user"), rest))) => {
                let (path, name) = match rest.rsplit_once('/') {
                    Some((path, name)) => (format!("/{path}/"), name.to_owned()),
                    None => ("/".to_owned(), rest.to_owned()),
                };
                if name.is_empty() {
                    return None;
                }
                if kind == "role" {
                    PrincipalKind::Role { path, name }
                } else {
                    PrincipalKind::User { path, name }
                }
            }
            ("sts", Some(("assumed-role", rest))) => {
                let (role, session) = rest.split_once('/')?;
                PrincipalKind::AssumedRole {
                    role: role.to_owned(),
                    session: session.to_owned(),
                }
            }
            ("iam" | "sts", _) => PrincipalKind::Other((*resource).to_owned()),
            _ => return None,
        };
        Some(PrincipalArn {
            partition: (*partition).to_owned(),
            account: (*account).to_owned(),
            kind,
        })
    }

    /// The name of the role, for a role or a session of one.
    pub fn role_name(&self) -> Option<&str> {
        match &self.kind {
            PrincipalKind::Role { name, .. } => Some(name),
            PrincipalKind::AssumedRole { role, .. } => Some(role),
            _ => None,
        }
    }
}

impl fmt::Display for PrincipalArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (service, resource) = match &self.kind {
            PrincipalKind::Role { path, name } => ("iam", format!("role{path}{name}")),
            PrincipalKind::User { path, name } => ("iam", format!("user{path}{name}")),
            PrincipalKind::AssumedRole { role, session } => {
                ("sts", format!("assumed-role/{role}/{session}"))
            }
            PrincipalKind::Root => ("iam", "root".to_owned()),
            PrincipalKind::Other(resource) => ("sts", resource.clone()),
        };
        write!(
            formatter,
            "arn:{}:{service}::{}:{resource}",
            self.partition, self.account
        )
    }
}

/// The ARN of the role `name` (or `path/name`) in an account.
pub fn role_arn(partition: &str, account: &str, name: &str) -> String {
    format!(
        "arn:{partition}:iam::{account}:role/{}",
        name.trim_start_matches('/')
    )
}

/// The last part of `name` or `path/name`.
pub fn bare_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_belong_to_partitions() {
        let cases = [
            ("us-east-1", "aws", "sts.us-east-1.amazonaws.com"),
            ("cn-north-1", "aws-cn", "sts.cn-north-1.amazonaws.com.cn"),
            (
                "us-gov-west-1",
                "aws-us-gov",
                "sts.us-gov-west-1.amazonaws.com",
            ),
            (
                "eusc-de-east-1",
                "aws-eusc",
                "sts.eusc-de-east-1.amazonaws.eu",
            ),
            (
                "us-isob-east-1",
                "aws-iso-b",
                "sts.us-isob-east-1.sc2s.sgov.gov",
            ),
            ("us-iso-east-1", "aws-iso", "sts.us-iso-east-1.c2s.ic.gov"),
        ];
        for (region, name, host) in cases {
            let partition = Partition::of_region(region);
            assert_eq!(
                (partition.name, partition.sts_host(region).as_str()),
                (name, host)
            );
            assert!(is_region(region), "{region}");
        }
        for region in [
            "",
            "us",
            "us-east",
            "us-east-one",
            "US-EAST-1",
            "us--1",
            "us-east-1a",
        ] {
            assert!(!is_region(region), "{region}");
        }
    }

    #[test]
    fn principals_are_taken_apart_and_put_together() {
        let role = PrincipalArn::parse("arn:aws:iam::123456789012:role/team/edge/VaultRole");
        assert_eq!(
            role.as_ref().map(|arn| &arn.kind),
            Some(&PrincipalKind::Role {
                path: "/team/edge/".into(),
                name: "VaultRole".into()
            })
        );
        for arn in [
            "arn:aws:iam::123456789012:role/VaultRole",
            "arn:aws-cn:iam::123456789012:role/team/edge/VaultRole",
            "arn:aws:iam::123456789012:user/alice",
            "arn:aws:sts::123456789012:assumed-role/KongRole/i-0abc",
            "arn:aws:iam::123456789012:root",
            "arn:aws:sts::123456789012:federated-user/bob",
        ] {
            assert_eq!(
                PrincipalArn::parse(arn)
                    .map(|parsed| parsed.to_string())
                    .as_deref(),
                Some(arn)
            );
        }
    }

    #[test]
    fn what_is_no_principal_is_refused() {
        for arn in [
            "",
            "VaultRole",
            "arn:iam::123456789012:role/X",
            "arn:aws:iam:123456789012:role/X",
            "arn:aws:iam::123:role/X",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:s3:::bucket",
            "arn:aws:sts::123456789012:assumed-role/KongRole",
        ] {
            assert_eq!(PrincipalArn::parse(arn), None, "{arn}");
        }
    }
}
