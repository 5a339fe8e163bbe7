//! What Vault's answer or the path itself tells, and what there is to do about it.

use std::sync::Arc;

use super::{API, PLAIN, seen};
use crate::diagnose::explain::{Evidence, explain};
use crate::diagnose::looks::VaultLooks;
use crate::diagnose::{Code, Confidence, Finding, Looks};
use crate::fault::{Cause, Fault, KvProblem, Sentinel, Side};
use crate::login::Observations;
use crate::trace::StepId;

/// A secret that was not read or written, in this step and with this status.
fn failed(step: StepId, side: Side, status: Option<u16>, problem: KvProblem) -> Fault {
    let mut fault = Fault::new(step, side, API, PLAIN, Cause::Kv(problem), "words");
    fault.status = status;
    fault
}

fn told(fault: &Fault, vault: VaultLooks, foreign_token: bool) -> Finding {
    let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
    let evidence = Evidence {
        settings: Arc::new(settings.expect("the defaults are valid")),
        seen: Observations {
            token_policies: Some(vec!["default".to_owned(), "kong".to_owned()]),
            ..Observations::default()
        },
        looks: Looks {
            vault,
            ..Looks::default()
        },
        foreign_token,
    };
    let mut findings = explain(fault, &evidence).into_iter();
    let first = findings.next().expect("a fault has a finding");
    let is_certain = first.confidence == Confidence::Certain;
    assert_eq!(first.alternatives.is_empty(), is_certain, "{first:?}");
    assert!(
        !first.remedies.is_empty(),
        "there is something to do: {first:?}"
    );
    first
}

/// The commands of the remedies, in their order.
fn commands(finding: &Finding) -> Vec<&str> {
    let remedies = finding.remedies.iter();
    remedies
        .filter_map(|remedy| remedy.command.as_deref())
        .collect()
}

fn read(status: u16, problem: KvProblem) -> Fault {
    failed(StepId::Read, Side::Vault, Some(status), problem)
}

/// A write that was not sent.
fn unsent(problem: KvProblem) -> Fault {
    failed(StepId::Read, Side::Local, None, problem)
}

#[test]
fn a_path_with_a_part_twice_is_that_first_whatever_vault_says() {
    let doubled = || KvProblem::DoubledPrefix {
        part: "data".to_owned(),
        meant: "kv/kong/db#value".to_owned(),
    };
    for (status, other) in [(403, Code::VLT702), (404, Code::VLT707)] {
        let finding = told(&read(status, doubled()), VaultLooks::default(), false);
        assert_eq!(
            (finding.code, finding.alternatives.as_slice()),
            (Code::VLT715, &[other][..])
        );
        assert_eq!(commands(&finding), ["vaultiam get 'kv/kong/db#value'"]);
    }
    let finding = told(&unsent(doubled()), VaultLooks::default(), true);
    assert_eq!(
        (finding.code, finding.confidence),
        (Code::VLT715, Confidence::Certain)
    );
    assert_eq!(
        commands(&finding),
        [
            "vaultiam put 'kv/kong/db#value' FIELD=@FILE",
            "vaultiam put kv/data/kong/db FIELD=@FILE --cas 0",
        ]
    );
}

#[test]
fn no_remedy_repeats_the_command_that_failed() {
    let on_version_one = KvProblem::V2PathOnV1 {
        meant: "kv/db".to_owned(),
    };
    let cases = [
        (
            read(404, on_version_one.clone()),
            Code::VLT714,
            "vaultiam get kv/db --kv-version 1",
        ),
        (
            unsent(on_version_one),
            Code::VLT714,
            "vaultiam put kv/db FIELD=@FILE",
        ),
        (
            read(404, KvProblem::V1PathOnV2),
            Code::VLT713,
            "vaultiam get kv/kong/db --kv-version 2",
        ),
        (
            failed(StepId::Write, Side::Vault, Some(404), KvProblem::V1PathOnV2),
            Code::VLT713,
            "vaultiam put kv/kong/db FIELD=@FILE --kv-version 2",
        ),
        (
            unsent(KvProblem::OtherVersion { set: 2 }),
            Code::VLT714,
            "vaultiam put kv/kong/db FIELD=@FILE --kv-version 1",
        ),
        (
            unsent(KvProblem::NeedsVersionTwo),
            Code::CFG906,
            "vaultiam get kv/kong/db",
        ),
    ];
    for (fault, code, command) in cases {
        let finding = told(&fault, VaultLooks::default(), true);
        assert_eq!(finding.code, code);
        assert_eq!(commands(&finding).first(), Some(&command));
    }
}

