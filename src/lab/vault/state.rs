//! What a Vault holds.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::aws::AwsMethod;
use super::identity::Entities;
use super::kv2::Kv2;
use super::mount::{Engine, Mount};
use super::policies;
use super::random;
use super::tokens::Tokens;

/// Whether Vault answers requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    Uninitialised,
    Sealed,
    Unsealed,
}

/// What a node is in its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// The only one.
    Alone,
    /// A standby whose active node is reachable.
    Standby,
    /// A standby that does not reach the node at `active` any more.
    StandbyAlone { active: String },
}

pub(super) struct State {
    pub(super) seal: Seal,
    pub(super) node: Node,
    /// The secrets engines by their paths, which end in a slash.
    pub(super) secrets: BTreeMap<String, Mount>,
    /// The auth methods by their paths, which end in a slash.
    pub(super) auth: BTreeMap<String, Mount>,
    /// The texts of the ACL policies.
    pub(super) policies: BTreeMap<String, String>,
    pub(super) tokens: Tokens,
    pub(super) entities: Entities,
    /// The audit devices: path and type.
    pub(super) audit: BTreeMap<String, String>,
    pub(super) cluster_name: String,
    pub(super) cluster_id: String,
    /// When the program says that it was built.
    pub(super) built: SystemTime,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) kind: RouteKind,
    /// The path of the mount, with its slash; without `auth/`.
    pub(super) mount: String,
    /// What stands behind it.
    pub(super) rest: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RouteKind {
    Auth,
    Secrets,
}

impl State {
    pub(super) fn new(now: SystemTime) -> Self {
        let mut secrets = BTreeMap::new();
        secrets.insert("sys/".to_owned(), Mount::new("system", Engine::System));
        let identity = Mount::new("identity", Engine::Identity);
        secrets.insert("identity/".to_owned(), identity);
        let cubbyhole = Mount::new("cubbyhole", Engine::Cubbyhole);
        secrets.insert("cubbyhole/".to_owned(), cubbyhole);
        let mut auth = BTreeMap::new();
        auth.insert("token/".to_owned(), Mount::new("token", Engine::Token));
        State {
            seal: Seal::Unsealed,
            node: Node::Alone,
            secrets,
            auth,
            policies: policies::first(),
            tokens: Tokens::default(),
            entities: Entities::default(),
            audit: BTreeMap::new(),
            cluster_name: format!("vault-cluster-{}", random::hex(8)),
            cluster_id: random::uuid(),
            built: now,
        }
    }

    /// Finds the mount that a path lies in.
    pub(super) fn route(&self, path: &str) -> Option<Route> {
        let (kind, below, mounts) = match path.strip_prefix("auth/") {
            Some(below) => (RouteKind::Auth, below, &self.auth),
            None => (RouteKind::Secrets, path, &self.secrets),
        };
        let whole = format!("{below}/");
        let mount = mounts
            .keys()
            .find(|mount| below.starts_with(mount.as_str()) || **mount == whole)?;
        Some(Route {
            kind,
            rest: below
                .strip_prefix(mount.as_str())
                .unwrap_or_default()
                .to_owned(),
            mount: mount.clone(),
        })
    }

    pub(super) fn mount(&self, route: &Route) -> Option<&Mount> {
        match route.kind {
            RouteKind::Auth => self.auth.get(&route.mount),
            RouteKind::Secrets => self.secrets.get(&route.mount),
        }
    }

    pub(super) fn aws(&self, mount: &str) -> Option<&AwsMethod> {
        match &self.auth.get(mount)?.engine {
            Engine::Aws(method) => Some(method),
            _ => None,
        }
    }

    pub(super) fn aws_mut(&mut self, mount: &str) -> Option<&mut AwsMethod> {
        match &mut self.auth.get_mut(mount)?.engine {
            Engine::Aws(method) => Some(method),
            _ => None,
        }
    }

    pub(super) fn kv2_mut(&mut self, mount: &str) -> Option<&mut Kv2> {
        match &mut self.secrets.get_mut(mount)?.engine {
            Engine::Kv2(engine) => Some(engine),
            _ => None,
        }
    }
}
