//! The page's own commands, run in its order. decK is decK itself; the commands
//! that need a Gateway or a container are stand-ins that write down what they
//! were given.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use ::vaultiam::kong::Format;

use super::environment::{read_by_shell, without_start};
use super::readers::{fields_of_file, read_by_deck, read_by_kong};
use super::rendered;
use crate::servers::servers;

const PAGE: &str = include_str!("../../../docs/kong.md");

/// The settings that the page speaks of.
const SETTINGS: &str = super::golden::ARTICLE;

/// decK itself; what it sends to a Gateway is only read, and the command's own
/// help says that there is such a command.
const DECK: &str = "#!/bin/sh
set -eu
case \"$1 $2\" in
'file validate') exec \"$REAL_DECK\" --analytics=false \"$@\" ;;
'gateway apply')
  \"$REAL_DECK\" --analytics=false \"$1\" \"$2\" --help | grep -q 'without deleting existing'
  exec \"$REAL_DECK\" --analytics=false file validate \"$3\" ;;
esac
exit 1
";

const WRITES_DOWN: &str = "#!/bin/sh\necho \"$(basename \"$0\") $*\" >> ran\n";

fn program(directory: &Path, name: &str, text: &str) {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_commands_of_the_page_do_what_it_says() {
    let directory = tempfile::tempdir().unwrap();
    let programs = directory.path().join("bin");
    let own = directory.path().join(".config/vaultiam");
    for path in [&programs, &own] {
        std::fs::create_dir_all(path).unwrap();
    }
    std::fs::write(own.join("config.yaml"), SETTINGS).unwrap();
    std::fs::write(directory.path().join("kong.conf"), "log_level = info\n").unwrap();
    program(&programs, "deck", DECK);
    program(&programs, "kong", WRITES_DOWN);
    program(&programs, "docker", WRITES_DOWN);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_vaultiam"), programs.join("vaultiam")).unwrap();
    let blocks: Vec<&str> = PAGE
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 4);
    let output = Command::new("sh")
        .args(["-euc", &blocks.concat()])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .env("HOME", directory.path())
        .env("REAL_DECK", servers().get("VAULTIAM_DECK"))
        .current_dir(directory.path())
        .output()
        .unwrap();
    let (printed, said) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{printed}{said}");
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    let ran = read("ran");
    let ran: Vec<&str> = ran.lines().collect();
    assert_eq!(
        ran,
        [
            "kong vault get {vault://my-vault/kong/db-password/value}",
            "kong restart",
            "docker run --env-file kong.env kong/kong-gateway",
        ]
    );
    let fields = fields_of_file(&read_by_deck(&read("kong-vault.yaml")), "my-vault");
    let conf = read("kong.conf");
    let lines: String = conf
        .lines()
        .filter(|line| line.starts_with("vault_"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(read_by_kong(&lines), fields);
    assert_eq!(without_start(read_by_shell(&read("kong.env"))), fields);
    for reference in ["db-password/value}", "db-password/value#2}"] {
        let line = format!("# Name a secret: {{vault://my-vault/kong/{reference}\n");
        assert!(printed.contains(&line), "{printed}");
    }
}

#[test]
fn every_field_is_explained() {
    let (_, table) = PAGE.split_once("\n## What stands in it\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    for settings in super::golden::ALL {
        let text = rendered(settings, Format::KongConf);
        for name in read_by_kong(&text).keys() {
            assert!(table.contains(&format!("`{name}`")), "{name}");
        }
    }
}
