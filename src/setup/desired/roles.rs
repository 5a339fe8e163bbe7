//! The roles and their documents.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{DesiredRole, MANAGED_BY, OwnNames, Part, STACK_TAG};
use crate::aws::identity::{Partition, PrincipalArn, PrincipalKind, bare_name, role_arn};
use crate::settings::{
    AssumeTarget, ProvisionSettings, Settings, SettingsError, SettingsProblem, Topology, Workload,
};

/// ARNs that several documents name.
pub(super) struct Names {
    pub(super) partition: &'static Partition,
    own: OwnNames,
    pub(super) kong: String,
    pub(super) login: String,
    server: String,
}

impl Names {
    pub(super) fn of(
        settings: &Settings,
        account: &str,
        region: &str,
    ) -> Result<Self, SettingsError> {
        let partition = Partition::of_region(region);
        let aws = &settings.aws;
        let account = aws.account_id.as_deref().unwrap_or(account);
        let arn = |account: &str, name: &str| role_arn(partition.name, account, name);
        let (login_account, login) = match &aws.assume {
            AssumeTarget::Arn(named) => match PrincipalArn::parse(named) {
                Some(PrincipalArn {
                    account,
                    kind: PrincipalKind::Role { .. },
                    ..
                }) => (account, named.clone()),
                _ => {
                    return Err(SettingsError::new(
                        SettingsProblem::WrongValue,
                        "aws.assume_role_arn",
                        format!("must be the ARN of a role, not '{named}'"),
                    ));
                }
            },
            AssumeTarget::LoginRole {
                account: Some(other),
            } => (other.clone(), arn(other, &aws.login_role)),
            AssumeTarget::LoginRole { account: None } | AssumeTarget::None => {
                (account.to_owned(), arn(account, &aws.login_role))
            }
        };
        let server = settings
            .provision
            .server_role
            .as_deref()
            .unwrap_or("VaultServerRole");
        let kong = arn(account, &aws.kong_role);
        let server = arn(&login_account, server);
        // In the article's topology the login role is the server's own.
        let is_same = match settings.topology {
            Topology::Article => kong == login,
            Topology::Separate => kong == login || login == server || kong == server,
            Topology::Direct => kong == server,
        };
        if is_same {
            return Err(SettingsError::new(
                SettingsProblem::Contradiction,
                "aws.kong_role",
                "KongRole, the login role and the server's role must be different roles",
            ));
        }
        Ok(Names {
            partition,
            own: OwnNames::of(&settings.provision.stack),
            kong,
            server,
            login,
        })
    }

    /// The role that Vault binds.
    pub(super) fn bound(&self, topology: Topology) -> &str {
        match topology {
            Topology::Direct => &self.kong,
            Topology::Article | Topology::Separate => &self.login,
        }
    }

    /// A service as a principal: `ec2.amazonaws.com.cn` in China.
    ///
    /// Source: "AWS service principals" in the IAM user guide; only EC2 has a
    /// name of its own there.
    fn ec2(&self) -> String {
        format!("ec2.{}", self.partition.dns_suffix)
    }
}

pub(super) fn kong_role(settings: &Settings, names: &Names) -> Result<DesiredRole, SettingsError> {
    let pod_identity = settings.provision.workload == Workload::EksPodIdentity;
    let (service, actions) = match settings.provision.workload {
        Workload::Ec2 => (names.ec2(), json!("sts:AssumeRole")),
        Workload::Ecs => (
            "ecs-tasks.amazonaws.com".to_owned(),
            json!("sts:AssumeRole"),
        ),
        Workload::EksPodIdentity => (
            "pods.eks.amazonaws.com".to_owned(),
            json!(["sts:AssumeRole", "sts:TagSession"]),
        ),
        Workload::Irsa => {
            return Err(SettingsError::new(
                SettingsProblem::WrongValue,
                "aws.workload",
                "irsa cannot be set up: it needs the cluster's OIDC provider and service account, which no setting names",
            ));
        }
    };
    let trust = document(vec![json!({
        "Sid": names.own.assume_sid,
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": actions,
    })]);
    // The tags of a pod's session are transitive, so passing them on is needed.
    let policy_actions = if pod_identity {
        json!(["sts:AssumeRole", "sts:TagSession"])
    } else {
        json!("sts:AssumeRole")
    };
    let policy = (settings.topology != Topology::Direct).then(|| {
        document(vec![json!({
            "Sid": names.own.assume_sid,
            "Effect": "Allow",
            "Action": policy_actions,
            "Resource": names.login,
        })])
    });
    Ok(role(settings, Part::Kong, &names.kong, trust, policy))
}

pub(super) fn login_role(settings: &Settings, names: &Names) -> DesiredRole {
    let actions = if settings.provision.workload == Workload::EksPodIdentity {
        json!(["sts:AssumeRole", "sts:TagSession"])
    } else {
        json!("sts:AssumeRole")
    };
    let mut by_kong = json!({
        "Sid": names.own.assume_sid,
        "Effect": "Allow",
        "Principal": { "AWS": names.kong },
        "Action": actions,
    });
    if let Some(id) = &settings.aws.external_id {
        by_kong["Condition"] = json!({ "StringEquals": { "sts:ExternalId": id } });
    }
    let mut statements = vec![by_kong];
    // In the article's topology Vault's own server runs with this role too.
    let is_servers_own = settings.topology == Topology::Article;
    if is_servers_own {
        statements.push(json!({
            "Sid": names.own.server_sid,
            "Effect": "Allow",
            "Principal": { "Service": names.ec2() },
            "Action": "sts:AssumeRole",
        }));
    }
    let policy = is_servers_own.then(|| may_get_role(&names.login));
    role(
        settings,
        Part::Login,
        &names.login,
        document(statements),
        policy,
    )
}

/// The role that Vault's servers already have: one more inline policy.
pub(super) fn server_role(settings: &Settings, names: &Names) -> DesiredRole {
    let trust = document(vec![json!({
        "Sid": names.own.server_sid,
        "Effect": "Allow",
        "Principal": { "Service": names.ec2() },
        "Action": "sts:AssumeRole",
    })]);
    role(
        settings,
        Part::Server,
        &names.server,
        trust,
        Some(may_get_role(names.bound(settings.topology))),
    )
}

/// Vault looks the bound role up, to bind its unique id.
fn may_get_role(arn: &str) -> Value {
    document(vec![json!({
        "Sid": "VaultiamGetRole",
        "Effect": "Allow",
        "Action": "iam:GetRole",
        "Resource": arn,
    })])
}

fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn role(
    settings: &Settings,
    part: Part,
    arn: &str,
    trust: Value,
    policy: Option<Value>,
) -> DesiredRole {
    let name = arn.split_once(":role/").map_or(arn, |(_, name)| name);
    let path = match name.rsplit_once('/') {
        Some((path, _)) => format!("/{path}/"),
        None => "/".to_owned(),
    };
    DesiredRole {
        part,
        name: bare_name(name).to_owned(),
        path,
        arn: arn.to_owned(),
        trust,
        own: OwnNames::of(&settings.provision.stack),
        policy,
        tags: tags(&settings.provision),
        permissions_boundary: settings.provision.permissions_boundary.clone(),
    }
}

/// The marks of what is ours, and the tags that the settings add.
fn tags(provision: &ProvisionSettings) -> BTreeMap<String, String> {
    let mut tags = provision.tags.clone();
    tags.insert(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned());
    tags.insert(STACK_TAG.to_owned(), provision.stack.clone());
    tags
}
