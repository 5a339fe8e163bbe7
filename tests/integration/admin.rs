//! What setup reads and writes in Vault, on the real one: what is written is
//! what is read, and each refusal is told apart.

mod rights;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use vaultiam::fault::{Fault, Side};
use vaultiam::secret::Secret;
use vaultiam::settings::{Environment, Flags, KvVersion, resolve};
use vaultiam::trace::StepId;
use vaultiam::vault::admin::{
    AuthMountSeen, SecretsMountSeen, VaultReader, VaultWriter, is_path_in_use,
    is_principal_unknown_to_vault, is_waiting_for_identity, path_in_use,
};
use vaultiam::vault::client::VaultClient;

use crate::servers::servers;

const OURS: &str = "managed by vaultiam (stack kong)";

fn client_of(address: &str) -> Arc<VaultClient> {
    let environment: Environment =
        std::iter::once(("VAULT_ADDR".to_owned(), address.to_owned())).collect();
    let settings = resolve(&Flags::new(), &environment, None).unwrap();
    Arc::new(VaultClient::new(&settings.vault).unwrap())
}

/// A reader and a writer with a token, at an address.
fn connect(address: &str, token: &str) -> (VaultReader, VaultWriter) {
    let client = client_of(address);
    let token = Secret::from(token.to_owned());
    (
        VaultReader::new(client.clone(), None, token.clone()),
        VaultWriter::new(client, None, token),
    )
}

fn as_admin() -> (VaultReader, VaultWriter) {
    let servers = servers();
    connect(servers.get("VAULT_ADDR"), servers.get("VAULT_TOKEN"))
}

/// The admin at a relay that says all of Vault's errors in other words.
fn reworded() -> (VaultReader, VaultWriter) {
    let servers = servers();
    let rules = json!({ "rules": [{ "match": {}, "do": { "reword": true } }] });
    let relay = servers.control("POST", "relays", &rules);
    connect(relay["url"].as_str().unwrap(), servers.get("VAULT_TOKEN"))
}

fn fields(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn role_bound_to(arn: &str) -> Map<String, Value> {
    fields(json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": [arn],
        "resolve_aws_unique_ids": true,
        "token_policies": ["kong-policy"],
    }))
}

/// Where a refusal stands: side, operation, target, status.
fn place(fault: &Fault) -> (&str, &str, &str, Option<u16>) {
    let side = fault.side.name();
    (side, &fault.operation, &fault.target, fault.status)
}

#[tokio::test]
async fn an_auth_mount_comes_and_goes() {
    let (reader, writer) = as_admin();
    let path = "admin-auth/team";
    assert_eq!(reader.get_auth_mount(path).await.unwrap(), None);
    let warnings = writer.enable_auth(path, "aws", OURS).await.unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    let seen = reader.get_auth_mount("/admin-auth/team/").await.unwrap();
    let AuthMountSeen {
        kind,
        description,
        accessor,
    } = seen.unwrap();
    assert_eq!((kind.as_str(), description.as_str()), ("aws", OURS));
    assert!(accessor.starts_with("auth_aws_"), "{accessor}");
    // A mount above it is another one.
    assert_eq!(reader.get_auth_mount("admin-auth").await.unwrap(), None);
    for taken in [path, "admin-auth", "admin-auth/team/deep"] {
        for (_, writer) in [as_admin(), reworded()] {
            let fault = writer.enable_auth(taken, "aws", OURS).await.unwrap_err();
            let operation = format!("sys/auth/{taken}");
            assert_eq!(
                place(&fault),
                ("vault", operation.as_str(), taken, Some(400))
            );
            assert!(is_path_in_use(&fault), "{fault}");
            assert_eq!(path_in_use(&fault), Some(path));
        }
    }
    let fault = writer.enable_auth("admin-other", "no-plugin", OURS).await;
    let fault = fault.unwrap_err();
    assert!(fault.message.contains("plugin not found"), "{fault}");
    assert!(!is_path_in_use(&fault));
    writer.disable_auth(path).await.unwrap();
    assert_eq!(reader.get_auth_mount(path).await.unwrap(), None);
    assert_eq!(writer.disable_auth(path).await.unwrap(), [""; 0]);
}

