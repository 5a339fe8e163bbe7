//! The man pages in `docs/man` are the program's own, and whole.

use std::collections::BTreeSet;

use crate::generated::{assert_current, assert_files, of_project};
use crate::vaultiam::Vaultiam;

fn page(words: &[&str]) -> String {
    let ended = Vaultiam::bare().run(&[&["man"], words].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    ended.stdout
}

#[test]
fn the_files_are_what_the_program_writes() {
    let run = Vaultiam::bare();
    let written = run.run(&["man", "--dir", "new/man1"]);
    assert_eq!((written.code, written.stderr.as_str()), (0, ""));
    let mut names = BTreeSet::new();
    for path in written.stdout.lines() {
        let name = path.strip_prefix("new/man1/").unwrap();
        let text = std::fs::read_to_string(run.home().join(path)).unwrap();
        assert_current(&of_project("docs/man").join(name), &text);
        names.insert(name.to_owned());
    }
    assert_files(&run.home().join("new/man1"), &names);
    assert_files(&of_project("docs/man"), &names);
    for name in ["vaultiam.1", "vaultiam-login.1", "vaultiam-man.1"] {
        assert!(names.contains(name), "{name}");
    }
}

#[test]
fn a_page_is_printed_too() {
    let committed = |name: &str| {
        let path = of_project("docs/man").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    assert_eq!(page(&[]), committed("vaultiam.1"));
    assert_eq!(page(&["setup"]), committed("vaultiam-setup.1"));
    assert_eq!(
        page(&["kong", "render"]),
        committed("vaultiam-kong-render.1")
    );
}

#[test]
fn a_page_has_the_sections_that_a_reader_looks_for() {
    let page = page(&["get"]);
    let sections: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix(".SH "))
        .collect();
    let wanted = [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "AWS",
        "VAULT",
        "\"CONNECTION TO VAULT\"",
        "KV",
        "EXAMPLES",
        "\"EXIT STATUS\"",
        "ENVIRONMENT",
        "FILES",
        "\"SEE ALSO\"",
    ];
    assert_eq!(sections, wanted);
}

#[test]
fn what_has_no_page_or_no_place_is_named() {
    let run = Vaultiam::bare();
    let ended = run.run(&["man", "-q", "lgin"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("has no page for 'lgin'"),
        "{}",
        ended.stderr
    );
    run.file("taken", "");
    let ended = run.run(&["man", "-q", "--dir", "taken/man1"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    let named = "error[CFG909]";
    assert!(ended.stderr.starts_with(named), "{}", ended.stderr);
    assert!(ended.stderr.contains("taken/man1"), "{}", ended.stderr);
}

/// The date is left out: a page is as old as the version that it names.
#[cfg(feature = "real-servers")]
#[test]
fn mandoc_finds_nothing_wrong_but_the_missing_date() {
    let mut command = std::process::Command::new("mandoc");
    command.args(["-Tlint", "-Wwarning"]);
    for entry in std::fs::read_dir(of_project("docs/man")).unwrap() {
        command.arg(entry.unwrap().path());
    }
    let count = command.get_args().count() - 2;
    let checked = command.output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    let (dates, other): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|line| line.contains("missing date"));
    assert_eq!(other, Vec::<&str>::new());
    assert_eq!(dates.len(), count);
}
