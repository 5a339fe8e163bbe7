//! Reading what is there. Nothing here changes anything; a thing that does not
//! exist is `None`, one that may not be seen is a fault.

mod identity;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Access, is_forbidden, refusal, trimmed};
use crate::fault::Fault;
use crate::secret::{Secret, mask_middle};
use crate::settings::KvVersion;
use crate::trace::StepId;
use crate::vault::client::{Reply, Request, VaultClient};
use crate::vault::token;

pub use identity::EntitySeen;

/// An auth mount as Vault lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthMountSeen {
    /// `aws`, or the name of the plugin.
    pub kind: String,
    pub description: String,
    /// Changes when the mount is made again.
    pub accessor: String,
}

/// A secrets mount as Vault lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretsMountSeen {
    pub kind: String,
    /// `None` for what is no KV engine.
    pub version: Option<KvVersion>,
    pub description: String,
}

/// `config/client` as Vault shows it: without the secret key, with the key id.
#[derive(Clone, PartialEq)]
pub struct ClientConfig(pub Map<String, Value>);

impl ClientConfig {
    /// The fields as they may be shown.
    pub fn shown(&self) -> Map<String, Value> {
        let mut fields = self.0.clone();
        for name in ["access_key", "secret_key"] {
            if let Some(Value::String(key)) = fields.get_mut(name)
                && !key.is_empty()
            {
                *key = mask_middle(key);
            }
        }
        fields
    }
}

impl Deref for ClientConfig {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(&self.shown()).finish()
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct Policy {
    policy: String,
}

#[derive(Deserialize)]
struct Mount {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    accessor: String,
    #[serde(default)]
    options: Option<Map<String, Value>>,
}

/// Reads, with an operator's token.
pub struct VaultReader {
    access: Access,
}

impl VaultReader {
    /// A reader in `namespace`.
    pub fn new(client: Arc<VaultClient>, namespace: Option<String>, token: Secret) -> Self {
        VaultReader {
            access: Access {
                client,
                namespace,
                token,
            },
        }
    }

    /// Finds the auth mount at `path`.
    ///
    /// # Errors
    ///
    /// Nobody answered, or the mounts may not be seen.
    pub async fn get_auth_mount(&self, path: &str) -> Result<Option<AuthMountSeen>, Box<Fault>> {
        let mount = self.get_mount("sys/auth", path).await?;
        Ok(mount.map(|mount| AuthMountSeen {
            kind: mount.kind,
            description: mount.description,
            accessor: mount.accessor,
        }))
    }

    /// Finds the secrets mount at `path`.
    ///
    /// # Errors
    ///
    /// Nobody answered, or the mounts may not be seen.
    pub async fn get_secrets_mount(
        &self,
        path: &str,
    ) -> Result<Option<SecretsMountSeen>, Box<Fault>> {
        let mount = self.get_mount("sys/mounts", path).await?;
        Ok(mount.map(|mount| SecretsMountSeen {
            version: kv_version(&mount),
            kind: mount.kind,
            description: mount.description,
        }))
    }

    /// The auth mount above or below `path`, which would keep one from being made
    /// there; `None` also where the mounts may not be listed.
    ///
    /// # Errors
    ///
    /// Nobody answered.
    pub async fn get_auth_blocker(&self, path: &str) -> Result<Option<String>, Box<Fault>> {
        self.get_blocker("sys/auth", path).await
    }

    /// The same for secrets mounts.
    ///
    /// # Errors
    ///
    /// Nobody answered.
    pub async fn get_secrets_blocker(&self, path: &str) -> Result<Option<String>, Box<Fault>> {
        self.get_blocker("sys/mounts", path).await
    }

    /// Lists the auth mounts: paths without a slash at the end.
    ///
    /// # Errors
    ///
    /// Nobody answered, or the mounts may not be seen.
    pub async fn list_auth_mounts(&self) -> Result<BTreeMap<String, AuthMountSeen>, Box<Fault>> {
        let mounts = self.list_mounts("sys/auth").await?;
        Ok(mounts
            .into_iter()
            .map(|(path, mount)| {
                let seen = AuthMountSeen {
                    kind: mount.kind,
                    description: mount.description,
                    accessor: mount.accessor,
                };
                (path, seen)
            })
            .collect())
    }

