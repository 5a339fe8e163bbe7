//! Questions to the person at the terminal.

use zeroize::Zeroizing;

use crate::output::Streams;
use crate::output::streams::one_line;
use crate::output::unseen::Unseen;

use super::Context;

/// Somebody who can be asked: stdin and stderr are terminals, the answer is not
/// for a program, and `--no-input` was not given.
pub(super) struct Asker<'a> {
    streams: &'a Streams,
}

/// Why a question has no answer: the input ended, or cannot be read.
pub(super) struct Unanswered(pub(super) String);

impl<'a> Asker<'a> {
    /// `None` when nobody can be asked.
    pub(super) fn of(context: &'a Context) -> Option<Self> {
        let streams = &context.streams;
        context.may_ask.then(|| {
            context.progress.end();
            Asker { streams }
        })
    }

    /// Asks until `understand` accepts the answer; it is given the line without
    /// the blanks around it, and says in half a sentence what is wrong with it.
    ///
    /// A signal ends the program while it waits: the line is read on a thread
    /// that nobody waits for.
    pub(super) async fn question<T>(
        &self,
        words: &str,
        understand: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Unanswered> {
        loop {
            self.streams.aside(&format!("{}: ", one_line(words)));
            let mut cursor = OpenLine(Some(self.streams));
            let line = self.read_line().await?;
            // The person's own line end stands on the screen.
            cursor.0 = None;
            match understand(line.trim()) {
                Ok(answer) => return Ok(answer),
                Err(wrong) => self.streams.aside(&format!("  {}\n", one_line(&wrong))),
            }
        }
    }

    /// Asks for a yes; nothing, or no answer at all, is a no.
    pub(super) async fn agrees(&self, words: &str) -> bool {
        let answer = self.question(words, |typed| match typed.to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            "" | "n" | "no" => Ok(false),
            _ => Err("answer y or n".to_owned()),
        });
        matches!(answer.await, Ok(true))
    }

    /// Asks for a secret, which is not shown while it is typed. The line is
    /// taken as it is, without its end.
    pub(super) async fn secret(&self, name: &str) -> Result<Zeroizing<String>, Unanswered> {
        let unseen = Unseen::begin()
            .map_err(|error| Unanswered(format!("the terminal would show it: {error}")))?;
        self.streams
            .aside(&format!("{} (is not shown): ", one_line(name)));
        let mut cursor = OpenLine(Some(self.streams));
        let line = Zeroizing::new(self.read_line().await?);
        cursor.0 = None;
        drop(unseen);
        let answer = line.strip_suffix('\n').unwrap_or(&line);
        let answer = answer.strip_suffix('\r').unwrap_or(answer);
        if answer.is_empty() {
            return Err(Unanswered("nothing was typed".to_owned()));
        }
        Ok(Zeroizing::new(answer.to_owned()))
    }

    async fn read_line(&self) -> Result<String, Unanswered> {
        let streams = self.streams.clone();
        match tokio::task::spawn_blocking(move || streams.read_line()).await {
            Ok(Ok(Some(line))) => Ok(line),
            Ok(Ok(None)) => Err(Unanswered("the input ended".to_owned())),
            Ok(Err(error)) => Err(Unanswered(format!("stdin cannot be read: {error}"))),
            Err(error) => Err(Unanswered(error.to_string())),
        }
    }
}

/// A question that stands on the screen without an answer: what follows it
/// begins on a line of its own.
struct OpenLine<'a>(Option<&'a Streams>);

impl Drop for OpenLine<'_> {
    fn drop(&mut self) {
        if let Some(streams) = self.0 {
            streams.aside("\n");
        }
    }
}
