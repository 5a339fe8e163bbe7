//! Recorded traces: the verdict out of the file is the verdict of the run, the
//! file holds no secret, and a file that is no trace ends in one clear error.

use std::path::Path;

use serde_json::{Value, json};

use crate::vaultiam::{Ended, Vaultiam};

/// The commands that have `--record`.
const RECORDED: [&str; 6] = ["login", "get", "put", "setup", "teardown", "check"];

/// Tells whether a run with these words tells a document and can be recorded.
pub(crate) fn can_be_recorded(arguments: &[&str]) -> bool {
    let is_document = arguments.windows(2).any(|pair| pair == ["-o", "json"]);
    let is_free = !arguments
        .iter()
        .any(|word| matches!(*word, "--" | "--list") || word.starts_with("--record"));
    let is_known = arguments
        .first()
        .is_some_and(|word| RECORDED.contains(word));
    is_document && is_free && is_known
}

/// Fails unless the trace leads to the findings that the run itself told. It is
/// read where nothing is known: no settings, no variables, no network.
pub(crate) fn assert_judged_alike(live: &Ended, trace: &Path) {
    let live = live.json();
    let offline = explained(trace);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let of_all = |document: &Value, key: &str| -> Vec<Value> {
        let items = list(&document[key]);
        items
            .iter()
            .flat_map(|item| list(&item["findings"]))
            .collect()
    };
    let mut told = [list(&live["findings"]), of_all(&live, "failed")].concat();
    let mut judged = [of_all(&offline, "failures"), list(&offline["findings"])].concat();
    // What a set-up says of several refusals at once, and the remedy that it
    // adds, is no part of a verdict on one of them.
    let is_setup = ["vaultiam/v1/plan", "vaultiam/v1/applied"]
        .map(Value::from)
        .contains(&live["schema"]);
    if is_setup {
        let codes = |findings: &[Value]| -> Vec<Value> {
            let mut codes: Vec<Value> = findings
                .iter()
                .map(|finding| json!([finding["code"], finding["confidence"]]))
                .collect();
            codes.sort_by_key(Value::to_string);
            codes.dedup();
            codes
        };
        told = codes(&told);
        judged = codes(&judged);
    }
    if live["schema"] == "vaultiam/v1/check" {
        for key in ["kong_can_read", "paths", "checks"] {
            assert_eq!(offline["check"][key], live[key], "{key} of {offline:#}");
        }
        assert_eq!(offline["lacks"], json!([]));
        assert_eq!(offline["recorded"]["exit_code"], live["exit_code"]);
        return;
    }
    assert_eq!(judged, told, "live {live:#}\noffline {offline:#}");
    if !live["fault"].is_null() && !is_setup {
        assert_eq!(offline["failures"][0]["fault"], live["fault"]);
    }
    assert_eq!(offline["recorded"]["exit_code"], live["exit_code"]);
    assert_eq!(offline["steps"], live["steps"]);
}

/// What a trace tells, in a document.
fn explained(trace: &Path) -> Value {
    let words = ["explain", trace.to_str().unwrap(), "-o", "json"];
    let ended = Vaultiam::bare().run(&words);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    ended.json()
}

/// A login that is recorded; Vault is where nobody listens.
fn recorded(run: &Vaultiam, words: &[&str]) -> (Ended, String) {
    let file = run.home().join("trace.json");
    let more = ["--record", file.to_str().unwrap()];
    let ended = run.run(&[words, &more].concat());
    (ended, std::fs::read_to_string(file).unwrap())
}

fn keys() -> Vaultiam {
    Vaultiam::bare()
        .env("VAULT_ADDR", "http://127.0.0.1:1")
        .env("VAULT_MAX_RETRIES", "0")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
        .env("AWS_MAX_ATTEMPTS", "1")
}

