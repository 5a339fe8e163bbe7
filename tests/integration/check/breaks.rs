//! Each kind of break fails the check that is about it, with its code, and skips those
//! that hang on it; all others end as they do in a set-up that is whole.

use serde_json::{Value, json};

use super::{SOUND, as_auditor, bind, check_of, checked, code_of, ids, whole};
use crate::servers::Nothing;
use crate::setup::{document, ec2_may_assume, role_may_assume, set_trust};

/// What is asserted of a break.
struct Expected<'a> {
    failed: &'a [(&'a str, &'a str)],
    warned: &'a [&'a str],
    skipped: &'a [&'a str],
    answer: &'a str,
}

/// On the administrator's machine, whose credentials cannot log in themselves: a real
/// login is skipped there even where all is whole.
const NO_LOGIN: [&str; 3] = ["login.assume", "login.read", "login.vault"];

fn assert_found(
    nothing: &Nothing,
    settings: &str,
    more: &[&str],
    expected: &Expected<'_>,
) -> Value {
    let run = as_auditor(nothing, settings);
    let words = [&["--admin"], more].concat();
    let (ended, outcomes) = checked(&run, &words);
    let found = ended.json();
    let failed: Vec<(&str, String)> = ids(&outcomes, "failed")
        .into_iter()
        .map(|id| (id, code_of(&found, id)))
        .collect();
    let failed: Vec<(&str, &str)> = failed
        .iter()
        .map(|(id, code)| (*id, code.as_str()))
        .collect();
    assert_eq!(failed, expected.failed, "{found:#}");
    assert_eq!(ids(&outcomes, "warned"), expected.warned, "{found:#}");
    let mut skipped = [&NO_LOGIN[..], expected.skipped].concat();
    skipped.sort_unstable();
    assert_eq!(ids(&outcomes, "skipped"), skipped, "{found:#}");
    assert_eq!(found["kong_can_read"], expected.answer);
    let is_found = !(expected.failed.is_empty() && expected.warned.is_empty());
    assert_eq!(ended.code, if is_found { 9 } else { 0 });
    found
}

#[test]
fn what_is_whole_has_nothing_to_be_found() {
    let nothing = whole(SOUND);
    let whole = Expected {
        failed: &[],
        warned: &[],
        skipped: &[],
        answer: "yes",
    };
    let found = assert_found(&nothing, SOUND, &[], &whole);
    let because = check_of(&found, "login.assume")["because"].to_string();
    assert!(because.contains("does not trust it"), "{because}");
}

#[test]
fn each_break_of_awss_side_fails_its_check() {
    let nothing = whole(SOUND);
    let trust = |statements: &[Value]| set_trust(&nothing, "VaultRole", &document(statements));
    let kong = role_may_assume(&nothing.role_arn("KongRole"));

    trust(&[role_may_assume(&nothing.role_arn("VaultServerRole"))]);
    let untrusted = Expected {
        failed: &[("aws.trust", "AWS202")],
        warned: &[],
        skipped: &[],
        answer: "no",
    };
    assert_found(&nothing, SOUND, &[], &untrusted);

    let mut with_id = kong.clone();
    with_id["Condition"] = json!({ "StringEquals": { "sts:ExternalId": "x" } });
    trust(&[with_id]);
    let wants_id = Expected {
        failed: &[("aws.trust", "AWS203")],
        ..untrusted
    };
    assert_found(&nothing, SOUND, &[], &wants_id);

    trust(&[role_may_assume("*")]);
    let open = Expected {
        failed: &[],
        warned: &["sec.trust"],
        skipped: &[],
        answer: "yes",
    };
    let run = as_auditor(&nothing, SOUND);
    let (ended, outcomes) = checked(&run, &["--admin", "--skip", "login"]);
    assert_eq!(ids(&outcomes, "warned"), open.warned, "{}", ended.stdout);
    assert_eq!(ended.code, 9);
    assert_eq!(code_of(&ended.json(), "sec.trust"), "SEC001");

    trust(&[kong]);
    nothing.aws(&[
        "iam",
        "delete-role-policy",
        "--role-name",
        "KongRole",
        "--policy-name",
        "vaultiam",
    ]);
    let deny = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*" },
    ]});
    let put = [
        "iam",
        "put-role-policy",
        "--role-name",
        "KongRole",
        "--policy-name",
        "no",
    ];
    nothing.aws(&[&put[..], &["--policy-document", &deny.to_string()]].concat());
    let denied = Expected {
        failed: &[("aws.assume", "AWS207")],
        warned: &[],
        skipped: &[],
        answer: "no",
    };
    assert_found(&nothing, SOUND, &[], &denied);
}

