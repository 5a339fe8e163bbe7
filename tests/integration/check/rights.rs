//! Whose rights show what: with the caller's own alone, with an administrator's token,
//! with an administrator's profile.

use serde_json::{Value, json};

use super::{
    ALL_RIGHTS, SOUND, as_auditor, bind, check_of, checked, code_of, ids, on_instance_as_auditor,
    page, whole, with_all_rights,
};
use crate::servers::Nothing;
use crate::setup::{document, with_settings};
use crate::vaultiam::Vaultiam;

#[test]
fn kongs_own_rights_prove_by_a_login_what_they_cannot_read() {
    let nothing = whole(SOUND);
    let run = with_settings(nothing.on_kongs_instance(), SOUND);
    let (ended, outcomes) = checked(&run, &[]);
    let found = ended.json();
    assert_eq!(ended.code, 0, "{found:#}");
    assert_eq!(found["kong_can_read"], "yes", "{found:#}");
    assert_eq!(ids(&outcomes, "failed"), Vec::<&str>::new());
    assert_eq!(
        ids(&outcomes, "skipped"),
        [
            "auth.policies",
            "auth.tokens",
            "aws.server",
            "sec.audit",
            "sec.keys",
            "sec.lifetime",
            "sec.policy",
            "sec.server-id",
            "sec.trust",
        ],
        "{found:#}"
    );
    for id in [
        "aws.trust",
        "auth.role",
        "auth.binding",
        "policy.read",
        "login.read",
    ] {
        assert_eq!(outcomes[id], "passed", "{id}");
    }
    let because = check_of(&found, "auth.policies")["because"].to_string();
    assert!(
        because.contains("was refused by vault (own rights)"),
        "{because}"
    );
    // A skip counts where all must be seen, or where it was asked for by name.
    assert_eq!(run.run(&["check", "--strict"]).code, 9);
    assert_eq!(run.run(&["check", "--only", "sec.audit"]).code, 9);
    assert_eq!(run.run(&["check", "--only", "login"]).code, 0);
    let without = [
        "check",
        "--strict",
        "--skip",
        "sec",
        "--skip",
        "auth.policies",
    ];
    let without = [
        &without[..],
        &["--skip", "auth.tokens", "--skip", "aws.server"],
    ]
    .concat();
    assert_eq!(run.run(&without).code, 0);
}

#[test]
fn a_refused_login_is_explained_with_kongs_own_rights() {
    let nothing = whole(SOUND);
    bind(&nothing, "KongRole");
    let run = with_settings(nothing.on_kongs_instance(), SOUND);
    let (ended, outcomes) = checked(&run, &[]);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), ["login.vault"], "{found:#}");
    assert_eq!(outcomes["auth.binding"], "skipped");
    assert_eq!(outcomes["login.read"], "skipped");
    assert_eq!(found["kong_can_read"], "no");
    // With the documents the cause itself is found, and nobody need try.
    let run = on_instance_as_auditor(&nothing, SOUND);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), ["auth.binding"], "{found:#}");
    assert_eq!(code_of(&found, "auth.binding"), "VLT605");
    let because = &check_of(&found, "login.vault")["because"];
    assert_eq!(because, "it needs auth.binding, which failed");
}

#[test]
fn a_machine_without_any_right_still_tells_what_anybody_may_see() {
    let nothing = whole(SOUND);
    let run = nothing
        .on_kongs_instance()
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let run = with_settings(run, SOUND);
    let (ended, outcomes) = checked(&run, &[]);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), ["aws.credentials"], "{found:#}");
    for id in [
        "vault.ready",
        "auth.method",
        "auth.config",
        "auth.server-id",
    ] {
        assert_eq!(outcomes[id], "passed", "{id}: {found:#}");
    }
    assert_eq!(outcomes["auth.role"], "skipped");
    assert_eq!(outcomes["aws.trust"], "skipped");
    assert_eq!(found["kong_can_read"], "unknown");
}

