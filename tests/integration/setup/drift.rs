//! Each field that setup owns, changed by hand: the plan shows that field and no
//! other, `--yes` brings it back, and then nothing is left to plan.

use serde_json::{Value, json};

use super::{
    assert_in_place, changes, client_config, create_role, document, ec2_may_assume, log_in,
    may_assume, may_get_role, plan, put_role_policy, remove_from_profile, role_may_assume, roles,
    set_trust, set_up, vault_role, with_settings,
};
use crate::servers::{Nothing, servers};

/// A field that a plan is to show: name, before, after.
type Field = (&'static str, Value, Value);

/// Asserts that the plan is one change with exactly these fields, and heals it.
fn heals(nothing: &Nothing, settings: &str, action: &str, resource: &str, fields: &[Field]) {
    let planned = plan(nothing, settings);
    let all = planned["changes"].as_array().unwrap();
    assert_eq!(
        (all.len(), &planned["exit_code"]),
        (1, &json!(3)),
        "{all:?}"
    );
    let change = &all[0];
    assert_eq!(
        (&change["action"], &change["resource"]),
        (&json!(action), &json!(resource))
    );
    let expected: Vec<Value> = fields
        .iter()
        .map(|(name, before, after)| json!({ "name": name, "before": before, "after": after }))
        .collect();
    assert_eq!(change["fields"], json!(expected), "{resource}");
    let document = set_up(nothing, settings);
    assert_eq!(document["done"], json!([resource]));
    assert_in_place(nothing, settings);
}

#[test]
fn every_field_in_iam_is_shown_and_healed() {
    let nothing = servers().nothing();
    let settings = "aws: { tags: { team: edge } }\n";
    set_up(&nothing, settings);
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    let expected = roles(&nothing);

    // Trust: of another service, and with a statement of somebody else's.
    let lambda = json!({
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" },
        "Action": "sts:AssumeRole",
    });
    let of_kong = document(&[ec2_may_assume("VaultiamAssume")]);
    let of_login = document(&[role_may_assume(&kong), ec2_may_assume("VaultiamServer")]);
    let mut wider = of_login.clone();
    wider["Statement"]
        .as_array_mut()
        .unwrap()
        .push(lambda.clone());
    for (name, arn, found, wanted) in [
        ("KongRole", &kong, document(&[lambda]), &of_kong),
        ("VaultRole", &login, wider, &of_login),
    ] {
        set_trust(&nothing, name, &found);
        let field = ("trust_policy", found, wanted.clone());
        heals(&nothing, settings, "update", arn, &[field]);
    }

    // The inline policy: another, and none.
    let anything = document(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
    for (name, arn, wanted) in [
        ("KongRole", &kong, may_assume(&login)),
        ("VaultRole", &login, may_get_role(&login)),
    ] {
        let resource = format!("{arn}#policy/vaultiam");
        put_role_policy(&nothing, name, "vaultiam", &anything);
        let field = ("policy", anything.clone(), wanted.clone());
        heals(&nothing, settings, "update", &resource, &[field]);
        let words = [
            "iam",
            "delete-role-policy",
            "--role-name",
            name,
            "--policy-name",
            "vaultiam",
        ];
        nothing.aws(&words);
        heals(
            &nothing,
            settings,
            "create",
            &resource,
            &[("policy", Value::Null, wanted)],
        );
    }

    // A tag: another value, gone, and one of somebody else's beside it.
    let tags = |team: Option<&str>| {
        let mut tags = super::our_tags("kong");
        tags["cost-center"] = json!("42");
        if let Some(team) = team {
            tags["team"] = json!(team);
        }
        tags
    };
    let tag = |words: &[&str]| {
        let words = [&["iam"], words].concat();
        nothing.aws(&words);
    };
    let others = ["Key=cost-center,Value=42", "Key=team,Value=other"];
    tag(&[
        &["tag-role", "--role-name", "KongRole", "--tags"][..],
        &others,
    ]
    .concat());
    let field = ("tags", tags(Some("other")), tags(Some("edge")));
    heals(&nothing, settings, "update", &kong, &[field]);
    tag(&[
        "untag-role",
        "--role-name",
        "KongRole",
        "--tag-keys",
        "team",
    ]);
    let field = ("tags", tags(None), tags(Some("edge")));
    heals(&nothing, settings, "update", &kong, &[field]);
    assert_eq!(roles(&nothing)["KongRole"]["tags"], tags(Some("edge")));
    tag(&[
        "untag-role",
        "--role-name",
        "KongRole",
        "--tag-keys",
        "cost-center",
    ]);

    // Instance profiles: empty, and gone.
    for (name, arn) in [("KongRole", &kong), ("VaultRole", &login)] {
        let profile = arn.replacen(":role/", ":instance-profile/", 1);
        remove_from_profile(&nothing, name, name);
        let field = ("roles", json!([]), json!([name]));
        heals(&nothing, settings, "update", &profile, &[field]);
        remove_from_profile(&nothing, name, name);
        tag(&["delete-instance-profile", "--instance-profile-name", name]);
        let mut made = super::our_tags("kong");
        made["team"] = json!("edge");
        let fields = [
            ("roles", Value::Null, json!([name])),
            ("tags", Value::Null, made),
        ];
        heals(&nothing, settings, "create", &profile, &fields);
    }
    assert_eq!(roles(&nothing), expected);
    log_in(&nothing, settings);
}

#[test]
fn the_same_document_in_other_words_is_no_drift() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let kong = nothing.role_arn("KongRole");
    let mut by_kong = role_may_assume(&kong);
    by_kong["Principal"] = json!({ "AWS": [kong] });
    by_kong["Action"] = json!(["sts:AssumeRole"]);
    let trust = document(&[ec2_may_assume("VaultiamServer"), by_kong]);
    set_trust(&nothing, "VaultRole", &trust);
    assert_in_place(&nothing, "");
    // A role of somebody else's is none of our business.
    create_role(&nothing, "Bystander", &trust, &[]);
    assert_in_place(&nothing, "");
}

#[test]
fn every_field_of_the_client_configuration_is_shown_and_healed() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let expected = client_config(&nothing);
    let resource = "vault:auth/aws/config/client";
    for (name, found, wanted) in [
        ("iam_endpoint", json!("https://iam.example.com"), json!("")),
        (
            "iam_server_id_header_value",
            json!("vault.example.com"),
            json!(""),
        ),
        (
            "sts_endpoint",
            json!("https://sts.eu-west-1.amazonaws.com"),
            json!(""),
        ),
        ("sts_region", json!("eu-west-1"), json!("")),
        ("use_sts_region_from_client", json!(false), json!(true)),
    ] {
        let pair = format!("{name}={}", found.as_str().unwrap_or("false"));
        nothing.vault(&["write", "auth/aws/config/client", &pair]);
        heals(&nothing, "", "update", resource, &[(name, found, wanted)]);
        assert_eq!(client_config(&nothing), expected, "{name}");
    }
    // What setup does not own is somebody's own business, and stays.
    nothing.vault(&[
        "write",
        "auth/aws/config/client",
        "max_retries=4",
        "sts_region=eu-west-1",
    ]);
    set_up(&nothing, "");
    let config = client_config(&nothing);
    assert_eq!(
        (&config["max_retries"], &config["sts_region"]),
        (&json!(4), &json!(""))
    );
    log_in(&nothing, "");
}

