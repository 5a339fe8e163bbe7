//! A Vault in memory: what the flow asks of one, answered as HashiCorp Vault 1.21.2
//! answers it.
//!
//! Nothing here knows what is tried with it. A reply follows from the state and
//! from what the AWS outside says, which is asked over HTTP as Vault asks it.
//! Other paths than those that are used are not there; a page says which replies
//! differ, and why.

mod access;
mod aws;
mod call;
mod fields;
mod identity;
mod kv1;
mod kv2;
mod mount;
mod policies;
mod reply;
mod state;
mod sys;
mod time;
mod tokens;

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response};

use super::clock::Clock;
use crate::secret::Secret;
use call::{Call, Operation};
use fields::Fields;
use mount::Engine;
use reply::{Outcome, Refusal, respond};
use state::State;
use tokens::Token;

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
        Vault {
            clock,
            outside: Mutex::new(outside),
            state: Mutex::new(State::new()),
        }
    }

    /// Makes the token that may do anything, for ever.
    pub fn make_root_token(&self) -> Secret {
        let now = self.clock.now();
        let token = Token::new("auth/token/create", vec!["root".to_owned()], 0, now);
        let id = Secret::from(token.id.clone());
        self.state().tokens.insert(token);
        id
    }

    /// Changes what the server reaches.
    pub fn set_outside(&self, outside: Outside) {
        let known = self.outside.lock();
        *known.unwrap_or_else(PoisonError::into_inner) = outside;
    }

    /// Has an aws method forget what it learned of AWS, as a restart does.
    pub fn forget_aws(&self, mount: &str) {
        if let Some(method) = self.state().aws_mut(&format!("auth/{mount}/")) {
            method.forget();
        }
    }

    /// Answers a request, which came from loopback.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = percent_encoding::percent_decode_str(request.uri().path());
        let path = path.decode_utf8_lossy();
        respond(match path.strip_prefix("/v1/") {
            Some(path) => self.answer_below(path, &request).await,
            None => Err(Refusal::absent()),
        })
    }

    async fn answer_below(&self, path: &str, request: &Request<Bytes>) -> Outcome {
        if request.method() == Method::GET
            && let Some(told) = sys::status::handle(&self.state(), path, self.clock.now())
        {
            return told;
        }
        let call = Call::read(request, path)?;
        if self.state().is_sealed {
            return Err(Refusal::new(503, "Vault is sealed"));
        }
        if let Some(mount) = self.login_mount(&call) {
            return aws::login(self, &mount, &call).await;
        }
        let caller = self.identify(&call)?;
        let preflight = call.path.strip_prefix("sys/internal/ui/mounts/");
        let outcome = match (preflight, call.operation) {
            (Some(path), Operation::Read) => sys::mount_of(&self.state(), path, &caller),
            _ => self.carry_out(&call, &caller).await,
        };
        if caller.uses < 0 {
            self.state().tokens.revoke(&caller.id);
        }
        outcome
    }

    /// The aws method whose login this is; that takes no token.
    fn login_mount(&self, call: &Call) -> Option<String> {
        let state = self.state();
        let route = state.route(&call.path)?;
        let is_login = route.rest == "login" && matches!(route.mount.engine, Engine::Aws(_));
        is_login.then(|| route.path.to_owned())
    }

    /// Finds the token of a request, and counts its use.
    fn identify(&self, call: &Call) -> Result<Token, Refusal> {
        let sent = call.token.as_deref().ok_or_else(Refusal::denied)?;
        let mut state = self.state();
        let token = state.tokens.get(sent, self.clock.now());
        let token = token.filter(|token| token.uses >= 0);
        let token = token.ok_or_else(Refusal::denied_to_token)?;
        if !aws::holds_loopback(&token.bound_cidrs) {
            return Err(Refusal::denied());
        }
        token.uses = match token.uses {
            0 => 0,
            1 => -1,
            uses => uses - 1,
        };
        Ok(token.clone())
    }

    async fn carry_out(&self, call: &Call, caller: &Token) -> Outcome {
        let (kind, mount, rest) = {
            let state = self.state();
            let route = state.route(&call.path);
            let exists = route.as_ref();
            let exists = exists.and_then(|route| route.mount.exists(&route.rest));
            let held = access::held(&state, caller);
            if !caller.is_root() && !access::is_allowed(&held, call.operation, &call.path, exists) {
                return Err(Refusal::denied_by_policy());
            }
            let route = route.ok_or_else(|| {
                let path = &call.path;
                let words = format!("no handler for route {path:?}. route entry not found.");
                Refusal::new(404, words)
            })?;
            (route.mount.kind, route.path.to_owned(), route.rest)
        };
        let outcome = match kind {
            "aws" => aws::handle(self, &mount, &rest, call).await,
            "token" => tokens::handle(self, &rest, call, caller).await,
            _ => self.handle(&mount, &rest, call, caller),
        };
        outcome.map(|reply| reply.of_engine(kind))
    }

    /// Answers for the engines that ask nobody else.
    fn handle(&self, mount: &str, rest: &str, call: &Call, caller: &Token) -> Outcome {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(mount) = state.mounts.get_mut(mount) else {
            return Err(Refusal::unsupported_path());
        };
        let lease = mount.default_lease();
        match &mut mount.engine {
            Engine::Kv1(engine) => engine.handle(rest, call, lease),
            Engine::Kv2(engine) => {
                let asker = kv2::Asker { token: caller, now };
                engine.handle(rest, call, &asker)
            }
            Engine::System => sys::handle(&mut state, rest, call, caller, now),
            Engine::Identity if rest == "lookup/entity" => match call.operation {
                Operation::Write => state.entities.lookup(Fields::new(&call.fields)),
                _ => Err(Refusal::unsupported_operation()),
            },
            _ => Err(Refusal::unsupported_path()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outside(&self) -> Outside {
        let outside = self.outside.lock();
        outside.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
