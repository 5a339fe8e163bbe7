//! What policies grant.

use std::collections::BTreeSet;

use super::*;
use Capability::{List, Read, Sudo, Update};

fn need(prefix: &str, capabilities: &[Capability]) -> Need {
    Need {
        prefix: prefix.to_owned(),
        capabilities: capabilities.iter().copied().collect(),
    }
}

/// The path and the kinds of each excess beyond reading `kv/data/kong/` and
/// listing its metadata.
fn beyond(words: &str) -> Vec<(String, Vec<ExcessKind>)> {
    let needs = [
        need("kv/data/kong/", &[Read]),
        need("kv/metadata/kong/", &[List]),
    ];
    let found = excess(&held(words), &needs).into_iter();
    found
        .map(|one| (one.path, one.kinds.into_iter().collect()))
        .collect()
}

#[test]
fn reading_what_is_needed_is_no_excess() {
    for words in [
        "kv/data/kong/*=read",
        "kv/data/kong/db=read",
        "kv/data/kong/+=read",
        "kv/data/kong/a*=read",
        "kv/metadata/kong/*=list kv/data/kong/*=read",
        "kv/metadata/kong/=list",
        "kv/metadata/kong=list",
        "kv/data/*=deny",
        "kv/data/*=",
        "kv/data/*=read kv/data/*=deny",
    ] {
        assert_eq!(beyond(words), [], "{words}");
    }
}

#[test]
fn everything_else_is() {
    use ExcessKind::{Everywhere, Other, Outside, Templated, Writes};
    let cases: [(&str, &[ExcessKind]); 16] = [
        ("*=read", &[Everywhere, Outside]),
        ("+/*=read", &[Everywhere, Outside]),
        ("+/data/kong/*=read", &[Everywhere, Outside]),
        ("*=sudo", &[Everywhere, ExcessKind::Sudo, Outside]),
        ("kv/*=read", &[Outside]),
        ("kv/data/kong*=read", &[Outside]),
        ("kv/data/kong=read", &[Outside]),
        ("kv/+/kong/*=read", &[Outside]),
        ("kv/metadata/kong=list,read", &[Outside]),
        ("kv/metadata/kong*=list", &[Outside]),
        ("kv/data/kong/*=read,update", &[Writes]),
        ("kv/data/kong/*=create", &[Writes]),
        ("kv/data/kong/*=sudo", &[ExcessKind::Sudo]),
        ("kv/data/kong/*=read,list", &[Other]),
        ("kv/data/{{id}}/*=read", &[Outside, Templated]),
        ("kv/data/kong/{{id}}=read,list", &[Templated]),
    ];
    for (words, kinds) in cases {
        let (path, _) = words.rsplit_once('=').expect(words);
        assert_eq!(
            beyond(words),
            [(path.to_owned(), kinds.to_vec())],
            "{words}"
        );
    }
    assert_eq!(beyond("kv/data/kong/{{id}}=read"), []);
}

#[test]
fn an_excess_says_what_and_where() {
    let text = stanzas("kv/data/kong/*=read kv/data/kong/*=read,update,sudo");
    let held = [
        policy("kong", &text),
        policy("more", &stanzas("kv/data/kong/*=list")),
    ];
    let found = excess(&held, &[need("kv/data/kong/", &[Read])]);
    let capabilities: BTreeSet<Capability> = [Update, List, Sudo].into();
    assert_eq!(found.len(), 1);
    for one in found {
        assert_eq!(one.capabilities, capabilities);
        let path = "kv/data/kong/*";
        let lines = [("kong", 1), ("kong", 2), ("more", 1)];
        assert_eq!(
            one.sources,
            lines.map(|(policy, line)| source(policy, path, line))
        );
    }
}

#[test]
fn what_reaches_below_a_prefix_is_told() {
    use Reach::{Beyond, Within};
    let cases = [
        ("kv/data/kong/db", Some(Within)),
        ("kv/data/kong/*", Some(Within)),
        ("kv/data/kong/a/+/c", Some(Within)),
        ("kv/data/kong*", Some(Beyond)),
        ("*", Some(Beyond)),
        ("kv/*", Some(Beyond)),
        ("kv/+/kong/*", Some(Beyond)),
        ("kv/+/*", Some(Beyond)),
        ("kv/+/k*", Some(Beyond)),
        ("kv/+/+/db", Some(Beyond)),
        ("+/data/kong/a", Some(Beyond)),
        ("kv/{{id}}/a", Some(Beyond)),
        ("kv/data/kong/{{id}}", Some(Within)),
        ("kv/data/kong", None),
        ("kv/data/other/*", None),
        ("kv/data/ko", None),
        ("kv/+/other/*", None),
        ("kv/+/x*", None),
        ("kv/+/kong", None),
        ("kv/+/kon", None),
        ("sys/{{id}}", None),
    ];
    for (path, expected) in cases {
        let found = grants_below(&held(&format!("{path}=read,list")), "kv/data/kong/");
        let reach = found.first().map(|grant| grant.reach);
        assert_eq!(reach, expected, "{path}");
        for grant in found {
            assert_eq!(
                (grant.path.as_str(), grant.capabilities),
                (path, [Read, List].into())
            );
            assert_eq!(grant.sources, [source("kong", path, 1)]);
        }
    }
    assert_eq!(
        grants_below(&held("kv/*=deny kv/+/*="), "kv/data/kong/"),
        []
    );
}
