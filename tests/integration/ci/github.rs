//! The page's job for GitHub Actions, run step by step as GitHub's runner does.
//!
//! Not run: `uses`, which is other people's code; the repository that it would
//! check out lies there already. GitHub's endpoint for identity tokens is a
//! stand-in: nothing that could be installed here is one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::page::{Prepared, SECRET, Variables, identity, mapping, pauses, program};
use crate::servers::servers;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const MAIN: &str = "repo:acme/gateway:ref:refs/heads/main";
const BEARER: &str = "the-job's-own-bearer";

/// Answers as GitHub's endpoint for identity tokens does: to the job's bearer,
/// for the audience that it asks for.
fn identity_endpoint(subject: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let token = identity(ISSUER, subject);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let reader = BufReader::new(stream.try_clone().unwrap());
            let head: Vec<String> = reader
                .lines()
                .map(|line| line.unwrap())
                .take_while(|line| !line.is_empty())
                .collect();
            let is_asked = head[0].contains("/token?api-version=2&audience=sts.amazonaws.com ");
            let is_allowed = head.contains(&format!("Authorization: bearer {BEARER}"));
            let (status, body) = match is_asked && is_allowed {
                true => ("200 OK", json!({ "value": token }).to_string()),
                false => ("403 Forbidden", String::new()),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}/token?api-version=2")
}

/// A runner at work: what it keeps between the steps of a job.
struct Runner {
    directory: TempDir,
    variables: Variables,
    masks: Vec<String>,
    /// What a reader of the job's log sees.
    log: String,
}

impl Runner {
    fn new(prepared: &Prepared, subject: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut variables = prepared.surroundings(directory.path());
        for (name, file) in [
            ("GITHUB_ENV", "github-env"),
            ("GITHUB_PATH", "github-path"),
            ("RUNNER_TEMP", "runner-temp"),
        ] {
            let path = directory.path().join(file);
            variables.insert(name.into(), path.display().to_string());
        }
        std::fs::create_dir(directory.path().join("runner-temp")).unwrap();
        let url = identity_endpoint(subject);
        variables.insert("ACTIONS_ID_TOKEN_REQUEST_URL".into(), url);
        variables.insert("ACTIONS_ID_TOKEN_REQUEST_TOKEN".into(), BEARER.into());
        variables.insert("GITHUB_ACTIONS".into(), "true".into());
        Runner {
            directory,
            variables,
            masks: Vec::new(),
            log: String::new(),
        }
    }

    /// Runs the steps until one fails: its name and exit code.
    fn run(&mut self, job: &Value) -> Option<(String, i32)> {
        self.variables.extend(mapping(&job["env"]));
        for step in job["steps"].as_array().unwrap() {
            if let Some(action) = step["uses"].as_str() {
                assert_eq!(
                    action, "actions/checkout@v5",
                    "an action that is not replaced"
                );
                continue;
            }
            let code = self.run_step(step);
            if code != 0 {
                return Some((step["name"].as_str().unwrap().to_owned(), code));
            }
        }
        None
    }

    fn run_step(&mut self, step: &Value) -> i32 {
        let script = self.file("step.sh");
        std::fs::write(&script, step["run"].as_str().unwrap()).unwrap();
        let repository = program();
        let given = mapping(&step["env"]).into_iter().map(|(name, value)| {
            let variable = value.strip_prefix("${{ vars.");
            let variable = variable.and_then(|rest| rest.strip_suffix(" }}"));
            let variable = variable.unwrap_or_else(|| panic!("not understood: {value}"));
            (name, repository[variable].clone())
        });
        let given: Variables = given.collect();
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", &script])
            .env_clear()
            .envs(&self.variables)
            .envs(given)
            .current_dir(self.directory.path())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        for line in told.lines() {
            match line.strip_prefix("::add-mask::") {
                Some(value) => self.masks.push(unescaped(value)),
                None => self.show(line),
            }
        }
        self.show(&String::from_utf8(output.stderr).unwrap());
        self.take_over();
        output.status.code().unwrap()
    }

