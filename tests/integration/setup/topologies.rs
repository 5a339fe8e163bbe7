//! What IAM and Vault hold after a set-up, document for document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    assert_in_place, assert_kong_reads, client_config, create_profile, create_role, document,
    ec2_may_assume, made_role, may_assume, may_get_role, our_tags, profile_of, put_role_policy,
    put_secret, role_may_assume, roles, set_up, set_up_with, set_vaults_role, tags, vault_role,
};
use crate::servers::{Nothing, servers};

/// Everything that Vault shows where only the fields of setup were written.
fn whole_config(sts: &Value) -> Value {
    let mut whole = json!({
        "access_key": "", "allowed_sts_header_values": null, "disable_automated_rotation": false,
        "endpoint": "", "iam_endpoint": "", "iam_server_id_header_value": "",
        "identity_token_audience": "", "identity_token_ttl": 0, "max_retries": -1, "role_arn": "",
        "rotation_period": 0, "rotation_schedule": "", "rotation_window": 0, "sts_endpoint": "",
        "sts_region": "", "use_sts_region_from_client": false,
    });
    for (name, value) in sts.as_object().unwrap() {
        whole[name] = value.clone();
    }
    whole
}

/// The fields of Vault's role that are ours, and the id that Vault looked up.
fn assert_vault_role(nothing: &Nothing, expected: &Value, bound_role: &str) {
    let seen = vault_role(nothing, "aws", "kong-role");
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(seen[name], *value, "{name}: {seen}");
    }
    let words = ["iam", "get-role", "--role-name", bound_role];
    let bound = nothing.aws(&words)["Role"].clone();
    assert_eq!(seen["bound_iam_principal_arn"], json!([bound["Arn"]]));
    assert_eq!(seen["bound_iam_principal_id"], json!([bound["RoleId"]]));
}

fn default_vault_role() -> Value {
    json!({
        "auth_type": "iam",
        "resolve_aws_unique_ids": true,
        "inferred_entity_type": "",
        "inferred_aws_region": "",
        "token_policies": ["kong-policy"],
        "token_ttl": 3600,
        "token_max_ttl": 86400,
        "token_explicit_max_ttl": 0,
        "token_period": 0,
        "token_bound_cidrs": [],
        "token_no_default_policy": false,
        "token_num_uses": 0,
        "token_type": "service",
    })
}

/// Vault's side as the defaults have it.
fn assert_default_vault(nothing: &Nothing, bound_role: &str) {
    let description = "managed by vaultiam (stack kong)";
    let auth = nothing.vault(&["auth", "list", "-detailed"]);
    let paths: Vec<&String> = auth.as_object().unwrap().keys().collect();
    assert_eq!(paths, ["aws/", "token/"]);
    assert_eq!(auth["aws/"]["type"], "aws");
    assert_eq!(auth["aws/"]["description"], description);
    let from_client = json!({ "use_sts_region_from_client": true });
    assert_eq!(client_config(nothing), whole_config(&from_client));
    assert_vault_role(nothing, &default_vault_role(), bound_role);
    let listed = nothing.vault(&["list", "auth/aws/roles"]);
    assert_eq!(listed, json!(["kong-role"]));
    let policy = nothing.vault(&["policy", "read", "kong-policy"])["policy"].clone();
    assert_eq!(
        policy,
        "# managed by vaultiam (stack kong)\npath \"kv/data/kong/*\" {\n  capabilities = [\"read\"]\n}\n"
    );
    let secrets = nothing.vault(&["secrets", "list", "-detailed"]);
    let kv = &secrets["kv/"];
    assert_eq!(
        (&kv["type"], &kv["options"]),
        (&json!("kv"), &json!({ "version": "2" }))
    );
    assert_eq!(kv["description"], description);
}

/// Instance profiles with their tags.
fn profiles(nothing: &Nothing) -> BTreeMap<String, Value> {
    let listed = nothing.instance_profiles();
    listed
        .iter()
        .map(|profile| {
            let name = super::word(&profile["InstanceProfileName"]);
            let tags = tags(&profile["Tags"]);
            let roles = profile["Roles"].as_array().unwrap().iter();
            let roles: Vec<&Value> = roles.map(|role| &role["RoleName"]).collect();
            let shown = json!({ "path": profile["Path"], "roles": roles, "tags": tags });
            (name, shown)
        })
        .collect()
}

