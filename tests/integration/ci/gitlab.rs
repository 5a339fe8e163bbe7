//! The page's job for GitLab CI, run as GitLab's runner does: the lines of
//! `before_script` and `script` in one shell. Not used: the image.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::page::{Prepared, SECRET, identity, mapping, pauses, program};

const MAIN: &str = "project_path:acme/gateway:ref_type:branch:ref:main";

/// Runs the job of a branch in a shell.
fn run(prepared: &Prepared, job: &Value, shell: &[&str], subject: &str) -> (Output, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let lines = ["before_script", "script"].map(|name| job[name].as_array().unwrap().clone());
    let lines: Vec<&str> = lines.iter().flatten().filter_map(Value::as_str).collect();
    let audience = json!({ "AWS_IDENTITY": { "aud": "sts.amazonaws.com" } });
    assert_eq!(job["id_tokens"], audience);
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(lines.join("\n"))
        .env_clear()
        .envs(prepared.surroundings(directory.path()))
        .envs(mapping(&job["variables"]))
        .envs(program())
        .env("AWS_IDENTITY", identity("https://gitlab.com", subject))
        .env("TMPDIR", directory.path())
        .env("GITLAB_CI", "true")
        .current_dir(directory.path())
        .output()
        .unwrap();
    (output, directory)
}

/// The shell of most images, and that of the smallest ones.
const SHELLS: [&[&str]; 2] = [&["bash", "-eo", "pipefail", "-c"], &["sh", "-ec"]];

#[test]
fn the_job_reads_its_secret_and_leaves_no_token() {
    let prepared = Prepared::with("gitlab.com", "gitlab-trust.json");
    let before = prepared.tokens();
    let job = prepared.job("GitLab CI")["deploy"].clone();
    for shell in SHELLS {
        let (output, directory) = run(&prepared, &job, shell, MAIN);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{shell:?}: {said}");
        let deployed = std::fs::read_to_string(directory.path().join("deployed"));
        assert_eq!(deployed.unwrap(), SECRET);
        assert_eq!(pauses(directory.path()), "");
        assert!(said.contains("ok    login"), "{said}");
        assert!(!directory.path().join("home/.vault-token").exists());
    }
    assert_eq!(prepared.tokens(), before);
}

#[test]
fn another_branch_is_refused_and_what_is_missing_ends_the_job() {
    let prepared = Prepared::with("gitlab.com", "gitlab-trust.json");
    let job = prepared.job("GitLab CI")["deploy"].clone();
    let text = job.to_string().replace("kong/db-password", "kong/nope");
    let nothing_there: Value = serde_json::from_str(&text).unwrap();
    let other = "project_path:acme/gateway:ref_type:branch:ref:other";
    for shell in SHELLS {
        for (job, subject, code) in [(&job, other, 4), (&nothing_there, MAIN, 7)] {
            let (output, directory) = run(&prepared, job, shell, subject);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{shell:?}: {said}");
            assert!(!directory.path().join("deployed").exists());
            assert_eq!(pauses(directory.path()), "");
        }
    }
}
