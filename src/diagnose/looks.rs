//! What the probes saw: the evidence that was gathered after a failure, each
//! piece with whose right it was seen. Data only; a recorded trace holds it as
//! it stands here.

mod aws;
mod vault;

use serde::{Deserialize, Serialize};

use super::finding::NotSeen;

pub use aws::{AwsLooks, IamRole, RolePolicies, Who};
pub use vault::{AuthRole, Entity, LoginKind, ServerId, StsChoice, VaultLooks};

/// Everything that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Looks {
    pub aws: AwsLooks,
    pub vault: VaultLooks,
}

/// One look, and how it ended. A thing that is not there was seen to be absent:
/// that is `Look<Option<T>>`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look<T> {
    /// Nobody looked.
    #[default]
    NotMade,
    /// It was tried, and did not work out.
    Refused(Refused),
    Seen {
        value: T,
        with: Rights,
    },
}

/// A look that did not work out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// `iam:GetRole`, `read`.
    pub action: String,
    /// A role's ARN, an API path.
    pub target: String,
    /// The side that refused: `iam`, `vault`, `network`.
    pub by: String,
    pub because: String,
    pub with: Rights,
}

/// Whose right a look took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rights {
    /// No right at all: anybody may ask that.
    Nobody,
    /// The credentials or the token of the run itself.
    Own,
    /// The token of VAULT_TOKEN or of the store, which `--admin` lets be used.
    AdminToken,
    /// An AWS profile, which `--admin-profile` names.
    AdminProfile(String),
}

impl Rights {
    /// The words used in documents and on the screen.
    pub fn words(&self) -> String {
        match self {
            Rights::Nobody => "no rights".to_owned(),
            Rights::Own => "own rights".to_owned(),
            Rights::AdminToken => "admin token".to_owned(),
            Rights::AdminProfile(name) => format!("profile {name}"),
        }
    }
}

impl<T> Look<T> {
    /// What was seen, if something was.
    pub fn seen(&self) -> Option<&T> {
        match self {
            Look::Seen { value, .. } => Some(value),
            Look::NotMade | Look::Refused(_) => None,
        }
    }

    /// What was seen, and with whose right.
    pub fn seen_with(&self) -> Option<(&T, &Rights)> {
        match self {
            Look::Seen { value, with } => Some((value, with)),
            Look::NotMade | Look::Refused(_) => None,
        }
    }

    /// The look as one that would decide: who refused it, if it was tried.
    /// `None` when something was seen.
    pub fn missing(&self, action: &str, target: &str) -> Option<NotSeen> {
        match self {
            Look::Seen { .. } => None,
            Look::NotMade => Some(NotSeen {
                action: action.to_owned(),
                target: target.to_owned(),
                refused_by: None,
            }),
            Look::Refused(refused) => Some(NotSeen {
                action: refused.action.clone(),
                target: refused.target.clone(),
                refused_by: Some(refused.by.clone()),
            }),
        }
    }
}

impl<T> Look<Option<T>> {
    /// What is there, if it was seen to be there.
    pub fn present(&self) -> Option<&T> {
        self.seen().and_then(Option::as_ref)
    }

    /// Tells whether it was seen not to be there.
    pub fn is_absent(&self) -> bool {
        matches!(self.seen(), Some(None))
    }
}
