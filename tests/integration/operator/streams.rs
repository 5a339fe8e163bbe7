//! Ends of streams: a closed pipe, no stdin, a full disk.

use std::fs::File;
use std::process::Stdio;

use crate::servers::servers;
use crate::teardown::sides::{assert_nothing_written, mark, sides};
use crate::teardown::{run_with, with_file};
use crate::vaultiam::Vaultiam;

const SETTINGS: &str = "stack: kong\n";

/// Runs with a pipe that nobody reads as stdout: stderr and the exit code.
fn into_closed_pipe(run: &Vaultiam, typed: &[&str]) -> (String, Option<i32>) {
    let config = with_file(run, SETTINGS);
    let config: Vec<&str> = config.iter().map(String::as_str).collect();
    let mut child = run.spawn(&[typed, &config].concat());
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (stderr, output.status.code())
}

#[test]
fn a_closed_pipe_ends_quietly_with_the_code_of_the_run() {
    let nothing = servers().nothing();
    let run = nothing.as_operator();
    let quiet = [
        (&["setup", "--plan", "-q"][..], 3),
        (&["setup", "--plan", "-o", "json"], 3),
        (&["setup", "-o", "json"], 2),
        (&["setup", "--yes", "-o", "json"], 0),
        (&["setup", "--yes", "-o", "json"], 0),
        (&["teardown", "--plan", "-o", "json"], 3),
        (&["teardown", "--yes", "-o", "json"], 0),
    ];
    for (typed, code) in quiet {
        let (stderr, ended) = into_closed_pipe(&run, typed);
        assert_eq!((stderr.as_str(), ended), ("", Some(code)), "{typed:?}");
    }
    // What was begun is done to its end, and told on the other stream.
    let (stderr, code) = into_closed_pipe(&run, &["setup", "--yes"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!stderr.contains("error"), "{stderr}");
    assert!(sides(&nothing).vault.contains_key("sys/auth/aws/"));
}

/// Runs the program with its stdin closed.
const CLOSED_STDIN: [&str; 4] = ["sh", "-c", "exec \"$@\" <&-", "sh"];

#[test]
fn without_stdin_nobody_is_asked() {
    let nothing = servers().nothing();
    let assert_nobody_is_asked = |settings: &str, typed: &[&str]| {
        let since = mark(&nothing);
        for run in [
            nothing.as_operator(),
            nothing.as_operator().under(&CLOSED_STDIN),
        ] {
            let ended = run_with(&run, settings, typed);
            assert_eq!(ended.code, 2, "{typed:?}: {}", ended.stderr);
            for said in ["CFG907", "--yes"] {
                assert!(ended.stderr.contains(said), "{}", ended.stderr);
            }
        }
        assert_nothing_written(&nothing, since, "nobody was asked");
    };
    assert_nobody_is_asked(SETTINGS, &["setup"]);
    let run = nothing.as_operator().under(&CLOSED_STDIN);
    let set_up = run_with(&run, SETTINGS, &["setup", "--yes"]);
    assert_eq!(set_up.code, 0, "{}", set_up.stderr);
    assert_nobody_is_asked("vault: { ttl: 2h }\n", &["setup", "--no-input"]);
    assert_nobody_is_asked(SETTINGS, &["teardown"]);
    let torn = run_with(&run, SETTINGS, &["teardown", "--yes"]);
    assert_eq!(torn.code, 0, "{}", torn.stderr);
}

#[test]
fn a_disk_that_is_full_is_told() {
    let nothing = servers().nothing();
    for typed in [
        &["setup", "--plan"][..],
        &["setup", "--yes", "-o", "json"],
        &["teardown", "--yes"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let child = nothing
            .as_operator()
            .command(typed)
            .stdout(Stdio::from(full))
            .spawn()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("stdout"), "{stderr}");
    }
    assert!(sides(&nothing).roles.is_empty());
}
