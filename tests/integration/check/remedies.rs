//! What `check` says to do is done as it is printed, pasted into an administrator's
//! shell; afterwards the check passes. What only shows something must at least run.

mod aws;
mod local;
mod method;
mod policy;
mod role;

use serde_json::Value;

use super::{SOUND, check_of, whole};
use crate::servers::Nothing;
use crate::setup::with_settings;
use crate::terminal::Terminal;
use crate::vaultiam::Vaultiam;

use ::vaultiam::diagnose::check::Check;

/// A set-up, and how it is looked at.
#[derive(Clone, Copy)]
struct Case<'a> {
    nothing: &'a Nothing,
    settings: &'a str,
    /// What is typed behind `vaultiam check --admin`.
    words: &'a [&'a str],
}

/// What is asserted of a finding: of its remedies' commands, these cure, and these
/// only show something. There are no others.
struct Remedies<'a> {
    check: &'a str,
    code: &'a str,
    cure: &'a [usize],
    show: &'a [usize],
}

impl<'a> Case<'a> {
    fn of(nothing: &'a Nothing) -> Self {
        Case {
            nothing,
            settings: SOUND,
            words: &[],
        }
    }

    fn run(&self) -> Vaultiam {
        with_settings(self.nothing.as_operator(), self.settings)
    }

    /// Breaks it, and does what is said: once for each remedy that cures, each time
    /// broken anew.
    fn is_cured(&self, break_it: &dyn Fn(), expected: &Remedies<'_>) {
        break_it();
        let finding = self.finding(expected);
        let count = finding["remedies"].as_array().unwrap().len();
        let has_command = |index: &usize| !finding["remedies"][*index]["command"].is_null();
        let commands: Vec<usize> = (0..count).filter(has_command).collect();
        let mut told = [expected.cure, expected.show].concat();
        told.sort_unstable();
        assert_eq!(commands, told, "{finding:#}");
        for index in expected.show {
            let line = finding["remedies"][index]["command"].as_str().unwrap();
            pasted(self, line);
        }
        for (position, index) in expected.cure.iter().enumerate() {
            if position > 0 {
                break_it();
            }
            let finding = self.finding(expected);
            let line = finding["remedies"][index]["command"].as_str().unwrap();
            self.passes_after(line, expected.check);
        }
    }

    fn finding(&self, expected: &Remedies<'_>) -> Value {
        let only = ["check", "--admin", "--only", expected.check, "-o", "json"];
        let document = self.run().run(&[&only[..], self.words].concat()).json();
        let check = check_of(&document, expected.check);
        let finding = check["findings"][0].clone();
        assert_eq!(finding["code"], expected.code, "{check:#}");
        assert_ne!(check["outcome"], "passed", "{check:#}");
        finding
    }

    /// The check passes in the very shell that the line was pasted into; a line that
    /// itself checks must say so.
    fn passes_after(&self, line: &str, check: &str) {
        if line.starts_with("vaultiam check ") {
            let line = format!("{line} >shown || [ $? -eq 9 ]; cat shown");
            let said = pasted(self, &line);
            assert!(
                said.contains(&format!("  ok    {check} ")),
                "{line}\n{said}"
            );
            return;
        }
        let words: Vec<String> = self.words.iter().map(|word| format!("'{word}'")).collect();
        let again = format!(
            "vaultiam check --admin --only {check} {} -o json >shown || [ $? -eq 9 ]; cat shown",
            words.join(" ")
        );
        let said = pasted(self, &format!("{line}\n{again}"));
        assert!(said.contains("\"outcome\": \"passed\""), "{line}\n{said}");
    }
}

/// What stands in an administrator's shell after these lines, which must end well. A
/// set-up's questions are answered with yes.
fn pasted(case: &Case<'_>, lines: &str) -> String {
    let run = case.run().env("AWS_DEFAULT_REGION", "us-east-1");
    // An editor that changes nothing.
    let run = run.env("EDITOR", "true");
    let (_programs, command) = run.shell(lines);
    let terminal = Terminal::start_command(command);
    let ended = terminal.end_answering("[y/N]", "y");
    assert_eq!(ended.code, 0, "{lines}\n{}", ended.stderr);
    ended.stderr
}

/// Checks whose findings are nobody's to cure by pasting, each with the reason.
const NOT_RUN: [(&str, &str); 12] = [
    (
        "settings.complete",
        "what the settings describe is for a person to decide",
    ),
    (
        "clock.skew",
        "it sets this machine's clock, which the tests share",
    ),
    (
        "aws.credentials",
        "explained as a login is: tests/integration/refusals_credentials.rs",
    ),
    (
        "aws.caller",
        "explained as a login is: tests/integration/refusals_credentials.rs",
    ),
    (
        "vault.reachable",
        "explained as a login is: tests/integration/reach.rs",
    ),
    (
        "vault.tls",
        "explained as a login is: tests/integration/reach_tls.rs",
    ),
    ("vault.ready", "unsealing takes the keys that people hold"),
    (
        "vault.version",
        "it upgrades Vault, or needs one before 1.15, which the tests have not",
    ),
    (
        "login.assume",
        "explained as a login is: tests/integration/trusts.rs",
    ),
    (
        "login.vault",
        "explained as a login is: tests/integration/diagnosis",
    ),
    ("sec.root", "a person logs in with a method of theirs"),
    ("sec.audit", "it writes a file on Vault's server"),
];

/// Checks whose findings are only notes.
const NOTES: [&str; 2] = ["sec.identity", "sec.server-id"];

#[test]
fn every_check_is_cured_here_or_is_said_to_be_beyond_pasting() {
    let tests = [
        include_str!("remedies/aws.rs"),
        include_str!("remedies/local.rs"),
        include_str!("remedies/method.rs"),
        include_str!("remedies/policy.rs"),
        include_str!("remedies/role.rs"),
    ];
    for check in Check::ALL {
        let id = format!("\"{}\"", check.id());
        let is_cured = tests.iter().any(|text| text.contains(&id));
        let is_beyond = NOT_RUN.iter().any(|(id, _)| *id == check.id());
        let is_note = NOTES.contains(&check.id());
        let count = [is_cured, is_beyond, is_note];
        let count = count.iter().filter(|holds| **holds).count();
        assert_eq!(count, 1, "{}", check.id());
    }
}
