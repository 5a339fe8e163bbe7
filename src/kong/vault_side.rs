//! Where Vault is, what is read there, and the login's place and role.

use url::Url;

use super::entity::{Field, Value, contradiction, wrong};
use super::names::check_in_request;
use crate::settings::{Id, KvVersion, Settings, SettingsError};

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
    let namespaces = namespaces(settings)?;
    let mount = &settings.provision.kv_mount;
    check_in_request(mount).map_err(|words| wrong(settings, Id::KvMount, words))?;
    let mount = match &namespaces.below {
        Some(below) => {
            check_in_request(below).map_err(|words| wrong(settings, Id::KvNamespace, words))?;
            format!("{below}/{mount}")
        }
        None => mount.clone(),
    };
    let version = match settings.kv.version {
        Some(KvVersion::One) => "v1",
        // What setup makes.
        Some(KvVersion::Two) | None => "v2",
    };
    let mut fields = vec![
        Field::text(settings, "mount", Id::KvMount, mount),
        Field::text(settings, "kv", Id::KvVersion, version),
    ];
    if let Some(namespace) = namespaces.sent {
        check_in_request(&namespace).map_err(|words| wrong(settings, Id::Namespace, words))?;
        let field = Field::text(settings, "namespace", Id::Namespace, namespace);
        fields.push(field);
    }
    Ok(fields)
}

/// Kong sends one namespace with every request.
pub(super) struct Namespaces {
    /// That of the auth method.
    sent: Option<String>,
    /// The way from there to the KV engine's. Vault takes it at the beginning
    /// of a path too.
    pub(super) below: Option<String>,
}

/// The one namespace, and the rest of the way to the KV engine.
///
/// Source: "Namespaces" in Vault's documentation: the namespace of the header
/// and that at the beginning of the path are put together.
pub(super) fn namespaces(settings: &Settings) -> Result<Namespaces, SettingsError> {
    let trimmed = |namespace: &Option<String>| {
        let namespace = namespace.as_deref().unwrap_or_default();
        namespace.trim_matches('/').to_owned()
    };
    let login = trimmed(&settings.vault.namespace);
    let kv = trimmed(&settings.kv.namespace);
    let below = match kv.strip_prefix(&login) {
        Some("") => None,
        Some(rest) if login.is_empty() => Some(rest.to_owned()),
        Some(rest) if rest.starts_with('/') => Some(rest.trim_start_matches('/').to_owned()),
        _ => {
            let words = format!(
                "'{kv}' is neither vault.namespace ('{login}') nor below it, and Kong sends one namespace for the login and for every read"
            );
            return Err(contradiction(settings, Id::KvNamespace, &words));
        }
    };
    Ok(Namespaces {
        sent: (!login.is_empty()).then_some(login),
        below,
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