    /// Takes over what a step wrote for the next ones.
    fn take_over(&mut self) {
        let read = |path: String| std::fs::read_to_string(path).unwrap_or_default();
        for line in read(self.file("github-env")).lines() {
            let (name, value) = line.split_once('=').unwrap();
            self.variables.insert(name.into(), value.into());
        }
        let path = self.variables["PATH"].clone();
        for line in read(self.file("github-path")).lines() {
            if !path.contains(line) {
                self.variables
                    .insert("PATH".into(), format!("{line}:{path}"));
            }
        }
    }

    fn show(&mut self, text: &str) {
        let mut text = text.to_owned();
        for mask in &self.masks {
            text = text.replace(mask, "***");
        }
        self.log.push_str(&text);
        self.log.push('\n');
    }

    fn file(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// A command's value as the runner reads it.
fn unescaped(value: &str) -> String {
    value
        .replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%25", "%")
}

fn prepared() -> Prepared {
    Prepared::with("token.actions.githubusercontent.com", "github-trust.json")
}

#[test]
fn the_job_reads_its_secret_shows_it_nowhere_and_leaves_no_token() {
    let prepared = prepared();
    let before = prepared.tokens();
    let mut job = prepared.job("GitHub Actions")["jobs"]["deploy"].clone();
    // The connection is lost at the first read, so the job tries again.
    let path = "/v1/kv/data/kong/db-password";
    let rules = json!([{ "match": { "path": path }, "times": 1, "do": { "drop": true } }]);
    let (relay, url) = prepared.state.relay(&rules);
    job["env"]["VAULT_ADDR"] = Value::String(url);
    let mut runner = Runner::new(&prepared, MAIN);
    assert_eq!(runner.run(&job), None, "{}", runner.log);
    servers().control("DELETE", &format!("relays/{relay}"), &Value::Null);

    let deployed = std::fs::read_to_string(runner.file("deployed")).unwrap();
    assert_eq!(deployed, SECRET);
    assert_eq!(pauses(runner.path()), "5\n");
    assert!(runner.log.contains("ok    login"), "{}", runner.log);
    assert!(runner.log.contains("deploying with ***"), "{}", runner.log);
    for line in SECRET.lines() {
        assert!(!runner.log.contains(line), "{}", runner.log);
    }
    assert!(!runner.log.contains('\u{1b}'), "{}", runner.log);
    assert_eq!(prepared.tokens(), before);
    assert!(!runner.path().join("home/.vault-token").exists());
}

#[test]
fn another_branch_is_refused_and_what_is_missing_is_not_tried_again() {
    let prepared = prepared();
    let job = prepared.job("GitHub Actions")["jobs"]["deploy"].clone();
    let mut runner = Runner::new(&prepared, "repo:acme/gateway:ref:refs/heads/other");
    let failed = runner.run(&job);
    assert_eq!(
        failed,
        Some(("Prove the login".to_owned(), 4)),
        "{}",
        runner.log
    );

    let text = job.to_string().replace("kong/db-password", "kong/nope");
    let job: Value = serde_json::from_str(&text).unwrap();
    let mut runner = Runner::new(&prepared, MAIN);
    let failed = runner.run(&job);
    assert_eq!(failed, Some(("Deploy".to_owned(), 7)), "{}", runner.log);
    assert!(runner.log.contains("error[VLT707]: "), "{}", runner.log);
    assert_eq!(pauses(runner.path()), "");
    assert!(!runner.path().join("deployed").exists());
}

#[test]
fn a_program_that_is_not_the_one_that_was_meant_is_not_run() {
    let prepared = prepared();
    let job = prepared.job("GitHub Actions")["jobs"]["deploy"].clone();
    let text = job
        .to_string()
        .replace("vars.VAULTIAM_SHA256", "vars.VAULTIAM_URL");
    let job: Value = serde_json::from_str(&text).unwrap();
    let mut runner = Runner::new(&prepared, MAIN);
    let failed = runner.run(&job);
    assert_eq!(
        failed,
        Some(("Install vaultiam".to_owned(), 1)),
        "{}",
        runner.log
    );
}
