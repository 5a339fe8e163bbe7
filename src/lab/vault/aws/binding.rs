//! Whether a caller is one of those that a role is bound to.

use super::arn::Entity;
use super::own::Client;
use super::role::Role;
use crate::lab::vault::tokens::Caller;

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

/// Judges a login again when its token is renewed. STS is not asked.
///
/// # Errors
///
/// Why the role does not take the caller any more.
pub(super) async fn check_renewal(
    client: &Client<'_>,
    caller: &Caller,
    role: &Role,
) -> Result<(), String> {
    let (name, arn) = (&caller.role, &caller.canonical_arn);
    let entity = Entity::parse(arn)?;
    let bound = is_bound(client, role, &caller.unique_id, &entity);
    let bound = bound.await.map_err(|error| {
        format!(
            "error looking up full ARN of entity {entity} when updating login for role {name:?}: {error}"
        )
    })?;
    if bound {
        Ok(())
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