    /// Lists the secrets mounts: paths without a slash at the end.
    ///
    /// # Errors
    ///
    /// Nobody answered, or the mounts may not be seen.
    pub async fn list_secrets_mounts(
        &self,
    ) -> Result<BTreeMap<String, SecretsMountSeen>, Box<Fault>> {
        let mounts = self.list_mounts("sys/mounts").await?;
        Ok(mounts
            .into_iter()
            .map(|(path, mount)| {
                let seen = SecretsMountSeen {
                    version: kv_version(&mount),
                    kind: mount.kind,
                    description: mount.description,
                };
                (path, seen)
            })
            .collect())
    }

    /// Lists the accounts for which an aws mount has a role to look into them;
    /// none where the mount is absent.
    ///
    /// # Errors
    ///
    /// Nobody answered, or they may not be listed.
    pub async fn list_sts_accounts(&self, mount: &str) -> Result<Vec<String>, Box<Fault>> {
        let path = format!("auth/{}/config/sts", trimmed(mount));
        self.list(&path, mount).await
    }

    /// Lists the audit devices: path and type.
    ///
    /// # Errors
    ///
    /// Nobody answered, or they may not be seen: it takes sudo.
    pub async fn list_audit_devices(&self) -> Result<BTreeMap<String, String>, Box<Fault>> {
        let mounts = self.list_mounts("sys/audit").await?;
        let devices = mounts.into_iter();
        Ok(devices.map(|(path, mount)| (path, mount.kind)).collect())
    }

    /// Lists the roles of an aws mount; none where the mount is absent.
    ///
    /// # Errors
    ///
    /// Nobody answered, or the roles may not be listed.
    pub async fn list_auth_roles(&self, mount: &str) -> Result<Vec<String>, Box<Fault>> {
        let path = format!("auth/{}/roles", trimmed(mount));
        self.list(&path, mount).await
    }

    /// Reads a role of an aws mount.
    ///
    /// # Errors
    ///
    /// Nobody answered, or the role may not be read.
    pub async fn get_auth_role(
        &self,
        mount: &str,
        role: &str,
    ) -> Result<Option<Map<String, Value>>, Box<Fault>> {
        let path = format!("auth/{}/role/{role}", trimmed(mount));
        self.get(&path, role).await
    }

    /// Reads how an aws mount talks to AWS; `None` where it was never written.
    ///
    /// # Errors
    ///
    /// Nobody answered, or it may not be read.
    pub async fn get_client_config(&self, mount: &str) -> Result<Option<ClientConfig>, Box<Fault>> {
        let path = format!("auth/{}/config/client", trimmed(mount));
        Ok(self.get(&path, mount).await?.map(ClientConfig))
    }

    /// Reads the text of an ACL policy.
    ///
    /// # Errors
    ///
    /// Nobody answered, or it may not be read.
    pub async fn get_policy(&self, name: &str) -> Result<Option<String>, Box<Fault>> {
        let path = format!("sys/policies/acl/{name}");
        let policy = self.get::<Policy>(&path, name).await?;
        Ok(policy.map(|policy| policy.policy))
    }

    /// Asks what the token may do on `paths`.
    ///
    /// # Errors
    ///
    /// Nobody answered. A refusal is an empty map.
    pub async fn get_capabilities(
        &self,
        paths: &[String],
    ) -> Result<BTreeMap<String, Vec<String>>, Box<Fault>> {
        let Access {
            client,
            namespace,
            token,
        } = &self.access;
        token::get_capabilities(client, namespace.as_deref(), token, paths).await
    }

    /// Looks a mount up in the list of all. Where that is forbidden the mount
    /// itself is asked: `sys/auth/<path>` needs sudo, the list only read.
    async fn get_mount(&self, list: &str, path: &str) -> Result<Option<Mount>, Box<Fault>> {
        let path = trimmed(path);
        let reply = self
            .access
            .send(Request::get(StepId::Observe, list))
            .await?;
        if reply.is_success() {
            return match reply.json::<Answer<Map<String, Value>>>() {
                Some(mut answer) => answer
                    .data
                    .remove(&format!("{path}/"))
                    .map(serde_json::from_value)
                    .transpose()
                    .map_err(|_| refusal(&reply, StepId::Observe, list, path)),
                None => Err(refusal(&reply, StepId::Observe, list, path)),
            };
        }
        let refused = refusal(&reply, StepId::Observe, list, path);
        if !is_forbidden(&refused) {
            return Err(refused);
        }
        let own = format!("{list}/{path}");
        let reply = self
            .access
            .send(Request::get(StepId::Observe, &own))
            .await?;
        match reply.json::<Answer<Mount>>() {
            Some(answer) if reply.is_success() => Ok(Some(answer.data)),
            _ if matches!(reply.status, 400 | 404) => Ok(None),
            // What an operator should be given is the list.
            _ if reply.status == 403 => Err(refused),
            _ => Err(refusal(&reply, StepId::Observe, &own, path)),
        }
    }

