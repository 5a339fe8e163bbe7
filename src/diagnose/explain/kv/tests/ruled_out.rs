//! What a secret that was not read is not, and by which fact: without the fact it
//! is not said.

use super::*;
use crate::diagnose::looks::AuthRole;
use serde_json::json;

/// What is excluded and what is left, by numbers.
fn told(problem: KvProblem, vault: VaultLooks, seen: Observations) -> (Code, String, String) {
    let finding = finding(problem, vault, seen);
    let numbers = |codes: &[Code]| {
        let numbers = codes
            .iter()
            .map(|code| code.name().trim_start_matches("VLT"));
        numbers.collect::<Vec<_>>().join(" ")
    };
    let excluded: Vec<Code> = finding.ruled_out.iter().map(|cause| cause.code).collect();
    (
        finding.code,
        numbers(&excluded),
        numbers(&finding.alternatives),
    )
}

#[test]
fn what_a_look_excludes_is_no_alternative_any_more() {
    use Code::*;
    use KvProblem::DeniedOrNoMount;
    let text = |rule: &str| texts(&[("default", Some("")), ("kong", Some(rule))]);
    let rule =
        |path: &str, word: &str| format!("path \"{path}\" {{ capabilities = [\"{word}\"] }}");
    let of = |policies| VaultLooks {
        secrets_mounts: mounts(&[("kv", "kv2")]),
        token_policies: names(&["default", "kong"]),
        policies,
        ..VaultLooks::default()
    };
    let with_rights = |capabilities, vault| VaultLooks {
        capabilities,
        ..vault
    };
    // A templated rule leaves the texts undecided.
    let templated = rule("kv/data/{{identity.entity.name}}/*", "read");
    let cases = [
        // Nothing was looked at: what the look-up of the path told.
        (
            denied(),
            VaultLooks::default(),
            VLT702,
            "712 713 714 718",
            "703 706 704",
        ),
        (
            DeniedOrNoMount,
            VaultLooks::default(),
            VLT722,
            "",
            "702 712 703 704 706",
        ),
        // The list of engines.
        (
            DeniedOrNoMount,
            VaultLooks {
                secrets_mounts: mounts(&[("kv", "kv2")]),
                ..VaultLooks::default()
            },
            VLT702,
            "712 714 718",
            "703 706 704",
        ),
        (
            DeniedOrNoMount,
            VaultLooks {
                secrets_mounts: mounts(&[("kv", "kv1")]),
                ..VaultLooks::default()
            },
            VLT714,
            "712 713 718",
            "",
        ),
        // What the token may do.
        (
            DeniedOrNoMount,
            with_rights(may("deny", "deny"), VaultLooks::default()),
            VLT722,
            "703 725",
            "702 712 704 706",
        ),
        (
            denied(),
            with_rights(may("deny", "deny"), of(BTreeMap::new())),
            VLT702,
            "712 713 714 718 703 705 725",
            "706 704",
        ),
        (
            denied(),
            with_rights(may("deny", "deny"), of(text(&templated))),
            VLT702,
            "712 713 714 718 703 704 705 725",
            "706",
        ),
        // A right of another kind on the path excludes a rule that denies: then only
        // the missing grant is left.
        (
            denied(),
            with_rights(may("list", "deny"), of(text(&templated))),
            VLT702,
            "712 713 714 718 703 704 705 706 725",
            "",
        ),
        (
            denied(),
            with_rights(may("read", "deny"), of(text(""))),
            VLT725,
            "712 713 714 718 703 704 705 706",
            "702",
        ),
        // The texts of the policies.
        (
            denied(),
            of(text(&rule("kv/data/other/*", "read"))),
            VLT702,
            "712 713 714 718 703 704 705 706 725",
            "",
        ),
        (
            denied(),
            of(text(&rule("kv/kong/*", "read"))),
            VLT703,
            "712 713 714 718 704 705 706 725",
            "",
        ),
        (
            denied(),
            of(text(&rule("kv/data/kong/*", "deny"))),
            VLT706,
            "712 713 714 718 704 705 725",
            "",
        ),
        (
            denied(),
            of(texts(&[("default", Some("")), ("kong", None)])),
            VLT704,
            "712 713 714 718 703 705 706 725",
            "",
        ),
    ];
    for (number, (problem, looks, code, excluded, left)) in cases.into_iter().enumerate() {
        let expected = (code, excluded.to_owned(), left.to_owned());
        assert_eq!(
            told(problem, looks, Observations::default()),
            expected,
            "case {number}"
        );
    }
}

#[test]
fn a_secret_that_is_not_there_was_asked_for_in_the_right_form() {
    let absent = |mount| KvProblem::NoSecret { asked: None, mount };
    let seen = |kind: &str| VaultLooks {
        secrets_mounts: mounts(&[("kv", kind)]),
        ..VaultLooks::default()
    };
    let cases = [
        (MountSeen::Found, VaultLooks::default(), "714"),
        (MountSeen::Unproved, VaultLooks::default(), ""),
        (MountSeen::Unproved, seen("kv2"), "714"),
    ];
    for (mount, looks, excluded) in cases {
        let (code, told, _) = told(absent(mount), looks, Observations::default());
        assert_eq!((code, told.as_str()), (Code::VLT707, excluded));
    }
}

#[test]
fn what_the_login_gave_says_what_its_token_is_not() {
    let role = |cidrs| VaultLooks {
        auth_role: seen(Some(AuthRole(
            json!({ "token_bound_cidrs": cidrs })
                .as_object()
                .cloned()
                .expect("an object"),
        ))),
        ..VaultLooks::default()
    };
    let of_login = |uses| Observations {
        token_policies: Some(vec!["kong".to_owned()]),
        token_uses: uses,
        ..Observations::default()
    };
    let free = || role(json!([]));
    let bound = || role(json!(["10.0.0.0/8"]));
    let cases = [
        (
            free(),
            Observations::default(),
            Code::VLT701,
            "",
            "720 617 619",
        ),
        (free(), of_login(None), Code::VLT701, "720 617", "619"),
        (bound(), of_login(None), Code::VLT701, "720", "617 619"),
        (free(), of_login(Some(1)), Code::VLT720, "617", "701 619"),
    ];
    for (looks, seen, code, excluded, left) in cases {
        let expected = (code, excluded.to_owned(), left.to_owned());
        assert_eq!(told(KvProblem::TokenRefused, looks, seen), expected);
    }
    // Where Vault says that the token is none, it ran out, was revoked or is spent.
    let invalid = |seen| told(KvProblem::TokenInvalid, VaultLooks::default(), seen);
    let unknown = (Code::VLT701, String::new(), "720".to_owned());
    assert_eq!(invalid(Observations::default()), unknown);
    let known = (Code::VLT701, "720".to_owned(), String::new());
    assert_eq!(invalid(of_login(None)), known);
}
