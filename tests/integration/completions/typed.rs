//! Real shells at a terminal: what is typed, the tabulator, and what then
//! stands there. `tests/servers install` installs the shells.

use std::process::Command;

use super::of_project;
use crate::terminal::Terminal;
use crate::vaultiam::Vaultiam;

/// Removes what was typed so far.
const CLEAR: &str = "\u{15}";

/// A shell at a terminal that has read its script from `completions/`.
fn shell(run: &Vaultiam, words: &[&str], prepare: &str, file: &str) -> Terminal {
    run.file("my-settings.yaml", "stack: kong\n");
    run.file("certificates/one.pem", "");
    let mut terminal = Terminal::start_shell(run, words);
    let file = of_project("completions").join(file);
    terminal.say(&format!(
        "{prepare} source '{}'; echo rea''dy",
        file.display()
    ));
    terminal.expect("ready");
    terminal
}

/// Types `keys` on an empty line; each of `shown` appears, one behind the other.
fn assert_completes(terminal: &mut Terminal, keys: &str, shown: &[&str]) {
    terminal.press(CLEAR);
    terminal.press(keys);
    for text in shown {
        terminal.expect(text);
    }
}

#[test]
fn bash_completes_commands_options_values_and_files() {
    let words = ["bash", "--norc", "--noprofile", "-i"];
    let run = Vaultiam::bare();
    let mut terminal = shell(&run, &words, "", "vaultiam.bash");
    for (keys, shown) in [
        ("vaultiam lo\t", &["vaultiam login "][..]),
        ("vaultiam setup --topo\t", &["setup --topology "]),
        (
            "vaultiam setup --topology \t\t",
            &["article", "separate", "direct"],
        ),
        ("vaultiam setup --topology s\t", &["separate "]),
        ("vaultiam --color \t\t", &["auto", "always", "never"]),
        ("vaultiam --color never lo\t", &["--color never login "]),
        ("vaultiam get -o do\t", &["get -o dotenv "]),
        ("vaultiam -o do\t", &["-o dotenv "]),
        ("vaultiam explain VLT60\t\t", &["VLT601", "VLT607"]),
        ("vaultiam completions po\t", &["completions powershell "]),
        ("vaultiam kong ren\t", &["kong render "]),
        (
            "vaultiam kong render --format k\t",
            &["--format kong.conf "],
        ),
        ("vaultiam --config my\t", &["--config my-settings.yaml "]),
        (
            "vaultiam login --ca-path ce\t",
            &["--ca-path certificates/"],
        ),
        // And what was completed is a command that runs.
        (
            "vaultiam expl\tVLT603\n",
            &["vaultiam explain ", "VLT603: the Vault role does not exist"],
        ),
    ] {
        assert_completes(&mut terminal, keys, shown);
    }
    terminal.say("exit");
    terminal.end();
}

#[test]
fn zsh_completes_commands_options_values_and_files() {
    let prepare = "autoload -U compinit; compinit -u -D;";
    let run = Vaultiam::bare();
    let mut terminal = shell(&run, &["zsh", "-f", "-i"], prepare, "_vaultiam");
    for (keys, shown) in [
        ("vaultiam lo\t", &["vaultiam login "][..]),
        ("vaultiam setup --topo\t", &["setup --topology="]),
        (
            "vaultiam setup --topology \t\t",
            &["article", "direct", "separate"],
        ),
        ("vaultiam setup --topology=s\t", &["--topology=separate "]),
        ("vaultiam --color \t\t", &["always", "auto", "never"]),
        ("vaultiam --color never lo\t", &["--color never login "]),
        ("vaultiam get -o do\t", &["get -o dotenv "]),
        ("vaultiam -o do\t", &["-o dotenv "]),
        (
            "vaultiam explain VLT60\t\t",
            &["VLT601", "no auth method is mounted", "VLT607"],
        ),
        ("vaultiam completions po\t", &["completions powershell "]),
        ("vaultiam kong ren\t", &["kong render "]),
        (
            "vaultiam kong render --format k\t",
            &["--format kong.conf "],
        ),
        ("vaultiam --config my\t", &["--config my-settings.yaml "]),
        (
            "vaultiam login --ca-path ce\t",
            &["--ca-path certificates/"],
        ),
        (
            "vaultiam expl\tVLT603\n",
            &["vaultiam explain ", "VLT603: the Vault role does not exist"],
        ),
    ] {
        assert_completes(&mut terminal, keys, shown);
    }
    terminal.say("exit");
    terminal.end();
}

#[test]
fn fish_completes_commands_options_values_and_files() {
    let words = ["fish", "--no-config", "-i"];
    let run = Vaultiam::bare();
    let mut terminal = shell(&run, &words, "", "vaultiam.fish");
    for (keys, shown) in [
        ("vaultiam lo\t", &["vaultiam login "][..]),
        ("vaultiam setup --topo\t", &["setup --topology "]),
        ("vaultiam setup --topology s\t", &["--topology separate "]),
        ("vaultiam --color n\t", &["--color never "]),
        ("vaultiam --color never lo\t", &["--color never login "]),
        ("vaultiam get -o do\t", &["get -o dotenv "]),
        ("vaultiam -o do\t", &["-o dotenv "]),
        ("vaultiam explain VLT607\t", &["explain VLT607 "]),
        ("vaultiam completions po\t", &["completions powershell "]),
        ("vaultiam kong ren\t", &["kong render "]),
        (
            "vaultiam kong render --format k\t",
            &["--format kong.conf "],
        ),
        ("vaultiam --config my\t", &["--config my-settings.yaml "]),
        (
            "vaultiam login --ca-path ce\t",
            &["--ca-path certificates/"],
        ),
        (
            "vaultiam expl\tVLT603\n",
            &["vaultiam explain ", "VLT603: the Vault role does not exist"],
        ),
    ] {
        assert_completes(&mut terminal, keys, shown);
    }
    terminal.say("exit");
    terminal.end();
}

#[test]
fn the_shells_find_nothing_wrong_with_their_scripts() {
    for (shell, file) in [
        ("bash", "vaultiam.bash"),
        ("zsh", "_vaultiam"),
        ("fish", "vaultiam.fish"),
    ] {
        let checked = Command::new(shell)
            .arg("-n")
            .arg(of_project("completions").join(file))
            .output()
            .unwrap_or_else(|error| panic!("{shell}: {error}"));
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(
            checked.status.success() && said.is_empty(),
            "{shell}: {said}"
        );
    }
}