#[test]
fn who_may_not_read_iam_is_told_so_and_a_profile_may() {
    let nothing = whole(SOUND);
    let buckets = json!({ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" });
    let keys = nothing.with_user("nobody", &[buckets]);
    let run = nothing
        .as_user(&keys)
        .env("VAULT_TOKEN", super::auditor(&nothing));
    let run = with_settings(run, SOUND);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), Vec::<&str>::new(), "{found:#}");
    for id in [
        "aws.kong-role",
        "aws.login-role",
        "auth.binding",
        "login.assume",
    ] {
        assert_eq!(outcomes[id], "skipped", "{id}");
    }
    let because = check_of(&found, "aws.kong-role")["because"].to_string();
    assert!(
        because.contains("iam:GetRole") && because.contains("refused by iam"),
        "{because}"
    );
    let because = check_of(&found, "auth.binding")["because"].to_string();
    assert!(because.contains("unique id"), "{because}");
    assert_eq!(found["kong_can_read"], "unknown");

    let (id, secret) = &nothing.operator;
    let profiles = run.file(
        "aws-config",
        &format!("[profile admin]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\nregion = us-east-1\n"),
    );
    let run = run.env("AWS_CONFIG_FILE", profiles.display().to_string());
    let (ended, outcomes) = checked(&run, &["--admin", "--admin-profile", "admin"]);
    let found = ended.json();
    for id in [
        "aws.kong-role",
        "aws.login-role",
        "aws.trust",
        "aws.assume",
        "auth.binding",
    ] {
        assert_eq!(outcomes[id], "passed", "{id}: {found:#}");
    }
    assert_eq!(found["kong_can_read"], "yes");
    assert!(!ended.stdout.contains(secret.as_str()));
}

#[test]
fn the_token_of_others_is_used_only_where_it_is_allowed() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND);
    let (ended, outcomes) = checked(&run, &[]);
    assert_eq!(outcomes["auth.role"], "skipped", "{}", ended.stdout);
    let because = check_of(&ended.json(), "auth.role")["because"].to_string();
    assert!(because.contains("--admin"), "{because}");
}

#[test]
fn topologies_without_an_assume_step_have_nothing_to_be_trusted() {
    let nothing = whole("topology: direct\naws: { server_role: VaultServerRole }\n");
    let settings = "topology: direct\naws: { server_role: VaultServerRole }\n";
    let run = with_all_rights(&nothing, settings);
    let (ended, outcomes) = checked(&run, &[&ALL_RIGHTS[..], &["--strict"]].concat());
    let found = ended.json();
    assert_eq!(ended.code, 0, "{found:#}");
    assert!(
        outcomes.values().all(|outcome| outcome == "passed"),
        "{found:#}"
    );
    let said = check_of(&found, "aws.trust")["said"].to_string();
    assert!(said.contains("no role is assumed"), "{said}");
    // An administrator is not Kong and has nothing to log in with here.
    let (ended, outcomes) = checked(&as_auditor(&nothing, settings), &["--admin"]);
    assert_eq!(outcomes["login.assume"], "skipped", "{}", ended.stdout);
}

/// Kong's instance, where an administrator is at hand with the rights that docs/check.md
/// names and no other.
fn with_documented_rights(nothing: &Nothing) -> Vaultiam {
    let policy = page::blocks("json").concat();
    let policy = policy.replace("123456789012", &nothing.account);
    let policy: Value = serde_json::from_str(&policy).unwrap();
    let (id, secret) = nothing.with_user("auditor", policy["Statement"].as_array().unwrap());
    let run = on_instance_as_auditor(nothing, SOUND);
    let profile =
        format!("[profile admin]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let file = run.file("aws-config", &profile);
    run.env("AWS_CONFIG_FILE", file.display().to_string())
}

#[test]
fn the_documented_rights_are_enough_for_every_look() {
    let nothing = whole(SOUND);
    // So that policies are read that are attached.
    let buckets = json!({ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" });
    let made = nothing.aws(&[
        "iam",
        "create-policy",
        "--policy-name",
        "attached",
        "--policy-document",
        &document(&[buckets]).to_string(),
    ]);
    let arn = made["Policy"]["Arn"].as_str().unwrap().to_owned();
    let attach = ["iam", "attach-role-policy", "--policy-arn", &arn];
    nothing.aws(&[&attach[..], &["--role-name", "KongRole"]].concat());

    let run = with_documented_rights(&nothing);
    let (ended, outcomes) = checked(&run, &[&ALL_RIGHTS[..], &["--strict"]].concat());
    let found = ended.json();
    assert_eq!(ended.code, 0, "{found:#}");
    assert_eq!(ids(&outcomes, "passed").len(), outcomes.len());

    // Vault refuses without a word: then who logs in and from where is looked at too.
    let body = json!({ "token_bound_cidrs": "10.99.0.0/16" });
    nothing.vault_api("POST", "auth/aws/role/kong-role", &body);
    let (ended, outcomes) = checked(&run, &ALL_RIGHTS);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), ["login.vault"], "{found:#}");
    assert_eq!(ids(&outcomes, "skipped"), ["login.read"], "{found:#}");
    assert_eq!(code_of(&found, "login.vault"), "VLT617");
    let finding = &check_of(&found, "login.vault")["findings"][0];
    assert_eq!(finding["confidence"], "certain", "{finding:#}");
    assert_eq!(finding["not_seen"], json!([]), "{finding:#}");
    assert!(!found.to_string().contains("was refused by"), "{found:#}");
}