#[test]
fn a_rule_beside_the_tokens_policies_is_named_and_nothing_granted() {
    let sentinel = KvProblem::SentinelDenied(Sentinel {
        kind: "egp".to_owned(),
        policy: "root/cidr-check".to_owned(),
    });
    for (problem, command) in [
        (sentinel, "vault read sys/policies/egp/cidr-check"),
        (KvProblem::Wrapped, "vault policy read kong"),
    ] {
        let finding = told(&read(403, problem), VaultLooks::default(), false);
        assert_eq!(
            (finding.code, finding.confidence),
            (Code::VLT725, Confidence::Certain)
        );
        assert_eq!(commands(&finding), [command]);
    }
}

#[test]
fn a_token_whose_namespace_is_unknown_is_of_another_vault_unless_it_is_new() {
    let fault = read(500, KvProblem::TokenUnplaced);
    let cases = [
        (true, Code::VLT701, &[Code::VLT522][..]),
        (false, Code::VLT522, &[Code::VLT519, Code::VLT701]),
    ];
    for (foreign, code, others) in cases {
        let finding = told(&fault, VaultLooks::default(), foreign);
        assert_eq!(
            (finding.code, finding.alternatives.as_slice()),
            (code, others)
        );
    }
}

#[test]
fn a_field_that_is_not_there_is_told_with_the_one_that_was_meant() {
    let fields = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let add = "vaultiam put --patch kv/kong/db pasword=@FILE";
    let cases = [
        (
            fields(&["user", "password"]),
            vec!["vaultiam get kv/kong/db -f password", add],
        ),
        (
            fields(&["PASWORD", "password"]),
            vec!["vaultiam get kv/kong/db -f PASWORD", add],
        ),
        (fields(&["x"]), vec!["vaultiam get kv/kong/db -f x", add]),
        (fields(&["x", "y"]), vec![add]),
        (fields(&[]), vec![add]),
    ];
    for (present, expected) in cases {
        let asked = "pasword".to_owned();
        let problem = KvProblem::NoField { asked, present };
        let finding = told(&read(200, problem), VaultLooks::default(), true);
        assert_eq!(finding.code, Code::VLT708);
        assert_eq!(commands(&finding), expected);
    }
}

#[test]
fn the_newest_version_that_can_be_read_is_named_where_it_was_seen() {
    let looks = |living: &[u64]| VaultLooks {
        versions: [(PLAIN.to_owned(), seen(living.to_vec()))].into(),
        ..VaultLooks::default()
    };
    let write = "vaultiam put kv/kong/db FIELD=@FILE";
    let metadata = "vault kv metadata get kv/kong/db";
    let newest = "vaultiam get kv/kong/db@3";
    let undelete = "vault kv undelete -versions=4 kv/kong/db";
    let deleted = || KvProblem::Deleted {
        time: "then".to_owned(),
        version: 4,
    };
    let never = || KvProblem::NoSecret {
        asked: Some(9),
        mount: crate::fault::MountSeen::Found,
    };
    let cases = [
        (
            KvProblem::Destroyed,
            VaultLooks::default(),
            Code::VLT710,
            vec![metadata, write],
        ),
        (
            KvProblem::Destroyed,
            looks(&[1, 3]),
            Code::VLT710,
            vec![newest, write],
        ),
        (KvProblem::Destroyed, looks(&[]), Code::VLT710, vec![write]),
        (
            deleted(),
            looks(&[1, 3]),
            Code::VLT709,
            vec![undelete, newest],
        ),
        (never(), looks(&[1, 3]), Code::VLT711, vec![newest]),
        (never(), VaultLooks::default(), Code::VLT711, vec![metadata]),
    ];
    for (problem, looks, code, expected) in cases {
        let finding = told(&read(404, problem), looks, true);
        assert_eq!(finding.code, code);
        assert_eq!(commands(&finding), expected);
    }
}

#[test]
fn a_write_with_what_kong_logs_in_with_is_an_operators_first() {
    let denied = || KvProblem::Denied {
        mount: "kv".to_owned(),
    };
    let write = failed(StepId::Write, Side::Vault, Some(403), denied());
    let of_login = told(&write, VaultLooks::default(), false);
    assert_eq!(commands(&of_login).first(), Some(&"vault login"));
    let of_operator = told(&write, VaultLooks::default(), true);
    assert!(!commands(&of_operator).contains(&"vault login"));
    let reading = told(&read(403, denied()), VaultLooks::default(), false);
    assert!(!commands(&reading).contains(&"vault login"));
}

#[test]
fn an_engine_of_another_kind_is_told_with_the_one_for_secrets() {
    let not_kv = || KvProblem::NotKv {
        kind: "database".to_owned(),
    };
    let one = VaultLooks {
        secrets_mounts: super::mounts(&[("kv", "database"), ("secret", "kv2")]),
        ..VaultLooks::default()
    };
    let cases = [
        (VaultLooks::default(), vec!["vault secrets list"]),
        (one, vec!["vaultiam get secret/kong/db"]),
    ];
    for (looks, expected) in cases {
        let finding = told(&read(404, not_kv()), looks, true);
        assert_eq!(finding.code, Code::VLT718);
        assert_eq!(commands(&finding), expected);
    }
}
