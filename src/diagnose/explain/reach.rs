//! Nobody answered, or the wrong thing did; and answers that mean the server
//! itself is unwell.

mod address;
mod between;
mod redirect;
pub(super) mod slow;
mod tls;

use super::{Evidence, login};
use crate::diagnose::again::Again;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, Transport};
use crate::settings::{Id, Origin};
use crate::shell;
use crate::trace::StepId;
use crate::vault::standing::Standing;

pub(super) use address::malformed_address;

/// STS could not be reached.
pub(super) fn sts(kind: Transport, fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = match (kind, &evidence.seen.region) {
        // A region that does not exist has no host; a proxy refuses it then.
        (
            Transport::NameNotResolved | Transport::ProxyRefused | Transport::ProxyWantsLogin,
            Some(region),
        ) => Finding::likely(Code::AWS215, &[Code::AWS116]).fact("settings", "region", region),
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
        Transport::NameNotResolved | Transport::ProxyRefused | Transport::ProxyWantsLogin => (
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
    let asked = Asked { fault, evidence };
    let finding = match kind {
        Transport::Redirect => redirect::not_followed(&asked),
        _ if let Some(finding) = redirect::failed(kind, &asked) => finding,
        Transport::NameNotResolved => Finding::certain(Code::VLT501).remedy(
            Where::Here,
            format!("check the name in {}: {}", asked.source(), asked.host()),
            Some(shell::command(["getent", "hosts", &asked.host()])),
            None,
        ),
        Transport::Refused => Finding::certain(Code::VLT502).remedy(
            Where::Here,
            if is_default_address(evidence) {
                "VAULT_ADDR is not set, and this is its default: set it; else check that Vault runs"
            } else {
                "check that Vault runs, and on this port"
            },
            Some(asked.health(&[])),
            None,
        ),
        Transport::TimedOut if asked.has_seen_vault() => slow::after_health(&asked),
        Transport::ConnectTimedOut | Transport::TimedOut => Finding::certain(Code::VLT503).remedy(
            Where::Here,
            "check firewalls and security groups between here and Vault",
            Some(asked.health(&["--max-time", "5"])),
            None,
        ),
        Transport::UnknownAuthority => tls::unknown_authority(&asked),
        Transport::WrongCertificateName => tls::wrong_name(&asked),
        Transport::CertificateDates => tls::out_of_date(),
        Transport::ClientCertificateWanted => Finding::certain(Code::VLT507).remedy(
            Where::Here,
            "give the client certificate and its key",
            Some(login_again(&["--client-cert", "FILE", "--client-key", "FILE"])),
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
            Some(login_again(&[
                "--address",
                &asked.address().replacen("http://", "https://", 1),
            ])),
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
        Transport::NotVault | Transport::NotHttp => between::another_answers(&asked),
        Transport::NotForwarded => Finding::certain(Code::VLT523)
            .remedy(
                Where::Here,
                "go through the load balancer that stands before Vault",
                Some(login_again(&["--address", "https://LOAD-BALANCER"])),
                None,
            )
            .remedy(
                Where::Vault,
                "if you came through it: have it add X-Forwarded-For, and its addresses to x_forwarded_for_authorized_addrs of the listener, beside those that are there",
                None,
                Some("a change of Vault's own configuration, and a restart"),
            ),
        Transport::ProxyRefused | Transport::ProxyWantsLogin => between::proxy(kind, &asked),
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
        .fact("settings", "address", asked.address())
        .fact("network", "said", &fault.message)
}

/// A request that brought no usable answer, and what is known around it.
struct Asked<'a> {
    fault: &'a Fault,
    evidence: &'a Evidence,
}

impl<'a> Asked<'a> {
    /// Where Vault is said to be.
    fn address(&self) -> &'a str {
        let address = &self.evidence.settings.vault.address;
        if address.is_empty() {
            &self.fault.target
        } else {
            address
        }
    }

    /// Who says so: a flag, a variable, or a key of the settings file.
    fn source(&self) -> String {
        self.evidence.settings.place(Id::Address)
    }

    fn host(&self) -> String {
        let url = url::Url::parse(self.address()).ok();
        let host = url.and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_else(|| self.address().to_owned())
    }

    /// A URL of Vault's API there.
    fn url(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.address().trim_end_matches('/'))
    }

    /// The command that asks for the health, which takes no right at all.
    fn health(&self, flags: &[&str]) -> String {
        let url = self.url("sys/health");
        let words = ["curl", "-sS"].into_iter();
        shell::command(words.chain(flags.iter().copied()).chain([url.as_str()]))
    }

    /// Tells whether a Vault itself answered at this address in this run: with its
    /// health, or with a token.
    fn has_seen_vault(&self) -> bool {
        let seen = &self.evidence.seen;
        seen.vault_told_health || seen.token_policies.is_some()
    }
}

/// The command that logs in again, with flags that change something.
fn login_again(flags: &[&str]) -> String {
    Again::Login.with(flags)
}

/// Nobody said where Vault is.
fn is_default_address(evidence: &Evidence) -> bool {
    let origin = evidence.settings.origins.get(&Id::Address);
    matches!(origin, Some((_, Origin::Default)))
}

/// An answer of Vault that is no refusal of this request but a state of the
/// server, or one that nothing special is known of.
pub(super) fn status(fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = server_state(fault, evidence).unwrap_or_else(|| match fault.status {
        Some(400..500) => Finding::certain(Code::VLT723),
        _ => failed_inside(Finding::likely(Code::VLT519, &[])),
    });
    finding.fact("vault", "said", &fault.message).fact(
        "settings",
        "address",
        &evidence.settings.vault.address,
    )
}

/// The finding for an answer that says how the server is, whatever was asked.
pub(super) fn server_state(fault: &Fault, evidence: &Evidence) -> Option<Finding> {
    let status = fault.status?;
    if let Some(standing) = Standing::read(status, &fault.message) {
        return Some(by_standing(standing, fault, evidence));
    }
    let finding = match status {
        412 => behind(Finding::certain(Code::VLT522)),
        429 => Finding::certain(Code::VLT516).remedy(
            Where::Here,
            "wait and try again; whoever runs Vault can raise the quota",
            None,
            None,
        ),
        472 => Finding::certain(Code::VLT514),
        473 | 474 => who_leads(Finding::certain(Code::VLT513), fault, evidence),
        501 => Finding::certain(Code::VLT512).remedy(
            Where::Vault,
            "initialise it, once, and keep the keys safe",
            Some("vault operator init".to_owned()),
            None,
        ),
        503 => who_leads(
            Finding::likely(Code::VLT513, &[Code::VLT519, Code::VLT511]),
            fault,
            evidence,
        ),
        500.. => failed_inside(Finding::certain(Code::VLT519)),
        _ => return None,
    };
    Some(finding)
}

fn by_standing(standing: Standing, fault: &Fault, evidence: &Evidence) -> Finding {
    match standing {
        Standing::Sealed => Finding::certain(Code::VLT511).remedy(
            Where::Vault,
            "unseal it",
            Some("vault operator unseal".to_owned()),
            Some("a share of the unseal key"),
        ),
        Standing::WithoutActive => who_leads(Finding::certain(Code::VLT513), fault, evidence),
        Standing::NotPassedOn => who_leads(
            Finding::likely(Code::VLT513, &[Code::VLT519]).because(
                "The node that answers is a standby, and the request that it sent on to the active node brought no answer: the node died, or is not reachable at its cluster_addr (port 8201).",
            ),
            fault,
            evidence,
        ),
        Standing::BehindActive => behind(
            Finding::likely(Code::VLT522, &[Code::VLT513, Code::VLT519]).because(
                "The node that answers is a standby that may not write, and it had to for this request: it has not caught up with the active node, or does not reach it.",
            ),
        ),
    }
}

/// Says how it is found who leads the cluster. Nobody needs a right for that.
fn who_leads(finding: Finding, fault: &Fault, evidence: &Evidence) -> Finding {
    let asked = Asked { fault, evidence };
    finding.remedy(
        Where::Here,
        "ask who leads the cluster; without a leader_address, start and unseal the nodes that are missing",
        Some(shell::command(["curl", "-sS", &asked.url("sys/leader")])),
        None,
    )
}

/// What helps where a node is some moments behind the others.
fn behind(finding: Finding) -> Finding {
    finding.remedy(
        Where::Here,
        "wait a moment and try again; to avoid it, have the load balancer keep a client on one node",
        None,
        None,
    )
}

/// What Vault does not tell its clients stands in its log.
fn failed_inside(finding: Finding) -> Finding {
    finding.remedy(
        Where::Vault,
        "on Vault's server: its log has the reason",
        Some("sudo journalctl -u vault --since '10 minutes ago'".to_owned()),
        None,
    )
}

#[cfg(test)]
mod tests;