    async fn list_mounts(&self, list: &str) -> Result<BTreeMap<String, Mount>, Box<Fault>> {
        let reply = self
            .access
            .send(Request::get(StepId::Observe, list))
            .await?;
        match reply.json::<Answer<BTreeMap<String, Mount>>>() {
            Some(answer) if reply.is_success() => Ok(answer
                .data
                .into_iter()
                .map(|(path, mount)| (trimmed(&path).to_owned(), mount))
                .collect()),
            _ => Err(refusal(&reply, StepId::Observe, list, list)),
        }
    }

    async fn get_blocker(&self, list: &str, path: &str) -> Result<Option<String>, Box<Fault>> {
        let wanted = format!("{}/", trimmed(path));
        let reply = self
            .access
            .send(Request::get(StepId::Observe, list))
            .await?;
        let mounts = reply.json::<Answer<Map<String, Value>>>();
        Ok(mounts.and_then(|mounts| {
            mounts.data.into_iter().map(|(name, _)| name).find(|name| {
                *name != wanted && (wanted.starts_with(name) || name.starts_with(&wanted))
            })
        }))
    }

    async fn list(&self, path: &str, target: &str) -> Result<Vec<String>, Box<Fault>> {
        let request = Request {
            query: &[("list", "true")],
            ..Request::get(StepId::Observe, path)
        };
        let reply = self.access.send(request).await?;
        let listed = data::<Keys>(&reply, path, target)?;
        Ok(listed.map(|listed| listed.keys).unwrap_or_default())
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        target: &str,
    ) -> Result<Option<T>, Box<Fault>> {
        let reply = self
            .access
            .send(Request::get(StepId::Observe, path))
            .await?;
        data(&reply, path, target)
    }
}

/// The `data` of an answer; `None` where there is nothing.
fn data<T: DeserializeOwned>(
    reply: &Reply,
    path: &str,
    target: &str,
) -> Result<Option<T>, Box<Fault>> {
    match reply.json::<Answer<T>>() {
        Some(answer) if reply.is_success() => Ok(Some(answer.data)),
        _ if is_absent(reply) => Ok(None),
        _ => Err(refusal(reply, StepId::Observe, path, target)),
    }
}

/// Nothing there, or no such mount. A path that the engine does not have, such
/// as a role's name that is none, is told as a list of errors.
fn is_absent(reply: &Reply) -> bool {
    let has_list = || reply.errors().iter().any(|error| error.contains("\n\t* "));
    reply.status == 404 && !reply.is_unknown_namespace() && !has_list()
}

/// A KV engine without the option is of version 1.
fn kv_version(mount: &Mount) -> Option<KvVersion> {
    if !matches!(mount.kind.as_str(), "kv" | "generic") {
        return None;
    }
    let version = mount
        .options
        .as_ref()
        .and_then(|options| options.get("version"));
    Some(if version.and_then(Value::as_str) == Some("2") {
        KvVersion::Two
    } else {
        KvVersion::One
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn debug_of_the_configuration_shows_no_key() {
        let fields = json!({
            "access_key": "AKIAIOSFODNN7EXAMPLE",
            "secret_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYa1",
            "sts_region": "eu-west-1",
        });
        let config = ClientConfig(fields.as_object().cloned().unwrap_or_default());
        let text = format!("{config:?} {:?}", config.shown());
        assert!(!text.contains("IOSFODNN7"), "{text}");
        assert!(!text.contains("XUtnFEMI"), "{text}");
        assert!(text.contains("AKIA…MPLE") && text.contains("eu-west-1"));
        assert_eq!(config["access_key"], "AKIAIOSFODNN7EXAMPLE");
        let without = ClientConfig(Map::from_iter([("access_key".to_owned(), json!(""))]));
        assert_eq!(without.shown()["access_key"], "");
    }
}
