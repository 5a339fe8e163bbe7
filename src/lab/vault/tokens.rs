//! The tokens and what is known of each.

mod api;
mod lifetime;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::reply::with;
use crate::lab::clock::{epoch_seconds, rfc3339};
use crate::lab::random;

pub(super) use api::handle;
pub(super) use lifetime::{Asked, lifetime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Service,
    Batch,
}

/// A token.
#[derive(Clone)]
pub(super) struct Token {
    /// What its owner sends.
    pub(super) id: String,
    /// Empty for a batch token.
    pub(super) accessor: String,
    pub(super) kind: Kind,
    pub(super) policies: Vec<String>,
    /// What made it: `auth/aws/login`.
    path: String,
    pub(super) display_name: String,
    pub(super) meta: Option<Map<String, Value>>,
    /// Zero for as many as one likes, -1 while the last one lasts.
    pub(super) uses: i64,
    pub(super) created: SystemTime,
    /// What it was given first, and with its last renewal; zero for ever.
    first_ttl: u64,
    ttl: u64,
    expires: Option<SystemTime>,
    pub(super) explicit_max_ttl: u64,
    pub(super) period: u64,
    parent: Option<String>,
    /// The id of its entity, if it has one.
    pub(super) entity: String,
    pub(super) bound_cidrs: Vec<String>,
    /// Whom the aws method took the caller for.
    pub(super) caller: Option<Caller>,
}

/// What the aws method keeps of a login, for the renewals.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) mount: String,
    pub(super) role: String,
    pub(super) canonical_arn: String,
    pub(super) unique_id: String,
}

/// All tokens, by what their owners send.
#[derive(Default)]
pub(super) struct Tokens(HashMap<String, Token>);

impl Token {
    /// A token of the kind `service` that lives so many seconds; zero for ever.
    pub(super) fn new(path: &str, policies: Vec<String>, ttl: u64, now: SystemTime) -> Self {
        let mut token = Token {
            id: format!("hvs.{}", random::letters(91)),
            accessor: random::letters(24),
            kind: Kind::Service,
            policies,
            path: path.to_owned(),
            display_name: "token".to_owned(),
            meta: None,
            uses: 0,
            created: now,
            first_ttl: ttl,
            ttl: 0,
            expires: None,
            explicit_max_ttl: 0,
            period: 0,
            parent: None,
            entity: String::new(),
            bound_cidrs: Vec::new(),
            caller: None,
        };
        token.set_ttl(ttl, now);
        token
    }

    /// Makes a batch token of it.
    pub(super) fn into_batch(mut self) -> Self {
        self.id = format!("hvb.{}", random::letters(154));
        self.accessor.clear();
        self.kind = Kind::Batch;
        self
    }

    fn set_ttl(&mut self, ttl: u64, from: SystemTime) {
        self.ttl = ttl;
        let expires = from.checked_add(Duration::from_secs(ttl));
        self.expires = expires.filter(|_| ttl > 0);
    }

    fn is_over(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }

    pub(super) fn is_root(&self) -> bool {
        self.policies.iter().any(|policy| policy == "root")
    }

    fn is_renewable(&self) -> bool {
        self.kind == Kind::Service && self.expires.is_some()
    }

    /// What a login or a renewal answers.
    pub(super) fn auth(&self) -> Value {
        let auth = json!({
            "client_token": self.id,
            "accessor": self.accessor,
            "policies": self.policies,
            "metadata": self.meta,
            "lease_duration": self.ttl,
            "renewable": self.is_renewable(),
            "entity_id": self.entity,
            "token_type": self.kind,
            "orphan": self.parent.is_none(),
            "mfa_requirement": null,
            "num_uses": self.uses,
        });
        if self.policies.is_empty() {
            return auth;
        }
        with(auth, "token_policies", json!(self.policies))
    }

    /// What a look at the token shows.
    fn shown(&self, now: SystemTime) -> Value {
        let left = self.expires.and_then(|end| end.duration_since(now).ok());
        let left = left.map_or(0, |left| left.as_millis().div_ceil(1000));
        let mut shown = json!({
            "accessor": self.accessor,
            "creation_time": epoch_seconds(self.created),
            "creation_ttl": self.first_ttl,
            "display_name": self.display_name,
            "entity_id": self.entity,
            "expire_time": self.expires.map(rfc3339),
            "explicit_max_ttl": self.explicit_max_ttl,
            "id": self.id,
            "issue_time": rfc3339(self.created),
            "meta": self.meta,
            "num_uses": self.uses,
            "orphan": self.parent.is_none(),
            "path": self.path,
            "policies": self.policies,
            "renewable": self.is_renewable(),
            "ttl": left,
            "type": self.kind,
        });
        if self.period > 0 {
            shown = with(shown, "period", json!(self.period));
        }
        if !self.bound_cidrs.is_empty() {
            shown = with(shown, "bound_cidrs", json!(self.bound_cidrs));
        }
        shown
    }
}

impl Tokens {
    pub(super) fn insert(&mut self, token: Token) {
        // Those that nobody asks for again are not kept for ever.
        self.0.retain(|_, known| !known.is_over(token.created));
        self.0.insert(token.id.clone(), token);
    }

    /// The living token of this name.
    pub(super) fn get(&mut self, id: &str, now: SystemTime) -> Option<&mut Token> {
        if self.0.get(id)?.is_over(now) {
            self.revoke(id);
        }
        self.0.get_mut(id)
    }

    fn by_accessor(&mut self, accessor: &str, now: SystemTime) -> Option<&mut Token> {
        let mut living = self.0.values_mut().filter(|token| !token.is_over(now));
        living.find(|token| token.accessor == accessor && token.kind == Kind::Service)
    }

    /// The accessors of all that live.
    fn accessors(&self, now: SystemTime) -> Vec<String> {
        let living = self.0.values().filter(|token| !token.is_over(now));
        let accessors = living.map(|token| token.accessor.clone());
        accessors.filter(|accessor| !accessor.is_empty()).collect()
    }

    /// Ends a token and those that it made.
    pub(super) fn revoke(&mut self, id: &str) {
        let mut ended = vec![id.to_owned()];
        while let Some(id) = ended.pop() {
            self.0.remove(&id);
            ended.extend(self.ids_where(|token| token.parent.as_deref() == Some(&id)));
        }
    }

    /// Ends what a path gave out.
    pub(super) fn revoke_of_path(&mut self, prefix: &str) {
        for id in self.ids_where(|token| token.path.starts_with(prefix)) {
            self.revoke(&id);
        }
    }

    fn ids_where(&self, is_meant: impl Fn(&Token) -> bool) -> Vec<String> {
        let meant = self.0.values().filter(|token| is_meant(token));
        meant.map(|token| token.id.clone()).collect()
    }
}
