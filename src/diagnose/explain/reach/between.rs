//! Something between here and Vault answers in Vault's place: a proxy, a gateway, a
//! load balancer, a web page.

use super::slow::{ENOUGH, way_to_sts};
use super::{Asked, login_again};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Transport;
use crate::settings::Id;
use crate::shell;
use crate::trace::StepId;

/// The statuses of a gateway whose server does not answer.
const OF_A_GATEWAY: [u16; 3] = [502, 503, 504];

/// A node of Vault, whose address is not known here.
const NODE: &str = "https://NODE:8200";

/// What answered is not Vault. Whether the address is wrong hangs on whether a Vault
/// was seen there.
pub(super) fn another_answers(asked: &Asked<'_>) -> Finding {
    let status = asked.fault.status;
    let gateway = status.filter(|status| OF_A_GATEWAY.contains(status));
    match (gateway, asked.has_seen_vault()) {
        (Some(504), true) if asked.fault.step == StepId::Login => gave_up_on_login(asked),
        (Some(status), true) => lost_vault(status),
        (Some(status), false) => without_vault(status, asked),
        (None, true) => keeps_it_back(asked),
        (None, false) => Finding::certain(Code::VLT510).remedy(
            Where::Here,
            format!("check {}: host, port and nothing behind it", asked.source()),
            Some(asked.health(&["-i"])),
            None,
        ),
    }
}

/// A login takes Vault's way to STS too.
fn gave_up_on_login(asked: &Asked<'_>) -> Finding {
    let finding = Finding::likely(Code::VLT503, &[Code::VLT620, Code::VLT519])
        .because("Vault's health answered here; the login was answered with 504 by something before Vault, a load balancer or a gateway, which did not wait longer. During a login Vault asks STS, and tries so for up to 90 seconds before it says why it failed.")
        .remedy(
            Where::Here,
            "log in at a node itself, past the load balancer, with time enough for Vault's own reason",
            Some(login_again(&["--address", NODE, "--timeout", ENOUGH])),
            None,
        );
    way_to_sts(finding, asked)
}

fn lost_vault(status: u16) -> Finding {
    Finding::likely(Code::VLT519, &[Code::VLT513, Code::VLT511])
        .because(format!(
            "Vault has answered here a moment ago; this request was answered with {status} by something before it, a load balancer or a gateway, which got no answer from Vault."
        ))
        .remedy(
            Where::Here,
            "ask a node itself, past the load balancer",
            Some(node_health()),
            None,
        )
        .remedy(
            Where::Here,
            "if all nodes are well: wait some seconds, until the load balancer has seen it, and try again",
            None,
            None,
        )
}

fn without_vault(status: u16, asked: &Asked<'_>) -> Finding {
    Finding::likely(Code::VLT510, &[Code::VLT519, Code::VLT511])
        .because(format!(
            "What answers, with {status}, is a load balancer or a gateway itself: it has no Vault behind it that is well, or this is not the address of your Vault."
        ))
        .remedy(
            Where::Here,
            "if the address is right: ask a node itself; each that is sealed or down is none to the load balancer, whose health check should be /v1/sys/health",
            Some(node_health()),
            None,
        )
        .remedy(
            Where::Here,
            "see who answers",
            Some(asked.health(&["-i"])),
            None,
        )
}

/// A firewall for web applications, a gateway, a login page: it lets the health
/// check through, and not this.
fn keeps_it_back(asked: &Asked<'_>) -> Finding {
    let what = &asked.fault.operation;
    Finding::likely(Code::VLT510, &[Code::VLT519])
        .because("Vault has answered at this address a moment ago, and this answer is not Vault's: something before it, a gateway or a firewall for web applications, lets one request through and not the other.")
        .remedy(
            Where::Here,
            "ask a node itself, past it",
            Some(login_again(&["--address", NODE])),
            None,
        )
        .remedy(
            Where::Vault,
            format!("or have whoever runs it let this through: {what}"),
            None,
            None,
        )
}

fn node_health() -> String {
    shell::command(["curl", "-sS", "-i", &format!("{NODE}/v1/sys/health")])
}

/// The proxy opens no way to Vault.
pub(super) fn proxy(kind: Transport, asked: &Asked<'_>) -> Finding {
    let host = asked.host();
    let proxy = in_use(asked);
    let who = match &proxy {
        Some(Used { variable, address }) => format!("The proxy {address}, of {variable},"),
        None => "The proxy".to_owned(),
    };
    let finding = if kind == Transport::ProxyWantsLogin {
        Finding::certain(Code::VLT518).because(format!(
            "{who} opens a way to {host} only to somebody who logs in to it."
        ))
    } else {
        // It is the proxy that looks the name up, and it does not tell.
        Finding::likely(Code::VLT518, &[Code::VLT501, Code::VLT502])
            .because(format!(
                "{who} opens no way to {host}: it does not allow that, does not know the name, or does not reach the host. It does not tell which."
            ))
            .remedy(
                Where::Here,
                format!("check the name in {}: {host}", asked.source()),
                Some(shell::command(["getent", "hosts", &host])),
                None,
            )
    };
    let Some(Used { variable, address }) = proxy else {
        return finding;
    };
    let finding = finding.fact("settings", &variable, address);
    if !is_for_all(asked) {
        return finding.remedy(
            Where::Here,
            "reach Vault without it, or have it let this host through; NO_PROXY does not count for it",
            Some(shell::command(["unset", &variable])),
            None,
        );
    }
    finding.remedy(
        Where::Here,
        "reach Vault without it, or have it let this host through",
        Some(format!(
            "export NO_PROXY=\"${{NO_PROXY:+$NO_PROXY,}}{host}\""
        )),
        None,
    )
}

/// A proxy, and the variable that names it. Its password is in neither.
struct Used {
    variable: String,
    address: String,
}

fn in_use(asked: &Asked<'_>) -> Option<Used> {
    let settings = &asked.evidence.settings;
    if let Some((address, origin)) = settings.origins.get(&Id::ProxyAddress) {
        return Some(Used {
            variable: origin.to_string(),
            address: address.clone(),
        });
    }
    let proxy = settings.vault.connection.environment_proxy.as_ref()?;
    Some(Used {
        variable: proxy.variable.clone(),
        address: proxy.address.clone(),
    })
}

/// Tells whether the proxy is the one of all programs, which NO_PROXY rules too.
fn is_for_all(asked: &Asked<'_>) -> bool {
    !asked
        .evidence
        .settings
        .origins
        .contains_key(&Id::ProxyAddress)
}
