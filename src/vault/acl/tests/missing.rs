//! Near misses.

use super::*;
use Capability::{List, Read};

/// The near misses of one policy, each with how it would have to be written.
fn near(words: &str, path: &str, capability: Capability) -> Vec<(Near, String)> {
    let misses = decide(&held(words), asked(path, capability)).near;
    misses
        .into_iter()
        .map(|miss| (miss.near, miss.written))
        .collect()
}

#[test]
fn the_mistake_is_named_and_written_right() {
    let missing = |part: &str| Near::PartMissing {
        part: part.to_owned(),
    };
    let too_much = |part: &str| Near::PartTooMuch {
        part: part.to_owned(),
    };
    let other = |written: &str, wanted: &str| Near::OtherPart {
        written: written.to_owned(),
        wanted: wanted.to_owned(),
    };
    let cases = [
        (
            "kv/kong/*",
            "kv/data/kong/db",
            missing("data"),
            "kv/data/kong/*",
        ),
        (
            "kv/kong/db",
            "kv/data/kong/db",
            missing("data"),
            "kv/data/kong/db",
        ),
        (
            "kv/+/db",
            "kv/data/kong/db",
            missing("data"),
            "kv/data/+/db",
        ),
        (
            "team/kv/kong/*",
            "team/kv/data/kong/db",
            missing("data"),
            "team/kv/data/kong/*",
        ),
        (
            "/kv/kong/*",
            "kv/data/kong/db",
            missing("data"),
            "kv/data/kong/*",
        ),
        (
            "kv/kong/*",
            "kv/metadata/kong/db",
            missing("metadata"),
            "kv/metadata/kong/*",
        ),
        (
            "kv/data/kong/*",
            "kv/kong/db",
            too_much("data"),
            "kv/kong/*",
        ),
        (
            "kv/data/kong/*",
            "kv/metadata/kong/db",
            other("data", "metadata"),
            "kv/metadata/kong/*",
        ),
        (
            "kv/metadata/kong/*",
            "kv/data/kong/db",
            other("metadata", "data"),
            "kv/data/kong/*",
        ),
        (
            "kv/data/kong",
            "kv/data/kong/db",
            Near::NoWildcard,
            "kv/data/kong/*",
        ),
        (
            "kv/data/kong/",
            "kv/data/kong/db",
            Near::NoWildcard,
            "kv/data/kong/*",
        ),
        (
            "kv/data/*/db",
            "kv/data/kong/db",
            Near::StarInside,
            "kv/data/+/db",
        ),
        (
            "kv/*/kong/*",
            "kv/data/kong/db",
            Near::StarInside,
            "kv/+/kong/*",
        ),
        (
            "v1/kv/data/kong/*",
            "kv/data/kong/db",
            Near::ApiVersion,
            "kv/data/kong/*",
        ),
        (
            "kv/data/Kong/*",
            "kv/data/kong/db",
            Near::Case,
            "kv/data/kong/db",
        ),
        (
            "kv/data/kong/db/",
            "kv/data/kong/db",
            Near::Slash,
            "kv/data/kong/db",
        ),
        (
            "kv/data/kong",
            "kv/data/kong/",
            Near::Slash,
            "kv/data/kong/",
        ),
    ];
    for (written, path, expected, corrected) in cases {
        let found = near(&format!("{written}=read"), path, Read);
        assert_eq!(
            found,
            [(expected, corrected.to_owned())],
            "{written} for {path}"
        );
    }
    let found = near("kv/kong=list", "kv/metadata/kong", List);
    assert_eq!(
        found,
        [(missing("metadata"), "kv/metadata/kong".to_owned())]
    );
}

#[test]
fn what_is_far_is_not_near() {
    let cases = [
        "kv/data/other/*=read",
        "other/kong/*=read",
        "kv/kong/*=list",
        "kv/kong/*=deny",
        "kv/data/kong/*=list",
        "kv/data/kongress=read",
        "kv/data/{{id}}/*=read",
    ];
    for words in cases {
        assert_eq!(near(words, "kv/data/kong/db", Read), [], "{words}");
    }
    // Nothing is missed by what is allowed.
    assert_eq!(
        near(
            "kv/data/kong/*=read kv/kong/*=read",
            "kv/data/kong/db",
            Read
        ),
        []
    );
}

#[test]
fn a_stanza_that_is_outweighed_says_by_which() {
    let outweighed = |by: &str, path: &str| {
        let near = Near::Outweighed { by: by.to_owned() };
        vec![(near, path.to_owned())]
    };
    let cases = [
        (
            "kv/data/*=read kv/data/kong/*=list",
            "kv/data/kong/*",
            "kv/data/*",
        ),
        (
            "kv/data/*=read kv/data/kong/db=deny",
            "kv/data/kong/db",
            "kv/data/*",
        ),
        (
            "kv/data/+/db=read kv/data/kong/db=",
            "kv/data/kong/db",
            "kv/data/+/db",
        ),
    ];
    for (words, by, path) in cases {
        assert_eq!(
            near(words, "kv/data/kong/db", Read),
            outweighed(by, path),
            "{words}"
        );
    }
    // One with the same path as the deny is no other rule.
    assert_eq!(near("kv/*=read kv/*=deny", "kv/data/kong/db", Read), []);
    let list = near("kv/+=list kv/a=read", "kv/a", List);
    assert_eq!(list, outweighed("kv/a", "kv/+"));
}

#[test]
fn namespaces_are_mistaken_both_ways() {
    let near = |own: &str, words: &str, namespace: &str| {
        let policy = Policy::parse(own, "kong", &stanzas(words)).expect(words);
        let asked = Asked {
            namespace,
            path: "kv/a",
            capability: Read,
        };
        let misses = decide(&[Held::Known(policy)], asked).near;
        let misses = misses.into_iter().map(|miss| (miss.near, miss.written));
        misses.collect::<Vec<_>>()
    };
    let expected = [(Near::NamespaceTooMuch, "kv/*".to_owned())];
    assert_eq!(near("team", "team/kv/*=read", "team"), expected);
    let expected = [(Near::NamespaceMissing, "team/kv/*".to_owned())];
    assert_eq!(near("", "kv/*=read", "team"), expected);
    assert_eq!(near("", "kv/*=read", "root"), []);
    assert_eq!(near("team", "kv/*=read", "other"), []);
}

#[test]
fn the_stanza_is_named_with_its_line() {
    let held = held("a=read kv/kong/*=read");
    let misses = decide(&held, asked("kv/data/kong/db", Read)).near;
    let sources: Vec<&Source> = misses.iter().map(|miss| &miss.source).collect();
    assert_eq!(sources, [&source("kong", "kv/kong/*", 2)]);
}
