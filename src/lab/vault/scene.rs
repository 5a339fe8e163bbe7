//! What can be seen and changed from the same process, behind everybody's back.
//! Never a reply: only what replies follow from.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::identity::EntityState;
use super::kv2::Asker;
use super::mount::Engine;
use super::state::{Node, RouteKind, Seal};
use super::sys;
use super::tokens::Token;
use super::{Outside, Vault};
use crate::secret::Secret;

/// A token that is to be made.
#[derive(Debug, Clone, Default)]
pub struct TokenWanted {
    /// None makes a token that may do nothing; `root` one that may do anything.
    pub policies: Vec<String>,
    /// In seconds; zero for ever.
    pub ttl: u64,
    /// How often it may be used; zero for as often as one likes.
    pub uses: u32,
}

/// A change of a role behind the back of whoever wrote it.
#[derive(Debug, Clone)]
pub enum RoleChange {
    /// Binds it to other principals. Unique ids are those given, if any.
    BoundTo {
        arns: Vec<String>,
        unique_ids: Vec<String>,
    },
    /// Takes it for a role of type `ec2`.
    OfTypeEc2,
    /// Has it take sessions for EC2 instances of a region.
    Infers { region: String },
    /// Gives tokens with these policies.
    Policies(Vec<String>),
    /// Lets it be used from these addresses alone.
    BoundCidrs(Vec<String>),
    /// Gives tokens that live so many seconds.
    Ttl(u64),
    /// Gives tokens that may be used so often.
    Uses(u32),
}

impl Vault {
    /// Makes a token, of which nobody else knows.
    pub fn make_token(&self, wanted: TokenWanted) -> Secret {
        let now = self.clock.now();
        let mut token = Token::new("auth/token/create", wanted.policies, now);
        token.set_ttl(wanted.ttl, now);
        token.first_ttl = wanted.ttl;
        token.uses = i64::from(wanted.uses);
        token.renewable = wanted.ttl > 0;
        let id = Secret::from(token.id.clone());
        self.state().tokens.insert(token);
        id
    }

    /// Makes the token that may do anything, for ever.
    pub fn make_root_token(&self) -> Secret {
        self.make_token(TokenWanted {
            policies: vec!["root".to_owned()],
            ..TokenWanted::default()
        })
    }

    /// Ends a token and those that it made.
    pub fn revoke(&self, token: &Secret) {
        use secrecy::ExposeSecret as _;
        self.state().tokens.revoke(token.expose_secret());
    }

    /// The accessors of all tokens that live.
    pub fn accessors(&self) -> Vec<String> {
        let now = self.clock.now();
        let mut accessors = self.state().tokens.accessors(now);
        accessors.sort();
        accessors
    }

    /// Seals or unseals it, or has it be new.
    pub fn set_seal(&self, seal: Seal) {
        self.state().seal = seal;
    }

    pub fn seal(&self) -> Seal {
        self.state().seal
    }

    /// Has it be another node of its cluster.
    pub fn set_node(&self, node: Node) {
        self.state().node = node;
    }

    /// Changes what the server reaches.
    pub fn set_outside(&self, outside: Outside) {
        let known = self.outside.lock();
        *known.unwrap_or_else(PoisonError::into_inner) = outside;
    }

    /// The texts of the ACL policies.
    pub fn policies(&self) -> BTreeMap<String, String> {
        self.state().policies.clone()
    }

    /// Writes a policy as it is.
    pub fn put_policy(&self, name: &str, text: &str) {
        let name = name.to_lowercase();
        self.state().policies.insert(name, text.to_owned());
    }

    /// Removes a policy; tells whether there was one.
    pub fn drop_policy(&self, name: &str) -> bool {
        self.state().policies.remove(name).is_some()
    }

    /// Adds an audit device, which writes nowhere.
    pub fn add_audit_device(&self, path: &str, kind: &str) {
        let path = format!("{}/", path.trim_matches('/'));
        self.state().audit.insert(path, kind.to_owned());
    }

