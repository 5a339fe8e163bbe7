//! Runs the program with a cleared environment and a home of its own.

use std::collections::BTreeMap;
use std::io::Read as _;
#[cfg(feature = "real-servers")]
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use crate::record;
#[cfg(feature = "real-servers")]
use crate::servers::servers;

/// A command line to be run.
pub(crate) struct Vaultiam {
    home: TempDir,
    variables: BTreeMap<String, String>,
    /// What runs the program: faketime, say.
    wrapper: Vec<String>,
}

/// How a run ended. The streams are apart.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Vaultiam {
    /// A run that knows nothing: no AWS, no Vault, no settings.
    pub(crate) fn bare() -> Self {
        let home = tempfile::tempdir().unwrap();
        let empty = home.path().join("empty");
        std::fs::write(&empty, "").unwrap();
        let empty = empty.display().to_string();
        let mut run = Vaultiam {
            home,
            variables: BTreeMap::new(),
            wrapper: Vec::new(),
        };
        run.set("HOME", run.home.path().display().to_string());
        run.set("USER", "tester");
        run.set("AWS_CONFIG_FILE", &empty);
        run.set("AWS_SHARED_CREDENTIALS_FILE", &empty);
        run.set("AWS_EC2_METADATA_DISABLED", "true");
        run
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    #[cfg(feature = "real-servers")]
    /// Takes a variable away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    #[cfg(feature = "real-servers")]
    /// Runs the program under another one.
    pub(crate) fn under(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// The home directory of the run.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file into the home directory.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The command, ready to be started; its streams can still be changed.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_vaultiam").to_owned();
        let mut words = self.wrapper.clone();
        words.push(program);
        let (first, rest) = words.split_first().unwrap();
        let mut command = Command::new(first);
        command
            .args(rest)
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    #[cfg(feature = "real-servers")]
    /// Runs a line that the program printed as a person would paste it, in the
    /// environment of the run and with the programs that such lines name.
    pub(crate) fn paste(&self, line: &str) {
        let (_programs, mut command) = self.shell(line);
        let ended = command.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{line}\n{said}");
    }

    #[cfg(feature = "real-servers")]
    /// A shell with such a line, and the directory of the programs that it needs.
    pub(crate) fn shell(&self, line: &str) -> (TempDir, Command) {
        let programs = tempfile::tempdir().unwrap();
        let servers = servers();
        for (name, program) in [
            ("vault", servers.get("VAULTIAM_VAULT_CLI")),
            ("aws", servers.get("VAULTIAM_AWS_CLI")),
            ("vaultiam", env!("CARGO_BIN_EXE_vaultiam")),
        ] {
            symlink(program, programs.path().join(name)).unwrap();
        }
        let mut command = Command::new("sh");
        command
            .args(["-euc", line])
            .env_clear()
            .envs(&self.variables)
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", programs.path().display()),
            )
            .current_dir(self.home())
            .stdin(Stdio::null());
        (programs, command)
    }

    /// Starts the program without waiting for its end.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Runs the program to its end. A failure that is told in a document is also
    /// recorded, and must be judged alike out of its trace.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        if !record::can_be_recorded(arguments) {
            return ended(self.spawn(arguments));
        }
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("trace.json");
        let more = ["--record", file.to_str().unwrap()];
        let ended = ended(self.spawn(&[arguments, &more].concat()));
        if ended.code != 0 && file.exists() {
            record::assert_judged_alike(&ended, &file);
        }
        ended
    }
}

/// Waits for the end of a run.
pub(crate) fn ended(mut child: Child) -> Ended {
    let mut stderr_pipe = child.stderr.take().unwrap();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stderr_pipe.read_to_string(&mut text).unwrap();
        text
    });
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    let status = child.wait().unwrap();
    let ended = Ended {
        stdout,
        stderr: reader.join().unwrap(),
        code: status.code().unwrap_or(-1),
    };
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert_ne!(ended.code, 101);
    ended
}

impl Ended {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str::<Value>(&self.stdout) {
            Ok(document) => {
                assert_eq!(document["exit_code"], self.code, "{}", self.stdout);
                document
            }
            Err(error) => panic!(
                "stdout is not one JSON document: {error}\n{}\n{}",
                self.stdout, self.stderr
            ),
        }
    }

    /// The code of the first finding of a document, on whichever level.
    pub(crate) fn finding(&self) -> String {
        let document = self.json();
        let first = |findings: &Value| findings[0]["code"].as_str().map(str::to_owned);
        first(&document["findings"])
            .or_else(|| first(&document["failed"][0]["findings"]))
            .unwrap_or_default()
    }

    /// Step, side and exit code of a failure.
    pub(crate) fn failure(&self) -> (String, String, i32) {
        let document = self.json();
        let fault = if document["fault"].is_null() {
            &document["failed"][0]["fault"]
        } else {
            &document["fault"]
        };
        let word = |name: &str| fault[name].as_str().unwrap_or_default().to_owned();
        (word("step"), word("side"), self.code)
    }
}
