//! STS does not exchange the token of a pod or a CI job.

use super::{Evidence, sts};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::http::date::rfc3339;

/// The error codes that speak of the token, or of the role's trust in it.
///
/// Source: the errors of AssumeRoleWithWebIdentity in the STS API reference.
pub(super) fn is_about_token(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "InvalidIdentityToken"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "IDPRejectedClaim"
            | "IDPCommunicationError"
    )
}

pub(super) fn explain(code: &str, fault: &Fault, evidence: &Evidence) -> Finding {
    let mut finding = match code {
        "AccessDenied" => sts::show_trust(
            Finding::likely(Code::AWS113, &[Code::AWS201]),
            &fault.target,
            &evidence.looks,
        ),
        "ExpiredToken" | "ExpiredTokenException" => Finding::certain(Code::AWS113).remedy(
            Where::Here,
            "get a new token: start the pod or the job anew, or see why nobody renews the file",
            None,
            None,
        ),
        // AWS says so under another code too, where it has the keys' address only.
        _ if code == "IDPCommunicationError" || fault.message.contains("verification key") => Finding::certain(Code::AWS113).remedy(
            Where::Here,
            "AWS could not fetch the issuer's keys: try again, then see whether the issuer can be reached from the internet",
            None,
            None,
        ),
        _ => Finding::certain(Code::AWS113).remedy(
            Where::Aws,
            "see whether the account knows the issuer, and for which audiences",
            Some("aws iam list-open-id-connect-providers".to_owned()),
            Some("iam:ListOpenIDConnectProviders"),
        ),
    };
    if let Some(claims) = &evidence.seen.web_identity {
        let file = claims.token_file.display().to_string();
        let claimed = [
            ("issuer", claims.issuer.clone()),
            ("subject", claims.subject.clone()),
            ("audience", claims.audience.clone()),
            ("expires", claims.expires_at.map(rfc3339)),
            ("file", Some(file)),
        ];
        for (claim, value) in claimed {
            let value = value.unwrap_or_else(|| "not in the token".to_owned());
            finding = finding.fact("token", claim, value);
        }
    }
    finding
}
