//! Each verdict that is certain, and the same with the evidence changed so that
//! another cause holds, or with the deciding look taken away: then it is not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnose::explain::{Evidence, explain};
use crate::diagnose::looks::{Look, Rights, VaultLooks};
use crate::diagnose::{Code, Confidence, Finding, Looks};
use crate::fault::{Cause, Fault, KvProblem, MountSeen, Side};
use crate::login::Observations;
use crate::trace::StepId;

mod answers;
mod ruled_out;

const API: &str = "kv/data/kong/db";
const PLAIN: &str = "kv/kong/db";

fn seen<T>(value: T) -> Look<T> {
    Look::Seen {
        value,
        with: Rights::AdminToken,
    }
}

fn mounts(all: &[(&str, &str)]) -> Look<BTreeMap<String, String>> {
    let all = all.iter();
    seen(
        all.map(|(path, kind)| ((*path).to_owned(), (*kind).to_owned()))
            .collect(),
    )
}

/// What the token may do on the path, and on the one without `data/`.
fn may(api: &str, plain: &str) -> Look<BTreeMap<String, Vec<String>>> {
    let rights = |words: &str| vec![words.to_owned()];
    seen(BTreeMap::from([
        (API.to_owned(), rights(api)),
        (PLAIN.to_owned(), rights(plain)),
    ]))
}

fn names(all: &[&str]) -> Look<Vec<String>> {
    seen(all.iter().map(|name| (*name).to_owned()).collect())
}

fn texts(all: &[(&str, Option<&str>)]) -> BTreeMap<String, Look<Option<String>>> {
    let all = all.iter();
    all.map(|(name, text)| ((*name).to_owned(), seen(text.map(str::to_owned))))
        .collect()
}

/// Code and confidence of a read that failed so, in the light of these looks.
fn verdict(problem: KvProblem, vault: VaultLooks) -> (Code, Confidence) {
    let first = finding(problem, vault, Observations::default());
    (first.code, first.confidence)
}

fn finding(problem: KvProblem, vault: VaultLooks, seen: Observations) -> Finding {
    let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
    let evidence = Evidence {
        settings: Arc::new(settings.expect("the defaults are valid")),
        seen,
        looks: Looks {
            vault,
            ..Looks::default()
        },
        foreign_token: false,
    };
    let mut fault = Fault::new(
        StepId::Read,
        Side::Vault,
        API,
        PLAIN,
        Cause::Kv(problem),
        "1 error occurred:\n\t* permission denied\n\n",
    );
    fault.status = Some(403);
    let findings = explain(&fault, &evidence).into_iter();
    let first = findings.into_iter().next().expect("a fault has a finding");
    assert_eq!(
        first.alternatives.is_empty(),
        first.confidence == Confidence::Certain,
        "{first:?}"
    );
    for cause in &first.ruled_out {
        let is_open = first.code == cause.code || first.alternatives.contains(&cause.code);
        assert!(!is_open, "{cause:?} {first:?}");
    }
    first
}

fn denied() -> KvProblem {
    KvProblem::Denied {
        mount: "kv".to_owned(),
    }
}

