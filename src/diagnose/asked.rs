//! Which STS Vault asks, as far as it was seen.

use serde_json::{Map, Value};

use super::looks::{Rights, StsChoice, VaultLooks};
use super::{Finding, Where};
use crate::aws::identity::{Partition, is_region};
use crate::settings::{StsMode, VaultSettings};
use crate::shell;
use crate::vault::sys::is_too_old;

/// The STS that Vault hands a signed request to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// That of the region that was signed for.
    OfClient,
    /// Always this one. The region is not known where the host does not tell it.
    Endpoint {
        url: String,
        region: Option<String>,
    },
    /// Always the same one, and it is not known which.
    Fixed,
    Unknown,
}

const GLOBAL: &str = "https://sts.amazonaws.com";

impl Asked {
    /// The region that must be signed for; `None` where it is not known.
    pub fn region(&self) -> Option<&str> {
        match self {
            Asked::Endpoint { region, .. } => region.as_deref(),
            Asked::OfClient | Asked::Fixed | Asked::Unknown => None,
        }
    }
}

/// What was seen of it, and with whose right.
pub fn asked(looks: &VaultLooks) -> (Asked, Rights) {
    if let Some((config, rights)) = looks.client_config.seen_with() {
        return (of_config(config.as_ref()), rights.clone());
    }
    match looks.sts.seen_with() {
        Some((StsChoice::OfClient, rights)) => (Asked::OfClient, rights.clone()),
        Some((StsChoice::Fixed, rights)) => (Asked::Fixed, rights.clone()),
        None => (Asked::Unknown, Rights::Own),
    }
}

/// What `config/client` says; `None`: it was never written, so that all is as Vault
/// has it by itself.
pub fn of_config(config: Option<&Map<String, Value>>) -> Asked {
    let Some(config) = config else {
        return endpoint("");
    };
    let follows = config.get("use_sts_region_from_client");
    if follows.and_then(Value::as_bool) == Some(true) {
        return Asked::OfClient;
    }
    let url = config.get("sts_endpoint").and_then(Value::as_str);
    endpoint(url.unwrap_or_default())
}

fn endpoint(url: &str) -> Asked {
    let url = if url.is_empty() { GLOBAL } else { url };
    Asked::Endpoint {
        region: region_of(url),
        url: url.to_owned(),
    }
}

/// The region of an endpoint of STS, by its host: the global one is of us-east-1.
pub fn region_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    if host == "sts.amazonaws.com" {
        return Some("us-east-1".to_owned());
    }
    let region = host.split('.').find(|label| is_region(label))?;
    let suffix = Partition::of_region(region).dns_suffix;
    (host.starts_with("sts") || host.contains(".sts.") || host.ends_with(suffix))
        .then(|| region.to_owned())
}

/// Tells whether an endpoint is no whole URL: then Vault cannot dial it, or falls
/// over.
pub fn is_malformed(endpoint: &str) -> bool {
    let is_url = endpoint.starts_with("https://") || endpoint.starts_with("http://");
    !endpoint.is_empty() && (!is_url || endpoint.contains(char::is_whitespace))
}

/// An endpoint as a whole URL: with https in front of what stands there.
pub fn whole(endpoint: &str) -> String {
    let endpoint = endpoint.trim();
    let place = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest);
    format!("https://{place}")
}

/// Has Vault ask the STS that is signed for, where its version can. What an older one would need instead
/// touches those who sign for another region, so it is not offered.
pub fn follow_client_if_it_can(
    finding: Finding,
    vault: &VaultSettings,
    version: Option<&str>,
) -> Finding {
    if is_too_old(StsMode::Client, version) {
        return finding;
    }
    follow_client(finding, vault)
}

/// Has Vault ask the STS of this partition, which it does not ask yet: that of the
/// region that was signed for, or of this one where its version cannot follow.
pub fn ask_partition_of(
    finding: Finding,
    vault: &VaultSettings,
    version: Option<&str>,
    region: &str,
) -> Finding {
    if is_too_old(StsMode::Client, version) {
        let text = "have Vault ask the STS of this region: its version cannot follow the client, which 1.15 can; this touches all logins of the mount";
        return ask_region(finding, vault, region, text);
    }
    follow_client(finding, vault)
}

/// Has Vault ask the STS of this region, whatever is signed for.
pub fn ask_region(finding: Finding, vault: &VaultSettings, region: &str, text: &str) -> Finding {
    let config = vault.config_path();
    let host = Partition::of_region(region).sts_host(region);
    let command = shell::command([
        "vault",
        "write",
        &config,
        &format!("sts_endpoint=https://{host}"),
        &format!("sts_region={region}"),
        "use_sts_region_from_client=false",
    ]);
    let needs = format!("update on {config}");
    finding.remedy(Where::Vault, text, Some(command), Some(&needs))
}

/// Has Vault ask the STS that is signed for, whichever that is.
pub fn follow_client(finding: Finding, vault: &VaultSettings) -> Finding {
    let config = vault.config_path();
    finding.remedy(
        Where::Vault,
        "let Vault ask the STS of the region that was signed for (Vault 1.15 and later); this touches all logins of the mount",
        Some(shell::command([
            "vault",
            "write",
            &config,
            "use_sts_region_from_client=true",
            "sts_endpoint=",
            "sts_region=",
        ])),
        Some(&format!("update on {config}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_of_an_endpoint_is_in_its_host() {
        let cases = [
            ("https://sts.amazonaws.com", Some("us-east-1")),
            ("https://sts.eu-west-1.amazonaws.com/", Some("eu-west-1")),
            (
                "https://sts.cn-north-1.amazonaws.com.cn",
                Some("cn-north-1"),
            ),
            (
                "https://sts-fips.us-east-2.amazonaws.com",
                Some("us-east-2"),
            ),
            (
                "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com",
                Some("eu-west-1"),
            ),
            ("https://sts.internal.example", None),
            ("http://127.0.0.1:4566", None),
            ("sts.eu-west-1.amazonaws.com", None),
        ];
        for (url, expected) in cases {
            assert_eq!(region_of(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn https_is_put_in_front_of_what_is_there() {
        for (endpoint, expected) in [
            ("sts.amazonaws.com", "https://sts.amazonaws.com"),
            ("sts.amazonaws.com:443", "https://sts.amazonaws.com:443"),
            (" https://sts.amazonaws.com\n", "https://sts.amazonaws.com"),
            ("htps://sts.amazonaws.com", "https://sts.amazonaws.com"),
        ] {
            assert_eq!(whole(endpoint), expected, "{endpoint}");
        }
    }

    #[test]
    fn an_endpoint_is_a_whole_url() {
        for endpoint in [
            "sts.amazonaws.com",
            "sts.amazonaws.com:443",
            "https://sts.amazonaws.com ",
            "https://sts.amazonaws.com\n",
        ] {
            assert!(is_malformed(endpoint), "{endpoint}");
        }
        for endpoint in ["", "https://sts.amazonaws.com", "http://127.0.0.1:4566/"] {
            assert!(!is_malformed(endpoint), "{endpoint}");
        }
    }
}