#[test]
fn every_field_of_vaults_role_is_shown_and_healed() {
    let nothing = servers().nothing();
    let settings = "vault: { bound_cidrs: [\"127.0.0.0/8\", \"10.0.0.0/8\"] }\n";
    set_up(&nothing, settings);
    let role = || vault_role(&nothing, "aws", "kong-role");
    let expected = role();
    let resource = "vault:auth/aws/role/kong-role";
    let path = "auth/aws/role/kong-role";
    let both = json!(["127.0.0.0/8", "10.0.0.0/8"]);
    let rows: [(&[&str], &[Field]); 10] = [
        (
            &[
                "inferred_entity_type=ec2_instance",
                "inferred_aws_region=eu-west-1",
            ],
            &[
                ("inferred_entity_type", json!("ec2_instance"), json!("")),
                ("inferred_aws_region", json!("eu-west-1"), json!("")),
            ],
        ),
        (
            &["token_policies=admin,kong-policy"],
            &[(
                "token_policies",
                json!(["admin", "kong-policy"]),
                json!(["kong-policy"]),
            )],
        ),
        (
            &["token_ttl=2h"],
            &[("token_ttl", json!(7200), json!(3600))],
        ),
        (
            &["token_max_ttl=240h"],
            &[("token_max_ttl", json!(864_000), json!(86400))],
        ),
        (
            &["token_explicit_max_ttl=2h"],
            &[("token_explicit_max_ttl", json!(7200), json!(0))],
        ),
        (
            &["token_period=1h"],
            &[("token_period", json!(3600), json!(0))],
        ),
        (
            &["token_bound_cidrs=127.0.0.0/8"],
            &[("token_bound_cidrs", json!(["127.0.0.0/8"]), both)],
        ),
        (
            &["token_no_default_policy=true"],
            &[("token_no_default_policy", json!(true), json!(false))],
        ),
        (
            &["token_num_uses=3"],
            &[("token_num_uses", json!(3), json!(0))],
        ),
        (
            &["token_type=batch"],
            &[("token_type", json!("batch"), json!("service"))],
        ),
    ];
    for (written, fields) in rows {
        nothing.vault(&[&["write", path][..], written].concat());
        heals(&nothing, settings, "update", resource, fields);
        assert_eq!(role(), expected, "{written:?}");
    }

    // Somebody else bound instead of ours: both are bound then.
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    put_role_policy(&nothing, "VaultRole", "theirs", &may_get_role(&kong));
    nothing.vault(&["write", path, &format!("bound_iam_principal_arn={kong}")]);
    let field = (
        "bound_iam_principal_arn",
        json!([kong]),
        json!([kong, login]),
    );
    heals(&nothing, settings, "update", resource, &[field]);
    nothing.vault(&["write", path, &format!("bound_iam_principal_arn={login}")]);
    assert_in_place(&nothing, settings);

    // What Vault lets nobody change of a role, somebody made anew.
    nothing.vault(&["delete", path]);
    let bound = format!("bound_iam_principal_arn={login}");
    let as_ours = [
        "write",
        path,
        "auth_type=iam",
        &bound,
        "resolve_aws_unique_ids=false",
        "token_policies=kong-policy",
        "token_ttl=1h",
        "token_max_ttl=24h",
        "token_type=service",
        "token_bound_cidrs=127.0.0.0/8,10.0.0.0/8",
    ];
    nothing.vault(&as_ours);
    let field = ("resolve_aws_unique_ids", json!(false), json!(true));
    heals(&nothing, settings, "update", resource, &[field]);
    assert_eq!(
        role()["bound_iam_principal_id"],
        expected["bound_iam_principal_id"]
    );
    log_in(&nothing, settings);

    nothing.vault(&["delete", path]);
    nothing.vault(&[
        "write",
        path,
        "auth_type=ec2",
        "bound_ami_id=ami-0123",
        "token_ttl=1h",
    ]);
    let planned = plan(&nothing, settings);
    let shown = changes(&planned);
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!(shown[0].1, resource);
    assert!(shown[0].2.contains(&"auth_type".to_owned()), "{shown:?}");
    set_up(&nothing, settings);
    // The fields of the other kind of login went with it.
    assert_eq!(role()["bound_ami_id"], json!([]));
    assert_in_place(&nothing, settings);

    nothing.vault(&["delete", path]);
    let planned = plan(&nothing, settings);
    assert_eq!(planned["changes"][0]["action"], "create");
    assert_eq!(
        planned["changes"][0]["fields"].as_array().unwrap().len(),
        14
    );
    set_up(&nothing, settings);
    assert_in_place(&nothing, settings);
    log_in(&nothing, settings);
}

