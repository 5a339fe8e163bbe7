//! Where Vault is, what is read there, and the login's place and role.

use url::Url;

use super::entity::{Field, Value, contradiction, wrong};
use super::names::check_in_request;
use crate::settings::{Id, KvVersion, Settings, SettingsError};
use crate::vault::namespace;

/// Where Kong takes the aws auth method to be mounted when it is not told.
const DEFAULT_AUTH_MOUNT: &str = "aws";

/// Protocol, host and port. Kong has no field for a path.
pub(super) fn address(settings: &Settings, address: &Url) -> Result<Vec<Field>, SettingsError> {
    let path = address.path().trim_matches('/');
    if !path.is_empty() {
        let words = format!(
            "'{}' has a path, and Kong can be given a host and a port only; give Kong an address of Vault without '/{path}'",
            settings.vault.address
        );
        return Err(wrong(settings, Id::Address, words));
    }
    let (Some(host), Some(port)) = (address.host_str(), address.port_or_known_default()) else {
        let words = format!("'{}' names no host", settings.vault.address);
        return Err(wrong(settings, Id::Address, words));
    };
    Ok(vec![
        Field::text(settings, "protocol", Id::Address, address.scheme()),
        Field::text(settings, "host", Id::Address, host),
        Field {
            name: "port",
            value: Value::Port(port),
            place: settings.place(Id::Address),
        },
    ])
}

/// Mount and version of the KV engine, and the namespace.
pub(super) fn engine(settings: &Settings) -> Result<Vec<Field>, SettingsError> {
    let below = way_below(settings)?;
    let mount = &settings.provision.kv_mount;
    check_in_request(mount).map_err(|words| wrong(settings, Id::KvMount, words))?;
    let mount = format!("{below}{mount}");
    check_in_request(&mount).map_err(|words| wrong(settings, Id::KvNamespace, words))?;
    let version = match settings.kv.version {
        Some(KvVersion::One) => "v1",
        // What setup makes.
        Some(KvVersion::Two) | None => "v2",
    };
    let mut fields = vec![
        Field::text(settings, "mount", Id::KvMount, mount),
        Field::text(settings, "kv", Id::KvVersion, version),
    ];
    let namespace = namespace::canonical(settings.vault.namespace.as_deref());
    if !namespace.is_empty() {
        check_in_request(namespace).map_err(|words| wrong(settings, Id::Namespace, words))?;
        fields.push(Field::text(settings, "namespace", Id::Namespace, namespace));
    }
    Ok(fields)
}

/// The way from the login's namespace to the KV engine's, with a slash at its end;
/// empty where they are the same. Kong has one namespace for everything.
///
/// Source: "Namespaces" in Vault's documentation: the namespace of the header
/// and that at the beginning of the path are put together.
pub(super) fn way_below(settings: &Settings) -> Result<String, SettingsError> {
    let login = settings.vault.namespace.as_deref();
    let kv = settings.kv.namespace.as_deref();
    namespace::below(login, kv).ok_or_else(|| {
        let words = format!(
            "'{}' is neither vault.namespace ('{}') nor below it, and Kong has one namespace for the login and for every read",
            namespace::canonical(kv),
            namespace::canonical(login)
        );
        contradiction(settings, Id::KvNamespace, &words)
    })
}

/// The role of Vault's auth method, and where that is mounted if not at `aws`.
pub(super) fn login(settings: &Settings) -> Result<Vec<Field>, SettingsError> {
    let vault = &settings.vault;
    let role = &vault.auth_role;
    if role.is_empty() || role.starts_with("arn:") {
        let words = format!(
            "must be the name of the role in Vault's auth method (kong-role), not '{role}'; an IAM role is aws.login_role"
        );
        return Err(wrong(settings, Id::AuthRole, words));
    }
    let mut fields = vec![Field::text(settings, "aws_auth_role", Id::AuthRole, role)];
    if vault.auth_mount != DEFAULT_AUTH_MOUNT {
        check_in_request(&vault.auth_mount)
            .map_err(|words| wrong(settings, Id::AuthMount, words))?;
        let path = format!("/v1/auth/{}/login", vault.auth_mount);
        fields.push(Field::text(settings, "aws_login_path", Id::AuthMount, path));
    }
    Ok(fields)
}
