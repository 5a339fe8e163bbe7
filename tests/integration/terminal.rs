//! The program at a terminal: a person types, and reads what stands there.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::vaultiam::{Ended, Vaultiam};

/// How long anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// A run whose stdin and stderr are a terminal; stdout is a pipe.
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
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave: OwnedFd =
            rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let child = run
            .command(arguments)
            .stdin(Stdio::from(slave.try_clone().unwrap()))
            .stderr(Stdio::from(slave))
            .spawn()
            .unwrap();
        let keyboard = File::from(master);
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

    /// Waits for the end; what stood on the screen is in `stderr`.
    pub(crate) fn end(mut self) -> Ended {
        let mut stdout = String::new();
        let mut pipe = self.child.stdout.take().unwrap();
        pipe.read_to_string(&mut stdout).unwrap();
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