#[test]
fn a_refused_read_is_certain_by_what_was_seen_and_only_by_that() {
    use Confidence::{Certain, Likely};
    let two = || mounts(&[("kv", "kv2")]);
    let own = || names(&["default", "kong"]);
    let grants =
        |path: &str, word: &str| format!("path \"{path}\" {{ capabilities = [\"{word}\"] }}");
    let plain = grants("kv/kong/*", "read");
    let deny = grants("kv/data/kong/*", "deny");
    let other = grants("kv/data/other/*", "read");
    let of = |text: &str| VaultLooks {
        secrets_mounts: two(),
        token_policies: own(),
        policies: texts(&[("default", Some("")), ("kong", Some(text))]),
        ..VaultLooks::default()
    };
    let half_seen = |text: &str| VaultLooks {
        policies: texts(&[("kong", Some(text))]),
        ..of(text)
    };
    let with_rights = |capabilities| VaultLooks {
        capabilities,
        token_policies: own(),
        ..VaultLooks::default()
    };
    let cases = [
        // Nothing was looked at.
        (denied(), VaultLooks::default(), Code::VLT702, Likely),
        (
            KvProblem::DeniedOrNoMount,
            VaultLooks::default(),
            Code::VLT722,
            Likely,
        ),
        // The token's own rights, with the engine seen and without.
        (
            denied(),
            with_rights(may("deny", "read")),
            Code::VLT703,
            Certain,
        ),
        (
            KvProblem::DeniedOrNoMount,
            with_rights(may("deny", "read")),
            Code::VLT703,
            Likely,
        ),
        (
            denied(),
            with_rights(may("deny", "deny")),
            Code::VLT702,
            Likely,
        ),
        (
            denied(),
            with_rights(may("read", "deny")),
            Code::VLT725,
            Likely,
        ),
        // The list of engines.
        (
            KvProblem::DeniedOrNoMount,
            VaultLooks {
                secrets_mounts: mounts(&[("secret", "kv2")]),
                ..VaultLooks::default()
            },
            Code::VLT712,
            Certain,
        ),
        (
            KvProblem::DeniedOrNoMount,
            VaultLooks {
                secrets_mounts: two(),
                ..VaultLooks::default()
            },
            Code::VLT702,
            Likely,
        ),
        (
            KvProblem::DeniedOrNoMount,
            VaultLooks {
                secrets_mounts: mounts(&[("kv", "kv1")]),
                ..VaultLooks::default()
            },
            Code::VLT714,
            Certain,
        ),
        (
            KvProblem::DeniedOrNoMount,
            VaultLooks {
                secrets_mounts: mounts(&[("kv", "database")]),
                ..VaultLooks::default()
            },
            Code::VLT718,
            Certain,
        ),
        // The texts of the policies, all of them and not all.
        (denied(), of(&plain), Code::VLT703, Certain),
        (denied(), half_seen(&plain), Code::VLT703, Likely),
        (denied(), of(&deny), Code::VLT706, Certain),
        (denied(), of(&other), Code::VLT702, Certain),
        (denied(), half_seen(&other), Code::VLT702, Likely),
        (
            denied(),
            of(&grants("kv/data/kong/*", "read")),
            Code::VLT725,
            Likely,
        ),
        (
            denied(),
            VaultLooks {
                policies: texts(&[("default", Some("")), ("kong", None)]),
                ..of("")
            },
            Code::VLT704,
            Certain,
        ),
        (
            denied(),
            VaultLooks {
                token_policies: names(&["default", "kong", "team"]),
                policies: texts(&[("default", Some("")), ("kong", None)]),
                ..of("")
            },
            Code::VLT702,
            Likely,
        ),
        // The names of the policies alone.
        (
            denied(),
            VaultLooks {
                token_policies: names(&["default"]),
                ..VaultLooks::default()
            },
            Code::VLT705,
            Certain,
        ),
        (
            denied(),
            VaultLooks {
                token_policies: own(),
                ..VaultLooks::default()
            },
            Code::VLT702,
            Likely,
        ),
    ];
    for (number, (problem, looks, code, confidence)) in cases.into_iter().enumerate() {
        assert_eq!(verdict(problem, looks), (code, confidence), "case {number}");
    }
}

#[test]
fn what_is_not_there_is_certain_where_the_engine_was_seen() {
    use Confidence::{Certain, Likely};
    let absent = |mount| KvProblem::NoSecret { asked: None, mount };
    let looks = |kind: &str| VaultLooks {
        secrets_mounts: mounts(&[("kv", kind)]),
        ..VaultLooks::default()
    };
    let cases = [
        (
            MountSeen::Found,
            VaultLooks::default(),
            Code::VLT707,
            Certain,
        ),
        (
            MountSeen::Unproved,
            VaultLooks::default(),
            Code::VLT707,
            Likely,
        ),
        (MountSeen::Unproved, looks("kv2"), Code::VLT707, Certain),
        (MountSeen::Unproved, looks("kv1"), Code::VLT714, Certain),
    ];
    for (mount, looks, code, confidence) in cases {
        assert_eq!(verdict(absent(mount), looks), (code, confidence));
    }
}
