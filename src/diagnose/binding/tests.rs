//! Tables: what is bound, who comes, what is said.

use serde_json::json;

use super::*;
use crate::diagnose::Finding;

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/VaultRole/kong";
const OWN: &str = "AROAOWN";

fn role(arns: &[&str], ids: &[&str], resolves: bool) -> AuthRole {
    let role = json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": arns,
        "bound_iam_principal_id": ids,
        "resolve_aws_unique_ids": resolves,
        "inferred_entity_type": "",
    });
    serde_json::from_value(role).expect("it is an object")
}

fn who(arn: &str) -> Principal {
    Principal::of_arn(arn, Some(OWN)).expect("it can be bound")
}

fn reason(binding: Binding) -> Option<Reason> {
    match binding {
        Binding::Refused(mismatch) => Some(mismatch.reason),
        Binding::Bound(_) | Binding::Undecided(_) => None,
    }
}

#[test]
fn ids_are_compared_where_they_are_resolved() {
    let bound = "arn:aws:iam::123456789012:role/VaultRole";
    let other = "arn:aws:iam::123456789012:role/Other";
    let check = |arns: &[&str], ids: &[&str], expected: Result<By, Reason>| {
        let said = match binding(&role(arns, ids, true), &who(SESSION)) {
            Binding::Bound(by) => Some(Ok(by)),
            Binding::Refused(mismatch) => Some(Err(mismatch.reason)),
            Binding::Undecided(_) => None,
        };
        assert_eq!(said, Some(expected), "{arns:?}");
    };
    let old = |id: &str| Err(Reason::OtherId(Some(id.into())));
    check(&[bound], &[OWN], Ok(By::Id(OWN.into())));
    // Whatever the ARN beside it is: only the id counts.
    check(&[other], &[OWN], Ok(By::Id(OWN.into())));
    check(&[bound], &["AROAOLD"], old("AROAOLD"));
    check(&[other, bound], &["AROAOTHER", "AROAOLD"], old("AROAOLD"));
    // It cannot be told which id belongs to which ARN.
    check(&[other, bound], &["AROAX"], Err(Reason::OtherId(None)));
    check(&[other], &["AROAX"], Err(Reason::OtherPrincipal));
    // IAM was asked for the name alone: the star in the path was lost.
    let starred = "arn:aws:iam::123456789012:role/*/VaultRole";
    check(&[starred], &["AROAOLD"], old("AROAOLD"));
}

#[test]
fn a_path_is_ignored_where_ids_are_resolved_and_fatal_where_they_are_not() {
    let bound = "arn:aws:iam::123456789012:role/team/VaultRole";
    let with_ids = |id| binding(&role(&[bound], &[id], true), &who(SESSION));
    assert_eq!(with_ids(OWN), Binding::Bound(By::Id(OWN.into())));
    assert_eq!(
        reason(with_ids("AROAOLD")),
        Some(Reason::OtherId(Some("AROAOLD".into())))
    );
    let without = binding(&role(&[bound], &[], false), &who(SESSION));
    assert_eq!(reason(without), Some(Reason::PathWithoutIds));
}

#[test]
fn arns_without_a_star_are_compared_where_ids_are_off() {
    use Reason::*;
    let cases = [
        ("arn:aws:iam::123456789012:role/VaultRole", None),
        ("arn:aws:iam::123456789012:role/vaultrole", Some(Capitals)),
        ("arn:aws:iam::123456789012:role/Other", Some(OtherPrincipal)),
        ("arn:aws:iam::123456789012:user/VaultRole", Some(OtherKind)),
        (
            "arn:aws:iam::999999999999:role/VaultRole",
            Some(OtherAccount),
        ),
        (
            "arn:aws:iam::999999999999:role/team/VaultRole",
            Some(OtherAccount),
        ),
        (
            "arn:aws-cn:iam::123456789012:role/VaultRole",
            Some(OtherPartition),
        ),
        (SESSION, Some(SessionArn)),
        (
            "arn:aws:sts::123456789012:assumed-role/VaultRole/another",
            Some(SessionArn),
        ),
        (
            "arn:aws:sts::123456789012:assumed-role/Other/kong",
            Some(OtherPrincipal),
        ),
        (
            "arn:aws:sts::999999999999:assumed-role/VaultRole/kong",
            Some(OtherAccount),
        ),
        ("arn:aws:iam::123456789012:root", Some(OtherPrincipal)),
        ("VaultRole", Some(OtherPrincipal)),
    ];
    for (bound, expected) in cases {
        let said = binding(&role(&[bound], &[], false), &who(SESSION));
        assert_eq!(reason(said), expected, "{bound}");
    }
}

