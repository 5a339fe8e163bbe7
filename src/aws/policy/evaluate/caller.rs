//! Who makes a request.

use crate::aws::identity::{PrincipalArn, PrincipalKind};

use super::context::Value;

/// The principal that makes a request, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub kind: CallerKind,
    /// `AROA…` of a role, `AIDA…` of a user.
    pub unique_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    User {
        account: Account,
        /// Begins and ends with a slash.
        path: String,
        name: String,
    },
    /// A session of a role: roles act through sessions only.
    Role {
        account: Account,
        /// The ARN of a session does not tell it.
        path: Option<String>,
        name: String,
        /// Not known where the question is what a role could do.
        session: Option<String>,
    },
    /// The account's root user.
    Root { account: Account },
    /// A session that a user got from `GetFederationToken`.
    FederatedUser { account: Account, name: String },
    /// `ec2.amazonaws.com`
    Service { principal: String },
    /// Somebody whom an identity provider vouches for: `AssumeRoleWithWebIdentity`
    /// and `AssumeRoleWithSAML`.
    Federated { provider: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub partition: String,
    pub id: String,
}

impl Caller {
    /// The caller as `GetCallerIdentity` names it: its ARN, and its user id
    /// (`AROA…:session`, `AIDA…`) where that is known. `None` when the ARN is
    /// none of a caller.
    pub fn parse(arn: &str, user_id: Option<&str>) -> Option<Self> {
        let PrincipalArn {
            partition,
            account,
            kind,
        } = PrincipalArn::parse(arn)?;
        let account = Account {
            partition,
            id: account,
        };
        let kind = match kind {
            PrincipalKind::Root => CallerKind::Root { account },
            PrincipalKind::User { path, name } => CallerKind::User {
                account,
                path,
                name,
            },
            PrincipalKind::Role { path, name } => CallerKind::Role {
                account,
                path: Some(path),
                name,
                session: None,
            },
            PrincipalKind::AssumedRole { role, session } => CallerKind::Role {
                account,
                path: None,
                name: role,
                session: Some(session),
            },
            PrincipalKind::Other(resource) => CallerKind::FederatedUser {
                account,
                name: resource.strip_prefix("federated-user/")?.to_owned(),
            },
        };
        let unique_id = user_id.map(|id| id.split(':').next().unwrap_or(id).to_owned());
        Some(Caller { kind, unique_id })
    }

    /// The same session, with the path of its role.
    #[must_use]
    pub fn with_role_path(mut self, role_path: &str) -> Self {
        if let CallerKind::Role { path, .. } = &mut self.kind {
            *path = Some(role_path.to_owned());
        }
        self
    }

    /// The account that the caller belongs to; services and those whom a
    /// provider vouches for belong to none.
    pub fn account(&self) -> Option<&Account> {
        match &self.kind {
            CallerKind::User { account, .. }
            | CallerKind::Role { account, .. }
            | CallerKind::Root { account }
            | CallerKind::FederatedUser { account, .. } => Some(account),
            CallerKind::Service { .. } | CallerKind::Federated { .. } => None,
        }
    }

    /// A role that an AWS service made for itself: organisations' policies do
    /// not apply to it.
    pub(super) fn is_service_linked(&self) -> bool {
        matches!(&self.kind, CallerKind::Role { path: Some(path), .. }
            if path.starts_with("/aws-service-role/"))
    }

    /// What AWS puts into every request about its caller. `None` for a key that
    /// says nothing about the caller.
    ///
    /// Source: "AWS global condition context keys", and the table of principal
    /// key values in "IAM policy elements: Variables and tags".
    pub(super) fn key(&self, key: &str) -> Option<Value> {
        match key {
            "aws:principalarn" => Some(self.principal_arn()),
            "aws:principalaccount" => Some(match self.account() {
                Some(account) => Value::one(&account.id),
                None => Value::Unknown,
            }),
            "aws:principaltype" => Some(match &self.kind {
                CallerKind::User { .. } => Value::one("User"),
                CallerKind::Role { .. } => Value::one("AssumedRole"),
                CallerKind::Root { .. } => Value::one("Account"),
                CallerKind::FederatedUser { .. } => Value::one("FederatedUser"),
                CallerKind::Service { .. } | CallerKind::Federated { .. } => Value::Unknown,
            }),
            "aws:userid" => Some(self.user_id()),
            "aws:username" => Some(match &self.kind {
                CallerKind::User { name, .. } => Value::one(name),
                CallerKind::Service { .. } | CallerKind::Federated { .. } => Value::Unknown,
                _ => Value::Absent,
            }),
            "aws:principalisawsservice" => Some(Value::one(match &self.kind {
                CallerKind::Service { .. } => "true",
                _ => "false",
            })),
            "aws:principalservicename" => Some(match &self.kind {
                CallerKind::Service { principal } => Value::one(principal),
                _ => Value::Absent,
            }),
            _ => None,
        }
    }

    /// Of a session it is the ARN of its role.
    fn principal_arn(&self) -> Value {
        let arn = |account: &Account, service: &str, resource: String| {
            let Account { partition, id } = account;
            Value::one(&format!("arn:{partition}:{service}::{id}:{resource}"))
        };
        match &self.kind {
            CallerKind::User {
                account,
                path,
                name,
            } => arn(account, "iam", format!("user{path}{name}")),
            CallerKind::Role {
                account,
                path: Some(path),
                name,
                ..
            } => arn(account, "iam", format!("role{path}{name}")),
            CallerKind::Root { account } => arn(account, "iam", "root".to_owned()),
            CallerKind::FederatedUser { account, name } => {
                arn(account, "sts", format!("federated-user/{name}"))
            }
            CallerKind::Role { path: None, .. }
            | CallerKind::Service { .. }
            | CallerKind::Federated { .. } => Value::Unknown,
        }
    }

    fn user_id(&self) -> Value {
        match (&self.kind, &self.unique_id) {
            (CallerKind::User { .. }, Some(id)) => Value::one(id),
            (
                CallerKind::Role {
                    session: Some(session),
                    ..
                },
                Some(id),
            ) => Value::one(&format!("{id}:{session}")),
            (CallerKind::Root { account }, _) => Value::one(&account.id),
            (CallerKind::FederatedUser { account, name }, _) => {
                Value::one(&format!("{}:{name}", account.id))
            }
            _ => Value::Unknown,
        }
    }
}
