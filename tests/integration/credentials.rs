//! Where people, pods and CI jobs have their credentials from: each source with
//! real files, through to a secret in Vault; and what is said when it fails.

mod container;
mod precedence;
mod process;
mod profiles;
mod sso;
mod web_identity;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::refusals::{Attempt, Refusal};
use crate::servers::{Article, servers};
use crate::vaultiam::Ended;

/// An account, and a run with AWS files in its home and nothing else that could
/// give credentials.
pub(crate) struct Person {
    pub(crate) article: Article,
    attempt: Attempt,
}

impl Person {
    pub(crate) fn new() -> Self {
        let article = servers().article();
        let run = article
            .on_kongs_instance()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .without("AWS_CONFIG_FILE")
            .without("AWS_SHARED_CREDENTIALS_FILE")
            .env("PATH", "/usr/bin:/bin");
        let attempt = Attempt::new(run, &[&article.operator.1]);
        Person { article, attempt }
    }

    /// Sets a variable.
    pub(crate) fn env(self, name: &str, value: impl AsRef<str>) -> Self {
        let attempt = self.attempt.env(name, value.as_ref());
        Person { attempt, ..self }
    }

    /// Takes a variable away.
    pub(crate) fn without(self, name: &str) -> Self {
        let attempt = self.attempt.without(name);
        Person { attempt, ..self }
    }

    /// Adds to what may never be shown.
    pub(crate) fn secret(self, text: &str) -> Self {
        let attempt = self.attempt.secret(text);
        Person { attempt, ..self }
    }

    /// Writes a file into the home.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        self.attempt.vaultiam().file(name, text)
    }

    /// The home.
    pub(crate) fn home(&self) -> &Path {
        self.attempt.vaultiam().home()
    }

    /// Writes `~/.aws/config`.
    pub(crate) fn config(self, text: &str) -> Self {
        self.file(".aws/config", text);
        self
    }

    /// Writes `~/.aws/credentials`.
    pub(crate) fn credentials(self, text: &str) -> Self {
        self.file(".aws/credentials", text);
        self
    }

    /// The administrator's keys as lines of a profile.
    pub(crate) fn operators_lines(&self) -> String {
        let (key, secret) = &self.article.operator;
        format!("aws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    }

    /// The ARN of the administrator.
    pub(crate) fn operator_arn(&self) -> String {
        format!("arn:aws:iam::{}:user/operator", self.article.account)
    }

    /// Runs the `aws` command as the administrator.
    pub(crate) fn aws(&self, arguments: &[&str]) {
        let servers = servers();
        let done = Command::new(servers.get("VAULTIAM_AWS_CLI"))
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("AWS_ACCESS_KEY_ID", &self.article.operator.0)
            .env("AWS_SECRET_ACCESS_KEY", &self.article.operator.1)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_CA_BUNDLE", servers.get("AWS_CA_BUNDLE"))
            .env("HTTPS_PROXY", servers.get("HTTPS_PROXY"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{arguments:?} {said}");
    }

    /// Replaces whom a role trusts.
    pub(crate) fn trust(&self, role: &str, statements: &Value) {
        let document = json!({ "Version": "2012-10-17", "Statement": statements });
        self.aws(&[
            "iam",
            "update-assume-role-policy",
            "--role-name",
            role,
            "--policy-document",
            &document.to_string(),
        ]);
    }

    /// Reads the secret, from nothing to the value; and logs in, explained. The
    /// step `credentials` has these facts beside its key, and this line.
    pub(crate) fn reads_the_secret(&self, facts: &Value, line: &str) -> Value {
        self.reads_the_secret_with(&[], facts, line)
    }

    /// The same with flags.
    pub(crate) fn reads_the_secret_with(&self, flags: &[&str], facts: &Value, line: &str) -> Value {
        let get = [&["get", &self.article.secret_path, "-f", "value"], flags].concat();
        let ended = self.watched(&get);
        let expected = (self.article.secret_value.as_str(), "", 0);
        let seen = (ended.stdout.as_str(), ended.stderr.as_str(), ended.code);
        assert_eq!(seen, expected);
        let login = [&["login", "--explain", "--no-store", "-o", "json"], flags].concat();
        let ended = self.watched(&login);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let document = ended.json();
        let step = step(&document, "credentials");
        let mut seen = step["facts"].clone();
        let key = seen["key_id"].take();
        let key = key.as_str().unwrap();
        let masked: Vec<&str> = key.split('…').collect();
        assert!(masked[0] == "ASIA" && masked[1].len() == 4, "{key}");
        for (name, value) in facts.as_object().unwrap() {
            assert_eq!(&seen[name], value, "{name}: {seen:#}");
        }
        let shown = ended
            .stderr
            .lines()
            .find(|line| line.contains("credentials"));
        let shown = shown.unwrap();
        assert!(shown.contains(line), "'{line}' is not in\n{shown}");
        document
    }

    /// A login that fails.
    pub(crate) fn is_refused(&self, flags: &[&str], refusal: Refusal) -> Value {
        self.is_refused_and_explained(flags, refusal, refusal.3)
    }

    /// The same, where a look for the cause finds another code.
    pub(crate) fn is_refused_and_explained(
        &self,
        flags: &[&str],
        refusal: Refusal,
        code: &'static str,
    ) -> Value {
        self.attempt.is_refused_in_words(flags, refusal);
        let explained = [flags, &["--explain", "-v"]].concat();
        let (step, side, exit, _) = refusal;
        self.attempt
            .is_refused_in_words(&explained, (step, side, exit, code));
        self.attempt.is_refused(flags, refusal)
    }

    /// The same, where the finding is certain and says these words.
    pub(crate) fn is_surely_refused(&self, flags: &[&str], refusal: Refusal, words: &[&str]) {
        let document = self.is_refused(flags, refusal);
        let finding = &document["findings"][0];
        assert_eq!(finding["confidence"], "certain", "{finding:#}");
        let text = finding.to_string();
        for word in words {
            assert!(text.contains(word), "'{word}' is not in\n{finding:#}");
        }
    }

    /// Runs the program; no secret may be seen but the one that is read.
    pub(crate) fn watched(&self, words: &[&str]) -> Ended {
        let ended = self.attempt.vaultiam().run(words);
        self.attempt
            .assert_unseen(words, &format!("{}{}", ended.stdout, ended.stderr));
        ended
    }
}

/// A step of a document.
pub(crate) fn step<'a>(document: &'a Value, id: &str) -> &'a Value {
    let steps = document["steps"].as_array().unwrap();
    let found = steps.iter().find(|step| step["id"] == id);
    found.unwrap_or_else(|| panic!("no step {id}: {document:#}"))
}

/// A statement that lets somebody assume a role.
pub(crate) fn may_assume(principal: &Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })
}

/// The first remedy's command of a document.
pub(crate) fn remedy(document: &Value) -> &str {
    document["findings"][0]["remedies"][0]["command"]
        .as_str()
        .unwrap_or_default()
}
