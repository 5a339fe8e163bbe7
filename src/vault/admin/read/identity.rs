//! Whom Vault takes a login for, and the namespaces that there are.

use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::{VaultReader, data, trimmed};
use crate::fault::Fault;
use crate::trace::StepId;
use crate::vault::client::Request;

/// An entity: whom Vault takes several logins for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EntitySeen {
    pub id: String,
    #[serde(default)]
    pub disabled: bool,
}

#[derive(Deserialize)]
struct Identity {
    #[serde(default)]
    iam_alias: Option<String>,
}

impl VaultReader {
    /// Lists the namespaces below the reader's own; none where the server has no
    /// namespaces.
    ///
    /// # Errors
    ///
    /// Nobody answered, or they may not be listed.
    pub async fn list_namespaces(&self) -> Result<Vec<String>, Box<Fault>> {
        let names = self.list("sys/namespaces", "sys/namespaces").await?;
        Ok(names.iter().map(|name| trimmed(name).to_owned()).collect())
    }

    /// By what an aws mount knows again who logged in: `role_id`, `unique_id`,
    /// `canonical_arn` or `full_arn`.
    ///
    /// # Errors
    ///
    /// Nobody answered, or it may not be read.
    pub async fn get_alias_kind(&self, mount: &str) -> Result<Option<String>, Box<Fault>> {
        let path = format!("auth/{}/config/identity", trimmed(mount));
        let identity = self.get::<Identity>(&path, mount).await?;
        Ok(identity.and_then(|identity| identity.iam_alias))
    }

    /// Finds the entity that stands behind an alias of a mount. Vault takes the
    /// question as a POST; nothing is changed.
    ///
    /// # Errors
    ///
    /// Nobody answered, or it may not be looked up.
    pub async fn find_entity(
        &self,
        alias: &str,
        accessor: &str,
    ) -> Result<Option<EntitySeen>, Box<Fault>> {
        let path = "identity/lookup/entity";
        let body = json!({ "alias_name": alias, "alias_mount_accessor": accessor });
        let body = Zeroizing::new(body.to_string().into_bytes());
        let request = Request::post(StepId::Observe, path, body);
        let reply = self.access.send(request).await?;
        // 204: there is none.
        if reply.status == 204 {
            return Ok(None);
        }
        data(&reply, path, alias)
    }
}