#[test]
fn a_role_that_is_not_there_skips_what_is_asked_of_it() {
    let nothing = whole(SOUND);
    let absent = format!("{SOUND}aws: {{ login_role: Nobody }}\n");
    let expected = Expected {
        failed: &[("aws.login-role", "AWS201")],
        // Vault's server may look up the role that the settings had before.
        warned: &["aws.server"],
        skipped: &["auth.binding", "aws.trust"],
        answer: "no",
    };
    let run = as_auditor(&nothing, &absent);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    let found = ended.json();
    assert!(
        ids(&outcomes, "failed").contains(&"aws.login-role"),
        "{found:#}"
    );
    assert_eq!(code_of(&found, "aws.login-role"), "AWS201");
    for id in expected.skipped {
        let because = &check_of(&found, id)["because"];
        assert_eq!(because, "it needs aws.login-role, which failed", "{id}");
    }
    assert_eq!(found["kong_can_read"], expected.answer);
    assert_eq!(ids(&outcomes, "warned"), expected.warned);
}

#[test]
fn a_workload_that_kongs_role_does_not_trust_and_no_profile() {
    let nothing = whole(SOUND);
    let kong = document(&[role_may_assume(&nothing.role_arn("VaultRole"))]);
    set_trust(&nothing, "KongRole", &kong);
    let expected = Expected {
        failed: &[("aws.workload", "AWS119")],
        warned: &[],
        skipped: &[],
        answer: "yes",
    };
    assert_found(&nothing, SOUND, &[], &expected);
    set_trust(&nothing, "KongRole", &document(&[ec2_may_assume("Ec2")]));
    nothing.aws(&[
        "iam",
        "remove-role-from-instance-profile",
        "--instance-profile-name",
        "KongRole",
        "--role-name",
        "KongRole",
    ]);
    let expected = Expected {
        failed: &[("aws.profile", "AWS103")],
        ..expected
    };
    assert_found(&nothing, SOUND, &[], &expected);
}

/// What hangs on Vault's role.
const BEHIND_ROLE: [&str; 6] = [
    "auth.binding",
    "auth.policies",
    "auth.tokens",
    "policy.read",
    "sec.lifetime",
    "sec.policy",
];

#[test]
fn each_break_of_vaults_role_fails_its_check() {
    let nothing = whole(SOUND);
    let write = |fields: Value| {
        let (status, said) = nothing.vault_api("POST", "auth/aws/role/kong-role", &fields);
        assert!(status < 300, "{said}");
    };
    let of = |id, code| (id, code);

    let absent = format!("{SOUND}vault: {{ auth_role: nobody }}\n");
    let failed = [of("auth.role", "VLT603")];
    let expected = Expected {
        failed: &failed,
        warned: &[],
        skipped: &BEHIND_ROLE,
        answer: "no",
    };
    let found = assert_found(&nothing, &absent, &[], &expected);
    let evidence = check_of(&found, "auth.role")["findings"][0]["evidence"].to_string();
    assert!(evidence.contains("kong-role"), "{evidence}");

    bind(&nothing, "KongRole");
    let expected = Expected {
        failed: &[("auth.binding", "VLT605")],
        warned: &[],
        skipped: &[],
        answer: "no",
    };
    let found = assert_found(&nothing, SOUND, &[], &expected);
    // The remedy keeps what is bound.
    let by_hand = check_of(&found, "auth.binding")["findings"][0]["remedies"][0]["command"].clone();
    let both = format!(
        "{},{}",
        nothing.role_arn("KongRole"),
        nothing.role_arn("VaultRole")
    );
    assert!(by_hand.to_string().contains(&both), "{by_hand}");
    bind(&nothing, "VaultRole");

    write(json!({ "token_policies": ["kong-policy", "nothing-like-it"] }));
    let expected = Expected {
        failed: &[("auth.policies", "VLT704")],
        skipped: &["policy.read", "sec.policy"],
        ..expected
    };
    assert_found(&nothing, SOUND, &[], &expected);

    write(
        json!({ "token_policies": ["kong-policy"], "token_num_uses": 2, "token_max_ttl": "800h" }),
    );
    let expected = Expected {
        failed: &[],
        warned: &["auth.tokens", "sec.lifetime"],
        skipped: &[],
        answer: "yes",
    };
    let found = assert_found(&nothing, SOUND, &[], &expected);
    assert_eq!(code_of(&found, "auth.tokens"), "VLT720");
    assert_eq!(code_of(&found, "sec.lifetime"), "SEC008");
}

