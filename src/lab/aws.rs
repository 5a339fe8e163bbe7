//! An AWS with STS, IAM and the metadata service of instances.
//!
//! All of it is one state. Requests read and change it by AWS's rules; scenarios
//! change it through the methods of [`Aws`] and [`Administrator`]. What is
//! answered follows from the state and from nothing else.

mod administrator;
mod call;
mod constraints;
mod documents;
pub mod endpoint;
mod form;
mod iam;
mod inventory;
mod metadata;
mod permit;
mod profiles;
mod refusal;
mod reply;
mod roles;
mod signature;
mod state;
mod sts;
mod trust;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};

pub use administrator::{Administrator, Control, RoleSeen};
pub use endpoint::{AwsService, Host};
pub use metadata::Metadata;
pub use refusal::Refusal;
pub use roles::NewRole;
pub use state::{KeyState, Keys, MetadataState, RegionState};

use super::clock::Clock;
use super::server::Service;
use crate::aws::identity::Partition;
use call::{Call, Handler};
use form::Form;
use permit::Identity;
use reply::Answered;
use state::{Instance, KeyOwner, PARTITION, State};

/// The lab's AWS. Its clones are the same one.
#[derive(Clone)]
pub struct Aws {
    state: Arc<Mutex<State>>,
    clock: Clock,
}

/// The state holds keys.
impl fmt::Debug for Aws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Aws").finish_non_exhaustive()
    }
}

/// STS and IAM at an address of this machine, which belongs to one region, and
/// the proxy to all their own addresses.
#[derive(Debug, Clone)]
pub struct Endpoint {
    aws: Aws,
    region: String,
}

impl Aws {
    /// An AWS that is empty, and goes by `clock`.
    pub fn new(clock: Clock) -> Self {
        Aws {
            state: Arc::default(),
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

    /// Somebody who may do everything in an account of twelve digits. If there
    /// is none of that number, there is one now.
    pub fn administrator(&self, account: &str) -> Administrator {
        let mut state = locked(&self.state);
        state.accounts.entry(account.to_owned()).or_default();
        Administrator {
            aws: self.clone(),
            account: account.to_owned(),
        }
    }

    /// Starts an instance without an instance profile. Its client runs on it.
    pub fn start_instance(&self, id: &str, account: &str, region: &str) {
        let instance = Instance {
            account: account.to_owned(),
            region: region.to_owned(),
            profile: None,
            metadata: MetadataState::Enabled,
            hop_limit: 1,
            hops: 1,
            tokens: BTreeMap::new(),
            delivered: None,
        };
        locked(&self.state)
            .instances
            .insert(id.to_owned(), instance);
    }

    /// Attaches an instance profile, in place of the one that was, or none.
    pub fn set_instance_profile(&self, id: &str, profile: Option<&str>) {
        self.change_instance(id, |instance| instance.profile = profile.map(str::to_owned));
    }

    /// Switches the metadata service of an instance on or off.
    pub fn set_metadata(&self, id: &str, metadata: MetadataState) {
        self.change_instance(id, |instance| instance.metadata = metadata);
    }

    /// Sets how far the answers of the metadata service go, and how far away
    /// its client is: 1 on the instance, 2 in a container.
    pub fn set_hops(&self, id: &str, limit: u8, client: u8) {
        self.change_instance(id, |instance| {
            instance.hop_limit = limit;
            instance.hops = client;
        });
    }

    fn change_instance(&self, id: &str, change: impl FnOnce(&mut Instance)) {
        if let Some(instance) = locked(&self.state).instances.get_mut(id) {
            change(instance);
        }
    }

    /// The id of the key that an instance got last.
    pub fn key_of_instance(&self, id: &str) -> Option<String> {
        let state = locked(&self.state);
        let delivered = state.instances.get(id)?.delivered.as_ref();
        delivered.map(|(key, _)| key.clone())
    }

    /// Switches a key on or off.
    pub fn set_key(&self, id: &str, to: KeyState) {
        if let Some(key) = locked(&self.state).keys.get_mut(id) {
            key.state = to;
        }
    }

    /// Lets the session of a key be over.
    pub fn end_session(&self, key_id: &str) {
        let now = self.clock.now();
        if let Some(key) = locked(&self.state).keys.get_mut(key_id)
            && let KeyOwner::Session(session) = &mut key.owner
        {
            session.expires = now;
        }
    }

    /// How many keys there are, of sessions too.
    pub fn count_keys(&self) -> usize {
        locked(&self.state).keys.len()
    }

    /// Switches off what is active in a region, or all on again.
    pub fn set_region(&self, region: &str, to: Option<RegionState>) {
        let regions = &mut locked(&self.state).regions;
        match to {
            Some(to) => drop(regions.insert(region.to_owned(), to)),
            None => drop(regions.remove(region)),
        }
    }

    /// Lets a service be too busy for so many requests.
    pub fn throttle(&self, service: AwsService, requests: u32) {
        locked(&self.state).throttled.insert(service, requests);
    }

    /// Takes a service down: it answers, and does nothing.
    pub fn take_down(&self, service: AwsService) {
        locked(&self.state).down.insert(service);
    }

    pub fn bring_up(&self, service: AwsService) {
        locked(&self.state).down.remove(&service);
    }

    /// Sets how long a new role or user is not known everywhere. At first it is
    /// at once.
    pub fn set_settling(&self, time: Duration) {
        locked(&self.state).settling = time;
    }
}

impl Service for Endpoint {
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let at = self.aws.clock.now();
        let form = Form::of(&request);
        let action = form.get("Action").unwrap_or_default();
        let host = self.host(&request, &form);
        let service = host.service;
        Answered {
            service,
            action,
            result: self.result(request, &form, &host, at).await,
            at,
        }
        .response()
    }

    fn stands_for(&self, host: &str) -> bool {
        endpoint::resolve(host).is_some()
    }
}

impl Endpoint {
    /// What the request was sent to: a host of AWS, through the proxy, or this
    /// endpoint, where the version of the API tells the service.
    fn host(&self, request: &Request<Bytes>, form: &Form) -> Host {
        let named = request.uri().host().and_then(endpoint::resolve);
        named.unwrap_or_else(|| Host {
            service: match form.get("Version") {
                Some(version) if version == AwsService::Iam.version() => AwsService::Iam,
                _ => AwsService::Sts,
            },
            region: self.region.clone(),
        })
    }

