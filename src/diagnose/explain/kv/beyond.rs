//! Vault Enterprise has rules beside the token's own policies, and one of them says
//! no: in the answer itself.

use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, Sentinel};
use crate::shell;

/// A Sentinel policy refused. It is asked only where the token's policies allow the
/// request, so there is nothing to grant in them.
pub(super) fn sentinel(found: &Sentinel, fault: &Fault) -> Finding {
    let Sentinel { kind, policy } = found;
    // Policies of the root namespace bear its name, which no path has.
    let name = policy.strip_prefix("root/").unwrap_or(policy);
    let path = format!("sys/policies/{kind}/{name}");
    let on = match kind.as_str() {
        "egp" => "this path",
        _ => "this token or its identity",
    };
    Finding::certain(Code::VLT725)
        .because(format!(
            "The Sentinel policy {policy} ({kind}), which lies on {on}, refuses the request. The token's own policies have allowed it before."
        ))
        .fact("vault", "policy", policy)
        .remedy(
            Where::Vault,
            "see what it wants: an hour, an address, a second factor",
            Some(shell::command(["vault", "read", &path])),
            Some(&format!("read on {path}")),
        )
        .remedy(
            Where::Vault,
            format!(
                "or have whoever owns it exempt {} for this identity",
                fault.operation
            ),
            None,
            Some(&format!("update on {path}")),
        )
}

/// A control group: others must approve the request before the answer can be opened.
pub(super) fn wrapped(fault: &Fault, evidence: &Evidence) -> Finding {
    let policies = evidence
        .looks
        .vault
        .token_policies
        .seen()
        .or(evidence.seen.token_policies.as_ref());
    let own = policies
        .into_iter()
        .flatten()
        .find(|name| *name != "default");
    let read = own.map(|name| shell::command(["vault", "policy", "read", name]));
    Finding::certain(Code::VLT725)
        .because(format!(
            "Vault answered with a wrapping token that nobody asked for: a control group lies on {}, and others must approve each request. A program cannot wait for that.",
            fault.operation
        ))
        .remedy(
            Where::Vault,
            "see which rule of the token's policies, or which Sentinel policy, has the control group",
            read,
            Some("read on sys/policies/acl"),
        )
        .remedy(
            Where::Vault,
            "have whoever owns the rule exempt this path, or lay the secret under one without such a rule; a person asks with 'vault kv get', has it approved, and opens it with 'vault unwrap'",
            None,
            None,
        )
}
