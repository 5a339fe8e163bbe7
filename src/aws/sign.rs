//! Signing `GetCallerIdentity` for Vault to send.
//!
//! Host and credential scope are chosen together: STS refuses a request that
//! names one region in its host and another in its scope. Source: "Signature
//! Version 4" in the IAM user guide.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use super::identity::Partition;
use crate::fault::{Fault, LocalProblem};
use crate::secret::Secret;
use crate::settings::{StsMode, VaultSettings};
use crate::signed_request::SignedRequest;
use crate::trace::StepId;

/// The form body of a `GetCallerIdentity` call.
pub const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// The header by which a Vault tells its logins from another's.
pub const SERVER_ID_HEADER: &str = "X-Vault-AWS-IAM-Server-ID";

/// How long STS takes a signed request.
const VALIDITY: Duration = Duration::from_secs(15 * 60);

/// The global endpoint, which belongs to us-east-1.
const GLOBAL_HOST: &str = "sts.amazonaws.com";
const GLOBAL_REGION: &str = "us-east-1";

/// What a request is signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub region: String,
    pub url: String,
}

/// Chooses region and host for the way in which Vault asks STS.
///
/// # Errors
///
/// When no region is known, or the endpoint of the settings is no URL.
pub fn scope(
    mode: StsMode,
    vault: &VaultSettings,
    region_of_file: Option<&str>,
    region: Option<&str>,
) -> Result<Scope, Box<Fault>> {
    let region = match (&vault.sts_region, mode) {
        (Some(region), _) => region.clone(),
        (None, StsMode::Global) => GLOBAL_REGION.to_owned(),
        (None, StsMode::Regional) => region_of_file
            .or(region)
            .map(str::to_owned)
            .ok_or_else(no_region)?,
        (None, StsMode::Client) => region.map(str::to_owned).ok_or_else(no_region)?,
    };
    let host = match (&vault.aws_sts_endpoint, mode) {
        (Some(endpoint), _) => host_of(endpoint)?,
        (None, StsMode::Global) => GLOBAL_HOST.to_owned(),
        (None, _) => Partition::of_region(&region).sts_host(&region),
    };
    Ok(Scope {
        url: format!("https://{host}/"),
        region,
    })
}

fn no_region() -> Box<Fault> {
    Box::new(Fault::local(
        StepId::Sign,
        LocalProblem::NoRegion,
        "aws.region",
        "no region is known to sign for; set AWS_REGION or --region",
    ))
}

fn host_of(endpoint: &str) -> Result<String, Box<Fault>> {
    let parsed = url::Url::parse(endpoint).ok();
    let host = parsed
        .as_ref()
        .and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((host, Some(port))) => Ok(format!("{host}:{port}")),
        Some((host, None)) => Ok(host.to_owned()),
        None => Err(Box::new(Fault::local(
            StepId::Sign,
            LocalProblem::MalformedSetting,
            "vault.aws_sts_endpoint",
            format!("'{endpoint}' is no URL such as https://sts.us-east-1.amazonaws.com"),
        ))),
    }
}

/// Signs the request with `credentials` at `time`. A server id is sent and
/// signed as a header.
///
/// # Errors
///
/// When a value cannot stand in a header.
pub fn sign_for_vault(
    scope: &Scope,
    credentials: &Credentials,
    server_id: Option<&str>,
    time: SystemTime,
) -> Result<SignedRequest, Box<Fault>> {
    let fault = |message: String| {
        Box::new(Fault::local(
            StepId::Sign,
            LocalProblem::MalformedSetting,
            &scope.url,
            message,
        ))
    };
    let host = url::Url::parse(&scope.url)
        .ok()
        .and_then(|url| {
            Some(url[url::Position::BeforeHost..url::Position::AfterPort].to_owned())
                .filter(|host| !host.is_empty())
        })
        .ok_or_else(|| fault("the URL to sign has no host".to_owned()))?;
    let length = BODY.len().to_string();
    let mut headers = vec![
        ("Content-Length", length.as_str()),
        (
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        ),
        ("Host", host.as_str()),
    ];
    if let Some(server_id) = server_id {
        headers.push((SERVER_ID_HEADER, server_id));
    }
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&scope.region)
        .name("sts")
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| fault(error.to_string()))?
        .into();
    let signable = SignableRequest::new(
        "POST",
        scope.url.as_str(),
        headers.iter().copied(),
        SignableBody::Bytes(BODY.as_bytes()),
    )
    .map_err(|error| fault(error.to_string()))?;
    let (instructions, _signature) = sign(signable, &parameters)
        .map_err(|error| fault(error.to_string()))?
        .into_parts();
    let mut all: Vec<(String, Secret)> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::from((*value).to_owned())))
        .collect();
    let mut signed_headers = Vec::new();
    for (name, value) in instructions.headers() {
        if name.eq_ignore_ascii_case("authorization") {
            signed_headers = signed_names(value);
        }
        all.push((canonical(name), Secret::from(value.to_owned())));
    }
    Ok(SignedRequest {
        method: "POST",
        url: scope.url.clone(),
        body: BODY,
        headers: all,
        signed_headers,
        region: scope.region.clone(),
        valid_until: time + VALIDITY,
    })
}

