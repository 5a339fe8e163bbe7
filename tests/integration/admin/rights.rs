//! What a token may do, and what it may not.

use serde_json::{Map, json};

use vaultiam::fault::{Cause, KvProblem, LocalProblem, Side};
use vaultiam::settings::KvVersion;
use vaultiam::vault::admin::{VaultReader, VaultWriter, is_forbidden};

use super::{OURS, as_admin, connect, fields, place, role_bound_to};
use crate::servers::servers;

/// With a token that has one policy of this text.
fn with_rights(name: &str, policy: &str) -> (VaultReader, VaultWriter) {
    let servers = servers();
    let body = json!({ "policy": policy });
    let (status, said) = servers.vault("PUT", &format!("sys/policies/acl/{name}"), &body);
    assert_eq!(status, 204, "{said}");
    let body = json!({ "policies": [name], "no_default_policy": true, "ttl": "5m" });
    let (_, made) = servers.vault("POST", "auth/token/create", &body);
    let token = made["auth"]["client_token"].as_str().unwrap();
    connect(servers.get("VAULT_ADDR"), token)
}

#[tokio::test]
async fn a_token_without_rights_is_told_from_one_that_is_dead() {
    let servers = servers();
    let rules = [
        with_rights(
            "admin-nothing",
            "path \"nothing\" { capabilities = [\"read\"] }",
        ),
        connect(
            servers.get("VAULT_ADDR"),
            "hvs.canarycanarycanarycanarycanary",
        ),
    ];
    let empty = Map::new();
    for (index, (reader, writer)) in rules.iter().enumerate() {
        let faults = [
            reader.get_auth_mount("aws").await.unwrap_err(),
            reader.get_secrets_mount("kv").await.unwrap_err(),
            reader.list_auth_roles("aws").await.unwrap_err(),
            reader.get_auth_role("aws", "kong").await.unwrap_err(),
            reader.get_client_config("aws").await.unwrap_err(),
            reader.get_policy("kong").await.unwrap_err(),
            writer.enable_auth("aws", "aws", "").await.unwrap_err(),
            writer.disable_auth("aws").await.unwrap_err(),
            writer.write_client_config("aws", &empty).await.unwrap_err(),
            writer
                .write_auth_role("aws", "kong", &empty)
                .await
                .unwrap_err(),
            writer.delete_auth_role("aws", "kong").await.unwrap_err(),
            writer.write_policy("kong", "").await.unwrap_err(),
            writer.delete_policy("kong").await.unwrap_err(),
            writer
                .enable_kv("kv", KvVersion::Two, "")
                .await
                .unwrap_err(),
            writer.disable_secrets("kv").await.unwrap_err(),
        ];
        for fault in faults {
            assert_eq!(
                (fault.status, fault.side),
                (Some(403), Side::Vault),
                "{fault}"
            );
            assert_eq!(is_forbidden(&fault), index == 0, "{fault:?}");
            let is_dead = fault.cause == Cause::Kv(KvProblem::TokenInvalid);
            assert_eq!(is_dead, index == 1, "{fault:?}");
            assert!(!format!("{fault:?}").contains("canary"));
        }
    }
    let paths = ["nothing".to_owned(), "sys/auth".to_owned()];
    let policy = "path \"nothing\" { capabilities = [\"read\"] }\npath \"sys/capabilities-self\" { capabilities = [\"update\"] }";
    let (reader, _) = with_rights("admin-asks", policy);
    let rights = reader.get_capabilities(&paths).await.unwrap();
    assert_eq!(rights["nothing"], ["read"]);
    assert_eq!(rights["sys/auth"], ["deny"]);
}

#[tokio::test]
async fn a_mount_may_be_asked_alone_where_the_list_is_forbidden() {
    let (_, writer) = as_admin();
    writer.enable_auth("admin-one", "aws", OURS).await.unwrap();
    writer
        .enable_kv("admin-one", KvVersion::Two, OURS)
        .await
        .unwrap();
    let policy = "path \"sys/auth/admin-one\" { capabilities = [\"read\", \"sudo\"] }\n\
                  path \"sys/auth/admin-none\" { capabilities = [\"read\", \"sudo\"] }\n\
                  path \"sys/mounts/admin-one\" { capabilities = [\"read\"] }\n\
                  path \"sys/mounts/admin-none\" { capabilities = [\"read\"] }";
    let (reader, _) = with_rights("admin-one", policy);
    let seen = reader.get_auth_mount("admin-one").await.unwrap().unwrap();
    assert_eq!(seen.description, OURS);
    assert_eq!(reader.get_auth_mount("admin-none").await.unwrap(), None);
    let seen = reader.get_secrets_mount("admin-one").await.unwrap();
    assert_eq!(seen.unwrap().version, Some(KvVersion::Two));
    assert_eq!(reader.get_secrets_mount("admin-none").await.unwrap(), None);
    let fault = reader.get_auth_mount("admin-two").await.unwrap_err();
    assert_eq!(place(&fault), ("vault", "sys/auth", "admin-two", Some(403)));
}

