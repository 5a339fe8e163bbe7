//! A mounted engine or auth method.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::aws::AwsMethod;
use super::kv1::Kv1;
use super::kv2::Kv2;
use super::random;

/// How long a lease lives where nothing else is said, and at most: 32 days.
pub(super) const SYSTEM_TTL: u64 = 768 * 3600;

/// The version whose answers these are.
pub(super) const VERSION: &str = "1.21.2";

pub(super) struct Mount {
    /// As Vault lists it.
    pub(super) kind: &'static str,
    pub(super) description: String,
    pub(super) accessor: String,
    uuid: String,
    pub(super) options: BTreeMap<String, String>,
    /// Zero for the system's.
    pub(super) default_ttl: u64,
    pub(super) max_ttl: u64,
    pub(super) visibility: Option<String>,
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

/// Which times a mount is shown with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// As they were set: zero for none.
    AsSet,
    /// As they are in effect.
    InEffect,
}

impl Mount {
    pub(super) fn new(kind: &'static str, engine: Engine) -> Self {
        let family = match engine {
            Engine::Token | Engine::Aws(_) | Engine::OtherMethod => "auth_",
            _ => "",
        };
        let description = match engine {
            Engine::System => "system endpoints used for control, policy and debugging",
            Engine::Identity => "identity store",
            Engine::Cubbyhole => "per-token private secret storage",
            Engine::Token => "token based credentials",
            _ => "",
        };
        Mount {
            kind,
            description: description.to_owned(),
            accessor: format!("{family}{kind}_{}", random::hex(8)),
            uuid: random::uuid(),
            options: BTreeMap::new(),
            default_ttl: 0,
            max_ttl: 0,
            visibility: None,
            engine,
        }
    }

    /// How long a lease of this mount lives where nothing else is said.
    pub(super) fn default_lease(&self) -> u64 {
        non_zero(self.default_ttl, SYSTEM_TTL)
    }

    /// How long a lease of this mount lives at most.
    pub(super) fn max_lease(&self) -> u64 {
        non_zero(self.max_ttl, SYSTEM_TTL)
    }

    pub(super) fn is_auth(&self) -> bool {
        matches!(
            self.engine,
            Engine::Token | Engine::Aws(_) | Engine::OtherMethod
        )
    }

    /// The mount as Vault lists it.
    pub(super) fn entry(&self, times: Times) -> Value {
        let is_builtin = matches!(
            self.engine,
            Engine::System | Engine::Identity | Engine::Cubbyhole | Engine::Token
        );
        let mut entry = json!({
            "accessor": self.accessor,
            "config": self.config(times),
            "description": self.description,
            "external_entropy_access": false,
            "local": matches!(self.engine, Engine::Cubbyhole),
            "options": if is_builtin { Value::Null } else { json!(self.options) },
            "plugin_version": "",
            "running_plugin_version": if self.kind == "kv" {
                "v0.25.0+builtin".to_owned()
            } else {
                format!("v{VERSION}+builtin.vault")
            },
            "running_sha256": "",
            "seal_wrap": matches!(self.engine, Engine::System),
            "type": self.kind,
            "uuid": self.uuid,
        });
        if matches!(self.kind, "kv" | "aws" | "userpass")
            && let Some(entry) = entry.as_object_mut()
        {
            entry.insert("deprecation_status".to_owned(), json!("supported"));
        }
        entry
    }

    fn config(&self, times: Times) -> Value {
        let (default_ttl, max_ttl) = match times {
            Times::AsSet => (self.default_ttl, self.max_ttl),
            Times::InEffect => (self.default_lease(), self.max_lease()),
        };
        let mut config = self.tuned(default_ttl, max_ttl);
        let passed_on = match self.engine {
            Engine::System => Some("Accept"),
            Engine::Identity => Some("Authorization"),
            _ => None,
        };
        if let Some(header) = passed_on {
            let header = json!([header]);
            config.insert("passthrough_request_headers".to_owned(), header);
        }
        Value::Object(config)
    }

    fn tuned(&self, default_ttl: u64, max_ttl: u64) -> Map<String, Value> {
        let mut config = Map::from_iter([
            ("default_lease_ttl".to_owned(), json!(default_ttl)),
            ("force_no_cache".to_owned(), json!(false)),
            ("max_lease_ttl".to_owned(), json!(max_ttl)),
        ]);
        if self.is_auth() {
            config.insert("token_type".to_owned(), json!("default-service"));
        }
        if let Some(visibility) = &self.visibility {
            config.insert("listing_visibility".to_owned(), json!(visibility));
        }
        config
    }

    /// What the mount's `tune` shows.
    pub(super) fn tuning(&self) -> Value {
        let mut tuning = self.tuned(self.default_lease(), self.max_lease());
        tuning.insert("description".to_owned(), json!(self.description));
        if !self.options.is_empty() {
            tuning.insert("options".to_owned(), json!(self.options));
        }
        Value::Object(tuning)
    }
}

fn non_zero(value: u64, otherwise: u64) -> u64 {
    if value == 0 { otherwise } else { value }
}
