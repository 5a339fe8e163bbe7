//! Commands that change one item of a list in Vault and keep the others, for whoever
//! may read the list where this program may not. Where it cannot be read nothing is
//! written.

use crate::settings::VaultSettings;
use crate::shell::{command, quote};
use crate::vault::namespace::with_variable;

/// Writes the list with one item more.
pub(super) fn with_item(vault: &VaultSettings, path: &str, field: &str, item: &str) -> String {
    let added = quote(item);
    // An empty list must not get an empty item.
    let list = format!("\"$({} | sed 's/$/,/')\"{added}", items(field));
    write(vault, path, field, &list)
}

/// Writes the list with another item in the place of one, or with none; `None` for
/// items that cannot stand in such a command.
pub(super) fn with_other(
    vault: &VaultSettings,
    path: &str,
    field: &str,
    (old, new): (&str, Option<&str>),
) -> Option<String> {
    let is_plain = |item: &str| {
        let plain = |each: char| each.is_ascii_alphanumeric() || "_=,.@:/*-".contains(each);
        item.chars().all(plain) && !item.contains(',')
    };
    if !is_plain(old) || !new.is_none_or(is_plain) {
        return None;
    }
    let old = old.replace('.', "[.]").replace('*', "[*]");
    let new = new.map_or_else(|| ",".to_owned(), |new| format!(",{new},"));
    let script = format!("s/^/,/;s/$/,/;s#,{old},#{new}#;s/^,//;s/,$//");
    let list = format!("\"$({} | sed '{script}')\"", items(field));
    Some(write(vault, path, field, &list))
}

/// The list out of what was read, with commas; nothing where it is empty.
fn items(field: &str) -> String {
    let script = format!(r"s/.*{field}:\[\([^]][^]]*\)\].*/\1/p");
    format!(r#"printf %s "$now" | tr -d ' \n"' | sed -n '{script}'"#)
}

fn write(vault: &VaultSettings, path: &str, field: &str, list: &str) -> String {
    let namespace = vault.namespace.as_deref();
    let run = |words: &[&str]| with_variable(namespace, command(words.iter().copied()));
    let read = run(&["vault", "read", "-format=json", path]);
    let write = run(&["vault", "write", path]);
    format!("now=$({read}) && {write} {field}={list}")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Runs the command with a program in the place of `vault` that shows this on
    /// reading and prints what is written.
    fn written(line: &str, shown: &str) -> String {
        let vault = r#"vault() { case $1 in read) printf %s "$SHOWN"; [ -n "$SHOWN" ];; *) shift; echo "$@";; esac; }"#;
        let output = Command::new("sh")
            .args(["-c", &format!("{vault}\n{line}")])
            .env("SHOWN", shown)
            .output()
            .expect("there is a shell");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn vault() -> VaultSettings {
        let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
        settings.expect("the defaults are valid").vault
    }

    #[test]
    fn an_item_comes_to_those_that_are_there() {
        let line = with_item(&vault(), "auth/aws/config/client", "list", "X-New");
        for (shown, expected) in [
            (
                r#"{ "data": { "list": [ "A",\n "B" ], "x": [] } }"#,
                "A,B,X-New",
            ),
            (r#"{ "data": { "list": [], "x": ["C"] } }"#, "X-New"),
            (r#"{ "data": { "list": null, "x": ["C"] } }"#, "X-New"),
        ] {
            let shown = shown.replace(r"\n", "\n");
            let expected = format!("auth/aws/config/client list={expected}");
            assert_eq!(written(&line, &shown), expected, "{shown}");
        }
        // It could not be read.
        assert_eq!(written(&line, ""), "");
    }

    #[test]
    fn an_item_gives_way_to_another_and_the_others_stay() {
        let session = "arn:aws:sts::1:assumed-role/V/x.y";
        let role = "arn:aws:iam::1:role/V";
        let shown = format!(r#"{{"list":["{session}z","{session}","arn:o"]}}"#);
        let line = with_other(&vault(), "p", "list", (session, Some(role))).expect("it is plain");
        assert_eq!(
            written(&line, &shown),
            format!("p list={session}z,{role},arn:o")
        );
        let line = with_other(&vault(), "p", "list", (session, None)).expect("it is plain");
        assert_eq!(written(&line, &shown), format!("p list={session}z,arn:o"));
        assert_eq!(with_other(&vault(), "p", "list", ("a'b#", None)), None);
    }

    #[test]
    fn it_is_read_and_written_in_the_namespace() {
        let vault = VaultSettings {
            namespace: Some("team".to_owned()),
            ..vault()
        };
        let line = with_item(&vault, "p", "list", "a b");
        assert!(
            line.starts_with("now=$(VAULT_NAMESPACE=team vault read "),
            "{line}"
        );
        assert!(
            line.contains("&& VAULT_NAMESPACE=team vault write p list="),
            "{line}"
        );
        assert!(line.ends_with("'a b'"), "{line}");
    }
}
