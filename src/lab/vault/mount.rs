//! A mounted engine or auth method.

use serde_json::{Value, json};

use super::aws::AwsMethod;
use super::kv1::Kv1;
use super::kv2::Kv2;
use super::reply::with;
use super::tokens::Asked;
use crate::lab::random;

/// How long a lease lives where nothing else is said, and at most: 32 days.
const SYSTEM_TTL: u64 = 768 * 3600;

/// The version whose answers these are.
pub(super) const VERSION: &str = "1.21.2";

pub(super) struct Mount {
    /// As Vault lists it.
    pub(super) kind: &'static str,
    pub(super) description: String,
    pub(super) accessor: String,
    uuid: String,
    /// Where none is set, the system's holds.
    pub(super) default_ttl: Option<u64>,
    pub(super) max_ttl: Option<u64>,
    /// The version of a KV engine, where one was named.
    pub(super) version: Option<String>,
    pub(super) engine: Engine,
}

pub(super) enum Engine {
    System,
    Identity,
    Cubbyhole,
    Token,
    Kv1(Kv1),
    Kv2(Kv2),
    Aws(Box<AwsMethod>),
    /// An auth method that is there, and nobody here logs in with.
    OtherMethod,
}

impl Mount {
    pub(super) fn new(kind: &'static str, engine: Engine) -> Self {
        let description = match engine {
            Engine::System => "system endpoints used for control, policy and debugging",
            Engine::Identity => "identity store",
            Engine::Cubbyhole => "per-token private secret storage",
            Engine::Token => "token based credentials",
            _ => "",
        };
        let mut mount = Mount {
            kind,
            description: description.to_owned(),
            accessor: format!("{kind}_{}", random::hex(8)),
            uuid: random::uuid(),
            default_ttl: None,
            max_ttl: None,
            version: None,
            engine,
        };
        if mount.is_auth() {
            mount.accessor.insert_str(0, "auth_");
        }
        mount
    }

    /// How long a lease of this mount lives where nothing else is said.
    pub(super) fn default_lease(&self) -> u64 {
        self.default_ttl.unwrap_or(SYSTEM_TTL)
    }

    /// How long tokens of this mount live, where nothing else is said.
    pub(super) fn leases(&self) -> Asked {
        Asked {
            default_lease: self.default_lease(),
            max_lease: self.max_lease(),
            ..Asked::default()
        }
    }

    /// How long a lease of this mount lives at most.
    pub(super) fn max_lease(&self) -> u64 {
        self.max_ttl.unwrap_or(SYSTEM_TTL)
    }

    pub(super) fn is_auth(&self) -> bool {
        use Engine::{Aws, OtherMethod, Token};
        matches!(self.engine, Token | Aws(_) | OtherMethod)
    }

    /// Tells whether what a write to a path is about is there; `None` where that does
    /// not matter.
    pub(super) fn exists(&self, path: &str) -> Option<bool> {
        match &self.engine {
            Engine::Kv1(engine) => Some(engine.0.contains_key(path)),
            Engine::Kv2(engine) => engine.exists(path),
            Engine::Aws(method) => method.exists(path),
            _ => None,
        }
    }

    /// The mount as Vault lists it, with its times as they were set.
    pub(super) fn entry(&self) -> Value {
        let (default_ttl, max_ttl) = (self.default_ttl, self.max_ttl);
        self.entry_with(default_ttl.unwrap_or_default(), max_ttl.unwrap_or_default())
    }

    /// The same with the times that are in effect.
    pub(super) fn entry_in_effect(&self) -> Value {
        self.entry_with(self.default_lease(), self.max_lease())
    }

    /// What the mount's `tune` shows.
    pub(super) fn tuning(&self) -> Value {
        let config = self.config(self.default_lease(), self.max_lease());
        let tuning = with(config, "description", json!(self.description));
        match &self.version {
            Some(version) => with(tuning, "options", json!({ "version": version })),
            None => tuning,
        }
    }

    fn config(&self, default_ttl: u64, max_ttl: u64) -> Value {
        let config = json!({
            "default_lease_ttl": default_ttl,
            "force_no_cache": false,
            "max_lease_ttl": max_ttl,
        });
        if self.is_auth() {
            return with(config, "token_type", json!("default-service"));
        }
        config
    }

    fn entry_with(&self, default_ttl: u64, max_ttl: u64) -> Value {
        use Engine::{Cubbyhole, Identity, System, Token};
        let is_builtin = matches!(self.engine, System | Identity | Cubbyhole | Token);
        let mut config = self.config(default_ttl, max_ttl);
        let passed_on = match self.engine {
            System => Some("Accept"),
            Identity => Some("Authorization"),
            _ => None,
        };
        if let Some(header) = passed_on {
            config = with(config, "passthrough_request_headers", json!([header]));
        }
        let options = match &self.version {
            Some(version) => json!({ "version": version }),
            None if is_builtin => Value::Null,
            None => json!({}),
        };
        let entry = json!({
            "accessor": self.accessor,
            "config": config,
            "description": self.description,
            "external_entropy_access": false,
            "local": matches!(self.engine, Cubbyhole),
            "options": options,
            "plugin_version": "",
            "running_plugin_version": match self.kind {
                "kv" => "v0.25.0+builtin".to_owned(),
                _ => format!("v{VERSION}+builtin.vault"),
            },
            "running_sha256": "",
            "seal_wrap": matches!(self.engine, System),
            "type": self.kind,
            "uuid": self.uuid,
        });
        if is_builtin {
            return entry;
        }
        with(entry, "deprecation_status", json!("supported"))
    }
}
