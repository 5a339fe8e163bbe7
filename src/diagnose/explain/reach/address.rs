//! The address of Vault has a form that cannot be used.

use crate::diagnose::again::Again;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::settings::{Id, Origin};
use crate::shell;
use crate::vault::client::parse_address;

/// Says which source gave it, and what was probably meant.
pub(in crate::diagnose::explain) fn malformed_address(
    fault: &Fault,
    evidence: &Evidence,
) -> Finding {
    let settings = &evidence.settings;
    let place = settings.place(Id::Address);
    // A password stands in what was given, not in what is shown of it.
    let origin = settings.origins.get(&Id::Address);
    let shown = origin.map_or(&fault.target, |(value, _)| value);
    let finding = Finding::certain(Code::VLT520)
        .because(format!("{place}: {}.", fault.message))
        .fact("settings", &place, shown);
    let mended =
        mended(&fault.target).unwrap_or_else(|| "https://vault.example.com:8200".to_owned());
    let text = format!("say where Vault is, as in {mended}");
    let command = match origin {
        Some((_, Origin::Environment(variable))) => {
            Some(format!("export {variable}={}", shell::quote(&mended)))
        }
        Some((_, Origin::Flag(_))) => Some(Again::Login.with(&["--address", &mended])),
        _ => None,
    };
    finding.remedy(Where::Here, text, command, None)
}

/// The same address in a form that can be used: scheme, host and port.
fn mended(text: &str) -> Option<String> {
    let text = text.trim();
    let whole = match text.split_once("://") {
        Some(("http" | "https", _)) => text.to_owned(),
        Some(_) => return None,
        // Vault listens on 8200 by default, https on 443.
        None if text.contains(':') => format!("https://{text}"),
        None => format!("https://{text}:8200"),
    };
    let url = url::Url::parse(&whole).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let port = url.port().map(|port| format!(":{port}"));
    let mended = format!("{}://{host}{}", url.scheme(), port.unwrap_or_default());
    parse_address(&mended).is_ok().then_some(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_is_named() {
        let cases = [
            ("vault", Some("https://vault:8200")),
            ("vault.internal:8200", Some("https://vault.internal:8200")),
            ("127.0.0.1:8200", Some("https://127.0.0.1:8200")),
            (" https://vault:8200\r", Some("https://vault:8200")),
            ("https://vault:8200/v1", Some("https://vault:8200")),
            ("https://me:secret@vault", Some("https://vault")),
            ("https://vault/ui/vault/secrets", Some("https://vault")),
            ("https://vault?x=1", Some("https://vault")),
            ("ftp://vault", None),
            ("https://", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(mended(text).as_deref(), expected, "{text:?}");
        }
    }
}
