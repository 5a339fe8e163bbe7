//! AWS's host names: which service and region a host is.

use crate::aws::identity::{Partition, is_region};

/// A service that the lab plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AwsService {
    Sts,
    Iam,
}

/// A host of AWS, and the region that requests to it must be signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub service: AwsService,
    pub region: String,
}

impl AwsService {
    /// As in the scope of a signature.
    pub(super) fn name(self) -> &'static str {
        match self {
            AwsService::Sts => "sts",
            AwsService::Iam => "iam",
        }
    }

    /// The version of its API.
    pub(super) fn version(self) -> &'static str {
        match self {
            AwsService::Sts => "2011-06-15",
            AwsService::Iam => "2010-05-08",
        }
    }

    /// The namespace of its answers.
    pub(super) fn namespace(self) -> &'static str {
        match self {
            AwsService::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            AwsService::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        }
    }
}

/// What `host` is; `None` where AWS has no such host.
///
/// Source: the endpoints of STS and IAM in the AWS General Reference. The global
/// endpoints belong to us-east-1.
pub fn resolve(host: &str) -> Option<Host> {
    let host = host.to_ascii_lowercase();
    let of = |service, region: &str| {
        Some(Host {
            service,
            region: region.to_owned(),
        })
    };
    match host.as_str() {
        "sts.amazonaws.com" => return of(AwsService::Sts, "us-east-1"),
        "iam.amazonaws.com" => return of(AwsService::Iam, "us-east-1"),
        _ => {}
    }
    let region = host.strip_prefix("sts.")?.split('.').next()?;
    let exists = REGIONS.contains(&region) && is_region(region);
    (exists && Partition::of_region(region).sts_host(region) == host)
        .then(|| of(AwsService::Sts, region))?
}

/// The regions of the commercial partition, of China and of the European
/// sovereign cloud, and GovCloud's.
///
/// Source: the AWS partitions file that the SDKs ship (`partitions.json`).
const REGIONS: [&str; 39] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_says_which_region_is_signed_for() {
        let region = |host| resolve(host).map(|host| (host.service, host.region));
        let sts = |region: &str| Some((AwsService::Sts, region.to_owned()));
        let cases = [
            ("sts.amazonaws.com", sts("us-east-1")),
            ("STS.eu-west-1.amazonaws.com", sts("eu-west-1")),
            ("sts.cn-north-1.amazonaws.com.cn", sts("cn-north-1")),
            ("sts.us-gov-west-1.amazonaws.com", sts("us-gov-west-1")),
            (
                "iam.amazonaws.com",
                Some((AwsService::Iam, "us-east-1".to_owned())),
            ),
            ("sts.cn-north-1.amazonaws.com", None),
            ("sts.eu-wset-1.amazonaws.com", None),
            ("sts.eu-west-1.amazonaws.com.evil.example", None),
            ("s3.amazonaws.com", None),
            ("sts.", None),
            ("", None),
        ];
        for (host, expected) in cases {
            assert_eq!(region(host), expected, "{host}");
        }
    }
}