/// The names in `SignedHeaders=a;b;c`.
fn signed_names(authorization: &str) -> Vec<String> {
    authorization
        .split("SignedHeaders=")
        .nth(1)
        .and_then(|rest| rest.split(',').next())
        .map(|names| names.split(';').map(str::to_owned).collect())
        .unwrap_or_default()
}

/// `x-amz-date` as Vault's own client writes it: `X-Amz-Date`.
fn canonical(name: &str) -> String {
    name.split('-')
        .map(|part| {
            let mut characters = part.chars();
            characters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + characters.as_str())
                .unwrap_or_default()
        })
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn vault(sts_region: Option<&str>, endpoint: Option<&str>) -> VaultSettings {
        let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
        let mut vault = settings.expect("the defaults are valid").vault;
        vault.sts_region = sts_region.map(str::to_owned);
        vault.aws_sts_endpoint = endpoint.map(str::to_owned);
        vault
    }

    #[test]
    fn host_and_scope_are_chosen_together() {
        let cases = [
            (
                StsMode::Client,
                None,
                None,
                Some("eu-west-1"),
                "eu-west-1",
                "https://sts.eu-west-1.amazonaws.com/",
            ),
            (
                StsMode::Client,
                Some("us-west-2"),
                None,
                Some("eu-west-1"),
                "us-west-2",
                "https://sts.us-west-2.amazonaws.com/",
            ),
            (
                StsMode::Global,
                None,
                None,
                Some("eu-west-1"),
                "us-east-1",
                "https://sts.amazonaws.com/",
            ),
            (
                StsMode::Regional,
                None,
                None,
                Some("cn-north-1"),
                "cn-north-1",
                "https://sts.cn-north-1.amazonaws.com.cn/",
            ),
            (
                StsMode::Regional,
                None,
                Some("https://vpce-1.sts.eu-west-1.vpce.amazonaws.com"),
                Some("eu-west-1"),
                "eu-west-1",
                "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com/",
            ),
        ];
        for (mode, sts_region, endpoint, region, want_region, want_url) in cases {
            let scope = scope(mode, &vault(sts_region, endpoint), None, region).ok();
            assert_eq!(
                scope,
                Some(Scope {
                    region: want_region.into(),
                    url: want_url.into()
                })
            );
        }
        let regional = scope(
            StsMode::Regional,
            &vault(None, None),
            Some("eu-north-1"),
            Some("us-east-1"),
        )
        .ok();
        assert_eq!(
            regional.map(|scope| scope.region).as_deref(),
            Some("eu-north-1")
        );
        assert!(scope(StsMode::Client, &vault(None, None), None, None).is_err());
        assert!(
            scope(
                StsMode::Client,
                &vault(None, Some("sts.amazonaws.com")),
                None,
                Some("us-east-1")
            )
            .is_err()
        );
    }

    #[test]
    fn what_is_sent_is_what_is_signed() {
        let credentials =
            Credentials::new("ASIAEXAMPLE", "secret", Some("token".into()), None, "test");
        let scope = Scope {
            region: "us-east-1".into(),
            url: "https://sts.us-east-1.amazonaws.com/".into(),
        };
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let signed = sign_for_vault(&scope, &credentials, Some("vault.example.com"), time);
        let signed = signed.expect("the request can be signed");
        assert_eq!(
            signed.signed_headers,
            [
                "content-length",
                "content-type",
                "host",
                "x-amz-date",
                "x-amz-security-token",
                "x-vault-aws-iam-server-id"
            ]
        );
        let names: Vec<String> = signed
            .headers
            .iter()
            .map(|(name, _)| name.to_lowercase())
            .collect();
        for name in &signed.signed_headers {
            assert!(names.contains(name), "{name}");
        }
        let date = signed.headers.iter().find(|(name, _)| name == "X-Amz-Date");
        assert_eq!(
            date.map(|(_, value)| value.expose_secret()),
            Some("20231114T221320Z")
        );
        assert!(!format!("{signed:?}").contains("Signature="));
    }
}