/// The rights that the design gives an operator, and no more.
const OPERATOR: &str = r#"
path "sys/auth" { capabilities = ["read"] }
path "sys/mounts" { capabilities = ["read"] }
path "sys/auth/admin-op" { capabilities = ["create", "read", "update", "delete", "sudo"] }
path "sys/mounts/admin-op-kv" { capabilities = ["create", "read", "update"] }
path "sys/policies/acl/admin-op-kong" { capabilities = ["create", "read", "update", "delete"] }
path "auth/admin-op/config/client" { capabilities = ["create", "read", "update", "delete"] }
path "auth/admin-op/role/kong" { capabilities = ["create", "read", "update", "delete"] }
path "auth/admin-op/roles" { capabilities = ["list"] }
path "sys/capabilities-self" { capabilities = ["update"] }
"#;

#[tokio::test]
async fn an_operator_with_the_documented_rights_can_do_it_all() {
    let (reader, writer) = with_rights("admin-operator", OPERATOR);
    let mount = "admin-op";
    assert_eq!(reader.get_auth_mount(mount).await.unwrap(), None);
    let paths = ["sys/auth/admin-op".to_owned()];
    let rights = reader.get_capabilities(&paths).await.unwrap();
    assert!(rights[&paths[0]].contains(&"sudo".to_owned()), "{rights:?}");
    writer.enable_auth(mount, "aws", OURS).await.unwrap();
    let config = fields(json!({ "sts_region": "" }));
    writer.write_client_config(mount, &config).await.unwrap();
    let mut role = role_bound_to("arn:aws:iam::123456789012:role/VaultRole");
    role["resolve_aws_unique_ids"] = json!(false);
    writer.write_auth_role(mount, "kong", &role).await.unwrap();
    assert_eq!(reader.list_auth_roles(mount).await.unwrap(), ["kong"]);
    assert!(reader.get_auth_role(mount, "kong").await.unwrap().is_some());
    assert!(reader.get_client_config(mount).await.unwrap().is_some());
    writer
        .write_policy("admin-op-kong", "# ours\n")
        .await
        .unwrap();
    let policy = reader.get_policy("admin-op-kong").await.unwrap();
    assert_eq!(policy.as_deref(), Some("# ours\n"));
    writer
        .enable_kv("admin-op-kv", KvVersion::Two, OURS)
        .await
        .unwrap();
    let kv = reader.get_secrets_mount("admin-op-kv").await.unwrap();
    assert_eq!(kv.unwrap().description, OURS);
    writer.delete_policy("admin-op-kong").await.unwrap();
    writer.delete_auth_role(mount, "kong").await.unwrap();
    writer.disable_auth(mount).await.unwrap();
    assert_eq!(reader.get_auth_mount(mount).await.unwrap(), None);
    // The secrets are not theirs to delete.
    let fault = writer.disable_secrets("admin-op-kv").await.unwrap_err();
    assert!(is_forbidden(&fault), "{fault}");
}

#[tokio::test]
async fn a_name_cannot_lead_elsewhere() {
    let (reader, writer) = as_admin();
    writer.enable_auth("admin-safe", "aws", OURS).await.unwrap();
    let name = "../../auth/admin-safe";
    let faults = [
        writer.delete_policy(name).await.unwrap_err(),
        writer
            .delete_auth_role("x", "../../sys/auth/x")
            .await
            .unwrap_err(),
        writer.disable_auth("").await.unwrap_err(),
        writer.disable_secrets("a//b").await.unwrap_err(),
        reader.get_policy("./x").await.unwrap_err(),
    ];
    for fault in faults {
        let cause = Cause::Local(LocalProblem::MalformedSetting);
        assert_eq!(fault.cause, cause, "{fault}");
    }
    assert!(reader.get_auth_mount("admin-safe").await.unwrap().is_some());
}
