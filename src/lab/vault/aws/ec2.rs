//! A caller taken for an EC2 instance: asking EC2 about it.

use super::own::{self, Question};
use super::regions::ec2_host;
use super::role::Role;
use super::xml;
use crate::lab::vault::Vault;
use crate::lab::vault::go;

/// What EC2 says of an instance.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    image: String,
    subnet: String,
    vpc: String,
    profile_arn: String,
}

/// Finds a running instance.
///
/// # Errors
///
/// The method's words for why there is none.
pub(super) async fn describe(
    vault: &Vault,
    mount: &str,
    id: &str,
    region: &str,
    account: &str,
) -> Result<Instance, String> {
    let credentials = own::client(vault, mount, account).await?;
    let config = own::client_config(vault, mount);
    let question = Question {
        service: "ec2",
        endpoint: format!("https://{}", ec2_host(region)),
        region: region.to_owned(),
        credentials: &credentials,
        parameters: vec![
            ("Action", "DescribeInstances"),
            ("InstanceId.1", id),
            ("Version", "2016-11-15"),
        ],
    };
    let answer = own::ask(vault, &config, question).await.map_err(|error| {
        let id = go::quote(id);
        format!("error fetching description for instance ID {id}: {error}")
    })?;
    let text = |name| xml::text(&answer, name).unwrap_or_default();
    let found = text("instanceId");
    if found.is_empty() {
        return Err("no reservations found in instance description".to_owned());
    }
    if found != id {
        let words = "expected instance ID not matching the instance ID in the instance description";
        return Err(words.to_owned());
    }
    let state = answer
        .split_once("<instanceState>")
        .map_or("", |(_, state)| state);
    if xml::text(&format!("<a>{state}"), "name").as_deref() != Some("running") {
        return Err("instance is not in 'running' state".to_owned());
    }
    Ok(Instance {
        image: text("imageId"),
        subnet: text("subnetId"),
        vpc: text("vpcId"),
        profile_arn: text("arn"),
    })
}

impl Instance {
    /// Judges the instance by the lists that a role is bound to.
    ///
    /// # Errors
    ///
    /// The first that does not hold it.
    pub(super) fn check(
        &self,
        role: &Role,
        name: &str,
        id: &str,
        account: &str,
    ) -> Result<(), String> {
        let name = go::quote(name);
        let belongs = format!("does not belong to role {name}");
        let constrained = format!("does not satisfy the constraint on role {name}");
        let lists = [
            (
                "bound_ec2_instance_id",
                "instance ID",
                id,
                format!("does not belong to the role {name}"),
            ),
            ("bound_account_id", "account ID", account, belongs.clone()),
            ("bound_ami_id", "AMI ID", self.image.as_str(), belongs),
            (
                "bound_subnet_id",
                "subnet ID",
                self.subnet.as_str(),
                constrained.clone(),
            ),
            ("bound_vpc_id", "VPC ID", self.vpc.as_str(), constrained),
        ];
        for (list, what, value, words) in lists {
            let bound = role.bound_to(list);
            if !bound.is_empty() && !bound.iter().any(|bound| bound == value) {
                return Err(format!("{what} {} {words}", go::quote(value)));
            }
        }
        let profiles = role.bound_to("bound_iam_instance_profile_arn");
        let is_profile = |bound: &String| {
            bound
                .strip_suffix('*')
                .map_or(*bound == self.profile_arn, |head| {
                    self.profile_arn.starts_with(head)
                })
        };
        if !profiles.is_empty() && !profiles.iter().any(is_profile) {
            let arn = go::quote(&self.profile_arn);
            return Err(format!(
                "IAM instance profile ARN {arn} does not satisfy the constraint role {name}"
            ));
        }
        Ok(())
    }
}
