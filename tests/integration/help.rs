//! The help texts, and what a person reads who typed something wrong.

use std::collections::BTreeSet;

use ::vaultiam::settings::TABLE;

use crate::vaultiam::{Ended, Vaultiam};

/// The flags that are no settings.
const COMMAND_FLAGS: &[&str] = &[
    "admin",
    "admin-profile",
    "cas",
    "color",
    "config",
    "dir",
    "explain",
    "field",
    "force",
    "format",
    "help",
    "list",
    "no-input",
    "no-progress",
    "no-store",
    "only",
    "output",
    "patch",
    "quiet",
    "record",
    "show-token",
    "skip",
    "strict",
    "token-only",
    "verbose",
    "version",
    "wait",
    "yes",
    // Another name for --auth-role.
    "role",
];

const COMMANDS: [&[&str]; 11] = [
    &[],
    &["init"],
    &["login"],
    &["get"],
    &["put"],
    &["check"],
    &["kong"],
    &["kong", "render"],
    &["explain"],
    &["completions"],
    &["man"],
];

fn help(command: &[&str]) -> String {
    let words = [command, &["--help"]].concat();
    let ended = Vaultiam::bare().env("COLUMNS", "100").run(&words);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    ended.stdout
}

#[test]
fn the_help_texts_are_as_they_were_read_and_agreed() {
    insta::assert_snapshot!("help", help(&[]));
    insta::assert_snapshot!("help_init", help(&["init"]));
    insta::assert_snapshot!("help_setup", help(&["setup"]));
    insta::assert_snapshot!("help_check", help(&["check"]));
    insta::assert_snapshot!("help_teardown", help(&["teardown"]));
    insta::assert_snapshot!("help_login", help(&["login"]));
    insta::assert_snapshot!("help_get", help(&["get"]));
    insta::assert_snapshot!("help_kong", help(&["kong"]));
    insta::assert_snapshot!("help_kong_render", help(&["kong", "render"]));
    insta::assert_snapshot!("help_explain", help(&["explain"]));
    insta::assert_snapshot!("help_completions", help(&["completions"]));
    insta::assert_snapshot!("help_man", help(&["man"]));
}

#[test]
fn help_in_a_pipe_has_no_colour_and_fits_the_width() {
    for command in COMMANDS {
        let text = help(command);
        assert!(!text.contains('\u{1b}'), "{command:?}");
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{command:?}: {line}");
        }
    }
}

#[test]
fn every_flag_of_the_help_is_a_documented_setting_or_known() {
    let page = include_str!("../../docs/settings.md");
    let mut seen = BTreeSet::new();
    for command in COMMANDS {
        for flag in flags_in(&help(command)) {
            let is_setting = TABLE.iter().any(|row| row.flag == Some(&flag));
            if is_setting {
                assert!(page.contains(&format!("`--{flag}`")), "--{flag}");
            } else {
                assert!(COMMAND_FLAGS.contains(&flag.as_str()), "--{flag}");
            }
            seen.insert(flag);
        }
    }
    for flag in COMMAND_FLAGS.iter().copied() {
        assert!(seen.contains(flag), "--{flag} is in no help text");
    }
}

/// The names behind `--` in a text.
fn flags_in(text: &str) -> Vec<String> {
    text.split("--")
        .skip(1)
        .map(|rest| {
            let is_of_name = |character: char| character.is_ascii_lowercase() || character == '-';
            let end = rest.find(|character| !is_of_name(character));
            rest[..end.unwrap_or(rest.len())].to_owned()
        })
        .collect()
}

#[test]
fn the_examples_of_the_help_are_accepted() {
    let mut count = 0;
    for command in COMMANDS {
        for line in help(command).lines() {
            let Some(example) = line.strip_prefix("  vaultiam ") else {
                continue;
            };
            let words: Vec<&str> = example.split_whitespace().collect();
            let run = Vaultiam::bare();
            for name in ["password.txt", "tls.crt", "tls.key"] {
                run.file(name, "x");
            }
            run.run(&["login", "--record", "trace.json"]);
            let ended = run.run(&words);
            // A value that is to be typed, and nobody to type it.
            let is_asked = ended.stderr.contains("error[CFG907]");
            assert!(ended.code != 2 || is_asked, "{example}\n{}", ended.stderr);
            count += 1;
        }
    }
    assert!(count >= 8, "{count} examples");
}

#[test]
fn what_every_command_takes_may_stand_before_its_name_too() {
    for words in [["--config", "x", "login"], ["login", "--config", "x"]] {
        let message = "CFG901 x: no such file, named by --config";
        assert_eq!(refusal(&Vaultiam::bare(), &words), message, "{words:?}");
    }
}

