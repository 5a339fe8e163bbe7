//! What holds for all policies, tried on generated ones.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

/// A stanza as `stanzas` takes it.
fn stanza() -> impl Strategy<Value = String> {
    let part = select(vec!["a", "b", "+", "data", "a+b", "+b", "{{id}}"]);
    let end = select(vec!["", "/", "*", "/*"]);
    let words = subsequence(vec!["read", "list", "update", "create", "deny"], 0..4);
    (vec(part, 1..4), end, words)
        .prop_map(|(parts, end, words)| format!("{}{end}={}", parts.join("/"), words.join(",")))
        .prop_filter("Vault takes no such path", |stanza| !stanza.contains("+*"))
}

fn path() -> impl Strategy<Value = String> {
    let part = select(vec!["a", "b", "data", "a+b", "+b"]);
    (vec(part, 1..5), select(vec!["", "/"])).prop_map(|(parts, end)| parts.join("/") + end)
}

fn capability() -> impl Strategy<Value = Capability> {
    select(vec![Capability::Read, Capability::List, Capability::Update])
}

/// One policy for each stanza.
fn each(stanzas_of: &[String]) -> Vec<Held> {
    let policies = stanzas_of.iter().enumerate();
    policies
        .map(|(number, words)| policy(&format!("p{number}"), &stanzas(words)))
        .collect()
}

/// A decision without the names and lines in it.
fn outcome(decision: &Decision) -> (Verdict, Verdict, Option<String>, BTreeSet<String>) {
    let rule = match &decision.decider {
        Decider::Rule(rule) => Some(rule.path.clone()),
        _ => None,
    };
    let near = decision
        .near
        .iter()
        .map(|miss| format!("{:?} {}", miss.near, miss.written));
    (decision.verdict, decision.visible, rule, near.collect())
}

proptest! {
    #[test]
    fn a_deny_never_allows_more(
        list in vec(stanza(), 0..5), denied in stanza(), path in path(), capability in capability(),
    ) {
        let own = denied.rsplit_once('=').map_or("", |(path, _)| path);
        let before = [list.clone(), vec![format!("{own}=read")]].concat();
        let after = [before.clone(), vec![format!("{own}=deny")]].concat();
        let asked = asked(&path, capability);
        let (before, after) = (decide(&each(&before), asked), decide(&each(&after), asked));
        if before.visible != Verdict::Allowed {
            prop_assert_ne!(after.visible, Verdict::Allowed);
        }
        if before.verdict != Verdict::Allowed && before.verdict != Verdict::Undecided {
            prop_assert_ne!(after.verdict, Verdict::Allowed);
        }
    }

    #[test]
    fn the_sequence_never_matters(
        list in vec(stanza(), 0..6), seed: u64, path in path(), capability in capability(),
    ) {
        let mut shuffled = each(&list);
        fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
        let asked = asked(&path, capability);
        let decision = decide(&each(&list), asked);
        prop_assert_eq!(&decide(&shuffled, asked).decider, &decision.decider);
        prop_assert_eq!(outcome(&decide(&shuffled, asked)), outcome(&decision));
        // Nor do the lines within a policy.
        let mut turned = list.clone();
        turned.reverse();
        let (one, other) = (held(&list.join(" ")), held(&turned.join(" ")));
        prop_assert_eq!(outcome(&decide(&one, asked)), outcome(&decide(&other, asked)));
        prop_assert_eq!(outcome(&decide(&one, asked)), outcome(&decision));
    }

    #[test]
    fn both_languages_decide_the_same(
        list in vec(stanza(), 0..6), path in path(), capability in capability(),
    ) {
        let words = list.join(" ");
        let json = [policy("kong", &stanzas_in_json(&words))];
        let asked = asked(&path, capability);
        prop_assert_eq!(outcome(&decide(&json, asked)), outcome(&decide(&held(&words), asked)));
    }

    #[test]
    fn a_near_miss_that_is_written_right_is_one_no_more(
        list in vec(stanza(), 1..4), path in path(), capability in capability(),
    ) {
        let held = each(&list);
        for miss in decide(&held, asked(&path, capability)).near {
            if !matches!(miss.near, Near::Outweighed { .. }) {
                let alone = [policy("kong", &stanzas(&format!("{}={capability}", miss.written)))];
                prop_assert_eq!(decide(&alone, asked(&path, capability)).verdict, Verdict::Allowed);
            }
        }
    }

    #[test]
    fn what_is_allowed_below_a_prefix_is_granted_there(
        list in vec(stanza(), 0..5), path in path(), capability in capability(),
    ) {
        let held = each(&list);
        let Some((above, _)) = path.trim_end_matches('/').rsplit_once('/') else {
            return Ok(());
        };
        let asked = asked(&path, capability);
        if capability != Capability::List && decide(&held, asked).visible == Verdict::Allowed {
            let prefix = format!("{above}/");
            let granted = grants_below(&held, &prefix);
            prop_assert!(granted.iter().any(|grant| grant.capabilities.contains(&capability)));
            let none = Need { prefix, capabilities: BTreeSet::new() };
            prop_assert!(!excess(&held, &[none]).is_empty());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}|[\\[\\]{}\",:=/\\\\+* a0x<\n#$-]{0,80}") {
        let read = Policy::parse("", "a", &text);
        if let Ok(policy) = read {
            decide(&[Held::Known(policy)], asked("a/data/b", Capability::Read));
        }
    }

    #[test]
    fn no_cut_or_changed_policy_makes_it_panic(
        list in vec(stanza(), 0..4), cut in 0..200usize, sign in "[\\[\\]{}\",:=/\\\\ ]",
    ) {
        for text in [stanzas(&list.join(" ")), stanzas_in_json(&list.join(" "))] {
            let before: String = text.chars().take(cut).collect();
            let behind: String = text.chars().skip(cut + 1).collect();
            for text in [before.clone(), format!("{before}{sign}{behind}")] {
                if let Ok(policy) = Policy::parse("", "a", &text) {
                    decide(&[Held::Known(policy)], asked("a/data/b", Capability::List));
                }
            }
        }
    }
}