#[test]
fn a_star_counts_at_the_end_and_the_rest_is_named() {
    use WildcardProblem::*;
    let full = "arn:aws:iam::123456789012:role/team/VaultRole";
    let cases = [
        ("arn:aws:iam::123456789012:role/team/*", None),
        ("arn:aws:iam::123456789012:role/team/Vault*", None),
        ("arn:aws:iam::123456789012:*", None),
        ("*", Some(StarAlone)),
        (
            "arn:aws:iam::123456789012:role/*/VaultRole",
            Some(StarInside),
        ),
        ("arn:aws:iam::*:role/team/*", Some(StarInside)),
        ("arn:aws:iam::123456789012:role/*/Vault*", Some(StarInside)),
        ("arn:aws:iam::123456789012:role/Team/*", Some(Capitals)),
        ("arn:aws:iam::123456789012:role/Vault*", Some(Path)),
        ("arn:aws:iam::123456789012:role/edge/Vault*", Some(Path)),
        ("arn:aws:iam::999999999999:role/team/*", Some(OtherAccount)),
        (
            "arn:aws-us-gov:iam::123456789012:role/team/*",
            Some(OtherPartition),
        ),
        ("arn:aws:iam::123456789012:role/Other*", Some(OtherText)),
    ];
    for (bound, expected) in cases {
        let said = binding(
            &role(&[bound], &[], false),
            &who(SESSION).with_full_arn(full),
        );
        assert_eq!(reason(said), expected.map(Reason::Wildcard), "{bound}");
    }
    let sessions = "arn:aws:sts::123456789012:assumed-role/VaultRole/*";
    let said = binding(&role(&[sessions], &[], true), &who(SESSION));
    assert_eq!(reason(said), Some(Reason::SessionArn));
}

#[test]
fn what_is_not_known_decides_nothing() {
    let bound = "arn:aws:iam::123456789012:role/VaultRole";
    let unseen = Principal::of_arn(SESSION, None).expect("it can be bound");
    let with_ids = role(&[bound], &["AROAOLD"], true);
    let missing = Missing::UniqueId {
        entry: bound.into(),
        bound_id: Some("AROAOLD".into()),
    };
    assert_eq!(binding(&with_ids, &unseen), Binding::Undecided(missing));
    // A bound id of its own would match, and no entry is about it.
    let other = role(&["arn:aws:iam::123456789012:role/Other"], &["AROAX"], true);
    assert_eq!(
        reason(binding(&other, &unseen)),
        Some(Reason::OtherPrincipal)
    );

    let pattern = "arn:aws:iam::123456789012:role/kong/*";
    let by_path = role(&[pattern], &[], true);
    let missing = Missing::Path {
        entry: pattern.into(),
    };
    assert_eq!(
        binding(&by_path, &who(SESSION)),
        Binding::Undecided(missing)
    );
    let all = role(&["arn:aws:iam::123456789012:role/*"], &[], true);
    assert!(matches!(
        binding(&all, &who(SESSION)),
        Binding::Bound(By::Wildcard(_))
    ));
}

#[test]
fn a_refusal_of_vault_decides_what_was_open() {
    let bound = "arn:aws:iam::123456789012:role/VaultRole";
    let unseen = Principal::of_arn(SESSION, None).expect("it can be bound");
    let why = why_not_bound(&role(&[bound], &["AROAOLD"], true), &unseen);
    assert_eq!(
        why.map(|why| why.reason),
        Some(Reason::OtherId(Some("AROAOLD".into())))
    );
    let cases = [
        (
            "arn:aws:iam::123456789012:role/kong/Vault*",
            WildcardProblem::Path,
        ),
        (
            "arn:aws:iam::123456789012:role/ci-*",
            WildcardProblem::OtherText,
        ),
    ];
    for (pattern, expected) in cases {
        let why = why_not_bound(&role(&[pattern], &[], true), &who(SESSION));
        assert_eq!(
            why.map(|why| why.reason),
            Some(Reason::Wildcard(expected)),
            "{pattern}"
        );
    }
    // Vault's role was changed since: it binds the caller now.
    assert_eq!(
        why_not_bound(&role(&[bound], &[OWN], true), &who(SESSION)),
        None
    );
}

#[test]
fn the_closest_entry_is_named_and_one_that_lets_in_wins() {
    let bound = "arn:aws:iam::123456789012:role/VaultRole";
    let elsewhere = "arn:aws:iam::999999999999:role/VaultRole";
    let far = "arn:aws:iam::123456789012:role/ci-*";
    let session = "arn:aws:sts::123456789012:assumed-role/VaultRole/kong";
    let of = |arns: &[&str]| match binding(&role(arns, &[], false), &who(SESSION)) {
        Binding::Refused(mismatch) => Some((mismatch.entry, mismatch.reason)),
        Binding::Bound(_) | Binding::Undecided(_) => None,
    };
    assert_eq!(of(&[far, elsewhere, session, bound]), None);
    assert_eq!(
        of(&[elsewhere, session]),
        Some((Some(session.into()), Reason::SessionArn))
    );
    assert_eq!(
        of(&["*", elsewhere]),
        Some((Some(elsewhere.into()), Reason::OtherAccount))
    );
    let other = "arn:aws:iam::123456789012:role/Other";
    let inside = "arn:aws:iam::123456789012:role/*Role";
    assert_eq!(
        of(&[other, inside]),
        Some((
            Some(inside.into()),
            Reason::Wildcard(WildcardProblem::StarInside)
        ))
    );
    // Nothing comes near: it is about all of them.
    assert_eq!(
        of(&[other, inside.replace("Role", "X").as_str()]),
        Some((None, Reason::OtherPrincipal))
    );
    let farther = "arn:aws:iam::123456789012:user/*X";
    assert_eq!(
        of(&["arn:aws:iam::123456789012:user/*Y", farther]),
        Some((None, Reason::Wildcard(WildcardProblem::OtherText)))
    );
}

