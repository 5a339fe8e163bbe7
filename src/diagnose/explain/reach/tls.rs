//! Vault's certificate, and that of a node to which a request was sent on.

use super::redirect::leader;
use super::{Asked, login_again};
use crate::diagnose::{Code, Finding, Where};
use crate::settings::Id;
use crate::shell;

/// Nobody whom this machine trusts has signed it.
pub(super) fn unknown_authority(asked: &Asked<'_>) -> Finding {
    let settings = &asked.evidence.settings;
    let named = [Id::CaCert, Id::CaPath, Id::CaCertBytes]
        .into_iter()
        .find_map(|id| {
            let (value, _) = settings.origins.get(&id)?;
            Some((settings.place(id), value))
        });
    let finding = of_node(Finding::certain(Code::VLT504), asked);
    let (finding, text) = match named {
        Some((place, value)) => (
            finding.fact("settings", &place, value),
            format!("{place} names authorities, and none of them signed it: give the one that did"),
        ),
        None => (
            finding.fact("settings", "authorities", "those of this machine"),
            "give the authority that signed Vault's certificate".to_owned(),
        ),
    };
    let finding = finding.remedy(
        Where::Here,
        text,
        Some(login_again(&["--ca-cert", "FILE"])),
        None,
    );
    match see_certificate(asked) {
        Some(command) => finding.remedy(
            Where::Here,
            "see who signed it; a name that is not of your company's may be a proxy",
            Some(command),
            None,
        ),
        None => finding,
    }
}

/// It is for other names than the one that was asked for.
pub(super) fn wrong_name(asked: &Asked<'_>) -> Finding {
    let names = &asked.fault.peer.certificate_names;
    let finding = of_node(Finding::certain(Code::VLT505), asked);
    let finding = match names.is_empty() {
        true => finding,
        false => finding.fact("certificate", "is for", names.join(", ")),
    };
    if asked.fault.peer.redirected_to.is_some() {
        return leader(finding, asked).remedy(
            Where::Vault,
            "have the active node announce, as api_addr, an address with a name that its certificate has",
            None,
            Some("a change of Vault's own configuration, and a restart"),
        );
    }
    // A star is no name that could be asked for.
    match names.iter().find(|name| !name.contains('*')) {
        Some(name) => finding.remedy(
            Where::Here,
            "if that is the name of your Vault, say so: the check stays on; better, use an address with that name",
            Some(login_again(&["--tls-server-name", name])),
            None,
        ),
        None => finding.remedy(
            Where::Here,
            "use an address that the certificate names, or say which name to expect: the check stays on",
            Some(login_again(&["--tls-server-name", "NAME"])),
            None,
        ),
    }
}

/// It is too old or too young, or the clock is wrong.
pub(super) fn out_of_date() -> Finding {
    Finding::certain(Code::VLT506)
        .remedy(
            Where::Here,
            "see whether this machine's clock is right",
            Some("date -u".to_owned()),
            None,
        )
        .remedy(
            Where::Vault,
            "if it is: renew the certificate of Vault's listener and reload it",
            Some("sudo systemctl reload vault".to_owned()),
            None,
        )
}

/// Says whose certificate it is, where it is not that of the address.
fn of_node(finding: Finding, asked: &Asked<'_>) -> Finding {
    match &asked.fault.peer.redirected_to {
        Some(to) => finding.fact("vault", "redirected to", to),
        None => finding,
    }
}

/// The command that shows the certificate; it takes no right.
fn see_certificate(asked: &Asked<'_>) -> Option<String> {
    let at = asked.fault.peer.redirected_to.as_deref();
    let url = url::Url::parse(at.unwrap_or(asked.address())).ok()?;
    let host = url.host_str()?;
    let place = format!("{host}:{}", url.port_or_known_default()?);
    let mut words = vec!["openssl", "s_client", "-connect", &place];
    if url.domain().is_some() {
        words.extend(["-servername", host]);
    }
    Some(format!("{} < /dev/null", shell::command(words)))
}
