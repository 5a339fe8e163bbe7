//! The tokens and what is known of each.

mod api;
mod create;
mod lifetime;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::go;
use super::random;

pub(super) use api::handle;
pub(super) use lifetime::{Asked, lifetime};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pub(super) path: String,
    pub(super) display_name: String,
    pub(super) meta: Option<Map<String, Value>>,
    /// Zero for as many as one likes, -1 while the last one lasts.
    pub(super) uses: i64,
    pub(super) created: SystemTime,
    /// What it was given first, and with its last renewal; zero for ever.
    pub(super) first_ttl: u64,
    pub(super) ttl: u64,
    pub(super) expires: Option<SystemTime>,
    pub(super) renewed: Option<SystemTime>,
    pub(super) explicit_max_ttl: u64,
    pub(super) period: u64,
    pub(super) renewable: bool,
    pub(super) parent: Option<String>,
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
    /// Empty for a user.
    pub(super) session: String,
}

/// All tokens, by what their owners send.
#[derive(Default)]
pub(super) struct Tokens(HashMap<String, Token>);

impl Token {
    /// A token of the kind `service` that is like no other.
    pub(super) fn new(path: &str, policies: Vec<String>, now: SystemTime) -> Self {
        let is_root = policies.iter().any(|policy| policy == "root");
        Token {
            id: format!("hvs.{}", random::letters(if is_root { 24 } else { 91 })),
            accessor: random::letters(24),
            kind: Kind::Service,
            policies,
            path: path.to_owned(),
            display_name: "token".to_owned(),
            meta: None,
            uses: 0,
            created: now,
            first_ttl: 0,
            ttl: 0,
            expires: None,
            renewed: None,
            explicit_max_ttl: 0,
            period: 0,
            renewable: true,
            parent: None,
            entity: String::new(),
            bound_cidrs: Vec::new(),
            caller: None,
        }
    }

    /// Makes a batch token of it.
    pub(super) fn into_batch(mut self) -> Self {
        self.id = format!("hvb.{}", random::letters(154));
        self.accessor.clear();
        self.kind = Kind::Batch;
        self.renewable = false;
        self.created = go::whole_seconds(self.created);
        self
    }

    /// Has it end so many seconds after `from`; zero for never.
    pub(super) fn set_ttl(&mut self, ttl: u64, from: SystemTime) {
        self.ttl = ttl;
        self.expires = (ttl > 0)
            .then(|| from.checked_add(Duration::from_secs(ttl)))
            .flatten();
    }

    pub(super) fn is_root(&self) -> bool {
        self.policies.iter().any(|policy| policy == "root")
    }

    fn is_orphan(&self) -> bool {
        self.parent.is_none()
    }

    fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Service => "service",
            Kind::Batch => "batch",
        }
    }

    /// What a login or a renewal answers.
    pub(super) fn auth(&self) -> Value {
        let mut auth = Map::from_iter([
            ("client_token".to_owned(), json!(self.id)),
            ("accessor".to_owned(), json!(self.accessor)),
            ("policies".to_owned(), json!(self.policies)),
        ]);
        if !self.policies.is_empty() {
            auth.insert("token_policies".to_owned(), json!(self.policies));
        }
        auth.extend([
            ("metadata".to_owned(), json!(self.meta)),
            ("lease_duration".to_owned(), json!(self.ttl)),
            ("renewable".to_owned(), json!(self.renewable)),
            ("entity_id".to_owned(), json!(self.entity)),
            ("token_type".to_owned(), json!(self.kind_name())),
            ("orphan".to_owned(), json!(self.is_orphan())),
            ("mfa_requirement".to_owned(), Value::Null),
            ("num_uses".to_owned(), json!(self.uses)),
        ]);
        Value::Object(auth)
    }

    /// What a look at the token shows.
    pub(super) fn shown(&self, now: SystemTime) -> Value {
        let left = self
            .expires
            .map_or(0, |expires| lifetime::seconds_between(now, expires));
        let mut shown = json!({
            "accessor": self.accessor,
            "creation_time": go::unix(self.created),
            "creation_ttl": self.first_ttl,
            "display_name": self.display_name,
            "entity_id": self.entity,
            "expire_time": self.expires.map(go::rfc3339_nanos),
            "explicit_max_ttl": self.explicit_max_ttl,
            "id": self.id,
            "issue_time": go::rfc3339_nanos(self.created),
            "meta": self.meta,
            "num_uses": self.uses,
            "orphan": self.is_orphan(),
            "path": self.path,
            "policies": self.policies,
            "renewable": self.expires.is_some() && self.renewable,
            "ttl": left,
            "type": self.kind_name(),
        });
        if let Some(shown) = shown.as_object_mut() {
            if let Some(renewed) = self.renewed {
                let time = go::rfc3339_nanos(renewed);
                shown.insert("last_renewal".to_owned(), json!(time));
                shown.insert("last_renewal_time".to_owned(), json!(go::unix(renewed)));
            }
            if self.period > 0 {
                shown.insert("period".to_owned(), json!(self.period));
            }
            if !self.bound_cidrs.is_empty() {
                shown.insert("bound_cidrs".to_owned(), json!(self.bound_cidrs));
            }
        }
        shown
    }
}

impl Tokens {
    pub(super) fn insert(&mut self, token: Token) {
        // Those that nobody asks for again are not kept for ever.
        if self.0.len() % 1024 == 1023 {
            let now = token.created;
            self.0
                .retain(|_, token| token.expires.is_none_or(|end| end > now));
        }
        self.0.insert(token.id.clone(), token);
    }

    /// The living token of this name.
    pub(super) fn get(&mut self, id: &str, now: SystemTime) -> Option<&mut Token> {
        let is_over = self.0.get(id)?.expires.is_some_and(|end| end <= now);
        if is_over {
            self.revoke(id);
        }
        self.0.get_mut(id)
    }

    pub(super) fn by_accessor(&mut self, accessor: &str, now: SystemTime) -> Option<&mut Token> {
        let mut all = self.0.values();
        let found = all.find(|token| token.accessor == accessor && !accessor.is_empty())?;
        let id = found.id.clone();
        self.get(&id, now)
    }

    /// The accessors of all that live.
    pub(super) fn accessors(&mut self, now: SystemTime) -> Vec<String> {
        self.0
            .retain(|_, token| token.expires.is_none_or(|end| end > now));
        let living = self.0.values().map(|token| token.accessor.clone());
        living.filter(|accessor| !accessor.is_empty()).collect()
    }

    /// Ends a token and those that it made.
    pub(super) fn revoke(&mut self, id: &str) {
        let mut ended = vec![id.to_owned()];
        while let Some(id) = ended.pop() {
            self.0.remove(&id);
            let children = self.0.values();
            let children = children.filter(|token| token.parent.as_deref() == Some(&id));
            ended.extend(children.map(|token| token.id.clone()));
        }
    }

    /// Ends what a path gave out.
    pub(super) fn revoke_of_path(&mut self, prefix: &str) {
        let all = self.0.values();
        let given: Vec<String> = all
            .filter(|token| token.path.starts_with(prefix))
            .map(|token| token.id.clone())
            .collect();
        for id in given {
            self.revoke(&id);
        }
    }
}