    async fn result(
        &self,
        request: Request<Bytes>,
        form: &Form,
        host: &Host,
        now: SystemTime,
    ) -> Result<String, Refusal> {
        let handler = handler(form, host.service)?;
        admit(&mut locked(&self.aws.state), host)?;
        let key = signature::verify(request, host, &self.aws.state, now).await?;
        let state = &mut *locked(&self.aws.state);
        let identity = Identity::of(&key.owner, state).ok_or_else(Refusal::unknown_key)?;
        check_region(state, host, &identity.account)?;
        handler(&mut Call {
            state,
            identity: &identity,
            form,
            region: &host.region,
            now,
        })
    }
}

fn handler(form: &Form, service: AwsService) -> Result<Handler, Refusal> {
    let action = form.get("Action").ok_or_else(|| {
        let words = "The request is missing an action or a required parameter.";
        Refusal::bad("MissingAction", words)
    })?;
    let version = form.get("Version").unwrap_or(service.version());
    let handler = match service {
        _ if version != service.version() => None,
        AwsService::Sts => sts::handler(action),
        AwsService::Iam => iam::handler(action),
    };
    handler.ok_or_else(|| {
        let words = format!("Could not find operation {action} for version {version}");
        Refusal::bad("InvalidAction", words)
    })
}

/// Turns requests away before it is looked at who sends them.
fn admit(state: &mut State, host: &Host) -> Result<(), Refusal> {
    if state.down.contains(&host.service) {
        return Err(Refusal::unavailable());
    }
    if let Some(left) = state
        .throttled
        .get_mut(&host.service)
        .filter(|left| **left > 0)
    {
        *left -= 1;
        return Err(Refusal::throttled());
    }
    Ok(())
}

/// Refuses keys where they are not known, and STS where it is switched off.
fn check_region(state: &State, host: &Host, account: &str) -> Result<(), Refusal> {
    let is_foreign = Partition::of_region(&host.region).name != PARTITION;
    match state.regions.get(&host.region) {
        _ if is_foreign => Err(Refusal::unknown_key()),
        Some(RegionState::NotEnabled) => Err(Refusal::unknown_key()),
        Some(RegionState::StsInactive) if host.service == AwsService::Sts => {
            let words = format!(
                "STS is not activated in this region for account:{account}. Your account administrator can activate STS in this region using the IAM Console."
            );
            Err(Refusal::forbidden("RegionDisabledException", words))
        }
        Some(RegionState::StsInactive) | None => Ok(()),
    }
}

/// The state; what a panic elsewhere left is as good as what was before.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
