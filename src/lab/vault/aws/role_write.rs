//! Writing a role: what Vault refuses, and in which order.

use serde_json::{Map, Value};

use super::own::Client;
use super::role::{BOUND, Role, range};
use crate::lab::vault::Vault;
use crate::lab::vault::fields::{Fields, set};
use crate::lab::vault::mount::Mount;
use crate::lab::vault::reply::{Outcome, Refusal, Reply};

/// Writes a role; `name` is in small letters.
pub(super) async fn write(
    vault: &Vault,
    mount: &str,
    name: &str,
    given: &Map<String, Value>,
) -> Outcome {
    let known = {
        let state = vault.state();
        let method = state.aws(mount).ok_or_else(Refusal::unsupported_path)?;
        method.roles.get(name).cloned()
    };
    let mut role = known.clone().unwrap_or_else(|| Role::new(name));
    role.merge(Fields::of_existing(given))?;
    let resolved = known
        .as_ref()
        .is_some_and(|known| known.resolve_aws_unique_ids);
    if resolved && !role.resolve_aws_unique_ids {
        let words = "changing resolve_aws_unique_ids from true to false is not allowed";
        return Err(Refusal::bad(words));
    }
    let rebinds = given.contains_key("bound_iam_principal_arn");
    if rebinds || role.bound_iam_principal_id.is_empty() {
        role.bound_iam_principal_id = resolve(&Client::new(vault, mount), &role).await?;
    }
    let flaw = role.flaw(known.as_ref()).or_else(|| role.flaw_of_bound());
    if let Some(words) = flaw.or_else(|| role.flaw_of_token()) {
        return Err(Refusal::bad(words));
    }
    let mut state = vault.state();
    let max_lease = state.mounts.get(mount).map_or(0, Mount::max_lease);
    let max_ttl = role.token_max_ttl;
    let method = state.aws_mut(mount).ok_or_else(Refusal::unsupported_path)?;
    method.roles.insert(name.to_owned(), role);
    if max_ttl <= max_lease {
        return Ok(Reply::nothing(204));
    }
    let warning = format!(
        "Given max ttl of {max_ttl} seconds greater than current mount/system default of {max_lease} seconds; max ttl will be capped at login time"
    );
    Ok(Reply::remark(200, warning))
}

/// The unique ids of the principals that are no wildcards.
async fn resolve(client: &Client<'_>, role: &Role) -> Result<Vec<String>, Refusal> {
    let mut ids = Vec::new();
    if !role.resolve_aws_unique_ids {
        return Ok(ids);
    }
    for arn in role.principals().iter().filter(|arn| !arn.ends_with('*')) {
        let id = client.unique_id(arn).await;
        ids.push(id.map_err(|error| {
            Refusal::bad(format!(
                "unable to resolve ARN {arn:?} to internal ID: {error}"
            ))
        })?);
    }
    Ok(ids)
}

impl Role {
    /// Takes what a write says; what it does not say stays as it is.
    fn merge(&mut self, fields: Fields<'_>) -> Result<(), Refusal> {
        for list in BOUND {
            if let Some(items) = fields.list(list)? {
                self.bound.insert(list, Some(items));
            }
        }
        for (name, field) in [
            ("auth_type", &mut self.auth_type),
            ("inferred_entity_type", &mut self.inferred_entity_type),
            ("inferred_aws_region", &mut self.inferred_aws_region),
        ] {
            set(field, fields.text(name)?);
        }
        for (name, field) in [
            ("token_explicit_max_ttl", &mut self.token_explicit_max_ttl),
            ("token_max_ttl", &mut self.token_max_ttl),
            ("token_period", &mut self.token_period),
            ("token_ttl", &mut self.token_ttl),
        ] {
            set(field, fields.seconds(name)?);
        }
        for (name, field) in [
            ("resolve_aws_unique_ids", &mut self.resolve_aws_unique_ids),
            ("token_no_default_policy", &mut self.token_no_default_policy),
        ] {
            set(field, fields.truth(name)?);
        }
        for (name, field) in [
            ("token_bound_cidrs", &mut self.token_bound_cidrs),
            ("token_policies", &mut self.token_policies),
        ] {
            set(field, fields.list(name)?);
        }
        set(&mut self.token_num_uses, fields.int("token_num_uses")?);
        if let Some(kind) = fields.text("token_type")? {
            let words = format!("invalid 'token_type' value {kind:?}");
            let known = serde_json::from_value(Value::String(kind));
            self.token_type = known.map_err(|_| Refusal::bad(words))?;
        }
        Ok(())
    }

    /// What is wrong with the type.
    fn flaw(&self, known: Option<&Role>) -> Option<String> {
        let kind = &self.auth_type;
        if known.is_some_and(|known| known.auth_type != *kind) {
            return Some("changing auth_type on a role is not allowed".to_owned());
        }
        let is_known = matches!(kind.as_str(), "iam" | "ec2");
        (!is_known).then(|| format!("unrecognized auth_type: {kind}"))
    }

    /// What is wrong with the lists that bind.
    fn flaw_of_bound(&self) -> Option<String> {
        let is_ec2 = self.auth_type == "ec2";
        let mut is_bound = false;
        for list in BOUND {
            if self.bound_to(list).is_empty() {
                continue;
            }
            is_bound = true;
            let what = match list {
                "bound_iam_principal_arn" if is_ec2 => "iam auth_type",
                "bound_iam_principal_arn" => continue,
                "bound_region" if !is_ec2 => "ec2 auth_type",
                _ if !is_ec2 && !self.infers() => "ec2 auth_type or inferring ec2_instance",
                _ => continue,
            };
            return Some(format!("specified {list} but not specifying {what}"));
        }
        let words = "at least one bound parameter should be specified on the role";
        (!is_bound).then(|| words.to_owned())
    }

    /// What is wrong with the tokens that it gives.
    fn flaw_of_token(&self) -> Option<String> {
        let mut cidrs = self.token_bound_cidrs.iter();
        if let Some(cidr) = cidrs.find(|cidr| range(cidr).is_none()) {
            return Some(format!(
                "error parsing address {cidr:?}: Unable to convert {cidr:?} to an IPv4 or IPv6 address, or a UNIX Socket"
            ));
        }
        if self.token_num_uses < 0 {
            return Some("'token_num_uses' cannot be negative".to_owned());
        }
        let is_longer = self.token_max_ttl > 0 && self.token_ttl > self.token_max_ttl;
        is_longer.then(|| "'token_ttl' cannot be greater than 'token_max_ttl'".to_owned())
    }
}
