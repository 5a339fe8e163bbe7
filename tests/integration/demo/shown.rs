//! What the program shows: the flow, a break and its cure, the list, and `up`.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ::vaultiam::lab::scenario::all;

use super::masked::masked;
use super::scenarios::PROGRAM;

/// A run of the program: stdout, stderr and exit code.
pub(crate) fn lab(words: &[&str]) -> (String, String, i32) {
    let output = command(words).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(!stderr.contains("panicked"), "{stderr}");
    (stdout, stderr, output.status.code().unwrap_or(-1))
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .arg0("vaultiam-lab")
        .args(words)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null());
    command
}

#[test]
fn the_flow_is_shown_from_nothing_to_the_secret() {
    let (stdout, stderr, code) = lab(&["demo"]);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    insta::assert_snapshot!(masked(&stdout));
}

#[test]
fn a_break_is_shown_with_its_cure() {
    let (stdout, stderr, code) = lab(&["demo", "--break", "role-made-anew", "--fix"]);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    insta::assert_snapshot!(masked(&stdout));
}

#[test]
fn what_a_person_has_to_do_is_said() {
    let (stdout, _, code) = lab(&["demo", "--break", "vault-sealed", "--fix"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("vault operator seal"), "{stdout}");
    assert!(stdout.contains("error[VLT511]"), "{stdout}");
    assert!(stdout.contains("for a person to do"), "{stdout}");
}

#[test]
fn the_list_has_every_scenario_with_its_code() {
    let (stdout, stderr, code) = lab(&["demo", "--list"]);
    assert_eq!((stderr.as_str(), code), ("", 0));
    for scenario in all() {
        let begins = format!("  {} ", scenario.name);
        let line = stdout.lines().find(|line| line.starts_with(&begins));
        let line = line.unwrap_or_else(|| panic!("{} is not listed", scenario.name));
        assert!(line.contains(scenario.code.name()), "{line}");
        assert!(line.ends_with(scenario.title), "{line}");
    }
}

#[test]
fn what_is_mistyped_is_answered_with_what_was_meant() {
    let (stdout, stderr, code) = lab(&["demo", "--break", "role-made-new"]);
    assert_eq!((stdout.as_str(), code), ("", 2));
    insta::assert_snapshot!(stderr, @r"
    error: there is no scenario 'role-made-new'; did you mean 'role-made-anew'?
    'vaultiam-lab demo --list' shows all
    ");
    let (stdout, stderr, code) = lab(&[]);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.contains("Begin with: vaultiam-lab demo"), "{stdout}");
}

/// `up`, until what a shell is to read has been printed.
fn up(words: &[&str]) -> (Child, Vec<String>) {
    let mut child = command(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let files: Vec<String> = lines
        .map(Result::unwrap)
        .filter_map(|line| line.strip_prefix(". ").map(str::to_owned))
        .take(2)
        .collect();
    assert_eq!(files.len(), 2);
    (child, files)
}

fn interrupt(child: &mut Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

#[test]
fn another_shell_is_on_either_machine_until_the_lab_is_interrupted() {
    let (mut child, files) = up(&["up"]);
    let directory = Path::new(&files[0]).parent().unwrap().to_owned();
    let shell = |file: &str, line: &str| {
        let output = Command::new("sh")
            .args(["-euc", &format!(". {file}\n{line}")])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("VAULT_TOKEN", "of the person who tries it")
            .env("BAO_TOKEN", "theirs")
            .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
            .env("VAULTIAM_AUTH_MOUNT", "theirs")
            .env("http_proxy", "http://127.0.0.1:9")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let (kong, operator) = (&files[0], &files[1]);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(Path::new(operator)), 0o600);
    let read = "vaultiam login -q >/dev/null && vaultiam get kv/kong/db-password -f value";
    assert_eq!(shell(kong, read), "s3cr3t-from-vault");
    let may = "vault token capabilities kv/data/kong/db-password";
    assert_eq!(shell(kong, may), "read\n", "with the token that was stored");
    let made = "vault write -field=token auth/token/create policies=kong-policy";
    assert!(shell(operator, made).starts_with("hvs."));
    shell(kong, "test -z \"${AWS_ACCESS_KEY_ID-}${VAULT_TOKEN-}\"");
    let who = "aws sts get-caller-identity --query Arn --output text";
    assert_eq!(
        shell(operator, who),
        "arn:aws:iam::123456789012:user/operator\n"
    );
    let policies = shell(operator, "vault policy list");
    assert!(
        policies.lines().any(|name| name == "kong-policy"),
        "{policies}"
    );

    interrupt(&mut child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!directory.exists(), "the directory is left");
}

#[test]
fn an_empty_lab_is_for_setting_up() {
    let (mut child, files) = up(&["up", "--empty"]);
    let line = format!(". {}\nvaultiam setup --plan", files[1]);
    let output = Command::new("sh")
        .args(["-uc", &line])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    interrupt(&mut child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
