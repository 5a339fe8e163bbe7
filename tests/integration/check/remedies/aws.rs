//! AWS's side: the two roles and that of Vault's servers.

use serde_json::{Value, json};

use super::{Case, Remedies, SOUND, whole};
use crate::servers::{Nothing, servers};
use crate::setup::{
    create_role, document, ec2_may_assume, put_role_policy, role_may_assume, set_trust, set_up,
    set_vaults_role,
};

fn trust_of(nothing: &Nothing, role: &str) -> Value {
    let shown = nothing.aws(&["iam", "get-role", "--role-name", role]);
    shown["Role"]["AssumeRolePolicyDocument"].clone()
}

/// A statement that has nothing to do with what is broken.
fn another(nothing: &Nothing) -> Value {
    let mut another = role_may_assume(&nothing.role_arn("VaultServerRole"));
    another["Sid"] = json!("Another");
    another
}

#[test]
fn roles_that_are_not_there_are_made() {
    let nothing = whole(SOUND);
    for (settings, check) in [
        (
            "topology: separate\naws: { kong_role: Kong2 }\n",
            "aws.kong-role",
        ),
        (
            "topology: separate\naws: { login_role: Login2 }\n",
            "aws.login-role",
        ),
    ] {
        let case = Case {
            settings,
            ..Case::of(&nothing)
        };
        let expected = Remedies {
            check,
            code: "AWS201",
            cure: &[0],
            show: &[],
        };
        case.is_cured(&|| (), &expected);
    }
    let kong = Remedies {
        check: "aws.kong-role",
        code: "AWS201",
        cure: &[0],
        show: &[],
    };
    // What was typed is typed again.
    let case = Case {
        words: &["--kong-role", "Kong3"],
        ..Case::of(&nothing)
    };
    case.is_cured(&|| (), &kong);
}

#[test]
fn a_role_under_another_path_is_named_with_it() {
    let nothing = whole(SOUND);
    let trust = document(&[role_may_assume(&nothing.role_arn("KongRole"))]);
    create_role(&nothing, "Elsewhere", &trust, &["--path", "/team/"]);
    for (words, check) in [
        (&["--kong-role", "Elsewhere"][..], "aws.kong-role"),
        (&["--login-role", "Elsewhere"], "aws.login-role"),
    ] {
        let case = Case {
            words,
            ..Case::of(&nothing)
        };
        let elsewhere = Remedies {
            check,
            code: "AWS221",
            cure: &[0],
            show: &[],
        };
        case.is_cured(&|| (), &elsewhere);
    }
}

#[test]
fn kongs_workload_and_its_instance_profile() {
    let nothing = whole(SOUND);
    let untrusted = || set_trust(&nothing, "KongRole", &document(&[another(&nothing)]));
    let workload = Remedies {
        check: "aws.workload",
        code: "AWS119",
        cure: &[1, 0],
        show: &[],
    };
    Case::of(&nothing).is_cured(&untrusted, &workload);
    let pods = Case {
        words: &["--workload", "eks-pod-identity"],
        ..Case::of(&nothing)
    };
    pods.is_cured(&untrusted, &workload);
}

#[test]
fn tags_of_pods_are_let_through_on_both_sides() {
    let nothing = whole(SOUND);
    let pods = Case {
        words: &["--workload", "eks-pod-identity"],
        ..Case::of(&nothing)
    };
    for check in ["aws.assume", "aws.trust"] {
        let nothing = whole(SOUND);
        let case = Case {
            nothing: &nothing,
            ..pods
        };
        let no_tags = Remedies {
            check,
            code: "AWS222",
            cure: &[1],
            show: &[],
        };
        case.is_cured(&|| (), &no_tags);
    }
}