/// What Vault has in `config/client` where only ours was written.
fn whole_config(written: &Map<String, Value>) -> Map<String, Value> {
    let mut whole = fields(json!({
        "access_key": "", "allowed_sts_header_values": null, "disable_automated_rotation": false,
        "endpoint": "", "iam_endpoint": "", "iam_server_id_header_value": "",
        "identity_token_audience": "", "identity_token_ttl": 0, "max_retries": -1, "role_arn": "",
        "rotation_period": 0, "rotation_schedule": "", "rotation_window": 0, "sts_endpoint": "",
        "sts_region": "", "use_sts_region_from_client": false,
    }));
    for (name, value) in written {
        *whole.get_mut(name).unwrap() = value.clone();
    }
    whole
}

#[tokio::test]
async fn the_configuration_is_read_as_it_was_written() {
    let (reader, writer) = as_admin();
    let mount = "admin-config";
    writer.enable_auth(mount, "aws", OURS).await.unwrap();
    assert_eq!(reader.get_client_config(mount).await.unwrap(), None);
    let client =
        json!({ "sts_endpoint": "", "sts_region": "", "use_sts_region_from_client": true });
    let regional = json!({
        "sts_endpoint": "https://sts.eu-central-1.amazonaws.com",
        "sts_region": "eu-central-1",
        "use_sts_region_from_client": false,
    });
    let global =
        json!({ "sts_endpoint": "", "sts_region": "", "use_sts_region_from_client": false });
    // From each mode to each: writes merge, so all three fields are in each.
    let modes = [
        &client, &regional, &global, &regional, &client, &global, &client,
    ];
    for mode in modes {
        let written = fields(mode.clone());
        let warnings = writer.write_client_config(mount, &written).await.unwrap();
        assert_eq!(warnings, Vec::<String>::new());
        let seen = reader.get_client_config(mount).await.unwrap().unwrap();
        let same: Map<String, Value> = written
            .keys()
            .map(|name| (name.clone(), seen[name].clone()))
            .collect();
        let bytes = |map: &Map<String, Value>| serde_json::to_string(map).unwrap();
        assert_eq!(bytes(&same), bytes(&written));
        assert_eq!(bytes(&seen), bytes(&whole_config(&written)));
    }
    // The article's field, which Vault drops without an error or a warning.
    let before = reader.get_client_config(mount).await.unwrap().unwrap();
    let article = fields(json!({ "region": "us-east-1" }));
    let warnings = writer.write_client_config(mount, &article).await.unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    let after = reader.get_client_config(mount).await.unwrap().unwrap();
    assert_eq!(after, before);
    assert!(!after.contains_key("region"));
    // A field with a value that it cannot have.
    let wrong = fields(json!({ "max_retries": "many" }));
    let fault = writer.write_client_config(mount, &wrong).await.unwrap_err();
    let operation = "auth/admin-config/config/client";
    assert_eq!(place(&fault), ("vault", operation, mount, Some(400)));
}

#[tokio::test]
async fn keys_in_the_configuration_are_not_shown() {
    let (reader, writer) = as_admin();
    let mount = "admin-keys";
    writer.enable_auth(mount, "aws", OURS).await.unwrap();
    let (key, secret) = ("AKIACANARYCANARYKEY1", "canary-in-no-known-form");
    let written = fields(json!({ "access_key": key, "secret_key": secret }));
    writer.write_client_config(mount, &written).await.unwrap();
    let seen = reader.get_client_config(mount).await.unwrap().unwrap();
    assert_eq!(seen["access_key"], key);
    assert!(!seen.contains_key("secret_key"));
    let text = format!("{seen:?} {:?}", seen.shown());
    assert!(text.contains("AKIA…KEY1") && !text.contains(key), "{text}");
    // STS does not know the key: the role is refused by AWS, through Vault.
    let role = role_bound_to("arn:aws:iam::123456789012:role/VaultRole");
    let fault = writer.write_auth_role(mount, "kong", &role).await;
    let fault = fault.unwrap_err();
    assert_eq!(fault.side, Side::StsViaVault, "{fault}");
    assert_eq!(
        fault.code.as_deref(),
        Some("InvalidClientTokenId"),
        "{fault}"
    );
    assert!(!is_waiting_for_identity(&fault) && !is_principal_unknown_to_vault(&fault));
    // The words of a refusal, even if Vault repeated what was sent.
    let wrong = fields(json!({ "access_key": key, "secret_key": secret, "max_retries": secret }));
    let refused = writer.write_client_config(mount, &wrong).await.unwrap_err();
    assert!(refused.message.contains("[redacted]"), "{refused}");
    let text = format!("{fault:?} {refused:?}");
    assert!(!text.contains(secret) && !text.contains("canary"), "{text}");
}

