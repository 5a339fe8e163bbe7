//! The page's own commands end where `setup` does.

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
    let script = commands()
        .replace("123456789012", &state.account)
        .replace("cd docs/setup\n", "");
    let mut shell = state.operators_shell(directory.path(), &script);
    let output = shell.output().unwrap();
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
