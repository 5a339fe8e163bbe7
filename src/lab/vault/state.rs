//! What a Vault holds.

use std::collections::BTreeMap;

use super::aws::AwsMethod;
use super::identity::Entities;
use super::mount::{Engine, Mount};
use super::policies::{self, Policies};
use super::sys::audit::Devices;
use super::tokens::Tokens;
use crate::lab::random;

pub(super) struct State {
    pub(super) is_sealed: bool,
    /// Secrets engines and auth methods by their paths, which end in a slash; those of
    /// auth methods begin with `auth/`.
    pub(super) mounts: BTreeMap<String, Mount>,
    pub(super) policies: Policies,
    pub(super) audit: Devices,
    pub(super) tokens: Tokens,
    pub(super) entities: Entities,
    pub(super) cluster_name: String,
    pub(super) cluster_id: String,
}

/// Where a path leads.
pub(super) struct Route<'s> {
    /// The path of the mount.
    pub(super) path: &'s str,
    pub(super) mount: &'s Mount,
    /// What stands behind it.
    pub(super) rest: String,
}

impl State {
    pub(super) fn new() -> Self {
        let builtin = [
            ("sys/", Mount::new("system", Engine::System)),
            ("identity/", Mount::new("identity", Engine::Identity)),
            ("cubbyhole/", Mount::new("cubbyhole", Engine::Cubbyhole)),
            ("auth/token/", Mount::new("token", Engine::Token)),
        ];
        State {
            is_sealed: false,
            mounts: builtin.map(|(path, mount)| (path.to_owned(), mount)).into(),
            policies: policies::first(),
            audit: Devices::default(),
            tokens: Tokens::default(),
            entities: Entities::default(),
            cluster_name: format!("vault-cluster-{}", random::hex(8)),
            cluster_id: random::uuid(),
        }
    }

    /// Finds the mount that a path lies in.
    pub(super) fn route(&self, path: &str) -> Option<Route<'_>> {
        let whole = format!("{path}/");
        let mut mounts = self.mounts.iter();
        let (place, mount) = mounts.find(|(place, _)| whole.starts_with(*place))?;
        let rest = path.strip_prefix(place).unwrap_or_default().to_owned();
        Some(Route {
            path: place,
            mount,
            rest,
        })
    }

    pub(super) fn aws(&self, path: &str) -> Option<&AwsMethod> {
        match &self.mounts.get(path)?.engine {
            Engine::Aws(method) => Some(method),
            _ => None,
        }
    }

    pub(super) fn aws_mut(&mut self, path: &str) -> Option<&mut AwsMethod> {
        match &mut self.mounts.get_mut(path)?.engine {
            Engine::Aws(method) => Some(method),
            _ => None,
        }
    }
}
