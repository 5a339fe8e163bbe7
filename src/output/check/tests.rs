//! The forms, with texts that want to break out of them. Other people's readers read
//! them in the integration tests.

use std::time::{Duration, SystemTime};

use super::*;
use crate::diagnose::Code;
use crate::diagnose::Where;
use crate::diagnose::check::Verdict;
use crate::output::Style;

const HOSTILE: &str = "a<b>&\"'\\ ]]> \u{1b}[31m\u{202e}\u{0}\u{ffff}\nnext";

fn report() -> Report {
    let finding = Finding::certain(Code::AWS202)
        .because(HOSTILE)
        .fact("iam", "statements", HOSTILE)
        .remedy(
            Where::Aws,
            HOSTILE,
            Some("aws iam get-role".to_owned()),
            None,
        );
    let warning = Finding {
        severity: Severity::Warning,
        ..Finding::certain(Code::SEC008)
    };
    let verdicts = [
        (Check::SettingsRegion, Outcome::Passed, vec![]),
        (Check::AwsTrust, Outcome::Failed, vec![finding]),
        (
            Check::AuthRole,
            Outcome::Skipped {
                because: HOSTILE.to_owned(),
            },
            vec![],
        ),
        (
            Check::SecIdentity,
            Outcome::Passed,
            vec![Finding::certain(Code::SEC002)],
        ),
        (Check::SecLifetime, Outcome::Warned, vec![warning]),
    ];
    Report {
        checks: verdicts
            .into_iter()
            .map(|(check, outcome, findings)| Checked {
                check,
                verdict: Verdict {
                    outcome,
                    said: "what was seen".to_owned(),
                    findings,
                },
                took: Duration::from_micros(41_250),
            })
            .collect(),
        answer: Some(Answer::No(vec![Check::AwsTrust])),
        exit_code: 9,
        about: About {
            kong_role: "KongRole".to_owned(),
            address: HOSTILE.to_owned(),
            auth_mount: "aws".to_owned(),
            auth_role: "kong-role".to_owned(),
            stack: "kong".to_owned(),
            paths: vec!["kv/kong/*".to_owned()],
            settings_file: Some("/etc/va ultiam.yaml".to_owned()),
        },
        took: Duration::from_millis(321),
        ended: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000),
    }
}

const PLAIN: Style = Style {
    colour: false,
    terminal: false,
    columns: None,
};

#[test]
fn what_a_person_reads() {
    insta::assert_snapshot!(human(&report(), Detail::Checks, PLAIN));
    insta::assert_snapshot!(human(&report(), Detail::Findings, PLAIN));
    insta::assert_snapshot!(human(&report(), Detail::Titles, PLAIN));
}

#[test]
fn what_programs_read() {
    insta::assert_snapshot!(json(&report(), &Redactor::default()));
    insta::assert_snapshot!(junit(&report()));
    insta::assert_snapshot!(prometheus(&report()));
    let text = sarif(&report());
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    for rule in document["runs"][0]["tool"]["driver"]["rules"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        rule["help"] = "the page".into();
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap_or_default());
}

#[test]
fn no_form_holds_what_only_a_terminal_or_a_reader_would_obey() {
    let report = report();
    let forms = [
        human(&report, Detail::Titles, PLAIN),
        json(&report, &Redactor::default()),
        junit(&report),
        sarif(&report),
        prometheus(&report),
    ];
    for text in forms
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != 1)
        .map(|(_, text)| text)
    {
        let is_wrong = |character: char| {
            (character.is_control() && character != '\n') || character == '\u{202e}'
        };
        assert!(!text.contains(is_wrong), "{text}");
    }
    // In JSON they are escaped by its own rules.
    assert!(!forms[1].contains(['\u{1b}', '\u{0}']));
}

#[test]
fn a_secret_that_a_server_gave_back_is_in_no_form() {
    let redactor = Redactor::default();
    redactor.learn_text("canary-value-123");
    let mut report = report();
    for checked in &mut report.checks {
        checked.verdict.said = "saw canary-value-123".to_owned();
        for finding in &mut checked.verdict.findings {
            finding.cause = "canary-value-123".to_owned();
        }
        if let Outcome::Skipped { because } = &mut checked.verdict.outcome {
            *because = "canary-value-123".to_owned();
        }
    }
    let report = report.cleaned(&redactor);
    for text in [
        human(&report, Detail::Titles, PLAIN),
        json(&report, &redactor),
        junit(&report),
        sarif(&report),
        prometheus(&report),
    ] {
        assert!(!text.contains("canary"), "{text}");
    }
}
