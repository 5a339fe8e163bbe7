//! What a Vault holds.

use std::collections::BTreeMap;

use super::aws::AwsMethod;
use super::identity::Entities;
use super::mount::{Engine, Mount};
use super::policies::{self, Policies};
use super::random;
use super::tokens::Tokens;

/// Mounts by their paths, which end in a slash.
pub(super) type Mounts = BTreeMap<String, Mount>;

pub(super) struct State {
    pub(super) is_sealed: bool,
    /// The secrets engines.
    pub(super) secrets: Mounts,
    /// The auth methods, without `auth/`.
    pub(super) auth: Mounts,
    pub(super) policies: Policies,
    pub(super) tokens: Tokens,
    pub(super) entities: Entities,
    pub(super) cluster_name: String,
    pub(super) cluster_id: String,
}

/// Where a path leads.
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
    pub(super) fn new() -> Self {
        let secrets = [
            (
                "system",
                "sys/",
                "system endpoints used for control, policy and debugging",
                Engine::System,
            ),
            ("identity", "identity/", "identity store", Engine::Identity),
            (
                "cubbyhole",
                "cubbyhole/",
                "per-token private secret storage",
                Engine::Cubbyhole,
            ),
        ];
        let secrets = secrets.map(|(kind, path, description, engine)| {
            (path.to_owned(), Mount::new(kind, description, engine))
        });
        let token = Mount::new("token", "token based credentials", Engine::Token);
        State {
            is_sealed: false,
            secrets: secrets.into(),
            auth: [("token/".to_owned(), token)].into(),
            policies: policies::first(),
            tokens: Tokens::default(),
            entities: Entities::default(),
            cluster_name: format!("vault-cluster-{}", random::hex(8)),
            cluster_id: random::uuid(),
        }
    }

    pub(super) fn mounts(&mut self, kind: RouteKind) -> &mut Mounts {
        match kind {
            RouteKind::Auth => &mut self.auth,
            RouteKind::Secrets => &mut self.secrets,
        }
    }

    /// Finds the mount that a path lies in.
    pub(super) fn route(&self, path: &str) -> Option<(Route, &Mount)> {
        let (kind, below, mounts) = match path.strip_prefix("auth/") {
            Some(below) => (RouteKind::Auth, below, &self.auth),
            None => (RouteKind::Secrets, path, &self.secrets),
        };
        let whole = format!("{below}/");
        let mut mounts = mounts.iter();
        let (path, mount) =
            mounts.find(|(mount, _)| below.starts_with(*mount) || **mount == whole)?;
        let rest = below.strip_prefix(path).unwrap_or_default().to_owned();
        let route = Route {
            kind,
            mount: path.clone(),
            rest,
        };
        Some((route, mount))
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
}
