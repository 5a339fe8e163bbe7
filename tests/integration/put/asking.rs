//! What a person is asked: a value that nobody sees, and whether fields may
//! vanish.

use std::process::Command;

use serde_json::json;

use super::{State, done};
use crate::terminal::Terminal;
use crate::vaultiam::Vaultiam;

/// A secret with two fields, and what replaces them both by another.
fn with_two_fields(state: &State, name: &str) -> (Vaultiam, String) {
    let run = state.writer();
    run.file("v", "x");
    let path = state.path(name);
    done(&run.run(&["put", &path, "user=@v", "port=@v"]));
    (run, path)
}

#[test]
fn a_value_is_typed_unseen() {
    let state = State::new();
    let path = state.path("asked");
    for field in ["value", "value=-"] {
        let run = state.writer();
        let mut terminal = Terminal::start(&run, &["put", &path, field]);
        terminal.expect("value (is not shown): ");
        terminal.say("canary of a person ");
        let ended = terminal.end();
        done(&ended);
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
        assert_eq!(
            state.held("asked").0,
            json!({ "value": "canary of a person " })
        );
    }
}

#[test]
fn a_terminal_that_was_silenced_shows_what_is_typed_again() {
    let state = State::new();
    let path = state.path("interrupted");
    let run = state.writer();
    let mut terminal = Terminal::start(&run, &["put", &path, "value"]);
    terminal.expect("value (is not shown): ");
    assert!(!terminal.repeats());
    let kill = Command::new("kill")
        .args(["-INT", &terminal.pid()])
        .status();
    assert!(kill.unwrap().success());
    terminal.expect("nothing was written");
    assert!(terminal.repeats());
    assert_eq!(terminal.end().code, 130);
    assert_eq!(state.held("interrupted").0, serde_json::Value::Null);
}

#[test]
fn without_a_person_a_value_that_is_missing_is_an_error() {
    let state = State::new();
    let run = state.writer();
    let ended = run.run(&["put", &state.path("x"), "value"]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("error[CFG907]"), "{}", ended.stderr);
    let mut terminal = Terminal::start(&run, &["put", &state.path("x"), "value"]);
    terminal.expect("value (is not shown): ");
    terminal.say("");
    let ended = terminal.end();
    assert_eq!(ended.code, 2, "{}", ended.stderr);
}

#[test]
fn fields_that_vanish_are_named_and_agreed_to() {
    let state = State::new();
    let (run, path) = with_two_fields(&state, "vanishing");
    let words = ["put", &path, "value=@v"];
    for (answer, code) in [("n", 1), ("", 1), ("y", 0)] {
        let mut terminal = Terminal::start(&run, &words);
        terminal.expect(&format!("Replace {path}? It loses: port, user [y/N]"));
        terminal.say(answer);
        let ended = terminal.end();
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert_eq!(
            ended.stderr.contains("nothing was written"),
            code == 1,
            "{}",
            ended.stderr
        );
    }
    assert_eq!(state.held("vanishing"), (json!({ "value": "x" }), json!(2)));
}

#[test]
fn where_nobody_is_asked_what_vanished_is_said() {
    let state = State::new();
    let (run, path) = with_two_fields(&state, "unasked");
    let ended = run.run(&["put", &path, "user=@v", "-o", "json"]);
    done(&ended);
    assert_eq!(ended.json()["fields_removed"], json!(["port"]));
    assert!(
        ended
            .stderr
            .contains(&format!("warning: {path} loses: port")),
        "{}",
        ended.stderr
    );
    for more in ["-y", "--no-input"] {
        let (run, path) = with_two_fields(&state, "unasked");
        let ended = Terminal::start(&run, &["put", &path, "port=@v", more]).end();
        done(&ended);
        assert!(ended.stderr.contains("loses: user"), "{}", ended.stderr);
    }
}

#[test]
fn what_was_agreed_to_is_the_one_thing_that_is_replaced() {
    let state = State::new();
    let (run, path) = with_two_fields(&state, "meanwhile");
    let mut terminal = Terminal::start(&run, &["put", &path, "value=@v"]);
    terminal.expect("It loses: port, user [y/N]");
    done(&run.run(&["put", &path, "precious=@v", "-q"]));
    terminal.say("y");
    let ended = terminal.end();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("VLT716"), "{}", ended.stderr);
    assert_eq!(state.held("meanwhile").0, json!({ "precious": "x" }));
}
