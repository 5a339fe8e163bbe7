//! An AWS with STS, IAM and the metadata service of instances, of one account.
//!
//! All of it is one state. Requests read and change it by AWS's rules; scenarios
//! change it through the methods of [`Aws`]. What is answered follows from the
//! state and from nothing else.

mod call;
mod documents;
mod endpoint;
mod form;
mod iam;
mod identity;
mod inventory;
mod metadata;
mod refusal;
mod reply;
mod signature;
mod state;
mod sts;
mod trust;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

pub use endpoint::Endpoint;
pub use metadata::Metadata;
pub use refusal::Refusal;
pub use state::{Keys, MetadataState};

use super::clock::Clock;
use crate::aws::policy::Kind;
use state::{Instance, KeyOwner, State, User};

/// The lab's AWS. Its clones are the same one.
#[derive(Clone)]
pub struct Aws {
    state: Arc<Mutex<State>>,
    clock: Clock,
}

impl Aws {
    /// An AWS that goes by `clock`, with an account of twelve digits in which
    /// nothing is.
    pub fn new(clock: Clock, account: &str) -> Self {
        let state = State {
            account: account.to_owned(),
            ..State::default()
        };
        Aws {
            state: Arc::new(Mutex::new(state)),
            clock,
        }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// STS and IAM, as seen from `region`.
    pub fn endpoint(&self, region: &str) -> Endpoint {
        Endpoint {
            aws: self.clone(),
            region: region.to_owned(),
        }
    }

    /// The metadata service of an instance.
    pub fn metadata(&self, instance: &str) -> Metadata {
        Metadata {
            aws: self.clone(),
            instance: instance.to_owned(),
        }
    }

    /// Makes a user who may do what `policy` says, and returns its key.
    ///
    /// # Errors
    ///
    /// IAM's refusal of the policy.
    pub fn create_user(&self, name: &str, policy: &str) -> Result<Keys, Refusal> {
        let user = User {
            unique_id: state::identifier("AIDA", 17),
            policy: documents::check(policy, Kind::Identity)?,
        };
        let mut state = self.state();
        state.users.insert(name.to_owned(), user);
        Ok(state.issue_key("AKIA", KeyOwner::User(name.to_owned())))
    }

    /// Makes a managed policy, and returns its ARN.
    ///
    /// # Errors
    ///
    /// IAM's refusal of the policy.
    pub fn create_policy(&self, name: &str, text: &str) -> Result<String, Refusal> {
        let document = documents::check(text, Kind::Managed)?;
        let mut state = self.state();
        let arn = state.arn("policy/", name);
        state.policies.insert(arn.clone(), document);
        Ok(arn)
    }

    /// Bounds what a role may do by a managed policy.
    ///
    /// # Errors
    ///
    /// There is no such role or no such policy.
    pub fn set_boundary(&self, role: &str, policy_arn: &str) -> Result<(), Refusal> {
        self.state().set_boundary(role, policy_arn)
    }

    /// Lets the organisation limit the account to what a policy allows.
    ///
    /// # Errors
    ///
    /// IAM's refusal of the policy.
    pub fn set_service_control(&self, text: &str) -> Result<(), Refusal> {
        let document = documents::check(text, Kind::Managed)?;
        self.state().service_control = Some(document);
        Ok(())
    }

    /// Starts an instance without an instance profile.
    pub fn start_instance(&self, id: &str, region: &str) {
        let instance = Instance {
            region: region.to_owned(),
            profile: None,
            metadata: MetadataState::Enabled,
            tokens: BTreeMap::new(),
            delivered: None,
        };
        self.state().instances.insert(id.to_owned(), instance);
    }

    /// Attaches an instance profile, in place of the one that was, or none.
    pub fn set_instance_profile(&self, id: &str, profile: Option<&str>) {
        if let Some(instance) = self.state().instances.get_mut(id) {
            instance.profile = profile.map(str::to_owned);
        }
    }

    /// Sets how the metadata service of an instance answers.
    pub fn set_metadata(&self, id: &str, metadata: MetadataState) {
        if let Some(instance) = self.state().instances.get_mut(id) {
            instance.metadata = metadata;
        }
    }

    /// Lets all sessions be over.
    pub fn end_sessions(&self) {
        let state = &mut *self.state();
        for key in state.keys.values_mut() {
            if let KeyOwner::Session(session) = &mut key.owner {
                session.expires = self.now();
            }
        }
        for instance in state.instances.values_mut() {
            instance.delivered = None;
        }
    }

    /// Lets STS be too busy for so many requests.
    pub fn throttle_sts(&self, requests: u32) {
        self.state().throttled = requests;
    }

    /// Sets how long a new role is not known everywhere. At first it is at once.
    pub fn set_settling(&self, time: Duration) {
        self.state().settling = time;
    }

    /// The state; what a panic elsewhere left is as good as what was before.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> SystemTime {
        self.clock.now()
    }
}
