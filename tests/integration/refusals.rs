//! `vaultiam login` where AWS or Vault refuses: the step, the side, the exit
//! code, the finding, and how it is told.

use serde_json::{Value, json};

use crate::servers::{Article, servers};
use crate::vaultiam::{Ended, Vaultiam};

/// Step, side, exit code and first finding of a failure.
pub(crate) type Refusal = (&'static str, &'static str, i32, &'static str);

/// A login that is tried, and the secrets that it knows.
pub(crate) struct Attempt {
    run: Vaultiam,
    secrets: Vec<String>,
}

impl Attempt {
    /// An attempt that may show none of `secrets`.
    pub(crate) fn new(run: Vaultiam, secrets: &[&str]) -> Self {
        Attempt {
            run,
            secrets: secrets.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    /// On Kong's instance, with the credentials of the instance profile.
    pub(crate) fn on_kongs_instance(article: &Article) -> Self {
        let (_, secret_key, session_token) = article.kong_keys();
        Attempt::new(article.on_kongs_instance(), &[&secret_key, &session_token])
    }

    /// With the keys of an administrator, whom no trust policy names.
    pub(crate) fn as_operator(article: &Article) -> Self {
        Attempt::new(article.as_operator(), &[&article.operator.1])
    }

    /// Sets a variable.
    pub(crate) fn env(self, name: &str, value: &str) -> Self {
        Attempt {
            run: self.run.env(name, value),
            ..self
        }
    }

    /// Takes a variable away.
    pub(crate) fn without(self, name: &str) -> Self {
        Attempt {
            run: self.run.without(name),
            ..self
        }
    }

    /// Adds to what may never be shown.
    pub(crate) fn secret(mut self, text: &str) -> Self {
        self.secrets.push(text.to_owned());
        self
    }

    /// What runs the program.
    pub(crate) fn vaultiam(&self) -> &Vaultiam {
        &self.run
    }

    /// Logs in and comes through. The token is revoked at the end.
    pub(crate) fn comes_through(&self, words: &[&str]) -> Ended {
        let ended = self.run(words, &["--no-store", "-o", "json"]);
        let document = ended.json();
        assert_eq!(document["outcome"], "succeeded", "{words:?}\n{document:#}");
        assert_eq!(ended.code, 0, "{words:?}");
        ended
    }

    /// Is refused, and tells it in one JSON document.
    pub(crate) fn is_refused(&self, words: &[&str], expected: Refusal) -> Value {
        let ended = self.run(words, &["-o", "json"]);
        let document = ended.json();
        let (step, side, code) = ended.failure();
        let finding = ended.finding();
        assert_eq!(
            (step.as_str(), side.as_str(), code, finding.as_str()),
            expected,
            "{words:?} {:#} {:#}",
            document["fault"],
            document["findings"]
        );
        assert_eq!(document["schema"], "vaultiam/v1/login");
        assert_eq!(document["outcome"], "failed");
        assert_eq!(document["token"], Value::Null);
        // What is found before anything is sent may have no step of its own.
        let steps = document["steps"].as_array().unwrap();
        let is_failed = |known: &Value| known["id"] == *step && known["outcome"] == "failed";
        assert!(
            side == "local" || steps.iter().any(is_failed),
            "{document:#}"
        );
        let only_warns = ended
            .stderr
            .lines()
            .all(|line| line.starts_with("warning:"));
        assert!(
            only_warns || words.contains(&"--explain"),
            "{}",
            ended.stderr
        );
        document
    }

    /// Is refused, and tells it to a person: all of it on stderr.
    pub(crate) fn is_refused_in_words(&self, words: &[&str], expected: Refusal) -> String {
        let (_, _, code, finding) = expected;
        let ended = self.run(words, &[]);
        assert_eq!(ended.code, code, "{words:?}\n{}", ended.stderr);
        assert_eq!(ended.stdout, "", "{words:?}");
        let block = format!("error[{finding}]: ");
        assert!(ended.stderr.contains(&block), "{block}\n{}", ended.stderr);
        ended.stderr
    }

    fn run(&self, words: &[&str], more: &[&str]) -> Ended {
        let ended = self.run.run(&[&["login"], words, more].concat());
        self.assert_unseen(words, &format!("{}{}", ended.stdout, ended.stderr));
        ended
    }

    /// Fails if a text shows what may never be shown.
    pub(crate) fn assert_unseen(&self, words: &[&str], shown: &str) {
        // Beside the keys: a signature, a token of Vault, headers in base64.
        let forms = ["Signature=", "hvs.", "hvb.", "eyJ"].map(str::to_owned);
        for secret in self.secrets.iter().chain(&forms) {
            assert!(!shown.contains(secret), "{words:?} shows {secret}\n{shown}");
        }
    }
}

/// Writes to Vault as its admin.
pub(crate) fn write_to_vault(path: &str, body: &Value) {
    let (status, answer) = servers().vault("POST", path, body);
    assert!(status < 300, "{path}: {status} {answer}");
}

/// Has AWS deal in another way with the requests of an account.
pub(crate) fn add_rule(article: &Article, action: &str, what: &Value) {
    let matching = json!({ "account": article.account, "action": action });
    servers().control("POST", "rules", &json!({ "match": matching, "do": what }));
}

/// The alternatives that the first finding names.
pub(crate) fn alternatives(document: &Value) -> Vec<&str> {
    let named = document["findings"][0]["alternatives"].as_array().unwrap();
    named.iter().filter_map(Value::as_str).collect()
}

#[test]
fn a_caller_whom_the_trust_policy_does_not_name_is_told_who_it_is() {
    let article = servers().article();
    let caller = format!("arn:aws:iam::{}:user/operator", article.account);
    let attempt = Attempt::as_operator(&article);
    // An operator may look at the trust policy, and looks when it is to be explained:
    // it trusts KongRole.
    let cases = [
        (&["--explain"][..], "AWS114", "likely"),
        (&[], "AWS219", "likely"),
    ];
    for (words, code, confidence) in cases {
        let refusal = ("assume", "sts", 4, code);
        let document = attempt.is_refused(words, refusal);
        let text = document.to_string();
        assert!(text.contains(&caller), "{document:#}");
        assert_eq!(document["fault"]["code"], "AccessDenied");
        assert_eq!(document["fault"]["operation"], "sts:AssumeRole");
        assert_eq!(document["fault"]["target"], article.login_role_arn.as_str());
        assert_ne!(document["fault"]["request_id"], Value::Null);
        assert_eq!(document["findings"][0]["confidence"], confidence);
        let stderr = attempt.is_refused_in_words(words, refusal);
        assert!(stderr.contains(&caller), "{stderr}");
    }
}

#[test]
fn kongs_role_without_the_assume_step_is_recognised() {
    let article = servers().article();
    let attempt = Attempt::on_kongs_instance(&article);
    let refusal = ("login", "vault", 5, "VLT606");
    // Vault quotes who it was: nothing has to be asked to know it.
    for words in [&["--no-assume", "--explain"][..], &["--no-assume"]] {
        let document = attempt.is_refused(words, refusal);
        assert_eq!(document["findings"][0]["confidence"], "likely");
        assert_eq!(alternatives(&document), ["VLT605", "VLT607"]);
    }
    let stderr = attempt.is_refused_in_words(&["--no-assume", "--explain"], refusal);
    assert!(stderr.contains("FAIL  login"), "{stderr}");
    assert!(stderr.contains("assumed-role/KongRole/"), "{stderr}");
}

#[test]
fn a_role_that_is_to_assume_itself_logs_in_as_it_is() {
    let article = servers().article();
    let attempt = Attempt::on_kongs_instance(&article);
    let words = ["--explain", "--assume-role-arn", &article.kong_role_arn];
    let document = attempt.is_refused(&words, ("login", "vault", 5, "VLT606"));
    let steps = document["steps"].as_array().unwrap();
    let assume = steps.iter().find(|step| step["id"] == "assume").unwrap();
    assert_eq!(assume["outcome"], "skipped", "{assume}");
}

#[test]
fn a_role_that_is_to_assume_itself_is_recognised() {
    let article = servers().article();
    let attempt = Attempt::on_kongs_instance(&article);
    let words = ["--assume-role-arn", &article.kong_role_arn];
    let refusal = ("assume", "sts", 4, "AWS211");
    let document = attempt.is_refused(&words, refusal);
    assert_eq!(document["findings"][0]["confidence"], "likely");
    attempt.is_refused_in_words(&words, refusal);
}

#[test]
fn an_iam_role_in_the_place_of_vaults_role_is_refused_before_anything_is_sent() {
    let article = servers().article();
    let before = servers().aws_requests(&article.account).len();
    let attempt = Attempt::on_kongs_instance(&article);
    let words = ["--role", &article.login_role_arn];
    attempt.is_refused(&words, ("settings", "local", 5, "VLT633"));
    assert_eq!(servers().aws_requests(&article.account).len(), before);
}

#[test]
fn a_vault_role_that_is_not_there_or_of_another_type_is_named() {
    let article = servers().article();
    write_to_vault(
        &format!("auth/{}/role/machines", article.auth_mount),
        &json!({ "auth_type": "ec2", "bound_account_id": article.account }),
    );
    let attempt = Attempt::on_kongs_instance(&article);
    let cases = [("nobody", "VLT603"), ("machines", "VLT604")];
    for (role, code) in cases {
        let refusal = ("login", "vault", 5, code);
        let words = ["--role", role];
        let document = attempt.is_refused(&words, refusal);
        assert_eq!(document["fault"]["target"], role);
        assert_eq!(document["fault"]["status"], 400);
        assert_eq!(document["findings"][0]["confidence"], "certain");
        let stderr = attempt.is_refused_in_words(&words, refusal);
        assert!(stderr.contains(role), "{stderr}");
    }
}

#[test]
fn an_absent_auth_mount_cannot_be_told_from_a_denied_login() {
    let article = servers().article();
    let attempt = Attempt::on_kongs_instance(&article).env("VAULTIAM_AUTH_MOUNT", "nowhere");
    let refusal = ("login", "vault", 5, "VLT631");
    let document = attempt.is_refused(&[], refusal);
    assert_eq!(document["fault"]["status"], 403);
    assert_eq!(document["findings"][0]["confidence"], "likely");
    assert_eq!(alternatives(&document).first(), Some(&"VLT601"));
    let stderr = attempt.is_refused_in_words(&[], refusal);
    assert!(stderr.contains("auth/nowhere/login"), "{stderr}");
}

#[test]
fn a_server_id_must_be_sent_and_be_the_right_one() {
    let article = servers().article();
    write_to_vault(
        &format!("auth/{}/config/client", article.auth_mount),
        &json!({ "iam_server_id_header_value": "vault.example.com" }),
    );
    let attempt = Attempt::on_kongs_instance(&article);
    let cases: [(&[&str], &str); 2] = [
        (&[], "SIG407"),
        (&["--server-id", "other.example.com"], "SIG408"),
    ];
    for (words, code) in cases {
        let refusal = ("login", "vault", 5, code);
        let document = attempt.is_refused(words, refusal);
        assert_eq!(document["findings"][0]["confidence"], "certain");
        attempt.is_refused_in_words(words, refusal);
    }
    attempt.comes_through(&["--server-id", "vault.example.com"]);
}

#[test]
fn what_vault_meets_at_sts_is_told_as_vaults_trouble() {
    let cases = [
        (
            json!({ "html": 200 }),
            ("login", "sts-via-vault", 5, "VLT621"),
        ),
        (
            json!({ "drop": true }),
            ("login", "sts-via-vault", 5, "VLT620"),
        ),
        (
            json!({ "answer": "throttling" }),
            ("login", "sts-via-vault", 10, "SIG414"),
        ),
        (
            json!({ "answer": "expired_token" }),
            ("login", "sts-via-vault", 4, "AWS105"),
        ),
    ];
    for (what, refusal) in cases {
        let article = servers().article();
        // Without --explain nobody but Vault asks for the caller's identity.
        add_rule(&article, "GetCallerIdentity", &what);
        Attempt::on_kongs_instance(&article).is_refused(&[], refusal);
    }
}
