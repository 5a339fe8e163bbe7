//! A redirect that was not followed, or that led to where no Vault answers.

use super::Asked;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Transport;
use crate::shell;

/// The request was sent on, and it failed there. `None` where it was not sent on, or
/// where what is wrong is the certificate of the other node, which is told as that.
pub(super) fn failed(kind: Transport, asked: &Asked<'_>) -> Option<Finding> {
    use Transport::*;
    let to = asked.fault.peer.redirected_to.as_deref()?;
    let there = match kind {
        NameNotResolved => "that name does not resolve here",
        Refused => "the connection is refused there",
        ConnectTimedOut | TimedOut => "nobody answers there in time",
        Reset => "the connection is cut off there",
        NotTls | WantsTls => "the other protocol is spoken there",
        NotHttp | NotVault | NotForwarded | Other => "no Vault answers there",
        ProxyRefused | ProxyWantsLogin => "the proxy opens no way to it",
        UnknownAuthority
        | WrongCertificateName
        | CertificateDates
        | ClientCertificateWanted
        | OtherTls
        | Redirect => return None,
    };
    let finding = Finding::likely(Code::VLT513, &[Code::VLT517])
        .because(format!(
            "{} sent the request on to {to}, as a standby does with the address that the active node announces, and {there}.",
            asked.address()
        ))
        .fact("vault", "redirected to", to);
    let finding = leader(finding, asked);
    Some(finding.remedy(
        Where::Vault,
        "if the active node is dead, start and unseal it; if it is alive, set its api_addr to an address that clients reach",
        None,
        Some("a change of Vault's own configuration, and a restart"),
    ))
}

/// The redirect leads where no login must go.
pub(super) fn not_followed(asked: &Asked<'_>) -> Finding {
    let finding = Finding::certain(Code::VLT517);
    let Some(to) = asked.fault.peer.redirected_to.as_deref() else {
        return finding.remedy(
            Where::Here,
            "see what answers there",
            Some(asked.health(&["-i"])),
            None,
        );
    };
    let finding = finding.fact("vault", "redirected to", to);
    let target = url::Url::parse(to).ok();
    let own = url::Url::parse(asked.address()).ok();
    let other = target
        .as_ref()
        .zip(own.as_ref())
        .filter(|(target, own)| target.origin() != own.origin());
    let is_api = target.as_ref().is_some_and(|target| {
        matches!(target.path(), "" | "/") || target.path().starts_with("/v1/")
    });
    match other {
        // A web page of the same server: something wants a login, or /ui/ was named.
        None if !is_api => finding.remedy(
            Where::Here,
            "see what answers there: something before Vault that wants a login of its own",
            Some(asked.health(&["-i"])),
            None,
        ),
        Some((target, _)) if target.scheme() == "https" => finding.remedy(
            Where::Here,
            "if that is your Vault, name its address",
            Some(super::login_again(&[
                "--address",
                &target.origin().ascii_serialization(),
            ])),
            None,
        ),
        _ => leader(finding, asked).remedy(
            Where::Vault,
            "have each node announce an https address of its own, never that of the load balancer, as api_addr",
            None,
            Some("a change of Vault's own configuration, and a restart"),
        ),
    }
}

/// Says how the address is seen to which standbys send.
pub(super) fn leader(finding: Finding, asked: &Asked<'_>) -> Finding {
    finding.remedy(
        Where::Here,
        "see which address the active node announces (leader_address)",
        Some(shell::command(["curl", "-sS", &asked.url("sys/leader")])),
        None,
    )
}