#[tokio::test]
async fn a_role_is_read_as_it_was_written() {
    let article = servers().article();
    let (reader, writer) = as_admin();
    let mount = article.auth_mount.as_str();
    assert_eq!(reader.list_auth_roles(mount).await.unwrap(), ["kong-role"]);
    assert_eq!(reader.get_auth_role(mount, "mine").await.unwrap(), None);
    let written = fields(json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": [article.login_role_arn, article.kong_role_arn],
        "resolve_aws_unique_ids": true,
        "inferred_entity_type": "",
        "inferred_aws_region": "",
        "token_policies": ["kong-policy"],
        "token_ttl": 3600,
        "token_max_ttl": 86400,
        "token_explicit_max_ttl": 0,
        "token_period": 0,
        "token_num_uses": 0,
        "token_type": "default",
        "token_bound_cidrs": ["127.0.0.0/8"],
        "token_no_default_policy": true,
    }));
    let warnings = writer.write_auth_role(mount, "mine", &written).await;
    assert_eq!(warnings.unwrap(), Vec::<String>::new());
    let seen = reader.get_auth_role(mount, "mine").await.unwrap().unwrap();
    for (name, value) in &written {
        assert_eq!(seen[name], *value, "{name}");
    }
    let ids = seen["bound_iam_principal_id"].as_array().unwrap();
    assert_eq!(ids.len(), 2);
    assert!(
        ids.iter()
            .all(|id| id.as_str().unwrap().starts_with("AROA"))
    );
    // What is not given stays; what is given empty goes.
    let less = fields(json!({ "token_policies": [], "token_bound_cidrs": [], "token_ttl": 0 }));
    writer.write_auth_role(mount, "mine", &less).await.unwrap();
    let after = reader.get_auth_role(mount, "mine").await.unwrap().unwrap();
    for (name, value) in &seen {
        let expected = less.get(name).unwrap_or(value);
        assert_eq!(after[name], *expected, "{name}");
    }
    // A lifetime longer than the mount's is remarked, not refused.
    let long = fields(json!({ "token_max_ttl": "9000h", "no_such_field": 1 }));
    let warnings = writer.write_auth_role(mount, "mine", &long).await.unwrap();
    assert!(
        warnings.iter().any(|words| words.contains("max ttl")),
        "{warnings:?}"
    );
    let mut listed = reader.list_auth_roles(mount).await.unwrap();
    listed.sort();
    assert_eq!(listed, ["kong-role", "mine"]);
    writer.delete_auth_role(mount, "mine").await.unwrap();
    assert_eq!(reader.get_auth_role(mount, "mine").await.unwrap(), None);
    writer.delete_auth_role(mount, "mine").await.unwrap();
}

#[tokio::test]
async fn without_unique_ids_nobody_is_asked() {
    let article = servers().article();
    let (reader, writer) = as_admin();
    let mount = article.auth_mount.as_str();
    let nobody = format!("arn:aws:iam::{}:role/Nobody", article.account);
    let asked_before = servers().aws_requests(&article.account).len();
    let mut role = role_bound_to(&nobody);
    role["resolve_aws_unique_ids"] = json!(false);
    writer
        .write_auth_role(mount, "by-name", &role)
        .await
        .unwrap();
    let seen = reader.get_auth_role(mount, "by-name").await.unwrap();
    let seen = seen.unwrap();
    assert_eq!(seen["bound_iam_principal_arn"], json!([nobody]));
    assert_eq!(seen["bound_iam_principal_id"], json!([]));
    assert_eq!(seen["resolve_aws_unique_ids"], false);
    let asked = servers().aws_requests(&article.account).len();
    assert_eq!(asked, asked_before);
    // From names to ids it may be changed, not back.
    let known = role_bound_to(&article.login_role_arn);
    writer
        .write_auth_role(mount, "by-name", &known)
        .await
        .unwrap();
    let back = writer.write_auth_role(mount, "by-name", &role).await;
    let fault = back.unwrap_err();
    assert_eq!(fault.side, Side::Vault);
    assert!(fault.message.contains("from true to false"), "{fault}");
}

