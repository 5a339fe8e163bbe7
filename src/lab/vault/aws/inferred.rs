//! A caller taken for an EC2 instance: asking EC2 about it. The lab's AWS has no
//! EC2, so no session is one.

use super::arn::Entity;
use super::own::{Client, Question};
use super::role::Role;

/// Finds the instance that a session is named after.
///
/// # Errors
///
/// The method's words for why there is none.
pub(super) async fn verify(
    client: &Client<'_>,
    role: &Role,
    entity: &Entity,
) -> Result<(), String> {
    let (id, region) = (&entity.session, &role.inferred_aws_region);
    let described = describe(client, id, region, &entity.account).await;
    described.map_err(|error| {
        format!("failed to verify {id} as a valid EC2 instance in region {region}: {error}")
    })
}

async fn describe(
    client: &Client<'_>,
    id: &str,
    region: &str,
    account: &str,
) -> Result<(), String> {
    let credentials = client.credentials(account).await?;
    let parameters = [
        ("Action", "DescribeInstances"),
        ("InstanceId.1", id),
        ("Version", "2016-11-15"),
    ];
    let question = Question {
        credentials: &credentials,
        service: "ec2",
        endpoint: &format!("https://ec2.{region}.amazonaws.com"),
        region,
        parameters: &parameters,
    };
    let answer = client.ask(&question).await;
    answer
        .map(drop)
        .map_err(|error| format!("error fetching description for instance ID {id:?}: {error}"))
}
