//! The streams, and how they may look.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anstyle::{AnsiColor, Style as Ansi};
use zeroize::Zeroizing;

use crate::secret::Redactor;

/// How a stream may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub colour: bool,
    pub terminal: bool,
    /// How wide the terminal is, if it is one that says so.
    pub columns: Option<usize>,
}

/// How wide prose is set where there is room, with the two blanks before it:
/// longer lines are hard to read.
const PROSE_WIDTH: usize = 100;

/// A terminal that says that it is narrower than this is not believed.
const NARROWEST: usize = 20;

impl Style {
    /// How wide prose is set.
    pub fn prose_width(self) -> usize {
        let columns = self.columns.filter(|columns| *columns >= NARROWEST);
        columns.unwrap_or(PROSE_WIDTH).min(PROSE_WIDTH)
    }

    fn paint(self, ansi: Ansi, text: &str) -> String {
        if self.colour {
            format!("{ansi}{text}{ansi:#}")
        } else {
            text.to_owned()
        }
    }

    /// Something went well.
    pub fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Something failed.
    pub fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// Something to look at.
    pub fn notable(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// Less important than what stands around it.
    pub fn faint(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }

    /// More important than what stands around it.
    pub fn strong(self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }
}

type Sink = Box<dyn Write + Send>;

/// stdout, the answer, and stderr, everything else; stdin, what a person
/// answers. Clones share them.
#[derive(Clone)]
pub struct Streams {
    stdout: Arc<Mutex<Sink>>,
    stderr: Arc<Mutex<Sink>>,
    stdin: Arc<Mutex<Box<dyn BufRead + Send>>>,
    pub stdin_terminal: bool,
    pub stdout_style: Style,
    pub stderr_style: Style,
    redactor: Redactor,
}

impl Streams {
    /// Wraps the two sinks; there is nothing to read until
    /// [`Streams::reading`], and nothing is coloured until [`Streams::styled`].
    pub fn new(stdout: Sink, stderr: Sink, stdout_terminal: bool, stderr_terminal: bool) -> Self {
        Streams {
            stdout: Arc::new(Mutex::new(stdout)),
            stderr: Arc::new(Mutex::new(stderr)),
            stdin: Arc::new(Mutex::new(Box::new(io::empty()))),
            stdin_terminal: false,
            stdout_style: Style {
                colour: false,
                terminal: stdout_terminal,
                columns: None,
            },
            stderr_style: Style {
                colour: false,
                terminal: stderr_terminal,
                columns: None,
            },
            redactor: Redactor::default(),
        }
    }

    /// The same streams with something to read from.
    pub fn reading(mut self, stdin: Box<dyn Read + Send>, is_terminal: bool) -> Self {
        self.stdin = Arc::new(Mutex::new(Box::new(BufReader::new(stdin))));
        self.stdin_terminal = is_terminal;
        self
    }

    /// The same streams with colour where `colour` says so for each.
    pub fn styled(mut self, stdout_colour: bool, stderr_colour: bool) -> Self {
        self.stdout_style.colour = stdout_colour;
        self.stderr_style.colour = stderr_colour;
        self
    }

    /// The same streams, which know how wide the terminals are behind them.
    pub fn as_wide(mut self, stdout: Option<usize>, stderr: Option<usize>) -> Self {
        self.stdout_style.columns = stdout;
        self.stderr_style.columns = stderr;
        self
    }

    /// What removes secrets from everything but the answer.
    pub fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// Writes the answer as it is.
    ///
    /// # Errors
    ///
    /// The stream is closed or full.
    pub fn answer(&self, text: &str) -> io::Result<()> {
        let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
    }

    /// Waits for a line; `None` at the end of the input. What is not UTF-8 in
    /// it is replaced.
    ///
    /// # Errors
    ///
    /// The stream cannot be read.
    pub fn read_line(&self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut stdin = self.stdin.lock().unwrap_or_else(PoisonError::into_inner);
        let count = stdin.read_until(b'\n', &mut line)?;
        Ok((count > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
    }

    /// Reads to the end of the input, but no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// The stream cannot be read.
    pub fn read_to_end(&self, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(Vec::new());
        let mut stdin = self.stdin.lock().unwrap_or_else(PoisonError::into_inner);
        (&mut *stdin).take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes a text beside the answer. Secrets are removed; that it cannot be
    /// written is nothing that anybody could be told.
    pub fn aside(&self, text: &str) {
        let mut stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = stderr
            .write_all(self.redactor.clean(text).as_bytes())
            .and_then(|()| stderr.flush());
    }
}

/// How many characters fit into a line of the terminal behind a stream.
#[cfg(unix)]
pub fn columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then_some(size.ws_col.into())
}

/// How many characters fit into a line of the terminal behind a stream.
#[cfg(not(unix))]
pub fn columns<T>(_stream: T) -> Option<usize> {
    None
}

/// Makes a text of foreign origin harmless on a terminal: control characters
/// and the marks that turn the reading direction are written out. With
/// [`Lines::Kept`] line breaks and tabs stay.
pub fn printable(text: &str, lines: Lines) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let is_direction = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}');
        match character {
            '\n' | '\t' if lines == Lines::Kept => shown.push(character),
            _ if character.is_control() || is_direction => {
                shown.extend(character.escape_unicode());
            }
            _ => shown.push(character),
        }
    }
    shown
}

/// A text of foreign origin on one line: whatever divides its words is a blank.
pub fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    printable(&words.join(" "), Lines::Escaped)
}

/// Whether line breaks stay in a text of foreign origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    Kept,
    Escaped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_drive_the_terminal() {
        assert_eq!(
            printable("a\u{1b}[31mb\u{202e}c\r\n", Lines::Escaped),
            "a\\u{1b}[31mb\\u{202e}c\\u{d}\\u{a}"
        );
        assert_eq!(printable("a\n\tb\u{7}", Lines::Kept), "a\n\tb\\u{7}");
    }
}