#[test]
fn a_role_that_was_made_anew_is_another_one_to_vault() {
    let nothing = whole(SOUND);
    let policies = nothing.aws(&["iam", "list-role-policies", "--role-name", "VaultRole"]);
    assert_eq!(policies["PolicyNames"], json!([]));
    nothing.aws(&["iam", "delete-role", "--role-name", "VaultRole"]);
    let trust = document(&[role_may_assume(&nothing.role_arn("KongRole"))]);
    let create = ["iam", "create-role", "--role-name", "VaultRole"];
    nothing.aws(
        &[
            &create[..],
            &["--assume-role-policy-document", &trust.to_string()],
        ]
        .concat(),
    );
    let expected = Expected {
        failed: &[("auth.binding", "VLT607")],
        warned: &[],
        skipped: &[],
        answer: "no",
    };
    assert_found(&nothing, SOUND, &[], &expected);
}

#[test]
fn each_break_of_the_method_fails_its_check() {
    let nothing = whole(SOUND);
    let write = |fields: Value| {
        let (status, said) = nothing.vault_api("POST", "auth/aws/config/client", &fields);
        assert!(status < 300, "{said}");
    };
    write(json!({
        "use_sts_region_from_client": false,
        "sts_endpoint": "https://sts.eu-west-1.amazonaws.com",
        "sts_region": "eu-west-1",
    }));
    let expected = Expected {
        failed: &[("auth.config", "SIG401")],
        warned: &[],
        skipped: &[],
        answer: "no",
    };
    assert_found(&nothing, SOUND, &[], &expected);
    write(json!({ "sts_endpoint": "", "sts_region": "" }));
    let whole = Expected {
        failed: &[],
        answer: "yes",
        ..expected
    };
    // The global endpoint wants us-east-1, which is the region here.
    assert_found(&nothing, SOUND, &[], &whole);
    assert_found(
        &nothing,
        SOUND,
        &["--region", "eu-central-1"],
        &Expected {
            failed: &[("auth.config", "SIG401")],
            ..expected
        },
    );
    write(
        json!({ "use_sts_region_from_client": true, "iam_server_id_header_value": "vault.internal" }),
    );
    let wants_id = Expected {
        failed: &[("auth.server-id", "SIG407")],
        ..expected
    };
    assert_found(&nothing, SOUND, &[], &wants_id);
    write(json!({
        "iam_server_id_header_value": "",
        "access_key": "AKIAIOSFODNN7EXAMPLE",
        "secret_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYa1",
    }));
    let with_keys = Expected {
        failed: &[],
        warned: &["sec.keys"],
        skipped: &["aws.server"],
        answer: "yes",
    };
    let found = assert_found(&nothing, SOUND, &[], &with_keys);
    assert_eq!(code_of(&found, "sec.keys"), "SEC006");
    assert!(
        !found.to_string().contains("IOSFODNN7"),
        "the key is masked"
    );

    let elsewhere = format!("{SOUND}vault: {{ auth_mount: nowhere }}\n");
    let behind_method: Vec<&str> = [
        "auth.config",
        "auth.role",
        "auth.server-id",
        "sec.keys",
        "sec.server-id",
    ]
    .into_iter()
    .chain(BEHIND_ROLE)
    .collect();
    let expected = Expected {
        failed: &[("auth.method", "VLT601")],
        warned: &[],
        skipped: &behind_method,
        answer: "no",
    };
    assert_found(&nothing, &elsewhere, &[], &expected);
    nothing.vault(&["auth", "enable", "-path=nowhere", "userpass"]);
    let expected = Expected {
        failed: &[("auth.method", "VLT602")],
        ..expected
    };
    assert_found(&nothing, &elsewhere, &[], &expected);
}

