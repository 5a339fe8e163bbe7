//! Each form is read by somebody else's reader, with what a hostile server says in it.

use std::process::Command;

use serde_json::{Value, json};

use super::{SOUND, as_auditor, checked, whole};
use crate::kong::readers::fed;
use crate::servers::{Nothing, servers};
use crate::setup::{document, role_may_assume, set_trust};
use crate::vaultiam::{Ended, Vaultiam};

/// What wants to break out of XML, JSON, a label or a terminal.
const HOSTILE: &str = "a<b>&\"'\\ ]]> \u{1b}[31m {x=\"1\"} 1\n# TYPE x counter";

/// A run in which something passes, warns, fails and is skipped, with hostile words in
/// a name that is shown.
fn broken() -> (Nothing, Vaultiam) {
    let nothing = whole(SOUND);
    let trust = document(&[role_may_assume(&nothing.role_arn("VaultServerRole"))]);
    set_trust(&nothing, "VaultRole", &trust);
    let role = json!({ "token_num_uses": 3, "token_bound_cidrs": "10.0.0.0/8" });
    nothing.vault_api("POST", "auth/aws/role/kong-role", &role);
    let run = as_auditor(&nothing, SOUND).env("VAULTIAM_STACK", "a.b");
    (nothing, run)
}

fn in_form(run: &Vaultiam, form: &str) -> Ended {
    let ended = run.run(&["check", "--admin", "-o", form]);
    assert_eq!(ended.code, 9, "{}\n{}", ended.stdout, ended.stderr);
    ended
}

/// Runs a script of this directory, which prints JSON.
fn read_by(script: &str, input: &str) -> Value {
    let mut python = Command::new(servers().get("VAULTIAM_PYTHON"));
    python
        .env("PYTHONPATH", servers().get("VAULTIAM_READERS"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/integration/check/read_report.py"
        ))
        .arg(script);
    let output = fed(&mut python, input);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{said}; run tests/servers install --with-readers"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_form_says_the_same_to_its_own_readers() {
    let (_nothing, run) = broken();
    let (_, outcomes) = checked(&run, &["--admin"]);
    let of = |wanted: &str| -> Vec<&str> { super::ids(&outcomes, wanted) };

    let junit = read_by("junit", &in_form(&run, "junit").stdout);
    let cases = junit["cases"].as_object().unwrap();
    assert_eq!(cases.len(), outcomes.len());
    for (id, outcome) in &outcomes {
        let expected = match outcome.as_str() {
            "passed" => "passed",
            "skipped" => "skipped",
            _ => "failure",
        };
        assert_eq!(cases[id], expected, "{id}");
    }
    assert_eq!(junit["failures"], of("failed").len() + of("warned").len());

    let gauges = read_by("prometheus", &in_form(&run, "prometheus").stdout);
    for (id, outcome) in &outcomes {
        assert_eq!(&gauges["outcomes"][id], outcome.as_str(), "{id}");
    }
    assert_eq!(gauges["exit_code"], 9.0);
    assert!(gauges["timestamp"].as_f64().unwrap() > 1_700_000_000.0);
    assert_eq!(gauges["types"], json!(["gauge"]));

    let sarif = in_form(&run, "sarif").stdout;
    assert_valid_sarif(&sarif);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let errors: Vec<&Value> = results
        .iter()
        .filter(|result| result["level"] == "error")
        .collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["ruleId"], "AWS202");
    assert_eq!(errors[0]["properties"]["check"], "aws.trust");
    let notices = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notices.as_array().unwrap().len(), of("skipped").len());

    let human = in_form(&run, "human").stdout;
    for (id, outcome) in &outcomes {
        let mark = match outcome.as_str() {
            "passed" => "ok  ",
            "warned" => "warn",
            "failed" => "FAIL",
            _ => "skip",
        };
        assert!(human.contains(&format!("  {mark}  {id} ")), "{id}\n{human}");
    }
    assert!(human.contains("error[AWS202]"), "{human}");
    let quiet = run.run(&["check", "--admin", "-q"]);
    assert_eq!(quiet.stderr, "");
    assert!(quiet.stdout.starts_with("error[AWS202]") || quiet.stdout.contains("\nerror[AWS202]"));
}

/// Microsoft's own validator of the format: the schema, and what GitHub wants.
fn assert_valid_sarif(text: &str) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.sarif");
    std::fs::write(&file, text).unwrap();
    let output = Command::new(servers().get("VAULTIAM_SARIF"))
        .args(["validate", "--log", "ForceOverwrite", "--output"])
        .arg(directory.path().join("said.sarif"))
        .arg(&file)
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .env("DOTNET_BUNDLE_EXTRACT_BASE_DIR", directory.path())
        .output()
        .unwrap_or_else(|error| panic!("{error}; run tests/servers install --with-readers"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Analysis completed successfully"), "{said}");
    assert!(!said.contains(": error "), "{said}");
}

#[test]
fn what_a_hostile_server_says_breaks_out_of_no_form() {
    let nothing = whole(SOUND);
    let reply = json!({ "errors": [HOSTILE] }).to_string();
    let rules = json!([{
        "match": { "path": "/v1/sys/auth" },
        "do": { "reply": { "status": 403, "body": reply } },
    }, {
        "match": { "path": "/v1/auth/aws/role/kong-role" },
        "do": { "reply": { "status": 403, "body": reply } },
    }]);
    let (_, url) = nothing.relay(&rules);
    let run = as_auditor(&nothing, SOUND).env("VAULT_ADDR", url);
    let of = |form: &str| run.run(&["check", "--admin", "-o", form]).stdout;
    let junit = read_by("junit", &of("junit"));
    assert_eq!(junit["cases"]["auth.role"], "skipped");
    let gauges = read_by("prometheus", &of("prometheus"));
    assert_eq!(gauges["outcomes"]["auth.role"], "skipped");
    assert_eq!(gauges["types"], json!(["gauge"]));
    assert_valid_sarif(&of("sarif"));
    let human = of("human");
    assert!(!human.contains('\u{1b}'), "{human}");
    assert!(human.contains("\\u{1b}[31m"), "{human}");
}
