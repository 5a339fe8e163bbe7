//! The page's own settings and commands do what it says.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{done, openbao, run_with};
use crate::servers::{Nothing, servers};
use crate::vaultiam::Vaultiam;

/// The blocks of a language below a heading.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let page = include_str!("../../../docs/openbao.md");
    let section = page.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let start = format!("```{language}\n");
    section
        .split(&start)
        .skip(1)
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

/// The one block below a heading.
fn block(heading: &str, language: &str) -> String {
    let [block] = blocks(heading, language).try_into().unwrap();
    block
}

/// The settings of the page for this OpenBao.
fn settings(nothing: &Nothing) -> String {
    let settings = block("What to set", "yaml");
    let address = "https://openbao.internal:8200";
    assert!(settings.contains(address), "{settings}");
    settings.replace(address, &nothing.vault_address)
}

/// Runs commands of the page with `bao` and `vaultiam` in the surroundings of a
/// run, and returns what they print.
fn shell(nothing: &Nothing, run: Vaultiam, home: &Path, script: &str) -> String {
    let config = home.join("vaultiam.yaml");
    std::fs::write(&config, settings(nothing)).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_vaultiam")).parent().unwrap();
    let path = format!(
        "{}:{}:/usr/bin:/bin",
        program.display(),
        servers().get("VAULTIAM_BIN")
    );
    // The program's own surroundings, around a shell.
    let prepared = run
        .env("VAULTIAM_CONFIG", config.display().to_string())
        .env("PATH", path)
        .env("HOME", home.display().to_string());
    let mut command = Command::new("sh");
    for (name, value) in prepared.command(&[]).get_envs() {
        command.env(name, value.unwrap());
    }
    let output = command
        .args(["-euc", script])
        .current_dir(home)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_page_leads_from_nothing_to_a_secret() {
    let nothing = openbao();
    let home = tempfile::tempdir().unwrap();
    let [register, namespaces] = blocks("What to set", "sh").try_into().unwrap();
    let file = "/opt/openbao/plugins/openbao-plugin-auth-aws";
    let ours = format!(
        "{}/plugins/openbao/openbao-plugin-auth-aws",
        servers().get("VAULTIAM_SERVERS")
    );
    assert!(register.contains(file), "{register}");
    let offered = shell(
        &nothing,
        nothing.as_operator(),
        home.path(),
        &register.replace(file, &ours),
    );
    assert!(offered.contains("openbao-plugin-auth-aws"), "{offered}");
    shell(&nothing, nothing.as_operator(), home.path(), &namespaces);
    let [set_up, use_it] = blocks("From nothing to a secret", "sh").try_into().unwrap();
    let made = shell(&nothing, nothing.as_operator(), home.path(), &set_up);
    assert!(
        made.contains("done      vault:team/apps/sys/mounts/kv"),
        "{made}"
    );
    let read = shell(&nothing, nothing.on_kongs_instance(), home.path(), &use_it);
    assert!(read.ends_with("s3cret"), "{read}");
}

#[test]
fn the_commands_by_hand_end_where_setup_does() {
    let nothing = openbao();
    let home = tempfile::tempdir().unwrap();
    let [_, namespaces] = blocks("What to set", "sh").try_into().unwrap();
    shell(&nothing, nothing.as_operator(), home.path(), &namespaces);
    done(
        &nothing,
        &settings(&nothing),
        &["setup", "--only", "aws", "--yes"],
    );
    let script = block("The same by hand", "sh").replace("123456789012", &nothing.account);
    shell(&nothing, nothing.as_operator(), home.path(), &script);
    let planned = run_with(
        nothing.as_operator(),
        &settings(&nothing),
        &["setup", "--plan"],
    );
    assert_eq!(planned.stdout, "plan: nothing to change, 11 unchanged\n");
    let gone = done(&nothing, &settings(&nothing), &["teardown", "--yes"]);
    assert_eq!(gone["done"].as_array().unwrap().len(), 9, "{gone:#}");
    assert_eq!(gone["not_done"], json!([]));
}
