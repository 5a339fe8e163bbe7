//! How roles, policies and paths may be called.
//!
//! Source: "IAM and AWS STS quotas" and the patterns in the API references of
//! IAM (CreateRole, PutRolePolicy, CreateInstanceProfile) and STS (AssumeRole).

use super::super::document::Problem;

/// At most 64 of `[\w+=,.@-]`.
pub fn check_role_name(name: &str) -> Option<Problem> {
    check_name("role name", name, 1, 64)
}

/// At most 128 of `[\w+=,.@-]`.
pub fn check_policy_name(name: &str) -> Option<Problem> {
    check_name("policy name", name, 1, 128)
}

/// At most 128 of `[\w+=,.@-]`.
pub fn check_instance_profile_name(name: &str) -> Option<Problem> {
    check_name("instance profile name", name, 1, 128)
}

/// From 2 to 64 of `[\w+=,.@-]`.
pub fn check_session_name(name: &str) -> Option<Problem> {
    check_name("session name", name, 2, 64)
}

/// `/`, or at most 512 printable ASCII characters with a slash at both ends.
pub fn check_path(path: &str) -> Option<Problem> {
    let place = "path";
    if !(path.starts_with('/') && path.ends_with('/')) {
        return Some(Problem::new(
            place,
            format!("is {path:?}"),
            "begin and end it with a slash, as \"/team/\"",
        ));
    }
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(Problem::new(
            place,
            format!("is {path:?}"),
            "keep to printable ASCII characters without spaces",
        ));
    }
    check_length(place, path, 1, 512)
}

fn check_name(place: &str, name: &str, least: usize, most: usize) -> Option<Problem> {
    let is_right = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
    if !is_right {
        return Some(Problem::new(
            place,
            format!("is {name:?}"),
            "use letters, digits and +=,.@_- only",
        ));
    }
    check_length(place, name, least, most)
}

fn check_length(place: &str, text: &str, least: usize, most: usize) -> Option<Problem> {
    let length = text.chars().count();
    if length < least {
        return Some(Problem::new(
            place,
            format!("has {length} characters"),
            format!("give it at least {least}"),
        ));
    }
    (length > most).then(|| {
        Problem::new(
            place,
            format!("has {length} characters"),
            format!("shorten it to {most}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths() {
        type Check = fn(&str) -> Option<Problem>;
        let long = |length: usize| "x".repeat(length);
        let path = |length: usize| format!("/{}/", "x".repeat(length - 2));
        let cases: [(Check, String, Option<&str>); 21] = [
            (check_role_name, "Vault_Role+=,.@-1".into(), None),
            (check_role_name, long(64), None),
            (check_role_name, long(65), Some("shorten it to 64")),
            (check_role_name, String::new(), Some("give it at least 1")),
            (check_role_name, "Vault Role".into(), Some("use letters")),
            (check_role_name, "team/Role".into(), Some("use letters")),
            (check_role_name, "Röle".into(), Some("use letters")),
            (check_policy_name, long(128), None),
            (check_policy_name, long(129), Some("shorten it to 128")),
            (check_policy_name, "a*".into(), Some("use letters")),
            (check_instance_profile_name, long(128), None),
            (
                check_instance_profile_name,
                long(129),
                Some("shorten it to 128"),
            ),
            (check_session_name, "ab".into(), None),
            (check_session_name, "a".into(), Some("give it at least 2")),
            (check_path, "/".into(), None),
            (check_path, "/team/edge/".into(), None),
            (check_path, path(512), None),
            (check_path, path(513), Some("shorten it to 512")),
            (check_path, "team/".into(), Some("begin and end")),
            (check_path, "/team".into(), Some("begin and end")),
            (check_path, "/te am/".into(), Some("keep to printable")),
        ];
        for (check, text, expected) in cases {
            let remedy = check(&text).map(|problem| problem.remedy);
            match expected {
                None => assert_eq!(remedy, None, "{text}"),
                Some(start) => assert!(
                    remedy
                        .as_deref()
                        .is_some_and(|remedy| remedy.starts_with(start)),
                    "{text}: {remedy:?}"
                ),
            }
        }
    }
}
