//! Nobody answered, or the wrong thing did; and answers that mean the server
//! itself is unwell.

use super::{Evidence, login};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, Transport};
use crate::settings::{Id, Origin};
use crate::shell;
use crate::trace::StepId;

/// STS could not be reached.
pub(super) fn sts(kind: Transport, fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = match (kind, &evidence.seen.region) {
        // A region that does not exist has no host; a proxy refuses it then.
        (Transport::NameNotResolved | Transport::ProxyRefused, Some(region)) => {
            Finding::likely(Code::AWS215, &[Code::AWS116]).fact("settings", "region", region)
        }
        _ => Finding::certain(Code::AWS215),
    };
    let finding = if fault.operation.starts_with("sso:") {
        finding.because("No usable answer came from the portal of IAM Identity Center (SSO).")
    } else {
        finding
    };
    let (text, command) = match kind {
        Transport::UnknownAuthority => (
            "a proxy may open TLS: give its authority",
            "export AWS_CA_BUNDLE=FILE",
        ),
        Transport::NameNotResolved | Transport::ProxyRefused => (
            "check the region, and the proxy if there is one",
            "env | grep -i -e AWS_REGION -e AWS_DEFAULT_REGION -e proxy",
        ),
        _ => (
            "see what answers there, and whether a proxy or another endpoint is set",
            "env | grep -i -e proxy -e AWS_ENDPOINT -e AWS_CA_BUNDLE",
        ),
    };
    finding.fact("network", "said", &fault.message).remedy(
        Where::Here,
        text,
        Some(command.to_owned()),
        None,
    )
}

/// Vault could not be reached.
pub(super) fn vault(kind: Transport, fault: &Fault, evidence: &Evidence) -> Finding {
    let address = if evidence.settings.vault.address.is_empty() {
        &fault.target
    } else {
        &evidence.settings.vault.address
    };
    let host = url::Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| address.clone());
    let again = |flags: &[&str]| {
        let mut words = vec!["vaultiam", "login", "--explain"];
        words.extend(flags);
        Some(shell::command(words))
    };
    let finding = match kind {
        Transport::NameNotResolved => Finding::certain(Code::VLT501).remedy(
            Where::Here,
            format!("check the name in VAULT_ADDR: {host}"),
            Some(shell::command(["getent", "hosts", &host])),
            None,
        ),
        Transport::Refused => Finding::certain(Code::VLT502).remedy(
            Where::Here,
            if is_default_address(evidence) {
                "VAULT_ADDR is not set, and this is its default: set it; else check that Vault runs"
            } else {
                "check that Vault runs, and on this port"
            },
            Some(shell::command(["curl", "-sS", &format!("{address}/v1/sys/health")])),
            None,
        ),
        Transport::ConnectTimedOut | Transport::TimedOut => Finding::certain(Code::VLT503).remedy(
            Where::Here,
            "check firewalls and security groups between here and Vault",
            Some(shell::command(["curl", "-sS", "--max-time", "5", &format!("{address}/v1/sys/health")])),
            None,
        ),
        Transport::UnknownAuthority => Finding::certain(Code::VLT504).remedy(
            Where::Here,
            "give the authority that signed Vault's certificate",
            again(&["--ca-cert", "FILE"]),
            None,
        ),
        Transport::WrongCertificateName => Finding::certain(Code::VLT505).remedy(
            Where::Here,
            "use an address that the certificate names, or say which name it carries",
            again(&["--tls-server-name", "NAME"]),
            None,
        ),
        Transport::CertificateDates => Finding::certain(Code::VLT506).remedy(
            Where::Vault,
            "renew the certificate of Vault's listener and reload it; check this machine's clock too",
            None,
            None,
        ),
        Transport::ClientCertificateWanted => Finding::certain(Code::VLT507).remedy(
            Where::Here,
            "give the client certificate and its key",
            again(&["--client-cert", "FILE", "--client-key", "FILE"]),
            None,
        ),
        Transport::NotTls => Finding::certain(Code::VLT508).remedy(
            Where::Here,
            "the port speaks plain http: use the port with TLS, or http:// where nobody can listen",
            None,
            None,
        ),
        Transport::WantsTls => Finding::certain(Code::VLT509).remedy(
            Where::Here,
            "use https",
            again(&["--address", &address.replacen("http://", "https://", 1)]),
            None,
        ),
        // An id of the request is Vault's own.
        Transport::NotVault
            if fault.step == StepId::Login
                && fault.status == Some(200)
                && fault.request_id.is_some() =>
        {
            login::without_token(evidence)
        }
        Transport::NotVault | Transport::NotHttp => Finding::certain(Code::VLT510).remedy(
            Where::Here,
            "check VAULT_ADDR: host, port and nothing behind it",
            Some(shell::command(["curl", "-sS", "-i", &format!("{address}/v1/sys/health")])),
            None,
        ),
        Transport::NotForwarded => Finding::certain(Code::VLT523)
            .remedy(
                Where::Here,
                "go through the load balancer that stands before Vault",
                again(&["--address", "https://LOAD-BALANCER"]),
                None,
            )
            .remedy(
                Where::Vault,
                "if you came through it: have it add X-Forwarded-For, and its addresses to x_forwarded_for_authorized_addrs of the listener, beside those that are there",
                None,
                Some("a change of Vault's own configuration, and a restart"),
            ),
        Transport::Redirect => Finding::certain(Code::VLT517),
        Transport::ProxyRefused => Finding::certain(Code::VLT518).remedy(
            Where::Here,
            "reach Vault without the proxy, or have the proxy let it through",
            Some(shell::command(["export", &format!("NO_PROXY={host}")])),
            None,
        ),
        Transport::Reset if fault.step == StepId::Login && login::is_crashing_version(evidence) => {
            login::crashed(evidence)
        }
        Transport::Reset if fault.step == StepId::Login && evidence.seen.vault_answered => {
            login::cut_off(evidence)
        }
        // Before Vault has answered once, nothing says that it is a Vault.
        Transport::Reset if evidence.seen.vault_answered => {
            Finding::likely(Code::VLT519, &[Code::VLT510])
        }
        Transport::Reset => Finding::likely(Code::VLT510, &[Code::VLT507, Code::VLT519]),
        Transport::OtherTls | Transport::Other => Finding::likely(Code::VLT510, &[Code::VLT503]),
    };
    finding
        .fact("settings", "address", address)
        .fact("network", "said", &fault.message)
}