fn made_profile(name: &str, path: &str) -> (String, Value) {
    let shown = json!({ "path": path, "roles": [name], "tags": our_tags("kong") });
    (name.to_owned(), shown)
}

/// What the article's own topology leaves in IAM.
fn article_roles(kong: &str, login: &str) -> BTreeMap<String, Value> {
    let bare = |arn: &str| arn.rsplit_once('/').unwrap().1.to_owned();
    BTreeMap::from([
        (
            bare(kong),
            made_role(
                kong,
                document(&[ec2_may_assume("VaultiamAssume")]),
                json!({ "vaultiam": may_assume(login) }),
                profile_of(kong),
            ),
        ),
        (
            bare(login),
            made_role(
                login,
                document(&[role_may_assume(kong), ec2_may_assume("VaultiamServer")]),
                json!({ "vaultiam": may_get_role(login) }),
                profile_of(login),
            ),
        ),
    ])
}

/// Asserts the whole state of the article's topology with all defaults.
pub(super) fn assert_article(nothing: &Nothing) {
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    assert_eq!(roles(nothing), article_roles(&kong, &login));
    let expected = [
        made_profile("KongRole", "/"),
        made_profile("VaultRole", "/"),
    ];
    assert_eq!(profiles(nothing), BTreeMap::from(expected));
    assert_default_vault(nothing, "VaultRole");
}

#[test]
fn the_articles_topology_is_made_as_its_documents_say() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    assert_article(&nothing);
}

#[test]
fn kongs_own_role_is_bound_where_it_logs_in_itself() {
    let nothing = servers().nothing();
    // Who runs Vault's servers looks the role up.
    create_role(
        &nothing,
        "VaultRole",
        &document(&[ec2_may_assume("Theirs")]),
        &[],
    );
    let kong = nothing.role_arn("KongRole");
    put_role_policy(&nothing, "VaultRole", "theirs", &may_get_role(&kong));
    create_profile(&nothing, "VaultRole", "VaultRole");
    let before = roles(&nothing);
    let settings = "topology: direct\n";
    set_up(&nothing, settings);
    let mut expected = before;
    let trust = document(&[ec2_may_assume("VaultiamAssume")]);
    let made = made_role(&kong, trust, json!({}), profile_of(&kong));
    expected.insert("KongRole".to_owned(), made);
    assert_eq!(roles(&nothing), expected);
    assert_default_vault(&nothing, "KongRole");
    assert_in_place(&nothing, settings);
    put_secret(&nothing, "kv/kong/direct", "d");
    assert_kong_reads(&nothing, settings, "kv/kong/direct", "d");
}

/// What `separate` leaves of its two own roles.
fn separate_roles(nothing: &Nothing) -> BTreeMap<String, Value> {
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    let mut expected = article_roles(&kong, &login);
    let trust = document(&[role_may_assume(&kong)]);
    let made = made_role(&login, trust, json!({}), json!([]));
    expected.insert("VaultRole".to_owned(), made);
    expected
}

#[test]
fn a_login_role_of_its_own_has_no_permission_and_the_server_gets_one() {
    let nothing = servers().nothing();
    let server = nothing.role_arn("VaultServerRole");
    set_vaults_role(&nothing, "VaultServerRole");
    let settings = "topology: separate\n";
    set_up(&nothing, settings);
    let mut expected = separate_roles(&nothing);
    let policies = json!({ "vaultiam": may_get_role(&nothing.role_arn("VaultRole")) });
    let trust = document(&[ec2_may_assume("VaultiamServer")]);
    let made = made_role(&server, trust, policies, profile_of(&server));
    expected.insert("VaultServerRole".to_owned(), made);
    assert_eq!(roles(&nothing), expected);
    let made = [
        made_profile("KongRole", "/"),
        made_profile("VaultServerRole", "/"),
    ];
    assert_eq!(profiles(&nothing), BTreeMap::from(made));
    assert_default_vault(&nothing, "VaultRole");
    assert_in_place(&nothing, settings);
    put_secret(&nothing, "kv/kong/separate", "s");
    assert_kong_reads(&nothing, settings, "kv/kong/separate", "s");
}

