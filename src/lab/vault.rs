//! A Vault in memory: what vaultiam asks of one, answered as HashiCorp Vault
//! 1.21.2 answers it.
//!
//! Nothing here knows what is tried with it. A reply follows from the state and
//! from what the AWS outside says, which is asked over HTTP as Vault asks it.
//! Other paths than those that are used are not there; a page says which replies
//! differ, and why.

mod access;
mod aws;
mod call;
mod fields;
mod go;
mod identity;
mod json;
mod kv1;
mod kv2;
mod mount;
mod policies;
mod random;
mod reply;
mod scene;
mod state;
mod sys;
mod tokens;

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::{Method, Request, Response};

use super::clock::Clock;
use access::Wanted;
use call::{Call, Operation};
use mount::Engine;
use reply::{Outcome, Refusal, redirect, respond, sent_on};
use state::{Route, State};
use tokens::Token;

pub use identity::EntityState;
pub use scene::{RoleChange, TokenWanted};
pub use state::{Node, Seal};

/// What the server that Vault runs on reaches.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// The proxy that stands for AWS's hosts; `None`: their names do not resolve.
    pub aws: Option<SocketAddr>,
    /// The server's instance metadata service, without a slash at the end.
    pub metadata: Option<String>,
}

/// A Vault.
pub struct Vault {
    clock: Clock,
    outside: Mutex<Outside>,
    state: Mutex<State>,
}

impl Vault {
    /// A new Vault, unsealed, in which nothing is mounted and nobody has a token.
    pub fn new(clock: Clock, outside: Outside) -> Self {
        let state = Mutex::new(State::new(clock.now()));
        Vault {
            clock,
            outside: Mutex::new(outside),
            state,
        }
    }