#[test]
fn each_break_of_policy_and_engine_fails_its_check() {
    let nothing = whole(SOUND);
    let write = |text: &str| {
        let body = json!({ "policy": text });
        let (status, said) = nothing.vault_api("PUT", "sys/policies/acl/kong-policy", &body);
        assert!(status < 300, "{said}");
    };
    for (text, path, code) in [
        (
            "path \"kv/kong/*\" { capabilities = [\"read\"] }",
            "kv/kong/db-password",
            "VLT703",
        ),
        (
            "path \"kv/data/kong/*\" { capabilities = [\"deny\"] }",
            "kv/kong/db-password",
            "VLT706",
        ),
    ] {
        write(text);
        let run = as_auditor(&nothing, SOUND);
        let (ended, outcomes) = checked(&run, &["--admin", path]);
        let found = ended.json();
        assert_eq!(ids(&outcomes, "failed"), ["policy.read"], "{found:#}");
        assert_eq!(code_of(&found, "policy.read"), code);
        assert_eq!(found["kong_can_read"], "no");
        assert_eq!(found["paths"], json!([path]));
    }
    // Some of what lies below the prefix, and all of another path.
    write("path \"kv/data/kong/db-password\" { capabilities = [\"read\"] }");
    let run = as_auditor(&nothing, SOUND);
    let (_, outcomes) = checked(&run, &["--admin"]);
    assert_eq!(ids(&outcomes, "warned"), ["policy.read"]);
    let (ended, outcomes) = checked(&run, &["--admin", "kv/kong/db-password"]);
    assert_eq!(
        ids(&outcomes, "warned"),
        Vec::<&str>::new(),
        "{}",
        ended.stdout
    );
    let (ended, _) = checked(&run, &["--admin", "kv/kong/other"]);
    assert_eq!(code_of(&ended.json(), "policy.read"), "VLT702");

    write(
        "path \"kv/data/kong/*\" { capabilities = [\"read\", \"update\"] } path \"*\" { capabilities = [\"read\"] }",
    );
    let wide = Expected {
        failed: &[],
        warned: &["sec.policy"],
        skipped: &[],
        answer: "yes",
    };
    let found = assert_found(&nothing, SOUND, &[], &wide);
    assert_eq!(code_of(&found, "sec.policy"), "SEC003");
    write("path \"kv/data/kong/*\" { capabilities = [\"read\"] }");

    let no_engine = format!("{SOUND}kv: {{ mount: nowhere }}\n");
    let run = as_auditor(&nothing, &no_engine);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    let found = ended.json();
    assert_eq!(code_of(&found, "kv.engine"), "VLT712");
    assert_eq!(outcomes["kv.version"], "skipped");
    let version_one = format!("{SOUND}kv: {{ version: 1 }}\n");
    let run = as_auditor(&nothing, &version_one);
    let (ended, _) = checked(&run, &["--admin"]);
    assert_eq!(code_of(&ended.json(), "kv.version"), "VLT713");
    nothing.vault(&["secrets", "enable", "-path=other", "transit"]);
    let of_other_kind = format!("{SOUND}kv: {{ mount: other }}\n");
    let run = as_auditor(&nothing, &of_other_kind);
    let (ended, _) = checked(&run, &["--admin"]);
    assert_eq!(code_of(&ended.json(), "kv.engine"), "VLT718");
}

#[test]
fn a_vault_that_is_sealed_or_not_there_skips_all_of_its_side() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND);
    let wrong = run.env("VAULT_ADDR", "http://127.0.0.1:9");
    let (ended, outcomes) = checked(&wrong, &["--admin"]);
    assert_eq!(
        ids(&outcomes, "failed"),
        ["vault.reachable"],
        "{}",
        ended.stdout
    );
    assert_eq!(code_of(&ended.json(), "vault.reachable"), "VLT502");
    assert_eq!(ended.code, 9);
    let aws = ["aws.kong-role", "aws.trust", "aws.assume"];
    assert!(aws.iter().all(|id| outcomes[*id] == "passed"));

    let (status, said) = nothing.vault_api("PUT", "sys/seal", &json!({}));
    assert!(status < 300, "{said}");
    let run = with_sealed(&nothing);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    assert_eq!(
        ids(&outcomes, "failed"),
        ["vault.ready"],
        "{}",
        ended.stdout
    );
    assert_eq!(code_of(&ended.json(), "vault.ready"), "VLT511");
    assert!(outcomes["auth.method"] == "skipped" && outcomes["aws.trust"] == "passed");
}

/// A sealed Vault makes no token any more.
fn with_sealed(nothing: &Nothing) -> crate::vaultiam::Vaultiam {
    crate::setup::with_settings(nothing.as_operator(), SOUND)
}
