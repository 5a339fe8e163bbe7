//! Verdicts, who decides, and what keeps them open.

use super::*;
use Capability::{Create, Delete, List, Patch, Read, Recover, Subscribe, Sudo, Update};

const SECRET: &str = "kv/data/kong/db";

fn rule(decision: Decision) -> Rule {
    match decision.decider {
        Decider::Rule(rule) => rule,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn the_stanza_that_decides_is_named_with_policy_and_line() {
    let first = stanzas("sys/health=read kv/data/kong/*=read");
    let second = stanzas("kv/data/kong/*=list kv/data/kong/*=read,update");
    let both = [policy("one", &first), policy("Two", &second)];

    let allowed = decide(&both, asked(SECRET, Read));
    assert_eq!(
        (allowed.verdict, allowed.visible),
        (Verdict::Allowed, Verdict::Allowed)
    );
    assert!(allowed.near.is_empty() && allowed.doubts.is_empty());
    let allowed = rule(allowed);
    assert_eq!(allowed.path, "kv/data/kong/*");
    assert_eq!(allowed.rights, Rights::Granted([Read, Update, List].into()));
    // Vault has their names in small letters.
    let (own, other) = (
        source("one", "kv/data/kong/*", 2),
        source("two", "kv/data/kong/*", 2),
    );
    assert_eq!(allowed.sources, [own.clone(), other.clone()]);

    // Where none grants it, all of them are at fault.
    let denied = decide(&both, asked(SECRET, Delete));
    assert_eq!(denied.verdict, Verdict::Denied);
    assert_eq!(
        rule(denied).sources,
        [own, source("two", "kv/data/kong/*", 1), other]
    );

    let nothing = decide(&both, asked("kv/data/other", Read));
    assert_eq!(
        (nothing.verdict, nothing.decider),
        (Verdict::Denied, Decider::Nothing)
    );
}

#[test]
fn a_deny_is_told_apart_and_named() {
    let text = stanzas("kv/data/*=read kv/data/kong/*=read kv/data/kong/*=deny");
    let decision = decide(&[policy("kong", &text)], asked(SECRET, Read));
    assert_eq!(decision.verdict, Verdict::ExplicitDeny);
    assert_eq!(decision.near.len(), 1, "{:?}", decision.near);
    let sources = rule(decision).sources;
    assert_eq!(sources, [source("kong", "kv/data/kong/*", 3)]);
    let named: Vec<String> = sources.iter().map(ToString::to_string).collect();
    assert_eq!(named, ["policy kong, line 3"]);
}

#[test]
fn every_capability_is_for_itself() {
    for granted in Capability::ALL {
        let held = held(&format!("kv/*={granted}"));
        for capability in Capability::ALL {
            let verdict = decide(&held, asked("kv/a", capability)).verdict;
            assert_eq!(
                verdict == Verdict::Allowed,
                capability == granted,
                "{granted} {capability}"
            );
        }
    }
}

#[test]
fn what_is_not_there_grants_nothing_and_is_named() {
    let absent = Held::Absent {
        name: "nope".to_owned(),
    };
    let decision = decide(std::slice::from_ref(&absent), asked(SECRET, Read));
    assert_eq!(
        (decision.verdict, decision.decider),
        (Verdict::Denied, Decider::Nothing)
    );
    assert_eq!(decision.absent, ["nope"]);
    let mut with = held("kv/*=read");
    with.push(absent);
    let decision = decide(&with, asked(SECRET, Read));
    assert_eq!(
        (decision.verdict, decision.absent.len()),
        (Verdict::Allowed, 1)
    );
}

#[test]
fn root_may_do_everything() {
    let unseen = |name: &str| Held::Unseen {
        name: name.to_owned(),
        because: "not asked".to_owned(),
    };
    for root in [
        policy("root", ""),
        unseen("root"),
        Held::Absent {
            name: "root".to_owned(),
        },
    ] {
        let both = [policy("kong", &stanzas("kv/*=deny")), root, unseen("other")];
        let decision = decide(&both, asked(SECRET, Sudo));
        assert_eq!(
            (decision.verdict, decision.decider),
            (Verdict::Allowed, Decider::Root)
        );
        assert!(capabilities(&both, "", SECRET).grants(Sudo));
    }
    let elsewhere = Held::Known(Policy::parse("team", "root", "").expect("empty"));
    assert_eq!(
        decide(&[elsewhere], asked(SECRET, Read)).verdict,
        Verdict::Denied
    );
}

#[test]
fn what_was_not_seen_keeps_the_verdict_open() {
    let unseen = Held::Unseen {
        name: "other".to_owned(),
        because: "403".to_owned(),
    };
    let cases = [
        ("kv/data/kong/*=read", Verdict::Allowed, Verdict::Undecided),
        ("kv/data/kong/db=read", Verdict::Allowed, Verdict::Undecided),
        ("sys/*=read", Verdict::Denied, Verdict::Undecided),
        (
            "kv/data/kong/*=deny",
            Verdict::ExplicitDeny,
            Verdict::Undecided,
        ),
        // Nothing outweighs this one.
        (
            "kv/data/kong/db=deny",
            Verdict::ExplicitDeny,
            Verdict::ExplicitDeny,
        ),
    ];
    for (words, visible, verdict) in cases {
        let mut held = held(words);
        held.push(unseen.clone());
        let decision = decide(&held, asked(SECRET, Read));
        assert_eq!(
            (decision.visible, decision.verdict),
            (visible, verdict),
            "{words}"
        );
    }
    // For a list, a rule for the path with its slash comes before one without.
    let mut held = held("kv/metadata=deny");
    held.push(unseen);
    let decision = decide(&held, asked("kv/metadata", List));
    assert_eq!(
        (decision.visible, decision.verdict),
        (Verdict::ExplicitDeny, Verdict::Undecided)
    );
}

#[test]
fn a_text_that_is_not_understood_is_one_not_seen() {
    let held = |text| [Held::from_text("", "Kong", text)];
    let known = held("path \"kv/*\" { capabilities = [\"read\"] }");
    assert_eq!(
        decide(&known, asked(SECRET, Read)).verdict,
        Verdict::Allowed
    );
    let unknown = held("path \"kv/*\" { capabilities = [\"scan\"] }");
    let doubt = Doubt::Unseen {
        policy: "kong".to_owned(),
        because: "line 1, column 31 names 'scan', which is no capability".to_owned(),
    };
    assert_eq!(decide(&unknown, asked(SECRET, Read)).doubts, [doubt]);
}

#[test]
fn a_limit_behind_a_template_keeps_it_open() {
    let text = "path \"kv/*\" { capabilities = [\"read\"] }\n\
                path \"kv/{{id}}\" { capabilities = [\"read\"] min_wrapping_ttl = \"1s\" }";
    let decision = decide(&[policy("kong", text)], asked(SECRET, Read));
    assert_eq!(
        (decision.visible, decision.verdict),
        (Verdict::Allowed, Verdict::Undecided)
    );
}

#[test]
fn sentinel_can_only_refuse() {
    let sentinel = Held::Sentinel {
        name: "rgp".to_owned(),
    };
    let with = |words: &str| {
        let mut held = held(words);
        held.push(sentinel.clone());
        decide(&held, asked(SECRET, Read))
    };
    let open = with("kv/*=read");
    assert_eq!(
        (open.visible, open.verdict),
        (Verdict::Allowed, Verdict::Undecided)
    );
    assert_eq!(
        open.doubts,
        [Doubt::Sentinel {
            policy: "rgp".to_owned()
        }]
    );
    assert_eq!(with("kv/*=list").verdict, Verdict::Denied);
}

#[test]
fn a_template_opens_the_verdict_only_where_it_can_change_it() {
    let cases = [
        ("kv/data/{{id}}/*=read", Verdict::Undecided),
        ("kv/{{id}}=read", Verdict::Undecided),
        ("{{id}}=read", Verdict::Undecided),
        ("kv/data/{{id}}/db=read", Verdict::Undecided),
        ("kv/+/{{id}}=read", Verdict::Undecided),
        // Not this path, whoever asks.
        ("kv/data/{{id}}/other=read", Verdict::Denied),
        ("identity/{{id}}/*=read", Verdict::Denied),
        ("sys/+/{{id}}=read", Verdict::Denied),
        // It would not grant it either.
        ("kv/data/{{id}}/*=list", Verdict::Denied),
        // The same whether it matches or not.
        ("kv/data/{{id}}/*=read kv/data/*=read", Verdict::Allowed),
        // It takes something away where it matches.
        ("kv/data/{{id}}/*=list kv/data/*=read", Verdict::Undecided),
        ("kv/data/{{id}}/*=deny kv/data/*=read", Verdict::Undecided),
        // Nothing outweighs the path itself; what becomes the same path joins it.
        (
            "kv/data/{{id}}/*=deny kv/data/kong/db=read",
            Verdict::Allowed,
        ),
        ("kv/+/{{id}}/db=deny kv/data/kong/db=read", Verdict::Allowed),
        ("kv/data/{{id}}=list kv/data/kong/db=read", Verdict::Allowed),
        (
            "kv/data/{{id}}=deny kv/data/kong/db=read",
            Verdict::Undecided,
        ),
        (
            "kv/data/{{id}}=read kv/data/kong/db=list",
            Verdict::Undecided,
        ),
        (
            "kv/data/{{id}}=read kv/data/kong/db=deny",
            Verdict::ExplicitDeny,
        ),
    ];
    for (words, expected) in cases {
        let decision = decide(&held(words), asked(SECRET, Read));
        assert_eq!(decision.verdict, expected, "{words} {:?}", decision.doubts);
        assert_eq!(
            decision.doubts.is_empty(),
            expected != Verdict::Undecided,
            "{words}"
        );
    }
    let decision = decide(
        &held("kv/a=read kv/data/{{id}}/*=read"),
        asked(SECRET, Read),
    );
    let doubt = Doubt::Templated {
        source: source("kong", "kv/data/{{id}}/*", 2),
        rights: Rights::Granted([Read].into()),
    };
    assert_eq!(
        (decision.visible, decision.doubts),
        (Verdict::Denied, vec![doubt])
    );
    // A list is looked for without its slash, too.
    let list = decide(&held("kv/{{id}}/db=list"), asked(SECRET, List));
    assert_eq!(list.verdict, Verdict::Undecided);
}

#[test]
fn what_may_still_refuse_is_named() {
    let cases: [(&str, Limit, &[Capability]); 9] = [
        (
            "required_parameters = [\"a\"]",
            Limit::RequiredParameters(vec!["a".to_owned()]),
            &[Read, Create, Update, Patch],
        ),
        (
            "allowed_parameters = { A = [] }",
            Limit::AllowedParameters(vec!["a".to_owned()]),
            &[Create, Update, Patch],
        ),
        (
            "denied_parameters = { \"*\" = [\"x\"] }",
            Limit::DeniedParameters(vec!["*".to_owned()]),
            &[Create, Update, Patch],
        ),
        (
            "min_wrapping_ttl = \"1s\"",
            Limit::Wrapping,
            &Capability::ALL,
        ),
        (
            "max_wrapping_ttl = \"1s\"",
            Limit::Wrapping,
            &Capability::ALL,
        ),
        (
            "control_group = { factor \"f\" { identity { group_names = [\"g\"] approvals = 1 } } }",
            Limit::ControlGroup,
            &Capability::ALL,
        ),
        (
            "mfa_methods = [\"m\"]",
            Limit::Mfa(vec!["m".to_owned()]),
            &Capability::ALL,
        ),
        (
            "subscribe_event_types = [\"kv*\"]",
            Limit::EventTypes(vec!["kv*".to_owned()]),
            &[Subscribe],
        ),
        (
            "required_parameters = [\"a\"] comment = \"b\"",
            Limit::RequiredParameters(vec!["a".to_owned()]),
            &[Read, Create, Update, Patch],
        ),
    ];
    let all = "capabilities = [\"create\", \"read\", \"update\", \"delete\", \"list\", \"patch\", \"sudo\", \"subscribe\", \"recover\"]";
    for (attribute, limit, concerned) in cases {
        // Another stanza for the same path does not lift it.
        let text = format!("path \"kv/*\" {{ {all} }}\npath \"kv/*\" {{ {attribute} }}");
        for capability in Capability::ALL {
            let decision = decide(&[policy("kong", &text)], asked("kv/a", capability));
            let is_open = concerned.contains(&capability);
            let doubt = Doubt::Limited {
                source: source("kong", "kv/*", 2),
                limit: limit.clone(),
            };
            let doubts = if is_open { vec![doubt] } else { Vec::new() };
            assert_eq!(decision.doubts, doubts, "{attribute} {capability}");
            let verdict = if is_open {
                Verdict::Undecided
            } else {
                Verdict::Allowed
            };
            assert_eq!(
                (decision.visible, decision.verdict),
                (Verdict::Allowed, verdict)
            );
        }
    }
    // What is not granted is refused, whatever else might refuse it.
    let text = "path \"kv/*\" { capabilities = [\"list\"] min_wrapping_ttl = \"1s\" }";
    assert_eq!(
        decide(&[policy("kong", text)], asked("kv/a", Read)).verdict,
        Verdict::Denied
    );
    let text = "path \"kv/*\" { capabilities = [\"recover\", \"deny\"] min_wrapping_ttl = \"1s\" }";
    assert_eq!(
        decide(&[policy("kong", text)], asked("kv/a", Recover)).verdict,
        Verdict::ExplicitDeny
    );
}

#[test]
fn paths_begin_in_the_policys_namespace() {
    let team =
        |words: &str| Held::Known(Policy::parse("team/", "kong", &stanzas(words)).expect(words));
    let cases = [
        ("kv/a=read", "team", true),
        ("kv/a=read", "/team/", true),
        ("kv/a=read", "", false),
        ("kv/a=read", "team/apps", false),
        ("apps/kv/a=read", "team/apps", true),
        ("+/kv/a=read", "team/apps", true),
        ("*=read", "team/apps", true),
        ("*=read", "teams", false),
        ("*=read", "other", false),
    ];
    for (words, namespace, expected) in cases {
        let asked = Asked {
            namespace,
            path: "kv/a",
            capability: Read,
        };
        let verdict = decide(&[team(words)], asked).verdict;
        assert_eq!(verdict == Verdict::Allowed, expected, "{words} {namespace}");
    }
    assert!(capabilities(&[team("kv/a=read")], "team", "kv/a").grants(Read));
    // Two namespaces, one path.
    let both = [
        team("kv/a=read"),
        policy("root-one", &stanzas("team/kv/a=deny")),
    ];
    let asked = Asked {
        namespace: "team",
        path: "kv/a",
        capability: Read,
    };
    let decision = decide(&both, asked);
    assert_eq!(decision.verdict, Verdict::ExplicitDeny);
    assert_eq!(rule(decision).path, "team/kv/a");
}
