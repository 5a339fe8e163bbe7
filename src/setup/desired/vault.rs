//! Vault's side.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::roles::Names;
use super::{DesiredVault, Ground};
use crate::aws::identity::Partition;
use crate::settings::{
    KvVersion, ProvisionSettings, Settings, SettingsError, SettingsProblem, StsMode,
};
use crate::vault::namespace;

pub(super) fn vault(
    settings: &Settings,
    names: &Names,
    ground: &Ground,
) -> Result<DesiredVault, SettingsError> {
    let provision = &settings.provision;
    let bound = names.bound(settings.topology);
    let kv_version = settings.kv.version.unwrap_or(KvVersion::Two);
    let kv_namespace = below(settings)?;
    Ok(DesiredVault {
        namespace: settings.vault.namespace.clone(),
        kv_namespace: settings.kv.namespace.clone(),
        auth_mount: settings.vault.auth_mount.clone(),
        auth_type: provision.auth_type.clone(),
        description: format!("managed by vaultiam (stack {})", provision.stack),
        client_config: client_config(settings, names, ground)?,
        // Vault writes the names of roles and policies small.
        role_name: settings.vault.auth_role.to_lowercase(),
        bound_arn: bound.to_owned(),
        role: auth_role(provision, bound),
        policy_name: provision.policy.to_lowercase(),
        policy: policy_text(provision, &kv_namespace, &settings.kv.prefix, kv_version),
        kv_mount: provision.kv_mount.clone(),
        kv_prefix: settings.kv.prefix.trim_matches('/').to_owned(),
        kv_version,
    })
}

/// The fields of `config/client` for the way in which Vault is to ask STS. No
/// keys: Vault's server has an identity of its own.
fn client_config(
    settings: &Settings,
    names: &Names,
    ground: &Ground,
) -> Result<Map<String, Value>, SettingsError> {
    let vault = &settings.vault;
    let (endpoint, sts_region, from_client) = match ground.sts {
        StsMode::Client => (String::new(), String::new(), true),
        StsMode::Regional => {
            let region = vault.sts_region.as_deref().unwrap_or(&ground.region);
            let host = Partition::of_region(region).sts_host(region);
            let endpoint = vault
                .aws_sts_endpoint
                .clone()
                .unwrap_or(format!("https://{host}"));
            (endpoint, region.to_owned(), false)
        }
        StsMode::Global if names.partition.name != "aws" => {
            return Err(SettingsError::new(
                SettingsProblem::Contradiction,
                "vault.sts",
                format!(
                    "the partition {} has no global STS endpoint; use client or regional",
                    names.partition.name
                ),
            ));
        }
        StsMode::Global => (String::new(), String::new(), false),
    };
    let mut fields = Map::new();
    fields.insert(
        "iam_endpoint".to_owned(),
        json!(
            settings
                .provision
                .aws_iam_endpoint
                .clone()
                .unwrap_or_default()
        ),
    );
    fields.insert(
        "iam_server_id_header_value".to_owned(),
        json!(vault.server_id.clone().unwrap_or_default()),
    );
    fields.insert("sts_endpoint".to_owned(), json!(endpoint));
    fields.insert("sts_region".to_owned(), json!(sts_region));
    fields.insert("use_sts_region_from_client".to_owned(), json!(from_client));
    Ok(fields)
}

fn auth_role(provision: &ProvisionSettings, bound: &str) -> Map<String, Value> {
    let fields = json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": [bound],
        "resolve_aws_unique_ids": provision.resolve_unique_ids,
        "inferred_entity_type": "",
        "inferred_aws_region": "",
        "token_policies": [provision.policy.to_lowercase()],
        "token_ttl": whole_seconds(provision.ttl),
        "token_max_ttl": whole_seconds(provision.max_ttl),
        "token_explicit_max_ttl": 0,
        "token_period": 0,
        "token_bound_cidrs": provision.bound_cidrs.iter().map(|cidr| as_vault_has_it(cidr)).collect::<Vec<_>>(),
        "token_no_default_policy": false,
        "token_num_uses": provision.num_uses,
        "token_type": provision.token_type.name(),
    });
    fields.as_object().cloned().unwrap_or_default()
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs()
}

/// Vault shows a network of one address without its length.
fn as_vault_has_it(cidr: &str) -> &str {
    let is_v4 = !cidr.contains(':');
    let length = if is_v4 { "/32" } else { "/128" };
    cidr.strip_suffix(length).unwrap_or(cidr)
}

/// The KV engine's namespace as the policy names it: relative to its own, with a
/// slash at the end.
///
/// Source: "Namespaces" in Vault's documentation: a policy reaches into child
/// namespaces, and nowhere else.
fn below(settings: &Settings) -> Result<String, SettingsError> {
    let own = settings.vault.namespace.as_deref();
    let kv = settings.kv.namespace.as_deref();
    namespace::below(own, kv).ok_or_else(|| {
        SettingsError::new(
            SettingsProblem::Contradiction,
            "kv.namespace",
            format!(
                "'{}' must be vault.namespace ('{}') or lie below it: a policy reaches nowhere else",
                namespace::canonical(kv),
                namespace::canonical(own)
            ),
        )
    })
}

/// The policy of the token: reading what lies below the prefix, nothing else.
fn policy_text(
    provision: &ProvisionSettings,
    namespace: &str,
    prefix: &str,
    version: KvVersion,
) -> String {
    let data = match version {
        KvVersion::One => "",
        KvVersion::Two => "data/",
    };
    let prefix = prefix.trim_matches('/');
    let below = if prefix.is_empty() {
        "*".to_owned()
    } else {
        format!("{prefix}/*")
    };
    format!(
        "# managed by vaultiam (stack {})\npath \"{namespace}{}/{data}{below}\" {{\n  capabilities = [\"read\"]\n}}\n",
        provision.stack, provision.kv_mount
    )
}
