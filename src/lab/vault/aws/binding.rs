//! Whether a caller is one of those that a role is bound to, at a login and later.

use super::arn::Entity;
use super::own::Client;
use super::role::Role;
use crate::lab::vault::Vault;
use crate::lab::vault::mount::Mount;
use crate::lab::vault::tokens::{Asked, Caller};

/// Tells whether a role is bound to the caller, or to nobody in particular.
///
/// # Errors
///
/// It is bound to a wildcard, and Vault cannot find out the caller's path.
pub(super) async fn is_bound(
    client: &Client<'_>,
    role: &Role,
    unique_id: &str,
    entity: &Entity,
) -> Result<bool, String> {
    let principals = role.principals();
    let ids = &role.bound_iam_principal_id;
    if principals.is_empty() || ids.iter().any(|id| id == unique_id) {
        return Ok(true);
    }
    if !role.resolve_aws_unique_ids && principals.contains(&entity.canonical_arn()) {
        return Ok(true);
    }
    if !principals.iter().any(|arn| arn.ends_with('*')) {
        return Ok(false);
    }
    let full_arn = client.full_arn(entity).await?;
    let mut principals = principals.iter();
    Ok(principals.any(|pattern| matches(pattern, &full_arn)))
}

/// Tells whether a text is as a pattern that ends in a `*`. Only at its ends a `*`
/// stands for anything, and not alone.
fn matches(pattern: &str, text: &str) -> bool {
    let Some(head) = pattern.strip_suffix('*') else {
        return false;
    };
    match head.strip_prefix('*') {
        Some(inner) => text.contains(inner),
        None => !head.is_empty() && text.starts_with(head),
    }
}

/// What a renewal of a login asks for, if its role still takes the caller. STS is not
/// asked.
///
/// # Errors
///
/// Why it does not.
pub(in crate::lab::vault) async fn renew(vault: &Vault, caller: &Caller) -> Result<Asked, String> {
    let (name, arn) = (&caller.role, &caller.canonical_arn);
    let found = {
        let state = vault.state();
        let method = state.aws(&caller.mount);
        let role = method.and_then(|method| method.roles.get(name).cloned());
        role.zip(state.mounts.get(&caller.mount).map(Mount::leases))
    };
    let (role, leases) = found.ok_or_else(|| "role entry not found".to_owned())?;
    let entity = Entity::parse(arn)?;
    let client = Client::new(vault, &caller.mount);
    let bound = is_bound(&client, &role, &caller.unique_id, &entity);
    let bound = bound.await.map_err(|error| {
        format!(
            "error looking up full ARN of entity {entity} when updating login for role {name:?}: {error}"
        )
    })?;
    if bound {
        Ok(role.lifetime(leases))
    } else {
        Err(format!("role {name:?} no longer bound to ARN {arn:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_at_the_ends_alone() {
        let arn = "arn:aws:iam::123456789012:role/svc/VaultRole";
        for (pattern, expected) in [
            ("arn:aws:iam::123456789012:*", true),
            ("arn:aws:iam::123456789012:role/svc/*", true),
            ("arn:aws:iam::123456789012:role/*/VaultRole*", false),
            ("arn:aws:iam::1:*", false),
            (arn, false),
            ("*", false),
            ("*VaultRole*", true),
        ] {
            assert_eq!(matches(pattern, arn), expected, "{pattern}");
        }
    }
}