#[test]
fn the_policy_and_the_mounts_come_back() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let resource = "vault:sys/policies/acl/kong-policy";
    let read = || nothing.vault(&["policy", "read", "kong-policy"])["policy"].clone();
    let wanted = read();
    // Under our comment, but wider.
    let wider =
        "# managed by vaultiam (stack kong)\npath \"*\" {\n  capabilities = [\"sudo\"]\n}\n";
    let (status, _) = nothing.vault_api(
        "POST",
        "sys/policies/acl/kong-policy",
        &json!({ "policy": wider }),
    );
    assert_eq!(status, 204);
    let field = ("policy", json!(wider), wanted.clone());
    heals(&nothing, "", "update", resource, &[field]);
    assert_eq!(read(), wanted);
    nothing.vault(&["policy", "delete", "kong-policy"]);
    heals(
        &nothing,
        "",
        "create",
        resource,
        &[("policy", Value::Null, wanted.clone())],
    );
    assert_eq!(read(), wanted);

    nothing.vault(&["secrets", "disable", "kv"]);
    let description = json!("managed by vaultiam (stack kong)");
    let fields = [
        ("type", Value::Null, json!("kv-v2")),
        ("description", Value::Null, description),
    ];
    heals(&nothing, "", "create", "vault:sys/mounts/kv", &fields);

    nothing.vault(&["auth", "disable", "aws"]);
    let resources: Vec<String> = changes(&plan(&nothing, ""))
        .into_iter()
        .map(|(action, resource, _)| format!("{action} {resource}"))
        .collect();
    let expected = [
        "create vault:sys/auth/aws",
        "create vault:auth/aws/config/client",
        "create vault:auth/aws/role/kong-role",
    ];
    assert_eq!(resources, expected);
    let ended = with_settings(nothing.as_operator(), "").run(&["setup", "--yes", "-q"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let told: String = expected
        .iter()
        .map(|line| line.replace("create ", "done      ") + "\n")
        .collect();
    assert_eq!(ended.stdout, told);
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}

#[test]
fn a_role_that_was_written_with_the_old_names_of_fields_is_brought_in_line() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let path = "auth/aws/role/kong-role";
    nothing.vault(&["delete", path]);
    let bound = format!("bound_iam_principal_arn={}", nothing.role_arn("VaultRole"));
    let old = ["policies=admin", "ttl=5m", "max_ttl=10m", "period=1m"];
    nothing.vault(&[&["write", path, "auth_type=iam", &bound][..], &old].concat());
    let planned = plan(&nothing, "");
    let names = [
        "token_policies",
        "token_ttl",
        "token_max_ttl",
        "token_period",
        "token_type",
    ];
    let names = names.map(str::to_owned);
    let shown = changes(&planned);
    assert_eq!(shown.len(), 1, "{shown:?}");
    for name in &shown[0].2 {
        assert!(names.contains(name), "{shown:?}");
    }
    set_up(&nothing, "");
    let role = vault_role(&nothing, "aws", "kong-role");
    for (name, value) in [
        ("token_policies", json!(["kong-policy"])),
        ("token_ttl", json!(3600)),
        ("token_max_ttl", json!(86400)),
        ("token_period", json!(0)),
    ] {
        assert_eq!(role[name], value, "{name}: {role}");
    }
    assert_in_place(&nothing, "");
    let token = log_in(&nothing, "")["token"].clone();
    assert_eq!(token["token_policies"], json!(["default", "kong-policy"]));
    assert_eq!(token["ttl_seconds"], 3600);
}
