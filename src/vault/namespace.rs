//! Namespaces: how their paths are written, and which of them lies below which.

use crate::shell;

/// The path of a namespace in one form, without a slash at its ends. It is empty
/// for the root namespace, which the header also knows as `root`.
pub fn canonical(namespace: Option<&str>) -> &str {
    match namespace.unwrap_or_default().trim_matches('/') {
        "root" => "",
        path => path,
    }
}

/// The path of `namespace` as seen from `above`, with a slash at its end; empty
/// where they are the same. `None` where it does not lie below.
pub fn below(above: Option<&str>, namespace: Option<&str>) -> Option<String> {
    let (above, namespace) = (canonical(above), canonical(namespace));
    if above == namespace {
        return Some(String::new());
    }
    let rest = match above {
        "" => namespace,
        above => namespace.strip_prefix(above)?.strip_prefix('/')?,
    };
    Some(format!("{rest}/"))
}

/// The namespace in which a namespace lies; `None` for the root namespace, which
/// lies in none.
pub fn parent(namespace: Option<&str>) -> Option<&str> {
    let path = canonical(namespace);
    (!path.is_empty()).then(|| path.rsplit_once('/').map_or("", |(parent, _)| parent))
}

/// Has a command of Vault's run in a namespace: without the variable it runs in
/// the root namespace, or where a variable of the shell says.
pub fn with_variable(namespace: Option<&str>, command: String) -> String {
    match canonical(namespace) {
        "" => command,
        path => format!("VAULT_NAMESPACE={} {command}", shell::quote(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_is_seen_from_above() {
        let cases = [
            (None, None, Some("")),
            (None, Some("root"), Some("")),
            (Some("team/"), Some("/team"), Some("")),
            (None, Some("team"), Some("team/")),
            (Some("root"), Some("team/apps"), Some("team/apps/")),
            (Some("team"), Some("team/apps/"), Some("apps/")),
            (Some("team"), Some("teams"), None),
            (Some("team"), Some("other"), None),
            (Some("team/apps"), Some("team"), None),
            (Some("team"), None, None),
        ];
        for (above, namespace, expected) in cases {
            let seen = below(above, namespace);
            assert_eq!(seen.as_deref(), expected, "{above:?} {namespace:?}");
        }
    }

    #[test]
    fn a_command_is_run_where_it_is_meant() {
        let command = || "vault auth list".to_owned();
        let cases = [
            (None, "vault auth list"),
            (Some("root"), "vault auth list"),
            (Some("team/"), "VAULT_NAMESPACE=team vault auth list"),
            (Some("a b"), "VAULT_NAMESPACE='a b' vault auth list"),
        ];
        for (namespace, expected) in cases {
            assert_eq!(with_variable(namespace, command()), expected);
        }
    }

    #[test]
    fn every_namespace_but_the_root_lies_in_one() {
        assert_eq!(parent(Some("team/apps/")), Some("team"));
        assert_eq!(parent(Some("team")), Some(""));
        assert_eq!(parent(Some("root")), None);
        assert_eq!(parent(None), None);
    }
}
