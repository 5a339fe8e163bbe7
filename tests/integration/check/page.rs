//! The commands of docs/check.md do what the page says.

use ::vaultiam::diagnose::check::Check;

use super::{SOUND, auditor, whole};
use crate::setup::with_settings;

const PAGE: &str = include_str!("../../../docs/check.md");

pub(super) fn blocks(language: &str) -> Vec<&'static str> {
    PAGE.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_commands_of_the_page_run_as_they_stand() {
    let nothing = whole(SOUND);
    let blocks = blocks("sh");
    assert_eq!(blocks.len(), 5);
    let run = nothing.as_operator().env("VAULT_TOKEN", auditor(&nothing));
    let run = with_settings(run, SOUND);
    let program = run.home().join("bin");
    std::fs::create_dir(&program).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_vaultiam"), program.join("vaultiam")).unwrap();
    let run = run
        .under(&["sh", "-euc", &blocks.concat()])
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()));
    let output = run.command(&[]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}{stderr}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(stderr, "", "nothing to wait for");
    let gauges = std::fs::read_to_string(run.home().join("check.prom")).unwrap();
    assert!(gauges.contains("vaultiam_check_exit_code 0"), "{gauges}");
}

#[test]
fn the_page_names_every_check() {
    let rows: Vec<&str> = PAGE
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains('.'))
        .collect();
    for check in Check::ALL {
        let row = format!("| `{}` | {} |", check.id(), check.title());
        assert!(rows.contains(&row.as_str()), "{row}");
    }
    assert_eq!(
        rows.iter().filter(|row| !row.contains("FAIL")).count(),
        Check::ALL.len()
    );
}

#[test]
fn the_policy_of_the_page_is_the_one_that_shows_all() {
    let written: String = blocks("hcl").concat();
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(plain(&written), plain(super::AUDITOR));
}
