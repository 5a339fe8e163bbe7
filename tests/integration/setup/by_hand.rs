//! The page's own commands end where `setup` does.

use std::process::Command;

use crate::servers::servers;

/// The commands below the heading `The same by hand`.
fn commands() -> String {
    let page = include_str!("../../../docs/setup.md");
    let section = page.split("\n## The same by hand\n").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn the_commands_of_the_page_end_where_setup_does() {
    let state = servers().nothing();
    let directory = tempfile::tempdir().unwrap();
    let documents = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/setup");
    for entry in std::fs::read_dir(documents).unwrap() {
        let entry = entry.unwrap();
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let text = text.replace("123456789012", &state.account);
        std::fs::write(directory.path().join(entry.file_name()), text).unwrap();
    }
    for (name, program) in [("aws", "VAULTIAM_AWS_CLI"), ("vault", "VAULTIAM_VAULT_CLI")] {
        std::os::unix::fs::symlink(servers().get(program), directory.path().join(name)).unwrap();
    }
    let script = commands()
        .replace("123456789012", &state.account)
        .replace("cd docs/setup\n", "");
    let mut shell = Command::new("sh");
    for name in [
        "AWS_CA_BUNDLE",
        "HTTPS_PROXY",
        "NO_PROXY",
        "AWS_CONFIG_FILE",
    ] {
        shell.env(name, servers().get(name));
    }
    let path = format!("{}:/usr/bin:/bin", directory.path().display());
    let output = shell
        .args(["-euc", &script])
        .env("PATH", path)
        .env("HOME", directory.path())
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", &state.operator.0)
        .env("AWS_SECRET_ACCESS_KEY", &state.operator.1)
        .env("VAULT_ADDR", &state.vault_address)
        .env("VAULT_TOKEN", &state.vault_token)
        .current_dir(directory.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let run = state.as_operator().run(&["setup", "--plan"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "plan: nothing to change, 11 unchanged\n");
    let gone = state
        .as_operator()
        .run(&["teardown", "--yes", "-o", "json"]);
    assert_eq!(gone.code, 0, "{}", gone.stderr);
    assert_eq!(gone.json()["done"].as_array().unwrap().len(), 9);
}
