//! What holds for every document, tried on generated ones.

pub(super) mod vary;

use fastrand::Rng;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::document::{
    Conditions, Document, Effect, PrincipalLists, Principals, Scope, Statement, Version,
};
use super::{Kind, lint, normalise, same_meaning};
use vary::{change, rewrite};

const KINDS: [Kind; 4] = [Kind::Trust, Kind::Identity, Kind::Managed, Kind::Session];

proptest! {
    #[test]
    fn a_document_survives_being_written_and_read(document in document()) {
        prop_assert_eq!(Document::parse(&document.to_string()), Ok(document.clone()));
        prop_assert_eq!(Document::from_value(&document.to_value()), Ok(document));
    }

    #[test]
    fn the_normal_form_is_its_own(document in document()) {
        let normal = normalise(&document);
        prop_assert_eq!(normalise(&normal), normal.clone());
        prop_assert!(same_meaning(&document, &normal));
    }

    #[test]
    fn a_document_equals_every_way_of_writing_it(document in document(), seed: u64) {
        let text = rewrite(&document, &mut Rng::with_seed(seed));
        let other = Document::parse(&text);
        prop_assert!(other.is_ok_and(|other| same_meaning(&document, &other)), "{}", text);
    }

    #[test]
    fn a_document_differs_once_one_value_is_another(document in document(), seed: u64) {
        let document = normalise(&document);
        let mut other = document.clone();
        let what = change(&mut other, &mut Rng::with_seed(seed));
        prop_assert!(!same_meaning(&document, &other), "{}\n{}\n{}", what, document, other);
    }

    #[test]
    fn no_text_makes_the_lint_panic(text in "\\PC{0,80}|[\\[\\]{}\",:/\\\\a0 \n#*-]{0,80}") {
        for kind in KINDS {
            lint(&text, kind);
        }
    }

    #[test]
    fn no_json_makes_the_lint_panic(value in json(), cut in 0..400usize) {
        let text = value.to_string();
        let cut: String = text.chars().take(cut).collect();
        for kind in KINDS {
            lint(&text, kind);
            lint(&cut, kind);
        }
        // What reads is what lint finds no fault of form in.
        if Document::parse(&text).is_err() {
            prop_assert!(!lint(&text, Kind::Trust).is_empty());
        }
    }
}

fn texts(known: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let text = prop_oneof![
        3 => select(known).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9:*]{1,6}",
    ];
    vec(text, 1..4)
}

fn scope<T: Clone + std::fmt::Debug>(
    listed: impl Strategy<Value = T>,
) -> impl Strategy<Value = Scope<T>> {
    (listed, any::<bool>()).prop_map(|(listed, is_only)| match is_only {
        true => Scope::Only(listed),
        false => Scope::AllBut(listed),
    })
}

fn principals() -> impl Strategy<Value = Principals> {
    const AWS: &[&str] = &[
        "*",
        "123456789012",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::111122223333:root",
        "arn:aws-cn:iam::123456789012:root",
        "arn:aws:iam::123456789012:role/A",
    ];
    let none = || Just(Vec::new());
    let lists = (
        texts(AWS),
        prop_oneof![none().boxed(), texts(&["ec2.amazonaws.com"]).boxed()],
        prop_oneof![none().boxed(), texts(&["accounts.google.com"]).boxed()],
        prop_oneof![none().boxed(), texts(&["79a5"]).boxed()],
    );
    let lists = lists.prop_map(|(aws, service, federated, canonical_user)| {
        Principals::Listed(PrincipalLists {
            aws,
            service,
            federated,
            canonical_user,
        })
    });
    prop_oneof![1 => Just(Principals::Everyone), 4 => lists]
}

fn conditions() -> impl Strategy<Value = Conditions> {
    const OPERATORS: &[&str] = &[
        "Bool",
        "bool",
        "StringEquals",
        "ForAnyValue:ArnLikeIfExists",
    ];
    const KEYS: &[&str] = &[
        "aws:SourceIp",
        "AWS:sourceip",
        "sts:ExternalId",
        "aws:PrincipalTag/A",
    ];
    let values = prop_oneof![
        9 => texts(&["true", "false", "5", "05", "5.0", "a*", "A*", "", "true "]),
        1 => Just(Vec::new()),
    ];
    let keys = btree_map(select(KEYS).prop_map(str::to_owned), values, 0..3);
    btree_map(select(OPERATORS).prop_map(str::to_owned), keys, 0..3)
}

fn statement() -> impl Strategy<Value = Statement> {
    (
        option::of("[A-Za-z0-9]{0,4}"),
        prop_oneof![Just(Effect::Allow), Just(Effect::Deny)],
        option::of(scope(principals())),
        scope(texts(&["sts:AssumeRole", "sts:assumerole", "sts:*", "*"])),
        option::of(scope(texts(&["*", "arn:aws:iam::123456789012:role/A"]))),
        conditions(),
    )
        .prop_map(
            |(sid, effect, principal, action, resource, condition)| Statement {
                sid,
                effect,
                principal,
                action,
                resource,
                condition,
            },
        )
}

fn document() -> impl Strategy<Value = Document> {
    let version = prop_oneof![
        Just(None),
        Just(Some(Version::Old)),
        Just(Some(Version::Current))
    ];
    (version, option::of("[a-z ]{0,4}"), vec(statement(), 1..4)).prop_map(
        |(version, id, statements)| Document {
            version,
            id,
            statements,
        },
    )
}

/// JSON in which the names of the grammar stand in wrong places.
fn json() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &[
        "Version",
        "Id",
        "Statement",
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "AWS",
        "Service",
        "Federated",
        "Allow",
        "2012-10-17",
        "*",
        "sts:AssumeRole",
        "arn:aws:iam::1:",
        "arn:",
        "Bool",
        "DateEquals",
        "IfExists",
        "effect",
        "ü",
        "",
        ":",
        "-T+",
        "123456789012",
    ];
    let word = || select(WORDS).prop_map(str::to_owned);
    let leaf = prop_oneof![
        word().prop_map(Value::String),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let object = vec((word(), inner.clone()), 0..6)
            .prop_map(|entries| Value::Object(entries.into_iter().collect()));
        prop_oneof![vec(inner, 0..4).prop_map(Value::Array), object]
    })
}