    /// Answers a request, which came from loopback.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        if let Some(target) = elsewhere(path) {
            return redirect(&target);
        }
        let Some(path) = decoded(path) else {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::BAD_REQUEST;
            return response;
        };
        let Some(path) = path.strip_prefix("/v1/") else {
            return respond(Err(Refusal::absent()));
        };
        if let Some(active) = self.active_elsewhere(path) {
            return sent_on(&format!("{active}{}", request.uri()));
        }
        let outcome = match sys::status::handle(self, path, &request) {
            Some(outcome) => outcome,
            None => self.answer_call(&request, path).await,
        };
        let mut response = respond(outcome);
        if request.method() == Method::HEAD {
            response.body_mut().clear();
        }
        if let Some(namespace) = request.headers().get("x-vault-namespace") {
            let namespace = namespace.clone();
            response
                .headers_mut()
                .insert("x-vault-namespace", namespace);
        }
        response
    }

    /// The node that would have to answer, where this one cannot.
    fn active_elsewhere(&self, path: &str) -> Option<String> {
        let state = self.state();
        match &state.node {
            Node::StandbyAlone { active }
                if state.seal == Seal::Unsealed && !sys::status::is_told_by_all(path) =>
            {
                Some(active.clone())
            }
            _ => None,
        }
    }

    async fn answer_call(&self, request: &Request<Bytes>, path: &str) -> Outcome {
        let call = Call::read(request, path)?;
        if self.state().seal != Seal::Unsealed {
            return Err(Refusal::new(503, "Vault is sealed"));
        }
        self.carry_out(&call).await
    }

    async fn carry_out(&self, call: &Call) -> Outcome {
        if let Some(mount) = self.login_mount(call) {
            return aws::login(self, &mount, call).await;
        }
        let asked = call.path.strip_prefix("sys/internal/ui/mounts");
        let asked = asked.filter(|path| path.is_empty() || path.starts_with('/'));
        if let (Some(path), Operation::Read) = (asked, call.operation) {
            return self.preflight(path, call);
        }
        let caller = self.identify(call)?;
        let outcome = self.carry_out_as(call, &caller).await;
        if caller.uses < 0 {
            self.state().tokens.revoke(&caller.id);
        }
        outcome
    }

    /// The aws method whose login this is; that takes no token.
    fn login_mount(&self, call: &Call) -> Option<String> {
        let state = self.state();
        let route = state.route(&call.path)?;
        let is_login = route.rest == "login"
            && matches!(state.mount(&route)?.engine, Engine::Aws(_))
            && call.path.starts_with("auth/");
        is_login.then_some(route.mount)
    }

    fn preflight(&self, path: &str, call: &Call) -> Outcome {
        let path = path.trim_start_matches('/');
        if path.is_empty() {
            let caller = match call.token {
                Some(_) => Some(self.identify(call)?),
                None => None,
            };
            return Ok(sys::preflight::all(&self.state(), caller.as_ref()));
        }
        let caller = self.identify(call)?;
        sys::preflight::of_path(&self.state(), path, &caller)
    }

    /// Finds the token of a request, and counts its use.
    fn identify(&self, call: &Call) -> Result<Token, Refusal> {
        let now = self.clock.now();
        let sent = call.token.as_deref().ok_or_else(Refusal::denied)?;
        let mut state = self.state();
        let token = state.tokens.get(sent, now);
        let token = token.ok_or_else(Refusal::denied_to_token)?;
        if token.uses < 0 {
            return Err(Refusal::denied_to_token());
        }
        if !aws::holds_loopback(&token.bound_cidrs) {
            return Err(Refusal::denied());
        }
        match token.uses {
            0 => {}
            1 => token.uses = -1,
            _ => token.uses -= 1,
        }
        let token = token.clone();
        let entity = state.entities.get(&token.entity);
        if !token.entity.is_empty() && entity.is_none_or(identity::Entity::is_disabled) {
            return Err(Refusal::denied());
        }
        Ok(token)
    }

    async fn carry_out_as(&self, call: &Call, caller: &Token) -> Outcome {
        let now = self.clock.now();
        let route = self.state().route(&call.path);
        self.check(call, caller, route.as_ref())?;
        let Some(route) = route else {
            let path = go::quote(&call.path);
            let words = format!("no handler for route {path}. route entry not found.");
            return Err(Refusal::new(404, words));
        };
        let Some(kind) = self.kind(&route) else {
            return Err(Refusal::unsupported_path());
        };
        let outcome = match kind {
            "aws" => aws::handle(self, &route.mount, &route.rest, call).await,
            "token" => tokens::handle(self, &route.rest, call, caller).await,
            _ => self.state().handle(&route, call, caller, now),
        };
        outcome.map(|mut reply| {
            reply.mount_type = kind;
            reply
        })
    }

    /// Refuses what the caller's policies do not allow. What a write is about is
    /// looked for first, and its fields with it.
    fn check(&self, call: &Call, caller: &Token, route: Option<&Route>) -> Result<(), Refusal> {
        let state = self.state();
        let exists = match (call.operation, route) {
            (Operation::Write, Some(route)) => state.exists(route, call)?,
            _ => None,
        };
        if caller.is_root() {
            return Ok(());
        }
        let wanted = Wanted {
            operation: call.operation,
            path: &call.path,
            fields: &call.fields,
            exists,
        };
        if access::is_allowed(&access::held(&state, caller), &wanted) {
            Ok(())
        } else {
            Err(Refusal::denied_by_policy())
        }
    }

    fn kind(&self, route: &Route) -> Option<&'static str> {
        self.state().mount(route).map(|mount| mount.kind)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outside(&self) -> Outside {
        let outside = self.outside.lock();
        outside.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl State {
    /// Tells whether what a write is about is there, on paths that ask that.
    fn exists(&self, route: &Route, call: &Call) -> Result<Option<bool>, Refusal> {
        match self.mount(route).map(|mount| &mount.engine) {
            Some(Engine::Kv1(engine)) => Ok(Some(engine.0.contains_key(&route.rest))),
            Some(Engine::Kv2(engine)) => engine.exists(&route.rest, call),
            Some(Engine::Aws(method)) => method.exists(&route.rest, call),
            _ => Ok(None),
        }
    }

    /// Answers for the engines that ask nobody else.
    fn handle(&mut self, route: &Route, call: &Call, caller: &Token, now: SystemTime) -> Outcome {
        let Some(mount) = self.secrets.get_mut(&route.mount) else {
            return Err(Refusal::unsupported_path());
        };
        let default_lease = mount.default_lease();
        match &mut mount.engine {
            Engine::Kv1(engine) => engine.handle(&route.rest, call, default_lease),
            Engine::Kv2(engine) => {
                let asker = kv2::Asker { token: caller, now };
                engine.handle(&route.rest, call, &asker)
            }
            Engine::System => sys::handle(self, &route.rest, call, caller, now),
            Engine::Identity if route.rest == "lookup/entity" => match call.operation {
                Operation::Write => self.entities.lookup(&call.fields),
                _ => Err(Refusal::unsupported_operation()),
            },
            Engine::Cubbyhole if call.operation == Operation::Read => Err(Refusal::absent()),
            _ => Err(Refusal::unsupported_path()),
        }
    }
}

/// Where a path is sent that Go's server does not take as it is.
fn elsewhere(path: &str) -> Option<String> {
    let is_known = path.starts_with("/v1/") || path.starts_with("/.well-known/");
    match path {
        "/v1" => Some("/v1/".to_owned()),
        "/v1/sys" => Some("/v1/sys/".to_owned()),
        _ if !is_known => Some("/ui/".to_owned()),
        _ => clean(path).filter(|clean| clean != path),
    }
}

/// A path without doubled slashes and dots.
fn clean(path: &str) -> Option<String> {
    let is_odd = |part: &&str| matches!(*part, "" | "." | "..");
    let inner = path.trim_start_matches('/').trim_end_matches('/');
    if !path.contains("//") && !inner.split('/').any(|part| is_odd(&part)) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let end = if path.ends_with('/') && !parts.is_empty() {
        "/"
    } else {
        ""
    };
    Some(format!("/{}{end}", parts.join("/")))
}

/// A path without its percent signs; `None` where it has what nobody can read.
fn decoded(path: &str) -> Option<String> {
    let path = percent_encoding::percent_decode_str(path);
    let path = path.decode_utf8().ok()?.into_owned();
    let is_readable = !path.chars().any(char::is_control);
    is_readable.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_gos_server_cleans_them() {
        let cases = [
            ("/v1/kv/data/a", None),
            ("/v1/kv/", None),
            ("/v1/kv//a", Some("/v1/kv/a")),
            ("/v1/kv/../a", Some("/v1/a")),
            ("/v1/a..b", None),
            ("/", Some("/ui/")),
            ("/v2/x", Some("/ui/")),
            ("/v1", Some("/v1/")),
            ("/v1/sys", Some("/v1/sys/")),
        ];
        for (path, target) in cases {
            assert_eq!(elsewhere(path).as_deref(), target, "{path}");
        }
    }
}
