//! Everything that this AWS knows.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::refusal::Refusal;
use super::trust::Trust;

#[derive(Default)]
pub(super) struct State {
    /// Twelve digits.
    pub(super) account: String,
    pub(super) users: BTreeMap<String, User>,
    pub(super) roles: BTreeMap<String, Role>,
    /// The instance profiles.
    pub(super) profiles: BTreeMap<String, Profile>,
    /// The managed policies by ARN.
    pub(super) policies: BTreeMap<String, Value>,
    /// What the organisation lets the account do, if it limits it.
    pub(super) service_control: Option<Value>,
    /// By key id.
    pub(super) keys: BTreeMap<String, Key>,
    /// By instance id.
    pub(super) instances: BTreeMap<String, Instance>,
    /// How many requests STS is still too busy for.
    pub(super) throttled: u32,
    /// How long a new role is not known everywhere.
    pub(super) settling: Duration,
}

pub(super) struct User {
    /// `AIDA…`
    pub(super) unique_id: String,
    pub(super) policy: Value,
}

#[derive(Clone)]
pub(super) struct Role {
    pub(super) name: String,
    /// Begins and ends with a slash.
    pub(super) path: String,
    pub(super) arn: String,
    /// `AROA…`
    pub(super) unique_id: String,
    pub(super) created: SystemTime,
    pub(super) trust: Trust,
    pub(super) inline: BTreeMap<String, Value>,
    pub(super) boundary: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// In seconds.
    pub(super) max_session: i64,
    pub(super) description: Option<String>,
}

pub(super) struct Profile {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) arn: String,
    /// `AIPA…`
    pub(super) unique_id: String,
    pub(super) created: SystemTime,
    pub(super) role: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
}

/// A virtual machine, as far as its metadata service shows it.
pub(super) struct Instance {
    pub(super) region: String,
    pub(super) profile: Option<String>,
    pub(super) metadata: MetadataState,
    /// Ends of the metadata session tokens.
    pub(super) tokens: BTreeMap<String, SystemTime>,
    pub(super) delivered: Option<Delivered>,
}

/// The keys that an instance got last, as they were told.
pub(super) struct Delivered {
    pub(super) role_id: String,
    pub(super) expires: SystemTime,
    pub(super) document: String,
}

/// How the metadata service of an instance answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataState {
    Enabled,
    Disabled,
    /// Its client runs in a container, one hop further than its tokens go.
    TooFar,
}

/// What belongs to an access key.
pub(super) struct Key {
    pub(super) secret: String,
    pub(super) owner: KeyOwner,
}

#[derive(Clone)]
pub(super) enum KeyOwner {
    /// By name.
    User(String),
    Session(Box<Session>),
}

/// A session of a role.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) role: String,
    pub(super) role_id: String,
    pub(super) name: String,
    pub(super) token: String,
    pub(super) issued: SystemTime,
    pub(super) expires: SystemTime,
    pub(super) policy: Option<Value>,
}

/// An access key with its secret, as its owner gets it.
#[derive(Clone)]
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Of a session.
    pub session_token: Option<String>,
}

impl State {
    /// The ARN of something in IAM: `kind` is its kind with its path.
    pub(super) fn arn(&self, kind: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{name}", self.account)
    }

    pub(super) fn role(&self, name: &str) -> Result<&Role, Refusal> {
        self.roles.get(name).ok_or_else(|| no_role(name))
    }

    pub(super) fn role_mut(&mut self, name: &str) -> Result<&mut Role, Refusal> {
        self.roles.get_mut(name).ok_or_else(|| no_role(name))
    }

    pub(super) fn profile(&self, name: &str) -> Result<&Profile, Refusal> {
        self.profiles.get(name).ok_or_else(|| no_profile(name))
    }

    pub(super) fn profile_mut(&mut self, name: &str) -> Result<&mut Profile, Refusal> {
        self.profiles.get_mut(name).ok_or_else(|| no_profile(name))
    }

    /// Bounds what a role may do by a managed policy.
    pub(super) fn set_boundary(&mut self, role: &str, policy: &str) -> Result<(), Refusal> {
        self.role(role)?;
        self.check_managed(policy)?;
        self.role_mut(role)?.boundary = Some(policy.to_owned());
        Ok(())
    }

    /// Demands that there is a managed policy of this ARN.
    pub(super) fn check_managed(&self, arn: &str) -> Result<(), Refusal> {
        if self.policies.contains_key(arn) {
            return Ok(());
        }
        let words = format!("Scope ARN: {arn} does not exist or is not attachable.");
        Err(Refusal::no_such_entity(words))
    }

    /// The unique id of the role or user that has this ARN now.
    pub(super) fn unique_id_of(&self, arn: &str) -> Option<&str> {
        let user = arn.strip_prefix(&self.arn("user/", ""));
        let user = user.and_then(|name| self.users.get(name));
        let role = self.roles.values().find(|role| role.arn == arn);
        let id = role.map(|role| &role.unique_id);
        id.or(user.map(|user| &user.unique_id)).map(String::as_str)
    }

    /// Whether what has this ARN is known everywhere by now.
    pub(super) fn is_settled(&self, arn: &str, now: SystemTime) -> bool {
        let is_new = |role: &Role| {
            let age = now.duration_since(role.created).unwrap_or_default();
            role.arn == arn && age < self.settling
        };
        !self.roles.values().any(is_new)
    }

    /// Makes the key of a session, and forgets those that ended long ago: one
    /// that ended just now is told that it is expired, not unknown.
    pub(super) fn issue_session(&mut self, session: Session) -> Keys {
        let an_hour_ago = session.issued - Duration::from_secs(3600);
        self.keys.retain(|_, key| match &key.owner {
            KeyOwner::Session(session) => session.expires > an_hour_ago,
            KeyOwner::User(_) => true,
        });
        let token = session.token.clone();
        Keys {
            session_token: Some(token),
            ..self.issue_key("ASIA", KeyOwner::Session(Box::new(session)))
        }
    }

    pub(super) fn issue_key(&mut self, prefix: &str, owner: KeyOwner) -> Keys {
        let id = identifier(prefix, 16);
        let secret = random(BASE64, 40);
        let key = Key {
            secret: secret.clone(),
            owner,
        };
        self.keys.insert(id.clone(), key);
        Keys {
            access_key_id: id,
            secret_access_key: secret,
            session_token: None,
        }
    }
}

pub(super) fn no_role(name: &str) -> Refusal {
    Refusal::no_such_entity(format!("The role with name {name} cannot be found."))
}

pub(super) fn no_profile(name: &str) -> Refusal {
    Refusal::no_such_entity(format!("Instance Profile {name} cannot be found."))
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A unique id or key id: what it is, and random letters.
pub(super) fn identifier(prefix: &str, length: usize) -> String {
    format!("{prefix}{}", random(BASE32, length))
}

/// A session token.
pub(super) fn session_token() -> String {
    random(BASE64, 352)
}

fn random(alphabet: &[u8], length: usize) -> String {
    let one = |_| fastrand::choice(alphabet).copied().map(char::from);
    (0..length).filter_map(one).collect()
}
