//! What an operator sees and changes in Vault: mounts, the aws method's own
//! configuration and roles, policies.
//!
//! Reading and writing are different types, so that a plan cannot change
//! anything. What stands in a mount's secrets is never read here.

mod read;
mod write;

use std::sync::Arc;

use super::client::{Reply, Request, VaultClient};
use super::token::{Denial, denial};
use crate::fault::{Cause, Fault, KvProblem, LocalProblem, Side, Transport};
use crate::secret::Secret;
use crate::trace::StepId;

pub use read::{AuthMountSeen, ClientConfig, EntitySeen, SecretsMountSeen, VaultReader};
pub use write::VaultWriter;

/// Tells whether Vault's server has no AWS credentials at all, seen at the
/// write of a role: somebody must give it an instance profile first.
pub fn is_waiting_for_identity(fault: &Fault) -> bool {
    is_refused_role_write(fault, "NoCredentialProviders")
}

/// Tells whether IAM does not know the principal of a role that was written,
/// or not yet.
pub fn is_principal_unknown_to_vault(fault: &Fault) -> bool {
    is_refused_role_write(fault, "NoSuchEntity")
}

/// Tells whether AWS asked Vault for fewer requests while a role was written.
pub fn is_aws_throttling_vault(fault: &Fault) -> bool {
    is_refused_role_write(fault, "Throttling")
}

/// Tells whether IAM does not let Vault look at the principal of a role that
/// was written.
pub fn is_aws_access_denied_to_vault(fault: &Fault) -> bool {
    fault.side == Side::IamViaVault && is_refused_role_write(fault, "AccessDenied")
}

/// Tells whether a mount was refused because its path, or one above or below
/// it, is taken.
pub fn is_path_in_use(fault: &Fault) -> bool {
    path_in_use(fault).is_some()
}

/// The mount that stands in the way of the one that was to be made. Vault ends
/// its words with that path.
pub fn path_in_use(fault: &Fault) -> Option<&str> {
    let wanted = ["sys/auth/", "sys/mounts/"]
        .iter()
        .find_map(|prefix| fault.operation.strip_prefix(prefix))?;
    if fault.step != StepId::Change || !matches!(fault.status, Some(400 | 409)) {
        return None;
    }
    let taken = fault
        .message
        .split_whitespace()
        .next_back()?
        .strip_suffix('/')?;
    let is_below = |path: &str, above: &str| {
        path.strip_prefix(above)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    (!taken.is_empty() && (is_below(wanted, taken) || is_below(taken, wanted))).then_some(taken)
}

/// Tells whether the token is good and its policies do not allow the request.
/// A token that is wrong or spent is [`KvProblem::TokenInvalid`], one that is
/// refused without a reason [`KvProblem::TokenRefused`].
pub fn is_forbidden(fault: &Fault) -> bool {
    fault.status == Some(403) && fault.cause == Cause::Answered
}

fn is_refused_role_write(fault: &Fault, code: &str) -> bool {
    fault.step == StepId::Change
        && fault.operation.starts_with("auth/")
        && fault.code.as_deref() == Some(code)
}

/// A Vault and the right to ask it, for reading or for writing.
struct Access {
    client: Arc<VaultClient>,
    namespace: Option<String>,
    token: Secret,
}

impl Access {
    /// Sends a request, unless a name in its path would lead elsewhere: a URL
    /// takes `..` for the way up, and a policy's name must not reach a mount.
    async fn send<'a>(&'a self, request: Request<'a>) -> Result<Reply, Box<Fault>> {
        let mut parts = request.path.split('/');
        if parts.any(|part| matches!(part, "" | "." | "..")) {
            return Err(Box::new(Fault::local(
                request.step,
                LocalProblem::MalformedSetting,
                request.path,
                "a path in Vault has no empty part, and none that is . or ..",
            )));
        }
        let request = request
            .token(&self.token)
            .namespace(self.namespace.as_deref());
        self.client.send(request).await
    }
}

/// The API's form of a mount's path.
fn trimmed(path: &str) -> &str {
    path.trim_matches('/')
}

/// The fault of an answer that is no success, or not the one that was wanted.
fn refusal(reply: &Reply, step: StepId, path: &str, target: &str) -> Box<Fault> {
    let cause = if reply.is_success() {
        Cause::Transport(Transport::NotVault)
    } else {
        match denial(reply) {
            Some(Denial::Token) => Cause::Kv(KvProblem::TokenInvalid),
            Some(Denial::Unplaced) => Cause::Kv(KvProblem::TokenUnplaced),
            Some(Denial::Bare) => Cause::Kv(KvProblem::TokenRefused),
            Some(Denial::Policy) | None => Cause::Answered,
        }
    };
    reply.fault(step, Side::Vault, path, target, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(step: StepId, operation: &str, message: &str) -> Fault {
        let mut fault = Fault::new(step, Side::Vault, operation, "", Cause::Answered, message);
        fault.status = Some(400);
        fault
    }

    #[test]
    fn the_mount_in_the_way_is_named() {
        let cases = [
            (
                "sys/auth/aws",
                "path is already in use at aws/",
                Some("aws"),
            ),
            (
                "sys/auth/team",
                "path is already in use at team/aws/",
                Some("team/aws"),
            ),
            ("sys/mounts/kv/a", "existing mount at kv/", Some("kv")),
            // Other words, as a reworded answer has them.
            ("sys/mounts/kv", "cngu vf nyernql va hfr ng kv/", Some("kv")),
            ("sys/mounts/kv", "path is already in use at kvothers/", None),
            ("sys/auth/aws", "plugin not found in the catalog: aws", None),
            ("auth/aws/role/kong", "path is already in use at aws/", None),
        ];
        for (operation, message, expected) in cases {
            let fault = refused(StepId::Change, operation, message);
            assert_eq!(path_in_use(&fault), expected, "{operation} {message}");
            assert_eq!(is_path_in_use(&fault), expected.is_some());
        }
        let read = refused(StepId::Observe, "sys/auth/aws", "No auth engine at aws/");
        assert_eq!(path_in_use(&read), None);
    }
}
