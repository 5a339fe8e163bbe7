//! Changing what is there. Every write says what Vault remarked, for Vault
//! takes much that it does not understand without an error.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{Access, refusal, trimmed};
use crate::fault::{Fault, Side};
use crate::secret::{Redactor, Secret, keep_message};
use crate::settings::KvVersion;
use crate::trace::StepId;
use crate::vault::client::{Reply, Request, VaultClient};

/// What Vault remarked on a write that it carried out.
type Warnings = Vec<String>;

/// Writes, with an operator's token.
pub struct VaultWriter {
    access: Access,
}

impl VaultWriter {
    /// A writer in `namespace`.
    pub fn new(client: Arc<VaultClient>, namespace: Option<String>, token: Secret) -> Self {
        VaultWriter {
            access: Access {
                client,
                namespace,
                token,
            },
        }
    }

    /// Mounts the auth method `kind` at `path`.
    ///
    /// # Errors
    ///
    /// Vault refused, or nobody answered.
    pub async fn enable_auth(
        &self,
        path: &str,
        kind: &str,
        description: &str,
    ) -> Result<Warnings, Box<Fault>> {
        let body = json!({ "type": kind, "description": description });
        let api_path = format!("sys/auth/{}", trimmed(path));
        self.post(&api_path, path, &body).await
    }

    /// Removes an auth mount, its roles, and the tokens that it gave.
    ///
    /// # Errors
    ///
    /// Vault refused, or nobody answered. An absent mount is no error.
    pub async fn disable_auth(&self, path: &str) -> Result<Warnings, Box<Fault>> {
        let api_path = format!("sys/auth/{}", trimmed(path));
        self.delete(&api_path, path).await
    }

    /// Writes how an aws mount talks to AWS. Fields that are not given keep
    /// their values; Vault drops those that it does not know without a word.
    ///
    /// # Errors
    ///
    /// Vault refused, or nobody answered.
    pub async fn write_client_config(
        &self,
        mount: &str,
        fields: &Map<String, Value>,
    ) -> Result<Warnings, Box<Fault>> {
        let path = format!("auth/{}/config/client", trimmed(mount));
        let reply = self.send_body(&path, fields).await?;
        judge(&reply, &path, mount).map_err(|fault| without_keys(fault, fields))
    }

    /// Writes a role of an aws mount. Fields that are not given keep their
    /// values. Where unique ids are wanted Vault asks IAM for the principals.
    ///
    /// # Errors
    ///
    /// Vault refused, AWS refused Vault, or nobody answered.
    pub async fn write_auth_role(
        &self,
        mount: &str,
        role: &str,
        fields: &Map<String, Value>,
    ) -> Result<Warnings, Box<Fault>> {
        let path = format!("auth/{}/role/{role}", trimmed(mount));
        let reply = self.send_body(&path, fields).await?;
        judge(&reply, &path, role).map_err(|fault| with_aws_words(fault, &reply))
    }

    /// Deletes a role of an aws mount.
    ///
    /// # Errors
    ///
    /// Vault refused, or nobody answered. An absent role is no error.
    pub async fn delete_auth_role(&self, mount: &str, role: &str) -> Result<Warnings, Box<Fault>> {
        let path = format!("auth/{}/role/{role}", trimmed(mount));
        self.delete(&path, role).await
    }

    /// Writes an ACL policy.
    ///
    /// # Errors
    ///
    /// Vault refused, or nobody answered.
    pub async fn write_policy(&self, name: &str, text: &str) -> Result<Warnings, Box<Fault>> {
        let path = format!("sys/policies/acl/{name}");
        self.post(&path, name, &json!({ "policy": text })).await
    }

    /// Deletes an ACL policy.
    ///
    /// # Errors
    ///
    /// Vault refused, or nobody answered. An absent policy is no error.
    pub async fn delete_policy(&self, name: &str) -> Result<Warnings, Box<Fault>> {
        let path = format!("sys/policies/acl/{name}");
        self.delete(&path, name).await
    }

    /// Mounts a KV engine at `path`.
    ///
    /// # Errors
    ///
    /// Vault refused, or nobody answered.
    pub async fn enable_kv(
        &self,
        path: &str,
        version: KvVersion,
        description: &str,
    ) -> Result<Warnings, Box<Fault>> {
        let body = json!({
            "type": "kv",
            "description": description,
            "options": { "version": version.number().to_string() },
        });
        let api_path = format!("sys/mounts/{}", trimmed(path));
        self.post(&api_path, path, &body).await
    }

    /// Removes a secrets mount **and everything in it**.
    ///
    /// # Errors
    ///
    /// Vault refused, or nobody answered. An absent mount is no error.
    pub async fn disable_secrets(&self, path: &str) -> Result<Warnings, Box<Fault>> {
        let api_path = format!("sys/mounts/{}", trimmed(path));
        self.delete(&api_path, path).await
    }

    async fn post(&self, path: &str, target: &str, body: &Value) -> Result<Warnings, Box<Fault>> {
        let body = Zeroizing::new(body.to_string().into_bytes());
        let request = Request::post(StepId::Change, path, body);
        judge(&self.access.send(request).await?, path, target)
    }

