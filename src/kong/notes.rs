//! What Kong does otherwise than the settings may lead one to think.

use url::Url;

use super::names::is_taken_by_some;
use super::vault_side::way_below;
use crate::http::is_loopback;
use crate::settings::{Id, Origin, Settings};

/// Sentences, the most important first.
pub(super) fn of(settings: &Settings, address: &Url) -> Vec<String> {
    let connection = &settings.vault.connection;
    let mut notes = Vec::new();
    if is_loopback(address.host_str().unwrap_or_default()) {
        let default = match settings.origins.get(&Id::Address) {
            Some((_, Origin::Default)) => ", the default",
            _ => "",
        };
        notes.push(format!(
            "Vault's address is {}{default}: Kong looks for Vault on its own host.",
            settings.vault.address
        ));
    } else if address.scheme() == "http" {
        notes.push(
            "Plain http: whoever is on the way to Vault can read Kong's logins and every secret."
                .to_owned(),
        );
    }
    let below = way_below(settings).unwrap_or_default();
    if !below.is_empty() {
        notes.push(format!(
            "Kong has one namespace, so the mount begins with the way from there to the KV engine's: {below}"
        ));
    }
    if connection.client_cert.is_some() {
        notes.push(
            "Kong has no client certificate for this login: a Vault that asks for one refuses it."
                .to_owned(),
        );
    }
    if let Some(name) = &connection.tls_server_name {
        notes.push(format!(
            "Kong checks Vault's certificate for the host of its address, not for {name} (vault.tls_server_name)."
        ));
    }
    if connection.skip_verify {
        notes.push(
            "Kong goes on checking Vault's certificate: vault.skip_verify is for vaultiam alone."
                .to_owned(),
        );
    }
    let prefix = &settings.kong.prefix;
    if is_taken_by_some(prefix) {
        notes.push(format!(
            "Some versions of Kong have a vault '{prefix}' of their own and refuse it as a prefix."
        ));
    }
    notes
}
