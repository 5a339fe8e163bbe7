//! Whether a caller is one of those that a role is bound to.

use super::arn::Entity;
use super::ec2;
use super::own;
use super::role::Role;
use crate::lab::vault::Vault;
use crate::lab::vault::go;
use crate::lab::vault::tokens;

/// Tells whether a role is bound to the caller, or to nobody in particular.
///
/// # Errors
///
/// It is bound to a wildcard, and Vault cannot find out the caller's path.
pub(super) async fn is_bound(
    vault: &Vault,
    mount: &str,
    role: &Role,
    unique_id: &str,
    entity: &Entity,
) -> Result<bool, String> {
    let principals = role.principals();
    if principals.is_empty() {
        return Ok(true);
    }
    if role.principal_ids.iter().any(|id| id == unique_id) {
        return Ok(true);
    }
    let canonical_arn = entity.canonical_arn();
    if !role.resolves_ids && principals.contains(&canonical_arn) {
        return Ok(true);
    }
    if !principals.iter().any(|arn| arn.ends_with('*')) {
        return Ok(false);
    }
    let full_arn = full_arn(vault, mount, unique_id, entity).await?;
    Ok(principals
        .iter()
        .any(|pattern| pattern.ends_with('*') && matches(pattern, &full_arn)))
}

/// The caller's ARN with its path; asked for once.
async fn full_arn(
    vault: &Vault,
    mount: &str,
    unique_id: &str,
    entity: &Entity,
) -> Result<String, String> {
    let known = {
        let state = vault.state();
        let method = state.aws(mount);
        method.and_then(|method| method.caches.full_arns.get(unique_id).cloned())
    };
    if let Some(known) = known {
        return Ok(known);
    }
    let arn = own::full_arn(vault, mount, entity).await?;
    if let Some(method) = vault.state().aws_mut(mount) {
        let known = &mut method.caches.full_arns;
        known.insert(unique_id.to_owned(), arn.clone());
    }
    Ok(arn)
}

/// Only at its ends a `*` stands for anything, and not alone.
fn matches(pattern: &str, text: &str) -> bool {
    let head = pattern.strip_suffix('*').unwrap_or(pattern);
    match head.strip_prefix('*') {
        Some(inner) => text.contains(inner),
        None => !head.is_empty() && text.starts_with(head),
    }
}

/// Judges a login again when its token is renewed. STS is not asked.
///
/// # Errors
///
/// Why the role does not take the caller any more.
pub(super) async fn check_renewal(
    vault: &Vault,
    caller: &tokens::Caller,
    role: &Role,
) -> Result<(), String> {
    let entity = Entity::parse(&caller.canonical_arn)?;
    if !role.inferred_entity_type.is_empty() {
        let instance = ec2::describe(
            vault,
            &caller.mount,
            &caller.session,
            &role.inferred_aws_region,
            &entity.account,
        );
        instance.await.map_err(|error| {
            let session = go::quote(&caller.session);
            format!("failed to verify instance ID {session}: {error}")
        })?;
    }
    let bound = is_bound(vault, &caller.mount, role, &caller.unique_id, &entity);
    let bound = bound.await.map_err(|error| {
        let role = go::quote(&caller.role);
        format!(
            "error looking up full ARN of entity {entity} when updating login for role {role}: {error}"
        )
    })?;
    if bound {
        return Ok(());
    }
    Err(format!(
        "role {} no longer bound to ARN {}",
        go::quote(&caller.role),
        go::quote(&caller.canonical_arn)
    ))
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
            ("*", false),
            ("*VaultRole*", true),
        ] {
            assert_eq!(matches(pattern, arn), expected, "{pattern}");
        }
    }
}
