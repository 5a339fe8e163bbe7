//! Vault's role: whom it binds, and what it hands out.

use serde_json::{Value, json};

use super::{Case, Remedies, SOUND, whole};
use crate::check::bind;
use crate::servers::Nothing;
use crate::setup::{create_role, document, put_role_policy, role_may_assume};

const ROLE: &str = "auth/aws/role/kong-role";

fn write(nothing: &Nothing, fields: &Value) {
    let (status, said) = nothing.vault_api("POST", ROLE, fields);
    assert!(status < 300, "{said}");
}

fn role(nothing: &Nothing) -> Value {
    nothing.vault_api("GET", ROLE, &Value::Null).1["data"].clone()
}

#[test]
fn a_role_that_is_not_there_or_of_another_kind() {
    let nothing = whole(SOUND);
    let absent = Case {
        words: &["--auth-role", "nobody"],
        ..Case::of(&nothing)
    };
    let expected = Remedies {
        check: "auth.role",
        code: "VLT603",
        cure: &[0, 1],
        show: &[],
    };
    absent.is_cured(&|| (), &expected);

    let other_type = || {
        nothing.vault_api("DELETE", ROLE, &Value::Null);
        let account = &nothing.account;
        write(
            &nothing,
            &json!({ "auth_type": "ec2", "bound_account_id": account, "token_ttl": 600 }),
        );
    };
    let case = Case::of(&nothing);
    let ec2 = Remedies {
        check: "auth.role",
        code: "VLT604",
        cure: &[1],
        show: &[0],
    };
    case.is_cured(&other_type, &ec2);
    nothing.vault_api("DELETE", ROLE, &Value::Null);

    let inferring = || {
        nothing.vault_api("DELETE", ROLE, &Value::Null);
        write(
            &nothing,
            &json!({
                "auth_type": "iam",
                "bound_iam_principal_arn": nothing.role_arn("VaultRole"),
                "inferred_entity_type": "ec2_instance",
                "inferred_aws_region": "us-east-1",
                "bound_vpc_id": "vpc-1",
            }),
        );
    };
    let infers = Remedies {
        check: "auth.role",
        code: "VLT615",
        cure: &[0],
        show: &[],
    };
    case.is_cured(&inferring, &infers);
    assert_eq!(
        role(&nothing)["bound_iam_principal_arn"],
        json!([nothing.role_arn("VaultRole")])
    );
}

#[test]
fn whom_the_role_binds() {
    let nothing = whole(SOUND);
    let case = Case::of(&nothing);
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    let others = || bind(&nothing, "KongRole");
    let not_bound = Remedies {
        check: "auth.binding",
        code: "VLT605",
        cure: &[1, 0],
        show: &[],
    };
    case.is_cured(&others, &not_bound);
    assert_eq!(
        role(&nothing)["bound_iam_principal_arn"],
        json!([kong, login])
    );

    let path = format!("arn:aws:iam::{}:role/team/VaultRole", nothing.account);
    let session = format!(
        "arn:aws:sts::{}:assumed-role/VaultRole/kong",
        nothing.account
    );
    let elsewhere = "arn:aws:iam::999999999999:role/VaultRole".to_owned();
    let capitals = format!("arn:aws:iam::{}:role/vaultrole", nothing.account);
    for (arn, code, cure) in [
        (path, "VLT608", &[1, 0][..]),
        (session, "VLT609", &[0]),
        ("*".to_owned(), "VLT610", &[0]),
        (
            format!("arn:aws:iam::{}:role/*Role", nothing.account),
            "VLT610",
            &[0],
        ),
        (elsewhere, "VLT611", &[0]),
        (capitals, "VLT605", &[0]),
    ] {
        let without_ids = || {
            // Unique ids cannot be switched off again.
            nothing.vault_api("DELETE", ROLE, &Value::Null);
            write(
                &nothing,
                &json!({
                    "auth_type": "iam",
                    "resolve_aws_unique_ids": false,
                    "bound_iam_principal_arn": [kong, arn],
                }),
            );
        };
        let expected = Remedies {
            check: "auth.binding",
            code,
            cure,
            show: &[],
        };
        case.is_cured(&without_ids, &expected);
        let bound = role(&nothing)["bound_iam_principal_arn"].to_string();
        assert!(bound.contains(&kong), "{code}: {bound}");
    }
}

#[test]
fn a_role_that_was_made_anew_is_bound_again() {
    let nothing = whole(SOUND);
    let case = Case::of(&nothing);
    let trust = document(&[role_may_assume(&nothing.role_arn("KongRole"))]);
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    let made_anew = || {
        let both = document(&[
            json!({ "Effect": "Allow", "Action": "iam:GetRole", "Resource": [kong, login] }),
        ]);
        put_role_policy(&nothing, "VaultServerRole", "both", &both);
        write(
            &nothing,
            &json!({ "bound_iam_principal_arn": [kong, login] }),
        );
        nothing.aws(&["iam", "delete-role", "--role-name", "VaultRole"]);
        let ours = [
            "Key=managed-by,Value=vaultiam",
            "Key=vaultiam:stack,Value=kong",
        ];
        create_role(
            &nothing,
            "VaultRole",
            &trust,
            &[&["--tags"], &ours[..]].concat(),
        );
    };
    let expected = Remedies {
        check: "auth.binding",
        code: "VLT607",
        cure: &[1, 0],
        show: &[],
    };
    case.is_cured(&made_anew, &expected);
    assert_eq!(
        role(&nothing)["bound_iam_principal_arn"],
        json!([kong, login])
    );
}

#[test]
fn what_the_role_hands_out() {
    let nothing = whole(SOUND);
    let case = Case::of(&nothing);
    let absent = || {
        write(
            &nothing,
            &json!({ "token_policies": ["kong-policy", "nothing-like-it"] }),
        )
    };
    let missing = Remedies {
        check: "auth.policies",
        code: "VLT704",
        cure: &[0, 1],
        show: &[],
    };
    case.is_cured(&absent, &missing);
    assert_eq!(role(&nothing)["token_policies"], json!(["kong-policy"]));
    let all_absent = || write(&nothing, &json!({ "token_policies": ["nothing-like-it"] }));
    case.is_cured(
        &all_absent,
        &Remedies {
            cure: &[0],
            show: &[1],
            ..missing
        },
    );
    let none = || write(&nothing, &json!({ "token_policies": [] }));
    let no_policy = Remedies {
        check: "auth.policies",
        code: "VLT705",
        cure: &[0],
        show: &[],
    };
    case.is_cured(&none, &no_policy);

    let few = || write(&nothing, &json!({ "token_num_uses": 2, "token_period": 0 }));
    let uses = Remedies {
        check: "auth.tokens",
        code: "VLT720",
        cure: &[0],
        show: &[],
    };
    case.is_cured(&few, &uses);
}

#[test]
fn tokens_that_live_too_long() {
    let nothing = whole(SOUND);
    let case = Case::of(&nothing);
    let long = Remedies {
        check: "sec.lifetime",
        code: "SEC008",
        cure: &[0, 1],
        show: &[],
    };
    let most = || {
        write(
            &nothing,
            &json!({ "token_ttl": "10m", "token_max_ttl": "800h" }),
        )
    };
    case.is_cured(&most, &long);
    let role = role(&nothing);
    assert_eq!(role["token_max_ttl"], 24 * 60 * 60);
    assert_eq!(role["token_ttl"], 600, "what is short enough stays");
}
