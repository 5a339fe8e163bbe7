//! TLS on the way to Vault: authorities, names, dates, client certificates,
//! proxies, and the wrong protocol on a port.

use std::fs;

use crate::reach::{is_turned_away, requests_through_the_proxy, with_vault_at};
use crate::servers::servers;

/// The name in the certificate of the listener with the wrong one.
const OTHER_NAME: &str = "vault.elsewhere.example";

#[test]
fn every_way_to_name_the_authority_works_and_none_is_refused() {
    let servers = servers();
    let article = servers.article();
    let authority = servers.get("VAULTIAM_VAULT_CA");
    let pem = fs::read_to_string(authority).unwrap();
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("authority.pem"), &pem).unwrap();
    let at_vault = || with_vault_at(&article, servers.get("VAULTIAM_VAULT_TLS"));

    is_turned_away(&at_vault(), &[], "network", "VLT504");
    let other = ["--ca-cert", servers.get("VAULTIAM_OTHER_CA")];
    is_turned_away(&at_vault(), &other, "network", "VLT504");

    at_vault().comes_through(&["--ca-cert", authority]);
    let ended = at_vault().comes_through(&["--ca-cert", authority, "--explain"]);
    assert!(ended.stderr.contains("ok    vault"), "{}", ended.stderr);
    let directory = directory.path().to_str().unwrap();
    for (name, value) in [
        ("VAULT_CACERT", authority),
        ("VAULT_CAPATH", directory),
        ("VAULT_CACERT_BYTES", pem.as_str()),
    ] {
        at_vault().env(name, value).comes_through(&[]);
    }
}

#[test]
fn what_is_wrong_with_a_certificate_is_named() {
    let servers = servers();
    let article = servers.article();
    let authority = ["--ca-cert", servers.get("VAULTIAM_VAULT_CA")];
    let cases = [
        ("VAULTIAM_VAULT_WRONG_NAME", "VLT505"),
        ("VAULTIAM_VAULT_EXPIRED", "VLT506"),
        ("VAULTIAM_VAULT_MTLS", "VLT507"),
    ];
    for (listener, code) in cases {
        let attempt = with_vault_at(&article, servers.get(listener));
        is_turned_away(&attempt, &authority, "network", code);
    }
    // The name stands in the command, and the dates are dates.
    let told = |listener: &str| {
        let attempt = with_vault_at(&article, servers.get(listener));
        let ended = attempt
            .vaultiam()
            .run(&[&["login", "-o", "json"], &authority[..]].concat());
        ended.json()["findings"][0].to_string()
    };
    let wrong = told("VAULTIAM_VAULT_WRONG_NAME");
    assert!(
        wrong.contains(&format!("--tls-server-name {OTHER_NAME} ")),
        "{wrong}"
    );
    let expired = told("VAULTIAM_VAULT_EXPIRED");
    assert!(
        expired.contains("the certificate ended on 20") && expired.contains("clock says 20"),
        "{expired}"
    );
}

#[test]
fn the_name_that_the_certificate_carries_can_be_given() {
    let servers = servers();
    let article = servers.article();
    let attempt = with_vault_at(&article, servers.get("VAULTIAM_VAULT_WRONG_NAME"))
        .env("VAULT_CACERT", servers.get("VAULTIAM_VAULT_CA"));
    attempt.comes_through(&["--tls-server-name", OTHER_NAME]);
    let wrong = ["--tls-server-name", "vault.example"];
    is_turned_away(&attempt, &wrong, "network", "VLT505");
}

#[test]
fn a_client_certificate_opens_the_door() {
    let servers = servers();
    let article = servers.article();
    let attempt = with_vault_at(&article, servers.get("VAULTIAM_VAULT_MTLS"))
        .env("VAULT_CACERT", servers.get("VAULTIAM_VAULT_CA"));
    attempt.comes_through(&[
        "--client-cert",
        servers.get("VAULTIAM_VAULT_CLIENT_CERT"),
        "--client-key",
        servers.get("VAULTIAM_VAULT_CLIENT_KEY"),
    ]);
}

#[test]
fn unchecked_certificates_are_accepted_with_a_loud_warning() {
    let servers = servers();
    let article = servers.article();
    for listener in ["VAULTIAM_VAULT_TLS", "VAULTIAM_VAULT_EXPIRED"] {
        let attempt = with_vault_at(&article, servers.get(listener));
        let ended = attempt.comes_through(&["--skip-verify"]);
        let warned = |line: &str| line.starts_with("warning:") && line.contains("certificate");
        assert!(ended.stderr.lines().any(warned), "{}", ended.stderr);
    }
}

#[test]
fn the_wrong_protocol_on_a_port_is_recognised() {
    let servers = servers();
    let article = servers.article();
    let plain = servers.get("VAULT_ADDR").replacen("http:", "https:", 1);
    let attempt = with_vault_at(&article, &plain);
    is_turned_away(&attempt, &[], "network", "VLT508");
    let encrypted = servers
        .get("VAULTIAM_VAULT_TLS")
        .replacen("https:", "http:", 1);
    let attempt = with_vault_at(&article, &encrypted);
    is_turned_away(&attempt, &[], "vault", "VLT509");
}

#[test]
fn tls_goes_through_a_proxy_when_one_is_named() {
    let servers = servers();
    let article = servers.article();
    let address = servers.get("VAULTIAM_VAULT_TLS");
    let host = address.trim_start_matches("https://");
    let before = requests_through_the_proxy(host);
    with_vault_at(&article, address)
        .env("VAULT_CACERT", servers.get("VAULTIAM_VAULT_CA"))
        .env("VAULT_PROXY_ADDR", servers.get("HTTPS_PROXY"))
        .comes_through(&[]);
    assert!(requests_through_the_proxy(host) > before);
}
