//! The credentials in use belong to another identity than the one that was meant.

use super::Evidence;
use crate::aws::credentials::Provider;
use crate::aws::identity::PrincipalArn;
use crate::diagnose::{Finding, Where};
use crate::settings::{Id, Origin};

/// The role that the environment of a pod or a job names, with a token for it, where
/// the credentials in use are of somebody else and hide it.
pub(super) fn hidden<'a>(who: &PrincipalArn, evidence: &'a Evidence) -> Option<&'a str> {
    let settings = &evidence.settings;
    let role = settings.aws.web_identity.as_ref()?.role_arn.as_str();
    let meant = PrincipalArn::parse(role)?;
    let is_same = meant.account == who.account && meant.role_name() == who.role_name();
    // A role that was assumed on purpose, or a profile that was typed, hides nothing.
    let is_assumed = evidence.seen.session.is_some();
    let is_exchanged = evidence.seen.provider == Some(Provider::WebIdentity);
    (!is_same && !is_assumed && !is_typed(evidence) && !is_exchanged).then_some(role)
}

/// The profile was named on the command line.
fn is_typed(evidence: &Evidence) -> bool {
    let origin = evidence.settings.origins.get(&Id::Profile);
    matches!(origin, Some((_, Origin::Flag(_))))
}

/// Says who gave the credentials, and has the role that was meant give them.
pub(super) fn run_as(finding: Finding, role: &str, evidence: &Evidence) -> Finding {
    let seen = &evidence.seen;
    let finding = match seen.provider {
        Some(provider) => finding.fact("credentials", "given by", provider.name()),
        None => finding,
    };
    let finding = seen.tried.iter().fold(finding, |finding, tried| {
        finding.fact("credentials", tried.provider.name(), &tried.said)
    });
    let (text, command) = match seen.provider {
        Some(Provider::Environment) => (
            "take the keys out of the environment: they hide that role's own credentials",
            Some("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"),
        ),
        Some(Provider::Profile) if is_typed(evidence) => ("leave out --profile", None),
        Some(Provider::Profile) => (
            "take no profile: it hides that role's own credentials. The files of $HOME/.aws must have none named \"default\" either",
            Some("unset AWS_PROFILE"),
        ),
        _ => (
            "with the instance profile, the task role or the service account of that role",
            None,
        ),
    };
    finding.remedy(
        Where::Kong,
        format!("run as {role}: {text}"),
        command.map(str::to_owned),
        None,
    )
}
