//! A login that fails, what is said of it, and the cure.

use serde_json::Value;

use crate::refusals::{Attempt, Refusal};
use crate::servers::{Article, servers};
use crate::vaultiam::Vaultiam;

/// A run on Kong's instance, and an administrator beside it.
pub(crate) struct Case<'a> {
    pub(crate) article: &'a Article,
    /// The flags with which the login fails.
    pub(crate) words: &'a [&'a str],
    /// Who asks STS and Vault on behalf of whom.
    pub(crate) step: (&'static str, &'static str, i32),
}

impl<'a> Case<'a> {
    /// Vault itself refuses this login.
    pub(crate) fn refused_by_vault(article: &'a Article, words: &'a [&'a str]) -> Self {
        Case {
            article,
            words,
            step: ("login", "vault", 5),
        }
    }

    /// The same with the side that refused.
    pub(crate) fn at(self, side: &'static str) -> Self {
        Case {
            step: (self.step.0, side, self.step.2),
            ..self
        }
    }

    /// The finding without any right but the run's own.
    pub(crate) fn without_rights(&self, code: &'static str) -> Value {
        self.explained(&self.run(), &["--explain"], code)
    }

    /// The finding with Vault's administrator.
    pub(crate) fn with_admin(&self, code: &'static str) -> Value {
        self.explained(&self.run_as_admin(), &["--explain", "--admin"], code)
    }

    /// Only likely without rights, and certain with an administrator's.
    pub(crate) fn is_decided(&self, without: &'static str, code: &'static str) -> Value {
        let finding = self.without_rights(without);
        assert_eq!(finding["confidence"], "likely", "{finding:#}");
        assert_ne!(finding["alternatives"], Value::Array(vec![]), "{finding:#}");
        assert_ne!(finding["not_seen"], Value::Array(vec![]), "{finding:#}");
        self.is_certain(code)
    }

    /// Certain with an administrator's rights.
    pub(crate) fn is_certain(&self, code: &'static str) -> Value {
        let finding = self.with_admin(code);
        assert_eq!(finding["confidence"], "certain", "{finding:#}");
        assert_eq!(finding["alternatives"], Value::Array(vec![]));
        finding
    }

    /// Runs the command of a remedy as it is printed, on the article's Vault and
    /// in the article's account.
    pub(crate) fn cure(&self, finding: &Value, remedy: usize) {
        let line = finding["remedies"][remedy]["command"].as_str().unwrap();
        if line.starts_with("aws ") {
            self.article.as_operator().paste(line);
        } else if line.starts_with("vaultiam login ") {
            self.run_as_admin().paste(&format!("{line} --no-store"));
        } else {
            self.run_as_admin().paste(line);
        }
    }

    /// The login that failed comes through.
    pub(crate) fn comes_through(&self) {
        Attempt::new(self.run(), &[]).comes_through(self.words);
    }

    /// The remedy cures: then the login that failed comes through.
    pub(crate) fn is_cured_by(&self, finding: &Value, remedy: usize) {
        self.cure(finding, remedy);
        self.comes_through();
    }

    fn run(&self) -> Vaultiam {
        self.article.on_kongs_instance()
    }

    fn run_as_admin(&self) -> Vaultiam {
        self.run().env("VAULT_TOKEN", servers().get("VAULT_TOKEN"))
    }

    fn explained(&self, run: &Vaultiam, more: &[&str], code: &'static str) -> Value {
        let words = [self.words, more, &["-o", "json"]].concat();
        let ended = run.run(&[&["login"][..], &words].concat());
        let document = ended.json();
        let (step, side, exit) = ended.failure();
        let finding = &document["findings"][0];
        let told: Refusal = (self.step.0, self.step.1, self.step.2, code);
        let found = finding["code"].as_str().unwrap_or_default();
        assert_eq!(
            (step.as_str(), side.as_str(), exit, found),
            told,
            "{words:?} {:#} {finding:#}",
            document["fault"]
        );
        finding.clone()
    }
}

/// Runs the `aws` command as the article's operator.
pub(crate) fn aws(article: &Article, line: &str) {
    article.as_operator().paste(line);
}

/// A fact of a finding, by its name.
pub(crate) fn fact<'a>(finding: &'a Value, name: &str) -> &'a Value {
    let evidence = finding["evidence"].as_array().unwrap();
    let found = evidence.iter().find(|fact| fact["fact"] == name);
    found.unwrap_or_else(|| panic!("no fact {name}: {finding:#}"))
}