    async fn delete(&self, path: &str, target: &str) -> Result<Warnings, Box<Fault>> {
        let request = Request {
            method: Method::DELETE,
            ..Request::get(StepId::Change, path)
        };
        judge(&self.access.send(request).await?, path, target)
    }

    async fn send_body(
        &self,
        path: &str,
        fields: &Map<String, Value>,
    ) -> Result<Reply, Box<Fault>> {
        let body = serde_json::to_vec(fields).expect("a map with text keys is JSON");
        let request = Request::post(StepId::Change, path, Zeroizing::new(body));
        self.access.send(request).await
    }
}

fn judge(reply: &Reply, path: &str, target: &str) -> Result<Warnings, Box<Fault>> {
    if !reply.is_success() {
        return Err(refusal(reply, StepId::Change, path, trimmed(target)));
    }
    let warnings = reply.warnings();
    Ok(warnings.iter().map(|words| keep_message(words)).collect())
}

/// Takes the keys that were sent out of the words, should Vault repeat them.
fn without_keys(mut fault: Box<Fault>, fields: &Map<String, Value>) -> Box<Fault> {
    let redactor = Redactor::default();
    for name in ["access_key", "secret_key"] {
        if let Some(key) = fields.get(name).and_then(Value::as_str) {
            redactor.learn_text(key);
        }
    }
    fault.message = redactor.clean(&fault.message);
    fault
}

/// Adds what AWS told Vault, if it was AWS that refused.
fn with_aws_words(mut fault: Box<Fault>, reply: &Reply) -> Box<Fault> {
    let words = reply.errors().join("\n");
    if reply.status != 403
        && let Some((side, code, said)) = aws_refusal(&words)
    {
        fault.side = side;
        fault.code = Some(code.to_owned());
        fault.upstream = Some(keep_message(said));
    }
    fault
}

/// Finds AWS's own words in Vault's: who spoke, the code, and the words from
/// the code on. A server without credentials asked nobody: that is Vault's.
fn aws_refusal(words: &str) -> Option<(Side, &str, &str)> {
    let code = words
        .split_whitespace()
        .filter_map(|word| word.strip_suffix(':'))
        .find(|code| is_aws_code(code))?;
    let start = words.find(&format!("{code}:"))?;
    // Vault asks STS who it is, and for a role in another account, before it
    // asks IAM for the principal.
    let is_sts = ["fetch current caller", " sts:", "//sts."]
        .iter()
        .any(|sign| words.contains(sign));
    let side = if code == "NoCredentialProviders" {
        Side::Vault
    } else if is_sts {
        Side::StsViaVault
    } else {
        Side::IamViaVault
    };
    Some((side, code, &words[start..]))
}

/// Codes are written `LikeThis`; the one that is a single word is named.
fn is_aws_code(word: &str) -> bool {
    let has_inner_capital = word
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    word == "Throttling"
        || (word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && has_inner_capital)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_refused_a_role_is_read() {
        let resolve =
            "unable to resolve ARN \"arn:aws:iam::123456789012:role/VaultRole\" to internal ID:";
        let cases = [
            (
                "NoSuchEntity: The role with name VaultRole cannot be found.",
                Some((Side::IamViaVault, "NoSuchEntity")),
            ),
            (
                "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/Vault/i-0 is not authorized to perform: iam:GetRole on resource: role VaultRole",
                Some((Side::IamViaVault, "AccessDenied")),
            ),
            (
                "AccessDenied: User: arn:aws:iam::123456789012:user/vault is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/Look",
                Some((Side::StsViaVault, "AccessDenied")),
            ),
            (
                "unable to fetch current caller: NoCredentialProviders: no valid providers in chain. Deprecated.\n\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors",
                Some((Side::Vault, "NoCredentialProviders")),
            ),
            (
                "unable to fetch current caller: InvalidClientTokenId: The security token included in the request is invalid.",
                Some((Side::StsViaVault, "InvalidClientTokenId")),
            ),
            (
                "2 errors occurred:\n\t* Throttling: Rate exceeded\n\t* upstream rate limited\n\n",
                Some((Side::IamViaVault, "Throttling")),
            ),
            (
                "RequestError: send request failed\ncaused by: Post \"https://sts.eu-west-1.amazonaws.com/\": EOF",
                Some((Side::StsViaVault, "RequestError")),
            ),
            (
                "unable to fetch client for account ID \"2\" -- default client is for account \"1\"",
                None,
            ),
            ("unrecognized error type \"assumed-role\"", None),
        ];
        for (inner, expected) in cases {
            let words = format!("{resolve} {inner}");
            let read = aws_refusal(&words);
            assert_eq!(
                read.map(|(side, code, _)| (side, code)),
                expected,
                "{inner}"
            );
            if let Some((_, code, said)) = read {
                assert!(said.starts_with(code), "{said}");
                assert!(words.ends_with(said), "{said}");
            }
        }
    }
}
