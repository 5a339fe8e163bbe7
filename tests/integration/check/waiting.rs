//! `--wait`: the same again until nothing fails, or the time is over.

use std::io::Read as _;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{SOUND, as_auditor, bind, check_of, checked, outcomes, whole};
use crate::vaultiam::ended;

#[test]
fn a_failure_that_is_mended_meanwhile_is_no_answer() {
    let nothing = whole(SOUND);
    bind(&nothing, "KongRole");
    let run = as_auditor(&nothing, SOUND);
    let mut child = run.spawn(&["check", "--admin", "--wait", "2m"]);
    let mut first = [0; 32];
    child
        .stderr
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    let first = String::from_utf8_lossy(&first).into_owned();
    assert!(
        first.starts_with("waiting: auth.binding (VLT605) f"),
        "{first}"
    );
    bind(&nothing, "VaultRole");
    let ended = ended(child);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("0 failed"), "{}", ended.stdout);
    assert_eq!(
        ended.stdout.matches("auth.binding").count(),
        1,
        "one report"
    );
}

#[test]
fn the_time_ends_the_waiting_and_warnings_do_not_begin_it() {
    let nothing = whole(SOUND);
    let body = json!({ "token_num_uses": 5 });
    nothing.vault_api("POST", "auth/aws/role/kong-role", &body);
    let run = as_auditor(&nothing, SOUND);
    let begun = Instant::now();
    let (ended, _) = checked(&run, &["--admin", "--wait", "10m"]);
    assert_eq!(ended.code, 9);
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "a warning is an answer"
    );

    let absent = format!("{SOUND}vault: {{ auth_role: nobody }}\n");
    let run = as_auditor(&nothing, &absent);
    let begun = Instant::now();
    let (ended, _) = checked(&run, &["--admin", "--wait", "3s"]);
    assert!(begun.elapsed() >= Duration::from_secs(3));
    assert_eq!(ended.code, 9);
    assert_eq!(ended.stderr, "", "with JSON nothing but warnings");
    assert_eq!(check_of(&ended.json(), "auth.role")["outcome"], "failed");
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_no_token_and_one_document() {
    let nothing = whole(SOUND);
    let absent = format!("{SOUND}vault: {{ auth_role: nobody }}\n");
    let run = as_auditor(&nothing, &absent);
    let child = run.spawn(&["check", "--admin", "--wait", "5m", "-o", "json"]);
    std::thread::sleep(Duration::from_secs(4));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ended = ended(child);
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    assert!(outcomes(&ended.json()).is_empty());
}
