//! Signing the request that Vault will send.

use std::time::SystemTime;

use aws_credential_types::Credentials;

use super::Refused;
use crate::aws::sign as signing;
use crate::fault::Side;
use crate::http::date::rfc3339;
use crate::login::{Observations, Run};
use crate::settings::StsMode;
use crate::signed_request::SignedRequest;
use crate::trace::StepId;

/// Vault asks the client's region from this version on.
const STS_REGION_FROM_CLIENT: (u32, u32) = (1, 15);

/// Signs the request that Vault will send.
pub(in crate::login) fn sign(
    run: &Run,
    identity: &Credentials,
    region: &str,
    seen: &mut Observations,
) -> Refused<SignedRequest> {
    let mut step = run.trace.begin(StepId::Sign, Side::Local);
    let vault = &run.settings.vault;
    let too_old = seen
        .vault_version
        .as_deref()
        .and_then(minor_version)
        .is_some_and(|version| version < STS_REGION_FROM_CLIENT);
    let mode = match vault.sts {
        Some(mode) => mode,
        None if too_old => StsMode::Regional,
        None => StsMode::Client,
    };
    seen.sts_mode = Some(mode);
    let signed = signing::scope(
        mode,
        vault,
        run.settings.aws.region_of_file.as_deref(),
        Some(region),
    )
    .and_then(|scope| {
        signing::sign_for_vault(
            &scope,
            identity,
            vault.server_id.as_deref(),
            SystemTime::now(),
        )
    });
    match signed {
        Ok(signed) => {
            seen.signed_for = Some((signed.region.clone(), signed.url.clone()));
            let host = signed
                .url
                .trim_start_matches("https://")
                .trim_end_matches('/');
            step.fact("host", host);
            step.fact("region", signed.region.clone());
            step.fact("signed_headers", signed.signed_headers.clone());
            step.fact("valid_until", rfc3339(signed.valid_until));
            step.succeed();
            Ok(signed)
        }
        Err(fault) => {
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

/// `1.21.2+ent` is (1, 21).
fn minor_version(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::minor_version;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(minor_version("1.21.2"), Some((1, 21)));
        assert_eq!(minor_version("1.9.0+ent"), Some((1, 9)));
        assert_eq!(minor_version("2.7"), Some((2, 7)));
        assert_eq!(minor_version("unknown"), None);
    }
}