#[tokio::test]
async fn a_principal_that_iam_does_not_know_is_told() {
    let article = servers().article();
    let (reader, writer) = as_admin();
    let mount = article.auth_mount.as_str();
    let role = role_bound_to(&format!("arn:aws:iam::{}:role/Nobody", article.account));
    let refused = writer.write_auth_role(mount, "mine", &role).await;
    let fault = refused.unwrap_err();
    assert!(is_principal_unknown_to_vault(&fault), "{fault:?}");
    assert!(!is_waiting_for_identity(&fault));
    let operation = format!("auth/{mount}/role/mine");
    let expected = ("iam-via-vault", operation.as_str(), "mine", Some(400));
    assert_eq!(place(&fault), expected);
    assert_eq!(fault.step, StepId::Change);
    let upstream = fault.upstream.unwrap();
    assert!(upstream.starts_with("NoSuchEntity: "), "{upstream}");
    assert_eq!(reader.get_auth_role(mount, "mine").await.unwrap(), None);
}

#[tokio::test]
async fn a_vault_that_iam_refuses_is_told() {
    let article = servers().article();
    let (_, writer) = as_admin();
    // Vault's user may read roles, not users.
    let role = role_bound_to(&format!("arn:aws:iam::{}:user/operator", article.account));
    let refused = writer.write_auth_role(&article.auth_mount, "mine", &role);
    let fault = refused.await.unwrap_err();
    assert_eq!(fault.side, Side::IamViaVault);
    assert_eq!(fault.code.as_deref(), Some("AccessDenied"));
    assert!(fault.upstream.unwrap().contains("iam:GetUser"));
}

#[tokio::test]
async fn a_vault_without_an_identity_is_waited_for() {
    let servers = servers();
    let before = servers.control("GET", "", &Value::Null)["vault_identity"]["role"].clone();
    servers.control("PATCH", "vault-identity", &json!({ "role": "NoSuchRole" }));
    let (reader, writer) = as_admin();
    let mount = "admin-nobody";
    writer.enable_auth(mount, "aws", OURS).await.unwrap();
    let role = role_bound_to("arn:aws:iam::123456789012:role/VaultRole");
    let refused = writer.write_auth_role(mount, "kong", &role).await;
    servers.control("PATCH", "vault-identity", &json!({ "role": before }));
    let fault = refused.unwrap_err();
    assert!(is_waiting_for_identity(&fault), "{fault:?}");
    assert!(!is_principal_unknown_to_vault(&fault));
    let expected = ("vault", "auth/admin-nobody/role/kong", "kong", Some(400));
    assert_eq!(place(&fault), expected);
    let upstream = fault.upstream.unwrap();
    assert!(
        upstream.starts_with("NoCredentialProviders: "),
        "{upstream}"
    );
    assert_eq!(reader.get_auth_role(mount, "kong").await.unwrap(), None);
}

#[tokio::test]
async fn a_policy_comes_and_goes() {
    let (reader, writer) = as_admin();
    let name = "admin-policy";
    let text = "# managed by vaultiam (stack kong) – ü\npath \"kv/data/kong/*\" {\n  capabilities = [\"read\"]\n}\n";
    assert_eq!(reader.get_policy(name).await.unwrap(), None);
    assert_eq!(writer.write_policy(name, text).await.unwrap(), [""; 0]);
    assert_eq!(
        reader.get_policy(name).await.unwrap().as_deref(),
        Some(text)
    );
    let refused = writer.write_policy(name, "path \"x\" {").await.unwrap_err();
    let expected = ("vault", "sys/policies/acl/admin-policy", name, Some(400));
    assert_eq!(place(&refused), expected);
    assert_eq!(
        reader.get_policy(name).await.unwrap().as_deref(),
        Some(text)
    );
    // Vault knows no capitals in names, and says so.
    let warnings = writer.write_policy("Admin-Capital", text).await.unwrap();
    assert_eq!(warnings, ["policy name was converted to admin-capital"]);
    for name in [name, "admin-capital", "admin-absent"] {
        writer.delete_policy(name).await.unwrap();
        assert_eq!(reader.get_policy(name).await.unwrap(), None);
    }
}

