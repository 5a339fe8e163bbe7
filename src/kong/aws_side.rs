//! Who logs in, and for which region the login is signed.

use super::entity::{Field, contradiction, wrong};
use crate::aws::identity::{Partition, PrincipalArn, PrincipalKind, is_region, role_arn};
use crate::aws::policy::lint::{check_path, check_role_name, check_session_name};
use crate::aws::sign::scope;
use crate::fault::{Cause, LocalProblem};
use crate::settings::{
    AssumeTarget, Id, Settings, SettingsError, SettingsProblem, StsMode, Topology,
};

/// STS's endpoint that belongs to no region.
const GLOBAL_ENDPOINT: &str = "https://sts.amazonaws.com";

/// The region that is signed for, STS's endpoint where it is not the region's
/// own, and the role that is assumed, always with its session name.
pub(super) fn identity(settings: &Settings) -> Result<Vec<Field>, SettingsError> {
    let region = region(settings)?;
    let role = assumed_role(settings, &region)?;
    let text = |name, id, value: &str| Field::text(settings, name, id, value);
    let mut fields = vec![text("aws_auth_region", region_setting(settings), &region)];
    if let Some((id, url)) = endpoint(settings) {
        fields.push(text("aws_sts_endpoint_url", id, url));
    }
    if let Some((id, arn)) = role {
        let session = &settings.kong.session_name;
        if let Some(problem) = check_session_name(session) {
            let words = format!("{} {}; {}", problem.place, problem.what, problem.remedy);
            return Err(wrong(settings, Id::KongSessionName, words));
        }
        fields.push(text("aws_assume_role_arn", id, &arn));
        fields.push(text("aws_role_session_name", Id::KongSessionName, session));
    }
    Ok(fields)
}

fn mode(settings: &Settings) -> StsMode {
    // Whether Vault is too old for it cannot be seen from here.
    settings.vault.sts.unwrap_or(StsMode::Client)
}

/// The region for which Vault wants the login to be signed.
fn region(settings: &Settings) -> Result<String, SettingsError> {
    let aws = &settings.aws;
    let (file, in_force) = (aws.region_of_file.as_deref(), aws.region.as_deref());
    let scope = scope(mode(settings), &settings.vault, file, in_force).map_err(|fault| {
        if fault.cause == Cause::Local(LocalProblem::NoRegion) {
            let words = "is not set, and Kong signs its login for a region; set aws.region (--region, AWS_REGION)";
            SettingsError::new(SettingsProblem::Missing, "aws.region", words)
        } else {
            wrong(settings, Id::AwsStsEndpoint, fault.message)
        }
    })?;
    if !is_region(&scope.region) {
        let words = format!(
            "must have the form of an AWS region (us-east-1), not '{}'",
            scope.region
        );
        return Err(wrong(settings, region_setting(settings), words));
    }
    let partition = Partition::of_region(in_force.unwrap_or(&scope.region));
    if mode(settings) == StsMode::Global && partition.name != "aws" {
        let words = format!(
            "the partition {} has no global STS endpoint; use client or regional",
            partition.name
        );
        return Err(contradiction(settings, Id::Sts, &words));
    }
    Ok(scope.region)
}

/// The setting that the region comes from.
fn region_setting(settings: &Settings) -> Id {
    match (&settings.vault.sts_region, mode(settings)) {
        (Some(_), _) => Id::StsRegion,
        (None, StsMode::Global) => Id::Sts,
        (None, StsMode::Client | StsMode::Regional) => Id::Region,
    }
}

/// STS's endpoint, where Vault does not ask the region's own: the host is a part
/// of what is signed.
fn endpoint(settings: &Settings) -> Option<(Id, &str)> {
    match (&settings.vault.aws_sts_endpoint, mode(settings)) {
        (Some(url), _) => Some((Id::AwsStsEndpoint, url.trim_end_matches('/'))),
        (None, StsMode::Global) => Some((Id::Sts, GLOBAL_ENDPOINT)),
        (None, StsMode::Client | StsMode::Regional) => None,
    }
}

/// The role that Kong assumes, if it is one: the setting that names it, its ARN.
fn assumed_role(settings: &Settings, region: &str) -> Result<Option<(Id, String)>, SettingsError> {
    let aws = &settings.aws;
    let partition = Partition::of_region(region);
    let (id, arn) = match &aws.assume {
        AssumeTarget::None => return Ok(None),
        AssumeTarget::Arn(_) if settings.topology == Topology::Direct => {
            let words = "names a role to assume, and in the topology direct Kong assumes none: Vault binds KongRole itself; take it out, or choose another topology";
            return Err(contradiction(settings, Id::AssumeRoleArn, words));
        }
        AssumeTarget::Arn(arn) => (Id::AssumeRoleArn, arn.clone()),
        AssumeTarget::LoginRole {
            account: Some(account),
        } => (
            Id::LoginRole,
            role_arn(partition.name, account, &aws.login_role),
        ),
        AssumeTarget::LoginRole { account: None } => {
            let words = "is not set, and Kong is given the whole ARN of the role that it assumes; set aws.account_id (--account-id, VAULTIAM_ACCOUNT_ID)";
            return Err(SettingsError::new(
                SettingsProblem::Missing,
                "aws.account_id",
                words,
            ));
        }
    };
    let Some(PrincipalArn {
        partition: of_role,
        kind: PrincipalKind::Role { path, name },
        ..
    }) = PrincipalArn::parse(&arn)
    else {
        let words = format!("must be the ARN of a role, not '{arn}'");
        return Err(wrong(settings, id, words));
    };
    if let Some(problem) = check_role_name(&name).or_else(|| check_path(&path)) {
        let words = format!("{} {}; {}", problem.place, problem.what, problem.remedy);
        return Err(wrong(settings, id, words));
    }
    if of_role != partition.name {
        let words = format!(
            "is in the partition {of_role}, and Kong signs for {region}, which is in {}",
            partition.name
        );
        return Err(contradiction(settings, id, &words));
    }
    Ok(Some((id, arn)))
}
