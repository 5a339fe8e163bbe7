//! Signing the request that Vault will send.

use std::time::SystemTime;

use aws_credential_types::Credentials;

use super::Refused;
use crate::aws::sign as signing;
use crate::fault::Side;
use crate::http::date::rfc3339;
use crate::login::{Observations, Run};
use crate::signed_request::SignedRequest;
use crate::trace::StepId;
use crate::vault::sys::sts_mode;

/// Signs the request that Vault will send.
pub(in crate::login) fn sign(
    run: &Run,
    identity: &Credentials,
    region: &str,
    seen: &mut Observations,
) -> Refused<SignedRequest> {
    let mut step = run.trace.begin(StepId::Sign, Side::Local);
    let vault = &run.settings.vault;
    let mode = sts_mode(vault.sts, seen.vault_version.as_deref());
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