#[test]
fn wrong_words_are_answered_in_one_sentence() {
    let cases: [(&[&str], &str); 24] = [
        (
            &["put", "kv/a@3", "b"],
            "CFG906 kv/a@3: names a version or a field; put writes the whole secret, as PATH FIELD=…",
        ),
        (&["put", "kv/a", ""], "CFG906 FIELD: is empty"),
        (
            &["put", "kv/a", "=x"],
            "CFG906 FIELD: has no name before its '='",
        ),
        (
            &["put", "kv/a", "b=@"],
            "CFG906 b=@: names no file behind its '@'",
        ),
        (
            &["put", "kv/a", "@"],
            "CFG906 @: names no file behind its '@'",
        ),
        (&["put", "kv/a", "b=1", "b=2"], "CFG906 b: is given twice"),
        (
            &["put", "kv/a", "b=-", "c=-"],
            "CFG906 -: is given twice; stdin can be read only once",
        ),
        (
            &["put", "kv/a", "b", "--cas", "-1"],
            "CFG906 --cas: must be a whole number from 0 on, not '-1'",
        ),
        (
            &["get", "kv//a"],
            "CFG906 kv//a: has an empty part, '.' or '..'",
        ),
        (
            &["get", "kv/../sys"],
            "CFG906 kv/../sys: has an empty part, '.' or '..'",
        ),
        (
            &["get", "kv/a#"],
            "CFG906 kv/a#: names no field behind its '#'",
        ),
        (
            &["get", "kv/a\nb"],
            "CFG906 kv/a\\u{a}b: holds a control character",
        ),
        (
            &["get", "kv/a@99999999999999999999"],
            "CFG906 kv/a@99999999999999999999: has a version that is too large: 99999999999999999999",
        ),
        (
            &["get", "-f", "a", "kv/x#b"],
            "CFG906 kv/x#b: names a field and --field another; give one of them",
        ),
        (
            &["get", "kv/x@2", "--version", "3"],
            "CFG906 kv/x@2: names a version and --version another; give one of them",
        ),
        (
            &["login", "--sts", "both"],
            "CFG903 --sts: must be one of client, regional, global, not 'both'",
        ),
        (
            &["login", "--account-id", "12"],
            "CFG903 --account-id: must be the 12 digits of an AWS account id, not '12'",
        ),
        (
            &["login", "--timeout", "soon"],
            "CFG903 --timeout: must be a time such as 30s, 5m or 1h30m, not 'soon'",
        ),
        (
            &["login", "--max-retries", "many"],
            "CFG903 --max-retries: must be a whole number, not 'many'",
        ),
        (
            &["login", "--session-policy", "/nowhere.json"],
            "CFG903 aws.session_policy: must be deny-all, none or a file; /nowhere.json cannot be read: No such file or directory (os error 2)",
        ),
        (
            &["login", "--no-assume", "--assume-role-arn", "arn:x"],
            "CFG905 --no-assume: contradicts --assume-role-arn; give one of them",
        ),
        (
            &["login", "--client-cert", "me.pem"],
            "CFG905 vault.client_cert: a client certificate and its key belong together; set both (VAULT_CLIENT_CERT, VAULT_CLIENT_KEY) or none",
        ),
        (
            &["explain", "NOPE"],
            "CFG906 NOPE: 'NOPE' is no finding code and no file; vaultiam explain --list shows the codes",
        ),
        (
            &["login", "--config", "/nowhere.yaml"],
            "CFG901 /nowhere.yaml: no such file, named by --config",
        ),
    ];
    for (words, message) in cases {
        assert_eq!(refusal(&Vaultiam::bare(), words), message, "{words:?}");
    }
}

#[test]
fn words_that_the_parser_does_not_know_are_answered_in_one_sentence() {
    let cases: [(&[&str], &str); 14] = [
        (
            &["lgin"],
            "vaultiam: has no command 'lgin'; did you mean 'login'?",
        ),
        (
            &["apply"],
            "vaultiam: has no command 'apply'; see vaultiam --help",
        ),
        (
            &["login", "extra"],
            "vaultiam login: does not take 'extra'; see vaultiam login --help",
        ),
        (
            &["login", "--explan"],
            "vaultiam login: does not take '--explan'; did you mean '--explain'?",
        ),
        (
            &["login", "--ttl", "5m"],
            "vaultiam login: does not take '--ttl'; see vaultiam login --help",
        ),
        (&["login", "--sts"], "--sts: needs a value"),
        (
            &["login", "--explain", "--explain"],
            "vaultiam login: takes --explain only once",
        ),
        (
            &["login", "-o", "xml"],
            "--output: must be one of human, json, not 'xml'",
        ),
        (
            &["login", "--color", "pink"],
            "--color: must be one of auto, always, never, not 'pink'",
        ),
        (
            &["get"],
            "vaultiam get: needs <PATH>...; see vaultiam get --help",
        ),
        (&["get", ""], "PATH: is empty"),
        (
            &["get", "--version", "0", "kv/a"],
            "--version: must be a whole number from 1 on, not '0'",
        ),
        (
            &["explain"],
            "vaultiam explain: needs <CODE|FILE>; see vaultiam explain --help",
        ),
        (
            &["explain", "--list", "VLT607"],
            "vaultiam explain: takes --list or [CODE|FILE], not both",
        ),
    ];
    for (words, message) in cases {
        let message = format!("CFG906 {message}");
        assert_eq!(refusal(&Vaultiam::bare(), words), message, "{words:?}");
    }
}