#[test]
fn a_server_role_that_was_there_keeps_everything_it_has() {
    let nothing = servers().nothing();
    let trust = document(&[ec2_may_assume("Theirs")]);
    let tag = ["--path", "/infra/", "--tags", "Key=team,Value=storage"];
    create_role(&nothing, "Servers", &trust, &tag);
    let unseal =
        document(&[json!({ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" })]);
    put_role_policy(&nothing, "Servers", "unseal", &unseal);
    create_profile(&nothing, "servers-of-vault", "Servers");
    set_vaults_role(&nothing, "Servers");
    let before = roles(&nothing)["Servers"].clone();
    let settings = "topology: separate\naws: { server_role: infra/Servers }\n";
    set_up(&nothing, settings);
    let mut expected = separate_roles(&nothing);
    let mut servers_role = before;
    let ours = may_get_role(&nothing.role_arn("VaultRole"));
    servers_role["policies"]["vaultiam"] = ours;
    expected.insert("Servers".to_owned(), servers_role);
    assert_eq!(roles(&nothing), expected);
    let names: Vec<String> = profiles(&nothing).into_keys().collect();
    assert_eq!(names, ["KongRole", "servers-of-vault"]);
    assert_in_place(&nothing, settings);
    super::log_in(&nothing, settings);
}

#[test]
fn roles_under_paths_of_their_own_are_named_with_them() {
    let nothing = servers().nothing();
    let settings =
        "aws: { kong_role: edge/KongRole, login_role: infra/VaultRole, tags: { team: edge } }\n";
    set_up_with(&nothing, settings, &["--only", "aws"]);
    let arn = |name: &str| nothing.role_arn(name);
    let (kong, login) = (arn("edge/KongRole"), arn("infra/VaultRole"));
    let mut expected = article_roles(&kong, &login);
    for role in expected.values_mut() {
        role["tags"]["team"] = json!("edge");
    }
    assert_eq!(roles(&nothing), expected);
    let mut made = BTreeMap::from([
        made_profile("KongRole", "/edge/"),
        made_profile("VaultRole", "/infra/"),
    ]);
    for profile in made.values_mut() {
        profile["tags"]["team"] = json!("edge");
    }
    assert_eq!(profiles(&nothing), made);
    // AWS checks a right against the role with its path; this double does not.
    let without_path = may_get_role(&arn("VaultRole"));
    put_role_policy(&nothing, "VaultRole", "double", &without_path);
    set_up(&nothing, settings);
    assert_default_vault(&nothing, "VaultRole");
    assert_in_place(&nothing, settings);
    super::log_in(&nothing, settings);
}

#[test]
fn every_setting_of_vaults_side_is_written() {
    let nothing = servers().nothing();
    let settings = "stack: edge\n\
        vault: { auth_role: Edge-Role, policy: Edge-Policy, ttl: 30m, max_ttl: 2h, bound_cidrs: [\"127.0.0.0/8\"], num_uses: 7, server_id: vault.example.com }\n\
        kv: { mount: team/secrets, version: 1, prefix: edge/eu }\n\
        kong: { enabled: false }\n";
    set_up(&nothing, settings);
    let whole = json!({ "iam_server_id_header_value": "vault.example.com", "use_sts_region_from_client": true });
    assert_eq!(client_config(&nothing), whole_config(&whole));
    let role = vault_role(&nothing, "aws", "edge-role");
    let mut expected = default_vault_role();
    for (name, value) in [
        ("token_policies", json!(["edge-policy"])),
        ("token_ttl", json!(1800)),
        ("token_max_ttl", json!(7200)),
        ("token_bound_cidrs", json!(["127.0.0.0/8"])),
        ("token_num_uses", json!(7)),
    ] {
        expected[name] = value;
    }
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(role[name], *value, "{name}: {role}");
    }
    assert_eq!(
        nothing.vault(&["policy", "read", "edge-policy"])["policy"],
        "# managed by vaultiam (stack edge)\npath \"team/secrets/edge/eu/*\" {\n  capabilities = [\"read\"]\n}\n"
    );
    let secrets = nothing.vault(&["secrets", "list", "-detailed"]);
    let mount = &secrets["team/secrets/"];
    assert_eq!(
        (&mount["type"], &mount["options"]["version"]),
        (&json!("kv"), &json!("1"))
    );
    assert_eq!(mount["description"], "managed by vaultiam (stack edge)");
    let tags = &roles(&nothing)["KongRole"]["tags"];
    assert_eq!(*tags, our_tags("edge"));
    assert_in_place(&nothing, settings);
    put_secret(&nothing, "team/secrets/edge/eu/db", "e");
    assert_kong_reads(&nothing, settings, "team/secrets/edge/eu/db", "e");
    // What the settings do not say any more is taken back: writes merge.
    let shorter = "stack: edge\nvault: { auth_role: edge-role, policy: edge-policy }\nkv: { mount: team/secrets, version: 1, prefix: edge/eu }\n";
    set_up(&nothing, shorter);
    let from_client = json!({ "use_sts_region_from_client": true });
    assert_eq!(client_config(&nothing), whole_config(&from_client));
    let role = vault_role(&nothing, "aws", "edge-role");
    let mut expected = default_vault_role();
    expected["token_policies"] = json!(["edge-policy"]);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(role[name], *value, "{name}: {role}");
    }
    assert_in_place(&nothing, shorter);
}

#[test]
fn a_change_of_topology_takes_back_what_is_not_needed_any_more() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let article = roles(&nothing);
    // Vault's server gets a role of its own.
    let settings = "topology: separate\n";
    set_up(&nothing, settings);
    set_vaults_role(&nothing, "VaultServerRole");
    let login = nothing.role_arn("VaultRole");
    let seen = roles(&nothing);
    assert_eq!(seen["VaultRole"]["policies"], json!({}));
    let trust = document(&[role_may_assume(&nothing.role_arn("KongRole"))]);
    assert_eq!(seen["VaultRole"]["trust"], trust);
    assert_eq!(seen["KongRole"], article["KongRole"]);
    let policies = json!({ "vaultiam": may_get_role(&login) });
    assert_eq!(seen["VaultServerRole"]["policies"], policies);
    assert_in_place(&nothing, settings);
    super::log_in(&nothing, settings);
    // And back again.
    set_vaults_role(&nothing, "VaultRole");
    set_up(&nothing, "");
    for role in ["KongRole", "VaultRole"] {
        assert_eq!(roles(&nothing)[role], article[role], "{role}");
    }
    assert_in_place(&nothing, "");
    super::log_in(&nothing, "");
}

#[test]
fn the_workload_decides_who_may_run_with_kongs_role() {
    let nothing = servers().nothing();
    let kong = nothing.role_arn("KongRole");
    let login = nothing.role_arn("VaultRole");
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    for (workload, service, actions) in [
        ("ecs", "ecs-tasks.amazonaws.com", json!("sts:AssumeRole")),
        ("eks-pod-identity", "pods.eks.amazonaws.com", both),
    ] {
        let settings = format!("aws: {{ workload: {workload} }}\n");
        set_up(&nothing, &settings);
        let mut by_service = ec2_may_assume("VaultiamAssume");
        by_service["Principal"]["Service"] = json!(service);
        by_service["Action"] = actions.clone();
        let mut policy = may_assume(&login);
        policy["Statement"][0]["Action"] = actions.clone();
        let trust = document(&[by_service]);
        let made = made_role(&kong, trust, json!({ "vaultiam": policy }), json!([]));
        let seen = roles(&nothing);
        assert_eq!(seen["KongRole"], made);
        let mut by_kong = role_may_assume(&kong);
        by_kong["Action"] = actions;
        let trust = document(&[by_kong, ec2_may_assume("VaultiamServer")]);
        assert_eq!(seen["VaultRole"]["trust"], trust, "{workload}");
        assert_in_place(&nothing, &settings);
    }
    let settings = "aws: { workload: irsa }\n";
    let ended = super::try_set_up(&nothing, settings, &[]);
    assert_eq!(ended.code, 2, "{}", ended.stdout);
}
