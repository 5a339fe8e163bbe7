//! The regions that Vault's SDK knows, which are not all that there are.
//!
//! Source: the endpoint tables of aws-sdk-go 1.55.8, the last of its kind, which
//! Vault 1.21 is built with.

/// A partition: name, a region of it, what its hosts end in, its regions.
pub(super) struct Partition {
    name: &'static str,
    pub(super) first_region: &'static str,
    dns_suffix: &'static str,
    regions: &'static [&'static str],
}

const PARTITIONS: [Partition; 6] = [
    Partition {
        name: "aws",
        first_region: "us-east-1",
        dns_suffix: "amazonaws.com",
        regions: &[
            "af-south-1",
            "ap-east-1",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    },
    Partition {
        name: "aws-cn",
        first_region: "cn-north-1",
        dns_suffix: "amazonaws.com.cn",
        regions: &["cn-north-1", "cn-northwest-1"],
    },
    Partition {
        name: "aws-us-gov",
        first_region: "us-gov-west-1",
        dns_suffix: "amazonaws.com",
        regions: &["us-gov-east-1", "us-gov-west-1"],
    },
    Partition {
        name: "aws-iso",
        first_region: "us-iso-east-1",
        dns_suffix: "c2s.ic.gov",
        regions: &["us-iso-east-1", "us-iso-west-1"],
    },
    Partition {
        name: "aws-iso-b",
        first_region: "us-isob-east-1",
        dns_suffix: "sc2s.sgov.gov",
        regions: &["us-isob-east-1"],
    },
    Partition {
        name: "aws-iso-e",
        first_region: "eu-isoe-west-1",
        dns_suffix: "cloud.adc-e.uk",
        regions: &["eu-isoe-west-1"],
    },
];

/// The regions for which the SDK asks the STS of all unless told otherwise.
const LEGACY: [&str; 16] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "aws-global",
];

impl Partition {
    pub(super) fn named(name: &str) -> Option<&'static Partition> {
        PARTITIONS.iter().find(|partition| partition.name == name)
    }

    /// The host of IAM, which every partition has once, and its region.
    pub(super) fn iam(&self) -> (String, &'static str) {
        let region = self.first_region;
        match self.name {
            "aws" => ("iam.amazonaws.com".to_owned(), region),
            "aws-us-gov" => ("iam.us-gov.amazonaws.com".to_owned(), region),
            _ => (format!("iam.{region}.{}", self.dns_suffix), region),
        }
    }
}

/// The host of STS in a region that the SDK knows.
pub(super) fn sts_host(region: &str) -> Option<String> {
    let partition = PARTITIONS
        .iter()
        .find(|partition| partition.regions.contains(&region))?;
    Some(format!("sts.{region}.{}", partition.dns_suffix))
}

/// The STS that the SDK asks by itself, and the region that it signs for.
pub(super) fn own_sts(region: &str) -> (String, String) {
    if LEGACY.contains(&region) {
        return ("sts.amazonaws.com".to_owned(), "us-east-1".to_owned());
    }
    let host = sts_host(region).unwrap_or_else(|| format!("sts.{region}.amazonaws.com"));
    (host, region.to_owned())
}

/// The host of EC2 in a region.
pub(super) fn ec2_host(region: &str) -> String {
    let known = PARTITIONS
        .iter()
        .find(|partition| partition.regions.contains(&region));
    let suffix = known.map_or("amazonaws.com", |partition| partition.dns_suffix);
    format!("ec2.{region}.{suffix}")
}

/// Tells whether a host is one of AWS's.
pub(super) fn is_aws(host: &str) -> bool {
    PARTITIONS.iter().any(|partition| {
        let above = host.strip_suffix(partition.dns_suffix);
        above.is_some_and(|above| above.ends_with('.'))
    })
}
