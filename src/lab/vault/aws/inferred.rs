//! A caller taken for an EC2 instance: asking EC2 about it. The lab's AWS has no
//! EC2, so no session is one.

use super::arn::Entity;
use super::own::{self, Question};
use super::role::Role;
use crate::lab::vault::Vault;

/// Finds the instance that a session is named after.
///
/// # Errors
///
/// The method's words for why there is none.
pub(super) async fn verify(
    vault: &Vault,
    mount: &str,
    role: &Role,
    entity: &Entity,
) -> Result<(), String> {
    let (id, region) = (&entity.session, &role.inferred_aws_region);
    let described = describe(vault, mount, id, region, &entity.account).await;
    described.map_err(|error| {
        format!("failed to verify {id} as a valid EC2 instance in region {region}: {error}")
    })
}

async fn describe(
    vault: &Vault,
    mount: &str,
    id: &str,
    region: &str,
    account: &str,
) -> Result<(), String> {
    let credentials = own::client(vault, mount, account).await?;
    let question = Question {
        service: "ec2",
        endpoint: format!("https://ec2.{region}.amazonaws.com"),
        region,
        parameters: &[
            ("Action", "DescribeInstances"),
            ("InstanceId.1", id),
            ("Version", "2016-11-15"),
        ],
    };
    let answer = own::ask(vault, mount, &credentials, &question).await;
    answer
        .map_err(|error| format!("error fetching description for instance ID {id:?}: {error}"))?;
    Err("no reservations found in instance description".to_owned())
}
