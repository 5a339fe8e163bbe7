//! A plan: what would be changed, why, and what stands in the way. Data only.

use serde_json::Value;

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Create,
    Update,
    /// The thing was made anew by somebody; trusting the new one is a decision.
    Replace,
    Delete,
    /// Somebody else's is taken over.
    Adopt,
}

impl Verb {
    /// The word used in documents and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Replace => "replace",
            Verb::Delete => "delete",
            Verb::Adopt => "adopt",
        }
    }
}

/// A resource, by ARN or by API path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    Role {
        arn: String,
    },
    InlinePolicy {
        role_arn: String,
        name: String,
    },
    InstanceProfile {
        arn: String,
    },
    AuthMount {
        namespace: Option<String>,
        path: String,
    },
    ClientConfig {
        namespace: Option<String>,
        mount: String,
    },
    AuthRole {
        namespace: Option<String>,
        mount: String,
        name: String,
    },
    Policy {
        namespace: Option<String>,
        name: String,
    },
    KvMount {
        namespace: Option<String>,
        path: String,
    },
}

impl Resource {
    /// The name used in documents and on the command line.
    pub fn name(&self) -> String {
        match self {
            Resource::Role { arn } | Resource::InstanceProfile { arn } => arn.clone(),
            Resource::InlinePolicy { role_arn, name } => format!("{role_arn}#policy/{name}"),
            Resource::AuthMount { .. }
            | Resource::ClientConfig { .. }
            | Resource::AuthRole { .. }
            | Resource::Policy { .. }
            | Resource::KvMount { .. } => {
                let namespace = self
                    .namespace()
                    .map(|namespace| format!("{}/", namespace.trim_matches('/')));
                let path = self.api_path().unwrap_or_default();
                format!("vault:{}{path}", namespace.unwrap_or_default())
            }
        }
    }

    /// The namespace of Vault in which it lies; `None` also for what lies in AWS.
    pub fn namespace(&self) -> Option<&str> {
        match self {
            Resource::Role { .. }
            | Resource::InlinePolicy { .. }
            | Resource::InstanceProfile { .. } => None,
            Resource::AuthMount { namespace, .. }
            | Resource::ClientConfig { namespace, .. }
            | Resource::AuthRole { namespace, .. }
            | Resource::Policy { namespace, .. }
            | Resource::KvMount { namespace, .. } => namespace.as_deref(),
        }
    }

    /// The path of Vault's API within the namespace; `None` for what lies in AWS.
    pub fn api_path(&self) -> Option<String> {
        match self {
            Resource::Role { .. }
            | Resource::InlinePolicy { .. }
            | Resource::InstanceProfile { .. } => None,
            Resource::AuthMount { path, .. } => Some(format!("sys/auth/{path}")),
            Resource::ClientConfig { mount, .. } => Some(format!("auth/{mount}/config/client")),
            Resource::AuthRole { mount, name, .. } => Some(format!("auth/{mount}/role/{name}")),
            Resource::Policy { name, .. } => Some(format!("sys/policies/acl/{name}")),
            Resource::KvMount { path, .. } => Some(format!("sys/mounts/{path}")),
        }
    }
}

/// A field that changes: `None` before it is set at all.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    pub name: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl FieldChange {
    /// A field that is set where nothing was.
    pub fn new(name: &str, after: impl Into<Value>) -> Self {
        FieldChange {
            name: name.to_owned(),
            before: None,
            after: Some(after.into()),
        }
    }
}

/// One change of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub verb: Verb,
    pub resource: Resource,
    pub why: String,
    pub fields: Vec<FieldChange>,
}

/// What kind of conflict it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// It bears no mark of ours, or another stack's.
    NotOurs,
    /// It is ours and cannot be made what is wanted: a path, a version.
    CannotChange,
    /// The instance profile holds another role.
    ProfileHoldsAnother,
    /// Something of others hangs on it, so that it cannot go.
    InUse,
    /// Another kind of mount stands at the path.
    OtherKindOfMount,
}

/// Something that is there, differs and is not ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub resource: Resource,
    pub kind: ConflictKind,
    pub found: String,
    pub wanted: String,
    pub remedy: String,
    /// What would change if it were taken over.
    pub fields: Vec<FieldChange>,
}

/// The difference between what is wanted and what is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// In the order in which they are to be made.
    pub changes: Vec<Change>,
    pub conflicts: Vec<Conflict>,
    pub unchanged: Vec<Resource>,
    /// What a person should know beside it, a line each.
    pub notes: Vec<String>,
}

impl Plan {
    /// Tells whether nothing is to be done and nothing stands in the way.
    pub fn is_empty(&self) -> bool {
        let Plan {
            changes,
            conflicts,
            unchanged: _,
            notes: _,
        } = self;
        changes.is_empty() && conflicts.is_empty()
    }
}
