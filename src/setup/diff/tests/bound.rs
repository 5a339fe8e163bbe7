//! Whom Vault's role binds, and whom it would trust anew.

use serde_json::{Value, json};

use super::{aws, planned, role, set, shown, vault};
use crate::setup::observed::Observed;
use crate::setup::plan::Verb;

#[test]
fn a_role_of_others_that_binds_no_arn_is_theirs() {
    // It lets EC2 instances or whole accounts in: nothing of ours.
    for bound in [json!([]), Value::Null] {
        let plan = planned(|observed| {
            if let Some(mount) = &mut vault(observed).auth_mount {
                mount.description.clear();
            }
            set(
                &mut vault(observed).auth_role,
                "bound_iam_principal_arn",
                bound,
            );
        });
        let conflict = "conflict vault:auth/aws/role/kong-role: a role that binds ";
        assert_eq!(shown(&plan), [conflict]);
        assert!(!plan.conflicts[0].fields.is_empty());
    }
}

const OTHER: &str = "arn:aws:iam::123456789012:role/Other";

/// Vault binds another role too, by this id, as IAM may show it.
fn with_other_bound(observed: &mut Observed, now: Option<&str>) {
    let ours = role(observed, "VaultRole").unique_id.clone();
    let arns = json!([
        "arn:aws:iam::123456789012:role/wild/*",
        OTHER,
        "arn:aws:iam::123456789012:role/VaultRole"
    ]);
    let ids = json!(["AROAOTHER0000000000", ours]);
    set(
        &mut vault(observed).auth_role,
        "bound_iam_principal_arn",
        arns,
    );
    set(
        &mut vault(observed).auth_role,
        "bound_iam_principal_id",
        ids,
    );
    if let Some(now) = now {
        aws(observed)
            .others_bound
            .insert(OTHER.to_owned(), now.to_owned());
    }
}

#[test]
fn a_wildcard_has_no_id_among_the_bound_ones() {
    let plan = planned(|observed| with_other_bound(observed, None));
    assert_eq!(shown(&plan), Vec::<String>::new());
    assert_eq!(plan.notes.len(), 1, "{:?}", plan.notes);
    let plan = planned(|observed| {
        with_other_bound(observed, None);
        role(observed, "VaultRole").unique_id = "AROANEW000000000000".to_owned();
    });
    assert_eq!(plan.changes[0].verb, Verb::Replace);
    assert!(plan.changes[0].why.contains("AROANEW000000000000"));
}

#[test]
fn whom_vault_would_look_up_again_is_a_decision_unless_it_is_the_same() {
    let missing_ours = |observed: &mut Observed, now: Option<&str>| {
        with_other_bound(observed, now);
        set(
            &mut vault(observed).auth_role,
            "bound_iam_principal_arn",
            json!([OTHER]),
        );
        set(
            &mut vault(observed).auth_role,
            "bound_iam_principal_id",
            json!(["AROAOTHER0000000000"]),
        );
    };
    let cases = [
        (Some("AROAOTHER0000000000"), Verb::Update),
        (Some("AROAANOTHER00000000"), Verb::Replace),
        (None, Verb::Replace),
    ];
    for (now, verb) in cases {
        let plan = planned(|observed| missing_ours(observed, now));
        assert_eq!(plan.changes[0].verb, verb, "{now:?}");
    }
    // What does not write the list looks nobody up.
    let plan = planned(|observed| {
        with_other_bound(observed, None);
        set(&mut vault(observed).auth_role, "token_ttl", json!(60));
    });
    assert_eq!(
        shown(&plan),
        ["update vault:auth/aws/role/kong-role: token_ttl"]
    );
}