#[tokio::test]
async fn both_versions_of_kv_come_and_go() {
    let (reader, writer) = as_admin();
    for (path, version) in [
        ("admin-kv/one", KvVersion::One),
        ("admin-kv/two", KvVersion::Two),
    ] {
        assert_eq!(reader.get_secrets_mount(path).await.unwrap(), None);
        assert_eq!(
            writer.enable_kv(path, version, OURS).await.unwrap(),
            [""; 0]
        );
        let expected = SecretsMountSeen {
            kind: "kv".to_owned(),
            version: Some(version),
            description: OURS.to_owned(),
        };
        assert_eq!(
            reader.get_secrets_mount(path).await.unwrap(),
            Some(expected)
        );
        for (_, writer) in [as_admin(), reworded()] {
            let fault = writer.enable_kv(path, version, OURS).await.unwrap_err();
            assert_eq!(path_in_use(&fault), Some(path), "{fault}");
        }
        writer.disable_secrets(path).await.unwrap();
        assert_eq!(reader.get_secrets_mount(path).await.unwrap(), None);
        writer.disable_secrets(path).await.unwrap();
    }
    // A KV engine that was mounted without a word about its version.
    let body = json!({ "type": "kv" });
    servers().vault("POST", "sys/mounts/admin-kv/plain", &body);
    let plain = reader.get_secrets_mount("admin-kv/plain").await.unwrap();
    assert_eq!(plain.unwrap().version, Some(KvVersion::One));
    let other = reader.get_secrets_mount("cubbyhole").await.unwrap();
    assert_eq!(other.unwrap().version, None);
}

#[tokio::test]
async fn what_lies_in_an_absent_mount_is_absent() {
    let (reader, writer) = as_admin();
    let mount = "admin-absent";
    assert_eq!(reader.list_auth_roles(mount).await.unwrap(), [""; 0]);
    assert_eq!(reader.get_auth_role(mount, "kong").await.unwrap(), None);
    assert_eq!(reader.get_client_config(mount).await.unwrap(), None);
    let role = role_bound_to("arn:aws:iam::123456789012:role/VaultRole");
    let fault = writer.write_auth_role(mount, "kong", &role).await;
    assert_eq!(fault.unwrap_err().status, Some(404));
    // An empty mount has nothing, too.
    let mount = "admin-empty";
    writer.enable_auth(mount, "aws", OURS).await.unwrap();
    assert_eq!(reader.list_auth_roles(mount).await.unwrap(), [""; 0]);
    assert_eq!(reader.get_auth_role(mount, "kong").await.unwrap(), None);
    // A name that no role can have is not one that is absent.
    let fault = reader
        .get_auth_role(mount, "kong role/x")
        .await
        .unwrap_err();
    assert_eq!(fault.status, Some(404), "{fault}");
}

#[tokio::test]
async fn the_namespace_goes_with_every_request() {
    let servers = servers();
    let relay = servers.control("POST", "relays", &json!({}));
    let client = client_of(relay["url"].as_str().unwrap());
    let token = Secret::from(servers.get("VAULT_TOKEN").to_owned());
    let namespace = Some("team/a".to_owned());
    let reader = VaultReader::new(client.clone(), namespace.clone(), token.clone());
    let writer = VaultWriter::new(client, namespace, token);
    // What a Vault without namespaces answers does not matter here.
    reader.get_auth_mount("aws").await.ok();
    reader.get_policy("kong").await.ok();
    reader.list_auth_roles("aws").await.ok();
    reader.get_capabilities(&["aws".to_owned()]).await.ok();
    writer.delete_policy("admin-namespace").await.ok();
    writer.write_policy("admin-namespace", "").await.ok();
    writer
        .write_auth_role("aws", "kong", &Map::new())
        .await
        .ok();
    let path = format!("relays/{}/log", relay["id"].as_str().unwrap());
    let log = servers.control("GET", &path, &Value::Null);
    let entries = log["entries"].as_array().unwrap();
    let requests: Vec<&Value> = entries
        .iter()
        .filter(|entry| entry["event"] == "request")
        .collect();
    assert_eq!(requests.len(), 7, "{log:#}");
    for request in requests {
        assert_eq!(request["namespace"], "team/a", "{request}");
        assert_eq!(request["token"], true, "{request}");
    }
}
