//! The scripts in `completions/` are the program's own, and the shells that
//! read them complete with them.

#[cfg(feature = "real-servers")]
mod typed;

use crate::generated::{assert_current, assert_files, of_project};
use crate::vaultiam::Vaultiam;

/// Each shell and its file below `completions/`.
const FILES: [(&str, &str); 6] = [
    ("bash", "vaultiam.bash"),
    ("zsh", "_vaultiam"),
    ("fish", "vaultiam.fish"),
    ("powershell", "_vaultiam.ps1"),
    ("elvish", "vaultiam.elv"),
    ("nushell", "vaultiam.nu"),
];

fn script(shell: &str) -> String {
    let ended = Vaultiam::bare().run(&["completions", shell]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    ended.stdout
}

#[test]
fn the_files_are_what_the_program_prints() {
    for (shell, file) in FILES {
        assert_current(&of_project("completions").join(file), &script(shell));
    }
    let names = FILES.map(|(_, file)| file.to_owned());
    assert_files(&of_project("completions"), &names.into());
}

/// Those of PowerShell and elvish have no values: their generator makes none.
#[test]
fn values_stand_in_the_scripts_that_can_have_them() {
    for shell in ["bash", "zsh", "fish", "nushell"] {
        let script = script(shell);
        for value in ["separate", "regional", "VLT607", "dotenv", "stored"] {
            assert!(script.contains(value), "{shell}: {value}");
        }
    }
}

#[test]
fn neither_settings_nor_their_errors_stand_in_the_way() {
    let run = Vaultiam::bare().env("VAULTIAM_CONFIG", "/nowhere.yaml");
    let ended = run.run(&["completions", "bash"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}
