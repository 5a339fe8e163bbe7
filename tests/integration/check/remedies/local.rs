//! What is wrong on this machine.

use std::os::unix::fs::PermissionsExt as _;

use super::{Case, Remedies, SOUND, check_of, whole};
use crate::vaultiam::Vaultiam;

/// The check fails, and passes in the shell that the remedy was pasted into.
fn is_cured(run: &Vaultiam, words: &[&str], expected: &Remedies<'_>) {
    let only = ["check", "--only", expected.check];
    let document = run
        .run(&[&only[..], words, &["-o", "json"]].concat())
        .json();
    let check = check_of(&document, expected.check);
    let finding = &check["findings"][0];
    assert_eq!(finding["code"], expected.code, "{check:#}");
    for index in expected.cure {
        let line = finding["remedies"][index]["command"].as_str().unwrap();
        let again = if line.starts_with("vaultiam check") {
            String::new()
        } else {
            format!(
                "vaultiam {} || [ $? -eq 9 ]",
                [&only[..], words].concat().join(" ")
            )
        };
        let lines = format!("{line} || [ $? -eq 9 ]\n{again}");
        let (_programs, mut shell) = run.shell(&lines);
        let said = shell.output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let passes = format!("  ok    {} ", expected.check);
        assert!(said.contains(&passes), "{lines}\n{said}");
    }
}

fn bare() -> Vaultiam {
    Vaultiam::bare()
        .env("VAULT_MAX_RETRIES", "0")
        .env("VAULT_CLIENT_TIMEOUT", "1")
}

#[test]
fn the_region_is_named_and_a_variable_taken_away() {
    let region = Remedies {
        check: "settings.region",
        code: "AWS116",
        cure: &[0],
        show: &[],
    };
    is_cured(&bare(), &[], &region);

    let nothing = whole(SOUND);
    let settings = format!("{SOUND}vault: {{ address: \"https://vault.internal:8200\" }}\n");
    let case = Case {
        settings: &settings,
        ..Case::of(&nothing)
    };
    let ambient = Remedies {
        check: "settings.ambient",
        code: "CFG905",
        cure: &[0],
        show: &[],
    };
    is_cured(&case.run(), &[], &ambient);
}

#[test]
fn the_way_to_vault_and_the_token_file() {
    let run = bare().env("AWS_REGION", "us-east-1");
    let http = Remedies {
        check: "sec.http",
        code: "SEC004",
        cure: &[0],
        show: &[],
    };
    is_cured(&run, &["--address", "http://vault.invalid:8200"], &http);
    let run = run.env("VAULT_ADDR", "http://vault.invalid:8200");
    is_cured(&run, &[], &http);

    let tls = Remedies {
        check: "sec.tls",
        code: "SEC005",
        cure: &[0],
        show: &[],
    };
    is_cured(&bare().env("VAULT_SKIP_VERIFY", "true"), &[], &tls);

    let run = bare();
    let file = run.file(".vault-token", "hvs.secret-of-nobody");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let files = Remedies {
        check: "sec.files",
        code: "SEC011",
        // Ending the token takes a Vault that knows it.
        cure: &[0],
        show: &[],
    };
    is_cured(&run, &[], &files);
}