#[test]
fn users_are_bound_by_name_too() {
    let arn = "arn:aws:iam::123456789012:user/team/alice";
    let alice = Principal::of_arn(arn, Some("AIDAX")).expect("it can be bound");
    let cases = [
        ("arn:aws:iam::123456789012:user/alice", None),
        (arn, Some(Reason::PathWithoutIds)),
        (
            "arn:aws:iam::123456789012:role/alice",
            Some(Reason::OtherKind),
        ),
    ];
    for (bound, expected) in cases {
        assert_eq!(
            reason(binding(&role(&[bound], &[], false), &alice)),
            expected
        );
    }
    let pattern = role(&["arn:aws:iam::123456789012:user/team/*"], &[], false);
    assert!(matches!(
        binding(&pattern, &alice),
        Binding::Bound(By::Wildcard(_))
    ));
    for arn in [
        "arn:aws:iam::123456789012:root",
        "arn:aws:sts::123456789012:federated-user/bob",
        "nonsense",
    ] {
        assert_eq!(Principal::of_arn(arn, None), None, "{arn}");
    }
}

#[test]
fn type_and_inference_are_judged_too() {
    let with = |name: &str, value: &str, arns: &[&str]| {
        let mut role = role(arns, &[], false);
        role.0.insert(name.to_owned(), json!(value));
        role
    };
    let bound = "arn:aws:iam::123456789012:role/VaultRole";
    let ec2 = with("auth_type", "ec2", &[]);
    assert_eq!(reason(binding(&ec2, &who(SESSION))), Some(Reason::TypeEc2));
    let infers = with("inferred_entity_type", "ec2_instance", &[bound]);
    assert_eq!(
        reason(binding(&infers, &who(SESSION))),
        Some(Reason::NoInstance)
    );
    let instance = "arn:aws:sts::123456789012:assumed-role/VaultRole/i-0abc";
    assert_eq!(
        binding(&infers, &who(instance)),
        Binding::Bound(By::Arn(bound.into()))
    );
    assert_eq!(
        binding(&infers, &who(bound)),
        Binding::Undecided(Missing::Session)
    );
    // Without a principal, the instance alone is judged.
    let any = with("inferred_entity_type", "ec2_instance", &[]);
    assert_eq!(binding(&any, &who(instance)), Binding::Bound(By::Nobody));
}

#[test]
fn the_entry_that_names_a_principal_is_found_whatever_its_id_and_path() {
    let vault_role = who("arn:aws:iam::123456789012:role/VaultRole");
    let cases = [
        ("arn:aws:iam::123456789012:role/VaultRole", true),
        ("arn:aws:iam::123456789012:role/team/VaultRole", true),
        (SESSION, true),
        ("arn:aws:iam::123456789012:role/Vault*", true),
        ("arn:aws:iam::123456789012:role/KongRole", false),
        ("arn:aws:iam::123456789012:role/Kong*", false),
        ("*", false),
    ];
    for (bound, expected) in cases {
        let role = role(&[bound], &["AROAOLD"], true);
        let named = entry_naming(&role, &vault_role);
        assert_eq!(named.is_some(), expected, "{bound}");
    }
}

#[test]
fn setup_is_named_only_where_it_cures() {
    let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
    let settings = settings.expect("the defaults are valid");
    let (own, session) = ("arn:aws:iam::123456789012:role/VaultRole", SESSION);
    let other = "arn:aws:iam::123456789012:role/Other";
    let cases = [
        // With Vault's side alone it does not see that a role was made anew.
        (role(&[own], &["AROAOLD"], true), Some("vaultiam setup")),
        (
            role(&[other], &["AROAX"], true),
            Some("vaultiam setup --only vault"),
        ),
        // It would switch unique ids on, and look up whatever is bound.
        (role(&[other], &[], false), None),
        (role(&[session], &[], false), None),
        (role(&[other, session], &[], false), None),
    ];
    for (role, expected) in cases {
        let mismatch = why_not_bound(&role, &who(SESSION)).expect("it is not bound");
        let finding = Finding::certain(mismatch.reason.code());
        let finding = words::bind(finding, &role, &who(SESSION), &mismatch, &settings.vault);
        let finding = words::set_up(finding, &role, &mismatch, &settings);
        let commands = finding.remedies.iter();
        let commands = commands.filter_map(|remedy| remedy.command.as_deref());
        let set_up: Vec<&str> = commands
            .filter(|command| command.starts_with("vaultiam setup"))
            .collect();
        assert_eq!(set_up.first().copied(), expected, "{role:?}");
    }
}