#[test]
fn what_needs_no_server_is_judged_alike_out_of_its_trace() {
    let role = "arn:aws:iam::123456789012:role/VaultRole";
    let key = "AKIAIOSFODNN7EXAMPLE";
    let with_keys = || {
        keys().env("AWS_ACCESS_KEY_ID", key).env(
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        )
    };
    let config = |text: &str| {
        let run = keys();
        let path = run.file("aws", text);
        run.env("AWS_CONFIG_FILE", path.display().to_string())
    };
    let token = || keys().env("VAULT_TOKEN", "hvs.not-a-token");
    let cases: [(Vaultiam, &[&str], &str); 18] = [
        (keys(), &["login"], "AWS101"),
        (keys().env("AWS_ACCESS_KEY_ID", key), &["login"], "AWS110"),
        (
            with_keys().env("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
            &["login"],
            "AWS107",
        ),
        (
            with_keys().env(
                "AWS_ACCESS_KEY_ID",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
            &["login"],
            "AWS109",
        ),
        (keys(), &["login", "--profile", "nowhere"], "AWS112"),
        (
            config("[profile p]\nsource_profile = gone\nrole_arn = arn:x\n"),
            &["login", "--profile", "p"],
            "AWS112",
        ),
        (
            config("[profile p]\ncredential_process = false\n"),
            &["login", "--profile", "p"],
            "AWS117",
        ),
        (
            config(
                "[profile p]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x.example\n",
            ),
            &["login", "--profile", "p"],
            "AWS111",
        ),
        (
            keys()
                .env("AWS_ROLE_ARN", role)
                .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token"),
            &["login"],
            "AWS120",
        ),
        (keys().env("AWS_REGION", "nowhere!"), &["login"], "AWS116"),
        (with_keys(), &["login"], "AWS215"),
        (with_keys(), &["login", "--role", role], "VLT633"),
        (
            keys(),
            &["login", "--address", "http://vault.example.com"],
            "SEC004",
        ),
        (keys(), &["login", "--address", "vault:8200:1"], "VLT520"),
        (token(), &["get", "kv/kong/a", "kv/kong/b"], "VLT502"),
        (keys(), &["get", "--token-source", "env", "kv/a"], "CFG904"),
        (token(), &["put", "kv/kong/a", "value=x"], "VLT502"),
        (
            keys(),
            &[
                "setup",
                "--only",
                "vault",
                "--account-id",
                "123456789012",
                "--plan",
            ],
            "CFG904",
        ),
    ];
    for (run, words, code) in cases {
        // Compared where it is run. Explained, some meet STS before they come so far.
        let ended = run.run(&[words, &["-o", "json"]].concat());
        assert_eq!(ended.finding(), code, "{words:?}\n{}", ended.stdout);
        let explained = run.run(&[words, &["--explain", "-o", "json"]].concat());
        assert!(!explained.finding().is_empty(), "{words:?}");
    }
}

#[test]
fn a_trace_is_told_as_the_run_was() {
    let run = keys().env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    let (live, _) = recorded(&run, &["login", "--explain"]);
    assert_eq!(live.code, 4, "{}", live.stderr);
    let (_, block) = live.stderr.split_once("error[").unwrap();
    let words = |more: &[&str]| {
        let told = run.run(&[&["explain", "trace.json"], more].concat());
        assert_eq!((told.code, told.stderr.as_str()), (0, ""), "{more:?}");
        told.stdout
    };
    let told = words(&[]);
    assert!(told.starts_with("vaultiam login, at "), "{told}");
    assert!(told.contains("exit code 4"), "{told}");
    assert_eq!(told.split_once("error[").unwrap().1, block, "{told}");
    let verbose = words(&["-v"]);
    assert!(verbose.contains("  FAIL  credentials"), "{verbose}");
    assert!(!told.contains("FAIL"), "{told}");
    let quiet = words(&["-q"]);
    assert!(quiet.starts_with("error[AWS110]: "), "{quiet}");
    assert_eq!(quiet.lines().count(), 1, "{quiet}");
}

#[test]
fn a_trace_is_read_from_stdin_too() {
    let run = keys();
    let (_, text) = recorded(&run, &["login"]);
    let file = std::fs::File::open(run.home().join("trace.json")).unwrap();
    let child = run
        .command(&["explain", "-", "-o", "json"])
        .stdin(file)
        .spawn();
    let told = crate::vaultiam::ended(child.unwrap());
    assert_eq!(told.json()["failures"][0]["findings"][0]["code"], "AWS101");
    assert!(text.contains("vaultiam/v1/trace"));
}

#[test]
fn what_was_recorded_without_a_look_is_said_to_lack_it() {
    let run = keys();
    let lacks = |words: &[&str]| {
        recorded(&run, words);
        explained(&run.home().join("trace.json"))["lacks"].to_string()
    };
    assert!(lacks(&["login"]).contains("--explain"));
    assert_eq!(lacks(&["login", "--explain"]), "[]");
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_is_done() {
    let run = keys();
    let home = run.home().to_str().unwrap().to_owned();
    for file in ["/nowhere/x", home.as_str()] {
        for words in [
            &["login"][..],
            &["get", "kv/a"],
            &["setup", "--plan"],
            &["check"],
        ] {
            let ended = run.run(&[words, &["--record", file]].concat());
            assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{words:?}");
            assert!(ended.stderr.contains("error[CFG909]"), "{}", ended.stderr);
            assert!(!ended.stderr.contains("AWS101"), "{}", ended.stderr);
        }
    }
    let left = std::fs::read_dir(run.home()).unwrap().count();
    assert_eq!(left, 1, "the empty file of the test itself");
}

#[test]
fn no_secret_stands_in_a_trace() {
    const CANARY: &str = "canary0of/the+secret";
    let key = "ASIAIOSFODNN7EXAMPLE";
    let keys = || {
        keys().env("VAULT_TOKEN", format!("hvs.{CANARY}")).env(
            "VAULT_PROXY_ADDR",
            format!("http://me:{CANARY}@127.0.0.1:1"),
        )
    };
    let with_keys = || {
        keys()
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", format!("{CANARY}of-its-own"))
            .env("AWS_SESSION_TOKEN", format!("session-{CANARY}"))
    };
    let config = |text: &str| {
        let run = keys();
        let path = run.file("aws", text).display().to_string();
        run.env("AWS_CONFIG_FILE", path)
    };
    let process =
        format!("[profile p]\ncredential_process = sh -c 'echo {CANARY} >&2; echo {CANARY}'\n");
    let shared = format!(
        "[profile p]\naws_access_key_id = {key}\naws_secret_access_key = {CANARY}\naws_session_token = {CANARY}\n"
    );
    let pod = || {
        let run = keys();
        let path = run.file("token", CANARY).display().to_string();
        run.env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/Pod")
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", path)
    };
    let container = || {
        keys()
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/x")
            .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", CANARY)
    };
    let swapped = || with_keys().env("AWS_ACCESS_KEY_ID", CANARY.repeat(2));
    let half = || keys().env("AWS_SECRET_ACCESS_KEY", CANARY);
    let address = format!("https://me:{CANARY}@127.0.0.1:1");
    let value = format!("value={CANARY}");
    let cases: [(Vaultiam, &[&str]); 15] = [
        (keys(), &["login"]),
        (with_keys(), &["login"]),
        (
            keys().env("VAULT_PROXY_ADDR", "http://me:canary0@127.0.0.1:1"),
            &["login"],
        ),
        (with_keys(), &["login", "--no-assume"]),
        (swapped(), &["login"]),
        (half(), &["login"]),
        (config(&process), &["login", "--profile", "p"]),
        (config(&shared), &["login", "--profile", "p"]),
        (pod(), &["login"]),
        (container(), &["login"]),
        (with_keys(), &["login", "--address", &address]),
        (with_keys(), &["get", "kv/kong/a", "kv/kong/b#c"]),
        (with_keys(), &["get", "kv/kong/a", "--token-source", "aws"]),
        (with_keys(), &["put", "kv/kong/a", &value]),
        (
            with_keys(),
            &["setup", "--account-id", "123456789012", "--plan"],
        ),
    ];
    for (run, words) in cases {
        for more in [&[][..], &["--explain", "-v"]] {
            let (ended, trace) = recorded(&run, &[words, more].concat());
            for text in [&trace, &ended.stdout, &ended.stderr] {
                assert!(!text.contains("canary0"), "{words:?}\n{text}");
            }
            assert!(trace.contains("\"evidence\""), "{words:?}");
        }
    }
}

/// The refusal of a file with `text`: place and words.
fn refusal(text: &[u8]) -> String {
    let run = Vaultiam::bare();
    let path = run.home().join("trace.json");
    std::fs::write(&path, text).unwrap();
    let words = crate::help::refusal(&run, &["explain", "trace.json"]);
    words.strip_prefix("CFG906 ").unwrap().to_owned()
}

#[test]
fn what_is_no_trace_ends_in_one_clear_error() {
    let (_, good) = recorded(&keys(), &["login"]);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document: Value = serde_json::from_str(&good).unwrap();
        change(&mut document);
        serde_json::to_string_pretty(&document).unwrap()
    };
    let half = good.get(..120).unwrap();
    let cases: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("half", half.to_owned()),
        ("words", "hello\n".to_owned()),
        ("a list", "[1, 2]".to_owned()),
        ("a number", "7".to_owned()),
        ("no schema", "{}".to_owned()),
        ("a schema that is none", r#"{"schema": 7}"#.to_owned()),
        (
            "another document",
            r#"{"schema": "vaultiam/v1/login"}"#.to_owned(),
        ),
        (
            "another version",
            r#"{"schema": "vaultiam/v2/trace"}"#.to_owned(),
        ),
        ("another program", r#"{"schema": "x/v1/trace"}"#.to_owned()),
        (
            "nothing else",
            r#"{"schema": "vaultiam/v1/trace"}"#.to_owned(),
        ),
        (
            "too deep",
            format!(r#"{{"schema": {}"#, "[".repeat(100_000)),
        ),
        (
            "no evidence",
            changed(&|document| {
                document.as_object_mut().unwrap().remove("evidence");
            }),
        ),
        (
            "a cause of the future",
            changed(&|document| {
                document["evidence"]["failures"][0]["fault"]["cause"] = json!({ "told": "later" });
            }),
        ),
        (
            "a step of the future",
            changed(&|document| {
                document["evidence"]["failures"][0]["fault"]["step"] = json!("dance");
            }),
        ),
        (
            "another type",
            changed(&|document| document["settings"] = json!([1])),
        ),
        (
            "a setting that nobody can have",
            changed(&|document| document["settings"]["topology"]["value"] = json!("both")),
        ),
        (
            "an origin that nobody can have",
            changed(&|document| document["settings"]["topology"]["origin"] = json!("heaven")),
        ),
    ];
    let mut told: Vec<String> = cases
        .iter()
        .map(|(name, text)| format!("{name}: {}", refusal(text.as_bytes())))
        .collect();
    told.push(format!("no text: {}", refusal(b"{\"schema\": \"\xff\"}")));
    let huge = vec![b' '; 17 * 1024 * 1024];
    told.push(format!("huge: {}", refusal(&huge)));
    let told: Vec<String> = told.iter().map(|line| without_growth(line)).collect();
    insta::assert_snapshot!(told.join("\n"));
    let run = Vaultiam::bare();
    let missing = crate::help::refusal(&run, &["explain", "nowhere.json"]);
    assert_eq!(
        missing,
        "CFG906 nowhere.json: 'nowhere.json' is no finding code and no file; vaultiam explain --list shows the codes"
    );
    let directory = crate::help::refusal(&run, &["explain", "."]);
    assert!(
        directory.starts_with("CFG906 .: cannot be read: "),
        "{directory}"
    );
}

/// A refusal without what grows with the program: the length of a trace, and the
/// words that it knows.
fn without_growth(line: &str) -> String {
    let line = line.split(", expected one of").next().unwrap();
    let Some((before, rest)) = line.split_once("trace.json:") else {
        return line.to_owned();
    };
    let is_place = |character: char| character.is_ascii_digit() || character == ':';
    let (place, words) = rest.split_once(' ').unwrap();
    if place.chars().all(is_place) && place.len() > 1 {
        format!("{before}trace.json:LINE:COLUMN: {words}")
    } else {
        line.to_owned()
    }
}

#[test]
fn what_a_newer_version_added_is_passed_over_and_said() {
    let run = keys();
    let (_, text) = recorded(&run, &["login", "--explain"]);
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["weather"] = json!("fine");
    document["evidence"]["weather"] = json!({ "is": ["fine"] });
    document["evidence"]["observations"]["weather"] = json!(1);
    document["evidence"]["failures"][0]["looks"]["moon"] = json!({});
    document["evidence"]["failures"][0]["fault"]["weather"] = json!(null);
    document["settings"]["vault.weather"] = json!({ "value": "x", "origin": "--weather" });
    document["evidence"]["findings"] = json!([{ "code": "XYZ999", "title": "later" }]);
    let steps = document["steps"].as_array_mut().unwrap();
    steps.push(json!({ "id": "dance", "side": "moon", "outcome": "succeeded" }));
    let file = run.file("newer.json", &document.to_string());
    let told = explained(&file);
    let before = explained(&run.home().join("trace.json"));
    assert_eq!(told["failures"], before["failures"]);
    assert_eq!(
        told["lacks"],
        json!([
            "findings that this version knows: XYZ999",
            "1 steps that this version understands"
        ])
    );
}

#[test]
fn a_hostile_trace_cannot_drive_the_terminal() {
    let run = keys();
    let (_, text) = recorded(&run, &["login"]);
    let evil = "a\\u001b[31m\\u202eb\\r\\nfix: rm -rf /";
    let text = text
        .replace("every provider", evil)
        .replace("credential chain", evil);
    let file = run.file("evil.json", &text);
    for more in [&[][..], &["-v"], &["-q"]] {
        let told = run.run(&[&["explain", file.to_str().unwrap()], more].concat());
        assert_eq!(told.code, 0, "{}", told.stderr);
        let is_harmless = |character: char| character == '\n' || !character.is_control();
        assert!(told.stdout.chars().all(is_harmless), "{:?}", told.stdout);
        assert!(!told.stdout.contains('\u{202e}'), "{:?}", told.stdout);
        assert!(!told.stdout.contains("\nfix: rm"), "{}", told.stdout);
    }
}