    /// The auth methods: path, without its slash, and type.
    pub fn auth_mounts(&self) -> BTreeMap<String, String> {
        let state = self.state();
        let mounts = state.auth.iter();
        mounts
            .map(|(path, mount)| (path.trim_end_matches('/').to_owned(), mount.kind.to_owned()))
            .collect()
    }

    /// Removes an auth method, its roles, and the tokens that it gave.
    pub fn drop_auth_mount(&self, path: &str) {
        let path = format!("{}/", path.trim_matches('/'));
        // The one that cannot be removed stays.
        let _refused = sys::mounts::disable(&mut self.state(), RouteKind::Auth, &path);
    }

    /// Removes a secrets engine and everything in it.
    pub fn drop_secrets_mount(&self, path: &str) {
        let path = format!("{}/", path.trim_matches('/'));
        let _refused = sys::mounts::disable(&mut self.state(), RouteKind::Secrets, &path);
    }

    /// The names of the roles of an aws method.
    pub fn roles(&self, mount: &str) -> Vec<String> {
        let state = self.state();
        let method = state.aws(&format!("{}/", mount.trim_matches('/')));
        method
            .map(|method| method.roles.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Removes a role; tells whether there was one.
    pub fn drop_role(&self, mount: &str, role: &str) -> bool {
        let mut state = self.state();
        let method = state.aws_mut(&format!("{}/", mount.trim_matches('/')));
        method.is_some_and(|method| method.roles.remove(role).is_some())
    }

    /// Changes a role; tells whether there is one.
    pub fn change_role(&self, mount: &str, role: &str, change: RoleChange) -> bool {
        let mut state = self.state();
        let method = state.aws_mut(&format!("{}/", mount.trim_matches('/')));
        let role = method.and_then(|method| method.roles.get_mut(role));
        role.is_some_and(|role| {
            role.change(change);
            true
        })
    }

    /// Has an aws method forget what it learned of AWS, as a restart does.
    pub fn forget_aws(&self, mount: &str) {
        let mut state = self.state();
        if let Some(method) = state.aws_mut(&format!("{}/", mount.trim_matches('/'))) {
            method.forget();
        }
    }

    /// Lets the entities be used that an auth method knows, or not.
    pub fn set_entities(&self, mount: &str, wanted: EntityState) {
        let mut state = self.state();
        let path = format!("{}/", mount.trim_matches('/'));
        let accessor = state.auth.get(&path).map(|mount| mount.accessor.clone());
        if let Some(accessor) = accessor {
            state.entities.set_state(&accessor, wanted);
        }
    }

    /// Deletes a version of a secret (KV version 2), by hand. Tells whether it was there.
    pub fn delete_version(&self, mount: &str, path: &str, version: u64) -> bool {
        let now = self.clock.now();
        let nobody = Token::new("auth/token/create", Vec::new(), now);
        let asker = Asker {
            token: &nobody,
            now,
        };
        let mut state = self.state();
        let engine = state.kv2_mut(&format!("{}/", mount.trim_matches('/')));
        engine.is_some_and(|engine| engine.delete_version(path, version, &asker))
    }

    /// Destroys a version of a secret (KV version 2). Tells whether it was there.
    pub fn destroy_version(&self, mount: &str, path: &str, version: u64) -> bool {
        let mut state = self.state();
        let engine = state.kv2_mut(&format!("{}/", mount.trim_matches('/')));
        engine.is_some_and(|engine| engine.destroy_version(path, version))
    }

    /// Tells whether a KV engine is mounted there, and of which version.
    pub fn kv_version(&self, mount: &str) -> Option<u8> {
        let state = self.state();
        let path = format!("{}/", mount.trim_matches('/'));
        match state.secrets.get(&path)?.engine {
            Engine::Kv1(_) => Some(1),
            Engine::Kv2(_) => Some(2),
            _ => None,
        }
    }
}
