//! A person sees each check as it ends, on a terminal and in a pipe alike.

use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{SOUND, as_auditor, whole};
use crate::terminal::Terminal;
use crate::vaultiam::ended;

/// How wide mark and name of a check are.
const HEAD: usize = 27;

/// How long Vault takes to answer.
const SLOW: Duration = Duration::from_secs(6);

#[test]
fn lines_appear_while_other_checks_still_run() {
    let nothing = whole(SOUND);
    let rules = json!([{
        "match": { "path": "/v1/sys/health" }, "do": { "delay_ms": SLOW.as_millis() as u64 },
    }]);
    let (_, url) = nothing.relay(&rules);
    let run = as_auditor(&nothing, SOUND).env("VAULT_ADDR", url);
    let begun = Instant::now();
    let mut child = run.spawn(&["check", "--admin"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    let mut line = next();
    assert!(line.starts_with("vaultiam check  KongRole at "), "{line}");
    while !line.contains("aws.kong-role") {
        line = next();
    }
    assert!(line.starts_with("  ok    aws.kong-role"), "{line}");
    assert!(begun.elapsed() < SLOW, "{:?}", begun.elapsed());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(begun.elapsed() >= SLOW, "{:?}", begun.elapsed());
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:#?}");
    assert!(
        rest.last().unwrap().ends_with("0 failed, 3 skipped"),
        "{rest:#?}"
    );
}

#[test]
fn a_narrow_terminal_shows_all_of_it() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND).env("TERM", "xterm");
    let words = ["check", "--admin", "--color", "never"];
    for columns in [60, 100] {
        let terminal = Terminal::start_wide(&run, &words, columns);
        let ended = terminal.end();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let mut shown = ended.stderr.as_str();
        // What the spinner drew it wiped away: what is left stands behind it.
        let mut left = String::new();
        while let Some((before, after)) = shown.split_once('\u{1b}') {
            left.push_str(before);
            let end = after.find(|character: char| character.is_ascii_alphabetic());
            shown = &after[end.map_or(after.len(), |end| end + 1)..];
        }
        left.push_str(shown);
        for id in ["settings.region", "aws.trust", "auth.binding", "sec.files"] {
            assert!(left.contains(&format!("  ok    {id} ")), "{id}\n{left}");
        }
        for line in left.lines().filter(|line| line.starts_with("  ")) {
            let line = line.rsplit('\r').next().unwrap();
            // An ARN is one word, which nothing breaks.
            let has_blank = line.get(HEAD..).unwrap_or(line).trim().contains(' ');
            let width = line.chars().count();
            assert!(
                width <= columns.into() || !has_blank,
                "{width} of {columns}: {line}"
            );
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND);
    let mut child = run.spawn(&["check", "--admin"]);
    drop(child.stdout.take());
    child.stdout = Some(run.spawn(&["explain", "VLT607"]).stdout.take().unwrap());
    let ended = ended(child);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}
