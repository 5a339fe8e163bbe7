//! Vault's policies, and the engine that they are about.

use serde_json::{Value, json};

use super::{Case, Remedies, SOUND, whole};
use crate::servers::Nothing;

fn write(nothing: &Nothing, text: &str) {
    let ours = "# managed by vaultiam (stack kong)";
    let body = json!({ "policy": format!("{ours}\n{text}") });
    let (status, said) = nothing.vault_api("PUT", "sys/policies/acl/kong-policy", &body);
    assert!(status < 300, "{said}");
}

fn policy(nothing: &Nothing) -> String {
    let path = "sys/policies/acl/kong-policy";
    let (_, shown) = nothing.vault_api("GET", path, &Value::Null);
    shown["data"]["policy"].as_str().unwrap().to_owned()
}

#[test]
fn what_the_policy_does_not_grant() {
    let nothing = whole(SOUND);
    let keep = "# keep this\npath \"sys/health\" { capabilities = [\"read\"] }";
    for (rule, words, code, cure) in [
        (
            r#"path "kv/kong/*" { capabilities = ["read"] }"#,
            &[][..],
            "VLT703",
            &[1, 0][..],
        ),
        (
            r#"path "kv/data/other/*" { capabilities = ["read"] }"#,
            &[],
            "VLT702",
            &[1, 0],
        ),
        (
            r#"path "kv/data/other/*" { capabilities = ["read"] }"#,
            &["kv/kong/a"],
            "VLT702",
            &[1, 0],
        ),
        (
            r#"path "kv/data/kong" { capabilities = ["read"] }"#,
            &["kv/kong/a"],
            "VLT702",
            &[1, 0],
        ),
        (
            r#"path "kv/data/kong/*" { capabilities = ["deny"] }"#,
            &[],
            "VLT706",
            &[1],
        ),
        // Some of what lies below.
        (
            r#"path "kv/data/kong/a" { capabilities = ["read"] }"#,
            &[],
            "VLT702",
            &[0],
        ),
    ] {
        let case = Case {
            words,
            ..Case::of(&nothing)
        };
        let break_it = || write(&nothing, &format!("{keep}\n{rule}\n"));
        let expected = Remedies {
            check: "policy.read",
            code,
            cure,
            // Whether a rule that denies is too wide, a person decides in an editor.
            show: if code == "VLT706" { &[0] } else { &[] },
        };
        case.is_cured(&break_it, &expected);
        if cure.len() > 1 {
            let now = policy(&nothing);
            assert!(
                now.contains("# keep this") && now.contains("sys/health"),
                "{rule}\n{now}"
            );
        }
    }
    let wide = || {
        write(
            &nothing,
            "path \"*\" { capabilities = [\"read\", \"sudo\"] }",
        )
    };
    let too_much = Remedies {
        check: "sec.policy",
        code: "SEC003",
        cure: &[0],
        show: &[1],
    };
    Case::of(&nothing).is_cured(&wide, &too_much);
}

#[test]
fn the_engine_is_mounted_or_named() {
    let nothing = whole(SOUND);
    let nowhere = Case {
        words: &["--kv-mount", "nowhere"],
        ..Case::of(&nothing)
    };
    let absent = Remedies {
        check: "kv.engine",
        code: "VLT712",
        cure: &[0, 1],
        show: &[],
    };
    nowhere.is_cured(&|| (), &absent);
    // A path that was named, beside the engine of the settings.
    let beside = Case {
        words: &["team/db/password"],
        ..Case::of(&nothing)
    };
    beside.is_cured(
        &|| (),
        &Remedies {
            cure: &[0],
            show: &[],
            ..absent
        },
    );

    nothing.vault(&["secrets", "enable", "-path=signs", "transit"]);
    let signs = Case {
        words: &["--kv-mount", "signs"],
        ..Case::of(&nothing)
    };
    let of_another_kind = Remedies {
        check: "kv.engine",
        code: "VLT718",
        cure: &[0, 1, 2],
        show: &[],
    };
    signs.is_cured(&|| (), &of_another_kind);

    let of_version_one = Case {
        settings: "topology: separate\nkv: { version: 1 }\n",
        ..Case::of(&nothing)
    };
    let version = Remedies {
        check: "kv.version",
        code: "VLT713",
        cure: &[0],
        show: &[],
    };
    of_version_one.is_cured(&|| (), &version);
}

#[test]
fn what_a_login_may_not_read_is_shown() {
    let nothing = whole(SOUND);
    write(
        &nothing,
        "path \"kv/data/other/*\" { capabilities = [\"read\"] }",
    );
    // Kong itself sees what its token may do, and not the policy's text.
    let run = crate::setup::with_settings(nothing.on_kongs_instance(), SOUND);
    let ended = run.run(&["check", "--only", "login.read", "-o", "json"]);
    let expected = Remedies {
        check: "login.read",
        code: "VLT702",
        cure: &[],
        show: &[0],
    };
    let finding = super::check_of(&ended.json(), expected.check)["findings"][0].clone();
    assert_eq!(finding["code"], expected.code, "{finding:#}");
    let line = finding["remedies"][0]["command"].as_str().unwrap();
    let said = super::pasted(&Case::of(&nothing), line);
    assert!(said.contains("kv/data/other/*"), "{said}");
}
