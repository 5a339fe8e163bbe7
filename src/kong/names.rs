//! How a vault of Kong's may be called, and what may stand in its requests.

/// The vaults that every Gateway with `aws_iam` has: their names are no
/// prefixes.
const TAKEN: [&str; 5] = ["env", "aws", "azure", "gcp", "hcv"];

/// Vaults that only some Gateways have.
const TAKEN_BY_SOME: [&str; 4] = ["konnect", "conjur", "fs", "azure-certs"];

/// Checks the prefix of a vault entity.
///
/// Source: the entity's schema, `kong/db/schema/entities/vaults.lua`: the
/// pattern `^[a-z][a-z%d-]-[a-z%d]+$`, and no name of a loaded vault.
pub(super) fn check_prefix(prefix: &str) -> Result<(), String> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_right = prefix.len() >= 2
        && prefix.starts_with(|first: char| first.is_ascii_lowercase())
        && prefix.bytes().all(|byte| inner(byte) || byte == b'-')
        && !prefix.ends_with('-');
    if !is_right {
        return Err(format!(
            "'{prefix}' is no prefix for a vault of Kong's: it has at least 2 lower-case letters, digits and dashes, begins with a letter and does not end in a dash"
        ));
    }
    if TAKEN.contains(&prefix) {
        return Err(format!(
            "'{prefix}' is the name of a vault that Kong has itself; use another prefix, such as my-vault"
        ));
    }
    Ok(())
}

/// Tells whether a prefix is the name of a vault that some Gateways have.
pub(super) fn is_taken_by_some(prefix: &str) -> bool {
    TAKEN_BY_SOME.contains(&prefix)
}

/// Checks a mount or a namespace, which Kong puts into URL and header. Whether it
/// escapes anything is not documented, so nothing may need it.
pub(super) fn check_in_request(path: &str) -> Result<(), String> {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "/-._~@:=+,".contains(character);
    let is_path = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if is_path && path.chars().all(is_plain) {
        Ok(())
    } else {
        Err(format!(
            "Kong would put '{path}' into its requests as it is; use letters, digits and -._~@:=+, between single slashes"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for right in [
            "my-vault",
            "hcv-vault",
            "hc",
            "my--vault",
            "a1",
            "fs",
            "envs",
        ] {
            assert_eq!(check_prefix(right), Ok(()), "{right}");
        }
        for wrong in [
            "", "h", "my_vault", "a-", "1ab", "Hcv", "-a", "a b", "ä1", "my.vault", "a-b-", "no\n",
        ] {
            let words = check_prefix(wrong).err().unwrap_or_default();
            assert!(words.contains("at least 2 lower-case"), "{wrong}: {words}");
        }
        for taken in TAKEN {
            let words = check_prefix(taken).err().unwrap_or_default();
            assert!(words.contains("a vault that Kong has itself"), "{words}");
        }
        assert!(is_taken_by_some("fs") && !is_taken_by_some("my-vault"));
    }

    #[test]
    fn paths_in_requests() {
        for right in ["kv", "team/kv", "kv-v2", "aws-cn", "a.b_c~d@e:f=g+h,i"] {
            assert_eq!(check_in_request(right), Ok(()), "{right}");
        }
        for wrong in [
            "", "/", "a//b", "a/", "a/../b", "my kv", "kv?", "kv#", "kv%20", "kü",
        ] {
            assert!(check_in_request(wrong).is_err(), "{wrong}");
        }
    }
}
