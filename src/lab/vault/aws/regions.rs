//! The regions that Vault's SDK knows, which are not all that there are.
//!
//! Source: the endpoint tables of aws-sdk-go 1.55.8, the last of its kind, which
//! Vault 1.21 is built with; of the partition `aws`, which is all that the lab plays.

const REGIONS: &str = "\
    af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 \
    ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ca-central-1 ca-west-1 \
    eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 \
    il-central-1 me-central-1 me-south-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2";

/// The STS of a region that the SDK knows.
pub(super) fn sts(region: &str) -> Option<String> {
    let is_known = REGIONS.split(' ').any(|known| known == region);
    is_known.then(|| format!("https://sts.{region}.amazonaws.com"))
}

/// Tells whether a host is one of AWS's.
pub(super) fn is_aws(host: &str) -> bool {
    host.ends_with(".amazonaws.com")
}
