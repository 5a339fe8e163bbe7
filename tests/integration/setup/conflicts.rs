//! What is there and is not ours stays as it is until somebody adopts it.

use serde_json::{Value, json};

use super::{
    assert_in_place, changes, codes, create_profile, create_role, document, ec2_may_assume, log_in,
    may_assume, our_tags, plan, plan_with, put_role_policy, role_may_assume, roles, set_up,
    set_up_with, try_set_up, vault_role, whole, word,
};
use crate::servers::{Nothing, servers};

/// Asserts that a set-up stops at one conflict, with this finding, and that
/// nothing at all was changed. Returns the conflict.
fn stops(nothing: &Nothing, settings: &str, more: &[&str], code: &str) -> Value {
    let before = whole(nothing);
    let planned = plan_with(nothing, settings, more);
    let told = (&planned["exit_code"], codes(&planned));
    assert_eq!(
        (told.0, told.1[0].as_str()),
        (&json!(9), code),
        "{:?}",
        changes(&planned)
    );
    let ended = try_set_up(nothing, settings, more);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (9, code),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.json()["done"], json!([]));
    assert_eq!(whole(nothing), before, "{code}: something was changed");
    let conflicts = planned["conflicts"].as_array().unwrap();
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    conflicts[0].clone()
}

fn by_lambda() -> Value {
    json!({
        "Sid": "Theirs", "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" },
        "Action": "sts:AssumeRole",
    })
}