/// Nobody said where Vault is.
fn is_default_address(evidence: &Evidence) -> bool {
    let origin = evidence.settings.origins.get(&Id::Address);
    matches!(origin, Some((_, Origin::Default)))
}

/// An answer of Vault that is no refusal of this request but a state of the
/// server, or one that nothing special is known of.
pub(super) fn status(fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = server_state(fault).unwrap_or_else(|| match fault.status {
        Some(400..500) => Finding::certain(Code::VLT723),
        _ => Finding::likely(Code::VLT519, &[]),
    });
    finding.fact("vault", "said", &fault.message).fact(
        "settings",
        "address",
        &evidence.settings.vault.address,
    )
}

/// The finding for a status that says how the server is, whatever was asked.
pub(super) fn server_state(fault: &Fault) -> Option<Finding> {
    let finding = match fault.status? {
        412 => Finding::certain(Code::VLT522),
        429 => Finding::certain(Code::VLT516).remedy(
            Where::Here,
            "wait and try again; whoever runs Vault can raise the quota",
            None,
            None,
        ),
        472 => Finding::certain(Code::VLT514),
        473 | 474 => Finding::certain(Code::VLT513),
        501 => Finding::certain(Code::VLT512).remedy(
            Where::Vault,
            "initialise it, once, and keep the keys safe",
            Some("vault operator init".to_owned()),
            None,
        ),
        503 if fault.message.contains("sealed") => Finding::certain(Code::VLT511).remedy(
            Where::Vault,
            "unseal it",
            Some("vault operator unseal".to_owned()),
            Some("a share of the unseal key"),
        ),
        503 => Finding::likely(Code::VLT513, &[Code::VLT519, Code::VLT511]),
        500.. => Finding::certain(Code::VLT519),
        _ => return None,
    };
    Some(finding)
}
