//! No question, no colour, no spinner, one line an error, and its exit code.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::reach::stranger;
use crate::servers::servers;
use crate::terminal::Terminal;
use crate::vaultiam::{Vaultiam, ended};

#[test]
fn nobody_is_asked_even_at_a_terminal() {
    let state = servers().nothing();
    let words = ["setup", "--only", "aws"];
    for (value, asks) in [("true", false), ("1", false), ("false", true)] {
        let run = state.as_operator().env("CI", value);
        let mut terminal = Terminal::start(&run, &words);
        if asks {
            terminal.expect("Make these changes? [y/N]");
            terminal.say("n");
            assert_eq!(terminal.end().code, 1);
            continue;
        }
        let ended = terminal.end();
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        for said in ["CFG907", "--yes"] {
            assert!(ended.stderr.contains(said), "{}", ended.stderr);
        }
        assert!(!ended.stderr.contains("[y/N]"), "{}", ended.stderr);
    }
}

#[test]
fn an_open_pipe_is_not_waited_for() {
    let state = servers().nothing();
    let begun = Instant::now();
    for words in [&["setup"][..], &["teardown"], &["init"]] {
        let run = state.as_operator().env("CI", "true");
        let mut command = run.command(words);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // Held open until the program has ended.
        let keyboard = child.stdin.take();
        let ended = ended(child);
        drop(keyboard);
        // Where nothing is set up there is nothing to ask about before a teardown.
        let wanted = if words == ["setup"] { 2 } else { 0 };
        assert_eq!(ended.code, wanted, "{words:?}\n{}", ended.stderr);
    }
    assert!(begun.elapsed() < Duration::from_secs(30));
}

/// What a terminal is told by escape sequences: colour, and the spinner's line.
fn is_painted(text: &str) -> bool {
    text.contains('\u{1b}')
}

#[test]
fn nothing_is_painted_even_at_a_terminal() {
    let article = servers().article();
    // Long enough for a spinner to be seen.
    let rules = json!([{ "match": { "path": ".*/login" }, "do": { "delay_ms": 700 } }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    let address = relay["url"].as_str().unwrap();
    let words = [
        "login",
        "--no-store",
        "--auth-role",
        "nope",
        "--address",
        address,
    ];
    let start = || article.on_kongs_instance().env("TERM", "xterm");
    let at_terminal = |run: &Vaultiam| {
        let ended = Terminal::start(run, &words).end();
        assert_eq!(ended.code, 5, "{}", ended.stderr);
        ended.stderr
    };
    let person = at_terminal(&start());
    assert!(
        is_painted(&person) && person.contains("asking Vault and AWS"),
        "{person}"
    );
    let job = start().env("CI", "true");
    let told = at_terminal(&job);
    assert!(!is_painted(&told) && told.starts_with("error"), "{told}");
    // Colour can still be asked for: many a log shows it.
    for run in [
        job.env("CLICOLOR_FORCE", "1"),
        start().env("CLICOLOR_FORCE", "1"),
    ] {
        assert!(is_painted(&run.run(&words).stderr));
    }
}

#[test]
fn an_error_is_one_line_with_its_code_and_an_exit_code_of_its_own() {
    let article = servers().article();
    let state = servers().nothing();
    let job = || article.on_kongs_instance().env("CI", "true");
    let throttled = json!({
        "match": { "account": state.account, "action": "GetCallerIdentity" },
        "do": { "answer": "throttling" },
    });
    servers().control("POST", "rules", &throttled);
    let secret = article.secret_path.as_str();
    let missing = format!("{}/kong/nope", article.kv_mount);
    let other = format!("{}/other/secret", article.kv_mount);
    let cases: [(Vaultiam, &[&str], i32, &str); 8] = [
        (job(), &["get", secret, "--explan"], 2, "CFG906"),
        (
            job().env("VAULT_SKIP_VERIFY", "maybe"),
            &["get", secret],
            2,
            "CFG903",
        ),
        (
            Vaultiam::bare().env("AWS_REGION", "us-east-1"),
            &["get", "kv/a"],
            4,
            "AWS101",
        ),
        (job(), &["get", secret, "--auth-role", "nope"], 5, "VLT603"),
        (job(), &["get", &other], 6, "VLT702"),
        (job(), &["get", &missing], 7, "VLT707"),
        (
            job().env("VAULT_ADDR", stranger("closed")),
            &["get", secret],
            8,
            "VLT502",
        ),
        (state.as_operator(), &["setup", "--plan"], 10, "AWS217"),
    ];
    for (run, words, exit_code, code) in cases {
        let ended = run.env("CI", "true").run(&[words, &["-q"]].concat());
        assert_eq!(ended.code, exit_code, "{words:?}\n{}", ended.stderr);
        assert_eq!(ended.stdout, "", "{words:?}");
        let lines: Vec<&str> = ended.stderr.lines().collect();
        assert_eq!(lines.len(), 1, "{words:?}\n{}", ended.stderr);
        let begins = lines[0].starts_with(&format!("error[{code}]: "));
        assert!(begins, "{}", ended.stderr);
    }
}