fn may_put_objects() -> Value {
    let statement = json!({ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*" });
    document(&[statement])
}

/// A role of another team.
fn others_role(nothing: &Nothing, name: &str) {
    let team = ["--tags", "Key=team,Value=edge"];
    create_role(nothing, name, &document(&[by_lambda()]), &team);
    put_role_policy(nothing, name, "theirs", &may_put_objects());
}

#[test]
fn a_role_of_others_is_left_alone_and_adopted_by_statement() {
    let nothing = servers().nothing();
    let kong = nothing.role_arn("KongRole");
    others_role(&nothing, "KongRole");
    let theirs = roles(&nothing)["KongRole"].clone();
    let conflict = stops(&nothing, "", &[], "AWS302");
    assert_eq!(conflict["resource"], kong.as_str());
    let wanted = word(&conflict["wanted"]);
    for field in ["trust_policy", "policy"] {
        assert!(wanted.contains(field), "{conflict}");
    }
    let remedy = word(&conflict["remedy"]);
    assert_eq!(remedy, format!("vaultiam setup --plan --adopt {kong}"));
    let told = nothing.as_operator().run(&["setup", "--yes"]);
    assert_eq!(told.code, 9);
    assert!(told.stderr.contains("error[AWS302]"), "{}", told.stderr);
    assert!(
        told.stderr
            .contains("1 in conflict: nothing will be changed at all")
    );

    let adopt = ["--adopt", &kong];
    let planned = plan_with(&nothing, "", &adopt);
    assert_eq!(planned["exit_code"], 3);
    let field = vec!["trust_policy".to_owned()];
    assert_eq!(
        changes(&planned)[0],
        ("adopt".to_owned(), kong.clone(), field)
    );
    set_up_with(&nothing, "", &adopt);
    let mut expected = theirs;
    let trust = document(&[by_lambda(), ec2_may_assume("VaultiamAssume")]);
    expected["trust"] = trust;
    let login = nothing.role_arn("VaultRole");
    expected["policies"]["vaultiam"] = may_assume(&login);
    expected["profiles"] = super::profile_of(&kong);
    assert_eq!(roles(&nothing)["KongRole"], expected);
    assert_eq!(roles(&nothing)["VaultRole"]["tags"], our_tags("kong"));
    // From then on ours in it are ours, without being adopted again.
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
    put_role_policy(&nothing, "KongRole", "vaultiam", &may_put_objects());
    let mut spoilt = ec2_may_assume("VaultiamAssume");
    spoilt["Effect"] = json!("Deny");
    super::set_trust(&nothing, "KongRole", &document(&[spoilt, by_lambda()]));
    set_up(&nothing, "");
    assert_eq!(roles(&nothing)["KongRole"], expected);
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}

#[test]
fn a_role_of_others_that_is_as_wanted_needs_no_adoption() {
    let nothing = servers().nothing();
    let login = nothing.role_arn("VaultRole");
    create_role(
        &nothing,
        "KongRole",
        &document(&[ec2_may_assume("Whatever")]),
        &[],
    );
    put_role_policy(&nothing, "KongRole", "vaultiam", &may_assume(&login));
    let theirs = roles(&nothing)["KongRole"].clone();
    set_up(&nothing, "");
    let mut expected = theirs;
    expected["profiles"] = super::profile_of(&nothing.role_arn("KongRole"));
    assert_eq!(roles(&nothing)["KongRole"], expected);
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}

#[test]
fn what_stands_in_the_way_in_iam_is_told_apart() {
    let nothing = servers().nothing();
    // A role of the same name under another path.
    let trust = document(&[ec2_may_assume("Theirs")]);
    create_role(&nothing, "Pathed", &trust, &["--path", "/edge/"]);
    let conflict = stops(&nothing, "", &["--kong-role", "Pathed"], "AWS302");
    assert!(
        word(&conflict["found"]).contains("role/edge/Pathed"),
        "{conflict}"
    );
    assert!(
        word(&conflict["wanted"]).contains("the path /"),
        "{conflict}"
    );
    // Another set-up's role.
    let stack = [
        "--tags",
        "Key=managed-by,Value=vaultiam",
        "Key=vaultiam:stack,Value=other",
    ];
    create_role(&nothing, "Stacked", &document(&[by_lambda()]), &stack);
    let conflict = stops(&nothing, "", &["--kong-role", "Stacked"], "AWS302");
    assert_eq!(conflict["found"], "a role of the stack other");
    // An instance profile that holds another role.
    create_role(&nothing, "Busy", &trust, &[]);
    create_profile(&nothing, "Kept", "Busy");
    let conflict = stops(&nothing, "", &["--kong-role", "Kept"], "AWS311");
    assert_eq!(conflict["found"], "it holds Busy");
    let profile = nothing
        .role_arn("Kept")
        .replacen(":role/", ":instance-profile/", 1);
    assert_eq!(conflict["resource"], profile.as_str());
    // An empty instance profile of somebody else's.
    let words = [
        "iam",
        "create-instance-profile",
        "--instance-profile-name",
        "Empty",
    ];
    nothing.aws(&words);
    let conflict = stops(&nothing, "", &["--kong-role", "Empty"], "AWS302");
    let profile = word(&conflict["resource"]);
    assert!(profile.ends_with(":instance-profile/Empty"), "{conflict}");
    set_up_with(&nothing, "", &["--kong-role", "Empty", "--adopt", &profile]);
    let words = [
        "iam",
        "list-instance-profile-tags",
        "--instance-profile-name",
        "Empty",
    ];
    assert_eq!(nothing.aws(&words)["Tags"], json!([]));
    let planned = plan_with(&nothing, "", &["--kong-role", "Empty"]);
    assert_eq!(planned["exit_code"], 0, "{:?}", changes(&planned));
}

#[test]
fn what_stands_in_the_way_in_vault_is_told_apart() {
    let nothing = servers().nothing();
    for words in [
        &["auth", "enable", "-path=robots", "approle"][..],
        &["auth", "enable", "-path=above", "userpass"],
        &["secrets", "enable", "-path=old", "-version=1", "kv"],
        &["secrets", "enable", "-path=engine", "transit"],
        &["secrets", "enable", "-path=team", "-version=2", "kv"],
    ] {
        nothing.vault(words);
    }
    let theirs = json!({ "policy": "path \"kv/*\" { capabilities = [\"list\"] }" });
    let (status, _) = nothing.vault_api("POST", "sys/policies/acl/theirs", &theirs);
    assert_eq!(status, 204);
    let other = "# managed by vaultiam (stack other)\npath \"kv/*\" { capabilities = [\"list\"] }";
    let other = json!({ "policy": other });
    nothing.vault_api("POST", "sys/policies/acl/of-other", &other);
    let rows = [
        (
            "--auth-mount",
            "robots",
            "VLT602",
            "vault:sys/auth/robots",
            "approle",
        ),
        (
            "--kv-mount",
            "old",
            "VLT637",
            "vault:sys/mounts/old",
            "version",
        ),
        (
            "--kv-mount",
            "engine",
            "VLT637",
            "vault:sys/mounts/engine",
            "transit",
        ),
        (
            "--policy",
            "theirs",
            "VLT638",
            "vault:sys/policies/acl/theirs",
            "comment",
        ),
        (
            "--policy",
            "of-other",
            "VLT638",
            "vault:sys/policies/acl/of-other",
            "stack other",
        ),
        // Vault mounts nothing below a mount, or above one.
        (
            "--auth-mount",
            "above/aws",
            "VLT602",
            "vault:sys/auth/above/aws",
            "above",
        ),
        (
            "--kv-mount",
            "team/kv",
            "VLT637",
            "vault:sys/mounts/team/kv",
            "team",
        ),
    ];
    let mut wrong = Vec::new();
    for (flag, value, code, resource, words) in rows {
        let planned = plan_with(&nothing, "", &[flag, value]);
        let conflict = &planned["conflicts"][0];
        let found = conflict["found"].as_str().unwrap_or_default();
        let is_told = conflict["resource"] == resource && found.contains(words);
        if planned["exit_code"] != 9 || codes(&planned)[0] != code || !is_told {
            wrong.push(format!(
                "{flag} {value}: {} {conflict}",
                planned["exit_code"]
            ));
            continue;
        }
        stops(&nothing, "", &[flag, value], code);
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn a_policy_of_others_is_adopted_by_its_name() {
    let nothing = servers().nothing();
    let theirs = json!({ "policy": "path \"kv/*\" { capabilities = [\"list\"] }" });
    nothing.vault_api("POST", "sys/policies/acl/kong-policy", &theirs);
    let name = "vault:sys/policies/acl/kong-policy";
    let conflict = stops(&nothing, "", &[], "VLT638");
    assert_eq!(conflict["resource"], name);
    assert!(
        word(&conflict["remedy"]).ends_with(&format!("--adopt {name}")),
        "{conflict}"
    );
    let planned = plan_with(&nothing, "", &["--adopt", name]);
    let adopted = changes(&planned)
        .into_iter()
        .find(|change| change.0 == "adopt");
    assert_eq!(adopted.unwrap().1, name);
    set_up_with(&nothing, "", &["--adopt", name]);
    let read = nothing.vault(&["policy", "read", "kong-policy"]);
    assert!(word(&read["policy"]).starts_with("# managed by vaultiam (stack kong)\n"));
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}

/// A mount of another team with a role that logs in through it.
fn others_mount(nothing: &Nothing, config: &[&str]) {
    nothing.vault(&["auth", "enable", "-description=edge team", "aws"]);
    nothing.vault(&[&["write", "auth/aws/config/client"], config].concat());
    let bound = format!("bound_iam_principal_arn={}", nothing.role_arn("Theirs"));
    let role = [
        "write",
        "auth/aws/role/theirs",
        "auth_type=iam",
        "resolve_aws_unique_ids=false",
    ];
    nothing.vault(&[&role[..], &[&bound, "token_policies=theirs"]].concat());
}

#[test]
fn a_shared_mount_is_not_reconfigured_under_its_other_roles() {
    let nothing = servers().nothing();
    others_mount(
        &nothing,
        &[
            "sts_endpoint=https://sts.eu-west-1.amazonaws.com",
            "sts_region=eu-west-1",
        ],
    );
    let name = "vault:auth/aws/config/client";
    let conflict = stops(&nothing, "", &[], "VLT638");
    assert_eq!(conflict["resource"], name);
    assert!(word(&conflict["found"]).contains("theirs"), "{conflict}");
    for field in ["sts_endpoint", "sts_region", "use_sts_region_from_client"] {
        assert!(word(&conflict["wanted"]).contains(field), "{conflict}");
    }
    // With settings that fit the mount, one role is added to it.
    let fitting = "vault: { sts: regional, sts_region: eu-west-1 }\n";
    let theirs = vault_role(&nothing, "aws", "theirs");
    let config = super::client_config(&nothing);
    let mount = nothing.vault(&["auth", "list", "-detailed"])["aws/"].clone();
    let document = set_up(&nothing, fitting);
    let done = document["done"].as_array().unwrap();
    assert!(!done.contains(&json!(name)) && !done.contains(&json!("vault:sys/auth/aws")));
    assert_eq!(vault_role(&nothing, "aws", "theirs"), theirs);
    assert_eq!(super::client_config(&nothing), config);
    assert_eq!(nothing.vault(&["auth", "list", "-detailed"])["aws/"], mount);
    assert_in_place(&nothing, fitting);
    log_in(&nothing, fitting);
    // Ours in it is kept as ours.
    nothing.vault(&["write", "auth/aws/role/kong-role", "token_ttl=5m"]);
    set_up(&nothing, fitting);
    assert_eq!(vault_role(&nothing, "aws", "kong-role")["token_ttl"], 3600);
    // Somebody's decision is somebody's decision.
    set_up_with(&nothing, "", &["--adopt", name]);
    assert_eq!(
        super::client_config(&nothing)["use_sts_region_from_client"],
        true
    );
    assert_eq!(vault_role(&nothing, "aws", "theirs"), theirs);
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}

#[test]
fn a_role_of_others_in_their_mount_is_theirs() {
    let nothing = servers().nothing();
    others_mount(&nothing, &["use_sts_region_from_client=true"]);
    let bound = format!("bound_iam_principal_arn={}", nothing.role_arn("Theirs"));
    let role = ["write", "auth/aws/role/kong-role", "auth_type=iam"];
    let more = [
        &bound,
        "resolve_aws_unique_ids=false",
        "token_policies=theirs",
    ];
    nothing.vault(&[&role[..], &more].concat());
    let name = "vault:auth/aws/role/kong-role";
    let conflict = stops(&nothing, "", &[], "VLT638");
    assert_eq!(conflict["resource"], name);
    assert!(
        word(&conflict["found"]).contains(&nothing.role_arn("Theirs")),
        "{conflict}"
    );
    // Adopted, with whom it binds: Vault need not look theirs up.
    let settings = "vault: { resolve_unique_ids: false }\n";
    set_up_with(&nothing, settings, &["--adopt", name]);
    let seen = vault_role(&nothing, "aws", "kong-role");
    let both = json!([nothing.role_arn("Theirs"), nothing.role_arn("VaultRole")]);
    assert_eq!(seen["bound_iam_principal_arn"], both);
    assert_eq!(seen["token_policies"], json!(["kong-policy"]));
    log_in(&nothing, settings);
    assert_in_place(&nothing, settings);
}

#[test]
fn one_conflict_among_many_changes_stops_them_all() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    // Ours has drifted in several places, and one thing is somebody else's.
    nothing.vault(&["policy", "delete", "kong-policy"]);
    let somebody = nothing.operator_arn();
    let trust = document(&[role_may_assume(&somebody)]);
    super::set_trust(&nothing, "VaultRole", &trust);
    let stack = [
        "Key=managed-by,Value=vaultiam",
        "Key=vaultiam:stack,Value=other",
    ];
    let words = ["iam", "tag-role", "--role-name", "KongRole", "--tags"];
    nothing.aws(&[&words[..], &stack].concat());
    super::set_trust(&nothing, "KongRole", &document(&[by_lambda()]));
    let planned = plan(&nothing, "");
    assert_eq!(changes(&planned).len(), 2, "{planned:#}");
    stops(&nothing, "", &[], "AWS302");
}

#[test]
fn an_engine_of_others_of_the_right_version_is_used_as_it_is() {
    let nothing = servers().nothing();
    nothing.vault(&[
        "secrets",
        "enable",
        "-path=kv",
        "-version=2",
        "-description=team",
        "kv",
    ]);
    super::put_secret(&nothing, "kv/kong/theirs", "before");
    let before = nothing.vault(&["secrets", "list", "-detailed"])["kv/"].clone();
    let applied = set_up(&nothing, "");
    let done = applied["done"].as_array().unwrap();
    assert!(!done.contains(&json!("vault:sys/mounts/kv")));
    assert_eq!(
        nothing.vault(&["secrets", "list", "-detailed"])["kv/"],
        before
    );
    assert_in_place(&nothing, "");
    super::assert_kong_reads(&nothing, "", "kv/kong/theirs", "before");
}

#[test]
fn what_is_to_be_adopted_must_be_in_the_plan() {
    let nothing = servers().nothing();
    let before = whole(&nothing);
    let ended = try_set_up(
        &nothing,
        "",
        &["--adopt", "vault:sys/policies/acl/kong-polcy"],
    );
    assert_eq!(ended.code, 2, "{}", ended.stdout);
    assert!(ended.stdout.contains("kong-polcy"), "{}", ended.stdout);
    assert_eq!(whole(&nothing), before);
}

#[test]
fn an_account_that_is_not_the_operators_is_left_alone() {
    let nothing = servers().nothing();
    let before = whole(&nothing);
    let settings = "aws: { account_id: \"600000000000\" }\n";
    let ended = try_set_up(&nothing, settings, &[]);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (4, "AWS310"),
        "{}",
        ended.stdout
    );
    assert_eq!(whole(&nothing), before);
}

#[test]
fn an_adopted_role_that_trusted_as_wanted_stays_adopted() {
    let nothing = servers().nothing();
    create_role(
        &nothing,
        "KongRole",
        &document(&[ec2_may_assume("Theirs")]),
        &[],
    );
    let kong = nothing.role_arn("KongRole");
    stops(&nothing, "", &[], "AWS302");
    set_up_with(&nothing, "", &["--adopt", &kong]);
    assert_in_place(&nothing, "");
    put_role_policy(&nothing, "KongRole", "vaultiam", &may_put_objects());
    let planned = plan(&nothing, "");
    assert_eq!(planned["conflicts"], json!([]));
    let field = vec!["policy".to_owned()];
    let resource = format!("{kong}#policy/vaultiam");
    assert_eq!(changes(&planned), [("update".to_owned(), resource, field)]);
    set_up(&nothing, "");
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}
