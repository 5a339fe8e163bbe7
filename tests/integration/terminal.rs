//! The program at a terminal: a person types, and reads what stands there.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
#[cfg(feature = "real-servers")]
use std::path::Path;
use std::process::{Child, Command, Stdio};
#[cfg(feature = "real-servers")]
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::vaultiam::{Ended, Vaultiam};

/// How long anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// A run whose stdin and stderr are a terminal; the program's stdout is a pipe.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    /// What appeared so far, and how much of it was expected already.
    shown: String,
    expected: usize,
}

impl Terminal {
    /// Starts the program at a new terminal.
    pub(crate) fn start(run: &Vaultiam, arguments: &[&str]) -> Self {
        let (keyboard, screen) = new_terminal();
        let mut command = run.command(arguments);
        command
            .stdin(Stdio::from(screen.try_clone().unwrap()))
            .stderr(Stdio::from(screen));
        Terminal::of(command, keyboard)
    }

    /// Starts the program with all its streams at a terminal of this width.
    pub(crate) fn start_wide(run: &Vaultiam, arguments: &[&str], columns: u16) -> Self {
        let (keyboard, screen) = new_terminal();
        let size = rustix::termios::Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        rustix::termios::tcsetwinsize(&screen, size).unwrap();
        let mut command = run.command(arguments);
        command
            .stdin(Stdio::from(screen.try_clone().unwrap()))
            .stdout(Stdio::from(screen.try_clone().unwrap()))
            .stderr(Stdio::from(screen));
        Terminal::of(command, keyboard)
    }

    /// Starts another program with all its streams at a new terminal.
    #[cfg(feature = "real-servers")]
    pub(crate) fn start_command(mut command: Command) -> Self {
        let (keyboard, screen) = new_terminal();
        command
            .stdin(Stdio::from(screen.try_clone().unwrap()))
            .stdout(Stdio::from(screen.try_clone().unwrap()))
            .stderr(Stdio::from(screen));
        Terminal::of(command, keyboard)
    }

    /// Starts an interactive shell, which finds the program on its path.
    #[cfg(feature = "real-servers")]
    pub(crate) fn start_shell(run: &Vaultiam, shell: &[&str]) -> Self {
        let (keyboard, screen) = new_terminal();
        let program = Path::new(env!("CARGO_BIN_EXE_vaultiam"));
        let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
        // A session of its own, which the terminal controls.
        let mut command = Command::new("setsid");
        command
            .args(["--ctty", "--wait"])
            .args(shell)
            .env_clear()
            .env("HOME", run.home())
            .env("PATH", path)
            // Its completions are written out; else they would be painted.
            .env("TERM", "dumb")
            .current_dir(run.home())
            .stdin(Stdio::from(screen.try_clone().unwrap()))
            .stdout(Stdio::from(screen.try_clone().unwrap()))
            .stderr(Stdio::from(screen));
        Terminal::of(command, keyboard)
    }

    fn of(mut command: Command, keyboard: File) -> Self {
        let name = command.get_program().to_owned();
        let child = command.spawn();
        let child = child.unwrap_or_else(|error| panic!("{}: {error}", name.display()));
        // It holds the terminal: without it the screen ends with the program.
        drop(command);
        let mut reader = keyboard.try_clone().unwrap();
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // The terminal is gone (EIO) when the program is.
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal {
            child,
            keyboard,
            screen,
            shown: String::new(),
            expected: 0,
        }
    }

    /// Waits until `text` stands behind what was expected before.
    pub(crate) fn expect(&mut self, text: &str) {
        let begun = Instant::now();
        loop {
            if let Some(position) = self.shown[self.expected..].find(text) {
                self.expected += position + text.len();
                return;
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("'{text}' does not appear:\n{}", self.shown),
            }
        }
    }

    /// Types a line.
    pub(crate) fn say(&mut self, line: &str) {
        self.press(&format!("{line}\n"));
    }

    /// Presses keys; `\u{4}` ends the input.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Tells whether the terminal shows what is typed.
    #[cfg(feature = "real-servers")]
    pub(crate) fn repeats(&self) -> bool {
        let modes = rustix::termios::tcgetattr(&self.keyboard)
            .unwrap()
            .local_modes;
        modes.contains(rustix::termios::LocalModes::ECHO)
    }

    /// The id of the process.
    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Answers a question as often as it is asked, and waits for the end.
    #[cfg(feature = "real-servers")]
    pub(crate) fn end_answering(mut self, question: &str, answer: &str) -> Ended {
        loop {
            if let Some(position) = self.shown[self.expected..].find(question) {
                self.expected += position + question.len();
                self.say(answer);
                continue;
            }
            match self.screen.recv_timeout(PATIENCE) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Disconnected) => return self.end(),
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill().unwrap();
                    panic!("it does not end:\n{}", self.shown);
                }
            }
        }
    }

    /// Waits for the end; what stood on the screen is in `stderr`.
    pub(crate) fn end(mut self) -> Ended {
        let mut stdout = String::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        let status = self.child.wait().unwrap();
        while let Ok(bytes) = self.screen.recv_timeout(PATIENCE) {
            self.shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        Ended {
            stdout,
            stderr: self.shown,
            code: status.code().unwrap_or(-1),
        }
    }
}

/// A new terminal: what types and reads, and what the program is given.
fn new_terminal() -> (File, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty());
    (File::from(master), slave.unwrap())
}
