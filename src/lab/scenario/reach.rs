//! The way to Vault: its address, and whether what answers is Vault and ready.

use super::{Break, Cure, Run, Scenario};
use crate::diagnose::Code;
use crate::exit_code::{UNREACHABLE, USAGE};
use crate::fault::Side;

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        name: "vault-sealed",
        title: "Vault was sealed",
        code: Code::VLT511,
        side: Some(Side::Vault),
        exit: UNREACHABLE,
        breaks: Break::Commands(&["vault operator seal"]),
        run: Run::LOGIN,
        cure: Cure::Person("somebody with an unseal key runs 'vault operator unseal'"),
    },
    Scenario {
        name: "vault-down",
        title: "nothing listens where Vault should be",
        code: Code::VLT502,
        side: Some(Side::Network),
        exit: UNREACHABLE,
        breaks: Break::Settings(&[("VAULT_ADDR", "http://127.0.0.1:9")]),
        run: Run::LOGIN,
        cure: Cure::Person("start Vault, or correct VAULT_ADDR"),
    },
    Scenario {
        name: "vault-name",
        title: "the name of Vault's host does not exist",
        code: Code::VLT501,
        side: Some(Side::Network),
        exit: UNREACHABLE,
        breaks: Break::Settings(&[("VAULT_ADDR", "https://vault.invalid:8200")]),
        run: Run::LOGIN,
        cure: Cure::Person("correct VAULT_ADDR"),
    },
    Scenario {
        name: "https-to-plain-port",
        title: "VAULT_ADDR says https, and Vault's port speaks http",
        code: Code::VLT508,
        side: Some(Side::Network),
        exit: UNREACHABLE,
        breaks: Break::Settings(&[("VAULT_ADDR", "https://$VAULT_HOST")]),
        run: Run::LOGIN,
        cure: Cure::Person("write http:// here; a real Vault should speak TLS"),
    },
    Scenario {
        name: "not-a-vault",
        title: "what answers at VAULT_ADDR is another service",
        code: Code::VLT510,
        side: Some(Side::Vault),
        exit: UNREACHABLE,
        breaks: Break::Settings(&[("VAULT_ADDR", "$METADATA")]),
        run: Run::LOGIN,
        cure: Cure::Person("correct VAULT_ADDR"),
    },
    Scenario {
        name: "plain-http",
        title: "VAULT_ADDR is plain http to another machine",
        code: Code::SEC004,
        side: Some(Side::Local),
        exit: USAGE,
        breaks: Break::Settings(&[("VAULT_ADDR", "http://vault.example.com:8200")]),
        run: Run::LOGIN,
        cure: Cure::Person("use https: whoever reads the login on its way can use it"),
    },
    Scenario {
        name: "malformed-address",
        title: "VAULT_ADDR has no scheme",
        code: Code::VLT520,
        side: Some(Side::Local),
        exit: UNREACHABLE,
        breaks: Break::Settings(&[("VAULT_ADDR", "vault.internal:8200")]),
        run: Run::LOGIN,
        cure: Cure::Person("write https:// in front"),
    },
];