#[test]
fn a_variable_of_the_wrong_form_is_named() {
    let run = Vaultiam::bare().env("VAULT_SKIP_VERIFY", "maybe");
    assert_eq!(
        refusal(&run, &["get", "kv/a"]),
        "CFG903 VAULT_SKIP_VERIFY: must be true or false, not 'maybe'"
    );
    let run = Vaultiam::bare().env("VAULTIAM_CONFIG", "/nowhere.yaml");
    assert_eq!(
        refusal(&run, &["get", "kv/a"]),
        "CFG901 /nowhere.yaml: no such file, named by VAULTIAM_CONFIG"
    );
}

#[test]
fn what_is_wrong_in_the_file_is_named_with_its_place() {
    let cases = [
        (
            "aws:\n  regoin: us-east-1\n",
            "CFG902 vaultiam.yaml:2:3: unknown setting 'aws.regoin'; did you mean 'aws.region'?",
        ),
        (
            "vault:\n  token: hvs.secret\n",
            "CFG902 vaultiam.yaml:2:3: a token is never a setting; set VAULT_TOKEN, or log in",
        ),
        (
            "vault:\n  sts: both\n",
            "CFG903 vaultiam.yaml:2:8: 'vault.sts' must be one of client, regional, global, not 'both'",
        ),
        (
            "aws:\n  account_id: 123456789012\n",
            "CFG903 vaultiam.yaml:2:15: 'aws.account_id' must be 12 digits in quotes: \"123456789012\"",
        ),
        (
            "vault: { server_id: vault.internal }\n",
            "CFG905 vault.server_id: Kong cannot send a server id; remove it, or set kong.enabled: false if Kong does not use this login",
        ),
    ];
    for (text, message) in cases {
        let run = Vaultiam::bare();
        run.file("vaultiam.yaml", text);
        let words = ["login", "--config", "vaultiam.yaml"];
        assert_eq!(refusal(&run, &words), message);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let run = Vaultiam::bare();
    let file = run.file("my settings.yaml", "stack: kong\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o664)).unwrap();
    assert_eq!(
        refusal(&run, &["login", "--config", "my settings.yaml"]),
        "SEC011 my settings.yaml: others may write this file (mode 664); run: chmod go-w 'my settings.yaml'"
    );
}

#[test]
fn a_file_in_the_working_directory_is_not_read_but_hinted_at() {
    let run = Vaultiam::bare();
    run.file("vaultiam.yaml", "nonsense: { not read: at all }\n");
    let ended = run.run(&["login"]);
    let (hint, rest) = ended.stderr.split_once('\n').unwrap();
    assert_eq!(
        hint,
        "hint: vaultiam.yaml in this directory is not read; name it with --config vaultiam.yaml if you trust it"
    );
    assert!(!rest.contains("nonsense"), "{rest}");
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert_eq!(run.run(&["login", "-o", "json"]).stderr, "");
}

#[test]
fn a_quiet_run_refuses_in_one_line() {
    let ended = Vaultiam::bare().run(&["login", "-q", "--explan"]);
    assert_eq!(
        ended.stderr,
        "error[CFG906]: wrong usage of the command line; vaultiam login: does not take '--explan'; did you mean '--explain'?\n"
    );
    assert_eq!(ended.code, 2);
}

/// Runs words that are refused: nothing on stdout, one block on stderr, exit
/// code 2. With `-o json` the same stands in one document, and stderr is empty.
pub(crate) fn refusal(run: &Vaultiam, words: &[&str]) -> String {
    let ended = run.run(words);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (2, ""),
        "{words:?}\n{}",
        ended.stderr
    );
    let message = block(&ended);
    let as_json = run.run(&[words, &["-o", "json"]].concat());
    assert_eq!(
        (as_json.code, as_json.stderr.as_str()),
        (2, ""),
        "{words:?}"
    );
    let document = as_json.json();
    assert_eq!(document["schema"], "vaultiam/v1/error");
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(1));
    assert!(message.starts_with(&as_json.finding()), "{document}");
    message
}

/// Code and cause of the one finding on stderr, its lines joined.
fn block(ended: &Ended) -> String {
    let mut lines: Vec<&str> = ended.stderr.lines().collect();
    let head = lines.remove(0);
    let code = head.strip_prefix("error[").and_then(|rest| rest.get(..6));
    let code = code.unwrap_or_else(|| panic!("{}", ended.stderr));
    // A slip of the fingers is not sent to a page.
    if code != "CFG906" {
        let more = format!("more: vaultiam explain {code}");
        assert_eq!(lines.pop(), Some(more.as_str()));
    }
    let cause: Vec<&str> = lines
        .iter()
        .map(|line| {
            let line = line.strip_prefix("  ");
            line.unwrap_or_else(|| panic!("{}", ended.stderr))
        })
        .collect();
    format!("{code} {}", cause.join(" "))
}
