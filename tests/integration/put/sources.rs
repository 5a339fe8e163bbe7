//! Where values come from, and that they are seen nowhere.

use std::io::Write as _;
use std::process::{Child, Stdio};

use serde_json::json;

use super::{State, done};
use crate::servers::servers;
use crate::vaultiam::{Ended, Vaultiam, ended};

/// Runs it with something to read.
fn fed(run: &Vaultiam, words: &[&str], text: &[u8]) -> Ended {
    let mut child: Child = run.command(words).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    ended(child)
}

#[test]
fn every_source_gives_its_text_as_it_is() {
    let state = State::new();
    let run = state.writer();
    run.file("two.txt", "line one\nline two\n");
    let path = state.path("sources");
    let words = [
        "put",
        &path,
        "file=@two.txt",
        "typed=a=b",
        r"at=\@x",
        r"dash=\-",
        "empty=",
        "in=-",
    ];
    let ended = fed(&run, &words, b" from stdin\n");
    done(&ended);
    let expected = json!({
        "file": "line one\nline two\n", "typed": "a=b", "at": "@x", "dash": "-", "empty": "", "in": " from stdin\n",
    });
    assert_eq!(state.held("sources").0, expected);
    let shown = &ended.stderr;
    assert!(
        shown.contains("typed, at, dash, empty given on the command line"),
        "{shown}"
    );
    assert!(
        shown.contains("the value of in ends with a line break"),
        "{shown}"
    );
    assert!(!shown.contains("the value of file"), "{shown}");
}

#[test]
fn a_document_keeps_its_types() {
    let state = State::new();
    let path = state.path("document");
    let text = br#"{ "user": "kong", "port": 5432, "on": true, "hosts": ["a", "b"] }"#;
    done(&fed(&state.writer(), &["put", &path, "-"], text));
    let expected = json!({ "user": "kong", "port": 5432, "on": true, "hosts": ["a", "b"] });
    assert_eq!(state.held("document").0, expected);
}

#[test]
fn no_value_is_seen_anywhere() {
    let state = State::new();
    let canaries = [
        "canary-of-a-file",
        "canary-of-stdin",
        "canary-as-typed",
        "canary-in-json",
    ];
    let path = state.path("secret");
    let run = state.writer();
    run.file("v", canaries[0]);
    run.file(
        "d.json",
        &json!({ "d": { "deep": canaries[3] } }).to_string(),
    );
    // Something in front of Vault that echoes what it was sent.
    let body = json!({ "errors": [canaries.join(" ")] }).to_string();
    let reply =
        json!({ "status": 400, "headers": { "content-type": "application/json" }, "body": body });
    let rules = json!([{ "match": { "method": "POST" }, "do": { "reply": reply } }]);
    let relay = servers().control("POST", "relays", &json!({ "rules": rules }));
    let echoing = relay["url"].as_str().unwrap();
    let typed = format!("c={}", canaries[2]);
    for more in [
        &["--explain", "-v"][..],
        &["-o", "json", "--explain"],
        &["-q"],
    ] {
        for address in [servers().get("VAULT_ADDR"), echoing] {
            let mut words = vec![
                "put",
                &path,
                "a=@v",
                "b=-",
                &typed,
                "@d.json",
                "--address",
                address,
            ];
            words.extend(more);
            let ended = fed(&run, &words, canaries[1].as_bytes());
            assert_eq!(ended.code != 0, address == echoing, "{}", ended.stderr);
            for canary in canaries {
                let seen = format!("{}{}", ended.stdout, ended.stderr);
                assert!(!seen.contains(canary), "{canary} in {words:?}:\n{seen}");
            }
            assert!(
                address != echoing
                    || ended.stderr.contains("[redacted]")
                    || ended.stdout.contains("[redacted]")
            );
        }
    }
}

#[test]
fn what_cannot_be_read_or_stored_is_refused_before_anything_is_sent() {
    let run = Vaultiam::bare().env("VAULT_ADDR", "http://127.0.0.1:1");
    run.file("list.json", "[1]");
    run.file("broken.json", "{ \"a\": \"canary\" ");
    run.file("a.json", "{ \"a\": \"x\" }");
    std::fs::write(run.home().join("bytes"), [0xff, 0xfe]).unwrap();
    let cases: [(&[&str], &str); 8] = [
        (
            &["a=@nowhere"],
            "a=@nowhere cannot be read: No such file or directory (os error 2)",
        ),
        (
            &["a=@."],
            "a=@. cannot be read: Is a directory (os error 21)",
        ),
        (
            &["a=@bytes"],
            "a=@bytes is no UTF-8 text, which is all that a secret can hold; encode it first, as with base64",
        ),
        (
            &["@list.json"],
            "@list.json is no JSON object of fields (line 1, column 0)",
        ),
        (
            &["@broken.json"],
            "@broken.json is no JSON object of fields (line 1, column 16)",
        ),
        (&["-"], "- is no JSON object of fields (line 1, column 0)"),
        (&["@a.json", "a=@a.json"], "a is given twice"),
        (
            &["a=@/dev/zero"],
            "a=@/dev/zero is larger than 32 MiB, more than Vault takes",
        ),
    ];
    for (fields, message) in cases {
        let words = [&["put", "kv/x", "-o", "json"][..], fields].concat();
        let ended = run.run(&words);
        let document = ended.json();
        assert_eq!(
            (ended.code, &document["schema"]),
            (2, &json!("vaultiam/v1/error")),
            "{fields:?}"
        );
        assert_eq!(document["findings"][0]["cause"], message);
        assert_eq!(document["findings"][0]["code"], "CFG906");
    }
}
