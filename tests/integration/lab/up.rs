//! The program, as it stays up for others.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use super::{Answer, Asked, Keys, exchange};

/// The program itself.
pub(super) struct Up {
    program: Child,
    pub(super) endpoint: SocketAddr,
    pub(super) metadata: SocketAddr,
    pub(super) vault: SocketAddr,
    /// The operator's.
    pub(super) keys: Keys,
}

impl Up {
    /// Starts it with more words on its command line.
    pub(super) fn start(more: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_vaultiam-lab"))
            .arg("up")
            .args(more)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        // Each machine's environment is a file for a shell.
        let files = lines.filter_map(|line| line.unwrap().strip_prefix(". ").map(str::to_owned));
        let environment: String = files
            .take(2)
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect();
        let variable = |name: &str| {
            let start = format!("export {name}=");
            let mut lines = environment.lines();
            let value = lines.find_map(|line| line.strip_prefix(&start));
            value.unwrap().to_owned()
        };
        let address = |name: &str| {
            let url = variable(name);
            url.strip_prefix("http://").unwrap().parse().unwrap()
        };
        Up {
            endpoint: address("AWS_ENDPOINT_URL"),
            metadata: address("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
            vault: address("VAULT_ADDR"),
            keys: Keys {
                access_key_id: variable("AWS_ACCESS_KEY_ID"),
                secret_access_key: variable("AWS_SECRET_ACCESS_KEY"),
                session_token: None,
            },
            program,
        }
    }

    pub(super) fn send(&self, request: &Asked) -> Answer {
        exchange(self.endpoint, &request.bytes(self.endpoint))
    }

    /// The memory that it occupies, in bytes.
    pub(super) fn memory(&self) -> u64 {
        let file = format!("/proc/{}/status", self.program.id());
        let status = std::fs::read_to_string(file).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
        kilobytes.parse::<u64>().unwrap() * 1024
    }

    /// Demands that it still serves.
    #[track_caller]
    pub(super) fn assert_alive(&self) {
        self.send(&Asked::who(&self.keys)).fine();
    }

    /// Demands that it still serves, and that nothing broke on the way.
    #[track_caller]
    pub(super) fn assert_unharmed(mut self) {
        self.assert_alive();
        self.interrupt();
        let mut said = String::new();
        let mut stderr = self.program.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert!(!said.contains("panicked"), "{said}");
    }
}

impl Up {
    /// Ends it as a person does, so that it takes its directory along.
    fn interrupt(&self) {
        let pid = rustix::process::Pid::from_child(&self.program);
        let sent = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        // It may be gone already.
        sent.unwrap_or_default();
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.interrupt();
        drop(self.program.wait());
    }
}
