//! The page itself: its blocks, and the state that its first commands make.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::generated::of_project;
use crate::servers::{Nothing, servers};

pub(super) type Variables = BTreeMap<String, String>;

/// A secret that is hard on shells and on masks.
pub(super) const SECRET: &str = "p%0Ass w'rd \"$HOME\"\nsecond %25 line";
const PEM: &str = "-----BEGIN X-----\nabc=\n-----END X-----\n";

/// The blocks of a language below a heading of the page.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(of_project("docs/ci.md")).unwrap();
    let section = page.split(&format!("\n## {heading}\n")).nth(1);
    let section = section.unwrap_or_else(|| panic!("no section {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let fence = format!("```{language}\n");
    let blocks = section.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// The state in which the page's jobs run.
pub(super) struct Prepared {
    pub(super) state: Nothing,
    /// Where the page's commands were run; `docs/ci` lies in it.
    pub(super) directory: TempDir,
}

impl Prepared {
    /// Sets up Kong's own login, stores the secrets, and runs the page's
    /// commands for a provider of identity tokens.
    pub(super) fn with(provider: &str, document: &str) -> Self {
        let state = servers().nothing();
        let directory = tempfile::tempdir().unwrap();
        let ended = state.as_operator().run(&["setup", "--yes", "-q"]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        for (path, fields) in [
            ("db-password", json!({ "value": SECRET })),
            ("admin", json!({ "login": "kong", "password": "a'b" })),
            ("tls-key", json!({ "pem": PEM })),
        ] {
            let path = format!("kv/data/kong/{path}");
            let written = state.vault_api("POST", &path, &json!({ "data": fields }));
            assert_eq!(written.0, 200, "{}", written.1);
        }
        let prepared = Prepared { state, directory };
        prepared.copy_documents();
        let once = blocks("Once: a role for the job", "sh").remove(0);
        let once = once
            .replace("token.actions.githubusercontent.com", provider)
            .replace("github-trust.json", document);
        let script = prepared.here(&once);
        let mut shell = prepared
            .state
            .operators_shell(prepared.directory.path(), &script);
        let output = shell.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        prepared
    }

    fn copy_documents(&self) {
        let to = self.directory.path().join("docs/ci");
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(of_project("docs/ci")).unwrap() {
            let entry = entry.unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            std::fs::write(to.join(entry.file_name()), self.here(&text)).unwrap();
        }
    }

    /// A text of the page with this account and this Vault in it.
    pub(super) fn here(&self, text: &str) -> String {
        text.replace("123456789012", &self.state.account)
            .replace("https://vault.internal:8200", &self.state.vault_address)
    }

    /// The page's job.
    pub(super) fn job(&self, heading: &str) -> Value {
        let text = blocks(heading, "yaml").remove(0);
        serde_yaml::from_str(&self.here(&text)).unwrap()
    }

    /// What every job here has, wherever it runs: the way to the AWS of the
    /// tests, and what stands in for the world around it.
    pub(super) fn surroundings(&self, directory: &Path) -> Variables {
        let mut variables = Variables::new();
        for (name, value) in servers().ways_to_aws(&self.state.account) {
            variables.insert(name.into(), value);
        }
        let bin = directory.join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        // Nobody waits here; how long the job would have waited is noted.
        let pauses = directory.join("pauses");
        let sleep = format!("#!/bin/sh\necho \"$1\" >> '{}'\n", pauses.display());
        write_program(&bin.join("sleep"), &sleep);
        // What the repository has: the program that needs the secret. It shows
        // it, as programs do.
        let deploy = "#!/bin/sh\nprintf %s \"$DB_PASSWORD\" > deployed\necho \"deploying with $DB_PASSWORD\"\n";
        write_program(&directory.join("deploy.sh"), deploy);
        for (name, value) in [
            ("CI", "true".to_owned()),
            ("HOME", directory.join("home").display().to_string()),
            ("PATH", format!("{}:/usr/bin:/bin", bin.display())),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ] {
            variables.insert(name.into(), value);
        }
        variables
    }

    /// The accessors of the tokens that live in this Vault.
    pub(super) fn tokens(&self) -> Value {
        let (_, answer) = self
            .state
            .vault_api("LIST", "auth/token/accessors", &Value::Null);
        answer["data"]["keys"].clone()
    }
}

/// What `sleep` was called with, in order.
pub(super) fn pauses(directory: &Path) -> String {
    std::fs::read_to_string(directory.join("pauses")).unwrap_or_default()
}

fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// An identity token with the claims that the trust policy asks for. The STS of
/// the tests reads the claims and evaluates the policy, but cannot check the
/// signature: it has no provider to ask.
pub(super) fn identity(issuer: &str, subject: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "iss": issuer, "aud": "sts.amazonaws.com", "sub": subject });
    let header = part(&json!({ "alg": "RS256", "typ": "JWT" }));
    format!("{header}.{}.c2lnbmF0dXJl", part(&claims))
}

/// Where the page's jobs fetch the program, and its checksum.
pub(super) fn program() -> Variables {
    let program = env!("CARGO_BIN_EXE_vaultiam");
    let sum = std::process::Command::new("sha256sum")
        .arg(program)
        .output();
    let sum = String::from_utf8(sum.unwrap().stdout).unwrap();
    let sum = sum.split_whitespace().next().unwrap().to_owned();
    Variables::from([
        ("VAULTIAM_URL".to_owned(), format!("file://{program}")),
        ("VAULTIAM_SHA256".to_owned(), sum),
    ])
}

/// The variables of a YAML mapping.
pub(super) fn mapping(value: &Value) -> Variables {
    let entries = value.as_object().into_iter().flatten();
    entries
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn the_other_commands_of_the_page_do_what_it_says() {
    let prepared = Prepared::with("gitlab.com", "gitlab-trust.json");
    let several = blocks("Several secrets, files, other programs", "sh");
    let [variables, files, document] = &several[..] else {
        panic!("{several:?}");
    };
    let [ended] = &blocks("Time limits", "sh")[..] else {
        panic!("one command is expected");
    };
    let product = Path::new(env!("CARGO_BIN_EXE_vaultiam")).parent().unwrap();
    let run_in = |shell: &str, script: &str| {
        let home = tempfile::tempdir().unwrap();
        let run = prepared.state.on_kongs_instance();
        let mut command = std::process::Command::new(shell);
        let environment = run.command(&[]);
        command.env_clear();
        for (name, value) in environment.get_envs() {
            command.env(name, value.unwrap());
        }
        let output = command
            .args(["-ec", script])
            .env("CI", "true")
            .env("PATH", format!("{}:/usr/bin:/bin", product.display()))
            .current_dir(home.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{shell}: {script}\n{said}");
        (String::from_utf8(output.stdout).unwrap(), home)
    };
    for shell in ["bash", "sh"] {
        let shown = "printf '%s|%s|%s' \"$VALUE\" \"$LOGIN\" \"$PASSWORD\"";
        let (said, _) = run_in(shell, &format!("{variables}{shown}"));
        assert_eq!(said, format!("{SECRET}|kong|a'b"));
        let (_, home) = run_in(shell, files);
        let written = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
        assert_eq!(written("tls.key"), PEM);
        assert_eq!(written(".env"), "LOGIN=\"kong\"\nPASSWORD=\"a'b\"\n");
        for name in ["tls.key", ".env"] {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = home
                .path()
                .join(name)
                .metadata()
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let (said, _) = run_in(shell, document);
        assert_eq!(
            said.split_whitespace().collect::<String>(),
            "[\"login\",\"password\"]"
        );
        assert_eq!(run_in(shell, ended).0, SECRET);
    }
}
