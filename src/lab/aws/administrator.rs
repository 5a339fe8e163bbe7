//! What somebody does in an account who may do everything there: by the rules of
//! IAM, but without a request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::MutexGuard;
use std::time::SystemTime;

use serde_json::Value;

use super::documents;
use super::refusal::Refusal;
use super::roles::{self, NewRole};
use super::state::{Account, KeyOwner, Keys, PARTITION, State, User, identifier};
use super::{Aws, locked, profiles};
use crate::aws::policy::{Document, Kind};

/// Somebody who may do everything in one account.
#[derive(Debug, Clone)]
pub struct Administrator {
    pub(super) aws: Aws,
    pub(super) account: String,
}

/// A role, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSeen {
    pub arn: String,
    /// `AROA…`
    pub unique_id: String,
    pub created: SystemTime,
    /// The trust policy: principals that were deleted stand in it by their ids.
    pub trust: Value,
    pub inline: BTreeMap<String, Value>,
    /// The ARNs of managed policies.
    pub attached: BTreeSet<String>,
    pub boundary: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// In seconds.
    pub max_session: u32,
}

/// The policies of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Limits what the account's own users and roles may do.
    Service,
    /// Limits what may be done with what the account has.
    Resource,
}

/// What changes something fails with IAM's refusal.
impl Administrator {
    pub fn role(&self, name: &str) -> Option<RoleSeen> {
        let state = self.state();
        let role = state.role(&self.account, name).ok()?;
        Some(RoleSeen {
            arn: role.arn.clone(),
            unique_id: role.unique_id.clone(),
            created: role.created,
            trust: role.trust.shown(&state),
            inline: role.inline.clone(),
            attached: role.attached.clone(),
            boundary: role.boundary.clone(),
            tags: role.tags.clone(),
            max_session: role.max_session,
        })
    }

    /// Makes a role, and returns its ARN.
    pub fn create_role(&self, new: NewRole) -> Result<String, Refusal> {
        let now = self.now();
        roles::create(&mut self.state(), &self.account, new, now).map(|role| role.arn)
    }

    /// Deletes a role with all that it holds, and takes it out of its instance
    /// profile.
    pub fn delete_role(&self, name: &str) -> Result<(), Refusal> {
        let state = &mut self.state();
        let role = state.role_mut(&self.account, name)?;
        role.attached.clear();
        role.inline.clear();
        for profile in state.account_mut(&self.account)?.profiles.values_mut() {
            profile.role.take_if(|role| role == name);
        }
        roles::delete(state, &self.account, name)
    }

    /// Deletes a role and makes it anew, with all that it was and under `path`:
    /// it gets another unique id.
    pub fn recreate_role(&self, name: &str, path: &str) -> Result<String, Refusal> {
        let now = self.now();
        let state = &mut self.state();
        let trust = state.role(&self.account, name)?.trust.shown(state);
        let old = state.account_mut(&self.account)?.roles.remove(name);
        let old = old.ok_or_else(|| super::state::no_role(name))?;
        let new = NewRole {
            path: path.to_owned(),
            boundary: old.boundary.clone(),
            tags: old.tags.clone(),
            description: old.description.clone(),
            max_session: Some(old.max_session),
            ..NewRole::new(name, trust.to_string())
        };
        match roles::create(state, &self.account, new, now) {
            Ok(role) => {
                let new = state.role_mut(&self.account, name)?;
                new.inline = old.inline;
                new.attached = old.attached;
                Ok(role.arn)
            }
            Err(refusal) => {
                let roles = &mut state.account_mut(&self.account)?.roles;
                roles.insert(name.to_owned(), old);
                Err(refusal)
            }
        }
    }

    /// Replaces the trust policy of a role.
    pub fn set_trust(&self, role: &str, text: &str) -> Result<(), Refusal> {
        let now = self.now();
        roles::set_trust(&mut self.state(), &self.account, role, text, now)
    }

    /// Creates an inline policy of a role, or replaces it.
    pub fn put_policy(&self, role: &str, policy: &str, text: &str) -> Result<(), Refusal> {
        roles::put_policy(&mut self.state(), &self.account, role, policy, text)
    }

    pub fn delete_policy(&self, role: &str, policy: &str) -> Result<(), Refusal> {
        roles::delete_policy(&mut self.state(), &self.account, role, policy)
    }

    /// Makes a managed policy, and returns its ARN.
    pub fn create_policy(&self, name: &str, text: &str) -> Result<String, Refusal> {
        let document = documents::check(text, Kind::Managed)?;
        let arn = format!("arn:{PARTITION}:iam::{}:policy/{name}", self.account);
        let policies = &mut self.state();
        let policies = &mut policies.account_mut(&self.account)?.policies;
        policies.insert(arn.clone(), document);
        Ok(arn)
    }

