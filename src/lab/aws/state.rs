//! Everything that this AWS knows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::endpoint::AwsService;
use super::refusal::Refusal;
use super::trust::Trust;
use crate::aws::policy::Document;

/// The partition of the lab.
pub(super) const PARTITION: &str = "aws";

/// The most keys of sessions that are kept: of more, the one that ends first
/// goes. A login needs its session for a moment.
const SESSIONS: usize = 1000;

#[derive(Default)]
pub(super) struct State {
    pub(super) accounts: BTreeMap<String, Account>,
    /// By key id.
    pub(super) keys: BTreeMap<String, Key>,
    /// By instance id.
    pub(super) instances: BTreeMap<String, Instance>,
    pub(super) regions: BTreeMap<String, RegionState>,
    /// How many requests each service is still too busy for.
    pub(super) throttled: BTreeMap<AwsService, u32>,
    pub(super) down: BTreeSet<AwsService>,
    /// How long a new principal is not known everywhere.
    pub(super) settling: Duration,
}

/// What an account has made of a region; by default all is active there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionState {
    /// STS was switched off there.
    StsInactive,
    /// The account did not opt in.
    NotEnabled,
}

#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) users: BTreeMap<String, User>,
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) profiles: BTreeMap<String, Profile>,
    /// The managed policies by ARN.
    pub(super) policies: BTreeMap<String, Value>,
    /// The policies of its organisation, beside `FullAWSAccess`.
    pub(super) service_control: BTreeMap<String, Document>,
    pub(super) resource_control: BTreeMap<String, Document>,
    pub(super) role_quota: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) arn: String,
    /// `AIDA…`
    pub(super) unique_id: String,
    pub(super) created: SystemTime,
    pub(super) inline: BTreeMap<String, Value>,
}

#[derive(Debug, Clone)]
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
    /// The ARNs of managed policies.
    pub(super) attached: BTreeSet<String>,
    pub(super) boundary: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) max_session: u32,
    pub(super) description: Option<String>,
}

/// An instance profile.
#[derive(Debug, Clone)]
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
    pub(super) account: String,
    pub(super) region: String,
    pub(super) profile: Option<String>,
    pub(super) metadata: MetadataState,
    pub(super) hop_limit: u8,
    /// How far from the machine the client runs; in a container it is 2.
    pub(super) hops: u8,
    /// Ends of the metadata session tokens.
    pub(super) tokens: BTreeMap<String, SystemTime>,
    /// The key that it has for the role of this unique id.
    pub(super) delivered: Option<(String, String)>,
}

/// Whether an instance has its metadata service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataState {
    Enabled,
    Disabled,
}

/// What belongs to an access key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) secret: String,
    pub(super) owner: KeyOwner,
    pub(super) state: KeyState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    Active,
    Inactive,
}

#[derive(Clone)]
pub(super) enum KeyOwner {
    Root { account: String },
    User { account: String, name: String },
    Session(Box<Session>),
}

/// A session of a role.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) account: String,
    pub(super) role: String,
    pub(super) role_id: String,
    pub(super) name: String,
    pub(super) token: String,
    pub(super) issued: SystemTime,
    pub(super) expires: SystemTime,
    pub(super) policy: Option<Document>,
    pub(super) tags: BTreeMap<String, String>,
    /// The tags that a further session takes over.
    pub(super) transitive: BTreeSet<String>,
    pub(super) source_identity: Option<String>,
}

/// An access key with its secret, as its owner gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Of a session.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Keys");
        shown
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn account(&self, id: &str) -> Result<&Account, Refusal> {
        self.accounts.get(id).ok_or_else(Refusal::unknown_key)
    }

    pub(super) fn account_mut(&mut self, id: &str) -> Result<&mut Account, Refusal> {
        self.accounts.get_mut(id).ok_or_else(Refusal::unknown_key)
    }

    pub(super) fn role(&self, account: &str, name: &str) -> Result<&Role, Refusal> {
        let role = self.account(account)?.roles.get(name);
        role.ok_or_else(|| no_role(name))
    }

    pub(super) fn role_mut(&mut self, account: &str, name: &str) -> Result<&mut Role, Refusal> {
        let role = self.account_mut(account)?.roles.get_mut(name);
        role.ok_or_else(|| no_role(name))
    }

    pub(super) fn profile(&self, account: &str, name: &str) -> Result<&Profile, Refusal> {
        let profile = self.account(account)?.profiles.get(name);
        profile.ok_or_else(|| no_profile(name))
    }

    pub(super) fn profile_mut(
        &mut self,
        account: &str,
        name: &str,
    ) -> Result<&mut Profile, Refusal> {
        let profile = self.account_mut(account)?.profiles.get_mut(name);
        profile.ok_or_else(|| no_profile(name))
    }

    /// The unique id of the role or user that has this ARN now.
    pub(super) fn unique_id_of(&self, arn: &str) -> Option<(&str, SystemTime)> {
        let account = self.accounts.get(arn.split(':').nth(4)?)?;
        let roles = account.roles.values();
        let roles = roles.map(|role| (&role.arn, &role.unique_id, role.created));
        let users = account.users.values();
        let users = users.map(|user| (&user.arn, &user.unique_id, user.created));
        let mut all = roles.chain(users);
        let (_, id, created) = all.find(|(other, ..)| *other == arn)?;
        Some((id, created))
    }

    /// Whether what was created then is known everywhere by now.
    pub(super) fn is_settled(&self, created: SystemTime, now: SystemTime) -> bool {
        now.duration_since(created)
            .is_ok_and(|age| age >= self.settling)
    }

    /// Makes a key that lasts.
    pub(super) fn issue_key(&mut self, owner: KeyOwner) -> Keys {
        self.insert_key("AKIA", owner, None)
    }

    /// Makes the key of a session, and forgets sessions that are over.
    pub(super) fn issue_session(&mut self, session: Session) -> Keys {
        let now = session.issued;
        self.keys.retain(
            |_, key| !matches!(&key.owner, KeyOwner::Session(old) if is_long_over(old, now)),
        );
        let ends = |(id, key): (&String, &Key)| match &key.owner {
            KeyOwner::Session(session) => Some((session.expires, id.clone())),
            KeyOwner::Root { .. } | KeyOwner::User { .. } => None,
        };
        let sessions: Vec<_> = self.keys.iter().filter_map(ends).collect();
        if sessions.len() >= SESSIONS
            && let Some((_, first)) = sessions.into_iter().min()
        {
            self.keys.remove(&first);
        }
        let token = session.token.clone();
        self.insert_key("ASIA", KeyOwner::Session(Box::new(session)), Some(token))
    }

    fn insert_key(&mut self, prefix: &str, owner: KeyOwner, token: Option<String>) -> Keys {
        let keys = Keys {
            access_key_id: identifier(prefix, 16),
            secret_access_key: random(BASE64, 40),
            session_token: token,
        };
        let key = Key {
            secret: keys.secret_access_key.clone(),
            owner,
            state: KeyState::Active,
        };
        self.keys.insert(keys.access_key_id.clone(), key);
        keys
    }
}

/// A session that ended a while ago is told that it is expired, not unknown.
fn is_long_over(session: &Session, now: SystemTime) -> bool {
    let since = now.duration_since(session.expires);
    since.is_ok_and(|since| since > Duration::from_secs(3600))
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
