use super::*;
use crate::diagnose::looks::Rights;
use crate::vault::acl::Capability;

/// The verdict on reading `kv/data/kong/db` with policies of these texts.
fn read(policies: &[(&str, Option<&str>)]) -> Grant {
    let names: Vec<String> = policies
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let texts = policies
        .iter()
        .map(|(name, text)| {
            let look = Look::Seen {
                value: text.map(str::to_owned),
                with: Rights::AdminToken,
            };
            ((*name).to_owned(), look)
        })
        .collect();
    let policies = Policies {
        names: &names,
        texts: &texts,
        namespace: "",
    };
    grant(
        &policies,
        Asked {
            namespace: "",
            path: "kv/data/kong/db",
            capability: Capability::Read,
        },
    )
}

const DEFAULT: &str = r#"path "auth/token/lookup-self" { capabilities = ["read"] }"#;

fn refused(policies: &[(&str, Option<&str>)]) -> Option<Refusal> {
    match read(policies) {
        Grant::Refused(refusal) => Some(refusal),
        Grant::Granted(_) | Grant::Open { .. } => None,
    }
}

fn code(policies: &[(&str, Option<&str>)]) -> Option<Code> {
    refused(policies).map(|refusal| refusal.code)
}

fn cure(policies: &[(&str, Option<&str>)]) -> Option<String> {
    Some(refused(policies)?.cure?.command)
}

#[test]
fn each_reason_has_its_code() {
    let rule = |path: &str, word: &str| {
        format!("# ours\npath \"{path}\" {{ capabilities = [\"{word}\"] }}")
    };
    let cases = [
        (rule("kv/kong/*", "read"), Code::VLT703),
        (rule("kv/data/kong/*", "deny"), Code::VLT706),
        (rule("kv/data/kong/*", "list"), Code::VLT702),
        (rule("kv/data/other/*", "read"), Code::VLT702),
        (rule("kv/data/kong", "read"), Code::VLT702),
        (String::new(), Code::VLT702),
    ];
    for (text, expected) in cases {
        let found = code(&[("default", Some(DEFAULT)), ("kong", Some(&text))]);
        assert_eq!(found, Some(expected), "{text}");
    }
    let absent = code(&[("default", Some(DEFAULT)), ("kong", None)]);
    assert_eq!(absent, Some(Code::VLT704));
    assert_eq!(code(&[("default", Some(DEFAULT))]), Some(Code::VLT705));
}

#[test]
fn the_stanza_that_grants_it_is_named() {
    let text = "# ours\npath \"kv/data/kong/*\" { capabilities = [\"read\"] }";
    assert_eq!(
        read(&[("kong", Some(text))]),
        Grant::Granted("policy kong, line 2".to_owned())
    );
}

#[test]
fn what_was_not_seen_leaves_it_open() {
    let names = ["kong".to_owned(), "team".to_owned()];
    let seen = Look::Seen {
        value: Some("path \"kv/kong/*\" { capabilities = [\"read\"] }".to_owned()),
        with: Rights::Own,
    };
    let texts = BTreeMap::from([("kong".to_owned(), seen)]);
    let policies = Policies {
        names: &names,
        texts: &texts,
        namespace: "",
    };
    let asked = Asked {
        namespace: "",
        path: "kv/data/kong/db",
        capability: Capability::Read,
    };
    let Grant::Open { because, visible } = grant(&policies, asked) else {
        unreachable!("a policy was not seen")
    };
    assert!(because.contains("team"), "{because}");
    assert_eq!(visible.map(|refusal| refusal.code), Some(Code::VLT703));
}

#[test]
fn the_cure_changes_one_line_and_keeps_the_others() {
    let text = "# ours\npath \"kv/kong/*\" { capabilities = [\"read\"] }";
    assert_eq!(
        cure(&[("default", Some(DEFAULT)), ("kong", Some(text))]).as_deref(),
        Some(
            r#"vault policy read kong | sed "2s|kv/kong/\\*|kv/data/kong/*|" | vault policy write kong -"#
        )
    );
    assert_eq!(
        cure(&[("default", Some(DEFAULT)), ("kong", Some("# nothing"))]).as_deref(),
        Some(
            r#"{ vault policy read kong; echo 'path "kv/data/kong/db" { capabilities = ["read"] }'; } | vault policy write kong -"#
        )
    );
    // Of two policies nobody can say which is meant.
    assert_eq!(cure(&[("one", Some("")), ("two", Some(""))]), None);
}