    pub fn attach_policy(&self, role: &str, policy_arn: &str) -> Result<(), Refusal> {
        let state = &mut self.state();
        if !state
            .account(&self.account)?
            .policies
            .contains_key(policy_arn)
        {
            let words = format!("Policy {policy_arn} does not exist or is not attachable.");
            return Err(Refusal::no_such_entity(words));
        }
        let role = state.role_mut(&self.account, role)?;
        role.attached.insert(policy_arn.to_owned());
        Ok(())
    }

    pub fn detach_policy(&self, role: &str, policy_arn: &str) -> Result<(), Refusal> {
        let state = &mut self.state();
        let role = state.role_mut(&self.account, role)?;
        role.attached.remove(policy_arn);
        Ok(())
    }

    /// Bounds a role by a managed policy.
    pub fn set_boundary(&self, role: &str, policy_arn: &str) -> Result<(), Refusal> {
        roles::set_boundary(&mut self.state(), &self.account, role, policy_arn)
    }

    /// Sets how long a session of a role may be, in seconds.
    pub fn set_max_session(&self, role: &str, seconds: u32) -> Result<(), Refusal> {
        let seconds = roles::max_session(seconds)?;
        self.state().role_mut(&self.account, role)?.max_session = seconds;
        Ok(())
    }

    pub fn create_instance_profile(&self, name: &str) -> Result<(), Refusal> {
        let now = self.now();
        let tags = BTreeMap::new();
        profiles::create(&mut self.state(), &self.account, name, "/", tags, now).map(drop)
    }

    pub fn add_role_to_instance_profile(&self, profile: &str, role: &str) -> Result<(), Refusal> {
        profiles::add_role(&mut self.state(), &self.account, profile, role)
    }

    pub fn remove_role_from_instance_profile(
        &self,
        profile: &str,
        role: &str,
    ) -> Result<(), Refusal> {
        profiles::remove_role(&mut self.state(), &self.account, profile, role)
    }

    /// Makes a user with one inline policy, and returns its key.
    pub fn create_user(&self, name: &str, policy: &str) -> Result<Keys, Refusal> {
        roles::check_name("userName", name, 64)?;
        let document = documents::check(policy, Kind::Identity)?;
        let user = User {
            arn: format!("arn:{PARTITION}:iam::{}:user/{name}", self.account),
            unique_id: identifier("AIDA", 17),
            created: self.now(),
            inline: BTreeMap::from([("inline".to_owned(), document)]),
        };
        let state = &mut self.state();
        let users = &mut state.account_mut(&self.account)?.users;
        if users.contains_key(name) {
            let words = format!("User with name {name} already exists.");
            return Err(Refusal::conflict("EntityAlreadyExists", words));
        }
        users.insert(name.to_owned(), user);
        Ok(state.issue_key(KeyOwner::User {
            account: self.account.clone(),
            name: name.to_owned(),
        }))
    }

    /// Replaces the policy of a user.
    pub fn set_user_policy(&self, name: &str, policy: &str) -> Result<(), Refusal> {
        let document = documents::check(policy, Kind::Identity)?;
        let state = &mut self.state();
        let user = state.account_mut(&self.account)?.users.get_mut(name);
        let user = user.ok_or_else(|| {
            Refusal::no_such_entity(format!("The user with name {name} cannot be found."))
        })?;
        user.inline.insert("inline".to_owned(), document);
        Ok(())
    }

    /// Makes a key of the account's root user.
    pub fn create_root_key(&self) -> Keys {
        let account = self.account.clone();
        self.state().issue_key(KeyOwner::Root { account })
    }

    /// Adds a policy of the organisation to those of the account.
    pub fn put_control(&self, control: Control, name: &str, text: &str) -> Result<(), Refusal> {
        let document = Document::parse(text);
        let document =
            document.map_err(|_| Refusal::malformed_policy("Syntax errors in policy."))?;
        let state = &mut self.state();
        controls(state.account_mut(&self.account)?, control).insert(name.to_owned(), document);
        Ok(())
    }

    pub fn delete_control(&self, control: Control, name: &str) -> Result<(), Refusal> {
        let state = &mut self.state();
        controls(state.account_mut(&self.account)?, control).remove(name);
        Ok(())
    }

    /// Sets how many roles the account may have; at first they are 1000.
    pub fn set_role_quota(&self, roles: usize) -> Result<(), Refusal> {
        self.state().account_mut(&self.account)?.role_quota = Some(roles);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.aws.state)
    }

    fn now(&self) -> SystemTime {
        self.aws.clock.now()
    }
}

fn controls(account: &mut Account, control: Control) -> &mut BTreeMap<String, Document> {
    match control {
        Control::Service => &mut account.service_control,
        Control::Resource => &mut account.resource_control,
    }
}
