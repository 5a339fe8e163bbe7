//! `setup` asks before it changes anything, and takes no answer for a no.

use std::process::Command;

use serde_json::Value;

use crate::servers::{Nothing, servers};
use crate::terminal::Terminal;

/// Asks IAM whether a role is there.
fn has_role(state: &Nothing, name: &str) -> bool {
    let roles = state.aws(&["iam", "list-roles"]);
    let roles = roles["Roles"].as_array().cloned().unwrap_or_default();
    roles.iter().any(|role| role["RoleName"] == name)
}

#[test]
fn nothing_is_changed_unless_the_answer_is_yes() {
    let state = servers().nothing();
    let run = state.as_operator();
    for answer in ["n", "", "no"] {
        let mut terminal = Terminal::start(&run, &["setup", "--only", "aws"]);
        terminal.expect("Make these changes? [y/N]");
        terminal.say(answer);
        let ended = terminal.end();
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        assert!(
            ended.stderr.contains("nothing was changed"),
            "{}",
            ended.stderr
        );
        assert!(!has_role(&state, "KongRole"));
    }
    let mut terminal = Terminal::start(&run, &["setup", "--only", "aws"]);
    terminal.expect("Make these changes? [y/N]");
    terminal.say("perhaps");
    terminal.expect("answer y or n");
    terminal.say("y");
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(has_role(&state, "KongRole") && has_role(&state, "VaultRole"));
}

#[test]
fn an_interrupt_or_the_end_of_the_input_is_a_no() {
    let state = servers().nothing();
    let run = state.as_operator();
    let mut terminal = Terminal::start(&run, &["setup", "--only", "aws"]);
    terminal.expect("Make these changes? [y/N]");
    terminal.press("\u{4}");
    assert_eq!(terminal.end().code, 1);
    let mut terminal = Terminal::start(&run, &["setup", "--only", "aws"]);
    terminal.expect("Make these changes? [y/N]");
    let kill = Command::new("kill")
        .args(["-INT", &terminal.pid()])
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(terminal.end().code, 130);
    assert!(!has_role(&state, "KongRole"));
}

#[test]
fn a_role_that_was_made_anew_is_a_question_of_its_own() {
    let state = servers().nothing();
    let run = state.as_operator();
    assert_eq!(run.run(&["setup", "--only", "aws", "--yes"]).code, 0);
    // As AWS leaves it when KongRole was deleted.
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Sid":"VaultiamAssume","Effect":"Allow","Principal":{"AWS":"AROADEADDEADDEAD0000"},"Action":"sts:AssumeRole"}]}"#;
    let command = [
        "iam",
        "update-assume-role-policy",
        "--role-name",
        "VaultRole",
        "--policy-document",
        trust,
    ];
    state.aws(&command);
    let named = |state: &Nothing| -> Value {
        let role = state.aws(&["iam", "get-role", "--role-name", "VaultRole"]);
        role["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"].clone()
    };
    let mut terminal = Terminal::start(&run, &["setup", "--only", "aws"]);
    terminal.expect("Make these changes? [y/N]");
    terminal.say("y");
    terminal.expect("Trust whoever has these names now? [y/N]");
    terminal.say("n");
    assert_eq!(terminal.end().code, 1);
    assert_eq!(named(&state), "AROADEADDEADDEAD0000");
    let mut terminal = Terminal::start(&run, &["setup", "--only", "aws"]);
    terminal.expect("Make these changes? [y/N]");
    terminal.say("y");
    terminal.expect("Trust whoever has these names now? [y/N]");
    terminal.say("y");
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(named(&state), state.role_arn("KongRole"));
}