#[test]
fn whether_vaultrole_trusts_kongrole() {
    let nothing = whole(SOUND);
    let case = Case::of(&nothing);
    let kong = nothing.role_arn("KongRole");
    let trusts = |statements: &[Value]| set_trust(&nothing, "VaultRole", &document(statements));
    let of_others = || trusts(&[another(&nothing)]);
    let not_named = Remedies {
        check: "aws.trust",
        code: "AWS202",
        cure: &[1, 0],
        show: &[],
    };
    case.is_cured(&of_others, &not_named);
    let kept = trust_of(&nothing, "VaultRole").to_string();
    assert!(
        kept.contains("\"Another\"") && kept.contains(&kong),
        "{kept}"
    );

    let wants_id = || {
        let mut kong = role_may_assume(&kong);
        kong["Condition"] = json!({ "StringEquals": { "sts:ExternalId": "x" } });
        trusts(&[another(&nothing), kong]);
    };
    let external_id = Remedies {
        check: "aws.trust",
        code: "AWS203",
        cure: &[0],
        show: &[],
    };
    case.is_cured(&wants_id, &external_id);
    let kept = trust_of(&nothing, "VaultRole").to_string();
    assert!(kept.contains("\"Another\""), "{kept}");
}

#[test]
fn whether_kongrole_may_ask() {
    let nothing = whole(SOUND);
    let case = Case::of(&nothing);
    // Then KongRole's own policies decide; else that it is named is enough.
    let account = format!("arn:aws:iam::{}:root", nothing.account);
    set_trust(
        &nothing,
        "VaultRole",
        &document(&[role_may_assume(&account)]),
    );
    let not_allowed = || {
        let other = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" });
        put_role_policy(&nothing, "KongRole", "vaultiam", &document(&[other]));
        let names = nothing.aws(&["iam", "list-role-policies", "--role-name", "KongRole"]);
        for name in names["PolicyNames"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            if name != "vaultiam" {
                let words = ["iam", "delete-role-policy", "--role-name", "KongRole"];
                nothing.aws(&[&words[..], &["--policy-name", name]].concat());
            }
        }
    };
    let expected = Remedies {
        check: "aws.assume",
        code: "AWS206",
        cure: &[0],
        show: &[],
    };
    case.is_cured(&not_allowed, &expected);
    let names = nothing.aws(&["iam", "list-role-policies", "--role-name", "KongRole"]);
    assert_eq!(names["PolicyNames"].as_array().unwrap().len(), 2, "{names}");
}

#[test]
fn whether_vaults_servers_may_look_up_who_is_bound() {
    for (settings, role) in [
        (SOUND, "VaultServerRole"),
        ("", "VaultRole"),
        (
            "topology: direct\naws: { server_role: VaultServerRole }\n",
            "VaultServerRole",
        ),
    ] {
        let nothing = servers().nothing();
        set_vaults_role(&nothing, role);
        set_up(&nothing, settings);
        let case = Case {
            settings,
            ..Case::of(&nothing)
        };
        let may_not = || {
            let names = nothing.aws(&["iam", "list-role-policies", "--role-name", role]);
            for name in names["PolicyNames"].as_array().unwrap() {
                let words = ["iam", "delete-role-policy", "--role-name", role];
                nothing.aws(&[&words[..], &["--policy-name", name.as_str().unwrap()]].concat());
            }
        };
        let expected = Remedies {
            check: "aws.server",
            code: "VLT623",
            cure: &[0],
            show: &[],
        };
        case.is_cured(&may_not, &expected);
    }
}

#[test]
fn an_instance_profile_is_made_and_strangers_are_shut_out() {
    let nothing = whole(SOUND);
    let case = Case::of(&nothing);
    let without = || {
        let words = ["iam", "remove-role-from-instance-profile"];
        let named = [
            "--instance-profile-name",
            "KongRole",
            "--role-name",
            "KongRole",
        ];
        nothing.aws(&[&words[..], &named].concat());
    };
    let profile = Remedies {
        check: "aws.profile",
        code: "AWS103",
        cure: &[0],
        show: &[],
    };
    case.is_cured(&without, &profile);
    for role in ["VaultRole", "KongRole"] {
        let open = || {
            let statements = [ec2_may_assume("Ec2"), role_may_assume("*")];
            set_trust(&nothing, role, &document(&statements));
        };
        let open_to_all = Remedies {
            check: "sec.trust",
            code: "SEC001",
            cure: &[0],
            show: &[],
        };
        case.is_cured(&open, &open_to_all);
    }
}
