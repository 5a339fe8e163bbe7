//! AWS's side: who we are, assuming a role, signing, and what refusals mean in
//! AWS's own terms. Knows nothing of Vault.

pub mod assume;
pub mod classify;
pub mod credentials;
pub mod identity;
pub mod policy;
pub mod profile;
pub mod roles;
pub mod sign;
pub mod web_identity;

use std::fmt;

use aws_config::meta::region::ProvideRegion as _;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::region::Region;

use crate::http::sdk::SdkHttp;
use crate::settings::AwsSettings;

/// Where a region came from that no setting names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionSource {
    /// The profile of this name, or the one that it takes its credentials from.
    Profile(String),
    InstanceMetadata,
}

/// Why no region was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRegion {
    /// `AWS_EC2_METADATA_DISABLED`.
    MetadataDisabled,
    /// No answer, or one without a region.
    MetadataSilent,
}

impl fmt::Display for NoRegion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            NoRegion::MetadataDisabled => {
                "instance metadata is switched off (AWS_EC2_METADATA_DISABLED)"
            }
            NoRegion::MetadataSilent => "instance metadata gave none",
        })
    }
}

impl fmt::Display for RegionSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegionSource::Profile(name) => write!(formatter, "profile {name}"),
            RegionSource::InstanceMetadata => formatter.write_str("instance metadata"),
        }
    }
}

/// AWS as one command talks to it: our HTTP stack, and one metadata client so
/// that its session token is asked for once.
pub struct Aws {
    pub http: SdkHttp,
    metadata: aws_config::imds::Client,
}

impl Aws {
    /// Prepares to talk to AWS; nothing is sent yet.
    pub fn new(settings: &AwsSettings) -> Self {
        let http = SdkHttp::new(settings.ca_bundle.clone());
        let metadata = aws_config::imds::Client::builder()
            .configure(&provider_config(&http.for_metadata(), None))
            .build();
        Aws { http, metadata }
    }

    /// Asks the SDK's sources for the region: the profile, then instance
    /// metadata.
    ///
    /// # Errors
    ///
    /// Why instance metadata told none.
    pub async fn find_region(
        &self,
        settings: &AwsSettings,
    ) -> Result<(String, RegionSource), NoRegion> {
        let config = provider_config(&self.http, None);
        let mut profile = ProfileFileRegionProvider::builder().configure(&config);
        if let Some(name) = &settings.profile {
            profile = profile.profile_name(name);
        }
        if let Some(region) = profile.build().region().await {
            let name = settings.profile.as_deref().unwrap_or("default");
            return Ok((region.to_string(), RegionSource::Profile(name.to_owned())));
        }
        if settings.metadata_disabled {
            return Err(NoRegion::MetadataDisabled);
        }
        let region = self.metadata.get("/latest/meta-data/placement/region");
        match region.await {
            Ok(region) => Ok((region.as_ref().to_owned(), RegionSource::InstanceMetadata)),
            Err(_) => Err(NoRegion::MetadataSilent),
        }
    }

    /// The account that this instance runs in, from its identity document.
    pub async fn find_instance_account(&self) -> Option<String> {
        let document = self
            .metadata
            .get("/latest/dynamic/instance-identity/document")
            .await
            .ok()?;
        let document: serde_json::Value = serde_json::from_str(document.as_ref()).ok()?;
        Some(document.get("accountId")?.as_str()?.to_owned())
    }
}

/// What the SDK's credential providers are built from.
fn provider_config(http: &SdkHttp, region: Option<&str>) -> ProviderConfig {
    ProviderConfig::default()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_http_client(http.clone())
        .with_region(region.map(|region| Region::new(region.to_owned())))
}

/// A client for STS.
async fn sts_client(sts: &assume::Sts<'_>) -> aws_sdk_sts::Client {
    let config = sdk_config(sts.http, sts.profile, sts.region, sts.credentials).await;
    let config = aws_sdk_sts::config::Builder::from(&config)
        .disable_clock_skew_correction(true)
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

/// A client for IAM. The SDK knows the one region of each partition's IAM.
async fn iam_client(access: &roles::Access<'_>) -> aws_sdk_iam::Client {
    let config = sdk_config(
        access.http,
        access.profile,
        access.region,
        access.credentials,
    )
    .await;
    let config = aws_sdk_iam::config::Builder::from(&config)
        .disable_clock_skew_correction(true)
        .build();
    aws_sdk_iam::Client::from_conf(config)
}

/// What a client of a service is built from. Endpoints, FIPS, retries and time
/// limits are the environment's, as for every AWS program. The clients switch
/// the correction of the clock off: we must meet a wrong clock as Kong meets it.
async fn sdk_config(
    http: &SdkHttp,
    profile: Option<&str>,
    region: &str,
    credentials: &Credentials,
) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials.clone()));
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    loader.load().await
}
