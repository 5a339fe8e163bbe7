//! Vault's auth method and its configuration.

use serde_json::{Value, json};

use super::{Case, Remedies, SOUND, whole};

#[test]
fn a_method_that_is_not_there_is_made_or_named() {
    let nothing = whole(SOUND);
    let nowhere = Case {
        words: &["--auth-mount", "nowhere"],
        ..Case::of(&nothing)
    };
    let absent = Remedies {
        check: "auth.method",
        code: "VLT601",
        cure: &[0, 1],
        show: &[],
    };
    nowhere.is_cured(&|| (), &absent);
    // In the settings, and not typed.
    let elsewhere = Case {
        settings: "topology: separate\nvault: { auth_mount: elsewhere }\n",
        ..Case::of(&nothing)
    };
    let not_there = || {
        nothing.try_vault(&["auth", "disable", "elsewhere"]);
    };
    elsewhere.is_cured(
        &not_there,
        &Remedies {
            cure: &[2, 1, 0],
            show: &[],
            ..absent
        },
    );

    nothing.vault(&["auth", "enable", "-path=people", "userpass"]);
    let people = Case {
        words: &["--auth-mount", "people"],
        ..Case::of(&nothing)
    };
    let of_another_kind = Remedies {
        check: "auth.method",
        code: "VLT602",
        cure: &[0, 1],
        // Setting one up beside it is a step of which the settings must hear.
        show: &[2],
    };
    people.is_cured(&|| (), &of_another_kind);
}

#[test]
fn what_vault_asks_of_sts() {
    let nothing = whole(SOUND);
    let write = |fields: Value| {
        let (status, said) = nothing.vault_api("POST", "auth/aws/config/client", &fields);
        assert!(status < 300, "{said}");
    };
    let other_region = || {
        write(json!({
            "use_sts_region_from_client": false,
            "sts_endpoint": "https://sts.eu-west-1.amazonaws.com",
            "sts_region": "eu-west-1",
        }));
    };
    let no_url = || {
        write(
            json!({ "use_sts_region_from_client": false, "sts_endpoint": "sts.eu-west-1.amazonaws.com" }),
        )
    };
    let no_region = || {
        write(json!({
            "use_sts_region_from_client": false,
            "sts_endpoint": "https://sts.us-east-1.amazonaws.com",
            "sts_region": "",
        }));
    };
    for settings in [
        SOUND,
        "topology: separate\naws: { region: us-east-1 }\nvault: { sts: regional }\n",
        "topology: separate\nvault: { sts: global }\n",
    ] {
        let case = Case {
            settings,
            ..Case::of(&nothing)
        };
        let breaks: [(&dyn Fn(), &str); 3] = [
            (&other_region, "SIG401"),
            (&no_url, "VLT622"),
            (&no_region, "VLT629"),
        ];
        for (break_it, code) in breaks {
            let expected = Remedies {
                check: "auth.config",
                code,
                cure: &[0, 1],
                show: &[],
            };
            case.is_cured(break_it, &expected);
        }
    }
}

#[test]
fn a_server_id_that_kong_cannot_send_and_keys_in_the_configuration() {
    let nothing = whole(SOUND);
    let write = |fields: Value| {
        let (status, said) = nothing.vault_api("POST", "auth/aws/config/client", &fields);
        assert!(status < 300, "{said}");
    };
    let wants_id = || write(json!({ "iam_server_id_header_value": "vault.internal" }));
    let missing = Remedies {
        check: "auth.server-id",
        code: "SIG407",
        cure: &[1],
        // Setting one up beside it is a step of which the settings must hear.
        show: &[0],
    };
    Case::of(&nothing).is_cured(&wants_id, &missing);
    let without_kong = Case {
        settings: "topology: separate\nkong: { enabled: false }\n",
        ..Case::of(&nothing)
    };
    without_kong.is_cured(
        &wants_id,
        &Remedies {
            cure: &[0],
            show: &[],
            ..missing
        },
    );
    let other = Case {
        settings: "topology: separate\nkong: { enabled: false }\nvault: { server_id: other }\n",
        ..Case::of(&nothing)
    };
    let another = Remedies {
        check: "auth.server-id",
        code: "SIG408",
        cure: &[0],
        show: &[],
    };
    other.is_cured(&wants_id, &another);

    let with_keys = || {
        write(json!({
            "access_key": "AKIAIOSFODNN7EXAMPLE",
            "secret_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYa1",
        }));
    };
    let keys = Remedies {
        check: "sec.keys",
        code: "SEC006",
        cure: &[0],
        show: &[],
    };
    Case::of(&nothing).is_cured(&with_keys, &keys);
}
